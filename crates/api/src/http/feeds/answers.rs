//! What the documents are answered with, and the entries that it is written as.

use chrono::{DateTime, Utc};
use masthead_domain::{image::Image, node_id::NodeId};
use masthead_formats::feed::Entry;
use serde::Deserialize;

use crate::http::asking::answer_types::{PageInfo, node};

/// The newest of a feed: of the whole publication `list`, of members `subject`.
#[derive(Deserialize)]
#[serde(bound = "Row: serde::de::DeserializeOwned")]
pub(super) struct Newest<Row> {
    pub(super) publication: Publication,
    pub(super) subject: Option<About<Row>>,
    pub(super) list: Option<List<Row>>,
}

#[derive(Deserialize)]
pub(super) struct Publication {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) language: String,
    pub(super) publisher: Option<String>,
}

/// A section, a contributor or a topic.
#[derive(Deserialize)]
#[serde(bound = "Row: serde::de::DeserializeOwned")]
pub(super) struct About<Row> {
    #[serde(flatten)]
    pub(super) named: Named,
    pub(super) list: List<Row>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(deserialize_with = "node")]
    pub(super) id: NodeId,
    pub(super) slug: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) biography: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<Row> {
    pub(super) page_info: PageInfo,
    pub(super) nodes: Vec<Row>,
}

/// A part of the archive.
#[derive(Deserialize)]
pub(super) struct Part<Row> {
    pub(super) articles: Rows<Row>,
}

#[derive(Deserialize)]
pub(super) struct Rows<Row> {
    pub(super) nodes: Vec<Row>,
}

/// Where a part of the archive ends.
#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) articles: Ended,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ended {
    pub(super) page_info: End,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct End {
    pub(super) end_cursor: Option<String>,
}

/// How long a part of the archive is.
#[derive(Deserialize)]
pub(super) struct Length {
    pub(super) articles: Counted,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counted {
    pub(super) total_count: u32,
}

/// What has been taken down, the latest first.
#[derive(Deserialize)]
pub(super) struct Withdrawals {
    pub(super) withdrawals: Vec<Withdrawal>,
}

#[derive(Deserialize)]
pub(super) struct Withdrawal {
    #[serde(deserialize_with = "node")]
    pub(super) id: NodeId,
    pub(super) at: DateTime<Utc>,
}

/// When an article was published.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outline {
    pub(super) published_at: DateTime<Utc>,
}

/// An article.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Article {
    #[serde(deserialize_with = "node")]
    id: NodeId,
    url: String,
    headline: String,
    standfirst: Option<String>,
    language: String,
    published_at: DateTime<Utc>,
    modified_at: DateTime<Utc>,
    bylines: Vec<Name>,
    section: Option<Name>,
    topics: Vec<Name>,
    lead_image: Option<Image>,
    body: Body,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Body {
    html: String,
}

/// What a list is cut by.
pub(super) trait Published {
    /// When it was published.
    fn published_at(&self) -> DateTime<Utc>;
}

impl Published for Outline {
    fn published_at(&self) -> DateTime<Utc> {
        self.published_at
    }
}

impl Published for Article {
    fn published_at(&self) -> DateTime<Utc> {
        self.published_at
    }
}

impl Article {
    /// As an entry.
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: self.id,
            url: &self.url,
            title: &self.headline,
            summary: self.standfirst.as_deref(),
            html: &self.body.html,
            authors: self.bylines.iter().map(|one| one.name.as_str()).collect(),
            categories: self
                .section
                .iter()
                .chain(&self.topics)
                .map(|one| one.name.as_str())
                .collect(),
            language: &self.language,
            published: self.published_at,
            modified: self.modified_at,
            image: self.lead_image.as_ref(),
        }
    }
}
