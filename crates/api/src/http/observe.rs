//! What is noted of every HTTP request: an id, a log line, metrics; and headers of every response.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, header};
use metrics::{counter, gauge, histogram};
use tracing::{Instrument, Level, field::Empty};

use super::request_id::{RequestId, X_REQUEST_ID};

const MAX_PATH_CHARS: usize = 256;

/// The outermost layer. The log line has no query string, document or variables: those hold what
/// readers and editors ask for.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let request_id = RequestId::of(request.headers());
    request.extensions_mut().insert(request_id.clone());
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(MAX_PATH_CHARS).collect();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "request",
        %method,
        path,
        request_id = request_id.as_str(),
        operation = Empty,
        operation_type = Empty,
    );

    let measured = Measured::start(route);
    async move {
        let mut response = next.run(request).await;
        measured.finish(method_label(&method), &response);
        let headers = response.headers_mut();
        if let Some(id) = request_id.header_value() {
            headers.insert(X_REQUEST_ID, id);
        }
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        response
    }
    .instrument(span)
    .await
}

/// Any token may be a method; a label is one of few.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

/// A request in flight; leaves the gauge when dropped, so also when the client has gone.
struct Measured {
    route: String,
    started: Instant,
}

impl Measured {
    fn start(route: String) -> Self {
        gauge!("http_requests_in_flight").increment(1.0);
        Self {
            route,
            started: Instant::now(),
        }
    }

    fn finish(self, method: &'static str, response: &Response) {
        let elapsed = self.started.elapsed();
        let status = response.status().as_u16();
        counter!(
            "http_requests_total",
            "route" => self.route.clone(), "method" => method, "status" => status.to_string()
        )
        .increment(1);
        histogram!("http_request_duration_seconds", "route" => self.route.clone())
            .record(elapsed.as_secs_f64());
        let latency_ms = elapsed.as_secs_f64() * 1000.0;
        // Probes come every few seconds and say nothing while they succeed.
        if status == 200 && matches!(self.route.as_str(), "/healthz" | "/readyz" | "/metrics") {
            tracing::event!(Level::DEBUG, status, latency_ms, "answered");
        } else {
            tracing::event!(Level::INFO, status, latency_ms, "answered");
        }
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        gauge!("http_requests_in_flight").decrement(1.0);
    }
}
