//! The printed magazine: volumes and issues.

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
                    .table(Alias::new("magazine_volume"))
                    .col(identity("id"))
                    .col(text("series"))
                    .col(number("number"))
                    .col(number("first_cover_date"))
                    .col(number("last_cover_date"))
                    .take(),
            )
            .await?;
        index(manager, "magazine_volume", &["series", "number"], true).await?;
        index(
            manager,
            "magazine_volume",
            &["last_cover_date", "id"],
            false,
        )
        .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("magazine_issue"))
                    .col(identity("id"))
                    .col(number("volume_id"))
                    // Its volume's number again, for lists of one volume number over all series.
                    .col(number("volume_number"))
                    .col(number("number"))
                    .col(optional_number("last_number"))
                    .col(number("cover_date"))
                    .col(optional_text("printed_bikram_sambat"))
                    .col(optional_text("publisher"))
                    .col(optional_text("editor"))
                    .col(optional_text("registration_number"))
                    .col(optional_text("cover"))
                    .foreign_key(&mut reference(
                        ("magazine_issue", "volume_id"),
                        ("magazine_volume", "id"),
                        ForeignKeyAction::Restrict,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "magazine_issue", &["volume_id", "number"], true).await?;
        index(manager, "magazine_issue", &["cover_date", "id"], false).await?;
        index(
            manager,
            "magazine_issue",
            &["volume_id", "cover_date", "id"],
            false,
        )
        .await?;
        index(
            manager,
            "magazine_issue",
            &["volume_number", "cover_date", "id"],
            false,
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["magazine_issue", "magazine_volume"]).await
    }
}
