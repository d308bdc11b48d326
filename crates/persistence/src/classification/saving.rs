//! Saving sections, contributors and topics.

use masthead_domain::{
    contributor::Contributor, identifier::SectionId, node_id::NodeId, section::Section, slug::Slug,
    topic::Topic,
};
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

use super::Filed;
use crate::{
    PersistenceError, Transaction,
    entities::{contributor, overwrite, section, topic},
};

impl Transaction {
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
        self.note_change(NodeId::Section(section.id));
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
        self.note_change(NodeId::Contributor(contributor.id));
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
        self.note_change(NodeId::Topic(topic.id));
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

    async fn free_filed_slug<Kind: Filed>(&self, wanted: &Slug) -> Result<Slug, PersistenceError> {
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
}
