//! Revisions of an article, as editors read them.

use async_graphql::{Context, Enum, Object, SimpleObject};
use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::{
    article::Story,
    identifier::ArticleId,
    paging::{Page, PageRequest},
    revision::{
        Author, Revision as DomainRevision, RevisionPurpose as Purpose, StoryField as Field,
        changed_fields,
    },
};
use masthead_persistence::Beside;

use super::{
    connection::{Edge, List, loaders},
    cursor,
    error::Result,
    lists::nothing,
    loaders::{Loaders, RevisionCountOf, RevisionsOf, StoryAt},
    plain::{Written, plain, shown},
    scalars::DateTime,
};

/// The revisions of one article, the latest first.
#[derive(Clone)]
pub(crate) struct RevisionList(pub(crate) ArticleId);

impl List for RevisionList {
    type Key = i32;
    type Row = DomainRevision;
    type Node = Written<Revision>;
    type Edge = Written<Edge<Written<Revision>>>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest<i32>,
        _: Beside,
    ) -> BoxFuture<'a, Result<Page<DomainRevision>>> {
        async move {
            let page = loaders.load(RevisionsOf(self.0, page)).await?;
            Ok(page.map_or_else(nothing, |page| Page::clone(&page)))
        }
        .boxed()
    }

    fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>> {
        async move {
            Ok(loaders
                .load(RevisionCountOf(self.0))
                .await?
                .unwrap_or_default())
        }
        .boxed()
    }

    fn key(&self, row: &DomainRevision) -> i32 {
        row.number
    }

    fn cursor(&self, row: &DomainRevision) -> String {
        cursor::of_revision(row.number)
    }

    fn read_cursor(&self, cursor: &str) -> Option<i32> {
        cursor::revision(cursor)
    }

    fn node(&self, row: &DomainRevision) -> Written<Revision> {
        Written(Revision {
            article: self.0,
            revision: row.clone(),
        })
    }

    fn edge(&self, row: &DomainRevision) -> Written<Edge<Written<Revision>>> {
        Written(Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        })
    }
}

/// What a save of an article was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Purpose")]
pub(crate) enum RevisionPurpose {
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

/// A part of an article that a save can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Field")]
pub(crate) enum ArticleField {
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
    /// The body, as Markdown.
    Body,
    /// The credited names, by slug, separated by a comma.
    Bylines,
    /// The section, by slug.
    Section,
    /// The topics, by slug, separated by a comma.
    Topics,
    /// The language.
    Language,
    /// The address of the picture that stands for it, and what is printed beside it.
    LeadImage,
    /// The issue it was printed in, as it is cited.
    MagazineIssue,
    /// The articles chosen to stand beside it, by slug, separated by a comma.
    RelatedArticles,
    /// The time of publication.
    PublishedAt,
    /// The reason of the withdrawal.
    Withdrawal,
    /// The corrections, one a line.
    Corrections,
}

shown!(enums RevisionPurpose);

/// A save of an article.
#[derive(Clone)]
pub(crate) struct Revision {
    article: ArticleId,
    revision: DomainRevision,
}

plain!(Revision { "number" => number, "at" => at, "author" => author, "purpose" => purpose });

/// What a save changed of one part of an article.
#[derive(SimpleObject)]
pub(crate) struct FieldChange {
    /// Which part.
    field: ArticleField,
    /// What it was before; null where there was nothing.
    before: Option<String>,
    /// What it was after; null where there was nothing.
    after: Option<String>,
}

/// A save of an article: who made it, when, and what it changed. The newsroom's alone.
#[Object]
impl Revision {
    /// Its number, from 1 on: the article's `revision` after it.
    async fn number(&self) -> i32 {
        self.revision.number
    }

    /// When it was saved, in UTC.
    async fn at(&self) -> DateTime {
        DateTime(self.revision.at)
    }

    /// Who saved it: the subject of their token, 'import' or 'operator'; null where nobody kept that.
    async fn author(&self) -> Option<&str> {
        self.revision.author.as_ref().map(|author| match author {
            Author::Subject(subject) => subject.as_str(),
            Author::Import => "import",
            Author::Operator => "operator",
        })
    }

    /// What the save was for; null where nobody kept that.
    async fn purpose(&self) -> Option<RevisionPurpose> {
        self.revision.purpose.map(Into::into)
    }

    /// What it changed, field by field; nothing of the first.
    async fn changes(&self, context: &Context<'_>) -> Result<Vec<FieldChange>> {
        let loaders = loaders(context)?;
        let at = |number| loaders.load(StoryAt(self.article, number));
        let (before, after) = futures_util::future::try_join(
            at(self.revision.number.saturating_sub(1)),
            at(self.revision.number),
        )
        .await?;
        let (Some(before), Some(after)) = (before, after) else {
            return Ok(Vec::new());
        };
        let fields = changed_fields(&before, &after);
        futures_util::future::try_join_all(fields.into_iter().map(|field| {
            let (before, after) = (&before, &after);
            async move {
                let (before, after) = futures_util::future::try_join(
                    text_of(loaders, before, field),
                    text_of(loaders, after, field),
                )
                .await?;
                Ok(FieldChange {
                    field: field.into(),
                    before,
                    after,
                })
            }
        }))
        .await
    }
}

/// One part of an article, as a person reads it in a diff.
async fn text_of(loaders: &Loaders, story: &Story, field: Field) -> Result<Option<String>> {
    let article = &story.article;
    let text = match field {
        Field::Headline => Some(article.headline.clone()),
        Field::Slug => Some(article.slug.to_string()),
        Field::Kicker => article.kicker.clone(),
        Field::Standfirst => article.standfirst.clone(),
        Field::Dateline => article.dateline.clone(),
        Field::Body => Some(story.body.markdown()),
        Field::Bylines => {
            let found = loaders.load_all(story.bylines.clone()).await?;
            Some(joined(found.iter().map(|one| one.slug.as_str())))
        }
        Field::Topics => {
            let found = loaders.load_all(story.topics.clone()).await?;
            Some(joined(found.iter().map(|one| one.slug.as_str())))
        }
        Field::RelatedArticles => {
            let found = loaders.load_all(story.related.clone()).await?;
            Some(joined(found.iter().map(|one| one.slug.as_str())))
        }
        Field::Section => match article.section {
            Some(id) => loaders.load(id).await?.map(|one| one.slug.to_string()),
            None => None,
        },
        Field::MagazineIssue => match article.magazine_issue {
            Some(id) => loaders.load(id).await?.map(|one| one.citation()),
            None => None,
        },
        Field::Language => Some(article.language.to_string()),
        Field::LeadImage => article.lead_image.as_ref().map(|image| {
            let beside = [image.alt.clone(), image.caption_line()];
            let beside: Vec<String> = beside.into_iter().flatten().collect();
            format!("{} {}", image.url, beside.join("; "))
                .trim_end()
                .to_owned()
        }),
        Field::PublishedAt => article
            .published_at
            .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        Field::Withdrawal => article
            .withdrawal
            .as_ref()
            .map(|withdrawal| withdrawal.reason.clone()),
        Field::Corrections => {
            let texts: Vec<&str> = story
                .corrections
                .iter()
                .map(|correction| correction.text.as_str())
                .collect();
            Some(texts.join("\n"))
        }
    };
    Ok(text.filter(|text| !text.is_empty()))
}

fn joined<'a>(slugs: impl Iterator<Item = &'a str>) -> String {
    slugs.collect::<Vec<_>>().join(", ")
}
