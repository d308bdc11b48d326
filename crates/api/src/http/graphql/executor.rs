//! What executes GraphQL requests, as the HTTP layer sees it.

use async_graphql::{Executor, Request, Response};
use futures_util::future::BoxFuture;

/// Executes GraphQL requests: a schema, or a layer around one.
///
/// The library's own [`Executor`] is no trait object; whatever implements that is one of these.
pub trait GraphqlExecutor: Send + Sync + 'static {
    /// Executes one request, which has its [`Caller`](masthead_domain::viewer::Caller) among its data. What went
    /// wrong is in the response.
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
}

impl<E: Executor> GraphqlExecutor for E {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(Executor::execute(self, request))
    }
}
