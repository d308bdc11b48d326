//! Connections of PostgreSQL's on which requests read without a transaction.
//!
//! sqlx's pool asks a connection for a sign of life each time that it comes back: a second round trip, where a page is one
//! statement. Here none is asked for. A connection whose statement failed or was given up is not used again, nor is one
//! that has rested for long, which something on the way may have cut.

use std::{fmt, time::Duration};

use deadpool::{
    Runtime,
    managed::{Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleError, RecycleResult},
};
use sea_orm::{DbErr, RuntimeErr};
use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};

use crate::{PersistenceError, database::READ_ALONG_INDEXES};

/// How long a connection is used, and for how long it may have rested: as in sqlx's pool.
const LONGEST_USE: Duration = Duration::from_secs(30 * 60);
const LONGEST_REST: Duration = Duration::from_secs(10 * 60);

/// Connections that read, each lent to one request at a time. Clones share them.
#[derive(Clone)]
pub(crate) struct PostgresReaders(Pool<Connector>);

/// A connection, until it is dropped.
pub(crate) type LentReader = Object<Connector>;

/// What makes connections.
pub(crate) struct Connector(PgConnectOptions);

/// A connection, and whether a statement is being made on it.
pub(crate) struct PostgresReader {
    connection: PgConnection,
    is_reading: bool,
}

impl PostgresReader {
    /// The connection, for a statement: until [`Self::has_read`] it is not fit for another.
    pub(crate) fn read(&mut self) -> &mut PgConnection {
        self.is_reading = true;
        &mut self.connection
    }

    /// Says that the statement has been made, and its rows were read.
    pub(crate) fn has_read(&mut self) {
        self.is_reading = false;
    }
}

impl Manager for Connector {
    type Type = PostgresReader;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PostgresReader, sqlx::Error> {
        let mut connection = self.0.connect().await?;
        sqlx::raw_sql(READ_ALONG_INDEXES)
            .execute(&mut connection)
            .await?;
        Ok(PostgresReader {
            connection,
            is_reading: false,
        })
    }

    async fn recycle(
        &self,
        reader: &mut PostgresReader,
        metrics: &Metrics,
    ) -> RecycleResult<sqlx::Error> {
        if reader.is_reading || metrics.age() > LONGEST_USE || metrics.last_used() > LONGEST_REST {
            return Err(RecycleError::message("not to be used again"));
        }
        Ok(())
    }
}

impl PostgresReaders {
    /// So many connections at most, each made when it is first needed; whoever waits for one longer than `patience` is
    /// refused.
    pub(crate) fn new(
        options: PgConnectOptions,
        connections: u32,
        patience: Duration,
    ) -> Result<Self, PersistenceError> {
        Pool::builder(Connector(options))
            .max_size(usize::try_from(connections).unwrap_or(usize::MAX))
            // The one that was used last has most of what it needs at hand.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(patience))
            .create_timeout(Some(patience))
            .build()
            .map(Self)
            .map_err(|error| PersistenceError::Open(DbErr::Custom(error.to_string())))
    }

    /// A connection, as soon as one is free.
    pub(crate) async fn lend(&self) -> Result<LentReader, PersistenceError> {
        self.0.get().await.map_err(|error| {
            let error = match error {
                PoolError::Backend(error) => error,
                PoolError::Closed => sqlx::Error::PoolClosed,
                _ => sqlx::Error::PoolTimedOut,
            };
            PersistenceError::Database(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
        })
    }

    /// How many connections are open, and how many of them idle.
    pub(crate) fn figures(&self) -> (u32, usize) {
        let status = self.0.status();
        (
            u32::try_from(status.size).unwrap_or(u32::MAX),
            status.available,
        )
    }

    /// Closes those that rest, and each other one when it comes back.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}

impl fmt::Debug for PostgresReaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("PostgresReaders")
            .field(&self.0.status())
            .finish()
    }
}

impl fmt::Debug for PostgresReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostgresReader")
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its options have a password.
        formatter.write_str("Connector")
    }
}
