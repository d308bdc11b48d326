//! Receipts: who has been told that an article was withdrawn.
//!
//! A partner has been told once what it reads has come past the withdrawal in the change log - a page of `changes` that
//! goes as far, or a feed that was made after it -, and a webhook once its receiver has acknowledged it.

use chrono::{DateTime, Utc};

use crate::{change::Stream, identifier::PartnerId};

/// How far a partner has come in what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who reads.
    pub partner: PartnerId,
    /// What: the path.
    pub place: String,
    /// The stream of the change log that tells it.
    pub stream: Stream,
    /// The number in the stream through which it has been told.
    pub through: i64,
    /// When it was.
    pub at: DateTime<Utc>,
}

/// Whether someone who holds copies has been told of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalReceipt {
    /// The partner and its name; none of the magazine's own webhooks.
    pub partner: Option<(PartnerId, String)>,
    /// Each way by which they come to know, the earliest told first; those that have not told them come last.
    pub ways: Vec<WayReceipt>,
}

/// Whether one way has told them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayReceipt {
    /// The way.
    pub way: Way,
    /// When it told them; none where it has not.
    pub told_at: Option<DateTime<Utc>>,
    /// When they last read, or when the delivery to a webhook was last tried; none where it has not been.
    pub last_at: Option<DateTime<Utc>>,
}

/// A way by which someone comes to know of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// They read at this path.
    Reading(String),
    /// It is delivered to the webhook at this address.
    Webhook(String),
}
