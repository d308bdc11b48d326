//! Being told of commits, where the database can tell.

use std::time::Duration;

use sqlx::postgres::PgListener;

use crate::{Database, transaction::CHANGES};

/// How long to wait before the connection is made again.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// Tells when something has been committed, by this process or another.
#[derive(Debug)]
pub struct Notices(PgListener);

impl Notices {
    /// Waits for the next commit. Some may be missed, where the connection was lost: who waits has to look for
    /// himself now and then.
    pub async fn next(&mut self) {
        match self.0.recv().await {
            // Of several commits it is told one by one: one look is enough for all of them.
            Ok(_) => while self.0.next_buffered().is_some() {},
            Err(error) => {
                tracing::debug!(%error, "the connection on which the database tells of commits was lost");
                tokio::time::sleep(AFTER_A_FAILURE).await;
            }
        }
    }
}

impl Database {
    /// Has the database tell of commits; none where it does not, as SQLite does not.
    pub async fn notices(&self) -> Option<Notices> {
        let pool = self.listener()?;
        let listen = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(CHANGES).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        match listen.await {
            Ok(listener) => Some(Notices(listener)),
            Err(error) => {
                tracing::warn!(%error, "the database does not tell of commits; this node looks for them");
                None
            }
        }
    }
}
