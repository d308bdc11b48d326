//! The desk: where a request to write comes in, from whoever it comes.
//!
//! Every use case is a method of [`Desk`], in the modules around this one, and goes the same way: authorise,
//! load, ask domain, save. It begins with `Desk::begin` and ends with `Desk::end`, between which one
//! transaction is open: what a request acknowledges is saved whole, and once.

use masthead_domain::{
    clock::Clock,
    node_id::NodeId,
    revision::Author,
    viewer::{Caller, NotPermitted, Role},
};
use masthead_persistence::{Database, IdempotentWrite, PersistenceError, Transaction};

use crate::input::{Fault, FaultCode, one};

/// Where requests to write come in.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What is written to.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
    /// Who is asking.
    pub caller: Caller,
    /// Which request it is, where the client has named it so that it is not carried out twice.
    pub idempotent: Option<IdempotentWrite>,
}

/// Why a write was not made. Nothing of it was saved.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The caller may not.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The input has faults that a person can mend.
    #[error("the input has {} faults", .0.len())]
    Faults(Vec<Fault>),
    /// The client gave another request the same idempotency key.
    #[error(
        "the Idempotency-Key was used for another request: use a new one for each request, and the same one only to repeat it"
    )]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Persistence(PersistenceError),
}

impl From<Vec<Fault>> for WriteError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

impl From<PersistenceError> for WriteError {
    fn from(error: PersistenceError) -> Self {
        match error {
            PersistenceError::StaleRevision => {
                Self::Faults(one(FaultCode::StaleRevision, "revision", error.to_string()))
            }
            error => Self::Persistence(error),
        }
    }
}

/// A write that has begun.
pub(crate) enum Begun {
    /// Now.
    Now(Transaction),
    /// When the same request came before: this is what it saved.
    Before(NodeId),
}

impl Desk {
    /// Begins a write for which the caller needs this role.
    pub(crate) async fn begin(&self, role: Role) -> Result<Begun, WriteError> {
        let viewer = self.caller.require(role)?;
        let author = Author::Subject(viewer.subject.clone());
        let transaction = self.database.write(&self.clock, author).await?;
        if let Some(request) = &self.idempotent
            && let Some(former) = transaction.former_request(request).await?
        {
            if former.request != request.request {
                transaction.roll_back().await?;
                return Err(WriteError::KeyReused);
            }
            if let Some(node) = former.outcome {
                transaction.roll_back().await?;
                return Ok(Begun::Before(node));
            }
        }
        Ok(Begun::Now(transaction))
    }

    /// Ends a write: what was saved stays, or nothing is.
    pub(crate) async fn end(
        &self,
        transaction: Transaction,
        outcome: Result<NodeId, WriteError>,
    ) -> Result<NodeId, WriteError> {
        match outcome {
            Ok(node) => {
                if let Some(request) = &self.idempotent {
                    transaction.keep_outcome(request, node).await?;
                }
                transaction.commit().await?;
                Ok(node)
            }
            Err(error) => {
                transaction.roll_back().await?;
                Err(error)
            }
        }
    }
}

/// Runs a use case between begin and end. A macro, since it lends the transaction to what it runs.
macro_rules! in_one_write {
    ($desk:expr, $role:expr, |$transaction:ident| $work:expr) => {{
        match $desk.begin($role).await? {
            $crate::desk::Begun::Before(node) => Ok(node),
            $crate::desk::Begun::Now(transaction) => {
                let outcome = {
                    let $transaction = &transaction;
                    $work.await
                };
                $desk.end(transaction, outcome).await
            }
        }
    }};
}

pub(crate) use in_one_write;
