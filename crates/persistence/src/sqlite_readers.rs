//! Reading a SQLite file right where the question is asked.
//!
//! A statement that walks along an index takes some ten microseconds. Handing it to a thread of its own and
//! waiting for the answer, as `sqlx` does, takes as long again; so a query that makes twenty of them makes them
//! itself. What counts many rows says so ([`Sql::counts`](crate::statement::Sql::counts)), and is made where
//! it holds nobody up.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{CachedStatement, Connection, OpenFlags, config::DbConfig, types::ValueRef};
use sea_orm::Value;

use crate::{
    PersistenceError,
    row::{Cell, Row},
};

/// How long a reader waits for what only a checkpoint or a recovery locks.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How many pages each connection keeps: what lies above the leaves of the indexes. The system keeps the rest, once for
/// all of them.
const PAGES: i64 = 100;
/// How many statements each connection keeps prepared: all that the product makes, in the shapes in which they
/// are common.
const PREPARED: usize = 256;

/// The connections that read a SQLite file. One is opened when all others are lent.
#[derive(Clone, Debug)]
pub(crate) struct SqliteReaders(Arc<Home>);

#[derive(Debug)]
struct Home {
    file: PathBuf,
    /// How many are kept open when they are not used.
    kept: usize,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    lent: u32,
    closed: bool,
}

impl SqliteReaders {
    pub(crate) fn new(file: PathBuf, kept: usize) -> Self {
        Self(Arc::new(Home {
            file,
            kept,
            idle: Mutex::default(),
        }))
    }

    /// A connection, until it is dropped.
    pub(crate) fn lend(&self) -> Result<Lent, PersistenceError> {
        let idle = {
            let mut idle = self.0.lock();
            idle.lent += 1;
            idle.connections.pop()
        };
        let mut lent = Lent {
            connection: idle,
            in_transaction: false,
            home: self.0.clone(),
        };
        if lent.connection.is_none() {
            lent.connection = Some(self.open()?);
        }
        Ok(lent)
    }

    fn open(&self) -> Result<Connection, rusqlite::Error> {
        // Readers of a write-ahead log write its index, so even they open for writing.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0.file, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "query_only", true)?;
        // The few rows that a statement sorts or looks up in need no file of their own.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", PAGES)?;
        // Else a statement is prepared again for values that might suit another plan.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(connection)
    }

    /// How many connections are open, and how many of them idle.
    pub(crate) fn figures(&self) -> (u32, usize) {
        let idle = self.0.lock();
        let resting = idle.connections.len();
        let open = u32::try_from(resting)
            .unwrap_or(u32::MAX)
            .saturating_add(idle.lent);
        (open, resting)
    }

    /// Closes those that are idle, and the others as they come back.
    pub(crate) fn close(&self) {
        let mut idle = self.0.lock();
        idle.closed = true;
        idle.connections.clear();
    }
}

impl Home {
    fn lock(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is lent; it goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Lent {
    connection: Option<Connection>,
    in_transaction: bool,
    home: Arc<Home>,
}

impl Lent {
    /// From its first statement on, everything is read as it was then.
    pub(crate) fn begin(&mut self) -> Result<(), PersistenceError> {
        self.execute("BEGIN")?;
        self.in_transaction = true;
        Ok(())
    }

    /// The rows of a statement.
    pub(crate) fn rows(&self, text: &str, values: &[Value]) -> Result<Vec<Row>, PersistenceError> {
        let mut statement = self.prepare(text)?;
        for (place, value) in values.iter().enumerate() {
            bind(&mut statement, place + 1, value)?;
        }
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let mut cells = Vec::with_capacity(columns);
            for index in 0..columns {
                cells.push(cell(row.get_ref(index)?)?);
            }
            read.push(Row::Cells(cells));
        }
        Ok(read)
    }

    fn execute(&self, text: &str) -> Result<(), PersistenceError> {
        self.prepare(text)?.raw_execute()?;
        Ok(())
    }

    fn prepare(&self, text: &str) -> Result<CachedStatement<'_>, rusqlite::Error> {
        match &self.connection {
            Some(connection) => connection.prepare_cached(text),
            None => Err(rusqlite::Error::InvalidQuery),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let ended = !self.in_transaction || self.execute("COMMIT").is_ok();
        let mut idle = self.home.lock();
        idle.lent = idle.lent.saturating_sub(1);
        if let Some(connection) = self.connection.take()
            && ended
            && !idle.closed
            && idle.connections.len() < self.home.kept
        {
            idle.connections.push(connection);
        }
    }
}

fn bind(
    statement: &mut CachedStatement<'_>,
    place: usize,
    value: &Value,
) -> Result<(), PersistenceError> {
    match value {
        Value::BigInt(number) => statement.raw_bind_parameter(place, number)?,
        Value::Int(number) => statement.raw_bind_parameter(place, number)?,
        Value::String(text) => statement.raw_bind_parameter(place, text.as_deref())?,
        other => {
            return Err(PersistenceError::stored(format!(
                "a parameter of another kind: {other:?}"
            )));
        }
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Result<Cell, PersistenceError> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(number) => Ok(Cell::Integer(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(|text| Cell::Text(text.to_owned()))
            .map_err(|error| PersistenceError::stored(format!("text: {error}"))),
        ValueRef::Real(number) => Err(PersistenceError::stored(format!("number {number}"))),
        ValueRef::Blob(_) => Err(PersistenceError::stored("bytes")),
    }
}
