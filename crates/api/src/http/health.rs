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
use tokio::sync::watch;

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

/// Tells the routes that the server is stopping, and open streams that they end.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<Stop>);

#[derive(Debug, Default)]
struct Stop {
    is_raised: AtomicBool,
    streams_end: watch::Sender<bool>,
}

/// That a stream is open. To be dropped once its last word is sent.
#[derive(Debug)]
pub(crate) struct OpenStream(#[expect(dead_code, reason = "it is counted")] watch::Receiver<bool>);

impl StopFlag {
    /// From now on `/readyz` answers 503.
    pub fn raise(&self) {
        self.0.is_raised.store(true, Ordering::Release);
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        self.0.is_raised.load(Ordering::Acquire)
    }

    /// Ends all streams, and waits until they have.
    pub(crate) async fn end_streams(&self) {
        self.0.streams_end.send_replace(true);
        self.0.streams_end.closed().await;
    }

    /// Waits until streams are to end.
    pub(crate) async fn streams_end(&self) {
        let mut end = self.0.streams_end.subscribe();
        // It lives as long as this flag.
        if end.wait_for(|is_end| *is_end).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Notes that a stream is open.
    pub(crate) fn open_stream(&self) -> OpenStream {
        OpenStream(self.0.streams_end.subscribe())
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
