//! How much each partner asks for, day by day.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, drop_tables, index, number, reference};

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
                    .table(Alias::new("partner_usage"))
                    .col(number("partner_id"))
                    // In UTC.
                    .col(number("day"))
                    .col(number("requests"))
                    // Those of them that came too often.
                    .col(number("refused"))
                    // Of what was sent, as it was sent: compressed where it was.
                    .col(number("bytes"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("partner_id"))
                            .col(Alias::new("day")),
                    )
                    .foreign_key(&mut reference(
                        ("partner_usage", "partner_id"),
                        ("partner", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "partner_usage", &["day", "partner_id"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["partner_usage"]).await
    }
}
