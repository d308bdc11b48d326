//! Saving: articles whole, and what they are filed under.

use masthead_domain::{
    article::{Article, Story, headline_key},
    contributor::Contributor,
    identifier::{ArticleId, MagazineIssueId, MagazineVolumeId, SectionId},
    magazine::{MagazineIssue, MagazineVolume},
    section::Section,
    slug::Slug,
    topic::Topic,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, PaginatorTrait,
    QueryFilter, sea_query::OnConflict,
};
use serde::Serialize;

use crate::{PersistenceError, Transaction, magazine::StoredBikramSambat};

mod entities;

use entities::{
    article, article_body, article_byline, article_correction, article_slug, article_topic,
    contributor, magazine_issue, magazine_volume, section, topic,
};

impl Transaction {
    /// The whole of an article; none if there is no such article.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story(&self, id: ArticleId) -> Result<Option<Story>, PersistenceError> {
        let reader = self.reader();
        let Some(article) = reader.articles_by_id(&[id]).await?.pop() else {
            return Ok(None);
        };
        Ok(Some(Story {
            article: article.into_inner(),
            body: reader.bodies(&[id]).await?.remove(&id).unwrap_or_default(),
            bylines: reader.bylines(&[id]).await?.remove(&id).unwrap_or_default(),
            topics: reader
                .topics_of(&[id])
                .await?
                .remove(&id)
                .unwrap_or_default(),
            corrections: reader
                .corrections(&[id])
                .await?
                .remove(&id)
                .unwrap_or_default(),
            related: Vec::new(),
        }))
    }

    /// Saves an article that is not there yet.
    ///
    /// # Errors
    /// When the database fails, or its slug is or was another article's.
    pub async fn insert_story(&self, story: &Story) -> Result<(), PersistenceError> {
        let row = article_row(&story.article)?;
        article::Entity::insert(row)
            .exec_without_returning(self.connection())
            .await?;
        self.save_parts(story).await
    }

    /// Saves an article over revision `over` of it.
    ///
    /// # Errors
    /// When the database fails, its slug is or was another article's, or it stands at another revision.
    pub async fn update_story(&self, story: &Story, over: i32) -> Result<(), PersistenceError> {
        let saved = article::Entity::update_many()
            .set(article_row(&story.article)?)
            .filter(article::Column::Id.eq(story.article.id.number()))
            .filter(article::Column::Revision.eq(i64::from(over)))
            .exec(self.connection())
            .await?;
        if saved.rows_affected != 1 {
            return Err(PersistenceError::StaleRevision);
        }
        let id = story.article.id.number();
        let connection = self.connection();
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
        self.save_parts(story).await
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

        let slug = article_slug::Model {
            slug: story.article.slug.to_string(),
            article_id,
            known_from: visible_from,
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
        Ok(())
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

    /// Saves a section, new or known by its identity.
    ///
    /// # Errors
    /// When the database fails, or its slug is another section's.
    pub async fn save_section(&self, section: &Section) -> Result<(), PersistenceError> {
        let row = section::Model {
            id: section.id.number(),
            slug: section.slug.to_string(),
            name: section.name.clone(),
            parent_id: section.parent.map(SectionId::number),
        };
        section::Entity::insert(row.into_active_model())
            .on_conflict(overwrite(section::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Saves a contributor, new or known by their identity.
    ///
    /// # Errors
    /// When the database fails, or their slug is another contributor's.
    pub async fn save_contributor(
        &self,
        contributor: &Contributor,
    ) -> Result<(), PersistenceError> {
        let row = contributor::Model {
            id: contributor.id.number(),
            slug: contributor.slug.to_string(),
            name: contributor.name.clone(),
            kind: contributor.kind.name().to_owned(),
            biography: contributor.biography.clone(),
        };
        contributor::Entity::insert(row.into_active_model())
            .on_conflict(overwrite(contributor::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Saves a topic, new or known by its identity.
    ///
    /// # Errors
    /// When the database fails, or its slug is another topic's.
    pub async fn save_topic(&self, topic: &Topic) -> Result<(), PersistenceError> {
        let row = topic::Model {
            id: topic.id.number(),
            slug: topic.slug.to_string(),
            name: topic.name.clone(),
        };
        topic::Entity::insert(row.into_active_model())
            .on_conflict(overwrite(topic::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// The slug itself, or with the first number that makes it one that no section has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn free_section_slug(&self, wanted: &Slug) -> Result<Slug, PersistenceError> {
        self.free_filed_slug::<Section>(wanted).await
    }

    /// The slug itself, or with the first number that makes it one that no contributor has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn free_contributor_slug(&self, wanted: &Slug) -> Result<Slug, PersistenceError> {
        self.free_filed_slug::<Contributor>(wanted).await
    }

    async fn free_filed_slug<Kind: crate::classification::Filed>(
        &self,
        wanted: &Slug,
    ) -> Result<Slug, PersistenceError> {
        let reader = self.reader();
        let mut candidate = wanted.clone();
        let mut number = 1;
        while reader
            .filed_by_text::<Kind>("slug", candidate.as_ref())
            .await?
            .is_some()
        {
            number += 1;
            candidate = wanted.with_number(number);
        }
        Ok(candidate)
    }

    /// The volume with this number in a series.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_volume(
        &self,
        series: &str,
        number: i32,
    ) -> Result<Option<MagazineVolume>, PersistenceError> {
        let found = magazine_volume::Entity::find()
            .filter(magazine_volume::Column::Series.eq(series))
            .filter(magazine_volume::Column::Number.eq(i64::from(number)))
            .one(self.connection())
            .await?;
        let Some(found) = found else { return Ok(None) };
        let id = MagazineVolumeId::from_number(found.id);
        Ok(self.reader().magazine_volumes_by_id(&[id]).await?.pop())
    }

    /// Gives all volumes of a series another name.
    ///
    /// # Errors
    /// When the database fails, or the other series has a volume of the same number.
    pub async fn rename_series(&self, series: &str, name: &str) -> Result<(), PersistenceError> {
        magazine_volume::Entity::update_many()
            .col_expr(magazine_volume::Column::Series, name.into())
            .filter(magazine_volume::Column::Series.eq(series))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Saves an issue, new or known by its identity, and its volume, whose cover dates then span all of its
    /// issues.
    ///
    /// # Errors
    /// When the database fails, or another issue of the volume has its number.
    pub async fn save_magazine_issue(&self, issue: &MagazineIssue) -> Result<(), PersistenceError> {
        let connection = self.connection();
        let cover_date = issue.cover_date.day_number();
        let volume = magazine_volume::Model {
            id: issue.volume.number(),
            series: issue.series.clone(),
            number: i64::from(issue.volume_number),
            first_cover_date: cover_date,
            last_cover_date: cover_date,
        };
        magazine_volume::Entity::insert(volume.into_active_model())
            .on_conflict(
                OnConflict::column(magazine_volume::Column::Id)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(connection)
            .await?;
        let row = magazine_issue::Model {
            id: issue.id.number(),
            volume_id: issue.volume.number(),
            volume_number: i64::from(issue.volume_number),
            number: i64::from(issue.number),
            last_number: issue.last_number.map(i64::from),
            cover_date,
            printed_bikram_sambat: issue
                .cover_date
                .printed()
                .map(|printed| json(&StoredBikramSambat::from(printed)))
                .transpose()?,
            publisher: issue.publisher.clone(),
            editor: issue.editor.clone(),
            registration_number: issue.registration_number.clone(),
            cover: issue.cover.as_ref().map(json).transpose()?,
        };
        magazine_issue::Entity::insert(row.into_active_model())
            .on_conflict(overwrite(magazine_issue::Column::Id))
            .exec_without_returning(connection)
            .await?;
        let issues = magazine_issue::Entity::find()
            .filter(magazine_issue::Column::VolumeId.eq(issue.volume.number()))
            .all(connection)
            .await?;
        let dates = issues.iter().map(|issue| issue.cover_date);
        magazine_volume::Entity::update(magazine_volume::ActiveModel {
            id: Set(issue.volume.number()),
            first_cover_date: Set(dates.clone().min().unwrap_or(cover_date)),
            last_cover_date: Set(dates.max().unwrap_or(cover_date)),
            ..Default::default()
        })
        .exec(connection)
        .await?;
        Ok(())
    }
}

/// On a row that is there already: write all columns but its identity.
fn overwrite<Column: sea_orm::ColumnTrait + Iterable + sea_orm::sea_query::IntoIden + Copy>(
    identity: Column,
) -> OnConflict {
    let others = Column::iter().filter(|column| column.as_str() != identity.as_str());
    OnConflict::column(identity)
        .update_columns(others)
        .to_owned()
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

fn json(value: &impl Serialize) -> Result<String, PersistenceError> {
    serde_json::to_string(value).map_err(|error| PersistenceError::stored(error.to_string()))
}
