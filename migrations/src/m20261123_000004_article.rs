//! Articles, with what hangs on them.
//!
//! `visible_from` is the instant from which everyone may see an article, and empty for those that nobody
//! outside the newsroom may ever see as they are (drafts, withdrawn ones). The lists by contributor and by
//! topic keep a copy of it, so that each is one walk along one index.

use sea_orm_migration::prelude::*;

use super::{
    IN_ONE_TRANSACTION, drop_tables, identity, index, number, optional_number, optional_text,
    reference, slug, text,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        article(manager).await?;
        body(manager).await?;
        slugs(manager).await?;
        filed_under(manager, "article_byline", "contributor_id", "contributor").await?;
        filed_under(manager, "article_topic", "topic_id", "topic").await?;
        corrections(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "article_correction",
                "article_topic",
                "article_byline",
                "article_slug",
                "article_body",
                "article",
            ],
        )
        .await
    }
}

async fn article(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Alias::new("article"))
                .col(identity("id"))
                .col(slug(manager, "slug"))
                .col(text("headline"))
                // The headline as it is compared: an import knows an article of a list by it.
                .col(text("headline_key"))
                .col(optional_text("kicker"))
                .col(optional_text("standfirst"))
                .col(optional_text("dateline"))
                .col(optional_number("section_id"))
                .col(optional_number("magazine_issue_id"))
                .col(text("language"))
                .col(optional_text("lead_image"))
                .col(optional_number("published_at"))
                .col(text("published_at_precision"))
                .col(optional_number("published_earliest"))
                .col(optional_number("published_latest"))
                .col(optional_number("withdrawn_at"))
                .col(optional_number("visible_from"))
                .col(number("modified_at"))
                .col(number("revision"))
                .col(number("word_count"))
                .foreign_key(&mut reference(
                    ("article", "section_id"),
                    ("section", "id"),
                    ForeignKeyAction::Restrict,
                ))
                .foreign_key(&mut reference(
                    ("article", "magazine_issue_id"),
                    ("magazine_issue", "id"),
                    ForeignKeyAction::Restrict,
                ))
                .take(),
        )
        .await?;
    index(manager, "article", &["slug"], true).await?;
    index(manager, "article", &["headline_key"], false).await?;
    index(manager, "article", &["visible_from", "id"], false).await?;
    index(manager, "article", &["modified_at", "id"], false).await?;
    for parent in ["section_id", "magazine_issue_id", "language"] {
        index(manager, "article", &[parent, "visible_from", "id"], false).await?;
    }
    Ok(())
}

/// The body stands apart: no list of headlines reads it.
async fn body(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Alias::new("article_body"))
                .col(identity("article_id"))
                .col(text("blocks"))
                .foreign_key(&mut reference(
                    ("article_body", "article_id"),
                    ("article", "id"),
                    ForeignKeyAction::Cascade,
                ))
                .take(),
        )
        .await
}

/// Every slug that an article has or once had.
async fn slugs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Alias::new("article_slug"))
                .col(slug(manager, "slug").primary_key())
                .col(number("article_id"))
                .foreign_key(&mut reference(
                    ("article_slug", "article_id"),
                    ("article", "id"),
                    ForeignKeyAction::Cascade,
                ))
                .take(),
        )
        .await?;
    index(manager, "article_slug", &["article_id"], false).await
}

/// A table of what articles are filed under, in order, each row with the article's place in the list.
async fn filed_under(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Alias::new(table))
                .col(number("article_id"))
                .col(number("position"))
                .col(number(column))
                .col(optional_number("visible_from"))
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
                    (table, column),
                    (target, "id"),
                    ForeignKeyAction::Restrict,
                ))
                .take(),
        )
        .await?;
    index(
        manager,
        table,
        &[column, "visible_from", "article_id"],
        true,
    )
    .await
}

async fn corrections(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Alias::new("article_correction"))
                .col(number("article_id"))
                .col(number("position"))
                .col(number("at"))
                .col(text("text"))
                .primary_key(
                    Index::create()
                        .col(Alias::new("article_id"))
                        .col(Alias::new("position")),
                )
                .foreign_key(&mut reference(
                    ("article_correction", "article_id"),
                    ("article", "id"),
                    ForeignKeyAction::Cascade,
                ))
                .take(),
        )
        .await
}
