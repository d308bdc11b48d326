//! The newsroom over HTTP: the real binary, real tokens, the real clock.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use chrono::{SecondsFormat, TimeDelta};
use masthead_domain::clock::Clock;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::harness::{
    Masthead, Page, Server, Store, Token, import, instant, on_both_databases, token,
};

on_both_databases!(
    a_story_goes_its_whole_way,
    the_clock_publishes_on_every_node_within_a_second,
    a_request_with_a_key_is_carried_out_once,
    a_preview_shows_one_draft_and_nothing_else,
    without_a_key_every_write_is_refused,
    the_log_is_pruned_by_age,
    an_administrator_ends_tokens,
);

const CREATE: &str = "mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { id slug revision status } errors { code path message } } }";
const SCHEDULE: &str = "mutation($input: ScheduleArticleInput!) { scheduleArticle(input: $input) { article { id revision status publishedAt } errors { code message } } }";
const PUBLISH: &str = "mutation($input: PublishArticleInput!) { publishArticle(input: $input) { article { id revision status } errors { code } } }";
const WITHDRAW: &str = "mutation($input: WithdrawArticleInput!) { withdrawArticle(input: $input) { article { id revision status } errors { code } } }";
const CHANGES: &str = "query($after: String) { changes(after: $after, first: 100) { pageInfo { endCursor } nodes { kind at nodeId reason node { id } } } }";

fn draft(server: &Server, headline: &str) -> Value {
    let input = json!({ "headline": headline, "body": { "markdown": "It *rained*." } });
    server.query_as(&token("editor", &[]), CREATE, json!({ "input": input }))["createArticle"]
        ["article"]
        .clone()
}

fn on(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    let fields = input.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    json!({ "input": input })
}

fn a_story_goes_its_whole_way(store: &Store) {
    let server = Server::start(store);
    let (editor, publisher) = (token("editor", &[]), token("publisher", &[]));
    let viewer = server.query_as(&editor, "{ viewer { subject role scopes } }", json!({}));
    assert_eq!(
        viewer["viewer"],
        json!({ "subject": "editor@lake.example", "role": "EDITOR", "scopes": [] })
    );
    let written = draft(&server, "A river");
    assert_eq!(
        (&written["status"], &written["slug"]),
        (&json!("DRAFT"), &json!("a-river"))
    );
    // An editor does not publish: that is an error, and nothing of it is in the payload.
    assert_eq!(
        error_as(&server, &editor, PUBLISH, on(&written, json!({}))),
        "FORBIDDEN"
    );
    assert_eq!(
        server.error_code(PUBLISH, on(&written, json!({}))),
        "UNAUTHENTICATED"
    );
    let published = server.query_as(&publisher, PUBLISH, on(&written, json!({})))["publishArticle"]
        ["article"]
        .clone();
    assert_eq!(published["status"], "PUBLISHED");
    // What a mutation has acknowledged, the next read on that node shows.
    let read = server.query(
        "{ article(slug: \"a-river\") { id body { html } } latest { totalCount } }",
        json!({}),
    );
    assert_eq!(
        read["article"]["body"]["html"],
        "<p>It <em>rained</em>.</p>"
    );
    assert_eq!(read["latest"]["totalCount"], 1);
    // Several mutations in one request are made one after the other, each seeing the one before.
    let both = "mutation($withdraw: WithdrawArticleInput!, $again: PublishArticleInput!) {
      withdrawArticle(input: $withdraw) { article { status revision } errors { code } }
      publishArticle(input: $again) { article { status revision relatedLists { basis } } errors { code } } }";
    let mut again = on(&published, json!({}));
    again["input"]["revision"] = json!(3);
    let variables = json!({ "withdraw": on(&published, json!({ "reason": "Too early." }))["input"], "again": again["input"] });
    let answer = server.query_as(&publisher, both, variables);
    assert_eq!(
        answer["withdrawArticle"]["article"],
        json!({ "status": "WITHDRAWN", "revision": 3 })
    );
    assert_eq!(
        answer["publishArticle"]["article"],
        json!({ "status": "PUBLISHED", "revision": 4, "relatedLists": [] })
    );
}

/// The code of the one error that a request with a token is answered with.
fn error_as(server: &Server, token: &str, document: &str, variables: Value) -> String {
    let reply = server.query_raw_as(token, document, variables);
    reply.body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{reply:#?}"))
        .to_owned()
}

fn the_clock_publishes_on_every_node_within_a_second(store: &Store) {
    let (server, other) = (Server::start(store), Server::start(store));
    let written = draft(&server, "A river");
    let start = other.query(CHANGES, json!({}))["changes"]["pageInfo"]["endCursor"].clone();
    let at = Clock::system().now() + TimeDelta::milliseconds(1_500);
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let scheduled = server.query_as(
        &token("publisher", &[]),
        SCHEDULE,
        on(&written, json!({ "publishAt": at })),
    );
    assert_eq!(
        scheduled["scheduleArticle"]["article"]["status"],
        "SCHEDULED"
    );
    let seen = |server: &Server| {
        server.query("{ latest { nodes { publishedAt } } }", json!({}))["latest"]["nodes"][0]["publishedAt"].clone()
    };
    let due = instant(&json!(at));
    while Clock::system().now() < due - TimeDelta::milliseconds(50) {
        assert_eq!(seen(&server), Value::Null);
        assert_eq!(seen(&other), Value::Null);
        sleep(Duration::from_millis(20));
    }
    while Clock::system().now() < due {
        sleep(Duration::from_millis(1));
    }
    assert_eq!(instant(&seen(&server)), due);
    assert_eq!(instant(&seen(&other)), due);
    // The log has it without anyone asking: within a second a row is there.
    let noted = "SELECT COUNT(*) FROM publication_due";
    let deadline = Instant::now() + Duration::from_secs(1);
    while store.number(noted) > 0 {
        assert!(
            Instant::now() < deadline,
            "the publication was not noted within a second"
        );
        sleep(Duration::from_millis(20));
    }
    for node in [&server, &other] {
        let changes = node.query(CHANGES, json!({ "after": start }))["changes"].clone();
        let [change] = changes["nodes"].as_array().unwrap().as_slice() else {
            panic!("{changes}")
        };
        assert_eq!(
            (&change["nodeId"], &change["kind"]),
            (&written["id"], &json!("UPSERTED"))
        );
        assert_eq!(instant(&change["at"]), due);
    }
}

/// Sends a mutation with an `Idempotency-Key`.
fn keyed(server: &Server, key: &str, document: &str, variables: Value) -> Response {
    server
        .post("/graphql")
        .header("accept", "application/graphql-response+json")
        .bearer_auth(token("editor", &[]))
        .header("idempotency-key", key)
        .json(&json!({ "query": document, "variables": variables }))
        .send()
        .unwrap()
}

fn a_request_with_a_key_is_carried_out_once(store: &Store) {
    let (server, other) = (Server::start(store), Server::start(store));
    let input = |headline: &str| json!({ "input": { "headline": headline, "body": { "text": "It rained." } } });
    let first = keyed(&server, "\"8e03978e\"", CREATE, input("A river"))
        .text()
        .unwrap();
    assert!(first.contains("\"a-river\""), "{first}");
    for node in [&server, &other] {
        assert_eq!(
            keyed(node, "8e03978e", CREATE, input("A river"))
                .text()
                .unwrap(),
            first
        );
    }
    let reused = keyed(&other, "8e03978e", CREATE, input("A lake"));
    assert_eq!(reused.status(), 422);
    assert!(reused.text().unwrap().contains("IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(
        keyed(&server, "two words", CREATE, input("A lake")).status(),
        400
    );
    // Of a batch each request is named by its place.
    let batch = || {
        let requests: Vec<Value> = ["A pond", "A well"]
            .iter()
            .map(|headline| json!({ "query": CREATE, "variables": input(headline) }))
            .collect();
        let response = server
            .post("/graphql")
            .bearer_auth(token("editor", &[]))
            .header("idempotency-key", "batch")
            .json(&requests)
            .send()
            .unwrap();
        response.text().unwrap()
    };
    let answered = batch();
    assert!(
        answered.contains("a-pond") && answered.contains("a-well"),
        "{answered}"
    );
    assert_eq!(batch(), answered);
    assert_eq!(store.number("SELECT COUNT(*) FROM article"), 3);
}

fn a_preview_shows_one_draft_and_nothing_else(store: &Store) {
    let server = Server::start(store);
    let (written, other) = (draft(&server, "A river"), draft(&server, "A secret"));
    let preview = "mutation($input: CreatePreviewInput!) { createPreview(input: $input) { preview { token url expiresAt } errors { code path } } }";
    let editor = token("editor", &[]);
    let made = server.query_as(
        &editor,
        preview,
        json!({ "input": { "id": written["id"], "minutes": 5 } }),
    );
    let preview_of = made["createPreview"]["preview"].clone();
    let link = preview_of["token"].as_str().unwrap();
    assert_eq!(
        preview_of["url"],
        format!("http://localhost:8080/articles/a-river?preview={link}")
    );
    let page = "query($other: ID!) { article(slug: \"a-river\") { headline status publishedAt } hidden: article(slug: \"a-secret\") { id } node(id: $other) { id } latest { totalCount } viewer { role } }";
    let shown = server.query_as(link, page, json!({ "other": other["id"] }));
    assert_eq!(shown["article"]["status"], "PUBLISHED");
    assert!(shown["article"]["publishedAt"].is_string(), "{shown}");
    assert_eq!(
        (
            &shown["hidden"],
            &shown["node"],
            &shown["latest"]["totalCount"],
            &shown["viewer"]
        ),
        (&Value::Null, &Value::Null, &json!(0), &Value::Null)
    );
    assert_eq!(
        error_as(
            &server,
            link,
            CREATE,
            json!({ "input": { "headline": "A", "body": { "text": "B" } } })
        ),
        "UNAUTHENTICATED"
    );
    for (minutes, code) in [(0, "INVALID"), (10_081, "INVALID")] {
        let refused = server.query_as(
            &editor,
            preview,
            json!({ "input": { "id": written["id"], "minutes": minutes } }),
        );
        assert_eq!(
            refused["createPreview"]["errors"],
            json!([{ "code": code, "path": ["input", "minutes"] }])
        );
    }
    // The token of a preview is stored nowhere, also not in the answer to a request with a key.
    let answer = keyed(
        &server,
        "preview",
        preview,
        json!({ "input": { "id": written["id"] } }),
    )
    .text()
    .unwrap();
    assert!(answer.contains("mpv_"));
    assert_eq!(
        store.number("SELECT COUNT(*) FROM idempotent_request WHERE answer LIKE '%mpv%'"),
        0
    );
}

fn without_a_key_every_write_is_refused(store: &Store) {
    let server = Server::run(Masthead::new(["serve", "--listen", "127.0.0.1:0"]).on(store));
    let input = json!({ "input": { "headline": "A river", "body": { "text": "It rained." } } });
    assert_eq!(server.error_code(CREATE, input), "UNAUTHENTICATED");
    let refusal = server.refusal(&token("admin", &[]));
    assert!(refusal.contains("no key"), "{refusal}");
    let stopped = server.stop();
    assert!(
        stopped.err.contains("WARN") && stopped.err.contains("MASTHEAD_JWT_SECRET"),
        "{}",
        stopped.err
    );
}

fn the_log_is_pruned_by_age(store: &Store) {
    import(
        store,
        Page::new("Ferry Timetable Agreed", "March 5, 2024, 6:30 p.m.").text(),
        &[],
    )
    .succeeded();
    let server = Server::start(store);
    let start = server.query(
        "{ changes(first: 1) { pageInfo { endCursor } } }",
        json!({}),
    )["changes"]["pageInfo"]["endCursor"]
        .clone();
    let article =
        server.query("{ latest { nodes { id revision } } }", json!({}))["latest"]["nodes"][0]
            .clone();
    server.query_as(
        &token("publisher", &[]),
        WITHDRAW,
        on(&article, json!({ "reason": "A mistake." })),
    );
    let prune = |age: &str| {
        Masthead::new(["prune", "--older-than", age])
            .on(store)
            .run()
            .succeeded()
            .out
    };
    assert_eq!(prune("1d"), "There was nothing to prune.\n");
    sleep(Duration::from_millis(10));
    // Of the public and of partners the article and its removal, of the newsroom the article as it was.
    assert_eq!(prune("1ms"), "5 changes were pruned.\n");
    assert_eq!(
        server.error_code(CHANGES, json!({ "after": start })),
        "START_AGAIN"
    );
    let left = server.query(CHANGES, json!({}));
    assert!(
        left["changes"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|change| change["node"].is_object()),
        "{left}"
    );
    let refused = Masthead::new(["prune", "--older-than", "long"])
        .on(store)
        .run();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("'8h'"), "{refused:?}");
}

fn an_administrator_ends_tokens(store: &Store) {
    let (server, other) = (Server::start(store), Server::start(store));
    let revoke = "mutation($token: String!) { revokeToken(input: { token: $token }) { revokedId errors { code path } } }";
    // With an id of its own, so that no other token of this second is meant.
    let ended = Token::of("editor").claim("jti", "one of many").sign();
    let admin = token("admin", &[]);
    let variables = json!({ "token": ended });
    assert_eq!(
        server.error_code(revoke, variables.clone()),
        "UNAUTHENTICATED"
    );
    assert_eq!(
        error_as(&server, &token("publisher", &[]), revoke, variables.clone()),
        "FORBIDDEN"
    );
    other.query_as(&ended, "{ viewer { role } }", json!({}));
    let answer = server.query_as(&admin, revoke, variables);
    assert!(answer["revokeToken"]["revokedId"].is_string(), "{answer}");
    assert!(other.refusal(&ended).contains("revoked"));
    let written = draft(&server, "A river");
    let made = server.query_as(
        &admin,
        "mutation($id: ID!) { createPreview(input: { id: $id }) { preview { token } } }",
        json!({ "id": written["id"] }),
    );
    let link = made["createPreview"]["preview"]["token"].as_str().unwrap();
    server.query_as(link, "{ latest { totalCount } }", json!({}));
    server.query_as(&admin, revoke, json!({ "token": link }));
    other.refusal(link);
    let nothing = server.query_as(&admin, revoke, json!({ "token": " " }));
    assert_eq!(
        nothing["revokeToken"]["errors"],
        json!([{ "code": "REQUIRED", "path": ["input", "token"] }])
    );
}
