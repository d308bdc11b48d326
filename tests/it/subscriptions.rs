//! Subscriptions: what was missed, then what comes, over WebSocket and as Server-Sent Events.

mod event_source;
mod socket;

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use crate::harness::{Masthead, SECRET, Server, Store, Token, now, on_both_databases, token};
use event_source::EventSource;
use socket::Socket;

on_both_databases!(
    each_fault_has_its_close_code,
    what_does_not_validate_is_told_and_the_connection_goes_on,
    queries_and_mutations_are_answered_over_the_same_connection,
    nothing_is_missed_or_doubled_at_the_seam,
    an_event_stream_goes_on_after_the_last_event,
    latest_tells_of_each_article_as_it_appears,
    nobody_hears_of_what_they_may_not_see,
    a_stream_ends_with_its_token,
    a_reader_that_takes_nothing_is_cut_off,
    a_server_that_stops_says_so,
);

const CHANGES: &str =
    "subscription($after: String) { changes(after: $after) { cursor kind nodeId } }";

fn serve(store: &Store, settings: &[(&str, &str)]) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET);
    Server::run(
        settings
            .iter()
            .fold(command, |command, (name, value)| command.env(name, value)),
    )
}

fn write(server: &Server, mutation: &str, input: Value) -> Value {
    let token = token("publisher", &[]);
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {name}!) {{ {mutation}(input: $input) {{ article {{ id revision }} errors {{ message }} }} }}"
    );
    let answer = server.query_as(&token, &document, json!({ "input": input }));
    assert_eq!(answer[mutation]["errors"], json!([]), "{answer}");
    answer[mutation]["article"].clone()
}

fn draft(server: &Server, headline: &str) -> Value {
    let body = json!({ "text": "It rained." });
    write(
        server,
        "createArticle",
        json!({ "headline": headline, "body": body }),
    )
}

fn publish(server: &Server, headline: &str) -> Value {
    let draft = draft(server, headline);
    let input = json!({ "id": draft["id"], "revision": draft["revision"] });
    write(server, "publishArticle", input)
}

/// The cursors of all changes that everyone may know of, after one or from the beginning.
fn cursors(server: &Server, mut after: Option<String>) -> Vec<String> {
    let document = "query($after: String) { changes(after: $after, first: 100) { nodes { cursor } pageInfo { hasNextPage endCursor } } }";
    let mut found = Vec::new();
    loop {
        let page = server.query(document, json!({ "after": after }))["changes"].clone();
        for change in page["nodes"].as_array().unwrap() {
            found.push(change["cursor"].as_str().unwrap().to_owned());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        after = page["pageInfo"]["endCursor"].as_str().map(str::to_owned);
    }
}

fn each_fault_has_its_close_code(store: &Store) {
    let server = serve(
        store,
        &[("MASTHEAD_SUBSCRIPTIONS_INIT_TIMEOUT_SECONDS", "1")],
    );
    let subscribe = |id: &str| {
        json!({ "id": id, "type": "subscribe", "payload": { "query": CHANGES } }).to_string()
    };
    let init = r#"{"type":"connection_init"}"#;

    let mut socket = Socket::open(&server);
    socket.send_text("hello");
    assert_eq!(socket.closed().0, 4400);
    let mut socket = Socket::open(&server);
    socket.send_binary(init.as_bytes());
    assert_eq!(socket.closed().0, 4400);
    let mut socket = Socket::open(&server);
    socket.send_text(&subscribe("a"));
    assert_eq!(socket.closed(), (4401, "Unauthorized".to_owned()));
    let mut socket = Socket::open(&server);
    socket.init(&json!({ "Authorization": "Bearer nonsense" }));
    let (code, reason) = socket.closed();
    assert_eq!(code, 4403);
    assert!(reason.starts_with("Forbidden: "), "{reason}");
    for subprotocol in [None, Some("graphql-ws"), Some("soap")] {
        let mut socket = Socket::open_with(&server, subprotocol, &[]).unwrap();
        assert_eq!(socket.closed().0, 4406, "{subprotocol:?}");
    }
    let mut socket = Socket::open(&server);
    assert_eq!(
        socket.closed(),
        (4408, "Connection initialisation timeout".to_owned())
    );
    let mut socket = Socket::acknowledged(&server, None);
    socket.send_text(&subscribe("twice"));
    socket.send_text(&subscribe("twice"));
    assert_eq!(
        socket.closed(),
        (4409, "Subscriber for twice already exists".to_owned())
    );
    let mut socket = Socket::acknowledged(&server, None);
    socket.send_text(init);
    assert_eq!(
        socket.closed(),
        (4429, "Too many initialisation requests".to_owned())
    );

    // Pages of other websites may not connect, as they may not ask; those of the server's own may.
    let foreign = [("origin", "https://elsewhere.example")];
    let refused = Socket::open_with(&server, Some("graphql-transport-ws"), &foreign);
    assert_eq!(refused.err(), Some(403));
    let own = [("origin", server.address())];
    assert!(Socket::open_with(&server, Some("graphql-transport-ws"), &own).is_ok());
}

fn what_does_not_validate_is_told_and_the_connection_goes_on(store: &Store) {
    let server = serve(store, &[]);
    let mut socket = Socket::acknowledged(&server, None);
    for (document, code) in [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { changes { cursor } latest { id } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { changes(after: \"nonsense\") { cursor } }",
            "INVALID_CURSOR",
        ),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        socket.subscribe("a", document, json!({}));
        let message = socket.message();
        assert_eq!(message["type"], "error", "{document}: {message}");
        assert_eq!(message["id"], "a");
        assert_eq!(
            message["payload"][0]["extensions"]["code"], code,
            "{document}: {message}"
        );
    }
    // The identity is free again, and the connection open.
    socket.send_text(r#"{"type":"ping","payload":{"n":1}}"#);
    assert_eq!(
        socket.message(),
        json!({ "type": "pong", "payload": { "n": 1 } })
    );
}

fn queries_and_mutations_are_answered_over_the_same_connection(store: &Store) {
    let server = serve(store, &[]);
    let editor = token("editor", &[]);
    let mut socket = Socket::acknowledged(&server, Some(&editor));
    socket.subscribe(
        "m",
        "mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { headline } errors { message } } }",
        json!({ "input": { "headline": "Rain", "body": { "text": "It rained." } } }),
    );
    let next = socket.message();
    assert_eq!(
        next["payload"]["data"]["createArticle"]["article"]["headline"],
        "Rain"
    );
    assert_eq!(socket.message(), json!({ "id": "m", "type": "complete" }));
    socket.subscribe("q", "{ viewer { role } }", json!({}));
    assert_eq!(
        socket.message(),
        json!({ "id": "q", "type": "next", "payload": { "data": { "viewer": { "role": "EDITOR" } } } })
    );
    assert_eq!(socket.message()["type"], "complete");
}

fn nothing_is_missed_or_doubled_at_the_seam(store: &Store) {
    let server = serve(store, &[]);
    publish(&server, "The first");
    let start = cursors(&server, None).last().unwrap().clone();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..60 {
                publish(&server, &format!("Rain {number}"));
            }
            is_over.store(true, Ordering::SeqCst);
        });
        // One after the other begins, at whatever moment of the writing, from the start or from where another stood.
        let mut open: Vec<(Socket, Option<String>, Vec<String>)> = Vec::new();
        let mut after = Some(start.clone());
        while !is_over.load(Ordering::SeqCst) {
            let mut socket = Socket::acknowledged(&server, None);
            socket.subscribe("a", CHANGES, json!({ "after": after }));
            let mut heard = Vec::new();
            for _ in 0..3 {
                let Some(message) = socket.message_within(Duration::from_secs(5)) else {
                    break;
                };
                let cursor = &message["payload"]["data"]["changes"]["cursor"];
                heard.push(cursor.as_str().unwrap().to_owned());
            }
            let stood = heard.last().cloned();
            open.push((socket, after.clone(), heard));
            after = if open.len().is_multiple_of(2) {
                Some(start.clone())
            } else {
                stood.or(after)
            };
        }
        publish(&server, "The last");
        assert!(open.len() > 3, "{}", open.len());
        for (mut socket, after, mut heard) in open {
            let all = cursors(&server, after);
            while heard.len() < all.len() {
                let message = socket.message();
                assert_eq!(message["type"], "next", "{message}");
                let cursor = &message["payload"]["data"]["changes"]["cursor"];
                heard.push(cursor.as_str().unwrap().to_owned());
            }
            assert_eq!(heard, all);
            assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len());
            assert_eq!(socket.message_within(Duration::from_millis(50)), None);
        }
    });
}

fn an_event_stream_goes_on_after_the_last_event(store: &Store) {
    let server = serve(store, &[]);
    publish(&server, "One");
    let start = cursors(&server, None)[0].clone();
    publish(&server, "Two");
    let mut events = EventSource::open(&server, CHANGES, &json!({ "after": start }), &[]);
    assert_eq!(
        events.header("content-type"),
        "text/event-stream; charset=utf-8"
    );
    assert_eq!(events.header("cache-control"), "no-store, no-transform");
    let missed = events.next_event();
    assert_eq!(missed.kind, "next");
    assert_eq!(missed.data["data"]["changes"]["cursor"], json!(missed.id));
    publish(&server, "Three");
    let live = events.next_event();
    assert_ne!(live.id, missed.id);
    drop(events);
    let last = [("last-event-id", missed.id.as_str())];
    let mut again = EventSource::open(&server, CHANGES, &json!({}), &last);
    assert_eq!(again.next_event().id, live.id);

    // What has one answer, and what is not valid, come as events too where nothing else is taken.
    let mut query = EventSource::open(
        &server,
        "{ latest(first: 0) { totalCount } }",
        &json!({}),
        &[],
    );
    assert_eq!(
        query.next_event().data,
        json!({ "data": { "latest": { "totalCount": 3 } } })
    );
    assert_eq!(query.next_event().kind, "complete");
    let mut wrong = EventSource::open(&server, "subscription { nothing }", &json!({}), &[]);
    let errors = wrong.next_event();
    assert_eq!(
        errors.data["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(wrong.next_event().kind, "complete");
    // Who takes no events is told how to have them.
    assert_eq!(
        server.error_code("subscription { changes { cursor } }", json!({})),
        "SUBSCRIPTION_NOT_SUPPORTED"
    );
}

fn latest_tells_of_each_article_as_it_appears(store: &Store) {
    let server = serve(store, &[]);
    let mut socket = Socket::acknowledged(&server, None);
    socket.subscribe("a", "subscription { latest { headline } }", json!({}));
    // It begins when it is asked for, and that comes before the answer to what is asked next.
    socket.subscribe("q", "{ publication { title } }", json!({}));
    while socket.message()["type"] != "complete" {}
    std::thread::sleep(Duration::from_millis(300));
    draft(&server, "Hidden");
    let article = publish(&server, "Rain");
    let headline = |message: Value| message["payload"]["data"]["latest"]["headline"].clone();
    assert_eq!(headline(socket.message()), "Rain");
    let withdrawn = write(
        &server,
        "withdrawArticle",
        json!({ "id": article["id"], "revision": article["revision"], "reason": "Wrong." }),
    );
    publish(&server, "Snow");
    assert_eq!(headline(socket.message()), "Snow");
    write(
        &server,
        "publishArticle",
        json!({ "id": withdrawn["id"], "revision": withdrawn["revision"] }),
    );
    assert_eq!(headline(socket.message()), "Rain");
}

fn nobody_hears_of_what_they_may_not_see(store: &Store) {
    let server = serve(store, &[]);
    publish(&server, "Open");
    let start = cursors(&server, None).last().unwrap().clone();
    let mut everyone = Socket::acknowledged(&server, None);
    everyone.subscribe("a", CHANGES, json!({ "after": start }));
    let editor = token("editor", &[]);
    let mut newsroom = Socket::acknowledged(&server, Some(&editor));
    newsroom.subscribe("a", CHANGES, json!({ "after": start }));
    // Each has a log of their own.
    assert_eq!(
        newsroom.message()["payload"][0]["extensions"]["code"],
        "START_AGAIN"
    );
    newsroom.subscribe("b", CHANGES, json!({}));
    std::thread::sleep(Duration::from_millis(300));
    let hidden = draft(&server, "Hidden");
    assert_eq!(
        newsroom.message()["payload"]["data"]["changes"]["nodeId"],
        hidden["id"]
    );
    assert_eq!(everyone.message_within(Duration::from_secs(1)), None);
    let open = publish(&server, "Open too");
    assert_eq!(
        everyone.message()["payload"]["data"]["changes"]["nodeId"],
        open["id"]
    );
}

fn a_stream_ends_with_its_token(store: &Store) {
    let server = serve(store, &[]);
    let short = || Token::of("editor").claim("exp", now() + 2).sign();
    let mut socket = Socket::acknowledged(&server, Some(&short()));
    socket.subscribe("a", CHANGES, json!({}));
    let (code, reason) = socket.closed();
    assert_eq!(code, 4401);
    assert!(reason.contains("expired"), "{reason}");
    let bearer = format!("Bearer {}", short());
    let headers = [("authorization", bearer.as_str())];
    let mut events = EventSource::open(&server, CHANGES, &json!({}), &headers);
    let last = events.next_event();
    assert_eq!(
        last.data["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    assert_eq!(events.next_event().kind, "complete");
}

fn a_reader_that_takes_nothing_is_cut_off(store: &Store) {
    let server = serve(
        store,
        &[
            ("MASTHEAD_SUBSCRIPTIONS_STALLED_SECONDS", "1"),
            ("MASTHEAD_SUBSCRIPTIONS_MAX_OPERATIONS", "1000"),
        ],
    );
    publish(&server, "Rain");
    let mut socket = Socket::acknowledged(&server, None);
    // More than the buffers of both ends have room for, from a client that reads none of it.
    let articles = "{ latest(first: 1) { nodes { body { html text markdown } headline } } __schema { types { name description fields { name description } } } }";
    for number in 0..400 {
        socket.subscribe(&format!("q{number}"), articles, json!({}));
    }
    std::thread::sleep(Duration::from_secs(4));
    let metrics = server.get("/metrics").text().unwrap();
    assert!(
        metrics.contains("streams_cut_off_total{transport=\"websocket\",reason=\"stalled\"} 1"),
        "{metrics}"
    );
}

fn a_server_that_stops_says_so(store: &Store) {
    let server = serve(store, &[]);
    let mut socket = Socket::acknowledged(&server, None);
    socket.subscribe("a", CHANGES, json!({}));
    let mut events = EventSource::open(&server, CHANGES, &json!({}), &[]);
    let stopping = std::thread::spawn(move || server.stop());
    assert_eq!(socket.closed().0, 1001);
    // Without 'complete': the client connects again.
    assert!(events.is_over());
    let stopped = stopping.join().unwrap();
    assert!(stopped.status.success(), "{}", stopped.err);
}
