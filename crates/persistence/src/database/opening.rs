//! Opening a database: which address names which, how many connections are kept, and how they are set.

use std::{num::NonZero, str::FromStr as _, time::Duration};

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions as _, Connection as _,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Committed, Database, Postgres};
use crate::{PersistenceError, postgres_readers::PostgresReaders, sqlite_readers::SqliteReaders};

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
    use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

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
