//! GraphQL over WebSocket (RFC 6455): `graphql-transport-ws`, by its protocol document (graphql-ws, PROTOCOL.md).
//!
//! - this page: the opening handshake;
//! - `protocol`: what each message means, without any I/O;
//! - `connection`: sends and receives;
//! - `running`: the operations of a connection;
//! - `counted`: whether a connection takes what is sent to it.
//!
//! A token comes with `connection_init` or with the handshake. A browser adds none by itself, and no cookie is read: so a
//! page of another website that connects gets what everyone gets. It is refused all the same unless CORS lets it ask: the
//! same pages may ask in every way.

mod connection;
mod counted;
mod protocol;
mod running;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::{body::Body, extract::Request, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_websockets::{Config, Limits, ServerBuilder};

use super::Transport;
use crate::{
    error_code::ErrorCode,
    http::{
        graphql::GraphqlService, problem::Problem, rate_limits::Account, request_id::RequestId,
    },
};

use connection::Connection;
use counted::Counted;
use protocol::Closing;

/// The subprotocol that is spoken.
const SUBPROTOCOL: &str = "graphql-transport-ws";
/// What is added to a client's key (RFC 6455, section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// A larger message is sent in frames of this size.
const FRAME_BYTES: usize = 64 * 1024;

/// Whether a request is the opening handshake of a WebSocket connection.
pub(crate) fn asks_for_websocket(request: &Request) -> bool {
    request.method() == Method::GET && has_token(request.headers(), &header::UPGRADE, "websocket")
}

/// Answers the opening handshake (RFC 6455, section 4.2), and takes the connection over.
///
/// # Errors
/// When it is none, comes from a page that may not ask, or too many streams are open.
pub(crate) fn websocket(service: GraphqlService, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let headers = &parts.headers;
    let accept = accept(headers)?;
    if !service.streams.0.origins.may_connect(headers) {
        return Err(Problem::new(
            ErrorCode::OriginNotAllowed,
            "Pages of this origin may not connect: the server's setting http.cors_origins does not name it.",
        ));
    }
    let subprotocol = Subprotocol::negotiate(headers);
    let place = service.streams.place(Transport::WebSocket)?;
    let authorization = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .cloned()
        .collect();
    let account = parts.extensions.get::<Account>().cloned();
    let request_id = RequestId::of_request(&parts);
    let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or_else(|| {
        Problem::new(
            ErrorCode::BadRequest,
            "This connection cannot become a WebSocket connection: connect by HTTP/1.1.",
        )
    })?;
    let spoken = subprotocol.is_spoken;
    tokio::spawn(async move {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => {
                tracing::debug!(%error, "a connection did not become a WebSocket connection");
                return;
            }
        };
        let largest = service.streams.settings().max_message_bytes;
        let socket = ServerBuilder::new()
            .limits(Limits::default().max_payload_len(Some(largest)))
            .config(Config::default().frame_size(FRAME_BYTES))
            .serve(Counted::new(TokioIo::new(upgraded)));
        let connection = Connection::new(
            socket,
            Arc::new(service),
            authorization,
            account,
            request_id,
            place,
        );
        if spoken {
            connection.run().await;
        } else {
            connection.close(Closing::SubprotocolNotAcceptable).await;
        }
    });

    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(name) = subprotocol.name {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, name);
    }
    Ok(response)
}

/// The value by which the client knows that its handshake was understood (RFC 6455, section 4.2.2).
fn accept(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let malformed = |detail: &str| {
        Problem::new(ErrorCode::BadRequest, detail).with_header(
            header::SEC_WEBSOCKET_VERSION,
            HeaderValue::from_static("13"),
        )
    };
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(malformed(
            "A WebSocket handshake has the header 'Connection: Upgrade'.",
        ));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION) != Some(&HeaderValue::from_static("13")) {
        return Err(malformed("WebSocket is spoken in version 13 alone."));
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes)
        .filter(|key| STANDARD.decode(key).is_ok_and(|key| key.len() == 16))
        .ok_or_else(|| malformed("Sec-WebSocket-Key is not 16 bytes in base64."))?;
    let mut sha1 = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    sha1.update(key);
    sha1.update(GUID);
    let accept = STANDARD.encode(sha1.finish());
    HeaderValue::try_from(accept).map_err(|_| malformed("Sec-WebSocket-Key cannot be used."))
}

/// Whether a header that lists tokens has this one, whatever its case.
fn has_token(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    tokens(headers, name).any(|token| token.eq_ignore_ascii_case(wanted))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

/// The subprotocol that is agreed upon.
struct Subprotocol {
    name: Option<HeaderValue>,
    is_spoken: bool,
}

impl Subprotocol {
    /// Where the client offers none that is spoken here, its first is named, so that it hears why the connection is closed:
    /// browsers else end it without a word.
    fn negotiate(headers: &HeaderMap) -> Self {
        let offered = || tokens(headers, &header::SEC_WEBSOCKET_PROTOCOL);
        if offered().any(|name| name == SUBPROTOCOL) {
            return Self {
                name: Some(HeaderValue::from_static(SUBPROTOCOL)),
                is_spoken: true,
            };
        }
        Self {
            name: offered()
                .next()
                .and_then(|name| HeaderValue::try_from(name).ok()),
            is_spoken: false,
        }
    }
}
