//! What is delivered: one change, as `changes` tells it to whom the webhook is told as.
//!
//! It is asked of the schema, by a document, as the webhook's owner: what may be seen is decided nowhere else, so a webhook
//! tells neither more nor less than a request would.

use async_graphql::{Request, Response, Value as GraphqlValue, Variables};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use masthead_domain::{change::ChangeKind, node_id::NodeId, viewer::Caller};
use masthead_persistence::ChangePosition;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error_code::ErrorCode,
    graphql::{Archive, Unshared, cursor},
};

const DOCUMENT: &str = "
query webhookEvent($after: String!) {
  changes(first: 1, after: $after) {
    nodes {
      cursor at kind nodeId reason
      withdrawal { at reason revision }
      node {
        __typename
        ... on Article {
          id slug url headline kicker standfirst dateline language status
          publishedAt publishedAtPrecision modifiedAt revision
          bylines { id slug name kind }
          section { id slug name }
          topics { id slug name }
          corrections { at text }
          leadImage { url alt caption credit width height }
          magazineIssue { id citation }
          body { isExcerpt html text wordCount }
        }
        ... on Section { id slug name parent { id slug } }
        ... on Contributor { id slug name kind biography }
        ... on Topic { id slug name }
        ... on MagazineIssue { id citation }
        ... on MagazineVolume { id }
        ... on Publication { id title url language timeZone }
      }
    }
  }
}";

/// What the receiver is told that has to start again.
pub(super) const START_AGAIN: &str = "changes.start_again";

/// What came of asking for what comes after a place.
#[derive(Debug)]
pub(super) enum Next {
    /// A change.
    Event(Box<Event>),
    /// Nothing that the webhook's owner may know.
    Nothing,
    /// It cannot be told from there any more: too much has been pruned, or the owner is told of other things by now.
    StartAgain,
    /// It is not told at all, and why.
    Refused(String),
    /// The archive could not be read.
    Unread,
}

/// A change, as it is delivered.
#[derive(Debug)]
pub(super) struct Event {
    /// What it tells: `article.removed`.
    pub(super) name: String,
    /// What changed.
    pub(super) node: NodeId,
    /// The place after it.
    pub(super) after: ChangePosition,
    /// What is sent.
    pub(super) body: Bytes,
}

#[derive(Deserialize)]
struct Facts {
    cursor: String,
    at: DateTime<Utc>,
    kind: Kind,
    #[serde(rename = "nodeId")]
    node_id: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    Upserted,
    Removed,
}

/// Asks for the change after a place.
pub(super) async fn after(archive: &Archive, caller: &Caller, place: ChangePosition) -> Next {
    let variables = Variables::from_json(json!({ "after": cursor::of_change(place) }));
    let request = Request::new(DOCUMENT).variables(variables).data(Unshared);
    let response = archive.answer(request, caller).await.response;
    if let Some(next) = refusal(&response) {
        return next;
    }
    let data = serde_json::to_value(&response.data).ok();
    let change = data.and_then(|mut data| {
        let nodes = data.pointer_mut("/changes/nodes")?.as_array_mut()?;
        Some(nodes.pop())
    });
    match change {
        Some(Some(change)) => read(&change).map_or(Next::Unread, |event| Next::Event(event.into())),
        Some(None) => Next::Nothing,
        None => Next::Unread,
    }
}

fn refusal(response: &Response) -> Option<Next> {
    let error = response.errors.first()?;
    let code = error
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("code"));
    let code = match code {
        Some(GraphqlValue::String(code)) => ErrorCode::from_code(code),
        _ => None,
    };
    Some(match code {
        Some(ErrorCode::StartAgain) => Next::StartAgain,
        Some(ErrorCode::Forbidden | ErrorCode::Unauthenticated) => {
            Next::Refused(error.message.clone())
        }
        _ => {
            tracing::error!(
                error = error.message,
                "an event for a webhook could not be made"
            );
            Next::Unread
        }
    })
}

fn read(change: &Value) -> Option<Event> {
    let facts = Facts::deserialize(change).ok()?;
    let node = NodeId::decode(&facts.node_id).ok()?;
    let kind = match facts.kind {
        Kind::Upserted => ChangeKind::Upserted,
        Kind::Removed => ChangeKind::Removed,
    };
    let event = name(node, kind);
    let body = body(&event, facts.at, change)?;
    Some(Event {
        after: cursor::change(&facts.cursor)?,
        name: event,
        node,
        body,
    })
}

/// What tells a receiver to start again: that what it holds may not be so any more, and from where on it is told.
pub(super) fn start_again(place: ChangePosition, now: DateTime<Utc>) -> Option<Bytes> {
    body(
        START_AGAIN,
        now,
        &json!({ "cursor": cursor::of_change(place) }),
    )
}

/// The body of a delivery (Standard Webhooks, "Payload structure").
fn body(event: &str, at: DateTime<Utc>, data: &Value) -> Option<Bytes> {
    let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let body = json!({ "type": event, "timestamp": at, "data": data });
    serde_json::to_vec(&body).ok().map(Bytes::from)
}

/// What a change of this kind of thing is called: hierarchical, as Standard Webhooks recommends ("Event types").
fn name(node: NodeId, kind: ChangeKind) -> String {
    let thing = match node {
        NodeId::Publication => "publication",
        NodeId::Article(_) => "article",
        NodeId::Section(_) => "section",
        NodeId::Contributor(_) => "contributor",
        NodeId::Topic(_) => "topic",
        NodeId::MagazineVolume(_) => "magazine_volume",
        NodeId::MagazineIssue(_) => "magazine_issue",
        NodeId::Partner(_) => "partner",
        NodeId::PartnerToken(_) => "partner_token",
        NodeId::Webhook(_) => "webhook",
        NodeId::WebhookDelivery(_) => "webhook_delivery",
    };
    format!("{thing}.{}", kind.name().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use masthead_domain::{change::Stream, identifier::ArticleId};

    use super::*;
    use crate::graphql::schema;

    #[test]
    fn the_document_is_one_of_the_schema() {
        // Without an archive it fails where it is executed, and no sooner.
        let request =
            Request::new(DOCUMENT).variables(Variables::from_json(json!({ "after": "x" })));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let response = runtime.block_on(schema().execute(request));
        let message = &response.errors[0].message;
        assert!(!message.contains("Unknown"), "{message}");
        assert!(!response.errors[0].path.is_empty(), "{message}");
    }

    #[test]
    fn an_event_says_what_changed_and_when() {
        let node = NodeId::Article(ArticleId::from_number(5));
        let place = ChangePosition {
            stream: Stream::Public,
            number: 7,
            began_at: 0,
            sections: None,
        };
        let change = json!({
            "cursor": cursor::of_change(place), "at": "2026-11-25T10:00:00.250Z", "kind": "REMOVED",
            "nodeId": node.encode(), "reason": "Wrong.", "withdrawal": null, "node": null,
        });
        let event = read(&change).unwrap();
        assert_eq!(event.name, "article.removed");
        assert_eq!((event.node, event.after), (node, place));
        let sent: Value = serde_json::from_slice(&event.body).unwrap();
        assert_eq!(
            sent,
            json!({ "type": "article.removed", "timestamp": "2026-11-25T10:00:00.250Z", "data": change })
        );
    }
}
