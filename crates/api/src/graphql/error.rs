//! What can go wrong inside a query, each with the code by which a client tells it apart.

use std::{sync::Arc, time::Duration};

use async_graphql::ErrorExtensions as _;
use masthead_domain::viewer::NotPermitted;
use masthead_newsroom::desk::WriteError;
use masthead_persistence::PersistenceError;

use crate::error_code::ErrorCode;

/// Why a field has no value.
///
/// It has no `Display`, so that it reaches a client through its code and its message alone.
#[derive(Clone, Debug)]
pub enum QueryError {
    /// An argument's value cannot be used.
    BadInput(String),
    /// A cursor is none of this list's.
    InvalidCursor {
        /// The argument that holds it.
        argument: &'static str,
    },
    /// The caller may not.
    NotPermitted(NotPermitted),
    /// The changes after a cursor cannot be told any more.
    StartAgain,
    /// It was stopped at the time limit.
    TimedOut(Duration),
    /// Another request was given the same idempotency key.
    KeyReused,
    /// What must be there is not: the reason is for the log alone.
    Broken(&'static str),
    /// The database failed: the reason is for the log alone.
    Archive(Arc<PersistenceError>),
}

impl QueryError {
    /// The code by which a client tells it apart.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadInput(_) => ErrorCode::BadUserInput,
            Self::InvalidCursor { .. } => ErrorCode::InvalidCursor,
            Self::NotPermitted(NotPermitted::Unauthenticated) => ErrorCode::Unauthenticated,
            Self::NotPermitted(
                NotPermitted::Forbidden(_)
                | NotPermitted::ScopeMissing(_)
                | NotPermitted::PartnerMissing,
            ) => ErrorCode::Forbidden,
            Self::StartAgain => ErrorCode::StartAgain,
            Self::TimedOut(_) => ErrorCode::Timeout,
            Self::KeyReused => ErrorCode::IdempotencyKeyReused,
            Self::Broken(_) | Self::Archive(_) => ErrorCode::InternalServerError,
        }
    }

    /// What a client is told.
    fn message(&self) -> String {
        match self {
            Self::BadInput(message) => message.clone(),
            Self::InvalidCursor { argument } => format!(
                "'{argument}' is not a cursor of this list: pass on a cursor from one of its answers as it is"
            ),
            Self::NotPermitted(refusal) => refusal.to_string(),
            Self::StartAgain => "the changes after this cursor are not kept any more, or not for this token: drop what you hold, and follow 'changes' from the start, without 'after'".to_owned(),
            Self::TimedOut(limit) => format!(
                "Execution was stopped after {} seconds. Ask for less at once.",
                limit.as_secs()
            ),
            Self::KeyReused => WriteError::KeyReused.to_string(),
            Self::Broken(_) | Self::Archive(_) => {
                "the archive could not be read; try again".to_owned()
            }
        }
    }
}

impl From<Arc<PersistenceError>> for QueryError {
    fn from(error: Arc<PersistenceError>) -> Self {
        Self::Archive(error)
    }
}

impl From<QueryError> for async_graphql::Error {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where errors of queries are made"
    )]
    fn from(error: QueryError) -> Self {
        match &error {
            // The query is executed once more.
            QueryError::Archive(reason) if matches!(**reason, PersistenceError::Changed) => {}
            QueryError::Archive(reason) => tracing::error!(%reason, "a read failed"),
            QueryError::Broken(reason) => tracing::error!(reason, "a read failed"),
            _ => {}
        }
        Self::new(error.message())
            .extend_with(|_, extensions| extensions.set("code", error.code().as_str()))
    }
}

/// What a resolver answers.
pub(crate) type Result<Value> = std::result::Result<Value, QueryError>;
