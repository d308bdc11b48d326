//! Revisions: every save of an article keeps what was before, who made it, and what it was for.

use chrono::{DateTime, Utc};

use crate::article::Story;

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// The bearer of a token, by its subject.
    Subject(String),
    /// An import, or the sample.
    Import,
    /// Whoever runs the program on its machine.
    Operator,
}

/// What a save was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevisionPurpose {
    /// The article was made.
    Create,
    /// What it says was changed.
    Update,
    /// It was given a time at which to be published.
    Schedule,
    /// Its schedule was taken back.
    Unschedule,
    /// It was published.
    Publish,
    /// It was taken down.
    Withdraw,
    /// A correction was noted on it.
    Correct,
    /// The articles beside it were chosen.
    Relate,
    /// A former revision was brought back.
    Restore,
}

impl RevisionPurpose {
    const ALL: [Self; 9] = [
        Self::Create,
        Self::Update,
        Self::Schedule,
        Self::Unschedule,
        Self::Publish,
        Self::Withdraw,
        Self::Correct,
        Self::Relate,
        Self::Restore,
    ];

    /// The name under which it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Schedule => "SCHEDULE",
            Self::Unschedule => "UNSCHEDULE",
            Self::Publish => "PUBLISH",
            Self::Withdraw => "WITHDRAW",
            Self::Correct => "CORRECT",
            Self::Relate => "RELATE",
            Self::Restore => "RESTORE",
        }
    }

    /// The purpose with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// One revision of an article, without what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number, from 1 on.
    pub number: i32,
    /// When it was saved.
    pub at: DateTime<Utc>,
    /// Who saved it; none where nobody kept that.
    pub author: Option<Author>,
    /// What the save was for.
    pub purpose: Option<RevisionPurpose>,
}

/// A part of an article that a save can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoryField {
    /// The headline.
    Headline,
    /// The slug.
    Slug,
    /// The kicker.
    Kicker,
    /// The standfirst.
    Standfirst,
    /// The dateline.
    Dateline,
    /// The body.
    Body,
    /// The credited names.
    Bylines,
    /// The section.
    Section,
    /// The topics.
    Topics,
    /// The language.
    Language,
    /// The picture that stands for it.
    LeadImage,
    /// The issue it was printed in.
    MagazineIssue,
    /// The articles chosen to stand beside it.
    RelatedArticles,
    /// The time of publication, or its precision.
    PublishedAt,
    /// The withdrawal.
    Withdrawal,
    /// The corrections.
    Corrections,
}

/// What differs between an article as it was and as it is, in the order of [`StoryField`].
pub fn changed_fields(before: &Story, after: &Story) -> Vec<StoryField> {
    let (old, new) = (&before.article, &after.article);
    let differences = [
        (StoryField::Headline, old.headline != new.headline),
        (StoryField::Slug, old.slug != new.slug),
        (StoryField::Kicker, old.kicker != new.kicker),
        (StoryField::Standfirst, old.standfirst != new.standfirst),
        (StoryField::Dateline, old.dateline != new.dateline),
        (StoryField::Body, before.body != after.body),
        (StoryField::Bylines, before.bylines != after.bylines),
        (StoryField::Section, old.section != new.section),
        (StoryField::Topics, before.topics != after.topics),
        (StoryField::Language, old.language != new.language),
        (StoryField::LeadImage, old.lead_image != new.lead_image),
        (
            StoryField::MagazineIssue,
            old.magazine_issue != new.magazine_issue,
        ),
        (StoryField::RelatedArticles, before.related != after.related),
        (
            StoryField::PublishedAt,
            (old.published_at, old.published_at_precision)
                != (new.published_at, new.published_at_precision),
        ),
        (StoryField::Withdrawal, old.withdrawal != new.withdrawal),
        (
            StoryField::Corrections,
            before.corrections != after.corrections,
        ),
    ];
    differences
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(field, _)| field)
        .collect()
}

/// The article as it is, saying again what it said in a former revision. Where it is on its way - its time, its
/// withdrawal, its corrections - stays as it is: those are steps of their own.
pub fn restored(now: &Story, former: &Story) -> Story {
    let mut story = former.clone();
    story.article.id = now.article.id;
    story.article.published_at = now.article.published_at;
    story.article.published_at_precision = now.article.published_at_precision;
    story.article.published_between = now.article.published_between;
    story.article.withdrawal.clone_from(&now.article.withdrawal);
    story.article.modified_at = now.article.modified_at;
    story.article.revision = now.article.revision;
    story.corrections.clone_from(&now.corrections);
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        article::{Correction, Withdrawal, tests::article},
        body::Body,
        identifier::{ArticleId, TopicId},
    };

    fn story() -> Story {
        Story {
            article: article(),
            body: Body::default(),
            bylines: Vec::new(),
            topics: Vec::new(),
            corrections: Vec::new(),
            related: Vec::new(),
        }
    }

    #[test]
    fn a_save_is_told_by_the_fields_that_it_changed() {
        let before = story();
        assert_eq!(changed_fields(&before, &before), []);
        let mut after = before.clone();
        after.article.headline = "Two rivers".to_owned();
        after.topics = vec![TopicId::from_number(1)];
        after.article.withdrawal = Some(Withdrawal {
            at: DateTime::UNIX_EPOCH,
            reason: String::new(),
        });
        assert_eq!(
            changed_fields(&before, &after),
            [
                StoryField::Headline,
                StoryField::Topics,
                StoryField::Withdrawal
            ]
        );
    }

    #[test]
    fn what_is_restored_is_what_it_said_not_where_it_was() {
        let former = story();
        let mut now = former.clone();
        now.article.headline = "Two rivers".to_owned();
        now.article.revision = 4;
        now.article.published_at = Some(DateTime::UNIX_EPOCH);
        now.related = vec![ArticleId::from_number(9)];
        now.corrections = vec![Correction {
            at: DateTime::UNIX_EPOCH,
            text: "There is one river.".to_owned(),
        }];
        let restored = restored(&now, &former);
        assert_eq!(
            changed_fields(&now, &restored),
            [StoryField::Headline, StoryField::RelatedArticles]
        );
        assert_eq!(restored.article.revision, 4);
    }

    #[test]
    fn purposes_are_read_back() {
        for purpose in RevisionPurpose::ALL {
            assert_eq!(RevisionPurpose::from_name(purpose.name()), Some(purpose));
        }
    }
}
