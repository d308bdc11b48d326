//! GraphQL over HTTP: `/graphql`.
//!
//! The way of a request, each step in a module of its own so that later ones (persisted documents, a
//! response cache) find their place between them: media type of the response, parameters, who is
//! asking, limits and parsing, operation, variables, execution within a time, codes of errors, writing.

mod documents;
pub(crate) mod errors;
mod executor;
mod idempotency_key;
mod operation;
mod request;
mod response;
mod sources;
mod variables;

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Request as GraphqlRequest, Response as GraphqlResponse, ServerError,
    parser::types::{ExecutableDocument, OperationType},
};
use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, header, request::Parts};
use masthead_domain::viewer::Caller;
use tokio::time::Instant;

pub use self::executor::GraphqlExecutor;
use self::request::{Parameters, Requests};
pub(crate) use self::{documents::Documents, sources::DocumentSources};
use super::{
    Authenticator, HttpSettings,
    authentication::is_personal,
    body,
    media_type::{ResponseMediaType, require_json},
    problem::Problem,
    request_id::RequestId,
    telemetry::{GraphqlObservation, Telemetry},
};
use crate::{
    error_code::ErrorCode,
    graphql::IdempotencyKey,
    limits::{self, LimitSettings, SchemaTable},
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
    pub(crate) telemetry: Telemetry,
}

/// How a single request of a batch ended.
enum Outcome {
    Response(GraphqlResponse),
    /// The whole HTTP request is refused.
    Problem(Problem),
}

/// Answers a GET or POST.
pub(crate) async fn handle(State(service): State<GraphqlService>, request: Request) -> Response {
    let personal = is_personal(request.headers());
    let mut response = service
        .respond(request)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    // With or without a token: a cache has to know that another one may be answered otherwise.
    headers.insert(
        header::VARY,
        if service.settings.compression {
            HeaderValue::from_static("accept, accept-encoding, authorization")
        } else {
            HeaderValue::from_static("accept, authorization")
        },
    );
    if personal {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private"));
    }
    response
}

impl GraphqlService {
    async fn respond(&self, request: Request) -> Result<Response, Problem> {
        let media_type = ResponseMediaType::negotiate(request.headers())?;
        let (parts, body) = request.into_parts();
        let requests = self.read(&parts, body).await?;
        let caller = self.authenticator.authenticate(&parts.headers).await?;
        let request_id = parts
            .extensions
            .get::<RequestId>()
            .cloned()
            .unwrap_or_else(|| RequestId::of(&parts.headers));
        let timeout = Duration::from_secs(self.settings.execution_timeout_seconds);
        let exchange = Exchange {
            service: self,
            parts: &parts,
            caller: &caller,
            request_id: &request_id,
            deadline: Instant::now() + timeout,
        };
        match requests {
            Requests::Single(parameters) => Ok(response::single(
                exchange.answer(*parameters, 0).await?,
                media_type,
            )),
            Requests::Batch(batch) => {
                let mut responses = Vec::with_capacity(batch.len());
                // One after the other: what a mutation has changed, the next in the batch sees.
                for (place, parameters) in batch.into_iter().enumerate() {
                    responses.push(exchange.answer(parameters, place).await?);
                }
                Ok(response::batch(responses, media_type))
            }
        }
    }

    async fn read(&self, parts: &Parts, body: Body) -> Result<Requests, Problem> {
        if parts.method != Method::POST {
            return Requests::from_query_string(parts.uri.query().unwrap_or_default());
        }
        require_json(&parts.headers)?;
        let timeout = Duration::from_secs(self.settings.read_timeout_seconds);
        let body = body::read(body, self.settings.max_body_bytes, timeout).await?;
        Requests::from_json(&body, self.settings.max_batch)
    }
}

/// One HTTP request being answered.
struct Exchange<'a> {
    service: &'a GraphqlService,
    parts: &'a Parts,
    caller: &'a Caller,
    request_id: &'a RequestId,
    deadline: Instant,
}

impl Exchange<'_> {
    /// Answers one request; `place` is where it stands in its batch.
    async fn answer(
        &self,
        parameters: Parameters,
        place: usize,
    ) -> Result<GraphqlResponse, Problem> {
        let mut observation = self.service.telemetry.observe_graphql();
        let mut response = match self.execute(parameters, place, &mut observation).await {
            Outcome::Response(response) => response,
            Outcome::Problem(problem) => {
                observation.refuse(problem.code());
                return Err(problem);
            }
        };
        errors::complete(&mut response, self.request_id);
        observation.finish(&response);
        Ok(response)
    }

    async fn execute(
        &self,
        parameters: Parameters,
        place: usize,
        observation: &mut GraphqlObservation,
    ) -> Outcome {
        let service = self.service;
        let Parameters {
            document: source,
            operation_name,
            variables,
            extensions,
        } = parameters;
        let source = match service.sources.text(source) {
            Ok(source) => source,
            Err(error) => return refuse(error),
        };
        let checked = service
            .documents
            .parse(&source.text, &service.limits)
            .and_then(|document| {
                limits::measure(&document, &variables, &service.table, &service.limits)?;
                Ok(document)
            });
        let document = match checked {
            Ok(document) => document,
            Err(error) => return refuse(ServerError::from(&error)),
        };
        service.sources.keep(&source);
        let (name, operation) = match operation::select(&document, operation_name.as_deref()) {
            Ok(selected) => selected,
            Err(message) => {
                return refuse(errors::error(
                    ErrorCode::OperationResolutionFailure,
                    message,
                ));
            }
        };
        let operation_type = operation.node.ty;
        observation.operation(name, operation::type_name(operation_type));
        // A page of another origin can send a GET without asking first, and caches repeat it.
        if operation_type == OperationType::Mutation && self.parts.method != Method::POST {
            return Outcome::Problem(
                Problem::new(
                    ErrorCode::MethodNotAllowed,
                    "Mutations are executed by POST only.",
                )
                .with_header(header::ALLOW, HeaderValue::from_static("POST")),
            );
        }
        if operation_type == OperationType::Subscription {
            return refuse(errors::error(
                ErrorCode::SubscriptionNotSupported,
                "Subscriptions are not executed over plain HTTP requests.",
            ));
        }
        if let Err(error) = variables::check_variables(&operation.node, &variables, &service.table)
        {
            let mut refusal = errors::error(ErrorCode::BadUserInput, error.message);
            refusal.locations.push(error.at);
            return refuse(refusal);
        }

        let mut request = GraphqlRequest::new(&*source.text).variables(variables);
        request.operation_name = operation_name;
        request.extensions = extensions;
        request.set_parsed_query(ExecutableDocument::clone(&document));
        if operation_type == OperationType::Mutation {
            match idempotency_key::read(&self.parts.headers) {
                Ok(Some(key)) => request = request.data(IdempotencyKey { key, place }),
                Ok(None) => {}
                Err(problem) => return Outcome::Problem(problem),
            }
        }
        let execution = service.executor.execute(request.data(self.caller.clone()));
        match tokio::time::timeout_at(self.deadline, execution).await {
            Ok(response) => Outcome::Response(response),
            Err(_) => refuse(errors::error(
                ErrorCode::Timeout,
                format!(
                    "Execution was stopped after {} seconds. Ask for less at once.",
                    service.settings.execution_timeout_seconds
                ),
            )),
        }
    }
}

fn refuse(error: ServerError) -> Outcome {
    Outcome::Response(GraphqlResponse::from_errors(vec![error]))
}
