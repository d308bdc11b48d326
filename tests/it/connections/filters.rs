//! Lists of what passes a filter, and of what nothing passes.

use serde_json::{Value, json};

use crate::harness::{Server, Store, list, on_both_databases};

on_both_databases!(
    filters_are_counted,
    text_that_no_database_holds_is_found_nowhere,
);

/// Whether an article passes a filter.
type Passes<'test> = &'test dyn Fn(&Value) -> bool;

fn filters_are_counted(store: &Store) {
    let server = Server::with_sample_content(store);
    let answer = server.query(
        "{ articles(first: 100) { nodes { id publishedAt language section { slug } bylines { slug } topics { slug } magazineIssue { id } } } }",
        json!({}),
    );
    let nodes = list(&answer, "/articles/nodes");
    let with_issue = nodes
        .iter()
        .find(|node| !node["magazineIssue"].is_null())
        .expect("an article of an issue");
    let issue = &with_issue["magazineIssue"]["id"];
    let instant = nodes[20]["publishedAt"].as_str().unwrap();
    let names = |node: &Value, field: &str, slug: &str| {
        list(node, field).iter().any(|one| one["slug"] == slug)
    };
    let cases: [(Value, Passes<'_>); 8] = [
        (json!({ "section": "culture" }), &|node| {
            node["section"]["slug"] == "culture"
        }),
        (json!({ "contributor": "asha-example" }), &|node| {
            names(node, "/bylines", "asha-example")
        }),
        (json!({ "topic": "farming" }), &|node| {
            names(node, "/topics", "farming")
        }),
        (json!({ "language": "ne" }), &|node| {
            node["language"] == "ne"
        }),
        (json!({ "magazineIssue": issue }), &|node| {
            &node["magazineIssue"]["id"] == issue
        }),
        (json!({ "publishedFrom": instant }), &|node| {
            node["publishedAt"].as_str().unwrap() >= instant
        }),
        (json!({ "publishedUntil": instant }), &|node| {
            node["publishedAt"].as_str().unwrap() < instant
        }),
        (
            json!({ "section": "culture", "language": "ne", "publishedUntil": instant }),
            &|node| {
                node["section"]["slug"] == "culture"
                    && node["language"] == "ne"
                    && node["publishedAt"].as_str().unwrap() < instant
            },
        ),
    ];
    for (filter, passes) in cases {
        let expected: Vec<&Value> = nodes
            .iter()
            .filter(|node| passes(node))
            .map(|node| &node["id"])
            .collect();
        let found = server.query(
            "query($filter: ArticleFilter) { articles(filter: $filter, first: 100) { totalCount nodes { id } } }",
            json!({ "filter": filter }),
        );
        let ids: Vec<&Value> = list(&found, "/articles/nodes")
            .iter()
            .map(|node| &node["id"])
            .collect();
        assert_eq!(ids, expected, "{filter}");
        assert_eq!(found["articles"]["totalCount"], expected.len(), "{filter}");
    }
    for filter in [
        json!({ "section": "no-such-section" }),
        json!({ "topic": "no-such-topic" }),
        json!({ "contributor": "'; DROP TABLE article; --" }),
    ] {
        let found = server.query("query($filter: ArticleFilter) { articles(filter: $filter) { totalCount nodes { id } } }", json!({ "filter": filter }));
        assert_eq!(
            found["articles"],
            json!({ "totalCount": 0, "nodes": [] }),
            "{filter}"
        );
    }
    for status in ["DRAFT", "SCHEDULED", "WITHDRAWN"] {
        let code = server.error_code(
            &format!("{{ articles(filter: {{ status: {status} }}) {{ nodes {{ id }} }} }}"),
            json!({}),
        );
        assert_eq!(code, "UNAUTHENTICATED", "{status}");
    }
}

/// A zero stands in no text that PostgreSQL takes: asked for, it is an answer like any other.
fn text_that_no_database_holds_is_found_nowhere(store: &Store) {
    let server = Server::with_sample_content(store);
    let answer = server.query(
        "query($text: String!) {
           article(slug: $text) { id }
           section(slug: $text) { id }
           latest(section: $text, contributor: $text, topic: $text, language: $text) { nodes { id } totalCount }
           magazineIssue(volume: 3, number: 1, series: $text) { id }
         }",
        json!({ "text": "cul\u{0}ture" }),
    );
    assert_eq!(
        answer,
        json!({
            "article": null,
            "section": null,
            "latest": { "nodes": [], "totalCount": 0 },
            "magazineIssue": null,
        })
    );
}
