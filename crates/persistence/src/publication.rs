//! The publication: one row.

use masthead_domain::{
    language::LanguageTag,
    node_id::NodeId,
    publication::{ArticlePath, Publication},
};
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use crate::{
    PersistenceError, Reader, Transaction,
    entities::{overwrite, publication},
    row::column,
};

/// The identity of the one row.
const ONLY: i64 = 1;

impl Reader<'_> {
    /// The publication; none before it has been set.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publication(&self) -> Result<Option<Publication>, PersistenceError> {
        let mut sql = self.sql(
            "SELECT title, url, article_path, time_zone, language, publisher, editor, registration_number \
             FROM publication WHERE id = ",
        );
        sql.value(ONLY);
        let Some(row) = self.one(sql).await? else {
            return Ok(None);
        };
        let unreadable =
            |error: &dyn std::fmt::Display| PersistenceError::stored(error.to_string());
        let text = |index| column::<String>(&row, index);
        Ok(Some(Publication {
            title: text(0)?,
            url: text(1)?
                .parse()
                .map_err(|error: url::ParseError| unreadable(&error))?,
            article_path: ArticlePath::parse(&text(2)?).map_err(|error| unreadable(&error))?,
            time_zone: text(3)?
                .parse()
                .map_err(|error: chrono_tz::ParseError| unreadable(&error))?,
            language: LanguageTag::parse(&text(4)?).map_err(|error| unreadable(&error))?,
            publisher: column(&row, 5)?,
            editor: column(&row, 6)?,
            registration_number: column(&row, 7)?,
        }))
    }
}

impl Transaction {
    /// Saves the publication.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_publication(
        &self,
        publication: &Publication,
    ) -> Result<(), PersistenceError> {
        let before = self.reader().publication().await?.unwrap_or_default();
        let row = publication::ActiveModel {
            id: Set(ONLY),
            title: Set(publication.title.clone()),
            url: Set(publication.url.to_string()),
            article_path: Set(publication.article_path.as_str().to_owned()),
            time_zone: Set(publication.time_zone.name().to_owned()),
            language: Set(publication.language.to_string()),
            publisher: Set(publication.publisher.clone()),
            editor: Set(publication.editor.clone()),
            registration_number: Set(publication.registration_number.clone()),
        };
        publication::Entity::insert(row)
            .on_conflict(overwrite(publication::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        self.note_change(NodeId::Publication);
        // An article's address is made of these: it changes with them.
        let address =
            |publication: &Publication| (publication.url.clone(), publication.article_path.clone());
        if address(&before) != address(publication) {
            self.write_change_of_every_article().await?;
        }
        Ok(())
    }
}
