//! What executes GraphQL requests, as the HTTP layer sees it.

use async_graphql::{Executor, Request};
use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::audience::Audience;

use crate::graphql::{Answer, Provenance, RequestParts};

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
}

impl<E: Executor> GraphqlExecutor for E {
    fn execute(&self, request: Request) -> BoxFuture<'_, Answer> {
        Executor::execute(self, request).map(Answer::from).boxed()
    }
}
