//! Events, as they were asked for: the document of a subscription, executed for one of them as a query of its own.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use async_graphql::{Request, Response, Variables, parser::types::ExecutableDocument};
use bytes::Bytes;
use futures_util::StreamExt as _;
use masthead_domain::{audience::Audience, viewer::Caller};
use masthead_persistence::PersistenceError;

use super::{EventAnswer, SubscriptionRequest, shared::Key};
use crate::{
    cache::LogEnd,
    graphql::{
        Archive, QueryError,
        archive::refuse,
        json,
        loaders::Loaders,
        office::Office,
        subscription::{Occurrence, Turn},
        waves::Waves,
    },
};

/// What subscribers ask of each event: for those who ask the same, it is made once.
pub(super) struct Asked {
    pub(super) caller: Caller,
    /// What they may see.
    pub(super) audience: Audience,
    text: Arc<str>,
    pub(super) document: Arc<ExecutableDocument>,
    operation_name: Option<String>,
    variables: Variables,
    /// As JSON, by which they are compared.
    variables_text: String,
    timeout: Duration,
    hash: u64,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || self.hash == other.hash
                && self.caller == other.caller
                && self.audience == other.audience
                && self.text == other.text
                && self.operation_name == other.operation_name
                && self.variables_text == other.variables_text
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<State: Hasher>(&self, state: &mut State) {
        state.write_u64(self.hash);
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Asked")
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

impl Asked {
    pub(super) fn new(
        request: SubscriptionRequest,
        document: Arc<ExecutableDocument>,
        audience: Audience,
    ) -> Self {
        let variables_text = serde_json::to_string(&request.variables).unwrap_or_default();
        let mut hasher = std::hash::DefaultHasher::new();
        let viewer = request.caller.viewer();
        viewer.map(|viewer| &viewer.subject).hash(&mut hasher);
        request.text.hash(&mut hasher);
        request.operation_name.hash(&mut hasher);
        variables_text.hash(&mut hasher);
        Self {
            caller: request.caller,
            audience,
            text: request.text,
            document,
            operation_name: request.operation_name,
            variables: request.variables,
            variables_text,
            timeout: request.timeout,
            hash: hasher.finish(),
        }
    }

    fn request(&self, document: &ExecutableDocument) -> Request {
        let mut request = Request::new(&*self.text).variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation_name);
        request.set_parsed_query(document.clone());
        request
    }
}

/// What came of executing an event.
#[derive(Debug)]
pub(super) enum Made {
    /// It is none for whoever asked.
    Nothing,
    Json(Bytes),
    Failed(Response),
}

impl Made {
    fn of(response: Response) -> Self {
        if response.errors.is_empty() {
            let mut bytes = b"{\"data\":".to_vec();
            json::write(&response.data, &mut bytes);
            bytes.push(b'}');
            Self::Json(bytes.into())
        } else {
            Self::Failed(response)
        }
    }

    /// The answer to one of those who get it.
    pub(super) fn answer(&self) -> Option<EventAnswer> {
        match self {
            Self::Nothing => None,
            Self::Json(bytes) => Some(EventAnswer::Json(bytes.clone())),
            Self::Failed(response) => {
                let mut copy = Response::from_errors(response.errors.clone());
                copy.data = response.data.clone();
                Some(EventAnswer::Response(copy))
            }
        }
    }

    /// How much it takes up.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Json(bytes) => bytes.len(),
            // A guess: there is a handful of errors, and data beside them where some fields failed.
            Self::Failed(_) => 4_096,
        }
    }

    /// Whether nothing of it could be told, so that whoever goes on from the event before misses nothing.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Failed(response) if response.data == async_graphql::Value::Null)
    }
}

impl Archive {
    /// The document as a request of a subscription's, in one of its turns.
    pub(super) fn in_turn(&self, asked: &Asked, loaders: Loaders, turn: Turn) -> Request {
        let office = Office {
            database: self.database.clone(),
            clock: self.clock.clone(),
            caller: asked.caller.clone(),
            keyed: None,
            access: self.access,
            targets: self.targets.clone(),
        };
        asked
            .request(&asked.document)
            .data(Arc::new(loaders))
            .data(office)
            .data(turn)
    }

    /// What happened, as it is asked for: made once for all who ask the same while the log stands where it does.
    pub(super) async fn event(
        &self,
        asked: &Arc<Asked>,
        number: i64,
        occurrence: Occurrence,
        end: LogEnd,
    ) -> Arc<Made> {
        let edition = if asked.audience.is_everyone() {
            end.public
        } else {
            end.newsroom
        };
        self.shared
            .event(Key::Event(asked.clone(), number, edition), async {
                Arc::new(self.make_event(asked, occurrence).await)
            })
            .await
    }

    /// Executes a subscription's document for one event.
    async fn make_event(&self, asked: &Asked, occurrence: Occurrence) -> Made {
        let waves = Waves::default();
        let executed = async {
            let sight = self
                .look(self.database.snapshot(), &asked.audience, false)
                .await?;
            let loaders = self.loaders(sight, asked.audience.clone(), &waves);
            let request = self.in_turn(asked, loaders, Turn::Event(occurrence));
            let mut events = self.validated.execute_stream(request);
            Ok::<_, PersistenceError>(waves.run(events.next()).await)
        };
        match tokio::time::timeout(asked.timeout, executed).await {
            Ok(Ok(Some(response))) => Made::of(response),
            Ok(Ok(None)) => Made::Nothing,
            Ok(Err(error)) => Made::Failed(refuse(QueryError::Archive(error.into()))),
            Err(_) => Made::Failed(refuse(QueryError::TimedOut(asked.timeout))),
        }
    }
}
