//! ninjs 3.1 (IPTC): `/ninjs/latest`, `/ninjs/items/{id}` and `/ninjs/changes`, for partners.
//!
//! Each is made of the answer to one document (`documents`), so a reader is shown what `/graphql` would show them and
//! nothing else: who sees scheduled articles sees them withheld, who may not read the text is given items without one.
//! What an answer says is read in `answers`, and written by [`masthead_formats::ninjs`].
//!
//! The media type is `application/json`: ninjs has registered none of its own, and an item says in `standard` what it is.

mod answers;
mod changes;
mod documents;
mod items;
mod latest;
mod parameters;

use axum::{Router, routing::get};
use http::{HeaderValue, header};
use serde::Serialize;

use self::documents::Documents;
use super::{
    asking::Asking, problem::Problem, problems::internal_error, representation::Representation,
};
use crate::limits::LimitError;

/// What the routes ask, and by what way.
#[derive(Clone)]
struct Ninjs {
    asking: Asking,
    documents: Documents,
}

/// The routes.
pub(super) fn routes(asking: &Asking) -> Result<Router, LimitError> {
    let ninjs = Ninjs {
        asking: asking.clone(),
        documents: Documents::read()?,
    };
    Ok(Router::new()
        .route("/ninjs/latest", get(latest::show))
        .route("/ninjs/items/{id}", get(items::show))
        .route("/ninjs/changes", get(changes::show))
        .with_state(ninjs))
}

/// What a route answers with, written down.
fn json(value: &impl Serialize) -> Result<Representation, Problem> {
    match serde_json::to_vec(value) {
        Ok(bytes) => Ok(Representation::new("application/json", bytes)),
        Err(error) => {
            tracing::error!(%error, "an item could not be written");
            Err(internal_error())
        }
    }
}

/// The same with where the next page is (RFC 8288).
fn with_next(representation: Representation, next: Option<&str>) -> Representation {
    let link = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
    match link {
        Some(link) => representation.with_header(header::LINK, link),
        None => representation,
    }
}
