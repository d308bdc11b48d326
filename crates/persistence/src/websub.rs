//! Who is told of changes in feeds (WebSub, W3C Recommendation), and who has asked to be.
//!
//! A request waits in a table of its own until its intent is verified, so a subscription stands as it was until then. What
//! a subscriber has still to be told follows from the digest of what was delivered last: nothing is queued. When somebody is
//! to be asked or told stands in `due_at`, which is put off for as long as a node is at it.
//! One node at a time verifies and delivers: whoever holds the one row.

mod entities;
mod saving;

use std::fmt;

use chrono::{DateTime, Utc};
use masthead_domain::change::Stream;

use crate::{
    PersistenceError, Reader,
    row::{Row, column},
};

const SUBSCRIBE: &str = "subscribe";
const UNSUBSCRIBE: &str = "unsubscribe";

/// The identity of the one row that nodes hold.
pub(crate) const THE_ROW: i64 = 1;

/// The columns of a [`WebsubRequest`].
pub(crate) const REQUEST_COLUMNS: &str =
    "id, mode, topic, callback, callback_host, secret, lease_seconds, delivered, attempts";
/// The columns of a [`WebsubSubscription`].
pub(crate) const SUBSCRIPTION_COLUMNS: &str = "id, topic, callback, secret, delivered, failures";

/// What somebody has asked for, until it is verified that the callback's owner wants it (section 5.3).
#[derive(Clone, PartialEq, Eq)]
pub struct WebsubRequest {
    /// Which.
    pub id: i64,
    /// Whether to begin a subscription, or to end it.
    pub subscribes: bool,
    /// The feed's path.
    pub topic: String,
    /// Where to deliver to.
    pub callback: String,
    /// The host of that.
    pub callback_host: String,
    /// What deliveries are signed with.
    pub secret: Option<String>,
    /// For how many seconds.
    pub lease_seconds: i64,
    /// The SHA-256 of the feed when it was asked for, in hexadecimal.
    pub delivered: String,
    /// How often the callback was asked in vain.
    pub attempts: i64,
}

/// Somebody who is told of changes in a feed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebsubSubscription {
    /// Which.
    pub id: i64,
    /// The feed's path.
    pub topic: String,
    /// Where to deliver to.
    pub callback: String,
    /// What deliveries are signed with.
    pub secret: Option<String>,
    /// The SHA-256 of the feed as it was delivered last, in hexadecimal.
    pub delivered: String,
    /// How often in a row what there is now was not taken.
    pub failures: i64,
}

impl fmt::Debug for WebsubRequest {
    /// Without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WebsubRequest")
            .field("callback", &self.callback)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WebsubSubscription {
    /// Without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WebsubSubscription")
            .field("callback", &self.callback)
            .finish_non_exhaustive()
    }
}

/// What a hub has to do, as far as the database tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebsubWork {
    /// The last change that everyone may know of.
    pub last_change: i64,
    /// Whether a request is due to be verified.
    pub has_requests: bool,
    /// Whether a subscription is due, whatever has changed.
    pub has_due: bool,
    /// Whether there is any subscription.
    pub has_subscriptions: bool,
}

/// How many there are: requests and subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebsubCounts {
    /// Requests that are still to be verified.
    pub requests: i64,
    /// Subscriptions, in all.
    pub subscriptions: i64,
    /// Requests and subscriptions of one callback's host, without those that are the same.
    pub of_host: i64,
}

/// What came of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebsubOutcome {
    /// It has what there is now, or is not told of it any more.
    Settled,
    /// It is tried again then.
    Again(DateTime<Utc>),
    /// It is told of nothing any more.
    Ended,
}

impl Reader<'_> {
    /// What there is to do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn websub_work(&self) -> Result<WebsubWork, PersistenceError> {
        let now = self.now().timestamp_millis();
        let mut sql = self.sql(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 AS found FROM websub_request WHERE due_at <= ",
        );
        sql.value(now)
            .text(
                " LIMIT 1) AS request), (SELECT COUNT(*) FROM (SELECT 1 AS found FROM websub_subscription WHERE due_at <= ",
            )
            .value(now)
            .text(
                " LIMIT 1) AS due), (SELECT COUNT(*) FROM (SELECT 1 AS found FROM websub_subscription LIMIT 1) AS one)",
            );
        let (last_change, _) = self.extent(Stream::Public).await?;
        let Some(row) = self.one(sql).await? else {
            return Err(PersistenceError::stored(
                "no row of one that is written out",
            ));
        };
        let flag = |place| Ok::<_, PersistenceError>(column::<i64>(&row, place)? != 0);
        Ok(WebsubWork {
            last_change,
            has_requests: flag(0)?,
            has_due: flag(1)?,
            has_subscriptions: flag(2)?,
        })
    }

    /// How many subscriptions there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn websub_counts(
        &self,
        topic: &str,
        callback: &str,
        callback_host: &str,
    ) -> Result<WebsubCounts, PersistenceError> {
        let mut sql = self.sql(
            "SELECT (SELECT COUNT(*) FROM websub_request), (SELECT COUNT(*) FROM websub_subscription), ",
        );
        for (place, table) in ["websub_request", "websub_subscription"].iter().enumerate() {
            sql.text(if place == 0 { "" } else { " + " })
                .text("(SELECT COUNT(*) FROM ")
                .text(table)
                .text(" WHERE callback_host = ")
                .value(callback_host)
                .text(" AND NOT (topic = ")
                .value(topic)
                .text(" AND callback = ")
                .value(callback)
                .text("))");
        }
        let Some(row) = self.one(sql).await? else {
            return Err(PersistenceError::stored(
                "no row of one that is written out",
            ));
        };
        Ok(WebsubCounts {
            requests: column(&row, 0)?,
            subscriptions: column(&row, 1)?,
            of_host: column(&row, 2)?,
        })
    }

    /// Requests that are due, at most so many: those that were due first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn websub_requests_due(
        &self,
        most: u16,
    ) -> Result<Vec<WebsubRequest>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(REQUEST_COLUMNS)
            .text(" FROM websub_request WHERE due_at <= ")
            .value(self.now().timestamp_millis())
            .text(" ORDER BY due_at LIMIT ")
            .value(i64::from(most));
        self.all(sql).await?.iter().map(read_request).collect()
    }

    /// The feeds that somebody is told of, or was until a moment ago, by path.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn websub_topics(&self) -> Result<Vec<String>, PersistenceError> {
        // Few feeds have very many subscribers: from each feed it steps to the next, over all who subscribe to it.
        let sql = self.sql(
            "WITH RECURSIVE told (topic) AS (SELECT MIN(topic) FROM websub_subscription UNION ALL \
             SELECT (SELECT MIN(following.topic) FROM websub_subscription AS following WHERE following.topic > told.topic) \
             FROM told WHERE told.topic IS NOT NULL) \
             SELECT topic FROM told WHERE topic IS NOT NULL",
        );
        let rows = self.all(sql).await?;
        rows.iter().map(|row| column(row, 0)).collect()
    }

    /// Subscriptions to any feed that are due, at most so many: those who have waited longest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn websub_subscriptions_due(
        &self,
        most: u16,
    ) -> Result<Vec<WebsubSubscription>, PersistenceError> {
        let now = self.now().timestamp_millis();
        let mut sql = self.sql("SELECT ");
        sql.text(SUBSCRIPTION_COLUMNS)
            .text(" FROM websub_subscription WHERE due_at <= ")
            .value(now)
            .text(" AND lease_until > ")
            .value(now)
            .text(" ORDER BY due_at LIMIT ")
            .value(i64::from(most));
        self.all(sql).await?.iter().map(read_subscription).collect()
    }
}

pub(crate) fn read_subscription(row: &Row) -> Result<WebsubSubscription, PersistenceError> {
    Ok(WebsubSubscription {
        id: column(row, 0)?,
        topic: column(row, 1)?,
        callback: column(row, 2)?,
        secret: column(row, 3)?,
        delivered: column(row, 4)?,
        failures: column(row, 5)?,
    })
}

pub(crate) fn read_request(row: &Row) -> Result<WebsubRequest, PersistenceError> {
    let mode: String = column(row, 1)?;
    Ok(WebsubRequest {
        id: column(row, 0)?,
        subscribes: match mode.as_str() {
            SUBSCRIBE => true,
            UNSUBSCRIBE => false,
            _ => return Err(PersistenceError::stored(format!("mode '{mode}'"))),
        },
        topic: column(row, 2)?,
        callback: column(row, 3)?,
        callback_host: column(row, 4)?,
        secret: column(row, 5)?,
        lease_seconds: column(row, 6)?,
        delivered: column(row, 7)?,
        attempts: column(row, 8)?,
    })
}
