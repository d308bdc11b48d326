//! What can go wrong with a database.

use sea_orm::DbErr;

/// Why the database did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum PersistenceError {
    /// The address names no database that this program can use.
    #[error(
        "'{url}' is no database address: write 'sqlite://masthead.db' or 'postgres://user@host/name'"
    )]
    Address {
        /// The address as given, its password left out.
        url: String,
    },
    /// The database could not be opened.
    #[error("the database cannot be opened: {0}")]
    Open(#[source] DbErr),
    /// A statement failed, or the connection was lost.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// A statement failed that reads a SQLite file.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// One of several statements failed that were made together, or the connection was lost.
    #[error("the database failed: {0}")]
    Wave(String),
    /// The archive has changed since the first read in a light snapshot: what was read is of a moment that is gone.
    #[error("the archive has changed while it was read")]
    Changed,
    /// A stored value does not fit its type.
    #[error("the database holds a value that this version cannot read: {what}")]
    Stored {
        /// Which value, and what it holds.
        what: String,
    },
    /// Somebody else saved the article in between.
    #[error("the article has been saved by someone else in between: load it again")]
    StaleRevision,
}

impl PersistenceError {
    pub(crate) fn stored(what: impl Into<String>) -> Self {
        Self::Stored { what: what.into() }
    }
}
