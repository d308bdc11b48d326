//! Reading the archive as it was at one moment, however many statements that takes.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use masthead_domain::{audience::Audience, change::Stream};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement, Value,
    Values,
};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, postgres::PgRow};
use tokio::sync::oneshot;

use crate::{
    PersistenceError, Reader,
    articles::instant,
    database::{self, Observe},
    postgres_readers::{LentReader, PostgresReaders},
    postgres_wave,
    reader::Source,
    row::{Row, column},
    sqlite_readers::{Lent, SqliteReaders},
    statement::Sql,
};

/// How PostgreSQL is told to show the archive as it was at the first statement.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Of which state of the archive a statement was: it tells the same number in two statements exactly if all that
/// readers see was the same in both.
///
/// Each statement sees a state of its own: all that had been committed when it began. One who writes does so after all
/// who have written, under one lock, which is let go once everyone sees what was written; so a state is told by
/// the last write in it. Every write of what readers see has a change in the newsroom's stream, which has another last
/// number from then on; and what is taken out of the log moves the number through which it was pruned. None of these
/// numbers ever falls, so neither does their sum, and it stands still only where all of them do.
const STATE: &str = "SELECT SUM(last_number + pruned_through)::int8 FROM change_stream";

/// The archive as it was at one moment: that of the first statement that is made in it.
///
/// It holds a connection from then on until it is dropped.
#[derive(Debug)]
pub struct Snapshot {
    view: View,
    observe: Option<Observe>,
}

/// Tells whether the archive has changed under a light snapshot.
#[derive(Clone, Debug, Default)]
pub struct Changed(Arc<AtomicBool>);

impl Changed {
    /// Whether a read found it changed. What was read may then be of no use.
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
enum View {
    Sqlite {
        readers: SqliteReaders,
        lent: Mutex<Option<Lent>>,
    },
    Postgres {
        moment: tokio::sync::Mutex<Moment>,
        /// The statements that nobody has made yet.
        waiting: Mutex<Vec<Waiting>>,
    },
    /// A database in memory has one connection, which also writes: each statement sees what is there.
    Memory(DatabaseConnection),
}

/// How PostgreSQL is held to one moment.
#[derive(Debug)]
enum Moment {
    /// By a transaction, once it has begun.
    Transaction {
        pool: PgPool,
        begun: Option<sqlx::Transaction<'static, Postgres>>,
    },
    /// Not at all: each statement tells of which state it was, and one of another state than the first fails.
    Light {
        readers: PostgresReaders,
        lent: Option<LentReader>,
        state: Option<i64>,
        changed: Changed,
    },
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
        Self::on_postgres(Moment::Transaction { pool, begun: None }, observe)
    }

    /// One in which reads fail with [`PersistenceError::Changed`] as soon as the archive has changed.
    pub(crate) fn light(
        readers: PostgresReaders,
        changed: Changed,
        observe: Option<Observe>,
    ) -> Self {
        let moment = Moment::Light {
            readers,
            lent: None,
            state: None,
            changed,
        };
        Self::on_postgres(moment, observe)
    }

    fn on_postgres(moment: Moment, observe: Option<Observe>) -> Self {
        Self {
            view: View::Postgres {
                moment: tokio::sync::Mutex::new(moment),
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
            View::Postgres { .. } => self.in_a_wave(sql.statement()).await,
            // Boxed: these futures take hundreds of kilobytes, which every caller's would then take as well.
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
        let View::Postgres { moment, waiting } = &self.view else {
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
        let mut moment = moment.lock().await;
        loop {
            match rows.try_recv() {
                Ok(rows) => return rows,
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(PersistenceError::stored("a statement was given up"));
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let wave: Vec<Waiting> = {
                let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let size = waiting.len().min(postgres_wave::MOST);
                waiting.drain(..size).collect()
            };
            let statements: Vec<&Statement> =
                wave.iter().map(|waiting| &waiting.statement).collect();
            let made = moment
                .make(&statements, self.observe.as_ref())
                .boxed()
                .await;
            hand_out(wave, made);
        }
    }
}

impl Moment {
    /// Makes the statements of a wave.
    async fn make(
        &mut self,
        statements: &[&Statement],
        observe: Option<&Observe>,
    ) -> Result<Vec<Vec<Row>>, PersistenceError> {
        let count = statements.len();
        match self {
            Self::Transaction { pool, begun } => {
                let transaction = if let Some(transaction) = begun {
                    transaction
                } else {
                    let pool = pool.clone();
                    let begin = async move { pool.begin_with(BEGIN).await.map_err(failed) };
                    begun.insert(database::begun(begin).await?)
                };
                let joined = postgres_wave::join(statements);
                let rows = postgres_rows(transaction, &joined, observe).await?;
                postgres_wave::part(&rows, count)
            }
            Self::Light {
                readers,
                lent,
                state,
                changed,
            } => {
                if changed.is_so() {
                    return Err(PersistenceError::Changed);
                }
                let of_which = Statement::from_string(DbBackend::Postgres, STATE);
                let joined = [statements, &[&of_which]].concat();
                let joined = postgres_wave::join(&joined);
                let rows = light_rows(readers, lent, joined, observe).await?;
                let mut parts = postgres_wave::part(&rows, count + 1)?;
                let of_which: i64 = match parts.pop().and_then(|mut rows| rows.pop()) {
                    Some(row) => column(&row, 0)?,
                    None => return Err(PersistenceError::stored("no change stream")),
                };
                if *state.get_or_insert(of_which) != of_which {
                    changed.0.store(true, Ordering::SeqCst);
                    return Err(PersistenceError::Changed);
                }
                Ok(parts)
            }
        }
    }
}

/// The rows of a statement that is made without a transaction. Where its connection turns out to have been cut since it
/// was used last, as all are when the server starts anew, another is taken.
async fn light_rows(
    readers: &PostgresReaders,
    lent: &mut Option<LentReader>,
    statement: Statement,
    observe: Option<&Observe>,
) -> Result<Vec<PgRow>, PersistenceError> {
    loop {
        let reader = match lent {
            Some(reader) => reader,
            None => lent.insert(readers.lend().await?),
        };
        let was_used = LentReader::metrics(reader).recycle_count > 0;
        match postgres_rows(reader.read(), &statement, observe).await {
            Err(error) if was_used && was_cut(&error) => *lent = None,
            rows => {
                if rows.is_ok() {
                    reader.has_read();
                }
                return rows;
            }
        }
    }
}

/// Whether the connection was cut, rather than the statement refused.
fn was_cut(error: &PersistenceError) -> bool {
    /// What a server says that is told to stop (Appendix A of PostgreSQL's documentation).
    const ADMIN_SHUTDOWN: &str = "57P01";
    let PersistenceError::Database(DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    match &**error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().as_deref() == Some(ADMIN_SHUTDOWN),
        _ => false,
    }
}

/// Hands each statement of a wave its rows.
fn hand_out(wave: Vec<Waiting>, made: Result<Vec<Vec<Row>>, PersistenceError>) {
    let count = wave.len();
    let parts: Vec<_> = match made {
        Ok(parts) => parts.into_iter().map(Ok).collect(),
        Err(PersistenceError::Changed) => {
            (0..count).map(|_| Err(PersistenceError::Changed)).collect()
        }
        Err(error) if count == 1 => vec![Err(error)],
        Err(error) => {
            let error = error.to_string();
            tracing::warn!(error, "a wave of statements failed");
            (0..count)
                .map(|_| Err(PersistenceError::Wave(error.clone())))
                .collect()
        }
    };
    for (waiting, rows) in wave.into_iter().zip(parts) {
        // Who does not wait any more does not need them.
        drop(waiting.rows.send(rows));
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
    connection: &mut PgConnection,
    statement: &Statement,
    observe: Option<&Observe>,
) -> Result<Vec<PgRow>, PersistenceError> {
    let begun = Instant::now();
    // The text is made by `Sql`, which binds every value.
    let mut query = sqlx::query(AssertSqlSafe(statement.sql.as_str()));
    for value in values(statement) {
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
    let rows = query.fetch_all(connection).await.map_err(failed)?;
    if let Some(observe) = observe {
        observe.tell(statement, begun.elapsed());
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
