//! A database that is open: what reads it and what writes to it, and bringing its schema up to date.
//!
//! `opening`: how it comes to be open; `observing`: who is told of its statements.

mod observing;
mod opening;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use masthead_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use sqlx::PgPool;

use crate::{
    Changed, PersistenceError, Reader, Snapshot, Transaction, postgres_readers::PostgresReaders,
    reader::Source, sqlite_readers::SqliteReaders,
};

pub(crate) use observing::Observe;
pub use observing::ObservedStatement;
pub use opening::DatabaseSettings;
pub(crate) use opening::{
    READ_ALONG_INDEXES, address_error, is_in_memory, open_error, try_connection,
};

/// A database that is open. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Database {
    /// Connections for reads that belong to no snapshot, and on PostgreSQL for those in transactions.
    readers: DatabaseConnection,
    /// What reads a SQLite file; none of a database in memory, and none of PostgreSQL.
    sqlite: Option<SqliteReaders>,
    /// On SQLite the one connection that writes; on PostgreSQL a pool of its own.
    writer: DatabaseConnection,
    postgres: Option<Postgres>,
    committed: Committed,
    observe: Option<Observe>,
}

/// What reads PostgreSQL beside transactions.
#[derive(Clone, Debug)]
struct Postgres {
    /// Connections on which requests read without a transaction.
    readers: PostgresReaders,
    /// The one connection on which the change log is followed.
    follower: PgPool,
    /// The one connection that waits to be told of commits.
    listener: PgPool,
}

/// How many writes this process has committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Committed(Arc<CommittedWrites>);

#[derive(Debug, Default)]
struct CommittedWrites {
    count: AtomicU64,
    told: tokio::sync::Notify,
}

impl Committed {
    pub(crate) fn count(&self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        self.0.told.notify_one();
    }
}

/// How many connections there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Those that are open.
    pub open: u32,
    /// Those that are open and idle.
    pub idle: usize,
}

impl Database {
    /// Brings the schema up to date; answers how many steps were taken.
    ///
    /// Where another process does the same at the same time, one of the two is refused a step and looks
    /// again: the other has taken it.
    ///
    /// # Errors
    /// When a step fails again and again.
    pub async fn migrate(&self) -> Result<usize, PersistenceError> {
        const ATTEMPTS: usize = 50;
        let mut attempt = 1;
        loop {
            match self.take_pending_steps().await {
                Ok(taken) => return Ok(taken),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, attempt, "a step was refused, which another process may be taking");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            attempt += 1;
        }
    }

    async fn take_pending_steps(&self) -> Result<usize, PersistenceError> {
        let pending = Migrator::get_pending_migrations(&self.writer).await?.len();
        if pending > 0 {
            Migrator::up(&self.writer, None).await?;
        }
        Ok(pending)
    }

    /// How many steps the schema lacks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_migrations(&self) -> Result<usize, PersistenceError> {
        Ok(Migrator::get_pending_migrations(&self.readers).await?.len())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), PersistenceError> {
        Ok(self.readers.ping().await?)
    }

    /// A reader for this audience, at the clock's present instant.
    pub fn reader(&self, audience: Audience, clock: &Clock) -> Reader<'static> {
        let source = match &self.sqlite {
            Some(readers) => Source::Sqlite(readers.clone(), self.observe.clone()),
            None => Source::Pool(self.readers.clone()),
        };
        Reader::new(source, audience, clock.now())
    }

    /// The archive as it will be at the first read in it, for as many reads as it takes.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        let observe = self.observe.clone();
        Arc::new(match &self.sqlite {
            Some(readers) => Snapshot::of_sqlite(readers.clone(), observe),
            None if self.readers.get_database_backend() == DbBackend::Postgres => {
                let pool = self.readers.get_postgres_connection_pool().clone();
                Snapshot::of_postgres(pool, observe)
            }
            None => Snapshot::of_memory(self.readers.clone()),
        })
    }

    /// The same, for following the change log: on PostgreSQL on a connection that is kept for it, so there may be one at a
    /// time. Those who read wait for the follower while they hold theirs, and it must not wait for one of them.
    pub fn following_snapshot(&self) -> Arc<Snapshot> {
        match &self.postgres {
            Some(Postgres { follower, .. }) => {
                let observe = self.observe.clone();
                Arc::new(Snapshot::of_postgres(follower.clone(), observe))
            }
            None => self.snapshot(),
        }
    }

    /// The archive as it will be at the first read in it, for as long as it stays so, and what tells whether it has:
    /// then reads fail, and whoever reads begins anew, in a [`Database::snapshot`]. It takes two round trips fewer.
    ///
    /// None where a snapshot costs nothing.
    pub fn light_snapshot(&self) -> Option<(Arc<Snapshot>, Changed)> {
        let readers = self.postgres.as_ref()?.readers.clone();
        let changed = Changed::default();
        let snapshot = Snapshot::light(readers, changed.clone(), self.observe.clone());
        Some((Arc::new(snapshot), changed))
    }

    /// How many writes this process has committed. One is counted before it is acknowledged to whoever made it.
    pub fn committed(&self) -> u64 {
        self.committed.0.count.load(Ordering::SeqCst)
    }

    /// Waits until this process commits a write, or has since somebody last waited. Of several who wait one is told.
    pub async fn next_commit(&self) {
        self.committed.0.told.notified().await;
    }

    /// Begins a write.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write(
        &self,
        clock: &Clock,
        author: Author,
    ) -> Result<Transaction, PersistenceError> {
        Transaction::begin(&self.writer, self.committed.clone(), clock, author).await
    }

    /// Sees to it that the change log says what the clock has published by now; answers whether anything
    /// was missing. Any node may do so, any number of times: it is written once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_publications(&self, clock: &Clock) -> Result<bool, PersistenceError> {
        let is_due = {
            let reader = self
                .following_snapshot()
                .reader(Audience::Newsroom, clock.now());
            let next = reader.next_publication().await?;
            next.is_some_and(|at| at <= reader.now())
        };
        if is_due {
            self.write(clock, Author::Operator).await?.commit().await?;
        }
        Ok(is_due)
    }

    pub(crate) fn readers(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Where to wait to be told of commits; nowhere on SQLite, which does not tell.
    pub(crate) fn listener(&self) -> Option<&PgPool> {
        Some(&self.postgres.as_ref()?.listener)
    }

    /// Which database it is, by name.
    pub fn kind(&self) -> &'static str {
        match self.readers.get_database_backend() {
            DbBackend::Postgres => "PostgreSQL",
            _ => "SQLite",
        }
    }

    /// How many connections are open and idle.
    pub fn pool_figures(&self) -> PoolFigures {
        if let Some(readers) = &self.sqlite {
            let (open, idle) = readers.figures();
            return PoolFigures { open, idle };
        }
        let (open, idle) = if let Some(postgres) = &self.postgres {
            let pool = self.readers.get_postgres_connection_pool();
            let (open, idle) = postgres.readers.figures();
            (pool.size() + open, pool.num_idle() + idle)
        } else {
            let pool = self.readers.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        };
        PoolFigures { open, idle }
    }

    /// Closes all connections, after what runs on them has ended.
    ///
    /// # Errors
    /// When the database does not let go.
    pub async fn close(self) -> Result<(), PersistenceError> {
        if let Some(readers) = &self.sqlite {
            readers.close();
        }
        if let Some(postgres) = &self.postgres {
            postgres.readers.close();
        }
        self.readers.close().await?;
        Ok(self.writer.close().await?)
    }
}

/// Begins a transaction in a task of its own, so that it is begun whether or not someone still waits for it.
///
/// A `BEGIN` that is given up on its way leaves its connection in a transaction of which sqlx knows nothing (0.9.0; issue
/// 4393 of its repository): whoever is lent the connection next would read in that, what was there then.
pub(crate) async fn begun<Begun: Send + 'static, Failed: From<DbErr> + Send + 'static>(
    begin: impl Future<Output = Result<Begun, Failed>> + Send + 'static,
) -> Result<Begun, Failed> {
    let begun = tokio::spawn(begin).await;
    begun.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string()).into()))
}
