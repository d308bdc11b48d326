//! What a newsroom needs of articles: revisions, the reason of a withdrawal, articles chosen to stand beside
//! one, slugs that the public may know, and lists of what is not published.

use sea_orm_migration::prelude::*;

use super::{
    IN_ONE_TRANSACTION, drop_tables, execute, index, number, optional_number, optional_text,
    reference,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in [
            ("article", optional_text("withdrawal_reason")),
            // Since when everyone may know that the article has or had this slug; empty for one that it
            // only bore while nobody could see it.
            ("article_slug", optional_number("known_from")),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table(Alias::new(table))
                        .add_column(&mut column)
                        .take(),
                )
                .await?;
        }
        execute(
            manager,
            &[
                "UPDATE article SET withdrawal_reason = '' WHERE withdrawn_at IS NOT NULL",
                "UPDATE article_slug SET known_from = (SELECT article.published_at FROM article WHERE article.id = article_slug.article_id)",
                // Few articles are not published: the newsroom's lists of them walk along indexes of those alone.
                "CREATE INDEX article_drafts ON article (id) WHERE published_at IS NULL",
                "CREATE INDEX article_withdrawn ON article (published_at, id) WHERE withdrawn_at IS NOT NULL",
                "CREATE INDEX article_hidden_by_modified_at_id ON article (modified_at, id) WHERE visible_from IS NULL",
            ],
        )
        .await?;
        related(manager).await?;
        revisions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["article_revision", "article_related"]).await?;
        execute(
            manager,
            &[
                "DROP INDEX article_hidden_by_modified_at_id",
                "DROP INDEX article_withdrawn",
                "DROP INDEX article_drafts",
                "ALTER TABLE article_slug DROP COLUMN known_from",
                "ALTER TABLE article DROP COLUMN withdrawal_reason",
            ],
        )
        .await
    }
}

/// The articles that an editor has chosen to stand beside one, in order.
async fn related(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "article_related";
    manager
        .create_table(
            Table::create()
                .table(Alias::new(table))
                .col(number("article_id"))
                .col(number("position"))
                .col(number("related_id"))
                .primary_key(
                    Index::create()
                        .col(Alias::new("article_id"))
                        .col(Alias::new("position")),
                )
                .foreign_key(&mut reference(
                    (table, "article_id"),
                    ("article", "id"),
                    ForeignKeyAction::Cascade,
                ))
                .foreign_key(&mut reference(
                    (table, "related_id"),
                    ("article", "id"),
                    ForeignKeyAction::Cascade,
                ))
                .take(),
        )
        .await?;
    index(manager, table, &["related_id", "article_id"], true).await
}

/// Every save of an article. What it said is kept here once another save has come; what it says now stands in
/// its own tables.
async fn revisions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "article_revision";
    manager
        .create_table(
            Table::create()
                .table(Alias::new(table))
                .col(number("article_id"))
                .col(number("number"))
                .col(number("at"))
                .col(optional_text("author"))
                .col(optional_text("purpose"))
                .col(optional_text("story"))
                .primary_key(
                    Index::create()
                        .col(Alias::new("article_id"))
                        .col(Alias::new("number")),
                )
                .foreign_key(&mut reference(
                    (table, "article_id"),
                    ("article", "id"),
                    ForeignKeyAction::Cascade,
                ))
                .take(),
        )
        .await
}
