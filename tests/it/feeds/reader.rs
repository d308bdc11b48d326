//! Reads feeds as their readers do, with a crate that none of them is written with.

use serde_json::{Value, json};

use crate::harness::{Server, list};

/// The formats, by their extensions, with their media types.
pub(super) const FORMATS: [(&str, &str); 3] = [
    ("rss", "application/rss+xml; charset=utf-8"),
    ("atom", "application/atom+xml; charset=utf-8"),
    ("json", "application/feed+json; charset=utf-8"),
];

/// A page of a feed, read.
#[derive(Debug)]
pub(super) struct Read {
    /// The headlines and the addresses.
    pub(super) articles: Vec<(String, String)>,
    /// Where its links lead.
    links: Vec<(String, String)>,
}

impl Read {
    /// Where a link of this relation leads.
    pub(super) fn link(&self, relation: &str) -> Option<&str> {
        let mut links = self.links.iter().filter(|(known, _)| known == relation);
        links.next().map(|(_, address)| address.as_str())
    }
}

/// Reads a feed in any format.
#[track_caller]
pub(super) fn read(text: &str) -> Read {
    let feed =
        feed_rs::parser::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error} in {text}"));
    let articles = feed.entries.iter().map(|entry| {
        assert!(entry.id.starts_with("urn:uuid:"), "{entry:?}");
        assert!(entry.published.is_some() && entry.updated.is_some() || text.starts_with("<?xml"));
        assert!(
            entry
                .content
                .as_ref()
                .is_some_and(|content| content.body.is_some())
        );
        let title = entry.title.as_ref().unwrap().content.clone();
        let alternate = |link: &&feed_rs::model::Link| {
            link.rel
                .as_deref()
                .is_none_or(|relation| relation == "alternate")
        };
        let link = entry.links.iter().find(alternate).unwrap();
        (title, link.href.clone())
    });
    let articles = articles.collect();
    let mut links: Vec<(String, String)> = feed
        .links
        .iter()
        .filter_map(|link| Some((link.rel.clone()?, link.href.clone())))
        .collect();
    if let Ok(json) = serde_json::from_str::<Value>(text)
        && let Some(next) = json["next_url"].as_str()
    {
        links.push(("prev-archive".to_owned(), next.to_owned()));
    }
    Read { articles, links }
}

/// All that a list has, as GraphQL tells: headlines and addresses.
pub(super) fn listed(server: &Server, of: &Value) -> Vec<(String, String)> {
    let document = "query($section: String, $contributor: String, $topic: String, $after: String) {
  latest(first: 100, section: $section, contributor: $contributor, topic: $topic, after: $after) {
    nodes { headline url } pageInfo { endCursor hasNextPage } } }";
    let mut all = Vec::new();
    let mut after = json!(null);
    loop {
        let mut variables = of.clone();
        variables["after"] = after;
        let answer = server.query(document, variables);
        for node in list(&answer, "/latest/nodes") {
            let text = |key: &str| node[key].as_str().unwrap().to_owned();
            all.push((text("headline"), text("url")));
        }
        let info = &answer["latest"]["pageInfo"];
        if info["hasNextPage"] == json!(false) {
            return all;
        }
        after = info["endCursor"].clone();
    }
}
