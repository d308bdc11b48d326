//! GraphQL over HTTP: `/graphql`.
//!
//! The way of a request (`exchange`), each step in a module of its own: media type of the response, parameters, who is
//! asking, limits and parsing, operation, variables, execution within a time, codes of errors, writing.
//! An answer that is kept is found by the request's bytes before they are read (`shortcut`), or once the
//! question is known, whoever put it and however.

mod answered;
mod cache_control;
mod coding;
mod content;
mod documents;
pub(crate) mod errors;
mod exchange;
mod executor;
mod idempotency_key;
mod operation;
mod preconditions;
mod request;
mod response;
mod responses;
mod shortcut;
mod sources;
mod variables;

use std::{sync::Arc, time::Duration};

use async_graphql::Response as GraphqlResponse;
use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, header, request::Parts};
use masthead_domain::{audience::PublicAccess, change::Stream, viewer::Caller};
use tokio::time::Instant;

pub(crate) use self::{
    answered::Answered,
    content::Content,
    documents::{Document, Documents},
    responses::{Made, Question, Responses, Subject},
    shortcut::Shortcut,
    sources::DocumentSources,
};
use self::{
    coding::Coding,
    content::Sending,
    request::Requests,
    responses::{Known, RequestBytes},
};
pub(super) use self::{exchange::Exchange, request::Parameters};
pub use self::{executor::GraphqlExecutor, response::body as response_body};
use super::{
    Authenticator, CdnSettings, HttpSettings,
    authentication::is_personal,
    body,
    media_type::{ResponseMediaType, require_json, takes_event_stream},
    problem::Problem,
    problems::{IsGraphql, internal_error},
    rate_limits,
    request_id::RequestId,
    streams::{self, Streaming, Streams},
    telemetry::Telemetry,
};
use crate::{
    bookkeeping::Ledger,
    error_code::ErrorCode,
    graphql::EventStream,
    limits::{LimitSettings, SchemaTable},
};

/// What `/graphql` needs to answer.
#[derive(Clone)]
pub(crate) struct GraphqlService {
    pub(crate) executor: Arc<dyn GraphqlExecutor>,
    pub(crate) authenticator: Arc<dyn Authenticator>,
    pub(crate) table: Arc<SchemaTable>,
    pub(crate) documents: Documents,
    pub(crate) sources: DocumentSources,
    pub(crate) limits: Arc<LimitSettings>,
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) cdn: Arc<CdnSettings>,
    /// The answers that are kept; none where none are.
    pub(crate) responses: Option<Responses>,
    /// Whether parts of answers are kept.
    pub(crate) keeps_parts: bool,
    /// What everyone may have without asking.
    pub(crate) access: PublicAccess,
    pub(crate) telemetry: Telemetry,
    pub(crate) streams: Streams,
    /// What partners ask for is noted in it.
    pub(crate) ledger: Ledger,
}

/// How a single request of a batch ended.
pub(super) enum Outcome {
    Response(GraphqlResponse),
    /// What a subscription tells of.
    Events(EventStream),
    /// The answer that everyone gets who asks the same.
    Answered(Arc<Answered>),
    /// The whole HTTP request is refused.
    Problem(Problem),
}

/// Answers a GET or POST.
pub(crate) async fn handle(State(service): State<GraphqlService>, request: Request) -> Response {
    if streams::asks_for_websocket(&request) {
        return streams::websocket(service, request).unwrap_or_else(IntoResponse::into_response);
    }
    let personal = is_personal(request.headers());
    let is_safe = request.method() != Method::POST;
    let mut response = service
        .respond(request)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    headers.insert(header::VARY, service.vary());
    let default = if personal {
        Some("private")
    } else {
        // What is not known to be the same for a while is asked for again.
        is_safe.then_some("no-cache")
    };
    if let Some(default) = default {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(default));
    }
    response
}

impl GraphqlService {
    /// With or without a token: a cache has to know that another one may be answered otherwise.
    fn vary(&self) -> HeaderValue {
        if self.settings.compression {
            HeaderValue::from_static("accept, accept-encoding, authorization")
        } else {
            HeaderValue::from_static("accept, authorization")
        }
    }

    /// Of what has one media type.
    pub(super) fn vary_by_coding(&self) -> HeaderValue {
        if self.settings.compression {
            HeaderValue::from_static("accept-encoding, authorization")
        } else {
            HeaderValue::from_static("authorization")
        }
    }

    /// Who is asking.
    ///
    /// # Errors
    /// When their token is not taken, or they have asked too often.
    pub(super) async fn caller(&self, parts: &Parts) -> Result<Caller, Problem> {
        if is_personal(&parts.headers) {
            let caller = self.authenticator.authenticate(&parts.headers).await;
            rate_limits::count_caller(parts, caller)
        } else {
            Ok(Caller::Public)
        }
    }

    /// Notes how far an answer that others are given, too, tells a partner of the change log.
    pub(super) fn note_told(&self, caller: &Caller, parts: &Parts, answer: &Answered) {
        if let (Some(partner), Some(through)) = (caller.partner(), answer.told_through()) {
            let place = parts.uri.path();
            self.ledger.told(partner.id, place, Stream::Public, through);
        }
    }

    /// Until when a request that begins now is executed.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.settings.execution_timeout_seconds)
    }

    async fn respond(&self, request: Request) -> Result<Response, Problem> {
        let takes_events = takes_event_stream(request.headers());
        let media_type = match ResponseMediaType::negotiate(request.headers()) {
            Ok(media_type) => Some(media_type),
            Err(_) if takes_events => None,
            Err(problem) => return Err(problem),
        };
        let (parts, body) = request.into_parts();
        let bytes = self.read(&parts, body).await?;
        if let Some(media_type) = media_type
            && let Some(answer) = self.kept_answer(&parts, &bytes).await
        {
            return Ok(self.send(&answer, &parts, media_type));
        }
        let requests = if bytes.is_body {
            Requests::from_json(&bytes.bytes, self.settings.max_batch)
        } else {
            Requests::from_query_string(parts.uri.query().unwrap_or_default())
        }?;
        let (caller, token_end) = if takes_events {
            let watched = self.streams.caller(&parts.headers).await;
            let (caller, token_end) = watched.map_or_else(
                |problem| (Err(problem), None),
                |(caller, end)| (Ok(caller), Some(end)),
            );
            let caller = if is_personal(&parts.headers) {
                rate_limits::count_caller(&parts, caller)?
            } else {
                caller?
            };
            (caller, token_end)
        } else {
            (self.caller(&parts).await?, None)
        };
        let request_id = RequestId::of_request(&parts);
        let exchange = Exchange {
            service: self,
            parts: &parts,
            caller: &caller,
            request_id: &request_id,
            deadline: self.deadline(),
            streaming: takes_events.then(|| Streaming::of(&parts.headers)),
        };
        let Some(media_type) = media_type else {
            let Requests::Single(parameters) = requests else {
                return Err(Problem::new(
                    ErrorCode::BatchSize,
                    "A stream of events answers one request, and this is a batch.",
                ));
            };
            let outcome = exchange.answer(*parameters, None).await?;
            return match (outcome, token_end) {
                (outcome @ Outcome::Events(_), Some(token_end)) => {
                    streams::event_stream(&self.streams, outcome, token_end, request_id)
                }
                (outcome, _) => Ok(streams::single_event(outcome, request_id).await),
            };
        };
        match requests {
            Requests::Single(parameters) => match exchange.answer(*parameters, None).await? {
                outcome @ Outcome::Events(_) => match token_end {
                    Some(token_end) => {
                        streams::event_stream(&self.streams, outcome, token_end, request_id)
                    }
                    None => Err(internal_error()),
                },
                Outcome::Response(answer) => Ok(response::single(answer, media_type)),
                Outcome::Problem(problem) => Err(problem),
                Outcome::Answered(answer) => {
                    if let Some(responses) = &self.responses
                        && !is_personal(&parts.headers)
                    {
                        responses.find_by(&bytes, &answer);
                    }
                    Ok(self.send(&answer, &parts, media_type))
                }
            },
            Requests::Batch(batch) => {
                let mut responses = Vec::with_capacity(batch.len());
                // One after the other: what a mutation has changed, the next in the batch sees.
                for (place, parameters) in batch.into_iter().enumerate() {
                    match exchange.answer(parameters, Some(place)).await? {
                        Outcome::Response(response) => responses.push(response),
                        Outcome::Problem(problem) => return Err(problem),
                        // Answers that are shared are single ones: see `execute`.
                        Outcome::Answered(_) | Outcome::Events(_) => {
                            return Err(internal_error());
                        }
                    }
                }
                Ok(response::batch(responses, media_type))
            }
        }
    }

    /// The request's bytes: its body, or the query component of its URL.
    async fn read(&self, parts: &Parts, body: Body) -> Result<RequestBytes, Problem> {
        if parts.method != Method::POST {
            let query = parts.uri.query().unwrap_or_default();
            return Ok(RequestBytes {
                is_body: false,
                bytes: query.to_owned().into(),
            });
        }
        if let Some(problem) = parts.extensions.get::<Problem>() {
            return Err(problem.clone());
        }
        require_json(&parts.headers)?;
        let timeout = Duration::from_secs(self.settings.read_timeout_seconds);
        let bytes = body::read(body, self.settings.max_body_bytes, timeout).await?;
        Ok(RequestBytes {
            is_body: true,
            bytes,
        })
    }

    /// The answer that is kept to a request of the same bytes, of nobody in particular.
    async fn kept_answer(&self, parts: &Parts, bytes: &RequestBytes) -> Option<Arc<Answered>> {
        let responses = self.responses.as_ref()?;
        if is_personal(&parts.headers) {
            return None;
        }
        let edition = responses.settle().await?;
        responses.to_bytes(bytes, edition)
    }

    /// The answer to a request of the same bytes that held before, put together anew from parts that are kept.
    fn renew(
        &self,
        responses: &Responses,
        bytes: &RequestBytes,
        edition: i64,
    ) -> Option<Arc<Answered>> {
        let former = responses.former(bytes, edition)?;
        let (body, provenance) = self
            .executor
            .assemble(former.parts()?, &former.question().audience)?;
        let answer = Arc::new(former.renewed(body, provenance));
        responses.renew(bytes, &former, &answer);
        Some(answer)
    }

    /// Sends an answer that is shared.
    fn send(
        &self,
        answer: &Arc<Answered>,
        parts: &Parts,
        media_type: ResponseMediaType,
    ) -> Response {
        self.response(answer, parts, media_type).map(Body::from)
    }

    fn response(
        &self,
        answer: &Arc<Answered>,
        parts: &Parts,
        media_type: ResponseMediaType,
    ) -> http::Response<bytes::Bytes> {
        let sending = self.sending(parts, media_type.content_type(), None);
        let mut response = self.send_coded(answer, &sending);
        response.extensions_mut().insert(IsGraphql);
        response
    }

    /// Sends what was made of answers.
    pub(super) fn send_representation(&self, answer: &Arc<Answered>, parts: &Parts) -> Response {
        let Some(content_type) = answer.content_type() else {
            return internal_error().into_response();
        };
        let past = |responses: &Responses| responses.past(answer.last_modified());
        let last_modified = self.responses.as_ref().and_then(past);
        let sending = self.sending(parts, content_type.clone(), last_modified);
        self.send_coded(answer, &sending).map(Body::from)
    }

    /// How something is to be sent to whoever made a request.
    pub(super) fn sending<'a>(
        &'a self,
        parts: &'a Parts,
        content_type: HeaderValue,
        last_modified: Option<DateTime<Utc>>,
    ) -> Sending<'a> {
        let takes_coded = self.settings.compression;
        Sending {
            content_type,
            coding: takes_coded
                .then(|| Coding::negotiate(&parts.headers))
                .flatten(),
            is_safe: parts.method != Method::POST,
            request: &parts.headers,
            last_modified,
            settings: &self.settings,
        }
    }

    fn send_coded(
        &self,
        answer: &Arc<Answered>,
        sending: &Sending<'_>,
    ) -> http::Response<bytes::Bytes> {
        let is_new = sending.coding.is_some_and(|coding| !answer.has(coding));
        let response = answer.response(sending, &self.cdn);
        if let (true, Some(responses)) = (is_new, &self.responses) {
            responses.weigh(answer);
        }
        response
    }

    /// The answer to a question that is kept, or that is made, once for all who ask at the same time, and then kept.
    /// Whoever makes it is given the one that held before.
    pub(super) async fn find_or_make<Other, Making>(
        &self,
        question: &Question,
        make: impl Fn(Option<Arc<Answered>>) -> Making,
    ) -> Made<Other>
    where
        Making: Future<Output = Made<Other>>,
    {
        let settled = match &self.responses {
            Some(responses) => responses.settle().await.map(|edition| (responses, edition)),
            None => None,
        };
        let Some((responses, edition)) = settled else {
            return make(None).await;
        };
        let former = match responses.to_question(question, edition) {
            Known::Holds(answer) => return Made::Shared(answer),
            Known::Dropped(former) => Some(former),
            Known::Nothing => None,
        };
        let made = responses
            .once(question, edition, || make(former.clone()))
            .await;
        if let Made::Shared(answer) = &made {
            responses.keep(answer);
            if former.is_some_and(|former| former.says_the_same_as(answer)) {
                responses.note_needless_drop();
            }
        }
        made
    }
}
