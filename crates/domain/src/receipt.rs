//! Receipts: who has been told that an article was withdrawn.
//!
//! A partner has been told once what it reads has come past the withdrawal in the change log: a page of `changes` that
//! goes as far, or a feed that was made after it.

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

/// That a partner has been told of a withdrawal, or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerReceipt {
    /// The partner.
    pub partner: PartnerId,
    /// Its name.
    pub name: String,
    /// Each path by which it reads, the earliest told first; those that have not been told come last.
    pub places: Vec<PlaceReceipt>,
}

/// That what a partner reads has come past a withdrawal, or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceReceipt {
    /// What it reads: the path.
    pub place: String,
    /// When it was told; none where it has not been.
    pub told_at: Option<DateTime<Utc>>,
    /// When it last read.
    pub last_read_at: DateTime<Utc>,
}
