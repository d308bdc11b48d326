//! Receipts: which partners have been told that an article was withdrawn, when and how, and which have not.

use std::{thread, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::clock::Clock;
use serde_json::{Value, json};

use super::{bound, save, serve};
use crate::{
    harness::{Server, Store, instant, on_both_databases, token},
    subscriptions::socket::Socket,
};

on_both_databases!(
    each_partner_is_told_of_once_it_has_read_past_a_withdrawal,
    when_it_was_stays,
    a_page_that_ends_before_a_withdrawal_does_not_tell_of_it,
    a_withdrawal_that_comes_again_has_receipts_of_its_own,
    receipts_are_for_editors,
);

const RECEIPTS: &str = "query($article: ID!) { withdrawalReceipts(article: $article) {
  partner partnerId toldAt ways { channel address toldAt lastAt } } }";

fn receipts(server: &Server, article: &Value) -> Value {
    let asked = json!({ "article": article["id"] });
    server.query_as(&token("editor", &[]), RECEIPTS, asked)["withdrawalReceipts"].take()
}

/// The receipts once they say what is wanted of them: what was read is written down a moment later.
#[track_caller]
fn wait_for(server: &Server, article: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..100 {
        let said = receipts(server, article);
        if wanted(&said) {
            return said;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{}", receipts(server, article));
}

/// That of a partner.
fn of<'a>(receipts: &'a Value, name: &str) -> &'a Value {
    let receipts = receipts.as_array().unwrap().iter();
    receipts
        .clone()
        .find(|receipt| receipt["partner"] == name)
        .unwrap_or(&Value::Null)
}

#[track_caller]
fn write(server: &Server, mutation: &str, input: &Value) -> Value {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {name}!) {{ {mutation}(input: $input) {{ article {{ id revision slug }} errors {{ message }} }} }}"
    );
    let answer = server.query_as(
        &token("publisher", &[]),
        &document,
        json!({ "input": input }),
    );
    assert_eq!(answer[mutation]["errors"], json!([]), "{answer}");
    answer[mutation]["article"].clone()
}

#[track_caller]
fn section(server: &Server, slug: &str) {
    let document =
        "mutation($input: SaveSectionInput!) { saveSection(input: $input) { errors { message } } }";
    let input = json!({ "input": { "slug": slug, "name": slug } });
    let answer = server.query_as(&token("publisher", &[]), document, input);
    assert_eq!(answer["saveSection"]["errors"], json!([]), "{answer}");
}

fn publish(server: &Server, headline: &str) -> Value {
    let draft = write(
        server,
        "createArticle",
        &json!({ "headline": headline, "section": "rivers", "body": { "markdown": "Some words." } }),
    );
    write(
        server,
        "publishArticle",
        &json!({ "id": draft["id"], "revision": draft["revision"] }),
    )
}

fn withdraw(server: &Server, article: &Value) -> Value {
    write(
        server,
        "withdrawArticle",
        &json!({ "id": article["id"], "revision": article["revision"], "reason": "A mistake." }),
    )
}

const FOLLOW: &str = "query($after: String, $first: Int) { changes(after: $after, first: $first) { pageInfo { endCursor hasNextPage } } }";

/// Reads a page of the changes as a partner, and answers with the cursor at its end.
fn follow(server: &Server, key: &str, after: &Value, first: u32) -> Value {
    let asked = json!({ "after": after, "first": first });
    server.query_as(key, FOLLOW, asked)["changes"]["pageInfo"]["endCursor"].take()
}

fn read(server: &Server, key: &str, path: &str) {
    let answer = server.request("GET", path).bearer_auth(key).send().unwrap();
    assert!(answer.status().is_success(), "{path}: {answer:?}");
}

fn each_partner_is_told_of_once_it_has_read_past_a_withdrawal(store: &Store) {
    let server = serve(store, &[]);
    for slug in ["rivers", "mountains"] {
        section(&server, slug);
    }
    let partner = |name: &str, input: Value| {
        let mut input = input;
        input["name"] = json!(name);
        save(&server, &input)
    };
    let follower = bound(&partner("Follower", json!({})), &[]);
    let embargo = json!({ "scopes": ["embargo:read"] });
    let early = bound(&partner("Early Follower", embargo), &["embargo:read"]);
    let confined = json!({ "sections": ["rivers"] });
    let confined = bound(&partner("River Agency", confined), &[]);
    let reader = bound(&partner("Feed Reader", json!({})), &[]);
    let ninjs = bound(&partner("Wire Reader", json!({})), &[]);
    let plain = bound(&partner("Plain Reader", json!({})), &[]);
    let subscriber = bound(&partner("Subscriber", json!({})), &[]);
    let elsewhere = bound(&partner("Elsewhere", json!({})), &[]);
    partner("Mountain Agency", json!({ "sections": ["mountains"] }));
    partner("Silent", json!({}));
    let article = publish(&server, "A bridge that was not built");
    let cursors = [&follower, &early, &confined].map(|key| follow(&server, key, &Value::Null, 100));
    assert_eq!(
        receipts(&server, &article),
        Value::Null,
        "it is not withdrawn"
    );

    let mut socket = Socket::acknowledged(&server, Some(&subscriber));
    socket.subscribe("1", "subscription { changes { kind } }", json!({}));
    // It is under way once it has told of something.
    section(&server, "valleys");
    assert_eq!(
        socket.message()["payload"]["data"]["changes"]["kind"],
        "UPSERTED"
    );

    let before = Clock::system().now();
    withdraw(&server, &article);
    let removed = socket.message();
    assert_eq!(removed["payload"]["data"]["changes"]["kind"], "REMOVED");
    // Those who have read before it have not been told.
    let said = wait_for(&server, &article, |said| {
        of(said, "Follower")["ways"]
            .as_array()
            .is_some_and(|ways| !ways.is_empty())
    });
    let silent = json!([]);
    assert_eq!(of(&said, "Silent")["ways"], silent);
    assert_eq!(of(&said, "Follower")["toldAt"], Value::Null, "{said}");
    assert_eq!(
        of(&said, "Mountain Agency"),
        &Value::Null,
        "it is not of its sections"
    );

    for (key, cursor) in [&follower, &early, &confined].into_iter().zip(&cursors) {
        follow(&server, key, cursor, 100);
    }
    read(&server, &reader, "/feeds/sections/rivers.atom");
    read(&server, &ninjs, "/ninjs/changes?first=100");
    read(&server, &plain, "/v1/changes?first=100");
    read(&server, &elsewhere, "/feeds/sections/mountains.atom");
    let told = |said: &Value, name: &str| of(said, name)["toldAt"].is_string();
    let all = [
        "Follower",
        "Early Follower",
        "River Agency",
        "Feed Reader",
        "Wire Reader",
        "Plain Reader",
        "Subscriber",
    ];
    let said = wait_for(&server, &article, |said| {
        all.iter().all(|name| told(said, name))
    });
    for name in all {
        let receipt = of(&said, name);
        let at: DateTime<Utc> = instant(&receipt["toldAt"]);
        assert!(
            at >= before - TimeDelta::milliseconds(1) && at <= Clock::system().now(),
            "{receipt}"
        );
        assert_eq!(receipt["ways"][0]["toldAt"], receipt["toldAt"], "{receipt}");
        let channel = if name == "Feed Reader" {
            "FEED"
        } else {
            "CHANGES"
        };
        assert_eq!(receipt["ways"][0]["channel"], channel, "{receipt}");
    }
    let path = |name: &str| of(&said, name)["ways"][0]["address"].clone();
    assert_eq!(path("Follower"), "/graphql");
    assert_eq!(path("Subscriber"), "/graphql");
    assert_eq!(path("Feed Reader"), "/feeds/sections/rivers.atom");
    assert_eq!(path("Wire Reader"), "/ninjs/changes");
    assert_eq!(path("Plain Reader"), "/v1/changes");
    for name in ["Silent", "Elsewhere"] {
        assert_eq!(of(&said, name)["toldAt"], Value::Null, "{said}");
        assert_eq!(of(&said, name)["ways"], silent, "{said}");
    }
}

fn when_it_was_stays(store: &Store) {
    let server = serve(store, &[]);
    section(&server, "rivers");
    let key = bound(&save(&server, &json!({ "name": "Feed Reader" })), &[]);
    let article = publish(&server, "A bridge that was not built");
    withdraw(&server, &article);
    read(&server, &key, "/feeds/sections/rivers.atom");
    let told = |said: &Value| of(said, "Feed Reader")["toldAt"].is_string();
    let first = of(&wait_for(&server, &article, told), "Feed Reader").clone();
    // However often it reads again, and on which node.
    let node = serve(store, &[]);
    thread::sleep(Duration::from_millis(20));
    read(&node, &key, "/feeds/sections/rivers.atom");
    let again = wait_for(&server, &article, |said| {
        of(said, "Feed Reader")["ways"][0]["lastAt"] != first["ways"][0]["lastAt"]
    });
    assert_eq!(of(&again, "Feed Reader")["toldAt"], first["toldAt"]);
}

fn a_page_that_ends_before_a_withdrawal_does_not_tell_of_it(store: &Store) {
    let server = serve(store, &[]);
    section(&server, "rivers");
    let key = bound(&save(&server, &json!({ "name": "Slow Agency" })), &[]);
    let first = publish(&server, "The first");
    let second = publish(&server, "The second");
    let cursor = follow(&server, &key, &Value::Null, 100);
    withdraw(&server, &first);
    withdraw(&server, &second);
    // One change at a time: it has been told of the first, and not of the second.
    let cursor = follow(&server, &key, &cursor, 1);
    let told = |said: &Value| of(said, "Slow Agency")["toldAt"].is_string();
    wait_for(&server, &first, told);
    assert!(!told(&receipts(&server, &second)));
    follow(&server, &key, &cursor, 1);
    wait_for(&server, &second, told);
}

fn a_withdrawal_that_comes_again_has_receipts_of_its_own(store: &Store) {
    let server = serve(store, &[]);
    section(&server, "rivers");
    let key = bound(&save(&server, &json!({ "name": "Lake Agency" })), &[]);
    let article = publish(&server, "Up and down");
    let withdrawn = withdraw(&server, &article);
    let told = |said: &Value| of(said, "Lake Agency")["toldAt"].is_string();
    read(&server, &key, "/feeds/latest.rss");
    wait_for(&server, &article, told);
    let again = write(
        &server,
        "publishArticle",
        &json!({ "id": article["id"], "revision": withdrawn["revision"] }),
    );
    assert_eq!(receipts(&server, &article), Value::Null);
    withdraw(&server, &again);
    assert!(!told(&receipts(&server, &article)));
    read(&server, &key, "/feeds/latest.rss");
    wait_for(&server, &article, told);
}

fn receipts_are_for_editors(store: &Store) {
    let server = serve(store, &[]);
    section(&server, "rivers");
    let article = publish(&server, "Not for all");
    withdraw(&server, &article);
    let asked = json!({ "article": article["id"] });
    let code = |body: &Value| body["errors"][0]["extensions"]["code"].clone();
    let nobody = server.query_raw(RECEIPTS, asked.clone());
    assert_eq!(code(&nobody.body), "UNAUTHENTICATED");
    let partner = token("partner", &["embargo:read"]);
    let refused = server.query_raw_as(&partner, RECEIPTS, asked);
    assert_eq!(code(&refused.body), "FORBIDDEN");
    let section = json!({ "article": "UwAAAAAAAAAq" });
    let wrong = server.query_raw_as(&token("editor", &[]), RECEIPTS, section);
    assert_eq!(code(&wrong.body), "BAD_USER_INPUT");
}
