//! Reads a request's body within bounds of size and time.

use std::{error::Error, io, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::Route,
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header;
use http_body_util::{LengthLimitError, Limited};
use tower::util::MapRequest;
use tower_http::decompression::{DecompressionBody, RequestDecompression};

use super::problem::Problem;
use crate::error_code::ErrorCode;

/// Bounds the body as it is sent. What it decompresses to is bounded by [`read`]: a few kilobytes may
/// well become gigabytes.
pub(crate) async fn bound(
    State(max_bytes): State<usize>,
    request: Request,
    next: Next,
) -> Response {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > u64::try_from(max_bytes).unwrap_or(u64::MAX)) {
        // Who asks first is told before anything is sent.
        if !request.headers().contains_key(header::EXPECT) {
            discard(request.into_body()).await;
        }
        return too_large(max_bytes).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, max_bytes))))
        .await
}

/// How much of a body that is too large is taken in and thrown away, and for how long: a client that is still
/// sending when the connection closes sees a broken pipe, and never reads why.
const MOST_DISCARDED: usize = 64 * 1024 * 1024;
const DISCARDING: Duration = Duration::from_secs(10);

async fn discard(body: Body) {
    let mut discarded = 0;
    let mut chunks = body.into_data_stream();
    let all = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            discarded += chunk.len();
            if discarded > MOST_DISCARDED {
                break;
            }
        }
    };
    // Late or early, the answer is the same.
    let _ = tokio::time::timeout(DISCARDING, all).await;
}

/// Decompresses the body by `Content-Encoding`; others than gzip, br and zstd are answered with 415.
pub(crate) fn decompress(route: Route) -> Decompress {
    RequestDecompression::new(MapRequest::new(route, |request| request.map(Body::new)))
}

type Decompress = RequestDecompression<
    MapRequest<Route, fn(http::Request<DecompressionBody<Body>>) -> http::Request<Body>>,
>;

/// The whole body.
pub(crate) async fn read(
    body: Body,
    max_bytes: usize,
    timeout: Duration,
) -> Result<Bytes, Problem> {
    match tokio::time::timeout(timeout, to_bytes(body, max_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if exceeds_limit(&error) => Err(too_large(max_bytes)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a request's body could not be read");
            Err(Problem::new(
                ErrorCode::BadRequest,
                "The body broke off, or is not compressed as Content-Encoding says.",
            ))
        }
        Err(_) => Err(Problem::new(
            ErrorCode::RequestTimeout,
            format!(
                "The body did not arrive within {} seconds.",
                timeout.as_secs()
            ),
        )),
    }
}

pub(crate) fn too_large(max_bytes: usize) -> Problem {
    Problem::new(
        ErrorCode::PayloadTooLarge,
        format!("The body may have at most {max_bytes} bytes, as sent and once decompressed."),
    )
}

/// Whether a limit on length is among the causes. An `io::Error` keeps its cause to itself.
fn exceeds_limit(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}
