//! What has had its time, cleared away. Nothing depends on it, and any number of nodes may do it.

use std::time::Duration;

use chrono::TimeDelta;
use masthead_domain::{clock::Clock, revision::Author};
use masthead_persistence::{Database, PersistenceError};

/// How often a node clears away what has had its time.
const CLEAR_AGAIN: Duration = Duration::from_secs(3_600);

/// For how long things are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// For how many days the change log keeps what a later change has overtaken; for ever where it is none.
    pub change_log_days: Option<u32>,
}

/// Clears away, once an hour, what has had its time, as long as it is polled.
pub async fn clear(database: &Database, clock: &Clock, retention: Retention) {
    loop {
        if let Err(error) = clear_once(database, clock, retention).await {
            tracing::warn!(%error, "what has had its time could not be cleared away; trying again in an hour");
        }
        tokio::time::sleep(CLEAR_AGAIN).await;
    }
}

async fn clear_once(
    database: &Database,
    clock: &Clock,
    retention: Retention,
) -> Result<(), PersistenceError> {
    let transaction = database.write(clock, Author::Operator).await?;
    transaction.forget_requests().await?;
    transaction.prune_usage().await?;
    transaction.prune_webhook_deliveries().await?;
    if let Some(days) = retention.change_log_days {
        let pruned = transaction
            .prune_changes(transaction.now() - TimeDelta::days(days.into()))
            .await?;
        if pruned.changes > 0 {
            tracing::info!(changes = pruned.changes, "the change log has been pruned");
        }
    }
    transaction.commit().await
}

/// Prunes the change log of what is older than this, and answers how much that was.
///
/// # Errors
/// When the database fails.
pub async fn prune_change_log(
    database: &Database,
    clock: &Clock,
    older_than: TimeDelta,
) -> Result<u64, PersistenceError> {
    let transaction = database.write(clock, Author::Operator).await?;
    let pruned = transaction
        .prune_changes(transaction.now() - older_than)
        .await?;
    transaction.commit().await?;
    Ok(pruned.changes)
}
