//! Sections, contributors and topics: what articles are filed under.

use sea_orm_migration::prelude::*;

use super::{
    IN_ONE_TRANSACTION, drop_tables, identity, index, optional_number, optional_text, reference,
    slug, text,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("section"))
                    .col(identity("id"))
                    .col(slug(manager, "slug"))
                    .col(text("name"))
                    .col(optional_number("parent_id"))
                    .foreign_key(&mut reference(
                        ("section", "parent_id"),
                        ("section", "id"),
                        ForeignKeyAction::Restrict,
                    ))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("contributor"))
                    .col(identity("id"))
                    .col(slug(manager, "slug"))
                    .col(text("name"))
                    .col(text("kind"))
                    .col(optional_text("biography"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("topic"))
                    .col(identity("id"))
                    .col(slug(manager, "slug"))
                    .col(text("name"))
                    .take(),
            )
            .await?;
        for table in ["section", "contributor", "topic"] {
            index(manager, table, &["slug"], true).await?;
            // An import finds what it knows by name alone.
            index(manager, table, &["name"], false).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["topic", "contributor", "section"]).await
    }
}
