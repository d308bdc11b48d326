//! Webhooks, each with its own place in the change log, and what was delivered to them.

use sea_orm_migration::prelude::*;

use super::{
    IN_ONE_TRANSACTION, drop_tables, identity, index, number, optional_number, optional_text,
    reference, text,
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
                    .table(Alias::new("webhook"))
                    .col(identity("id"))
                    // Empty for the magazine's own.
                    .col(optional_number("partner_id"))
                    .col(text("url"))
                    .col(optional_text("label"))
                    .col(text("status"))
                    // Those of the token that saved it; the partner's where it is empty.
                    .col(optional_text("scopes"))
                    // Needed whole to sign with, so it cannot be a digest.
                    .col(text("secret"))
                    .col(optional_text("former_secret"))
                    .col(optional_number("former_secret_until"))
                    // The place in the log: all up to it has been acknowledged, or is not for this webhook.
                    .col(number("stream"))
                    .col(number("number"))
                    .col(number("began_at"))
                    .col(optional_number("sections"))
                    // 1 where the receiver has still to be told to start again, at that place.
                    .col(number("start_again"))
                    .col(optional_number("acknowledged_at"))
                    .col(number("failures"))
                    .col(optional_number("failing_since"))
                    .col(number("next_attempt_at"))
                    .col(optional_number("parked_at"))
                    .col(optional_text("parked_reason"))
                    // Which node delivers to it, and until when no other does.
                    .col(number("holder"))
                    .col(number("held_until"))
                    .col(number("created_at"))
                    .col(optional_text("created_by"))
                    .foreign_key(&mut reference(
                        ("webhook", "partner_id"),
                        ("partner", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "webhook", &["partner_id", "id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("webhook_delivery"))
                    .col(identity("id"))
                    .col(number("webhook_id"))
                    // The change, and the position before it, from which it is read again.
                    .col(number("stream"))
                    .col(number("number"))
                    .col(text("message"))
                    .col(text("event"))
                    .col(optional_number("node_kind"))
                    .col(optional_number("node_id"))
                    .col(number("attempts"))
                    .col(number("first_attempt_at"))
                    .col(number("last_attempt_at"))
                    .col(optional_number("response_status"))
                    .col(optional_text("failure"))
                    .col(optional_number("acknowledged_at"))
                    // 1 while it is to be delivered once more, whatever the place of the webhook.
                    .col(number("repeat"))
                    .foreign_key(&mut reference(
                        ("webhook_delivery", "webhook_id"),
                        ("webhook", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "webhook_delivery", &["message"], true).await?;
        index(manager, "webhook_delivery", &["webhook_id", "id"], false).await?;
        // To whom the withdrawal of an article was delivered.
        index(
            manager,
            "webhook_delivery",
            &["node_id", "webhook_id"],
            false,
        )
        .await?;
        index(
            manager,
            "webhook_delivery",
            &["repeat", "webhook_id"],
            false,
        )
        .await?;
        index(manager, "webhook_delivery", &["last_attempt_at"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["webhook_delivery", "webhook"]).await
    }
}
