//! Requests of one viewer to one server, and their answers to the byte.

use reqwest::blocking::{RequestBuilder, Response};
use serde_json::json;

use super::Viewer;
use crate::harness::Server;

/// The header that differs from answer to answer.
const CHANGING: &str = "date";

/// A request and its answer.
pub(super) struct Exchange {
    /// What was asked, to be shown and to be asked again.
    pub(super) request: String,
    pub(super) answer: Answer,
}

/// All of an answer that must not tell of what is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

/// Asks a server, and keeps all that it answers.
pub(super) struct Asking<'a> {
    pub(super) server: &'a Server,
    pub(super) viewer: &'a Viewer,
    pub(super) exchanges: Vec<Exchange>,
}

impl Asking<'_> {
    /// Asks as a client that sends JSON, and answers the body.
    pub(super) fn post(&mut self, document: &str, accept: &str) -> String {
        let request = self
            .server
            .post("/graphql")
            .header("accept", accept)
            .json(&json!({ "query": document }));
        self.exchange(format!("POST, accepting {accept}, {document}"), request)
            .body
    }

    /// Asks anything.
    pub(super) fn exchange(&mut self, description: String, request: RequestBuilder) -> Answer {
        // The server would make up one of its own, and say it in what it refuses.
        let request = request.header("x-request-id", "leak-walk");
        let request = match &self.viewer.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = Answer::of(request.send().unwrap());
        self.exchanges.push(Exchange {
            request: description,
            answer: answer.clone(),
        });
        answer
    }
}

impl Answer {
    fn of(response: Response) -> Self {
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| name.as_str() != CHANGING)
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        Self {
            status: response.status().as_u16(),
            headers,
            body: response.text().unwrap(),
        }
    }
}
