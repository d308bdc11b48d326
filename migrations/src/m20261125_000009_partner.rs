//! Partners, the sections that they are told of, and the tokens that were made for them here; where articles stood
//! before, so that a partner is told that one has left its sections.

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
                    .table(Alias::new("partner"))
                    .col(identity("id"))
                    .col(text("name"))
                    .col(text("status"))
                    // With a space between them, as tokens name them.
                    .col(text("scopes"))
                    .col(optional_number("requests_per_minute"))
                    // 1 where it is told of the sections in partner_section alone: none of them is not all of them.
                    .col(number("restricted"))
                    .col(number("modified_at"))
                    .col(optional_text("modified_by"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("partner_section"))
                    .col(number("partner_id"))
                    .col(number("section_id"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("partner_id"))
                            .col(Alias::new("section_id")),
                    )
                    .foreign_key(&mut reference(
                        ("partner_section", "partner_id"),
                        ("partner", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .foreign_key(&mut reference(
                        ("partner_section", "section_id"),
                        ("section", "id"),
                        ForeignKeyAction::Restrict,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "partner_section", &["section_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("partner_token"))
                    .col(identity("id"))
                    .col(number("partner_id"))
                    // Never the token itself: whoever reads the database cannot use it.
                    .col(text("digest"))
                    .col(optional_text("label"))
                    // Those that it carries; all of the partner's where it is empty.
                    .col(optional_text("scopes"))
                    .col(number("created_at"))
                    .col(optional_text("created_by"))
                    .col(number("expires_at"))
                    .col(optional_number("revoked_at"))
                    .foreign_key(&mut reference(
                        ("partner_token", "partner_id"),
                        ("partner", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "partner_token", &["digest"], true).await?;
        index(manager, "partner_token", &["partner_id", "id"], false).await?;
        index(manager, "partner_token", &["expires_at"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("article_former_section"))
                    .col(number("article_id"))
                    .col(number("section_id"))
                    // When it last left the section, or was last taken down in it.
                    .col(number("left_at"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("article_id"))
                            .col(Alias::new("section_id")),
                    )
                    .foreign_key(&mut reference(
                        ("article_former_section", "article_id"),
                        ("article", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .foreign_key(&mut reference(
                        ("article_former_section", "section_id"),
                        ("section", "id"),
                        ForeignKeyAction::Restrict,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "article_former_section", &["section_id"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "article_former_section",
                "partner_token",
                "partner_section",
                "partner",
            ],
        )
        .await
    }
}
