//! The database's schema, one step a file, the same on SQLite and PostgreSQL.
//!
//! Conventions, so that both databases order and compare alike:
//!
//! - identities, instants and days are 64-bit integers: instants are Unix milliseconds (UTC), days are
//!   counted from 1970-01-01;
//! - slugs are compared byte by byte (`COLLATE "C"` on PostgreSQL, the default on SQLite);
//! - structured values (a body's blocks, an image) are JSON in text columns, read whole;
//! - every list has an index that begins with its parent and goes on with what it is ordered by and the
//!   identity: reading a page never sorts.
//!
//! A step that has been released is never edited; a change expands the schema first and contracts it a
//! release later.

#![allow(
    elided_lifetimes_in_paths,
    reason = "the trait's signatures, as SeaORM has them"
)]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20261123_000001_publication;
mod m20261123_000002_classification;
mod m20261123_000003_magazine;
mod m20261123_000004_article;
mod m20261124_000005_newsroom;
mod m20261124_000006_change_log;
mod m20261124_000007_access;
mod m20261124_000008_purging;
mod m20261125_000009_partner;
mod m20261125_000010_webhook;
mod m20261125_000011_websub;
mod m20261125_000012_usage;
mod m20261125_000013_reading;
mod m20261125_000014_appearances;
mod m20261125_000015_latest_withdrawals;
mod m20261125_000016_subscribers;

/// All steps, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_publication::Migration),
            Box::new(m20261123_000002_classification::Migration),
            Box::new(m20261123_000003_magazine::Migration),
            Box::new(m20261123_000004_article::Migration),
            Box::new(m20261124_000005_newsroom::Migration),
            Box::new(m20261124_000006_change_log::Migration),
            Box::new(m20261124_000007_access::Migration),
            Box::new(m20261124_000008_purging::Migration),
            Box::new(m20261125_000009_partner::Migration),
            Box::new(m20261125_000010_webhook::Migration),
            Box::new(m20261125_000011_websub::Migration),
            Box::new(m20261125_000012_usage::Migration),
            Box::new(m20261125_000013_reading::Migration),
            Box::new(m20261125_000014_appearances::Migration),
            Box::new(m20261125_000015_latest_withdrawals::Migration),
            Box::new(m20261125_000016_subscribers::Migration),
        ]
    }
}

/// A step is taken whole or not at all, on SQLite too: a process that is killed in the middle leaves nothing
/// to trip over.
const IN_ONE_TRANSACTION: Option<bool> = Some(true);

/// A 64-bit integer column that must have a value.
fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .big_integer()
        .not_null()
        .take()
}

/// A 64-bit integer column that may be empty.
fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().null().take()
}

/// A text column that must have a value.
fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

/// A text column that may be empty.
fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().null().take()
}

/// The column that identifies a row.
fn identity(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .big_integer()
        .not_null()
        .primary_key()
        .take()
}

/// A slug, compared byte by byte on both databases.
fn slug(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = text(name);
    if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// A reference from one table's column to another table's column.
fn reference(
    from: (&'static str, &'static str),
    to: (&'static str, &'static str),
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(Alias::new(from.0), Alias::new(from.1))
        .to(Alias::new(to.0), Alias::new(to.1))
        .on_delete(on_delete)
        .take()
}

/// Creates an index named after its table and columns.
async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index
        .name(format!("{table}_by_{}", columns.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    if unique {
        index.unique();
    }
    manager.create_index(index.take()).await
}

/// Drops tables, the last created first.
async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(Alias::new(*table)).take())
            .await?;
    }
    Ok(())
}

/// Executes statements that both databases understand.
async fn execute(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
