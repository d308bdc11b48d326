//! One request being answered: from its parameters to an answer, kept or made.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Extensions, Request as GraphqlRequest, Response as GraphqlResponse, ServerError, Variables,
    parser::types::OperationType,
};
use axum::body::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderValue, Method, header, request::Parts};
use masthead_domain::viewer::Caller;
use tokio::time::Instant;

use super::{
    Document, GraphqlService, Outcome,
    answered::Answered,
    errors, idempotency_key, operation,
    request::Parameters,
    response,
    responses::{Made, Question, Subject},
    variables,
};
use crate::{
    error_code::ErrorCode,
    graphql::{
        Answer, Event, EventStream, IdempotencyKey, RequestParts, SubscriptionRequest, Unshared,
    },
    http::{
        problem::Problem, request_id::RequestId, streams::Streaming, telemetry::GraphqlObservation,
    },
};

/// One HTTP request being answered.
pub(in crate::http) struct Exchange<'a> {
    pub(in crate::http) service: &'a GraphqlService,
    pub(in crate::http) parts: &'a Parts,
    pub(in crate::http) caller: &'a Caller,
    pub(in crate::http) request_id: &'a RequestId,
    pub(in crate::http) deadline: Instant,
    /// Where events can be sent: how.
    pub(in crate::http) streaming: Option<Streaming>,
}

impl Exchange<'_> {
    /// Answers one request; `place` is where it stands in its batch.
    pub(in crate::http) async fn answer(
        &self,
        parameters: Parameters,
        place: Option<usize>,
    ) -> Result<Outcome, Problem> {
        let mut observation = self.service.telemetry.observe_graphql();
        let outcome = self.execute(parameters, place, &mut observation).await;
        self.complete(outcome, observation)
    }

    /// Answers a document that is not of the request: what other paths ask.
    pub(in crate::http) async fn ask(
        &self,
        document: &Document,
        variables: Variables,
    ) -> Result<Outcome, Problem> {
        let mut observation = self.service.telemetry.observe_graphql();
        let outcome = match self.measured(document, &variables) {
            Ok(()) => {
                let operation = Selection {
                    document,
                    operation_name: None,
                    variables,
                    extensions: Extensions::default(),
                };
                self.execute_selected(operation, None, &mut observation)
                    .await
            }
            Err(error) => refuse(error),
        };
        self.complete(outcome, observation)
    }

    fn complete(
        &self,
        outcome: Outcome,
        mut observation: GraphqlObservation,
    ) -> Result<Outcome, Problem> {
        match outcome {
            Outcome::Response(mut response) => {
                errors::complete(&mut response, self.request_id);
                observation.finish(&response);
                Ok(Outcome::Response(response))
            }
            executed @ (Outcome::Answered(_) | Outcome::Events(_)) => {
                observation.succeed();
                if let Outcome::Answered(answer) = &executed {
                    self.service.note_told(self.caller, self.parts, answer);
                }
                Ok(executed)
            }
            Outcome::Problem(problem) => {
                observation.refuse(problem.code());
                Err(problem)
            }
        }
    }

    async fn execute(
        &self,
        parameters: Parameters,
        place: Option<usize>,
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
        let document = match service.documents.parse(&source.text, &service.limits) {
            Ok(document) => document,
            Err(error) => return refuse(ServerError::from(&error)),
        };
        if let Err(error) = self.measured(&document, &variables) {
            return refuse(error);
        }
        service.sources.keep(&source);
        let selection = Selection {
            document: &document,
            operation_name,
            variables,
            extensions,
        };
        self.execute_selected(selection, place, observation).await
    }

    fn measured(&self, document: &Document, variables: &Variables) -> Result<(), ServerError> {
        let service = self.service;
        document
            .measure(variables, &service.table, &service.limits)
            .map_err(|error| ServerError::from(&error))
    }

    /// Executes an operation of a document that is within the limits.
    async fn execute_selected(
        &self,
        selection: Selection<'_>,
        place: Option<usize>,
        observation: &mut GraphqlObservation,
    ) -> Outcome {
        let service = self.service;
        let Selection {
            document,
            operation_name,
            variables,
            extensions,
        } = selection;
        let (name, operation) = match operation::select(&document.parsed, operation_name.as_deref())
        {
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
        let streaming = self.streaming.as_ref().filter(|_| place.is_none());
        if operation_type == OperationType::Subscription && streaming.is_none() {
            return refuse(errors::error(
                ErrorCode::SubscriptionNotSupported,
                "A subscription has many answers: accept text/event-stream, or connect by WebSocket (graphql-transport-ws).",
            ));
        }
        if let Err(error) = variables::check_variables(&operation.node, &variables, &service.table)
        {
            let mut refusal = errors::error(ErrorCode::BadUserInput, error.message);
            refusal.locations.push(error.at);
            return refuse(refusal);
        }
        if operation_type == OperationType::Subscription {
            let last_event = streaming.and_then(|streaming| streaming.last_event.clone());
            return self
                .subscribe(document, operation_name, variables, last_event)
                .await;
        }

        let idempotency_key = if operation_type == OperationType::Mutation {
            match idempotency_key::read(&self.parts.headers) {
                Ok(key) => key.map(|key| IdempotencyKey {
                    key,
                    place: place.unwrap_or_default(),
                }),
                Err(problem) => return Outcome::Problem(problem),
            }
        } else {
            None
        };
        let asked = Asked {
            document,
            operation_name,
            variables,
            extensions,
            idempotency_key,
        };
        // Only a single query is answered with bytes that others get too.
        if operation_type != OperationType::Query || place.is_some() {
            return match self.run(&asked).await {
                Ok(answer) => Outcome::Response(answer.response),
                Err(error) => refuse(error),
            };
        }
        self.share(&asked).await
    }

    /// Begins a subscription.
    async fn subscribe(
        &self,
        document: &Document,
        operation_name: Option<String>,
        variables: Variables,
        last_event: Option<String>,
    ) -> Outcome {
        let request = SubscriptionRequest {
            text: document.text.clone(),
            document: document.parsed.clone(),
            validation: document.validation.clone(),
            operation_name,
            variables,
            caller: self.caller.clone(),
            last_event,
            timeout: Duration::from_secs(self.service.settings.execution_timeout_seconds),
        };
        let beginning = self.service.executor.subscribe(request);
        match tokio::time::timeout_at(self.deadline, beginning).await {
            Ok(Ok(events)) => Outcome::Events(self.noted(events)),
            Ok(Err(response)) => Outcome::Response(response),
            Err(_) => refuse(self.timed_out()),
        }
    }

    /// The same events; how far they tell a partner of the change log is noted as they are taken.
    fn noted(&self, events: EventStream) -> EventStream {
        let Some(partner) = self.caller.partner() else {
            return events;
        };
        let (partner, ledger) = (partner.id, self.service.ledger.clone());
        let place = self.parts.uri.path().to_owned();
        let note = move |event: &Event| {
            if let Some(told) = event.told_through {
                ledger.told(partner, &place, told.stream, told.number);
            }
        };
        EventStream {
            events: events.events.inspect(note).boxed(),
            ..events
        }
    }

    fn timed_out(&self) -> ServerError {
        errors::error(
            ErrorCode::Timeout,
            format!(
                "Execution was stopped after {} seconds. Ask for less at once.",
                self.service.settings.execution_timeout_seconds
            ),
        )
    }

    /// Answers a query with what is kept, or with what is then kept.
    async fn share(&self, asked: &Asked<'_>) -> Outcome {
        let question = Question {
            audience: self.caller.audience(self.service.access),
            subject: Subject::Document(asked.document.text.clone()),
            operation_name: asked.operation_name.clone(),
            variables: serde_json::to_string(&asked.variables).unwrap_or_default(),
        };
        let parts = self
            .service
            .keeps_parts
            .then(|| asked.parts())
            .filter(RequestParts::are_whole);
        let answered = |body, provenance| {
            let answer = Answered::new(question.clone(), body, provenance, parts.clone());
            Made::Shared(Arc::new(answer))
        };
        let make = || async {
            let audience = self.caller.audience(self.service.access);
            let kept = parts
                .as_ref()
                .and_then(|parts| self.service.executor.assemble(parts, &audience));
            if let Some((body, provenance)) = kept {
                return answered(body, provenance);
            }
            match self.run(asked).await {
                Ok(Answer {
                    response,
                    provenance: Some(provenance),
                    ..
                }) => match response::body(&response) {
                    // As large as it is: the room that it was written in is not kept.
                    Ok(body) => answered(Bytes::copy_from_slice(&body), provenance),
                    Err(_) => Made::Other(Outcome::Response(response)),
                },
                Ok(answer) => Made::Other(Outcome::Response(answer.response)),
                Err(error) => Made::Other(refuse(error)),
            }
        };
        let made = self.service.find_or_make(&question, |_| make()).await;
        match made {
            Made::Shared(answer) => Outcome::Answered(answer),
            Made::Other(outcome) => outcome,
        }
    }

    /// Has a request executed, within the time that is left.
    async fn run(&self, asked: &Asked<'_>) -> Result<Answer, ServerError> {
        let service = self.service;
        let mut request =
            GraphqlRequest::new(&*asked.document.text).variables(asked.variables.clone());
        request.operation_name.clone_from(&asked.operation_name);
        request.extensions = asked.extensions.clone();
        request = request.data(asked.document.validation.clone());
        // The document comes with its parts: of what is kept, nothing is executed.
        request = request.data(asked.parts());
        if service.responses.is_none() && self.parts.method == Method::POST {
            request = request.data(Unshared);
        }
        if let Some(key) = &asked.idempotency_key {
            request = request.data(key.clone());
        }
        let execution = service.executor.execute(request.data(self.caller.clone()));
        let answer = tokio::time::timeout_at(self.deadline, execution)
            .await
            .map_err(|_| self.timed_out())?;
        if let (Some(partner), Some(told)) = (self.caller.partner(), answer.told_through) {
            let place = self.parts.uri.path();
            service
                .ledger
                .told(partner.id, place, told.stream, told.number);
        }
        Ok(answer)
    }
}

/// What of a document is to be executed.
struct Selection<'a> {
    document: &'a Document,
    operation_name: Option<String>,
    variables: Variables,
    extensions: Extensions,
}

/// A request whose operation can be executed.
struct Asked<'a> {
    document: &'a Document,
    operation_name: Option<String>,
    variables: Variables,
    extensions: Extensions,
    idempotency_key: Option<IdempotencyKey>,
}

impl Asked<'_> {
    /// What the parts of its answer are kept under.
    fn parts(&self) -> RequestParts {
        RequestParts::new(self.document.parts(), self.variables.clone())
    }
}

fn refuse(error: ServerError) -> Outcome {
    Outcome::Response(GraphqlResponse::from_errors(vec![error]))
}
