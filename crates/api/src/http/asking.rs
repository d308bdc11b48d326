//! How every other surface asks: by GraphQL documents, on the very way that `/graphql` answers them.
//!
//! A route makes an [`Inquiry`] of its request, which finds out who is asking, and then a [`Representation`] of the
//! answers to documents that it asks for. What comes of that is kept like an answer, under the route's path and
//! parameters, with all that the answers depend on, and sent with the same headers. For example:
//!
//! ```ignore
//! let inquiry = asking.inquire(request).await?;
//! let parameters = format!("page={page}");
//! inquiry.represent("/feeds/latest.rss", &parameters, |answers| async move {
//!     let latest: Latest = answers.ask(&document, variables.clone()).await?;
//!     Ok(Representation::new("application/rss+xml; charset=utf-8", write_rss(&latest)))
//! }).await
//! ```
//!
//! What is made has to follow from the path, the parameters and the answers alone: others who ask the same are given it.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Response as GraphqlResponse, Variables, parser::types::ExecutableDocument};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use masthead_domain::{change::Stream, viewer::Caller};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{
    authentication::is_personal,
    graphql::{
        Answered, Content, Document, Exchange, GraphqlService, Made, Outcome, Question, Subject,
        errors, response_body,
    },
    problem::Problem,
    problems::internal_error,
    representation::Representation,
    request_id::RequestId,
};
use crate::{
    error_code::ErrorCode,
    limits::{LimitError, LimitSettings},
};

pub(super) mod answer_types;
#[cfg(test)]
mod tests;

/// How often answers are asked for anew that something has changed in between.
const ATTEMPTS: usize = 3;

/// What a route asks with. Made once, with the routes.
#[derive(Clone)]
pub(crate) struct Asking(GraphqlService);

/// A document that the server itself asks: one query. The limits on what clients may ask for are not for these.
#[derive(Clone)]
pub(crate) struct OwnDocument(Document);

impl OwnDocument {
    /// Reads it.
    ///
    /// # Errors
    /// When it is no document.
    pub(crate) fn new(text: &str) -> Result<Self, LimitError> {
        Document::of_the_server(text).map(Self)
    }

    /// Reads one of the trusted documents, whose variables clients give: it is held to the limits on what they ask for.
    ///
    /// # Errors
    /// When it is no document within the limits.
    pub(crate) fn of_the_operator(text: &str, limits: &LimitSettings) -> Result<Self, LimitError> {
        Document::of_the_operator(text, limits).map(Self)
    }

    /// What it says.
    pub(crate) fn parsed(&self) -> &ExecutableDocument {
        &self.0.parsed
    }
}

/// A request that is being answered by asking.
#[derive(Clone)]
pub(crate) struct Inquiry(Arc<Inquirer>);

struct Inquirer {
    service: GraphqlService,
    parts: Parts,
    caller: Caller,
    request_id: RequestId,
    deadline: Instant,
}

impl Asking {
    pub(crate) const fn new(service: GraphqlService) -> Self {
        Self(service)
    }

    /// Begins to answer a request: finds out who is asking.
    ///
    /// # Errors
    /// When its token is not taken.
    pub(crate) async fn inquire(&self, request: Request) -> Result<Inquiry, Problem> {
        let (parts, _) = request.into_parts();
        let caller = self.0.caller(&parts).await?;
        Ok(Inquiry(Arc::new(Inquirer {
            request_id: RequestId::of_request(&parts),
            deadline: self.0.deadline(),
            service: self.0.clone(),
            parts,
            caller,
        })))
    }
}

/// What a representation is made of: asks, and notes what was answered.
#[derive(Clone)]
pub(crate) struct Answers {
    inquirer: Arc<Inquirer>,
    noted: Arc<Mutex<Noted>>,
}

/// The answers so far.
#[derive(Default)]
struct Noted {
    shared: Vec<Arc<Answered>>,
    /// Whether one was for whoever asked alone, or is not known to hold.
    is_other: bool,
}

/// The answer to one document: JSON, without errors.
pub(crate) struct Reply(Bytes);

#[derive(Deserialize)]
struct Envelope<Data> {
    data: Data,
}

#[derive(Deserialize)]
struct RawEnvelope<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Reply {
    /// The document's data, read.
    ///
    /// # Errors
    /// When it is not what the type takes: a fault of the server.
    pub(crate) fn data<Data: DeserializeOwned>(&self) -> Result<Data, Problem> {
        serde_json::from_slice(&self.0)
            .map(|Envelope { data }| data)
            .map_err(|error| unreadable(&error))
    }

    /// The document's data as JSON.
    ///
    /// # Errors
    /// None that is known.
    pub(crate) fn json(&self) -> Result<&str, Problem> {
        serde_json::from_slice(&self.0)
            .map(|RawEnvelope { data }| data.get())
            .map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "an answer could not be read");
    internal_error()
}

impl Answers {
    /// Asks, and reads the data of the answer.
    ///
    /// # Errors
    /// The first error of the answer, with the status of its code; or that it is not what the type takes.
    pub(crate) async fn ask<Data: DeserializeOwned>(
        &self,
        document: &OwnDocument,
        variables: Variables,
    ) -> Result<Data, Problem> {
        self.reply(document, variables).await?.data()
    }

    /// Asks.
    ///
    /// # Errors
    /// The first error of the answer, with the status of its code.
    pub(crate) async fn reply(
        &self,
        document: &OwnDocument,
        variables: Variables,
    ) -> Result<Reply, Problem> {
        let inquirer = &*self.inquirer;
        let exchange = Exchange {
            service: &inquirer.service,
            parts: &inquirer.parts,
            caller: &inquirer.caller,
            request_id: &inquirer.request_id,
            deadline: inquirer.deadline,
            streaming: None,
        };
        let outcome = exchange.ask(&document.0, variables).await?;
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Outcome::Answered(answer) => {
                let reply = Reply(answer.plain().clone());
                noted.shared.push(answer);
                Ok(reply)
            }
            Outcome::Response(response) => {
                noted.is_other = true;
                refusal(&response)?;
                response_body(&response)
                    .map(|body| Reply(body.into()))
                    .map_err(|error| unreadable(&error))
            }
            Outcome::Problem(problem) => Err(problem),
            // Its documents are queries.
            Outcome::Events(_) => Err(internal_error()),
        }
    }
}

/// The problem that the first error of an answer is. A part of an answer is not told: who asks for a feed sees its
/// status alone.
fn refusal(response: &GraphqlResponse) -> Result<(), Problem> {
    let Some(error) = response.errors.first() else {
        return Ok(());
    };
    let code = errors::code_of(error).and_then(ErrorCode::from_code);
    Err(match code {
        None | Some(ErrorCode::InternalServerError) => internal_error(),
        // The document is the server's or its operator's: whoever asks cannot mend it.
        Some(ErrorCode::GraphqlParseFailed | ErrorCode::GraphqlValidationFailed) => {
            tracing::error!(
                error = error.message,
                "a document of the server's is not valid"
            );
            internal_error()
        }
        Some(code) => Problem::new(code, error.message.clone()),
    })
}

impl Inquiry {
    /// The request.
    #[cfg(test)]
    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// Answers with what was made before of the same, or is made now.
    ///
    /// `path` and `parameters` name what is made, together with what the caller may see: whatever else the bytes depend
    /// on has to be in the answers. Where an answer is for the caller alone, what is made of it is, too, and not kept.
    ///
    /// `Last-Modified` is the time of the last change in the archive that everyone may know of when the bytes were made,
    /// not that of an item: a list from which something was withdrawn has changed, too, and no item tells of that.
    pub(crate) async fn represent<Making>(
        &self,
        path: &str,
        parameters: &str,
        make: impl Fn(Answers) -> Making,
    ) -> Response
    where
        Making: Future<Output = Result<Representation, Problem>>,
    {
        let inquirer = &*self.0;
        let service = &inquirer.service;
        let question = Question {
            audience: inquirer.caller.audience(service.access),
            subject: Subject::Path(path.into()),
            operation_name: None,
            variables: parameters.to_owned(),
        };
        let made = service
            .find_or_make(&question, |former| self.make(&question, former, &make))
            .await;
        let mut response = match made {
            Made::Shared(answer) => {
                service.note_told(&inquirer.caller, &inquirer.parts, &answer);
                service.send_representation(&answer, &inquirer.parts)
            }
            Made::Other(Ok(representation)) => self.send_to_one(representation),
            Made::Other(Err(problem)) => return problem.into_response(),
        };
        response
            .headers_mut()
            .insert(header::VARY, service.vary_by_coding());
        response
    }

    /// The same of what a feed's readers come back to: a partner who is answered has been told of every withdrawal up to
    /// then, which is noted by the path.
    pub(crate) async fn represent_newest<Making>(
        &self,
        path: &str,
        parameters: &str,
        make: impl Fn(Answers) -> Making,
    ) -> Response
    where
        Making: Future<Output = Result<Representation, Problem>>,
    {
        let Inquirer {
            service, caller, ..
        } = &*self.0;
        let partner = caller.partner();
        let edition = match partner {
            // Before anything is read: what is read is of this edition, or of a later one.
            Some(_) => service.executor.edition().await,
            None => None,
        };
        let response = self.represent(path, parameters, make).await;
        let is_answered =
            response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
        if let (Some(partner), Some(edition), true) = (partner, edition, is_answered) {
            service
                .ledger
                .told(partner.id, path, Stream::Public, edition);
        }
        response
    }

    /// Makes it of answers of one edition.
    async fn make<Making>(
        &self,
        question: &Question,
        former: Option<Arc<Answered>>,
        make: impl Fn(Answers) -> Making,
    ) -> Made<Result<Representation, Problem>>
    where
        Making: Future<Output = Result<Representation, Problem>>,
    {
        let responses = self.0.service.responses.as_ref();
        let mut attempt = 1;
        loop {
            let answers = Answers {
                inquirer: self.0.clone(),
                noted: Arc::default(),
            };
            let noted = answers.noted.clone();
            let representation = match make(answers).await {
                Ok(representation) => representation,
                Err(problem) => return Made::Other(Err(problem)),
            };
            let noted = std::mem::take(&mut *noted.lock().unwrap_or_else(PoisonError::into_inner));
            let Some(responses) = responses.filter(|_| !noted.is_other && !noted.shared.is_empty())
            else {
                return Made::Other(Ok(representation));
            };
            let holdings = || noted.shared.iter().map(|answer| &answer.holding);
            if let Some(holding) = responses.together(holdings()) {
                let former = former.as_ref();
                let unchanged = former.filter(|former| *former.plain() == representation.bytes);
                let last_modified = match unchanged {
                    Some(former) => former.last_modified(),
                    None => responses.changed_by(&holding),
                };
                let answer = Answered::of_representation(
                    question.clone(),
                    representation,
                    holding,
                    last_modified,
                );
                return Made::Shared(Arc::new(answer));
            }
            // Something was changed between the first answer and the last.
            if attempt == ATTEMPTS {
                return Made::Other(Ok(representation));
            }
            attempt += 1;
        }
    }

    /// Sends what is not known to be the same for anyone else.
    fn send_to_one(&self, representation: Representation) -> Response {
        let Inquirer { service, parts, .. } = &*self.0;
        let content = Content::new(representation.bytes);
        let sending = service.sending(parts, representation.content_type, None);
        let response = content.response(&sending, |headers| {
            let cache_control = if is_personal(&parts.headers) {
                "private, no-cache"
            } else {
                "no-cache"
            };
            headers.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static(cache_control),
            );
            headers.extend(representation.headers);
        });
        response.map(Body::from)
    }
}
