//! Requests that their client has named, so that repeating one does nothing twice
//! (the `Idempotency-Key` header, draft-ietf-httpapi-idempotency-key-header).

use async_graphql::{Request, Response, ServerError, Value};
use masthead_domain::viewer::Viewer;
use masthead_domain::webhook;
use masthead_newsroom::{partner_tokens, preview};
use sha2::{Digest as _, Sha256};

use super::{error::QueryError, json};
use crate::digest::hexadecimal;

/// The key that a client has given a request, with its place in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The header's value.
    pub key: String,
    /// The request's place in its batch; 0 alone.
    pub place: usize,
}

/// A request with a key: who asked with it, and what they asked, each as a digest.
#[derive(Clone, Debug)]
pub(crate) struct KeyedRequest {
    pub(crate) id: String,
    pub(crate) request: String,
}

impl KeyedRequest {
    /// A key is its client's own: two that choose the same do not meet.
    pub(crate) fn new(key: &IdempotencyKey, viewer: &Viewer, request: &Request) -> Self {
        let variables = serde_json::to_string(&request.variables).unwrap_or_default();
        let operation = request.operation_name.as_deref().unwrap_or_default();
        Self {
            id: digest(&[&viewer.subject, &key.key, &key.place.to_string()]),
            // The role too: an answer given to an editor is not for who is one no more.
            request: digest(&[&request.query, operation, &variables, viewer.role.name()]),
        }
    }

    /// A response as [`KeyedRequest::read`] reads it, with the parts of it that are JSON already.
    fn whole(response: &Response) -> Option<String> {
        let mut data = Vec::new();
        json::write(&response.data, &mut data);
        let mut whole = Response::new(serde_json::from_slice::<Value>(&data).ok()?);
        whole.extensions.clone_from(&response.extensions);
        whole.errors.clone_from(&response.errors);
        serde_json::to_string(&whole).ok()
    }

    /// The answer that was given before, read back.
    pub(crate) fn read(answer: &str) -> Option<Response> {
        serde_json::from_str(answer).ok()
    }

    /// The answer to keep; none of one that a fault broke, which the client may ask for again, and none that
    /// holds the token of a preview or a partner, which is stored nowhere.
    pub(crate) fn write(response: &Response) -> Option<String> {
        let is_fault = |error: &ServerError| {
            let code = error
                .extensions
                .as_ref()
                .and_then(|extensions| extensions.get("code"));
            match code {
                Some(Value::String(code)) => code == QueryError::Broken("").code().as_str(),
                _ => error.source.is_some(),
            }
        };
        if response.errors.iter().any(is_fault) {
            return None;
        }
        Self::whole(response).filter(|answer| {
            [
                preview::PREFIX,
                partner_tokens::PREFIX,
                webhook::SECRET_PREFIX,
            ]
            .iter()
            .all(|prefix| !answer.contains(prefix))
        })
    }
}

/// SHA-256 in hexadecimal, of parts that cannot run into each other.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hexadecimal(&hash.finalize())
}
