//! What executes GraphQL requests, as the HTTP layer sees it.

use std::future::ready;

use async_graphql::{Executor, Request, Response, parser::types::ExecutableDocument};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture};
use masthead_domain::audience::Audience;

use crate::graphql::{
    Answer, Event, EventAnswer, EventStream, Provenance, RequestParts, SubscriptionRequest,
};

/// Executes GraphQL requests: a schema, or a layer around one.
///
/// The library's own [`Executor`] is no trait object; whatever implements that is one of these.
pub trait GraphqlExecutor: Send + Sync + 'static {
    /// Executes one request, which has its [`Caller`](masthead_domain::viewer::Caller) among its data. What went
    /// wrong is in the response.
    fn execute(&self, request: Request) -> BoxFuture<'_, Answer>;

    /// The bytes of an answer that need not be executed, since all of its parts are kept; none where some are not.
    fn assemble(&self, parts: &RequestParts, audience: &Audience) -> Option<(Bytes, Provenance)> {
        let _ = (parts, audience);
        None
    }

    /// The public edition that answers are made of from now on, or a later one; none where that is not known.
    fn edition(&self) -> BoxFuture<'_, Option<i64>> {
        ready(None).boxed()
    }

    /// Begins a subscription.
    ///
    /// # Errors
    /// The response to one that cannot begin.
    fn subscribe(
        &self,
        request: SubscriptionRequest,
    ) -> BoxFuture<'_, Result<EventStream, Response>>;
}

impl<E: Executor> GraphqlExecutor for E {
    fn execute(&self, request: Request) -> BoxFuture<'_, Answer> {
        Executor::execute(self, request).map(Answer::from).boxed()
    }

    fn subscribe(
        &self,
        subscription: SubscriptionRequest,
    ) -> BoxFuture<'_, Result<EventStream, Response>> {
        let mut request = Request::new(&*subscription.text).variables(subscription.variables);
        request.operation_name = subscription.operation_name;
        request.set_parsed_query(ExecutableDocument::clone(&subscription.document));
        let events = self
            .execute_stream(request.data(subscription.caller), None)
            .map(|response| Event {
                cursor: None,
                told_through: None,
                answer: EventAnswer::Response(response),
            });
        let stream = EventStream {
            start: None,
            events: events.boxed(),
        };
        std::future::ready(Ok(stream)).boxed()
    }
}
