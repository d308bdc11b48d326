//! What the documents are answered with, and the items that it is written as.

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::ArticleStatus, contributor::ContributorKind, identifier::ArticleId, image::Image,
    node_id::NodeId,
};
use masthead_formats::ninjs::{
    article::{Article as Source, Credit, FullText, Named as NamedSource, RelatedArticle, Removed},
    item::Item,
};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::http::asking::answer_types::node;

/// The publication, as far as an item says whose it is.
#[derive(Deserialize)]
pub(super) struct Publication {
    pub(super) title: String,
    pub(super) publisher: Option<String>,
}

/// Some of a list.
#[derive(Deserialize)]
pub(super) struct Nodes<Node> {
    nodes: Vec<Node>,
}

/// An article; empty where a node is none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Article {
    #[serde(deserialize_with = "node")]
    id: NodeId,
    slug: String,
    url: String,
    headline: String,
    kicker: Option<String>,
    standfirst: Option<String>,
    dateline: Option<String>,
    language: String,
    #[serde(deserialize_with = "status")]
    status: ArticleStatus,
    published_at: Option<DateTime<Utc>>,
    modified_at: DateTime<Utc>,
    revision: i32,
    bylines: Vec<Contributor>,
    section: Option<Named>,
    topics: Vec<Named>,
    corrections: Vec<Correction>,
    lead_image: Option<Image>,
    body: Body,
    related_articles: Nodes<Related>,
    magazine_issue: Option<Issue>,
}

#[derive(Deserialize)]
struct Contributor {
    #[serde(flatten)]
    named: Named,
    #[serde(deserialize_with = "kind")]
    kind: ContributorKind,
}

#[derive(Deserialize)]
struct Named {
    #[serde(deserialize_with = "node")]
    id: NodeId,
    slug: String,
    name: String,
}

#[derive(Deserialize)]
struct Correction {
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    is_excerpt: bool,
    html: String,
    text: String,
    word_count: u32,
    blocks: Vec<Block>,
}

/// A block, of which only a picture is asked for anything.
#[derive(Deserialize)]
struct Block {
    image: Option<Image>,
}

#[derive(Deserialize)]
struct Related {
    #[serde(deserialize_with = "node")]
    id: NodeId,
    headline: String,
}

#[derive(Deserialize)]
struct Issue {
    #[serde(deserialize_with = "node")]
    id: NodeId,
    citation: String,
}

/// That an article has been taken down.
#[derive(Deserialize)]
pub(super) struct Withdrawal {
    at: DateTime<Utc>,
    reason: String,
    revision: i32,
}

impl Withdrawal {
    /// What is left of an article.
    pub(super) fn item(&self, id: ArticleId) -> Item<'_> {
        Item::from(&Removed {
            id,
            revision: Some(self.revision),
            at: self.at,
            reason: Some(&self.reason),
        })
    }
}

impl Article {
    /// The item; none where it has been taken down.
    pub(super) fn item<'a>(&'a self, publication: &'a Publication) -> Option<Item<'a>> {
        let NodeId::Article(id) = self.id else {
            return None;
        };
        let source = Source {
            id,
            slug: &self.slug,
            url: &self.url,
            headline: &self.headline,
            kicker: self.kicker.as_deref(),
            standfirst: self.standfirst.as_deref(),
            dateline: self.dateline.as_deref(),
            language: &self.language,
            status: self.status,
            published_at: self.published_at,
            modified_at: self.modified_at,
            revision: self.revision,
            credits: self.bylines.iter().map(Contributor::credit).collect(),
            section: self.section.as_ref().map(Named::source),
            topics: self.topics.iter().map(Named::source).collect(),
            corrections: self
                .corrections
                .iter()
                .map(|one| one.text.as_str())
                .collect(),
            lead_image: self.lead_image.as_ref(),
            text: (!self.body.is_excerpt).then(|| self.body.text()),
            related: self
                .related_articles
                .nodes
                .iter()
                .map(Related::source)
                .collect(),
            printed_in: self
                .magazine_issue
                .as_ref()
                .map(|issue| (issue.id, issue.citation.as_str())),
            publication: &publication.title,
            publisher: publication.publisher.as_deref(),
        };
        source.item()
    }
}

impl Contributor {
    fn credit(&self) -> Credit<'_> {
        Credit {
            named: self.named.source(),
            kind: self.kind,
        }
    }
}

impl Named {
    fn source(&self) -> NamedSource<'_> {
        NamedSource {
            node: self.id,
            slug: &self.slug,
            name: &self.name,
        }
    }
}

impl Body {
    fn text(&self) -> FullText<'_> {
        let images = self.blocks.iter().filter_map(|block| block.image.as_ref());
        FullText {
            html: &self.html,
            plain: &self.text,
            words: self.word_count,
            pictures: images.collect(),
        }
    }
}

impl Related {
    fn source(&self) -> RelatedArticle<'_> {
        RelatedArticle {
            node: self.id,
            headline: &self.headline,
        }
    }
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ArticleStatus, D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut all = ArticleStatus::ALL.into_iter();
    all.find(|status| status.name() == text)
        .ok_or_else(|| D::Error::custom(format!("no status '{text}'")))
}

/// Reads what a contributor is.
pub(super) fn kind<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<ContributorKind, D::Error> {
    let text = String::deserialize(deserializer)?;
    ContributorKind::from_name(&text)
        .ok_or_else(|| D::Error::custom(format!("no kind of contributor '{text}'")))
}
