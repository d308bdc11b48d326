//! Errors outside GraphQL: problem documents (RFC 9457).

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error_code::ErrorCode;

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error response as RFC 9457 describes it.
///
/// `type` is a reference to the entry of [`ErrorCode`]'s table that the server shows at `/errors`;
/// `code` is the same code as GraphQL errors carry in `extensions.code`.
#[derive(Clone, Debug)]
pub struct Problem {
    code: ErrorCode,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The members of RFC 9457, section 3.1, with two of our own.
#[derive(Serialize)]
struct ProblemDocument<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Problem {
    /// A problem with a sentence on this occurrence: what is wrong and what to do, no internals.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            headers: Vec::new(),
        }
    }

    /// The same with a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Its status.
    pub const fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The sentence on this occurrence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The body, naming the request where its id is known.
    pub(crate) fn body(&self, request_id: Option<&str>) -> Vec<u8> {
        let document = ProblemDocument {
            r#type: format!("/errors#{}", self.code.as_str()),
            title: self.code.title(),
            status: self.status().as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            request_id,
        };
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    /// The body is written by the layer that knows the request's id.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(self);
        response
    }
}
