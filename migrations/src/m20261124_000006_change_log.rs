//! The change log: what changed, in the order in which it was saved, for each kind of reader by itself.
//!
//! `change_stream` holds the number last given out, since the log may lose its newest rows when it is pruned,
//! and the number through which it has been. `publication_due` holds the articles that the clock has still to
//! publish: what the log says of that instant is written when it has come.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use super::{
    IN_ONE_TRANSACTION, drop_tables, execute, identity, index, number, optional_text, reference,
    text,
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
                    .table(Alias::new("change"))
                    .col(number("stream"))
                    .col(number("number"))
                    .col(number("at"))
                    .col(text("kind"))
                    .col(number("node_kind"))
                    .col(number("node_id"))
                    .col(optional_text("reason"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("stream"))
                            .col(Alias::new("number")),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("change_stream"))
                    .col(identity("stream"))
                    .col(number("last_number"))
                    .col(number("pruned_through"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Alias::new("publication_due"))
                    .col(identity("article_id"))
                    .col(number("at"))
                    .foreign_key(&mut reference(
                        ("publication_due", "article_id"),
                        ("article", "id"),
                        ForeignKeyAction::Cascade,
                    ))
                    .take(),
            )
            .await?;
        index(manager, "publication_due", &["at", "article_id"], false).await?;
        fill(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["publication_due", "change_stream", "change"]).await
    }
}

/// What was saved before there was a log, as if it had been saved in the order of identities.
async fn fill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let now = match manager.get_database_backend() {
        DbBackend::Postgres => "(EXTRACT(EPOCH FROM now()) * 1000)::int8",
        _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    };
    // The letters of node identities, and the rows that each stream (1 public, 2 embargo, 3 newsroom) knows.
    // An identity holds the milliseconds since 2020 at which it was made, above 22 random bits.
    let made = "id / 4194304 + 1577836800000";
    let everything = format!(
        "SELECT 1 AS rank, id, 80 AS letter, {now} AS at FROM publication \
         UNION ALL SELECT 2, id, 83, {made} FROM section UNION ALL SELECT 3, id, 67, {made} FROM contributor \
         UNION ALL SELECT 4, id, 84, {made} FROM topic UNION ALL SELECT 5, id, 86, {made} FROM magazine_volume \
         UNION ALL SELECT 6, id, 73, {made} FROM magazine_issue"
    );
    let mut statements = Vec::new();
    for (stream, seen) in [
        (1, format!("visible_from <= {now}")),
        (2, "visible_from IS NOT NULL".to_owned()),
        (3, "TRUE".to_owned()),
    ] {
        statements.push(format!(
            "INSERT INTO change (stream, number, at, kind, node_kind, node_id) \
             SELECT {stream}, ROW_NUMBER() OVER (ORDER BY rank, id), at, 'UPSERTED', letter, id FROM ({everything} \
             UNION ALL SELECT 7, id, 65, modified_at FROM article WHERE {seen}) AS known"
        ));
        statements.push(format!(
            "INSERT INTO change_stream (stream, last_number, pruned_through) \
             SELECT {stream}, COUNT(*), 0 FROM change WHERE stream = {stream}"
        ));
    }
    statements.push(format!(
        "INSERT INTO publication_due (article_id, at) SELECT id, visible_from FROM article WHERE visible_from > {now}"
    ));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    execute(manager, &statements).await
}
