//! The documents that clients can name, as plain JSON: `/v1/{name}`, for whoever knows no GraphQL.
//!
//! Each query among the trusted documents is a resource of its own. Its variables are the parameters of the query
//! component ([`parameters`], [`values`]), and what it answers with is the `data` of the document's answer, as
//! `/graphql` gives it: it is asked on the same way, and there is no second implementation of anything. Errors are
//! problem documents.
//!
//! `/v1` lists the documents, `/v1/openapi.json` describes them as OpenAPI 3.1 has it ([`open_api`]); both are made of
//! the documents ([`document`]) and the schema ([`schema_types`]).

mod document;
mod index;
mod open_api;
mod parameters;
mod schema_types;
mod selection;
mod values;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use serde_json::value::RawValue;

use self::{document::NamedDocument, schema_types::SchemaTypes};
use super::{
    asking::{Asking, OwnDocument},
    problem::Problem,
    problems::internal_error,
    representation::Representation,
};
use crate::{
    error_code::ErrorCode,
    limits::{LimitSettings, SchemaTableError},
    trusted_documents::TrustedDocuments,
};

const JSON: &str = "application/json";
const OPEN_API: &str = "/v1/openapi.json";

/// What the routes answer with.
struct Everything {
    asking: Asking,
    documents: BTreeMap<String, NamedDocument>,
    types: SchemaTypes,
    index: Bytes,
    open_api: Bytes,
}

/// The documents to serve, read.
pub(super) struct NamedDocuments {
    documents: BTreeMap<String, NamedDocument>,
    types: SchemaTypes,
}

impl NamedDocuments {
    /// Reads the queries among the trusted documents.
    ///
    /// # Errors
    /// When the schema's own SDL is not readable.
    pub(super) fn read(
        trusted: &TrustedDocuments,
        sdl: &str,
        limits: &LimitSettings,
    ) -> Result<Self, SchemaTableError> {
        let types = SchemaTypes::new(sdl)?;
        let mut documents = BTreeMap::new();
        for (name, text) in trusted.named() {
            // A trusted document has been parsed within the same limits before.
            let Ok(document) = OwnDocument::of_the_operator(text, limits) else {
                continue;
            };
            if let Some(document) = NamedDocument::new(name, text, document, &types) {
                documents.insert(name.to_owned(), document);
            } else {
                tracing::info!(
                    document = name,
                    "not served at /v1, where only queries are: it is to be had at /graphql"
                );
            }
        }
        Ok(Self { documents, types })
    }

    /// The routes.
    pub(super) fn routes(self, asking: &Asking) -> Router {
        let Self { documents, types } = self;
        let described = documents.values();
        let everything = Everything {
            asking: asking.clone(),
            index: index::write(described.clone(), &types).into(),
            open_api: open_api::write(described, &types).into(),
            documents,
            types,
        };
        Router::new()
            .route("/v1", get(list))
            .route(OPEN_API, get(describe))
            .route("/v1/{name}", get(show))
            .with_state(Arc::new(everything))
    }
}

async fn list(
    State(everything): State<Arc<Everything>>,
    request: Request,
) -> Result<Response, Problem> {
    send(&everything.asking, request, "/v1", &everything.index).await
}

async fn describe(
    State(everything): State<Arc<Everything>>,
    request: Request,
) -> Result<Response, Problem> {
    send(&everything.asking, request, OPEN_API, &everything.open_api).await
}

/// Sends what is the same until the server is started anew.
async fn send(
    asking: &Asking,
    request: Request,
    path: &str,
    bytes: &Bytes,
) -> Result<Response, Problem> {
    let inquiry = asking.inquire(request).await?;
    let make = |_| async { Ok(Representation::new(JSON, bytes.clone())) };
    Ok(inquiry.represent(path, "", make).await)
}

/// Answers with the data of the document's answer.
async fn show(
    State(everything): State<Arc<Everything>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let Some(named) = everything.documents.get(&name) else {
        return Err(Problem::new(
            ErrorCode::NotFound,
            "There is no document of this name. /v1 lists those that there are.",
        ));
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    // Whoever asks is found out first: their requests are counted, also those that are wrong.
    let inquiry = everything.asking.inquire(request).await?;
    let variables = parameters::read(&query, named, &everything.types)?;
    let asked = serde_json::to_string(&variables).unwrap_or_default();
    let (variables, path) = (&variables, format!("/v1/{name}"));
    let response = inquiry.represent(&path, &asked, |answers| async move {
        let reply = answers.reply(&named.document, variables.clone()).await?;
        let data = reply.json()?;
        if let Some(lookup) = &named.lookup
            && is_null(data, lookup)?
        {
            return Err(nothing(lookup, named, variables));
        }
        Ok(Representation::new(JSON, data.to_owned()))
    });
    Ok(response.await)
}

/// Whether a member of an object is null.
fn is_null(data: &str, member: &str) -> Result<bool, Problem> {
    let members: HashMap<String, &RawValue> = serde_json::from_str(data).map_err(|error| {
        tracing::error!(%error, "an answer could not be read");
        internal_error()
    })?;
    Ok(members
        .get(member)
        .is_some_and(|value| value.get() == "null"))
}

fn nothing(lookup: &str, named: &NamedDocument, variables: &async_graphql::Variables) -> Problem {
    let by: Vec<String> = named
        .parameters
        .iter()
        .filter(|parameter| parameter.is_required())
        .filter_map(|parameter| {
            let value = variables.get(parameter.name.as_str())?;
            Some(format!("'{}' is {value}", parameter.name))
        })
        .collect();
    let of = if by.is_empty() {
        String::new()
    } else {
        format!(" whose {}", by.join(" and "))
    };
    Problem::new(
        ErrorCode::NotFound,
        format!("There is no '{lookup}'{of}, or none that may be seen."),
    )
}
