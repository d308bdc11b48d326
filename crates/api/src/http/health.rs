//! Liveness and readiness.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use http::{HeaderValue, header};
use serde_json::json;
use thiserror::Error;

use super::problem::Problem;
use crate::error_code::ErrorCode;

const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Why the server cannot answer yet or any more. Shown to whoever asks: no internals.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NotReady(pub String);

/// Finds out whether requests could be answered now: database reached, migrations applied.
pub trait Readiness: Send + Sync + 'static {
    /// Looks. Given up after two seconds.
    fn check(&self) -> BoxFuture<'_, Result<(), NotReady>>;
}

/// Tells the routes that the server is stopping.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// From now on `/readyz` answers 503.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What `/readyz` asks.
#[derive(Clone)]
pub(crate) struct ReadinessState {
    pub(crate) readiness: Arc<dyn Readiness>,
    pub(crate) stop: StopFlag,
}

/// `/healthz`: the process runs and answers. It asks nothing of what it depends on, since restarting
/// this process would not mend that.
pub(crate) async fn live() -> Response {
    status("ok")
}

/// `/readyz`: requests are welcome.
pub(crate) async fn ready(State(state): State<ReadinessState>) -> Result<Response, Problem> {
    let unavailable = |detail: String| {
        Problem::new(ErrorCode::ServiceUnavailable, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    };
    if state.stop.is_raised() {
        return Err(unavailable("The server is stopping.".to_owned()));
    }
    match tokio::time::timeout(CHECK_TIMEOUT, state.readiness.check()).await {
        Ok(Ok(())) => Ok(status("ready")),
        Ok(Err(reason)) => Err(unavailable(reason.to_string())),
        Err(_) => Err(unavailable(
            "What the server depends on does not answer.".to_owned(),
        )),
    }
}

fn status(status: &str) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([no_store], Json(json!({ "status": status }))).into_response()
}
