//! Makes every error response outside GraphQL a problem document.

use std::panic::AssertUnwindSafe;

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{HeaderValue, StatusCode, header};

use super::{
    problem::{PROBLEM_JSON, Problem},
    request_id::RequestId,
};
use crate::error_code::ErrorCode;

/// Marks a response whose body is a GraphQL response, whatever its status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsGraphql;

/// Writes the documents, also for errors that the framework answers itself (405, 415) and for panics.
pub(crate) async fn write_problems(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().cloned();
    let method = request.method().clone();
    let response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            tracing::error!(panic = message, "a request handler panicked");
            internal_error().into_response()
        }
    };
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error())
        || response.extensions().get::<IsGraphql>().is_some()
    {
        return response;
    }
    let problem = response
        .extensions()
        .get::<Problem>()
        .cloned()
        .unwrap_or_else(|| problem_for(status, method.as_str()));

    let (mut parts, _) = response.into_parts();
    parts.status = problem.status();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    metrics::counter!("http_problems_total", "code" => problem.code().as_str()).increment(1);
    let body = problem.body(request_id.as_ref().map(RequestId::as_str));
    Response::from_parts(parts, Body::from(body))
}

/// What a fault says of itself: nothing. The log has it, under the request's id.
pub(crate) fn internal_error() -> Problem {
    Problem::new(
        ErrorCode::InternalServerError,
        "Something went wrong in the server. Quote the request id when you report it.",
    )
}

fn problem_for(status: StatusCode, method: &str) -> Problem {
    match status {
        StatusCode::NOT_FOUND => {
            Problem::new(ErrorCode::NotFound, "There is nothing at this path.")
        }
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            ErrorCode::MethodNotAllowed,
            format!("This path does not take {method}; the Allow header lists what it takes."),
        ),
        StatusCode::NOT_ACCEPTABLE => Problem::new(
            ErrorCode::NotAcceptable,
            "Nothing that the request accepts can be sent.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            ErrorCode::PayloadTooLarge,
            "The request's body is too large.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
            ErrorCode::UnsupportedMediaType,
            "The body's content coding is not taken: send it plain, or in gzip, br or zstd.",
        ),
        status if status.is_client_error() => {
            Problem::new(ErrorCode::BadRequest, "The request is malformed.")
        }
        _ => internal_error(),
    }
}
