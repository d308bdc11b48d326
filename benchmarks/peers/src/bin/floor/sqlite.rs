//! The page out of SQLite.

use std::cell::RefCell;

use masthead_benchmark_peers::Failure;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

const PAGE: &str = include_str!("sqlite.sql");

/// Reading from the mapped file saves a call into the system and a copy for each page. Without the second, each short
/// list that is put in order costs a file that is never written and the memory of its pages.
const SESSION: &str =
    "PRAGMA query_only = 1; PRAGMA mmap_size = 8589934592; PRAGMA temp_store = MEMORY";

thread_local! {
    /// Each of tokio's threads has its own, so that none waits for another.
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// A SQLite file.
pub(crate) struct Store {
    path: String,
}

impl Store {
    pub(crate) fn open(path: &str) -> Result<Self, Failure> {
        let store = Self {
            path: path.to_owned(),
        };
        // Tells at once where the file or the statement is no good.
        store.connect()?.prepare(PAGE)?;
        Ok(store)
    }

    fn connect(&self) -> Result<Connection, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.execute_batch(SESSION)?;
        Ok(connection)
    }

    /// It runs on the thread that asks: it takes less than handing it to another would.
    pub(crate) fn page(&self, slug: &str, now: i64) -> Result<Option<String>, Failure> {
        CONNECTION.with_borrow_mut(|slot| {
            let connection = match slot {
                Some(connection) => connection,
                None => slot.insert(self.connect()?),
            };
            let mut statement = connection.prepare_cached(PAGE)?;
            Ok(statement
                .query_row((slug, now), |row| row.get(0))
                .optional()?)
        })
    }
}
