//! Documents that clients name in place of sending them: trusted ones, and Apollo's persisted queries.

use std::fmt::Write as _;

use reqwest::blocking::Response;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::harness::{Masthead, Server, Store};

fn digest(text: &str) -> String {
    let mut hexadecimal = String::new();
    for byte in Sha256::digest(text) {
        write!(hexadecimal, "{byte:02x}").unwrap();
    }
    hexadecimal
}

/// The operations that the product ships, by name.
fn operations() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../operations");
    let mut operations: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    operations.sort();
    operations
}

fn variables(name: &str) -> Value {
    let slug = "the-rhododendron-a-tree-for-every-altitude";
    match name {
        "articlePage" => json!({ "slug": slug }),
        "relatedArticles" => json!({ "slug": slug, "basis": "SECTION" }),
        "magazineIssue" => json!({ "volume": 2, "number": 23 }),
        _ => json!({}),
    }
}

fn post(server: &Server, request: &Value) -> (u16, Value) {
    let response = server
        .post("/graphql")
        .header("accept", "application/graphql-response+json")
        .json(request)
        .send()
        .unwrap();
    (response.status().as_u16(), response.json().unwrap())
}

fn get(server: &Server, parameters: &[(&str, &str)]) -> Response {
    let request = server.request("GET", "/graphql").query(parameters);
    request
        .header("accept", "application/graphql-response+json")
        .send()
        .unwrap()
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

#[test]
fn each_operation_is_answered_by_its_name_its_digest_and_its_text() {
    let store = Store::sqlite();
    let server = Server::with_sample_content(&store);
    let operations = operations();
    let names: Vec<&str> = operations.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "articlePage",
            "changes",
            "latest",
            "magazineIssue",
            "magazineIssues",
            "relatedArticles"
        ]
    );
    for (name, text) in &operations {
        let variables = variables(name);
        let (status, sent) = post(&server, &json!({ "query": text, "variables": variables }));
        assert_eq!(status, 200, "{name}: {sent}");
        assert!(sent.get("errors").is_none(), "{name}: {sent}");
        let answered = sent["data"].as_object().unwrap();
        assert!(
            answered.values().all(|value| !value.is_null()),
            "{name}: {sent}"
        );
        for id in [name.clone(), format!("sha256:{}", digest(text))] {
            let by_post = post(
                &server,
                &json!({ "documentId": id, "variables": variables }),
            );
            assert_eq!(by_post, (200, sent.clone()), "{id}");
            let by_get = get(
                &server,
                &[("documentId", &id), ("variables", &variables.to_string())],
            );
            assert_eq!(by_get.json::<Value>().unwrap(), sent, "{id}");
        }
    }
    let (status, unknown) = post(&server, &json!({ "documentId": "nothing" }));
    assert_eq!(
        (status, code(&unknown)),
        (404, &json!("DOCUMENT_NOT_FOUND"))
    );
    let (status, both) = post(
        &server,
        &json!({ "documentId": "latest", "query": "{ __typename }" }),
    );
    assert_eq!((status, &both["code"]), (400, &json!("BAD_REQUEST")));
}

#[test]
fn persisted_queries_follow_apollos_protocol() {
    let store = Store::sqlite();
    let server = Server::with_sample_content(&store);
    let text = "query Persisted { latest(first: 1) { nodes { id } } }";
    let named = json!({ "persistedQuery": { "version": 1, "sha256Hash": digest(text) } });
    let (status, first) = post(&server, &json!({ "extensions": named }));
    assert_eq!(
        (status, code(&first)),
        (404, &json!("PERSISTED_QUERY_NOT_FOUND"))
    );
    assert_eq!(first["errors"][0]["message"], "PersistedQueryNotFound");
    let wrong = post(
        &server,
        &json!({ "query": "{ __typename }", "extensions": named }),
    );
    assert_eq!(
        (wrong.0, code(&wrong.1)),
        (400, &json!("PERSISTED_QUERY_HASH_MISMATCH"))
    );
    // What cannot be parsed is not kept.
    let broken = json!({ "persistedQuery": { "version": 1, "sha256Hash": digest("{") } });
    post(&server, &json!({ "query": "{", "extensions": broken }));
    assert_eq!(
        code(&post(&server, &json!({ "extensions": broken })).1),
        "PERSISTED_QUERY_NOT_FOUND"
    );

    let (status, kept) = post(&server, &json!({ "query": text, "extensions": named }));
    assert_eq!(status, 200, "{kept}");
    assert_eq!(
        post(&server, &json!({ "extensions": named })),
        (200, kept.clone())
    );
    let by_get = get(&server, &[("extensions", &named.to_string())]);
    assert_eq!(by_get.json::<Value>().unwrap(), kept);
    for wrong in [
        json!({ "version": 2, "sha256Hash": digest(text) }),
        json!({ "version": 1, "sha256Hash": "short" }),
        json!("x"),
    ] {
        let (status, answer) = post(
            &server,
            &json!({ "extensions": { "persistedQuery": wrong } }),
        );
        assert_eq!(
            (status, &answer["code"]),
            (400, &json!("BAD_REQUEST")),
            "{wrong}"
        );
    }
}

#[test]
fn a_server_of_trusted_documents_lets_nothing_else_through() {
    let store = Store::sqlite();
    let serve = |only: &str| {
        let command = Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"])
            .on(&store)
            .env("MASTHEAD_HTTP_TRUSTED_DOCUMENTS_ONLY", only)
            .env("MASTHEAD_HTTP_DOCUMENTS_FOLDER", "mine")
            .file(
                "mine/sections.graphql",
                "query sections { sections { slug } }",
            );
        Server::run(command)
    };
    let server = serve("true");
    let other = "{ sections { slug } }";
    let (status, refused) = post(&server, &json!({ "query": other }));
    assert_eq!(
        (status, code(&refused)),
        (403, &json!("TRUSTED_DOCUMENTS_ONLY"))
    );
    let named = json!({ "persistedQuery": { "version": 1, "sha256Hash": digest(other) } });
    assert_eq!(
        code(&post(&server, &json!({ "query": other, "extensions": named })).1),
        "TRUSTED_DOCUMENTS_ONLY"
    );
    assert_eq!(
        code(&post(&server, &json!({ "extensions": named })).1),
        "PERSISTED_QUERY_NOT_SUPPORTED"
    );
    for request in [
        json!({ "documentId": "sections" }),
        json!({ "query": "query sections { sections { slug } }" }),
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": digest("query sections { sections { slug } }") } } }),
    ] {
        let (status, answer) = post(&server, &request);
        assert_eq!(status, 200, "{request}: {answer}");
        assert!(
            answer["data"]["sections"][0]["slug"].is_string(),
            "{answer}"
        );
    }
    drop(server);
    assert_eq!(post(&serve("false"), &json!({ "query": other })).0, 200);

    let wrong = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(&store)
        .env("MASTHEAD_HTTP_DOCUMENTS_FOLDER", "mine")
        .file("mine/broken.graphql", "query broken {")
        .run();
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.err.contains("mine/broken.graphql"), "{wrong:?}");
}
