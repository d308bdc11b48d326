//! Who is told of changes in feeds (WebSub), who has asked to be, and which node tells them.

use sea_orm_migration::prelude::*;

use super::{
    IN_ONE_TRANSACTION, drop_tables, identity, index, number, optional_number, optional_text, text,
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
                    .table(Alias::new("websub_request"))
                    .col(identity("id"))
                    // 'subscribe' or 'unsubscribe'.
                    .col(text("mode"))
                    // The feed's path: it keeps its meaning when the publication moves to another host.
                    .col(text("topic"))
                    .col(text("callback"))
                    // The callback's host, of which so many are taken.
                    .col(text("callback_host"))
                    .col(optional_text("secret"))
                    .col(number("lease_seconds"))
                    // SHA-256 of the feed when it was asked for: what comes after that is delivered.
                    .col(text("delivered"))
                    .col(number("attempts"))
                    .col(number("due_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("websub_subscription"))
                    .col(identity("id"))
                    .col(text("topic"))
                    .col(text("callback"))
                    .col(text("callback_host"))
                    // As it was given: a digest could sign nothing.
                    .col(optional_text("secret"))
                    .col(number("lease_until"))
                    // SHA-256 of the feed as it was delivered last, or given up.
                    .col(text("delivered"))
                    // How often in a row what there is now was not taken.
                    .col(number("failures"))
                    // When to look again whatever the change log says; empty where the log alone tells.
                    .col(optional_number("due_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("websub_hub"))
                    // One row, from the first delivery on.
                    .col(identity("id"))
                    // The node that delivers, and until when no other may.
                    .col(number("holder"))
                    .col(number("held_until"))
                    .take(),
            )
            .await?;
        for table in ["websub_request", "websub_subscription"] {
            index(manager, table, &["topic", "callback"], true).await?;
            index(manager, table, &["callback_host"], false).await?;
            index(manager, table, &["due_at"], false).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["websub_hub", "websub_subscription", "websub_request"],
        )
        .await
    }
}
