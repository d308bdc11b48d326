//! Through which change a CDN has been told what to purge.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, drop_tables, identity, number, optional_number};

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
                    .table(Alias::new("purging"))
                    // One row, from the first purge on.
                    .col(identity("id"))
                    // The last change of the public stream whose tags were purged.
                    .col(optional_number("purged_through"))
                    // The node that purges, and until when no other may.
                    .col(number("holder"))
                    .col(number("held_until"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["purging"]).await
    }
}
