//! Saving articles whole: with what they say, their revision, their slugs and their change.

mod revisions;

pub(crate) use revisions::{read_revision, stored_author};

use masthead_domain::{
    article::{Article, Story, headline_key},
    identifier::{ArticleId, MagazineIssueId, SectionId},
    revision::RevisionPurpose,
    slug::Slug,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{
    PersistenceError, Transaction,
    entities::{
        article, article_body, article_byline, article_correction, article_former_section,
        article_related, article_slug, article_topic, json,
    },
};

/// How many articles one statement inserts: each has two dozen values, and `SQLite` takes 32,766 of them.
const ARTICLES_OF_A_STATEMENT: usize = 250;
/// How many rows of what hangs on articles.
const ROWS_OF_A_STATEMENT: usize = 1_000;

impl Transaction {
    /// The whole of an article; none if there is no such article.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story(&self, id: ArticleId) -> Result<Option<Story>, PersistenceError> {
        Ok(self.reader().stories(&[id]).await?.remove(&id))
    }

    /// Saves an article that is not there yet.
    ///
    /// # Errors
    /// When the database fails, or its slug is or was another article's.
    pub async fn insert_story(&self, story: &Story) -> Result<(), PersistenceError> {
        self.insert_stories(std::slice::from_ref(story)).await
    }

    /// Saves articles that are not there yet, many in a statement.
    ///
    /// # Errors
    /// As [`Transaction::insert_story`].
    pub async fn insert_stories(&self, stories: &[Story]) -> Result<(), PersistenceError> {
        for some in stories.chunks(ARTICLES_OF_A_STATEMENT) {
            let rows = some.iter().map(|story| article_row(&story.article));
            article::Entity::insert_many(rows.collect::<Result<Vec<_>, _>>()?)
                .exec_without_returning(self.connection())
                .await?;
            self.save_parts(some).await?;
            self.insert_slugs(some.iter().map(|story| &story.article))
                .await?;
            self.begin_revisions(some.iter().map(|story| &story.article))
                .await?;
            for story in some {
                self.note_article(None, Some(&story.article)).await?;
            }
        }
        Ok(())
    }

    /// Saves an article over what it was before.
    ///
    /// # Errors
    /// When the database fails, its slug is or was another article's, or it stands at another revision.
    pub async fn update_story(
        &self,
        before: &Story,
        after: &Story,
        purpose: RevisionPurpose,
    ) -> Result<(), PersistenceError> {
        let id = before.article.id.number();
        let connection = self.connection();
        let saved = article::Entity::update_many()
            .set(article_row(&after.article)?)
            .filter(article::Column::Id.eq(id))
            .filter(article::Column::Revision.eq(i64::from(before.article.revision)))
            .exec(connection)
            .await?;
        if saved.rows_affected != 1 {
            return Err(PersistenceError::StaleRevision);
        }
        article_byline::Entity::delete_many()
            .filter(article_byline::Column::ArticleId.eq(id))
            .exec(connection)
            .await?;
        article_topic::Entity::delete_many()
            .filter(article_topic::Column::ArticleId.eq(id))
            .exec(connection)
            .await?;
        article_correction::Entity::delete_many()
            .filter(article_correction::Column::ArticleId.eq(id))
            .exec(connection)
            .await?;
        article_related::Entity::delete_many()
            .filter(article_related::Column::ArticleId.eq(id))
            .exec(connection)
            .await?;
        self.save_parts(std::slice::from_ref(after)).await?;
        self.save_slugs(&before.article, &after.article).await?;
        self.add_revision(before, &after.article, purpose).await?;
        self.note_former_section(&before.article, &after.article)
            .await?;
        self.note_article(Some(&before.article), Some(&after.article))
            .await
    }

    /// Remembers where an article stood in which others could see it, once it stands there no more: who follows the
    /// changes of that section alone has to be told that it is gone.
    async fn note_former_section(
        &self,
        before: &Article,
        after: &Article,
    ) -> Result<(), PersistenceError> {
        let has_left = before.section != after.section || after.visible_from().is_none();
        let Some(section) = before
            .section
            .filter(|_| has_left && before.visible_from().is_some())
        else {
            return Ok(());
        };
        let row = article_former_section::Model {
            article_id: before.id.number(),
            section_id: section.number(),
            left_at: self.now().timestamp_millis(),
        };
        article_former_section::Entity::insert(row.into_active_model())
            .on_conflict(
                OnConflict::columns([
                    article_former_section::Column::ArticleId,
                    article_former_section::Column::SectionId,
                ])
                .update_column(article_former_section::Column::LeftAt)
                .to_owned(),
            )
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Throws an article away, with its revisions and its slugs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_story(&self, story: &Story) -> Result<(), PersistenceError> {
        self.note_article(Some(&story.article), None).await?;
        article::Entity::delete_by_id(story.article.id.number())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Saves what hangs on articles, whose own rows are there and whose former parts are gone.
    async fn save_parts(&self, stories: &[Story]) -> Result<(), PersistenceError> {
        let connection = self.connection();
        let bodies = stories.iter().map(|story| {
            Ok(article_body::Model {
                article_id: story.article.id.number(),
                blocks: json(&story.body)?,
            }
            .into_active_model())
        });
        article_body::Entity::insert_many(bodies.collect::<Result<Vec<_>, PersistenceError>>()?)
            .on_conflict(
                OnConflict::column(article_body::Column::ArticleId)
                    .update_column(article_body::Column::Blocks)
                    .to_owned(),
            )
            .exec_without_returning(connection)
            .await?;
        self.insert_parts(stories, |story| {
            let (article_id, visible_from) = place(&story.article);
            (0_i64..)
                .zip(&story.bylines)
                .map(move |(position, contributor)| article_byline::Model {
                    article_id,
                    position,
                    contributor_id: contributor.number(),
                    visible_from,
                })
        })
        .await?;
        self.insert_parts(stories, |story| {
            let (article_id, visible_from) = place(&story.article);
            (0_i64..)
                .zip(&story.topics)
                .map(move |(position, topic)| article_topic::Model {
                    article_id,
                    position,
                    topic_id: topic.number(),
                    visible_from,
                })
        })
        .await?;
        self.insert_parts(stories, |story| {
            let article_id = story.article.id.number();
            (0_i64..)
                .zip(&story.corrections)
                .map(move |(position, correction)| article_correction::Model {
                    article_id,
                    position,
                    at: correction.at.timestamp_millis(),
                    text: correction.text.clone(),
                })
        })
        .await?;
        self.insert_parts(stories, |story| {
            let article_id = story.article.id.number();
            (0_i64..)
                .zip(&story.related)
                .map(move |(position, related)| article_related::Model {
                    article_id,
                    position,
                    related_id: related.number(),
                })
        })
        .await
    }

    /// Inserts the rows of one table that hang on articles.
    async fn insert_parts<'stories, Row, Rows>(
        &self,
        stories: &'stories [Story],
        rows: impl Fn(&'stories Story) -> Rows,
    ) -> Result<(), PersistenceError>
    where
        Rows: Iterator<Item = Row>,
        Row: ModelTrait + IntoActiveModel<<Row::Entity as EntityTrait>::ActiveModel>,
        <Row::Entity as EntityTrait>::ActiveModel: Send,
    {
        let rows: Vec<_> = stories
            .iter()
            .flat_map(rows)
            .map(IntoActiveModel::into_active_model)
            .collect();
        // An article may stand in fifty lists of a kind.
        for some in rows.chunks(ROWS_OF_A_STATEMENT) {
            Row::Entity::insert_many(some.to_vec())
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Saves its slug beside those that it once had, each with the instant since when everyone may know it:
    /// one that it bore only while nobody could see it stays the newsroom's.
    async fn save_slugs(&self, before: &Article, after: &Article) -> Result<(), PersistenceError> {
        let now = self.now().timestamp_millis();
        let connection = self.connection();
        article_slug::Entity::update_many()
            .col_expr(
                article_slug::Column::KnownFrom,
                Expr::value(Option::<i64>::None),
            )
            .filter(article_slug::Column::ArticleId.eq(before.id.number()))
            .filter(article_slug::Column::KnownFrom.gt(now))
            .exec(connection)
            .await?;
        self.insert_slugs(std::iter::once(after)).await?;
        let (article_id, known_from) = place(after);
        if known_from.is_some() {
            article_slug::Entity::update_many()
                .col_expr(article_slug::Column::KnownFrom, Expr::value(known_from))
                .filter(article_slug::Column::Slug.eq(after.slug.to_string()))
                .filter(article_slug::Column::ArticleId.eq(article_id))
                .filter(article_slug::Column::KnownFrom.is_null())
                .exec(connection)
                .await?;
        }
        Ok(())
    }

    /// Saves the slugs of articles. One stays its article's when that takes back one that it had; another's is
    /// refused by the unique slug of the article itself, or was never offered by `free_slug`.
    async fn insert_slugs<'articles>(
        &self,
        articles: impl Iterator<Item = &'articles Article>,
    ) -> Result<(), PersistenceError> {
        let rows = articles.map(|article| {
            let (article_id, known_from) = place(article);
            article_slug::Model {
                slug: article.slug.to_string(),
                article_id,
                known_from,
            }
            .into_active_model()
        });
        article_slug::Entity::insert_many(rows.collect::<Vec<_>>())
            .on_conflict(
                OnConflict::column(article_slug::Column::Slug)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// The article that has or once had this slug, as only the newsroom may know it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slug_holder(&self, slug: &Slug) -> Result<Option<ArticleId>, PersistenceError> {
        Ok(article_slug::Entity::find_by_id(slug.to_string())
            .one(self.connection())
            .await?
            .map(|row| ArticleId::from_number(row.article_id)))
    }

    /// The slug itself, or with the first number that makes it one that no article has or had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn free_slug(&self, wanted: &Slug) -> Result<Slug, PersistenceError> {
        let mut candidate = wanted.clone();
        let mut number = 1;
        while article_slug::Entity::find_by_id(candidate.to_string())
            .count(self.connection())
            .await?
            > 0
        {
            number += 1;
            candidate = wanted.with_number(number);
        }
        Ok(candidate)
    }
}

/// An article's identity, and the instant from which everyone may see it, as tables have them.
fn place(article: &Article) -> (i64, Option<i64>) {
    let visible_from = article
        .visible_from()
        .map(|instant| instant.timestamp_millis());
    (article.id.number(), visible_from)
}

fn article_row(article: &Article) -> Result<article::ActiveModel, PersistenceError> {
    let milliseconds = |instant: chrono::DateTime<chrono::Utc>| instant.timestamp_millis();
    Ok(article::ActiveModel {
        id: Set(article.id.number()),
        slug: Set(article.slug.to_string()),
        headline: Set(article.headline.clone()),
        headline_key: Set(headline_key(&article.headline)),
        kicker: Set(article.kicker.clone()),
        standfirst: Set(article.standfirst.clone()),
        dateline: Set(article.dateline.clone()),
        section_id: Set(article.section.map(SectionId::number)),
        magazine_issue_id: Set(article.magazine_issue.map(MagazineIssueId::number)),
        language: Set(article.language.to_string()),
        lead_image: Set(article.lead_image.as_ref().map(json).transpose()?),
        published_at: Set(article.published_at.map(milliseconds)),
        published_at_precision: Set(article.published_at_precision.name().to_owned()),
        published_earliest: Set(article
            .published_between
            .map(|(earliest, _)| milliseconds(earliest))),
        published_latest: Set(article
            .published_between
            .map(|(_, latest)| milliseconds(latest))),
        withdrawn_at: Set(article
            .withdrawal
            .as_ref()
            .map(|withdrawal| milliseconds(withdrawal.at))),
        withdrawal_reason: Set(article
            .withdrawal
            .as_ref()
            .map(|withdrawal| withdrawal.reason.clone())),
        visible_from: Set(article.visible_from().map(milliseconds)),
        modified_at: Set(milliseconds(article.modified_at)),
        revision: Set(i64::from(article.revision)),
        word_count: Set(i64::from(article.word_count)),
    })
}
