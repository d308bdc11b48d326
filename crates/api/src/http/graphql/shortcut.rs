//! The short way to an answer that is kept: from the request's bytes to the response's, before anything of it
//! is parsed and without the layers that other requests go through.
//!
//! An answer that something has changed in is put together anew here where all of its parts are kept: what one
//! publication touches on a thousand pages is one part of each.
//!
//! It is taken by requests that could not be answered otherwise by any of those layers: no token, no origin of
//! another site, no coded body. Whatever it cannot answer right away goes the long way, unchanged.

use std::future::Future;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, Method, header};
use metrics::{Counter, counter};

use super::GraphqlService;
use crate::http::{
    media_type::{ResponseMediaType, require_json},
    rate_limits,
    request_id::{RequestId, X_REQUEST_ID},
};

/// Longer bodies go the long way.
const LONGEST_BODY: u64 = 16 * 1024;

/// The short way.
pub(crate) struct Shortcut {
    service: GraphqlService,
    answered: Counter,
}

impl Shortcut {
    pub(crate) fn new(service: GraphqlService) -> Self {
        Self {
            service,
            answered: counter!("response_cache_shortcuts_total"),
        }
    }

    /// Answers a request, if it can; else by the long way.
    pub(crate) async fn answer<Long: Future<Output = Response>>(
        &self,
        request: Request,
        by_the_long_way: impl FnOnce(Request) -> Long,
    ) -> Response {
        let Some(responses) = &self.service.responses else {
            return by_the_long_way(request).await;
        };
        // Where pages of other sites may ask, a cache has to be told that answers differ by origin: by a layer.
        let is_kept_by_caches = request.method() == Method::GET;
        let may_come_from_elsewhere = !self.service.settings.cors_origins.is_empty();
        if !is_plain(&request) || is_kept_by_caches && may_come_from_elsewhere {
            return by_the_long_way(request).await;
        }
        let (mut parts, body) = request.into_parts();
        let request_bytes = match self.service.read(&parts, body).await {
            Ok(bytes) => bytes,
            Err(problem) => {
                // Told of there.
                parts.extensions.insert(problem);
                return by_the_long_way(Request::from_parts(parts, Body::empty())).await;
            }
        };
        let answer = responses.current().and_then(|edition| {
            responses
                .to_bytes(&request_bytes, edition)
                .or_else(|| self.service.renew(responses, &request_bytes, edition))
        });
        let (Some(answer), Ok(media_type)) = (answer, ResponseMediaType::negotiate(&parts.headers))
        else {
            let body = if request_bytes.is_body {
                Body::from(request_bytes.bytes)
            } else {
                Body::empty()
            };
            return by_the_long_way(Request::from_parts(parts, body)).await;
        };
        self.answered.increment(1);
        let mut response = self.service.response(&answer, &parts, media_type);
        let headers = response.headers_mut();
        headers.insert(header::VARY, self.service.vary());
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if let Some(id) = RequestId::of(&parts.headers).header_value() {
            headers.insert(X_REQUEST_ID, id);
        }
        response.map(Body::from)
    }
}

/// Whether none of the other layers has anything to do with a request.
fn is_plain(request: &Request) -> bool {
    let headers = request.headers();
    let is_asked = match *request.method() {
        Method::GET => true,
        Method::POST => has_short_body(headers) && require_json(headers).is_ok(),
        _ => false,
    };
    is_asked
        && !rate_limits::is_refused(request)
        && request.uri().path() == "/graphql"
        && ![
            header::AUTHORIZATION,
            header::ORIGIN,
            header::CONTENT_ENCODING,
            header::EXPECT,
        ]
        .iter()
        .any(|name| headers.contains_key(name))
}

fn has_short_body(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .is_some_and(|length| length <= LONGEST_BODY)
}
