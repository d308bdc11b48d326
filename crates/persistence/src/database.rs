//! Opening a database, and bringing its schema up to date.

use std::{
    fmt,
    num::NonZero,
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use masthead_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector,
    Statement,
};
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Changed, PersistenceError, Reader, Snapshot, Transaction, postgres_readers::PostgresReaders,
    reader::Source, sqlite_readers::SqliteReaders,
};

/// How PostgreSQL's planner is told to read.
///
/// Every list is a walk along an index in the list's order, and every row beside it is found by its key. A bitmap of
/// the same index gives that order up: cheaper for the few rows that the planner expects of an average contributor,
/// ruinous for the agency that wrote half of the archive. Small tables are hashed whole, which takes longer than to
/// look up the ten rows that a page needs. And since there is one way to read, it need not be found anew for
/// each set of values. Workers beside would give rows in another order than they are read in. To remember rows that
/// were found by a key, in case that it comes again, takes longer than it saves: it hardly ever does. (PostgreSQL has
/// done so since version 14, and refuses a setting that it does not know.)
pub(crate) const READ_ALONG_INDEXES: &str = "SET enable_bitmapscan = off; SET enable_hashjoin = off; \
     SET enable_mergejoin = off; SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0; SET jit = off; \
     SET plan_cache_mode = force_generic_plan; \
     SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'enable_memoize'";

/// How many connections of PostgreSQL are kept for writing: one writes at a time, and the next waits for its
/// turn. Those that read hold theirs for a whole request, so a writer must not wait for one of them.
const WRITERS: u32 = 4;

/// How a database is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// `sqlite://file` (made if missing), `sqlite::memory:` or `postgres://user@host/name`.
    pub url: String,
    /// On how many connections requests read at a time; on SQLite, how many are kept open. Where nothing is said, 8 on
    /// SQLite, and on PostgreSQL one more than there are processors: with more, its processes push each other out of
    /// theirs, which costs more than it hides of a short way. On PostgreSQL up to as many more read in transactions, up to
    /// four write, one waits to be told of commits, and one follows the change log.
    pub connections: Option<u32>,
    /// How long a request waits for a connection before it fails.
    pub acquire_timeout: Duration,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: "sqlite://masthead.db".to_owned(),
            connections: None,
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

/// How many connections to a SQLite file are kept open where nothing is said.
const SQLITE_CONNECTIONS: u32 = 8;

/// On how many connections of PostgreSQL's requests read at a time where nothing is said.
fn postgres_connections() -> u32 {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    u32::try_from(processors)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

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

/// What is called with every statement that reads.
#[derive(Clone)]
pub(crate) struct Observe(Arc<dyn Fn(&ObservedStatement<'_>) + Send + Sync>);

impl Observe {
    pub(crate) fn tell(&self, statement: &Statement, elapsed: Duration) {
        (self.0)(&ObservedStatement { statement, elapsed });
    }
}

impl fmt::Debug for Observe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observe")
    }
}

/// A statement that has been made.
#[derive(Debug)]
pub struct ObservedStatement<'statement> {
    statement: &'statement Statement,
    /// How long it took.
    pub elapsed: Duration,
}

impl ObservedStatement<'_> {
    /// Its text, placeholders in place of values.
    pub fn text(&self) -> &str {
        &self.statement.sql
    }

    /// Its text with its values written out, to have a database explain it. Never for a log.
    pub fn with_values(&self) -> String {
        self.statement.to_string()
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
    /// Opens a database. A SQLite file is made if it is missing; the schema is not touched.
    ///
    /// # Errors
    /// When the address is of no known kind, or nothing answers there.
    pub async fn open(settings: &DatabaseSettings) -> Result<Self, PersistenceError> {
        let scheme = settings.url.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => Self::open_sqlite(settings).await,
            "postgres" | "postgresql" => Self::open_postgres(settings).await,
            _ => Err(address_error(&settings.url)),
        }
    }

    async fn open_sqlite(settings: &DatabaseSettings) -> Result<Self, PersistenceError> {
        let options = SqliteConnectOptions::from_str(&settings.url)
            .map_err(|_| address_error(&settings.url))?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With a write-ahead log, FULL is what keeps an acknowledged write through a loss of power.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let in_memory = is_in_memory(&settings.url);
        let pool = |connections: u32| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(settings.acquire_timeout)
                .test_before_acquire(false)
                // A database in memory lives as long as its one connection.
                .min_connections(u32::from(in_memory))
                .idle_timeout(None)
                .max_lifetime(None)
        };
        // SQLite lets one connection write at a time. One that is kept for writing never meets a lock.
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(open_error)?;
        let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
        if in_memory {
            return Ok(Self::of(writer.clone(), None, writer));
        }
        let connections = settings.connections.unwrap_or(SQLITE_CONNECTIONS).max(1);
        let file = options.get_filename().to_owned();
        let readers = pool(connections)
            .connect_with(options)
            .await
            .map_err(open_error)?;
        Ok(Self::of(
            SqlxSqliteConnector::from_sqlx_sqlite_pool(readers),
            Some(SqliteReaders::new(
                file,
                usize::try_from(connections).unwrap_or(usize::MAX),
            )),
            writer,
        ))
    }

    async fn open_postgres(settings: &DatabaseSettings) -> Result<Self, PersistenceError> {
        let options = PgConnectOptions::from_str(&settings.url)
            .map_err(|_| address_error(&settings.url))?
            .application_name("masthead")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        try_connection(&options).await?;
        let writer = PgPoolOptions::new()
            .max_connections(WRITERS)
            .acquire_timeout(settings.acquire_timeout)
            .connect_lazy_with(options.clone());
        let reading = |connections| {
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(settings.acquire_timeout)
                .test_before_acquire(false)
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        sqlx::raw_sql(READ_ALONG_INDEXES)
                            .execute(connection)
                            .await?;
                        Ok(())
                    })
                })
        };
        let connections = settings.connections.unwrap_or_else(postgres_connections);
        let connections = connections.max(1);
        let patience = settings.acquire_timeout;
        let postgres = Postgres {
            readers: PostgresReaders::new(options.clone(), connections, patience)?,
            follower: reading(1).connect_lazy_with(options.clone()),
            listener: reading(1).connect_lazy_with(options.clone()),
        };
        let readers = reading(connections)
            .connect_with(options)
            .await
            .map_err(open_error)?;
        let database = Self::of(
            SqlxPostgresConnector::from_sqlx_postgres_pool(readers),
            None,
            SqlxPostgresConnector::from_sqlx_postgres_pool(writer),
        );
        Ok(Self {
            postgres: Some(postgres),
            ..database
        })
    }

    fn of(
        readers: DatabaseConnection,
        sqlite: Option<SqliteReaders>,
        writer: DatabaseConnection,
    ) -> Self {
        Self {
            readers,
            sqlite,
            writer,
            postgres: None,
            committed: Committed::default(),
            observe: None,
        }
    }

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

    /// Calls `observe` with every statement that reads, for figures and tests.
    #[must_use]
    pub fn observed(
        mut self,
        observe: impl Fn(&ObservedStatement<'_>) + Send + Sync + 'static,
    ) -> Self {
        let observe = Observe(Arc::new(observe));
        self.observe = Some(observe.clone());
        self.readers.set_metric_callback(move |info| {
            observe.tell(info.statement, info.elapsed);
        });
        self
    }

    /// Calls `observe` with every statement that is made in a write, for tests.
    #[must_use]
    pub fn observed_writing(
        mut self,
        observe: impl Fn(&ObservedStatement<'_>) + Send + Sync + 'static,
    ) -> Self {
        let observe = Observe(Arc::new(observe));
        self.writer.set_metric_callback(move |info| {
            observe.tell(info.statement, info.elapsed);
        });
        self
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

/// Makes one connection before there is a pool, which only tells that it has waited in vain, not why.
pub(crate) async fn try_connection(options: &PgConnectOptions) -> Result<(), PersistenceError> {
    let connection = options.connect().await.map_err(open_error)?;
    connection.close().await.map_err(open_error)
}

pub(crate) fn open_error(error: sqlx::Error) -> PersistenceError {
    PersistenceError::Open(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

/// Whether a SQLite address names a database that lives as long as its one connection.
pub(crate) fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

/// The error of an address that cannot be used, without the password that it may hold.
pub(crate) fn address_error(url: &str) -> PersistenceError {
    let shown = match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => url.to_owned(),
    };
    PersistenceError::Address { url: shown }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use sea_orm::ConnectionTrait as _;

    use super::*;

    /// What was acknowledged outlives a loss of power: no test can pull the plug, so this holds the settings.
    #[tokio::test]
    async fn sqlite_syncs_what_it_acknowledges() {
        let folder = std::env::temp_dir().join(format!("masthead-sync-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let settings = DatabaseSettings {
            url: format!("sqlite://{}", folder.join("archive.db").display()),
            ..DatabaseSettings::default()
        };
        let database = Database::open(&settings).await.unwrap();
        let asked =
            |name: &str| Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        for _ in 0..2 {
            let row = database.writer.query_one_raw(asked("journal_mode")).await;
            let mode: String = row.unwrap().unwrap().try_get_by_index(0).unwrap();
            assert_eq!(mode, "wal");
            let row = database.writer.query_one_raw(asked("synchronous")).await;
            let level: i64 = row.unwrap().unwrap().try_get_by_index(0).unwrap();
            assert_eq!(level, 2, "FULL");
            // So it is on every connection that writes, also after one has written.
            database.migrate().await.unwrap();
        }
        database.close().await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn an_address_error_keeps_the_password_to_itself() {
        let error = address_error("mysql://me:secret@host/db").to_string();
        assert!(error.contains("mysql://…@host/db"), "{error}");
        assert!(!error.contains("secret"));
    }
}
