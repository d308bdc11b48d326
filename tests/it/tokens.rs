//! Tokens: whom the server takes for whom, and whom it refuses.

mod commands;
mod identity_provider;
mod keys;
mod previews;
mod refused;
mod revoked;

use serde_json::{Value, json};

use crate::harness::{
    Listed, Masthead, Page, SECRET, Server, Store, Token, import, now, on_both_databases, token,
};

on_both_databases!(each_role_sees_what_is_its_to_see);

const SECRET_VARIABLE: &str = "MASTHEAD_JWT_SECRET";
const SLUG: &str = "old-landing-gets-a-new-roof";

/// An archive of two articles, one of which nobody may see yet.
fn archive(store: &Store) {
    let page = Page::new("Ferry Timetable Agreed", "March 5, 2024, 6:30 p.m.")
        .byline("Mira Tamang")
        .section(
            "Shore",
            [Listed::by(
                "Old Landing Gets A New Roof",
                "Mira Tamang",
                "Mar 4, 2024",
            )],
        );
    import(store, page.text(), &[]).succeeded();
    draft(store);
}

/// Makes it a draft.
fn draft(store: &Store) {
    store.execute(&format!(
        "UPDATE article SET visible_from = NULL, published_at = NULL WHERE slug = '{SLUG}'"
    ));
}

/// Schedules it for an hour of the year 2100.
fn schedule(store: &Store) {
    let later = 4_102_448_400_000_i64;
    store.execute(&format!(
        "UPDATE article SET visible_from = {later}, published_at = {later} WHERE slug = '{SLUG}'"
    ));
}

const ARTICLE: &str = "query($slug: String!) { article(slug: $slug) { headline status } }";

/// What the bearer of a token is shown of the article.
#[track_caller]
fn seen(server: &Server, token: &str) -> Value {
    let mut answer = server.query_as(token, ARTICLE, json!({ "slug": SLUG }));
    answer["article"]["status"].take()
}

/// Serves a database with these settings in the environment.
fn serve(store: &Store, settings: &[(&str, &str)]) -> Server {
    Server::run(serving(settings).on(store))
}

/// Serves an empty database of its own with these settings in the environment.
fn serve_alone(settings: &[(&str, &str)]) -> Server {
    Server::run(serving(settings))
}

fn serving(settings: &[(&str, &str)]) -> Masthead {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"]);
    settings
        .iter()
        .fold(command, |command, (name, value)| command.env(name, value))
}

/// Asserts that a token is taken.
#[track_caller]
fn taken(server: &Server, token: &str) {
    let answer = server.query_raw_as(token, "{ latest { totalCount } }", json!({}));
    assert_eq!(answer.status, 200, "{answer:#?}");
}

fn each_role_sees_what_is_its_to_see(store: &Store) {
    archive(store);
    let server = Server::start(store);
    let public = server.query(ARTICLE, json!({ "slug": SLUG }));
    assert_eq!(public["article"], Value::Null);
    let embargo = token("partner", &["articles:body", "embargo:read"]);
    for partner in [token("partner", &[]), embargo.clone()] {
        assert_eq!(seen(&server, &partner), Value::Null);
    }
    for role in ["editor", "PUBLISHER", " Admin "] {
        assert_eq!(seen(&server, &token(role, &[])), "DRAFT");
    }
    schedule(store);
    assert_eq!(
        seen(&server, &token("partner", &["changes:read"])),
        Value::Null
    );
    assert_eq!(seen(&server, &embargo), "SCHEDULED");
    assert_eq!(seen(&server, &token("editor", &[])), "SCHEDULED");
    // A token that says when it begins, in fractions of a second.
    let fraction = Token::of("editor")
        .claim("nbf", json!(1.5))
        .claim("exp", json!(9e9));
    assert_eq!(seen(&server, &fraction.sign()), "SCHEDULED");
}

#[test]
fn an_answer_to_a_token_is_kept_by_nobody_else() {
    let server = serve_alone(&[(SECRET_VARIABLE, SECRET)]);
    let headers = |token: Option<&str>| {
        let mut request = server.request("GET", "/graphql?query=%7Bpublication%7Btitle%7D%7D");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().unwrap();
        assert_eq!(response.status().as_u16(), 200);
        let vary = response.headers()["vary"].to_str().unwrap();
        assert!(vary.contains("authorization"), "{vary}");
        response.headers().get("cache-control").cloned()
    };
    let everyones = headers(None).unwrap();
    assert!(
        everyones.to_str().unwrap().starts_with("public,"),
        "{everyones:?}"
    );
    let theirs = headers(Some(&token("partner", &[]))).unwrap();
    assert_eq!(theirs, "private, no-cache");
}

#[test]
fn a_batch_is_asked_for_by_one() {
    let server = serve_alone(&[(SECRET_VARIABLE, SECRET)]);
    let batch = |token: &str| {
        server
            .post("/graphql")
            .bearer_auth(token)
            .json(&json!([{ "query": "{ __typename }" }, { "query": "{ __typename }" }]))
            .send()
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(batch(&token("partner", &[])), 200);
    assert_eq!(
        batch(&Token::of("partner").claim("exp", now() - 1).sign()),
        401
    );
}

#[test]
fn without_a_key_nobody_is_taken_for_anyone_and_the_log_says_so() {
    let server = serve_alone(&[]);
    let reason = server.refusal(&token("editor", &[]));
    assert!(reason.contains("no key"), "{reason}");
    server.query("{ latest { totalCount } }", json!({}));
    let log = server.stop().err;
    for word in ["WARN", "every write", "MASTHEAD_JWT_SECRET", "jwks"] {
        assert!(log.contains(word), "no '{word}' in {log}");
    }
}
