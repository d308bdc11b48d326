//! `/ninjs/latest`: the latest articles, as items.

use axum::{
    extract::{Request, State},
    response::Response,
};
use masthead_formats::ninjs::list::ItemList;
use serde::Deserialize;

use super::{
    Ninjs,
    answers::{Article, Publication},
    json,
    parameters::Parameters,
    with_next,
};
use crate::http::{
    asking::{Answers, answer_types::PageInfo},
    problem::Problem,
};

const PATH: &str = "/ninjs/latest";

/// The parameters: those of the field `latest`, forwards.
const PARAMETERS: [&str; 6] = [
    "first",
    "after",
    "section",
    "contributor",
    "topic",
    "language",
];

#[derive(Deserialize)]
struct Answer {
    publication: Publication,
    latest: Latest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    page_info: PageInfo,
    nodes: Vec<Article>,
}

/// Answers with a page of them.
pub(super) async fn show(
    State(ninjs): State<Ninjs>,
    request: Request,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(request.uri().query(), &PARAMETERS)?;
    let inquiry = ninjs.asking.inquire(request).await?;
    let document = &ninjs.documents.latest;
    let asked = &parameters;
    let query = parameters.query();
    let make = |answers: Answers| async move {
        let Answer {
            publication,
            latest,
        } = answers.ask(document, asked.variables()).await?;
        let PageInfo {
            end_cursor,
            has_next_page,
        } = latest.page_info;
        let cursor = end_cursor.as_deref();
        let next = cursor
            .filter(|_| has_next_page)
            .map(|cursor| asked.next(PATH, cursor));
        let items = latest.nodes.iter();
        let list = ItemList {
            items: items
                .filter_map(|article| article.item(&publication))
                .collect(),
            concepts: None,
            end_cursor: cursor,
            has_next_page,
            next: next.clone(),
        };
        Ok(with_next(json(&list)?, next.as_deref()))
    };
    // What is chosen of the latest, or comes later in them, need not hold what was taken down.
    Ok(if parameters.choose_nothing() {
        inquiry.represent_newest(PATH, &query, make).await
    } else {
        inquiry.represent(PATH, &query, make).await
    })
}
