//! Following the log for those who subscribe: from a place in it on, page by page, then as it goes on.
//!
//! Nothing is kept for a subscriber but their place in the log. An event is read and made when they are ready to take it,
//! so one who reads slowly falls behind and takes up no memory. Between one page and the next nothing can be missed and
//! nothing comes twice: a page begins where the last one ended, in the log itself, whoever writes meanwhile.
//!
//! Whoever is at the same place reads the same page, and whoever also asks the same gets the same bytes: `shared`.

mod event;
mod following;
mod shared;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{Response, Variables, parser::types::ExecutableDocument};
use bytes::Bytes;
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use masthead_domain::viewer::Caller;
use masthead_persistence::ChangePosition;

use super::{Archive, Sight, Validation, refuse};
use crate::graphql::{
    QueryError, Schema, cursor,
    subscription::{Source, Turn},
    subscription_root,
    waves::Waves,
};

use event::Asked;
use following::Following;
pub(crate) use shared::Shared;

/// An operation that subscribes.
#[derive(Debug)]
pub struct SubscriptionRequest {
    /// The document's text.
    pub text: Arc<str>,
    /// The document, measured.
    pub document: Arc<ExecutableDocument>,
    /// Whether it has been found valid before.
    pub validation: Validation,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Its variables.
    pub variables: Variables,
    /// Who subscribes.
    pub caller: Caller,
    /// The cursor of the last event that they had before their connection broke: it goes before any argument.
    pub last_event: Option<String>,
    /// How long the execution of one event may take.
    pub timeout: Duration,
}

/// What comes of a subscription.
pub struct EventStream {
    /// The cursor of the place after which it begins; none where events have no places.
    pub start: Option<String>,
    /// What happens, made when it is taken.
    pub events: BoxStream<'static, Event>,
}

impl fmt::Debug for EventStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventStream")
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

/// Something that happened, as it was asked for.
#[derive(Debug)]
pub struct Event {
    /// The cursor of its place.
    pub cursor: Option<String>,
    /// How far in the log whoever takes it has been told of changes, where they follow those.
    pub told_through: Option<ChangePosition>,
    /// What is answered.
    pub answer: EventAnswer,
}

/// What is answered of an event.
#[derive(Debug)]
pub enum EventAnswer {
    /// A whole response without errors, as JSON: `{"data":…}`.
    Json(Bytes),
    /// A response that may have errors.
    Response(Response),
}

impl Archive {
    /// Begins a subscription, for its caller.
    ///
    /// # Errors
    /// The response to one that cannot begin.
    pub fn subscribe(
        &self,
        request: SubscriptionRequest,
    ) -> BoxFuture<'_, Result<EventStream, Response>> {
        self.begin(request).boxed()
    }

    async fn begin(&self, request: SubscriptionRequest) -> Result<EventStream, Response> {
        let mut document = request.document.clone();
        let validation = request.validation.clone();
        let last_event = request.last_event.clone();
        let operation_name = request.operation_name.clone();
        let audience = request.caller.audience(self.access);
        let mut asked = Asked::new(request, document.clone(), audience);

        let mut source = None;
        if !validation.holds() {
            source = self.source(&self.schema, &asked).await?;
            validation.set();
        }
        let with_one_field =
            subscription_root::with_one_field(&document, operation_name.as_deref())
                .map_err(|error| Response::from_errors(vec![error]))?;
        if let Some(changed) = with_one_field {
            document = Arc::new(changed);
            asked.document = document;
            source = None;
        }
        if source.is_none() {
            source = self.source(&self.validated, &asked).await?;
        }
        let source = source.ok_or_else(|| {
            refuse(QueryError::Broken(
                "the root field of a subscription followed nothing",
            ))
        })?;

        let after = match last_event {
            Some(cursor) => Some(cursor::change(&cursor).ok_or_else(|| {
                refuse(QueryError::InvalidCursor {
                    argument: "Last-Event-ID",
                })
            })?),
            None => match &source {
                Source::Changes { after } => *after,
                Source::Latest { .. } => None,
            },
        };
        // Before anything is followed, what this process has written is known.
        self.follower.settle().await;
        let following = Following::from(self.clone(), asked, source, after)
            .await
            .map_err(refuse)?;
        Ok(EventStream {
            start: Some(cursor::of_change(following.position())),
            events: stream::unfold(following, |following| following.next().boxed()).boxed(),
        })
    }

    /// What a subscription follows, as its root field says.
    async fn source(&self, schema: &Schema, asked: &Asked) -> Result<Option<Source>, Response> {
        let waves = Waves::default();
        let sight = Sight {
            snapshot: self.database.snapshot(),
            now: self.clock.now(),
            edition: None,
            is_noted: false,
        };
        let followed = Arc::new(Mutex::default());
        let request = self.in_turn(
            asked,
            self.loaders(sight, asked.audience.clone(), &waves),
            Turn::Beginning(followed.clone()),
        );
        let mut events = schema.execute_stream(request);
        // One that begins has no event yet; one that cannot has its error.
        if let Some(mut response) = waves.run(events.next()).await {
            // It is the request's error, not a field's: nothing has been executed.
            for error in &mut response.errors {
                error.path.clear();
            }
            response.data = async_graphql::Value::Null;
            return Err(response);
        }
        drop(events);
        let source = followed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(source)
    }
}
