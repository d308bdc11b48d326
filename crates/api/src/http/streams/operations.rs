//! An operation as what comes of it: results, then its end, or errors that end it.

use std::sync::Arc;

use async_graphql::ServerError;
use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use http::{HeaderMap, request::Parts};
use masthead_domain::viewer::Caller;

use crate::{
    graphql::{Event, EventAnswer},
    http::{
        graphql::{Exchange, GraphqlService, Outcome, Parameters, errors, response_body},
        problem::Problem,
        request_id::RequestId,
    },
};

/// Where a stream of events is to go on: what a request that may have one says of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streaming {
    /// The cursor of the last event that the client had (`Last-Event-ID`).
    pub(crate) last_event: Option<String>,
}

impl Streaming {
    /// What a request's headers say of it (HTML standard, section 9.2.4).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let last_event = headers
            .get("last-event-id")
            .and_then(|id| id.to_str().ok())
            .filter(|id| !id.is_empty());
        Self {
            last_event: last_event.map(str::to_owned),
        }
    }
}

/// What comes of an operation.
#[derive(Debug)]
pub(super) enum Reply {
    /// A result: a response as JSON, and the cursor of its place where there is one.
    Next { cursor: Option<String>, json: Bytes },
    /// It was not executed, or cannot go on.
    Error(Vec<ServerError>),
}

/// What comes of an operation, to its end.
pub(super) type Replies = BoxStream<'static, Reply>;

/// An operation as a client asks for it.
pub(super) struct Operation {
    pub(super) service: Arc<GraphqlService>,
    /// What stands for a request's head.
    pub(super) parts: Arc<Parts>,
    pub(super) caller: Caller,
    pub(super) request_id: RequestId,
}

impl Operation {
    /// Has it executed, when its replies are asked for.
    pub(super) fn replies(self, parameters: Parameters) -> Replies {
        stream::once(async move {
            let exchange = Exchange {
                service: &self.service,
                parts: &self.parts,
                caller: &self.caller,
                request_id: &self.request_id,
                deadline: self.service.deadline(),
                streaming: Some(Streaming::default()),
            };
            match exchange.answer(parameters, None).await {
                Ok(outcome) => of_outcome(outcome, self.request_id.clone()),
                Err(problem) => once(Reply::Error(vec![of_problem(&problem)])),
            }
        })
        .flatten()
        .boxed()
    }
}

fn once(reply: Reply) -> Replies {
    stream::once(std::future::ready(reply)).boxed()
}

/// What comes of an operation that has been begun.
pub(super) fn of_outcome(outcome: Outcome, request_id: RequestId) -> Replies {
    match outcome {
        Outcome::Events(events) => of_events(events.events, request_id),
        Outcome::Response(response) if errors::is_request_error(&response) => {
            once(Reply::Error(response.errors))
        }
        Outcome::Response(response) => once(written(None, &response)),
        Outcome::Answered(answer) => once(Reply::Next {
            cursor: None,
            json: answer.plain().clone(),
        }),
        Outcome::Problem(problem) => once(Reply::Error(vec![of_problem(&problem)])),
    }
}

fn of_events(events: BoxStream<'static, Event>, request_id: RequestId) -> Replies {
    events
        .map(move |event| match event.answer {
            EventAnswer::Json(json) => Reply::Next {
                cursor: event.cursor,
                json,
            },
            EventAnswer::Response(mut response) => {
                errors::complete(&mut response, &request_id);
                if response.errors.is_empty() || response.data != async_graphql::Value::Null {
                    written(event.cursor, &response)
                } else {
                    // Of this event nothing can be told: whoever goes on from the one before misses nothing.
                    Reply::Error(response.errors)
                }
            }
        })
        .boxed()
}

fn written(cursor: Option<String>, response: &async_graphql::Response) -> Reply {
    match response_body(response) {
        Ok(json) => Reply::Next {
            cursor,
            json: json.into(),
        },
        Err(error) => {
            tracing::error!(%error, "a response could not be written as JSON");
            Reply::Error(vec![of_problem(&crate::http::internal_error())])
        }
    }
}

/// A problem as a GraphQL error.
pub(super) fn of_problem(problem: &Problem) -> ServerError {
    errors::error(problem.code(), problem.detail())
}
