//! Writes GraphQL responses (GraphQL over HTTP, section "Response").

use async_graphql::Response as GraphqlResponse;
use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::errors::{code_of, is_request_error};
use crate::{
    error_code::ErrorCode,
    graphql::json,
    http::{media_type::ResponseMediaType, problems::IsGraphql},
};

/// About how many bytes a page's answer has.
const PAGE_BYTES: usize = 16 * 1024;

/// The bytes of a response (GraphQL specification, section 7.1): errors first, so that they are seen; no `data`
/// where nothing was executed.
///
/// # Errors
/// When an extension is no JSON.
pub fn body(response: &GraphqlResponse) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(PAGE_BYTES);
    append(response, &mut bytes)?;
    Ok(bytes)
}

fn append(response: &GraphqlResponse, bytes: &mut Vec<u8>) -> serde_json::Result<()> {
    bytes.push(b'{');
    if !response.errors.is_empty() {
        bytes.extend_from_slice(b"\"errors\":");
        serde_json::to_writer(&mut *bytes, &response.errors)?;
    }
    if !is_request_error(response) {
        if bytes.last() != Some(&b'{') {
            bytes.push(b',');
        }
        bytes.extend_from_slice(b"\"data\":");
        json::write(&response.data, bytes);
    }
    if !response.extensions.is_empty() {
        bytes.extend_from_slice(b",\"extensions\":");
        serde_json::to_writer(&mut *bytes, &response.extensions)?;
    }
    bytes.push(b'}');
    Ok(())
}

fn bodies(responses: &[GraphqlResponse]) -> serde_json::Result<Vec<u8>> {
    let mut bytes = vec![b'['];
    for response in responses {
        if bytes.len() > 1 {
            bytes.push(b',');
        }
        append(response, &mut bytes)?;
    }
    bytes.push(b']');
    Ok(bytes)
}

/// The response to one request.
///
/// As `application/json` its status is 200, whatever its errors: such a client can trust no other.
/// As `application/graphql-response+json` it is 200 where the operation was executed, wholly or in
/// part, and else that of the first error's code.
pub(crate) fn single(response: GraphqlResponse, media_type: ResponseMediaType) -> Response {
    let status = match media_type {
        ResponseMediaType::GraphqlResponse if is_request_error(&response) => response
            .errors
            .first()
            .and_then(code_of)
            .and_then(ErrorCode::from_code)
            .map_or(StatusCode::BAD_REQUEST, ErrorCode::status),
        _ => StatusCode::OK,
    };
    let body = body(&response);
    write(body, status, media_type, response.http_headers)
}

/// The responses to a batch, in its order. Each tells for itself how it went: the status is 200.
pub(crate) fn batch(responses: Vec<GraphqlResponse>, media_type: ResponseMediaType) -> Response {
    let body = bodies(&responses);
    let headers = responses
        .into_iter()
        .fold(HeaderMap::new(), |mut headers, response| {
            headers.extend(response.http_headers);
            headers
        });
    write(body, StatusCode::OK, media_type, headers)
}

fn write(
    body: serde_json::Result<Vec<u8>>,
    status: StatusCode,
    media_type: ResponseMediaType,
    headers: HeaderMap,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a response could not be written as JSON");
            return axum::response::IntoResponse::into_response(
                crate::http::problems::internal_error(),
            );
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type.content_type());
    if status != StatusCode::OK {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response.extensions_mut().insert(IsGraphql);
    response
}
