//! Saving articles whole: with what they say, their revision, their slugs and their change.

mod revisions;

pub(crate) use revisions::read_revision;

use masthead_domain::{
    article::{Article, Story, headline_key},
    identifier::{ArticleId, MagazineIssueId, SectionId},
    revision::RevisionPurpose,
    slug::Slug,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    sea_query::OnConflict,
};

use crate::{
    PersistenceError, Transaction,
    entities::{
        article, article_body, article_byline, article_correction, article_related, article_slug,
        article_topic, json,
    },
};

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
        article::Entity::insert(article_row(&story.article)?)
            .exec_without_returning(self.connection())
            .await?;
        self.save_parts(story).await?;
        self.save_slugs(None, &story.article).await?;
        self.begin_revisions(&story.article).await?;
        self.note_article(None, Some(&story.article)).await
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
        self.save_parts(after).await?;
        self.save_slugs(Some(&before.article), &after.article)
            .await?;
        self.add_revision(before, &after.article, purpose).await?;
        self.note_article(Some(&before.article), Some(&after.article))
            .await
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

    /// Saves what hangs on an article, whose own row is there and whose former parts are gone.
    async fn save_parts(&self, story: &Story) -> Result<(), PersistenceError> {
        let connection = self.connection();
        let article_id = story.article.id.number();
        let visible_from = story
            .article
            .visible_from()
            .map(|instant| instant.timestamp_millis());

        let body = article_body::Model {
            article_id,
            blocks: json(&story.body)?,
        };
        article_body::Entity::insert(body.into_active_model())
            .on_conflict(
                OnConflict::column(article_body::Column::ArticleId)
                    .update_column(article_body::Column::Blocks)
                    .to_owned(),
            )
            .exec_without_returning(connection)
            .await?;

        let bylines = (0_i64..)
            .zip(&story.bylines)
            .map(|(position, contributor)| {
                article_byline::Model {
                    article_id,
                    position,
                    contributor_id: contributor.number(),
                    visible_from,
                }
                .into_active_model()
            });
        if !story.bylines.is_empty() {
            article_byline::Entity::insert_many(bylines)
                .exec_without_returning(connection)
                .await?;
        }
        let topics = (0_i64..).zip(&story.topics).map(|(position, topic)| {
            article_topic::Model {
                article_id,
                position,
                topic_id: topic.number(),
                visible_from,
            }
            .into_active_model()
        });
        if !story.topics.is_empty() {
            article_topic::Entity::insert_many(topics)
                .exec_without_returning(connection)
                .await?;
        }
        let corrections = (0_i64..)
            .zip(&story.corrections)
            .map(|(position, correction)| {
                article_correction::Model {
                    article_id,
                    position,
                    at: correction.at.timestamp_millis(),
                    text: correction.text.clone(),
                }
                .into_active_model()
            });
        if !story.corrections.is_empty() {
            article_correction::Entity::insert_many(corrections)
                .exec_without_returning(connection)
                .await?;
        }
        let related = (0_i64..).zip(&story.related).map(|(position, related)| {
            article_related::Model {
                article_id,
                position,
                related_id: related.number(),
            }
            .into_active_model()
        });
        if !story.related.is_empty() {
            article_related::Entity::insert_many(related)
                .exec_without_returning(connection)
                .await?;
        }
        Ok(())
    }

    /// Saves its slug beside those that it once had, each with the instant since when everyone may know it:
    /// one that it bore only while nobody could see it stays the newsroom's.
    async fn save_slugs(
        &self,
        before: Option<&Article>,
        after: &Article,
    ) -> Result<(), PersistenceError> {
        let now = self.now().timestamp_millis();
        let connection = self.connection();
        if let Some(before) = before {
            article_slug::Entity::update_many()
                .col_expr(
                    article_slug::Column::KnownFrom,
                    sea_orm::sea_query::Expr::value(Option::<i64>::None),
                )
                .filter(article_slug::Column::ArticleId.eq(before.id.number()))
                .filter(article_slug::Column::KnownFrom.gt(now))
                .exec(connection)
                .await?;
        }
        let known_from = after
            .visible_from()
            .map(|instant| instant.timestamp_millis());
        let slug = article_slug::Model {
            slug: after.slug.to_string(),
            article_id: after.id.number(),
            known_from,
        };
        // The slug stays this article's when it takes back one that it had. Another's is refused by the
        // unique slug of the article itself, or was never offered by `free_slug`.
        article_slug::Entity::insert(slug.into_active_model())
            .on_conflict(
                OnConflict::column(article_slug::Column::Slug)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(connection)
            .await?;
        if known_from.is_some() {
            article_slug::Entity::update_many()
                .col_expr(
                    article_slug::Column::KnownFrom,
                    sea_orm::sea_query::Expr::value(known_from),
                )
                .filter(article_slug::Column::Slug.eq(after.slug.to_string()))
                .filter(article_slug::Column::ArticleId.eq(after.id.number()))
                .filter(article_slug::Column::KnownFrom.is_null())
                .exec(connection)
                .await?;
        }
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
