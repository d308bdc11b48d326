//! What a request may write to, and as whom.

use std::sync::Arc;

use async_graphql::Context;
use masthead_domain::{audience::PublicAccess, clock::Clock, target::TargetPolicy, viewer::Caller};
use masthead_newsroom::desk::Desk;
use masthead_persistence::{Database, IdempotentWrite};

use super::{
    error::{QueryError, Result},
    idempotency::KeyedRequest,
};

/// What a request writes to, as whom, and under which key.
pub(crate) struct Office {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) caller: Caller,
    pub(crate) keyed: Option<KeyedRequest>,
    /// What everyone may have without asking.
    pub(crate) access: PublicAccess,
    /// Where webhooks may be delivered to.
    pub(crate) targets: Arc<TargetPolicy>,
}

impl Office {
    /// The office of the request.
    pub(crate) fn of<'a>(context: &Context<'a>) -> Result<&'a Self> {
        context.data_opt::<Self>().ok_or(QueryError::Broken(
            "the request came without an archive to write to",
        ))
    }

    /// The desk at which the mutation field being resolved hands in its write.
    pub(crate) fn desk(&self, context: &Context<'_>) -> Desk {
        let place = context
            .path_node
            .map(|node| node.to_string_vec().join("."))
            .unwrap_or_default();
        Desk {
            database: self.database.clone(),
            clock: self.clock.clone(),
            caller: self.caller.clone(),
            idempotent: self.keyed.as_ref().map(|keyed| IdempotentWrite {
                id: keyed.id.clone(),
                request: keyed.request.clone(),
                place,
            }),
        }
    }
}
