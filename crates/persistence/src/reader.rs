//! Reading: for one audience, at one instant.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use masthead_domain::{
    article::Article,
    audience::{Admitted, Audience},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend};

use crate::{
    PersistenceError,
    database::Observe,
    row::Row,
    snapshot::{Snapshot, sqlite_rows},
    sqlite_readers::SqliteReaders,
    statement::Sql,
};

/// Reads the archive for one audience at one instant: no read is made without both.
#[derive(Clone, Debug)]
pub struct Reader<'transaction> {
    source: Source<'transaction>,
    pub(crate) audience: Audience,
    now: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) enum Source<'transaction> {
    /// Any connection of the pool.
    Pool(DatabaseConnection),
    /// Any connection that reads a SQLite file.
    Sqlite(SqliteReaders, Option<Observe>),
    /// The archive as it was at one moment.
    Snapshot(Arc<Snapshot>),
    /// Inside a transaction: what it has written is seen.
    Transaction(&'transaction DatabaseTransaction),
}

impl<'transaction> Reader<'transaction> {
    pub(crate) fn new(
        source: Source<'transaction>,
        audience: Audience,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            source,
            audience,
            now,
        }
    }

    /// The instant at which the archive is read.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// For whom it is read.
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// Whether it reads what is wanted beside articles with them: so it does in a snapshot of PostgreSQL's.
    pub fn reads_beside(&self) -> bool {
        matches!(&self.source, Source::Snapshot(snapshot) if snapshot.backend() == DbBackend::Postgres)
    }

    /// Whether it reads for the newsroom, which may know everything.
    pub(crate) fn is_newsroom(&self) -> bool {
        self.audience == Audience::Newsroom
    }

    pub(crate) fn sql(&self, text: &str) -> Sql {
        Sql::new(self.backend(), text)
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match &self.source {
            Source::Pool(pool) => pool.get_database_backend(),
            Source::Sqlite(..) => DbBackend::Sqlite,
            Source::Snapshot(snapshot) => snapshot.backend(),
            Source::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    pub(crate) async fn all(&self, sql: Sql) -> Result<Vec<Row>, PersistenceError> {
        let rows = match &self.source {
            Source::Sqlite(readers, observe) => {
                return sqlite_rows(&readers.lend()?, sql, observe.as_ref());
            }
            Source::Snapshot(snapshot) => return snapshot.rows(sql).await,
            // Boxed: these futures take hundreds of kilobytes, which every caller's would then take as well.
            Source::Pool(pool) => pool.query_all_raw(sql.statement()).boxed().await?,
            Source::Transaction(transaction) => {
                transaction.query_all_raw(sql.statement()).boxed().await?
            }
        };
        Ok(rows.into_iter().map(Row::Orm).collect())
    }

    /// The first row of a statement that has one at most.
    pub(crate) async fn one(&self, sql: Sql) -> Result<Option<Row>, PersistenceError> {
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// The article, if this reader's audience may see it: the second lock beside the condition in SQL.
    pub(crate) fn admit(&self, article: Article) -> Option<Admitted<Article>> {
        self.audience.admit(article, self.now)
    }

    /// Appends the condition that this reader's audience may see an article, whose identity stands in `id`.
    /// Both columns are those of `table`.
    pub(crate) fn visible(&self, sql: &mut Sql, table: &str, id: &str) {
        match self.audience {
            Audience::Public | Audience::Partner { embargo: false } => {
                self.published(sql, table);
            }
            Audience::Partner { embargo: true } => {
                sql.text(table).text(".visible_from IS NOT NULL");
            }
            Audience::Newsroom => {
                sql.text("TRUE");
            }
            Audience::Preview(shown) => {
                sql.text("(");
                self.published(sql, table);
                sql.text(&format!(" OR {table}.{id} = "))
                    .value(shown.number())
                    .text(")");
            }
        }
    }

    /// Appends the condition that an article is published: lists hold what is, whoever reads them.
    pub(crate) fn published(&self, sql: &mut Sql, table: &str) {
        sql.text(table)
            .text(".visible_from <= ")
            .value(self.now.timestamp_millis());
    }
}
