//! `/ninjs/changes`: what changed after a cursor, oldest first, for a partner's mirror.
//!
//! Of each thing a page tells once, where its last change stands: an item is as it is now, and twice the same says no
//! more than once. What is no article has no item: what it is called now is told as a concept. A page may hold neither,
//! and has moved the cursor all the same.

use std::collections::HashSet;

use axum::{
    extract::{Request, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use masthead_domain::{contributor::ContributorKind, node_id::NodeId};
use masthead_formats::ninjs::{
    article::Removed,
    concept::{Concept, ConceptType},
    item::Item,
    list::ItemList,
};
use serde::Deserialize;

use super::{
    Ninjs,
    answers::{Article, Publication, Withdrawal, kind},
    json,
    parameters::Parameters,
    with_next,
};
use crate::http::{
    asking::answer_types::{PageInfo, node},
    problem::Problem,
};

const PATH: &str = "/ninjs/changes";

#[derive(Deserialize)]
struct Answer {
    publication: Publication,
    changes: Changes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    page_info: PageInfo,
    nodes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    at: DateTime<Utc>,
    kind: ChangeKind,
    #[serde(deserialize_with = "node")]
    node_id: NodeId,
    reason: Option<String>,
    withdrawal: Option<Withdrawal>,
    node: Option<Node>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ChangeKind {
    Upserted,
    Removed,
}

/// What changed, as it is now.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum Node {
    Article(Box<Article>),
    Section {
        name: String,
    },
    Topic {
        name: String,
    },
    Contributor {
        name: String,
        #[serde(deserialize_with = "kind")]
        kind: ContributorKind,
    },
    MagazineIssue {
        citation: String,
    },
    MagazineVolume,
    Publication,
}

impl Change {
    /// The item; none of what is no article.
    fn item<'a>(&'a self, publication: &'a Publication) -> Option<Item<'a>> {
        let NodeId::Article(id) = self.node_id else {
            return None;
        };
        let is_there = self.kind == ChangeKind::Upserted;
        if let Some(Node::Article(article)) = self.node.as_ref().filter(|_| is_there)
            && let Some(item) = article.item(publication)
        {
            return Some(item);
        }
        Some(match &self.withdrawal {
            Some(withdrawal) => withdrawal.item(id),
            None => Item::from(&Removed {
                id,
                revision: None,
                at: self.at,
                reason: self.reason.as_deref(),
            }),
        })
    }

    /// What it is called now; none of an article, and of what no item names.
    fn concept<'a>(&'a self, publication: &'a Publication) -> Option<Concept<'a>> {
        let id = self.node_id;
        Some(match self.node.as_ref()? {
            Node::Article(_) | Node::MagazineVolume => return None,
            Node::Section { name } => Concept::new(id, ConceptType::Section, name),
            Node::Topic { name } => Concept::new(id, ConceptType::Topic, name),
            Node::MagazineIssue { citation } => Concept::new(id, ConceptType::Issue, citation),
            Node::Contributor { name, kind } => Concept::contributor(id, name, *kind),
            Node::Publication => {
                Concept::publication(&publication.title, publication.publisher.as_deref())
            }
        })
    }
}

/// The last change of each thing, in their order.
fn last_of_each(changes: &[Change]) -> Vec<&Change> {
    let mut told = HashSet::new();
    let last = changes.iter().rev();
    let mut last: Vec<&Change> = last.filter(|change| told.insert(change.node_id)).collect();
    last.reverse();
    last
}

/// Answers with a page of them.
pub(super) async fn show(
    State(ninjs): State<Ninjs>,
    request: Request,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(request.uri().query(), &["first", "after"])?;
    let inquiry = ninjs.asking.inquire(request).await?;
    let document = &ninjs.documents.changes;
    let asked = &parameters;
    let query = parameters.query();
    let response = inquiry.represent(PATH, &query, |answers| async move {
        let Answer {
            publication,
            changes,
        } = answers.ask(document, asked.variables()).await?;
        let PageInfo {
            end_cursor,
            has_next_page,
        } = changes.page_info;
        let cursor = end_cursor.as_deref();
        // To be asked again, also where there is nothing more yet.
        let next = cursor.map(|cursor| asked.next(PATH, cursor));
        let told = last_of_each(&changes.nodes);
        let items = told.iter().filter_map(|change| change.item(&publication));
        let concepts = told
            .iter()
            .filter_map(|change| change.concept(&publication));
        let list = ItemList {
            items: items.collect(),
            concepts: Some(concepts.collect()),
            end_cursor: cursor,
            has_next_page,
            next: next.clone(),
        };
        Ok(with_next(json(&list)?, next.as_deref()))
    });
    Ok(response.await)
}
