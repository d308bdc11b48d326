//! `/ninjs/items/{id}`: one article as an item, by its identity, its URI or its slug.

use async_graphql::{Value, Variables};
use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use masthead_domain::node_id::NodeId;
use serde::Deserialize;

use super::{
    Ninjs,
    answers::{Article, Publication, Withdrawal},
    json,
    parameters::Parameters,
};
use crate::{error_code::ErrorCode, http::problem::Problem};

#[derive(Deserialize)]
struct Answer {
    publication: Publication,
    article: Option<Article>,
    withdrawal: Option<Withdrawal>,
}

/// Answers with the item.
///
/// Of one that has been taken down, whoever asks is told that, and not a word of what it said; by a slug it is not
/// found any more.
pub(super) async fn show(
    State(ninjs): State<Ninjs>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    Parameters::read(request.uri().query(), &[])?;
    let inquiry = ninjs.asking.inquire(request).await?;
    let id = match NodeId::decode(&name).or_else(|_| NodeId::from_uri(&name)) {
        Ok(NodeId::Article(id)) => Some(id),
        Ok(_) => return Err(nothing()),
        Err(_) => None,
    };
    let (document, variable, value) = match id {
        Some(id) => (&ninjs.documents.item, "id", NodeId::Article(id).encode()),
        None => (&ninjs.documents.item_by_slug, "slug", name),
    };
    let path = format!("/ninjs/items/{value}");
    let mut variables = Variables::default();
    variables.insert(async_graphql::Name::new(variable), Value::String(value));
    let variables = &variables;
    let response = inquiry.represent(&path, "", |answers| async move {
        let Answer {
            publication,
            article,
            withdrawal,
        } = answers.ask(document, variables.clone()).await?;
        let item = article
            .as_ref()
            .and_then(|article| article.item(&publication));
        let left = || Some(withdrawal.as_ref()?.item(id?));
        json(&item.or_else(left).ok_or_else(nothing)?)
    });
    Ok(response.await)
}

fn nothing() -> Problem {
    Problem::new(
        ErrorCode::NotFound,
        "There is no such item, or none that may be seen. Ask by the identity in its 'altIds' or by its 'uri'.",
    )
}
