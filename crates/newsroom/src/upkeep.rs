//! What follows from time passing: publications noted soon after their instant, and what has had its time
//! cleared away.
//!
//! Nothing depends on it: an article is published by the clock, and what the log says of that is written by
//! the next write, or by the next reader of the log, where this task is dead. Any number of nodes may run it.

use std::time::Duration;

use chrono::TimeDelta;
use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use masthead_persistence::{Database, PersistenceError};

/// How often a node looks for publications that other nodes have scheduled.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How long it waits when the database does not answer.
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);
/// How often a node clears away what has had its time.
const CLEAR_AGAIN: Duration = Duration::from_secs(3_600);

/// For how long things are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// For how many days the change log keeps what a later change has overtaken; for ever where it is none.
    pub change_log_days: Option<u32>,
}

/// Notes publications within half a second of their instant, as long as it is polled.
pub async fn note_publications(database: &Database, clock: &Clock) {
    loop {
        let wait = match next_look(database, clock).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "the clock's publications could not be noted; trying again");
                AFTER_A_FAILURE
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn next_look(database: &Database, clock: &Clock) -> Result<Duration, PersistenceError> {
    database.note_publications(clock).await?;
    let next = database
        .reader(Audience::Newsroom, clock)
        .next_publication()
        .await?;
    Ok(next
        .and_then(|at| (at - clock.now()).to_std().ok())
        .map_or(LOOK_AGAIN, |until| until.min(LOOK_AGAIN)))
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
