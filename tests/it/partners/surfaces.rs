//! What a partner is given by the surfaces beside GraphQL: of its sections alone, and no more of a text than it may read.

use serde_json::{Value, json};

use super::{
    bound, save,
    sections::{Magazine, step},
};
use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(feeds_ninjs_and_named_documents_keep_to_what_a_partner_may_read);

/// What stands in the headlines, standfirsts and texts of what is published in a section.
fn words(section: &str) -> [String; 3] {
    ["headline", "standfirst", "fulltext"].map(|part| format!("zyxo{part}of{section}"))
}

fn published(magazine: &Magazine, section: &str) -> Value {
    let [headline, standfirst, text] = words(section);
    let draft = magazine.write(
        "createArticle",
        &json!({
            "headline": headline, "standfirst": standfirst, "section": section, "bylines": ["mira"],
            "topics": ["water"], "body": { "text": text },
        }),
    );
    magazine.write("publishArticle", &step(&draft, json!({})))
}

/// The status and the text of an answer to the bearer of a token; nobody else may be given it.
fn ask(server: &Server, token: &str, path: &str) -> (u16, String) {
    let response = server.request("GET", path).bearer_auth(token);
    let response = response.send().unwrap();
    let status = response.status().as_u16();
    if status == 200 {
        let cache_control = response.headers()["cache-control"].to_str().unwrap();
        assert!(cache_control.contains("private"), "{path}: {cache_control}");
    }
    (status, response.text().unwrap())
}

fn feeds_ninjs_and_named_documents_keep_to_what_a_partner_may_read(store: &Store) {
    let magazine = Magazine::open_with(store, &[("MASTHEAD_ACCESS_PUBLIC_FULL_TEXT", "false")]);
    let server = &magazine.server;
    let (land, sea) = (
        published(&magazine, "land-north"),
        published(&magazine, "sea"),
    );
    let text = |article: &Value, field: &str| article[field].as_str().unwrap().to_owned();
    let feeds = ["latest", "topics/water", "contributors/mira"];
    let mut paths: Vec<String> = feeds
        .iter()
        .flat_map(|list| ["rss", "atom", "json"].map(|format| format!("/feeds/{list}.{format}")))
        .collect();
    paths.extend(
        [
            "/ninjs/latest",
            "/ninjs/changes",
            "/v1/latest",
            "/v1/changes",
        ]
        .map(str::to_owned),
    );
    let own = |section: &str, article: &Value| {
        let feeds =
            ["rss", "atom", "json"].map(|format| format!("/feeds/sections/{section}.{format}"));
        let others = [
            format!("/ninjs/items/{}", text(article, "id")),
            format!("/v1/articlePage?slug={}", text(article, "slug")),
            format!("/v1/latest?section={section}"),
        ];
        feeds.into_iter().chain(others).collect::<Vec<_>>()
    };
    let land_paths = own("land-north", &land);
    let sea_paths = own("sea", &sea);
    let [_, _, full_text] = words("land-north");
    for (scopes, reads_all) in [(json!(["articles:body"]), true), (json!([]), false)] {
        let input = json!({ "name": format!("Land Agency {reads_all}"), "scopes": scopes, "sections": ["land"] });
        let token = bound(&save(server, &input), &[]);
        for path in paths.iter().chain(&land_paths) {
            let (status, said) = ask(server, &token, path);
            assert_eq!(status, 200, "{path}: {said}");
            assert!(!said.contains("ofsea"), "{path}: {said}");
            // The changes name articles by identity, and show no text.
            if !path.starts_with("/v1/changes") && !path.starts_with("/v1/latest") {
                let [headline, standfirst, _] = words("land-north");
                assert!(said.contains(&headline), "{path}: {said}");
                assert!(said.contains(&standfirst), "{path}: {said}");
                assert_eq!(said.contains(&full_text), reads_all, "{path}: {said}");
            }
            assert!(reads_all || !said.contains(&full_text), "{path}: {said}");
        }
        for path in &sea_paths {
            let (status, said) = ask(server, &token, path);
            assert!([200, 404].contains(&status), "{path}: {status}");
            let said = said.replace(&text(&sea, "slug"), "…");
            assert!(!said.contains("ofsea"), "{path}: {said}");
        }
    }
    // Everyone reads of all sections, and no more than the standfirst.
    for path in paths.iter().chain(&land_paths).chain(&sea_paths) {
        let response = server.get(path);
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let said = response.text().unwrap();
        assert!(!said.contains("zyxofulltext"), "{path}: {said}");
    }
    for path in &paths {
        let said = server.get(path).text().unwrap();
        assert!(
            path.contains("changes") || said.contains("ofsea"),
            "{path}: {said}"
        );
    }
}
