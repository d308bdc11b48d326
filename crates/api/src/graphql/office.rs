//! What a request may write to, and as whom.

use async_graphql::Context;
use masthead_domain::{clock::Clock, viewer::Caller};
use masthead_newsroom::desk::Desk;
use masthead_persistence::{Database, IdempotentWrite};
use tokio::sync::OnceCell;

use super::{
    error::{QueryError, Result},
    idempotency::KeyedRequest,
    waves::Waves,
};

/// What a request writes to, as whom, and under which key.
pub(crate) struct Office {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) caller: Caller,
    pub(crate) keyed: Option<KeyedRequest>,
    /// In which the request reads.
    pub(crate) waves: Waves,
    /// Whether the change log says what the clock has published, once that has been seen to.
    pub(crate) noted: OnceCell<Result<()>>,
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

    /// Sees to it that the change log says what the clock has published by now, once in a request.
    pub(crate) async fn note_publications(&self) -> Result<()> {
        let note = async || {
            let (database, clock) = (self.database.clone(), self.clock.clone());
            let noting = async move { database.note_publications(&clock).await };
            match self.waves.take_along(noting).await {
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(QueryError::Archive(error.into())),
                None => Err(QueryError::Broken("a wave was given up")),
            }
        };
        self.noted.get_or_init(note).await.clone()
    }
}
