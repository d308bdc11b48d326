//! What articles said before: every save keeps it, for ever in a form that is read by every later version.

use std::collections::{BTreeSet, HashMap};

use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision, Withdrawal},
    body::Body,
    identifier::{ArticleId, ContributorId, MagazineIssueId, SectionId, TopicId},
    image::Image,
    language::LanguageTag,
    paging::{End, Page, PageRequest},
    revision::{Author, Revision, RevisionPurpose},
    slug::Slug,
};
use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::{
    PersistenceError, Reader, Transaction,
    articles::instant,
    entities::{article_revision, json},
    row::{Row, column},
};

/// An article as a revision keeps it. Fields may be added with a default; none is renamed or taken away.
#[derive(Serialize, Deserialize)]
struct StoredStory {
    slug: Slug,
    headline: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kicker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standfirst: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dateline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    section: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    magazine_issue: Option<i64>,
    language: LanguageTag,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lead_image: Option<Image>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published_at: Option<i64>,
    published_at_precision: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published_between: Option<(i64, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawal: Option<(i64, String)>,
    modified_at: i64,
    #[serde(default)]
    bylines: Vec<i64>,
    #[serde(default)]
    topics: Vec<i64>,
    #[serde(default)]
    related: Vec<i64>,
    #[serde(default)]
    corrections: Vec<(i64, String)>,
    body: Body,
}

impl From<&Story> for StoredStory {
    fn from(story: &Story) -> Self {
        let article = &story.article;
        Self {
            slug: article.slug.clone(),
            headline: article.headline.clone(),
            kicker: article.kicker.clone(),
            standfirst: article.standfirst.clone(),
            dateline: article.dateline.clone(),
            section: article.section.map(SectionId::number),
            magazine_issue: article.magazine_issue.map(MagazineIssueId::number),
            language: article.language.clone(),
            lead_image: article.lead_image.clone(),
            published_at: article.published_at.map(|at| at.timestamp_millis()),
            published_at_precision: article.published_at_precision.name().to_owned(),
            published_between: article
                .published_between
                .map(|(from, until)| (from.timestamp_millis(), until.timestamp_millis())),
            withdrawal: article
                .withdrawal
                .as_ref()
                .map(|withdrawal| (withdrawal.at.timestamp_millis(), withdrawal.reason.clone())),
            modified_at: article.modified_at.timestamp_millis(),
            bylines: story.bylines.iter().map(|id| id.number()).collect(),
            topics: story.topics.iter().map(|id| id.number()).collect(),
            related: story.related.iter().map(|id| id.number()).collect(),
            corrections: story
                .corrections
                .iter()
                .map(|correction| (correction.at.timestamp_millis(), correction.text.clone()))
                .collect(),
            body: story.body.clone(),
        }
    }
}

impl StoredStory {
    fn read(self, id: ArticleId, revision: i32) -> Result<Story, PersistenceError> {
        let precision =
            TimePrecision::from_name(&self.published_at_precision).ok_or_else(|| {
                PersistenceError::stored(format!("precision '{}'", self.published_at_precision))
            })?;
        Ok(Story {
            article: Article {
                id,
                slug: self.slug,
                headline: self.headline,
                kicker: self.kicker,
                standfirst: self.standfirst,
                dateline: self.dateline,
                section: self.section.map(SectionId::from_number),
                magazine_issue: self.magazine_issue.map(MagazineIssueId::from_number),
                language: self.language,
                lead_image: self.lead_image,
                published_at: self.published_at.map(instant).transpose()?,
                published_at_precision: precision,
                published_between: self
                    .published_between
                    .map(|(from, until)| {
                        Ok::<_, PersistenceError>((instant(from)?, instant(until)?))
                    })
                    .transpose()?,
                withdrawal: self
                    .withdrawal
                    .map(|(at, reason)| {
                        Ok::<_, PersistenceError>(Withdrawal {
                            at: instant(at)?,
                            reason,
                        })
                    })
                    .transpose()?,
                modified_at: instant(self.modified_at)?,
                revision,
                word_count: self.body.word_count(),
            },
            bylines: self
                .bylines
                .into_iter()
                .map(ContributorId::from_number)
                .collect(),
            topics: self.topics.into_iter().map(TopicId::from_number).collect(),
            related: self
                .related
                .into_iter()
                .map(ArticleId::from_number)
                .collect(),
            corrections: self
                .corrections
                .into_iter()
                .map(|(at, text)| {
                    Ok::<_, PersistenceError>(Correction {
                        at: instant(at)?,
                        text,
                    })
                })
                .collect::<Result<_, _>>()?,
            body: self.body,
        })
    }
}

impl Transaction {
    /// Notes the first save of articles.
    pub(super) async fn begin_revisions<'articles>(
        &self,
        articles: impl Iterator<Item = &'articles Article>,
    ) -> Result<(), PersistenceError> {
        let rows: Vec<_> = articles
            .map(|article| self.revision_row(article, RevisionPurpose::Create))
            .collect();
        article_revision::Entity::insert_many(rows)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Keeps what an article was, and notes the save that it has become.
    pub(super) async fn add_revision(
        &self,
        before: &Story,
        after: &Article,
        purpose: RevisionPurpose,
    ) -> Result<(), PersistenceError> {
        let story = json(&StoredStory::from(before))?;
        let number = i64::from(before.article.revision);
        let kept = article_revision::Entity::update_many()
            .col_expr(
                article_revision::Column::Story,
                sea_orm::sea_query::Expr::value(story.clone()),
            )
            .filter(article_revision::Column::ArticleId.eq(before.article.id.number()))
            .filter(article_revision::Column::Number.eq(number))
            .exec(self.connection())
            .await?;
        if kept.rows_affected == 0 {
            // Saved by a version that kept no revisions: nobody knows who did, and what for.
            let row = article_revision::Model {
                article_id: before.article.id.number(),
                number,
                at: before.article.modified_at.timestamp_millis(),
                author: None,
                purpose: None,
                story: Some(story),
            };
            article_revision::Entity::insert(row.into_active_model())
                .exec_without_returning(self.connection())
                .await?;
        }
        article_revision::Entity::insert(self.revision_row(after, purpose))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    fn revision_row(
        &self,
        article: &Article,
        purpose: RevisionPurpose,
    ) -> article_revision::ActiveModel {
        article_revision::Model {
            article_id: article.id.number(),
            number: i64::from(article.revision),
            at: article.modified_at.timestamp_millis(),
            author: Some(stored_author(self.author())),
            purpose: Some(purpose.name().to_owned()),
            story: None,
        }
        .into_active_model()
    }
}

/// What stands before a subject, so that none is taken for an import.
const SUBJECT: &str = "subject:";

pub(crate) fn stored_author(author: &Author) -> String {
    match author {
        Author::Subject(subject) => format!("{SUBJECT}{subject}"),
        Author::Import => "import".to_owned(),
        Author::Operator => "operator".to_owned(),
    }
}

fn read_author(stored: &str) -> Result<Author, PersistenceError> {
    match stored {
        "import" => Ok(Author::Import),
        "operator" => Ok(Author::Operator),
        _ => stored
            .strip_prefix(SUBJECT)
            .map(|subject| Author::Subject(subject.to_owned()))
            .ok_or_else(|| PersistenceError::stored(format!("author '{stored}'"))),
    }
}

fn revision(row: &Row) -> Result<Revision, PersistenceError> {
    let author: Option<String> = column(row, 2)?;
    let purpose: Option<String> = column(row, 3)?;
    Ok(Revision {
        number: number(column(row, 0)?)?,
        at: instant(column(row, 1)?)?,
        author: author.as_deref().map(read_author).transpose()?,
        purpose: purpose.as_deref().and_then(RevisionPurpose::from_name),
    })
}

/// Reads a revision from its number, time, author and purpose, and what it keeps of its article.
pub(crate) fn read_revision(
    row: &Row,
    article: ArticleId,
    story: Option<&str>,
) -> Result<(Revision, Option<Story>), PersistenceError> {
    let revision = revision(row)?;
    let story = story
        .map(|story| read_story(story)?.read(article, revision.number))
        .transpose()?;
    Ok((revision, story))
}

fn read_story(json: &str) -> Result<StoredStory, PersistenceError> {
    serde_json::from_str(json)
        .map_err(|error| PersistenceError::stored(format!("revision: {error}")))
}

fn number(stored: i64) -> Result<i32, PersistenceError> {
    i32::try_from(stored).map_err(|_| PersistenceError::stored(format!("revision {stored}")))
}

impl Reader<'_> {
    /// A page of the revisions of an article, the latest first. The newsroom's alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revisions(
        &self,
        article: ArticleId,
        page: &PageRequest<i32>,
    ) -> Result<Page<Revision>, PersistenceError> {
        let mut sql = self
            .sql("SELECT number, at, author, purpose FROM article_revision WHERE article_id = ");
        sql.value(article.number());
        if !self.is_newsroom() {
            sql.text(" AND FALSE");
        }
        if let Some(after) = page.after {
            sql.text(" AND number < ").value(i64::from(after));
        }
        if let Some(before) = page.before {
            sql.text(" AND number > ").value(i64::from(before));
        }
        let direction = match page.end {
            End::First => "DESC",
            End::Last => "ASC",
        };
        sql.text(&format!(" ORDER BY number {direction} LIMIT "))
            .value(i64::from(page.size) + 1);
        let mut revisions = self
            .all(sql)
            .await?
            .iter()
            .map(revision)
            .collect::<Result<Vec<_>, _>>()?;
        if page.end == End::Last {
            revisions.reverse();
        }
        Ok(page.cut(revisions))
    }

    /// How many revisions of an article are kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revision_count(&self, article: ArticleId) -> Result<u64, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(0);
        }
        let mut sql = self.sql("SELECT COUNT(*) FROM article_revision WHERE article_id = ");
        sql.value(article.number());
        crate::keyset::count(self.one(sql).await?.as_ref())
    }

    /// What articles said at these revisions; those that are not kept are left out. The newsroom's alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stories_at(
        &self,
        wanted: &[(ArticleId, i32)],
    ) -> Result<HashMap<(ArticleId, i32), Story>, PersistenceError> {
        let mut stories = HashMap::new();
        if !self.is_newsroom() {
            return Ok(stories);
        }
        // Each article once, however many of its revisions are wanted.
        let ids: BTreeSet<ArticleId> = wanted.iter().map(|(id, _)| *id).collect();
        let ids: Vec<ArticleId> = ids.into_iter().collect();
        for (id, story) in self.stories(&ids).await? {
            stories.insert((id, story.article.revision), story);
        }
        stories.retain(|key, _| wanted.contains(key));
        let pairs: Vec<(i64, i32)> = wanted.iter().map(|(id, at)| (id.number(), *at)).collect();
        let (each, field) = if self.backend() == DbBackend::Postgres {
            ("json_array_elements(", "::int8")
        } else {
            ("json_each(", "")
        };
        let mut sql = self.sql("SELECT revision.article_id, revision.number, revision.story FROM ");
        sql.text(each).value(json(&pairs)?);
        if self.backend() == DbBackend::Postgres {
            sql.text("::json) AS wanted(value)");
        } else {
            sql.text(") AS wanted");
        }
        sql.then_join(&format!(
            "article_revision AS revision ON revision.article_id = (wanted.value->>0){field} \
             AND revision.number = (wanted.value->>1){field} WHERE revision.story IS NOT NULL"
        ));
        for row in self.all(sql).await? {
            let id = ArticleId::from_number(column(&row, 0)?);
            let number = number(column(&row, 1)?)?;
            let story: String = column(&row, 2)?;
            stories.insert((id, number), read_story(&story)?.read(id, number)?);
        }
        Ok(stories)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    /// Rows written by released versions are read for ever.
    #[test]
    fn revisions_are_read_as_they_were_first_written() {
        let json = r#"{"slug":"a-river","headline":"A river","kicker":"Water","section":3,"language":"en","published_at":1700000000000,"published_at_precision":"DAY","published_between":[1,2],"withdrawal":[5,"Wrong."],"modified_at":1700000000001,"bylines":[1,2],"topics":[7],"related":[9],"corrections":[[4,"One."]],"body":{"blocks":[{"paragraph":{"content":[{"text":"It rained."}]}}]}}"#;
        let id = ArticleId::from_number(11);
        let stored: StoredStory = serde_json::from_str(json).unwrap();
        let story = stored.read(id, 4).unwrap();
        assert_eq!(story.article.revision, 4);
        assert_eq!(story.article.word_count, 2);
        assert_eq!(story.bylines.len(), 2);
        assert_eq!(
            serde_json::to_string(&StoredStory::from(&story)).unwrap(),
            json
        );
    }

    #[test]
    fn authors_are_read_back() {
        for author in [
            Author::Import,
            Author::Operator,
            Author::Subject("import".to_owned()),
        ] {
            assert_eq!(read_author(&stored_author(&author)).unwrap(), author);
        }
    }
}
