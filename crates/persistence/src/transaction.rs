//! Writing: the one type through which anything is saved.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use crate::{
    PersistenceError, Reader,
    change_log::Unwritten,
    database::{Committed, begun},
    reader::Source,
};

/// The number by which PostgreSQL knows the lock that a writer holds: 'MASTHEAD' in ASCII.
const WRITER_LOCK: i64 = 0x4D41_5354_4845_4144;

/// The channel on which PostgreSQL tells of a commit.
pub(crate) const CHANGES: &str = "masthead_changes";

/// A write: everything saved through it is there after [`Transaction::commit`], or nothing is.
///
/// One writer writes at a time, on either database: a magazine's writes are few, and what has been
/// saved is then seen by all in the same order. So is the change log, which every save adds to: its numbers
/// are given out under the same lock.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    now: DateTime<Utc>,
    author: Author,
    unwritten: Mutex<Unwritten>,
    committed: Committed,
}

impl Transaction {
    pub(crate) async fn begin(
        writer: &DatabaseConnection,
        committed: Committed,
        clock: &Clock,
        author: Author,
    ) -> Result<Self, PersistenceError> {
        let writer = writer.clone();
        let inner = begun(async move {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            writer.begin_with_options(options).await
        })
        .await?;
        if inner.get_database_backend() == DbBackend::Postgres {
            inner
                .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
                .await?;
        }
        let transaction = Self {
            inner,
            // Under the lock: the log's times ascend with its numbers.
            now: clock.now(),
            author,
            unwritten: Mutex::default(),
            committed,
        };
        transaction.note_what_the_clock_published().await?;
        Ok(transaction)
    }

    /// The instant of this write.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Who writes.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Reads what is there, and what this transaction has written, as the newsroom.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(
            Source::Transaction(&self.inner),
            Audience::Newsroom,
            self.now,
        )
    }

    /// Makes everything that was saved last, with its changes in the log.
    ///
    /// # Errors
    /// When the database fails; then nothing was saved.
    pub async fn commit(self) -> Result<(), PersistenceError> {
        self.write_changes().await?;
        if self.inner.get_database_backend() == DbBackend::Postgres {
            // Wakes those who follow the log on other nodes, once it is there to be read.
            self.inner
                .execute_unprepared(&format!("NOTIFY {CHANGES}"))
                .await?;
        }
        self.inner.commit().await?;
        self.committed.count();
        Ok(())
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// When the database fails; what was saved is taken back all the same.
    pub async fn roll_back(self) -> Result<(), PersistenceError> {
        Ok(self.inner.rollback().await?)
    }

    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Works on the changes that are not in the log yet.
    pub(crate) fn unwritten<Value>(&self, work: impl FnOnce(&mut Unwritten) -> Value) -> Value {
        work(
            &mut self
                .unwritten
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
