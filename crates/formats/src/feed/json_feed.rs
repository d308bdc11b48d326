//! JSON Feed 1.1 (jsonfeed.org).

use std::borrow::Cow;

use serde::Serialize;

use super::{Entry, Feed, date};
use crate::uri::uri;

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    language: &'a str,
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    protocol: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    url: Cow<'a, str>,
    title: &'a str,
    content_html: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Cow<'a, str>>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    language: &'a str,
}

/// Writes a feed.
pub(super) fn write(feed: &Feed<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let hub = feed.hub.map(|url| Hub {
        protocol: "WebSub",
        url,
    });
    serde_json::to_vec(&JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: feed.title,
        home_page_url: feed.website,
        feed_url: feed.pages.this,
        description: feed.description,
        next_url: feed.pages.older,
        language: feed.language,
        authors: vec![Author {
            name: feed.publisher,
        }],
        hubs: hub.into_iter().collect(),
        items: feed.entries.iter().map(item).collect(),
    })
}

fn item<'a>(entry: &'a Entry<'_>) -> Item<'a> {
    Item {
        id: entry.id.uri(),
        url: uri(entry.url),
        title: entry.title,
        content_html: entry.content(),
        summary: entry.summary,
        image: entry.image.map(|image| uri(image.url.as_str())),
        date_published: date(entry.published),
        date_modified: date(entry.updated()),
        authors: entry.authors.iter().map(|name| Author { name }).collect(),
        tags: entry.categories.clone(),
        language: entry.language,
    }
}
