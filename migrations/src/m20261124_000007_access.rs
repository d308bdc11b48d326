//! Tokens that have been revoked, links to previews, and requests that must not be carried out twice.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, drop_tables, index, number, optional_text, reference, text};

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
                    .table(Alias::new("revoked_token"))
                    // The token's `jti`, or the digest of a token that has none.
                    .col(text("id").primary_key())
                    // After which the token is no good anyway, and the row can go.
                    .col(number("expires_at"))
                    .take(),
            )
            .await?;
        index(manager, "revoked_token", &["expires_at"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("preview_token"))
                    // Never the token itself: whoever reads the database cannot use it.
                    .col(text("digest").primary_key())
                    .col(number("article_id"))
                    .col(number("expires_at"))
                    .foreign_key(&mut reference(
                        ("preview_token", "article_id"),
                        ("article", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "preview_token", &["expires_at"], false).await?;
        index(manager, "preview_token", &["article_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("idempotent_request"))
                    // Digests of who asked with which key, and of what they asked.
                    .col(text("id").primary_key())
                    .col(text("request"))
                    // What each write of it came to, by its place in the request; and the whole answer.
                    .col(optional_text("outcomes"))
                    .col(optional_text("answer"))
                    .col(number("expires_at"))
                    .take(),
            )
            .await?;
        index(manager, "idempotent_request", &["expires_at"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["idempotent_request", "preview_token", "revoked_token"],
        )
        .await
    }
}
