//! Checking a database: whether what it holds is what the product's own saves leave behind.
//!
//! Everything is read in one transaction that changes nothing and sees one state, so a server may write
//! meanwhile. Large tables are read in pages, or by the database itself, which is asked for what is wrong alone.

mod articles;
mod change_log;
mod finding;
mod magazine;
mod partners;
mod revisions;
mod webhooks;
mod websub;

use std::{fs, path::PathBuf, str::FromStr as _, time::Duration};

use masthead_domain::{audience::Audience, clock::Clock, node_id::NodeId};
use masthead_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    RuntimeErr, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait as _,
};
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use crate::{
    PersistenceError, Reader,
    database::{address_error, is_in_memory, open_error, try_connection},
    reader::Source,
    row::Row,
    row::column,
};

pub use finding::{Finding, Flaw, Instant};

/// How many findings are told of: more help nobody.
const FINDINGS: usize = 1_000;
/// How many rows are read at a time where they are small.
const ROWS: i64 = 2_000;
/// How many rows are read at a time where each holds a body.
const BODIES: i64 = 100;

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong; at most a thousand findings.
    pub findings: Vec<Finding>,
    /// Whether there is more wrong than that.
    pub more: bool,
    /// How many articles were checked.
    pub articles: u64,
    /// How many changes of the log were, in all streams together.
    pub changes: u64,
}

/// Why a database was not checked. The text says what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database is in memory: only the process that made it can read it.
    #[error(
        "the database is in memory, where no other process can read it: name a file, such as sqlite://masthead.db"
    )]
    InMemory,
    /// There is no database to check, and none is made.
    #[error("there is no database '{}': name the one to check", .0.display())]
    Missing(PathBuf),
    /// The database failed, or its address is none.
    #[error(transparent)]
    Database(#[from] PersistenceError),
}

impl From<DbErr> for CheckError {
    fn from(error: DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// Checks the database at an address, at the clock's present instant, and changes nothing.
///
/// # Errors
/// When there is no such database, or it cannot be read.
pub async fn check(url: &str, clock: &Clock) -> Result<Checked, CheckError> {
    let connection = open(url).await?;
    let transaction = connection
        .begin_with_options(TransactionOptions {
            isolation_level: (connection.get_database_backend() == DbBackend::Postgres)
                .then_some(IsolationLevel::RepeatableRead),
            access_mode: (connection.get_database_backend() == DbBackend::Postgres)
                .then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        })
        .await?;
    let checked = check_all(&transaction, clock).await;
    transaction.rollback().await?;
    connection.close().await?;
    checked
}

/// One connection that can only read.
async fn open(url: &str) -> Result<DatabaseConnection, CheckError> {
    match url.split(':').next().unwrap_or_default() {
        "sqlite" if is_in_memory(url) => Err(CheckError::InMemory),
        "sqlite" => {
            let options = SqliteConnectOptions::from_str(url)
                .map_err(|_| address_error(url))?
                .create_if_missing(false)
                .read_only(true)
                .busy_timeout(Duration::from_secs(10))
                .disable_statement_logging();
            if fs::metadata(options.get_filename()).is_err() {
                return Err(CheckError::Missing(options.get_filename().to_owned()));
            }
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .connect_with(options)
                .await
                .map_err(open_error)?;
            Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
        }
        "postgres" | "postgresql" => {
            let options = PgConnectOptions::from_str(url)
                .map_err(|_| address_error(url))?
                .application_name("masthead check")
                .disable_statement_logging();
            try_connection(&options).await?;
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .connect_with(options)
                .await
                .map_err(open_error)?;
            Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
        }
        _ => Err(address_error(url).into()),
    }
}

async fn check_all(
    transaction: &DatabaseTransaction,
    clock: &Clock,
) -> Result<Checked, CheckError> {
    let reader = |now| Reader::new(Source::Transaction(transaction), Audience::Newsroom, now);
    let mut check = Check {
        reader: reader(clock.now()),
        checked: Checked::default(),
    };
    // On a damaged file, and in a schema of another version, nothing else can be told.
    if check.reader.backend() == DbBackend::Sqlite {
        check.file().await?;
    }
    if check.checked.findings.is_empty() {
        check.schema(transaction).await;
    }
    if !check.checked.findings.is_empty() {
        return Ok(check.checked);
    }
    // The state that is read was fixed by the first statement. What a writer has noted in it lies before this.
    check.reader = reader(clock.now());
    if check.reader.backend() == DbBackend::Sqlite {
        check.references().await?;
    }
    check.publication().await?;
    check.magazine().await?;
    check.articles().await?;
    check.revisions().await?;
    check.change_log().await?;
    check.partners().await?;
    check.webhooks().await?;
    check.websub().await?;
    Ok(check.checked)
}

/// The identity of a row, as it is stored.
struct Identity(String);

impl From<i64> for Identity {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<String> for Identity {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A check that is under way.
struct Check<'transaction> {
    reader: Reader<'transaction>,
    checked: Checked,
}

impl Check<'_> {
    /// Takes down a finding.
    fn find(
        &mut self,
        table: &str,
        identity: impl Into<Identity>,
        node: impl Into<Option<NodeId>>,
        flaw: Flaw,
    ) {
        if self.checked.findings.len() < FINDINGS {
            self.checked.findings.push(Finding {
                table: table.to_owned(),
                identity: identity.into().0,
                node: node.into(),
                flaw,
            });
        } else {
            self.checked.more = true;
        }
    }

    /// Asks the database for rows that are wrong. All values in the text are numbers and names of our own.
    async fn wrong(&self, text: &str) -> Result<Vec<Row>, PersistenceError> {
        // One more than are told of, so that the rest is known to be there.
        let sql = self.reader.sql(&format!("{text} LIMIT {}", FINDINGS + 1));
        self.reader.all(sql).await
    }

    /// Whether SQLite finds its own file in order.
    async fn file(&mut self) -> Result<(), PersistenceError> {
        let sql = self.reader.sql("PRAGMA integrity_check(100)");
        let rows = match self.reader.all(sql).await {
            Ok(rows) => rows,
            Err(error) if is_damage(&error) => {
                self.find("", String::new(), None, Flaw::Damaged(error.to_string()));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for row in rows {
            let verdict: String = column(&row, 0)?;
            if verdict != "ok" {
                self.find("", String::new(), None, Flaw::Damaged(verdict));
            }
        }
        Ok(())
    }

    /// Whether the schema is the one that this version reads.
    async fn schema(&mut self, transaction: &DatabaseTransaction) {
        let flaw = match Migrator::get_pending_migrations_read_only(transaction).await {
            Ok(pending) => match pending.len() {
                0 => return,
                1 => Flaw::SchemaOutdated("1 step".to_owned()),
                steps => Flaw::SchemaOutdated(format!("{steps} steps")),
            },
            Err(error) => Flaw::SchemaUnknown(error.to_string()),
        };
        self.find("", String::new(), None, flaw);
    }

    /// Whether everything that a row refers to is there. On PostgreSQL the server sees to that.
    async fn references(&mut self) -> Result<(), PersistenceError> {
        let sql = self.reader.sql("PRAGMA foreign_key_check");
        for row in self.reader.all(sql).await? {
            let table: String = column(&row, 0)?;
            let row_number: Option<i64> = column(&row, 1)?;
            let parent: String = column(&row, 2)?;
            let identity = row_number.map(|number| format!("rowid {number}"));
            self.find(
                &table,
                identity.unwrap_or_default(),
                None,
                Flaw::Dangling { parent },
            );
        }
        Ok(())
    }

    /// Whether the publication can be read.
    async fn publication(&mut self) -> Result<(), PersistenceError> {
        if let Err(error) = self.reader.publication().await {
            self.find(
                "publication",
                1,
                Some(NodeId::Publication),
                unreadable(error),
            );
        }
        Ok(())
    }
}

/// Whether SQLite could not even read its file to the end (`SQLITE_CORRUPT`).
fn is_damage(error: &PersistenceError) -> bool {
    match error {
        PersistenceError::Database(DbErr::Query(RuntimeErr::SqlxError(error))) => error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code == "11"),
        _ => false,
    }
}

/// The flaw of a value that cannot be read.
fn unreadable(error: PersistenceError) -> Flaw {
    Flaw::Unreadable(match error {
        PersistenceError::Stored { what } => what,
        error => error.to_string(),
    })
}
