//! What everyone may have without asking, and what a scope is for where that is less than all.

use serde_json::{Value, json};

use super::serve;
use crate::harness::{Server, Store, on_both_databases, token};

on_both_databases!(
    without_the_scope_a_body_is_its_standfirst,
    closed_changes_are_for_those_with_the_scope,
);

const SECRET_TEXT: &str = "zyxofulltext";

/// A server with one published article.
fn published(store: &Store, settings: &[(&str, &str)]) -> Server {
    let server = serve(store, settings);
    let publisher = token("publisher", &[]);
    let created = server.query_as(
        &publisher,
        "mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { id revision } errors { message } } }",
        json!({ "input": {
            "headline": "A lake", "standfirst": "The lake in brief.",
            "body": { "markdown": format!("A long **{SECRET_TEXT}** text.") },
        } }),
    );
    let article = &created["createArticle"]["article"];
    let answer = server.query_as(
        &publisher,
        "mutation($id: ID!, $revision: Int!) { publishArticle(input: { id: $id, revision: $revision }) \
         { article { id } errors { message } } }",
        json!({ "id": article["id"], "revision": article["revision"] }),
    );
    assert_eq!(answer["publishArticle"]["errors"], json!([]));
    server
}

const BODY: &str = "{ article(slug: \"a-lake\") { standfirst body { isExcerpt html text markdown wordCount \
  blocks { ... on Paragraph { html text } } } } latest { nodes { body { text } } } }";

fn without_the_scope_a_body_is_its_standfirst(store: &Store) {
    let server = published(store, &[("MASTHEAD_ACCESS_PUBLIC_FULL_TEXT", "false")]);
    let reads_all = token("partner", &["articles:body"]);
    let partner = token("partner", &["embargo:read", "changes:read"]);
    // In either order, and again: whatever is kept of one is not given to the other.
    for _ in 0..2 {
        for token in [&reads_all, &token("editor", &[])] {
            let answer = server.query_as(token, BODY, json!({}));
            let body = &answer["article"]["body"];
            assert_eq!(body["isExcerpt"], false);
            for form in ["html", "text", "markdown"] {
                assert!(body[form].as_str().unwrap().contains(SECRET_TEXT), "{body}");
            }
            assert!(
                answer.to_string().matches(SECRET_TEXT).count() >= 5,
                "{answer}"
            );
        }
        let public = server.query_raw(BODY, json!({}));
        let with_token = server.query_raw_as(&partner, BODY, json!({}));
        for reply in [public, with_token] {
            assert!(!reply.body.to_string().contains(SECRET_TEXT), "{reply:#?}");
            let answer: Value = reply.body.clone();
            let body = &answer["data"]["article"]["body"];
            assert_eq!(
                *body,
                json!({
                    "isExcerpt": true, "html": "<p>The lake in brief.</p>", "text": "The lake in brief.",
                    "markdown": body["markdown"], "wordCount": 4,
                    "blocks": [{ "html": "<p>The lake in brief.</p>", "text": "The lake in brief." }],
                })
            );
            assert_eq!(
                answer["data"]["latest"]["nodes"][0]["body"]["text"],
                "The lake in brief."
            );
        }
    }
    // Where it is open, everyone reads all.
    let open = serve(store, &[]);
    let answer = open.query(BODY, json!({}));
    assert_eq!(answer["article"]["body"]["isExcerpt"], false);
    assert!(answer.to_string().contains(SECRET_TEXT));
}

fn closed_changes_are_for_those_with_the_scope(store: &Store) {
    const CHANGES: &str = "{ changes { nodes { nodeId } } }";
    let server = published(store, &[("MASTHEAD_ACCESS_PUBLIC_CHANGES", "false")]);
    for _ in 0..2 {
        for token in [token("partner", &["changes:read"]), token("editor", &[])] {
            let answer = server.query_as(&token, CHANGES, json!({}));
            assert_ne!(answer["changes"]["nodes"], json!([]));
        }
        assert_eq!(server.error_code(CHANGES, json!({})), "UNAUTHENTICATED");
        let refused = server.query_raw_as(
            &token("partner", &["articles:body", "embargo:read"]),
            CHANGES,
            json!({}),
        );
        assert!(
            refused.body.to_string().contains("FORBIDDEN")
                && refused.body.to_string().contains("changes:read"),
            "{refused:#?}"
        );
    }
    // The rest of the archive is open.
    server.query("{ latest { nodes { headline } } }", json!({}));
}
