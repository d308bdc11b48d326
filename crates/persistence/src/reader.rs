//! Reading: for one audience, at one instant.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use masthead_domain::{
    article::Article,
    audience::{Admitted, Audience},
    partner::AllowedSections,
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
    pub const fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Whether it reads what is wanted beside articles with them: so it does in a snapshot of PostgreSQL's.
    pub fn reads_beside(&self) -> bool {
        matches!(&self.source, Source::Snapshot(snapshot) if snapshot.backend() == DbBackend::Postgres)
    }

    /// Whether it reads for the newsroom, which may know everything.
    pub(crate) fn is_newsroom(&self) -> bool {
        matches!(self.audience, Audience::Newsroom)
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
        match &self.audience {
            Audience::Public(_) | Audience::Partner { embargo: false, .. } => {
                self.published(sql, table, id);
            }
            Audience::Partner { embargo: true, .. } => {
                sql.text(table).text(".visible_from IS NOT NULL");
                self.allowed(sql, table, id);
            }
            Audience::Newsroom => {
                sql.text("TRUE");
            }
            Audience::Preview(shown, _) => {
                sql.text("(");
                self.published(sql, table, id);
                sql.text(&format!(" OR {table}.{id} = "))
                    .value(shown.number())
                    .text(")");
            }
        }
    }

    /// Appends the condition that an article is published, and one of those that this reader's audience is told of:
    /// lists hold what is published, whoever reads them.
    pub(crate) fn published(&self, sql: &mut Sql, table: &str, id: &str) {
        sql.text(table)
            .text(".visible_from <= ")
            .value(self.now.timestamp_millis());
        self.allowed(sql, table, id);
    }

    /// Appends, after other conditions, the condition that an article stands in one of the sections that this reader's
    /// audience is told of; nothing where it is told of all. The identity of the article stands in `id` of `table`.
    pub(crate) fn allowed(&self, sql: &mut Sql, table: &str, id: &str) {
        if let Some(sections) = self.audience.sections() {
            within(sql, sections, table, id);
        }
    }
}

/// Appends, after other conditions, the condition that an article stands in one of these sections.
///
/// It is written so that neither database can walk along it: a list is walked along in its own order, and this leaves
/// out what is not for its reader. The table of articles has their identity in `id`, any other has it elsewhere.
pub(crate) fn within(sql: &mut Sql, sections: &AllowedSections, table: &str, id: &str) {
    let section = if id == "id" {
        format!("{table}.section_id + 0")
    } else {
        format!("(SELECT told.section_id FROM article AS told WHERE told.id = {table}.{id})")
    };
    sql.text(" AND ").among(
        &section,
        sections.all().iter().map(|section| section.number()),
    );
}
