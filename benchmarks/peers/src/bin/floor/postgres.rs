//! The page out of PostgreSQL.

use std::sync::atomic::{AtomicUsize, Ordering};

use masthead_benchmark_peers::Failure;
use tokio_postgres::{Client, NoTls, Statement};

const PAGE: &str = include_str!("postgres.sql");
/// Statements are sent without waiting for the answers before them, so that few connections keep the server's
/// processors busy, and more only make it change between its processes.
const CONNECTIONS: usize = 4;
/// Planning this statement takes longer than running it, so it is planned once, and by what is right for a few rows of
/// each table: walks along indexes. Left to itself the planner reads the small tables whole and hashes them.
const SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_bitmapscan = off; \
                       SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off";

/// A database on a PostgreSQL server.
pub(crate) struct Store {
    connections: Vec<(Client, Statement)>,
    next: AtomicUsize,
}

impl Store {
    pub(crate) async fn open(address: &str) -> Result<Self, Failure> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
            // It ends with the client; what was wrong until then, the client says too.
            tokio::spawn(connection);
            client.batch_execute(SESSION).await?;
            let statement = client.prepare(PAGE).await?;
            connections.push((client, statement));
        }
        Ok(Self {
            connections,
            next: AtomicUsize::new(0),
        })
    }

    pub(crate) async fn page(&self, slug: &str, now: i64) -> Result<Option<String>, Failure> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let (client, statement) = self.connections.get(turn).ok_or("no connection")?;
        let row = client.query_opt(statement, &[&slug, &now]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
