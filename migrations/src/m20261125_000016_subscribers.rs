//! How subscribers of feeds and deliveries of webhooks are found: those of a feed in the order in which they are told,
//! those whose lease has run out, and the few deliveries that are to be made again.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, execute, index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(
            manager,
            "websub_subscription",
            &["topic", "failures", "id"],
            false,
        )
        .await?;
        index(manager, "websub_subscription", &["lease_until"], false).await?;
        execute(
            manager,
            &[
                "CREATE INDEX webhook_delivery_to_repeat ON webhook_delivery (webhook_id, id) WHERE repeat = 1",
                // It held every delivery for the sake of these, and not in their order.
                "DROP INDEX webhook_delivery_by_repeat_webhook_id",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(
            manager,
            "webhook_delivery",
            &["repeat", "webhook_id"],
            false,
        )
        .await?;
        execute(
            manager,
            &[
                "DROP INDEX webhook_delivery_to_repeat",
                "DROP INDEX websub_subscription_by_lease_until",
                "DROP INDEX websub_subscription_by_topic_failures_id",
            ],
        )
        .await
    }
}
