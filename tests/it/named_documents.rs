//! `/v1`: the named documents as plain JSON, for whoever knows no GraphQL.

use std::path::Path;

use reqwest::{StatusCode, blocking::Response};
use serde_json::{Value, json};

use crate::harness::{Masthead, SECRET, Server, Store, now, on_both_databases, token};

on_both_databases!(
    each_document_answers_what_graphql_answers,
    what_is_hidden_is_not_found,
    answers_are_kept_by_caches_and_asked_for_again,
);

const SLUG: &str = "the-rhododendron-a-tree-for-every-altitude";

/// Each document of the product's with parameters, and the same as variables.
fn calls() -> Vec<(&'static str, String, Value)> {
    vec![
        (
            "articlePage",
            format!("slug={SLUG}"),
            json!({ "slug": SLUG }),
        ),
        ("latest", String::new(), json!({})),
        ("latest", "first=3".to_owned(), json!({ "first": 3 })),
        (
            "relatedArticles",
            format!("basis=SECTION&slug={SLUG}"),
            json!({ "slug": SLUG, "basis": "SECTION" }),
        ),
        (
            "magazineIssue",
            "volume=2&number=23".to_owned(),
            json!({ "volume": 2, "number": 23 }),
        ),
        ("magazineIssues", String::new(), json!({})),
        ("changes", "first=100".to_owned(), json!({ "first": 100 })),
    ]
}

/// A server of the sample content with an operator's documents, that takes no others than those it trusts.
fn serve_documents(store: &Store, folder: &Path) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env("MASTHEAD_HTTP_DOCUMENTS_FOLDER", folder.to_str().unwrap())
        .env("MASTHEAD_HTTP_TRUSTED_DOCUMENTS_ONLY", "true");
    Server::run(command)
}

fn get(server: &Server, path: &str) -> Response {
    server.request("GET", path).send().unwrap()
}

fn json_of(server: &Server, path: &str) -> Value {
    let response = get(server, path);
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert_eq!(
        response.headers()["content-type"],
        "application/json",
        "{path}"
    );
    response.json().unwrap()
}

/// The detail of a problem document.
fn problem(server: &Server, path: &str, status: u16, code: &str) -> String {
    let response = get(server, path);
    assert_eq!(response.status().as_u16(), status, "{path}");
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json",
        "{path}"
    );
    let problem: Value = response.json().unwrap();
    assert_eq!(problem["code"], code, "{path}: {problem}");
    problem["detail"].as_str().unwrap().to_owned()
}

fn operation(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../operations");
    std::fs::read_to_string(folder.join(format!("{name}.graphql"))).unwrap()
}

fn each_document_answers_what_graphql_answers(store: &Store) {
    let server = Server::with_sample_content(store);
    let description = json_of(&server, "/v1/openapi.json");
    let mut answered = std::collections::BTreeSet::new();
    for (name, query, variables) in calls() {
        let path = if query.is_empty() {
            format!("/v1/{name}")
        } else {
            format!("/v1/{name}?{query}")
        };
        let data = json_of(&server, &path);
        assert_eq!(data, server.query(&operation(name), variables), "{path}");
        // And it is what its description says.
        let content =
            &description["paths"][format!("/v1/{name}")]["get"]["responses"]["200"]["content"];
        let schema = &content["application/json"]["schema"];
        assert!(schema.is_object(), "{name}: {description:#}");
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(schema)
            .unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&data)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{path}: {faults:#?}");
        // A schema that says nothing would be kept to by anything.
        let nothing = validator.iter_errors(&json!({})).count();
        assert!(nothing > 0, "{name}: {schema:#}");
        answered.insert(name);
    }
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), answered.len(), "each is asked");
    let page = json_of(&server, &format!("/v1/articlePage?slug={SLUG}"));
    assert!(
        page["article"]["relatedLists"][0]["articles"]["edges"][0]["node"]["headline"].is_string(),
        "{page:#}"
    );
    assert!(
        page["magazineIssues"]["nodes"][0]["coverDateBikramSambat"]["text"].is_string(),
        "{page:#}"
    );

    let index = json_of(&server, "/v1");
    let names: Vec<&str> = index["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, answered.into_iter().collect::<Vec<_>>());
    let page = &index["documents"][0];
    assert_eq!(page["href"], "/v1/articlePage{?slug}");
    assert_eq!(page["parameters"][0]["type"], "String!");
    assert_eq!(page["parameters"][0]["required"], true);
    assert!(
        page["description"]
            .as_str()
            .unwrap()
            .starts_with("A whole article page")
    );
}

fn what_is_hidden_is_not_found(store: &Store) {
    let server = Server::with_sample_content(store);
    let token = token("publisher", &[]);
    let input =
        json!({ "headline": "Not yet", "slug": "not-yet", "body": { "text": "It rained." } });
    let draft = server.query_as(
        &token,
        "mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { slug } errors { message } } }",
        json!({ "input": input }),
    );
    let slug = draft["createArticle"]["article"]["slug"].as_str().unwrap();
    let path = format!("/v1/articlePage?slug={slug}");
    let unknown = problem(
        &server,
        "/v1/articlePage?slug=nothing-of-the-kind",
        404,
        "NOT_FOUND",
    );
    assert!(unknown.contains("'article' whose 'slug'"), "{unknown}");
    let hidden = problem(&server, &path, 404, "NOT_FOUND");
    assert_eq!(
        hidden.replace(slug, ""),
        unknown.replace("nothing-of-the-kind", "")
    );
    let seen = server
        .request("GET", &path)
        .bearer_auth(&token)
        .send()
        .unwrap();
    assert_eq!(seen.status(), StatusCode::OK);
    assert!(
        seen.headers()["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("private")
    );
    let seen: Value = seen.json().unwrap();
    assert_eq!(seen["article"]["headline"], "Not yet");
    problem(&server, &path, 404, "NOT_FOUND");
    let wrong = server
        .request("GET", &path)
        .bearer_auth("made-up")
        .send()
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
}

fn answers_are_kept_by_caches_and_asked_for_again(store: &Store) {
    let server = Server::with_sample_content(store);
    let path = format!("/v1/articlePage?slug={SLUG}");
    let first = get(&server, &path);
    let cache_control = first.headers()["cache-control"].to_str().unwrap();
    assert!(cache_control.contains("public"), "{cache_control}");
    assert!(first.headers().contains_key("surrogate-key"), "{first:?}");
    let tag = first.headers()["etag"].clone();
    let again = || {
        server
            .request("GET", &path)
            .header("if-none-match", tag.clone())
            .send()
            .unwrap()
    };
    assert_eq!(again().status(), StatusCode::NOT_MODIFIED);
    let head = server.request("HEAD", &path).send().unwrap();
    assert_eq!(head.headers()["etag"], tag);
    assert!(head.bytes().unwrap().is_empty());

    let article = server.query(
        "query($slug: String) { article(slug: $slug) { id revision } }",
        json!({ "slug": SLUG }),
    );
    let input = json!({ "id": article["article"]["id"], "revision": article["article"]["revision"], "text": format!("Corrected {}.", now()) });
    let corrected = server.query_as(
        &token("publisher", &[]),
        "mutation($input: CorrectArticleInput!) { correctArticle(input: $input) { errors { message } } }",
        json!({ "input": input }),
    );
    assert_eq!(
        corrected["correctArticle"]["errors"],
        json!([]),
        "{corrected}"
    );
    let changed = again();
    assert_eq!(changed.status(), StatusCode::OK);
    let changed: Value = changed.json().unwrap();
    assert_eq!(
        changed["article"]["corrections"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn what_is_wrong_with_a_parameter_is_named() {
    let server = Server::with_sample_content(&Store::sqlite());
    for (path, part) in [
        ("/v1/articlePage", "'slug' is missing: give a text."),
        (
            "/v1/articlePage?slug=a&slug=b",
            "'slug' is given more than once",
        ),
        (
            "/v1/articlePage?slug=a&Slug=b",
            "There is no parameter 'Slug' here. There are: slug.",
        ),
        (
            "/v1/latest?first=many",
            "'first' is 'many': give a whole number of 32 bits.",
        ),
        ("/v1/latest?first=99999999999", "give a whole number"),
        ("/v1/latest?first=101", "100"),
        (
            "/v1/relatedArticles?slug=a&basis=MOOD",
            "'basis' is 'MOOD': give one of ",
        ),
    ] {
        let detail = problem(&server, path, 400, "BAD_USER_INPUT");
        assert!(detail.contains(part), "{path}: {detail}");
    }
    problem(&server, "/v1/latest?after=nonsense", 400, "INVALID_CURSOR");
    let unknown = problem(&server, "/v1/nothing", 404, "NOT_FOUND");
    assert!(unknown.contains("/v1 lists"), "{unknown}");
    let posted = server.request("POST", "/v1/latest").send().unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn documents_of_the_operators_are_served_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "some.graphql",
        "# Some articles.\nquery some($ids: [ID!]!, $withSlug: Boolean = false) { nodes(ids: $ids) { __typename ... on Article { id slug @include(if: $withSlug) } ... on Section { name } } }",
    );
    write(
        "since.graphql",
        "query since($from: DateTime!) { articles(filter: { publishedFrom: $from }) { totalCount } }",
    );
    write(
        "write.graphql",
        "mutation write($input: PublishArticleInput!) { publishArticle(input: $input) { article { id } } }",
    );
    let store = Store::sqlite();
    let server = serve_documents(&store, folder.path());
    let latest = json_of(&server, "/v1/changes?first=100");
    let of_type = |type_name: &str| {
        let changes = latest["changes"]["nodes"].as_array().unwrap().iter();
        let of_type = changes.filter(|change| change["node"]["__typename"] == type_name);
        let ids = of_type.map(|change| change["nodeId"].as_str().unwrap().to_owned());
        ids.take(2).collect::<Vec<_>>()
    };
    let ids = [of_type("Section"), of_type("Article")].concat();
    assert_eq!(ids.len(), 4, "{latest}");
    let query: Vec<String> = ids.iter().map(|id| format!("ids={id}")).collect();
    let path = format!("/v1/some?{}", query.join("&"));
    let without = json_of(&server, &path);
    assert_eq!(without["nodes"].as_array().unwrap().len(), ids.len());
    assert!(
        without["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|node| node.get("slug").is_none())
    );
    let with = json_of(&server, &format!("{path}&withSlug=true"));
    assert!(
        with["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|node| node["slug"].is_string()),
        "{with}"
    );

    let description = json_of(&server, "/v1/openapi.json");
    let operation = &description["paths"]["/v1/some"]["get"];
    assert_eq!(operation["description"], "Some articles.");
    assert_eq!(operation["parameters"][0]["schema"]["type"], "array");
    assert_eq!(operation["parameters"][1]["schema"]["default"], false);
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    let validator = jsonschema::options().build(schema).unwrap();
    for data in [&without, &with] {
        assert!(validator.is_valid(data), "{schema:#}\n{data:#}");
    }
    assert!(!validator.is_valid(&json!({ "nodes": [{ "__typename": "Article" }] })));

    let since = json_of(&server, "/v1/since?from=1999-01-01T00:00:00Z");
    assert!(
        since["articles"]["totalCount"].as_u64().unwrap() > 10,
        "{since}"
    );
    let wrong = problem(&server, "/v1/since?from=yesterday", 400, "BAD_USER_INPUT");
    assert!(
        wrong.contains("'from' is 'yesterday': give an instant"),
        "{wrong}"
    );

    // What writes is not served here, whatever the method.
    problem(&server, "/v1/write?input=%7B%7D", 404, "NOT_FOUND");
    assert!(description["paths"].get("/v1/write").is_none());
}

#[test]
fn what_is_wrong_inside_of_an_object_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("filtered.graphql"),
        "query filtered($filter: ArticleFilter) { articles(filter: $filter) { totalCount } }",
    )
    .unwrap();
    let store = Store::sqlite();
    let server = serve_documents(&store, folder.path());
    let filtered = |filter: &str| format!("/v1/filtered?filter={filter}");
    let all = json_of(
        &server,
        &filtered(r#"{"publishedFrom":"1999-01-01T00:00:00Z","section":null}"#),
    );
    assert!(
        all["articles"]["totalCount"].as_u64().unwrap() > 10,
        "{all}"
    );
    for (filter, part) in [
        (
            "culture",
            "'filter' is 'culture': give an object of type ArticleFilter as JSON.",
        ),
        (
            r#"{"sectoin":"culture"}"#,
            "There is no 'filter.sectoin'. There are: contributor, ",
        ),
        (r#"{"section":7}"#, "'filter.section' is '7': give a text."),
        (
            r#"{"publishedFrom":"yesterday"}"#,
            "'filter.publishedFrom' is 'yesterday': give an instant",
        ),
        (
            r#"{"status":"LOST"}"#,
            "'filter.status' is 'LOST': give one of ",
        ),
    ] {
        let detail = problem(&server, &filtered(filter), 400, "BAD_USER_INPUT");
        assert!(detail.contains(part), "{filter}: {detail}");
    }
}
