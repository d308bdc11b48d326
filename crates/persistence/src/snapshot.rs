//! Reading the archive as it was at one moment, however many statements that takes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use masthead_domain::{audience::Audience, change::Stream};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement, Value,
    Values,
};
use sqlx::{AssertSqlSafe, PgPool, Postgres, postgres::PgRow};
use tokio::sync::oneshot;

use crate::{
    PersistenceError, Reader,
    articles::instant,
    database::Observe,
    postgres_wave,
    reader::Source,
    row::{Row, column},
    sqlite_readers::{Lent, SqliteReaders},
    statement::Sql,
};

/// How PostgreSQL is told to show the archive as it was at the first statement.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The archive as it was at one moment: that of the first statement that is made in it.
///
/// It holds a connection from then on until it is dropped.
#[derive(Debug)]
pub struct Snapshot {
    view: View,
    observe: Option<Observe>,
}

#[derive(Debug)]
enum View {
    Sqlite {
        readers: SqliteReaders,
        lent: Mutex<Option<Lent>>,
    },
    Postgres {
        pool: PgPool,
        transaction: tokio::sync::Mutex<Option<sqlx::Transaction<'static, Postgres>>>,
        /// The statements that nobody has made yet.
        waiting: Mutex<Vec<Waiting>>,
    },
    /// A database in memory has one connection, which also writes: each statement sees what is there.
    Memory(DatabaseConnection),
}

/// A statement that is to be made, and where its rows are waited for.
#[derive(Debug)]
struct Waiting {
    statement: Statement,
    rows: oneshot::Sender<Result<Vec<Row>, PersistenceError>>,
}

/// Which state of the archive it is: how far the change log has come, and what the clock does to it next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The number of the last change of the public stream.
    pub public: i64,
    /// The number through which the public stream has been pruned.
    pub pruned_through: i64,
    /// The number of the last change of the newsroom's stream, which has every change.
    pub newsroom: i64,
    /// The next instant at which the clock publishes something of which the log does not tell yet.
    pub next_publication: Option<DateTime<Utc>>,
}

impl Snapshot {
    pub(crate) fn of_sqlite(readers: SqliteReaders, observe: Option<Observe>) -> Self {
        let lent = Mutex::default();
        Self {
            view: View::Sqlite { readers, lent },
            observe,
        }
    }

    pub(crate) fn of_postgres(pool: PgPool, observe: Option<Observe>) -> Self {
        let transaction = tokio::sync::Mutex::default();
        Self {
            view: View::Postgres {
                pool,
                transaction,
                waiting: Mutex::default(),
            },
            observe,
        }
    }

    pub(crate) fn of_memory(connection: DatabaseConnection) -> Self {
        Self {
            view: View::Memory(connection),
            observe: None,
        }
    }

    /// Reads it for this audience, as of this instant.
    pub fn reader(self: &Arc<Self>, audience: Audience, now: DateTime<Utc>) -> Reader<'static> {
        Reader::new(Source::Snapshot(self.clone()), audience, now)
    }

    /// Which edition it is; none of a database in memory, which stands still for nobody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn edition(&self) -> Result<Option<Edition>, PersistenceError> {
        if matches!(self.view, View::Memory(_)) {
            return Ok(None);
        }
        let sql = Sql::new(
            self.backend(),
            &format!(
                "SELECT public.last_number, public.pruned_through, newsroom.last_number, \
                 (SELECT at FROM publication_due ORDER BY at, article_id LIMIT 1) \
                 FROM change_stream AS public, change_stream AS newsroom \
                 WHERE public.stream = {} AND newsroom.stream = {}",
                Stream::Public.number(),
                Stream::Newsroom.number()
            ),
        );
        let rows = self.rows(sql).await?;
        let row = rows
            .first()
            .ok_or_else(|| PersistenceError::stored("no change stream"))?;
        Ok(Some(Edition {
            public: column(row, 0)?,
            pruned_through: column(row, 1)?,
            newsroom: column(row, 2)?,
            next_publication: column::<Option<i64>>(row, 3)?.map(instant).transpose()?,
        }))
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match &self.view {
            View::Sqlite { .. } => DbBackend::Sqlite,
            View::Postgres { .. } => DbBackend::Postgres,
            View::Memory(connection) => connection.get_database_backend(),
        }
    }

    pub(crate) async fn rows(&self, sql: Sql) -> Result<Vec<Row>, PersistenceError> {
        match &self.view {
            View::Sqlite { readers, lent } => {
                let mut lent = lent.lock().unwrap_or_else(PoisonError::into_inner);
                if lent.is_none() {
                    let mut connection = readers.lend()?;
                    connection.begin()?;
                    *lent = Some(connection);
                }
                match &*lent {
                    Some(connection) => sqlite_rows(connection, sql, self.observe.as_ref()),
                    None => Ok(Vec::new()),
                }
            }
            // Boxed: these futures take hundreds of kilobytes, which every caller's would then take as well.
            View::Postgres { .. } => self.in_a_wave(sql.statement()).boxed().await,
            View::Memory(connection) => Ok(connection
                .query_all_raw(sql.statement())
                .boxed()
                .await?
                .into_iter()
                .map(Row::Orm)
                .collect()),
        }
    }
}

impl Snapshot {
    /// The rows of a statement that is made together with those that others ask for at the same time.
    async fn in_a_wave(&self, statement: Statement) -> Result<Vec<Row>, PersistenceError> {
        let View::Postgres {
            pool,
            transaction,
            waiting,
        } = &self.view
        else {
            return Ok(Vec::new());
        };
        let (sender, mut rows) = oneshot::channel();
        let wait = |statement, rows| {
            waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Waiting { statement, rows });
        };
        wait(statement, sender);
        // Whoever is polled after this one may have something to ask for, too.
        tokio::task::yield_now().await;
        let mut transaction = transaction.lock().await;
        loop {
            match rows.try_recv() {
                Ok(rows) => return rows,
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(PersistenceError::stored("a statement was given up"));
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            if transaction.is_none() {
                *transaction = Some(pool.begin_with(BEGIN).await.map_err(failed)?);
            }
            let wave: Vec<Waiting> = {
                let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let size = waiting.len().min(postgres_wave::MOST);
                waiting.drain(..size).collect()
            };
            if let Some(transaction) = &mut *transaction {
                make(transaction, wave, self.observe.as_ref()).await;
            }
        }
    }
}

/// Makes the statements of a wave, and hands each its rows.
async fn make(
    transaction: &mut sqlx::Transaction<'static, Postgres>,
    wave: Vec<Waiting>,
    observe: Option<&Observe>,
) {
    let (statements, receivers): (Vec<_>, Vec<_>) = wave
        .into_iter()
        .map(|waiting| (waiting.statement, waiting.rows))
        .unzip();
    let joined = postgres_wave::join(&statements);
    let rows = postgres_rows(transaction, joined, observe).await;
    let count = statements.len();
    let parts: Vec<_> = match rows.and_then(|rows| postgres_wave::part(&rows, count)) {
        Ok(parts) => parts.into_iter().map(Ok).collect(),
        Err(error) if count == 1 => vec![Err(error)],
        Err(error) => {
            let error = error.to_string();
            tracing::warn!(error, "a wave of statements failed");
            (0..count)
                .map(|_| Err(PersistenceError::Wave(error.clone())))
                .collect()
        }
    };
    for (receiver, rows) in receivers.into_iter().zip(parts) {
        // Who does not wait any more does not need them.
        drop(receiver.send(rows));
    }
}

/// The rows of a statement that is made on a SQLite file, right here: where it reads many rows, without
/// holding up what else this thread has to do.
pub(crate) fn sqlite_rows(
    connection: &Lent,
    sql: Sql,
    observe: Option<&Observe>,
) -> Result<Vec<Row>, PersistenceError> {
    let reads_many = sql.reads_many();
    let statement = sql.statement();
    let begun = Instant::now();
    let read = || connection.rows(&statement.sql, values(&statement));
    let rows = if reads_many && may_block() {
        tokio::task::block_in_place(read)
    } else {
        read()
    };
    if let Some(observe) = observe {
        observe.tell(&statement, begun.elapsed());
    }
    rows
}

/// Whether this thread is one of a runtime that has others.
fn may_block() -> bool {
    tokio::runtime::Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread)
}

async fn postgres_rows(
    transaction: &mut sqlx::Transaction<'static, Postgres>,
    statement: Statement,
    observe: Option<&Observe>,
) -> Result<Vec<PgRow>, PersistenceError> {
    let begun = Instant::now();
    // The text is made by `Sql`, which binds every value.
    let mut query = sqlx::query(AssertSqlSafe(statement.sql.as_str()));
    for value in values(&statement) {
        query = match value {
            Value::BigInt(number) => query.bind(*number),
            Value::Int(number) => query.bind(*number),
            Value::String(text) => query.bind(text.as_deref()),
            other => {
                return Err(PersistenceError::stored(format!(
                    "a parameter of another kind: {other:?}"
                )));
            }
        };
    }
    let rows = query.fetch_all(&mut **transaction).await.map_err(failed)?;
    if let Some(observe) = observe {
        observe.tell(&statement, begun.elapsed());
    }
    Ok(rows)
}

fn values(statement: &Statement) -> &[Value] {
    match &statement.values {
        Some(Values(values)) => values,
        None => &[],
    }
}

fn failed(error: sqlx::Error) -> PersistenceError {
    PersistenceError::Database(DbErr::Query(RuntimeErr::SqlxError(error.into())))
}
