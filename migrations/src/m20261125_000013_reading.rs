//! How far partners have read, and which of them a withdrawal has reached.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, drop_tables, execute, index, number, reference, text};

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
                    .table(Alias::new("reading"))
                    .col(number("partner_id"))
                    // What was read: the path.
                    .col(text("place"))
                    // The change log's stream, and the number in it through which the partner has been told.
                    .col(number("stream"))
                    .col(number("through"))
                    // When it last read.
                    .col(number("at"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("partner_id"))
                            .col(Alias::new("place"))
                            .col(Alias::new("stream")),
                    )
                    .foreign_key(&mut reference(
                        ("reading", "partner_id"),
                        ("partner", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("withdrawal_receipt"))
                    .col(number("article_id"))
                    // Which withdrawal of it: it may be published again, and taken down again.
                    .col(number("withdrawn_at"))
                    .col(number("partner_id"))
                    .col(text("place"))
                    // When the partner's reading came to it.
                    .col(number("at"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("article_id"))
                            .col(Alias::new("withdrawn_at"))
                            .col(Alias::new("partner_id"))
                            .col(Alias::new("place")),
                    )
                    .foreign_key(&mut reference(
                        ("withdrawal_receipt", "article_id"),
                        ("article", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .foreign_key(&mut reference(
                        ("withdrawal_receipt", "partner_id"),
                        ("partner", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "withdrawal_receipt", &["partner_id"], false).await?;
        // Few changes are withdrawals, and each reading asks for those that it has come past.
        execute(
            manager,
            &["CREATE INDEX change_of_withdrawals ON change (stream, number) WHERE reason IS NOT NULL"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &["DROP INDEX change_of_withdrawals"]).await?;
        drop_tables(manager, &["withdrawal_receipt", "reading"]).await
    }
}
