//! Articles: what one is, what state it is in, and how exactly its time is known.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::{
    body::Body,
    identifier::{ArticleId, ContributorId, MagazineIssueId, SectionId, TopicId},
    image::Image,
    language::LanguageTag,
    slug::Slug,
};

/// An article without its body and without the names, topics and notes that hang on it: what a list of
/// headlines needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its identity.
    pub id: ArticleId,
    /// Its present name in URLs, unique among all slugs that any article has or once had.
    pub slug: Slug,
    /// The headline.
    pub headline: String,
    /// The short line above the headline.
    pub kicker: Option<String>,
    /// The lines under the headline.
    pub standfirst: Option<String>,
    /// Where it was written.
    pub dateline: Option<String>,
    /// The section it stands in.
    pub section: Option<SectionId>,
    /// The issue it was printed in.
    pub magazine_issue: Option<MagazineIssueId>,
    /// The language it is written in.
    pub language: LanguageTag,
    /// The picture that stands for it.
    pub lead_image: Option<Image>,
    /// When it was or will be published; none for a draft.
    pub published_at: Option<DateTime<Utc>>,
    /// How exactly `published_at` is known.
    pub published_at_precision: TimePrecision,
    /// Between which instants it was published, the second left out, where a source leaves that open: kept
    /// so that a later source can settle it, and tell it from another article with the same headline.
    pub published_between: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// That it has been taken down, and why; none unless it is.
    pub withdrawal: Option<Withdrawal>,
    /// When it was last saved with a change.
    pub modified_at: DateTime<Utc>,
    /// How often it has been saved with a change; the first save is revision 1.
    pub revision: i32,
    /// How many words its body has.
    pub word_count: u32,
}

/// A withdrawal (a kill): the article is taken down everywhere, and partners are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Since when it is down.
    pub at: DateTime<Utc>,
    /// Why, as partners are told.
    pub reason: String,
}

/// What everyone may know of an article that was published and has been taken down: of what it said, nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnArticle {
    /// Which.
    pub id: ArticleId,
    /// When it was taken down, and why.
    pub withdrawal: Withdrawal,
    /// The revision with which it was. What was edited in it since is the newsroom's.
    pub revision: i32,
}

/// Where an article is on its way from draft to archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArticleStatus {
    /// Being written.
    Draft,
    /// To be published at a time to come.
    Scheduled,
    /// Published.
    Published,
    /// Taken down.
    Withdrawn,
}

impl ArticleStatus {
    /// Every status, in the order of an article's life.
    pub const ALL: [Self; 4] = [
        Self::Draft,
        Self::Scheduled,
        Self::Published,
        Self::Withdrawn,
    ];

    /// Its name in answers: `DRAFT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Scheduled => "SCHEDULED",
            Self::Published => "PUBLISHED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }
}

impl Article {
    /// Its status at an instant: a schedule needs no job to come true.
    pub fn status(&self, now: DateTime<Utc>) -> ArticleStatus {
        match (&self.withdrawal, self.published_at) {
            (Some(_), _) => ArticleStatus::Withdrawn,
            (None, None) => ArticleStatus::Draft,
            (None, Some(published_at)) if published_at > now => ArticleStatus::Scheduled,
            (None, Some(_)) => ArticleStatus::Published,
        }
    }

    /// From when on it is visible to everyone; none while that is not settled or no longer so.
    pub fn visible_from(&self) -> Option<DateTime<Utc>> {
        match self.withdrawal {
            Some(_) => None,
            None => self.published_at,
        }
    }
}

/// How exactly a time of publication is known: archives often give only a day, or 'two days ago'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimePrecision {
    /// To the millisecond.
    Exact,
    /// To the minute.
    Minute,
    /// To the hour.
    Hour,
    /// To the day in the publication's time zone, or less.
    Day,
}

impl TimePrecision {
    const ALL: [Self; 4] = [Self::Exact, Self::Minute, Self::Hour, Self::Day];

    /// The name under which it is stored, and which stands in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "EXACT",
            Self::Minute => "MINUTE",
            Self::Hour => "HOUR",
            Self::Day => "DAY",
        }
    }

    /// The precision with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|precision| precision.name() == name)
    }
}

/// The instant that stands for a whole day: noon in that time zone, at which it is the same date in
/// nearly every other one.
///
/// Where a clock change leaves noon out (no zone has done so), the day's first instant in UTC stands in.
pub fn noon(day: NaiveDate, time_zone: Tz) -> DateTime<Utc> {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    time_zone
        .from_local_datetime(&day.and_time(noon))
        .earliest()
        .map_or_else(
            || day.and_time(NaiveTime::MIN).and_utc(),
            |local| local.to_utc(),
        )
}

/// A note of what was wrong, kept on the article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What was wrong, and what is right.
    pub text: String,
}

/// Everything that one save of an article writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The article.
    pub article: Article,
    /// Its body.
    pub body: Body,
    /// The credited names in their printed order.
    pub bylines: Vec<ContributorId>,
    /// What it is about.
    pub topics: Vec<TopicId>,
    /// What was corrected, oldest first.
    pub corrections: Vec<Correction>,
    /// The articles that an editor has chosen to stand beside it, in that order.
    pub related: Vec<ArticleId>,
}

/// A headline as it is compared: without regard to case, accents' coding, spacing and the marks that
/// typesetters vary.
pub fn headline_key(headline: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;

    let mut key = String::with_capacity(headline.len());
    for character in headline.nfkc().flat_map(char::to_lowercase) {
        match character {
            '\u{2018}' | '\u{2019}' | '\u{201B}' | '`' => key.push('\''),
            '\u{201C}' | '\u{201D}' => key.push('"'),
            '\u{2010}'..='\u{2015}' => key.push('-'),
            '\u{200B}'..='\u{200D}' | '\u{FEFF}' => {}
            space if space.is_whitespace() => {
                if !key.is_empty() && !key.ends_with(' ') {
                    key.push(' ');
                }
            }
            other => key.push(other),
        }
    }
    key.truncate(key.trim_end().len());
    key
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    pub(crate) fn article() -> Article {
        Article {
            id: ArticleId::from_number(1),
            slug: Slug::from_title("A river"),
            headline: "A river".to_owned(),
            kicker: None,
            standfirst: None,
            dateline: None,
            section: None,
            magazine_issue: None,
            language: LanguageTag::english(),
            lead_image: None,
            published_at: None,
            published_at_precision: TimePrecision::Exact,
            published_between: None,
            withdrawal: None,
            modified_at: DateTime::UNIX_EPOCH,
            revision: 1,
            word_count: 0,
        }
    }

    #[test]
    fn the_clock_publishes() {
        let instant = DateTime::from_timestamp_millis(1_700_000_000_000).unwrap();
        let tick = chrono::Duration::milliseconds(1);
        let scheduled = Article {
            published_at: Some(instant),
            ..article()
        };
        assert_eq!(article().status(instant), ArticleStatus::Draft);
        assert_eq!(scheduled.status(instant - tick), ArticleStatus::Scheduled);
        assert_eq!(scheduled.status(instant), ArticleStatus::Published);
        let withdrawn = Article {
            withdrawal: Some(Withdrawal {
                at: instant,
                reason: "It was about another river.".to_owned(),
            }),
            ..scheduled
        };
        assert_eq!(withdrawn.status(instant + tick), ArticleStatus::Withdrawn);
        assert_eq!(withdrawn.visible_from(), None);
    }

    #[test]
    fn noon_of_a_day_in_kathmandu() {
        let day = NaiveDate::from_ymd_opt(2024, 6, 17).unwrap();
        assert_eq!(
            noon(day, chrono_tz::Asia::Kathmandu).to_rfc3339(),
            "2024-06-17T06:15:00+00:00"
        );
    }

    #[test]
    fn headlines_are_compared_as_readers_compare_them() {
        assert_eq!(
            headline_key("  The  City\u{2019}s\u{a0}Rivers "),
            "the city's rivers"
        );
        assert_eq!(
            headline_key("Cafe\u{301} \u{2013} Open"),
            headline_key("CAFÉ - open")
        );
    }
}
