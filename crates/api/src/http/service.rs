//! What answers HTTP: what comes before the routes, then the routes.
//!
//! The short way and the counting of requests are no layers of the routes: those are copied for each request, with all
//! that they hold, which takes longer than to send an answer that is kept.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Router, extract::Request, response::Response};
use futures_util::{FutureExt as _, future::BoxFuture};
use tower::Service;

use super::{graphql::Shortcut, rate_limits::RateLimits};

/// Answers HTTP requests. Copies of it are cheap, and answer alike.
#[derive(Clone)]
pub struct HttpService {
    short: Arc<Shortcut>,
    limits: RateLimits,
    routes: Router,
}

impl HttpService {
    pub(super) fn new(short: Shortcut, limits: RateLimits, routes: Router) -> Self {
        Self {
            short: Arc::new(short),
            limits,
            routes,
        }
    }

    async fn answer(self, request: Request) -> Response {
        let Self {
            short,
            limits,
            routes,
        } = self;
        // Requests with a token never take the short way, so where only those are counted it costs the others nothing.
        if limits.counts_addresses() {
            let answer = |request| short.answer(request, |request| by_route(routes, request));
            limits.count(request, answer).await
        } else {
            let count = |request| limits.count(request, |request| by_route(routes, request));
            short.answer(request, count).await
        }
    }
}

async fn by_route(mut routes: Router, request: Request) -> Response {
    match routes.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

impl Service<Request> for HttpService {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routes are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.clone().answer(request).map(Ok).boxed()
    }
}
