//! The publication: one row.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, drop_tables, identity, optional_text, text};

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
                    .table(Alias::new("publication"))
                    .col(identity("id"))
                    .col(text("title"))
                    .col(text("url"))
                    .col(text("article_path"))
                    .col(text("time_zone"))
                    .col(text("language"))
                    .col(optional_text("publisher"))
                    .col(optional_text("editor"))
                    .col(optional_text("registration_number"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["publication"]).await
    }
}
