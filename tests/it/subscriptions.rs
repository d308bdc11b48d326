//! Subscriptions: what was missed, then what comes, over WebSocket and as Server-Sent Events.

mod event_source;
mod open_streams;
mod rights;
mod seam;
pub(crate) mod socket;

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Masthead, SECRET, Server, Store, now, on_both_databases, token};
use event_source::EventSource;
use socket::Socket;

on_both_databases!(
    each_fault_has_its_close_code,
    what_does_not_validate_is_told_and_the_connection_goes_on,
    queries_and_mutations_are_answered_over_the_same_connection,
    an_event_stream_goes_on_after_the_last_event,
    latest_tells_of_each_article_as_it_appears,
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
    write(server, "publishArticle", step(&draft, json!({})))
}

/// An article at the revision at which it stands, with more.
fn step(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// Begins a subscription, and waits until it has begun: what happens from now on is told.
fn begin(socket: &mut Socket, document: &str, variables: Value) {
    socket.subscribe("a", document, variables);
    std::thread::sleep(Duration::from_millis(400));
}

/// A section.
fn section(server: &Server, slug: &str) {
    let answer = server.query_as(
        &token("publisher", &[]),
        "mutation($input: SaveSectionInput!) { saveSection(input: $input) { errors { message } } }",
        json!({ "input": { "slug": slug, "name": slug } }),
    );
    assert_eq!(answer["saveSection"]["errors"], json!([]));
}

/// An article of a section, published.
fn publish_in(server: &Server, headline: &str, section: &str) -> Value {
    let body = json!({ "text": "It rained." });
    let input = json!({ "headline": headline, "section": section, "body": body });
    let draft = write(server, "createArticle", input);
    write(server, "publishArticle", step(&draft, json!({})))
}

/// What a message tells of a change: its kind and what it is of.
fn told(message: &Value) -> (&str, &Value) {
    let change = &message["payload"]["data"]["changes"];
    let kind = change["kind"].as_str();
    (
        kind.unwrap_or_else(|| panic!("no change: {message}")),
        &change["nodeId"],
    )
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

/// All that a subscriber hears from the beginning of the log on, over WebSocket.
pub(crate) fn told_from_the_start(server: &Server, bearer: Option<&str>) -> String {
    let ask = |document: &str, variables: Value| match bearer {
        Some(bearer) => server.query_as(bearer, document, variables),
        None => server.query(document, variables),
    };
    let page = "query($first: Int!, $after: String) { changes(first: $first, after: $after) { pageInfo { hasNextPage endCursor } } }";
    let start = ask(page, json!({ "first": 0 }))["changes"]["pageInfo"]["endCursor"].take();
    let mut last = start.clone();
    loop {
        let mut page = ask(page, json!({ "first": 100, "after": last }));
        last = page["changes"]["pageInfo"]["endCursor"].take();
        if page["changes"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let mut socket = Socket::acknowledged(server, bearer);
    let document =
        "subscription($after: String) { changes(after: $after) { cursor kind nodeId cacheTags
        node { ... on Article { headline slug kicker standfirst body { text } } } } }";
    socket.subscribe("a", document, json!({ "after": start }));
    let mut heard = String::new();
    loop {
        let message = socket.message();
        assert_eq!(message["type"], "next", "{message}");
        heard.push_str(&message.to_string());
        if message["payload"]["data"]["changes"]["cursor"] == last {
            return heard;
        }
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
    for slug in ["land", "sea"] {
        section(&server, slug);
    }
    let mut of_land = Socket::acknowledged(&server, None);
    let in_land = "subscription { latest(section: \"land\") { headline } }";
    begin(&mut of_land, in_land, json!({}));
    let mut socket = Socket::acknowledged(&server, None);
    begin(
        &mut socket,
        "subscription { latest { headline } }",
        json!({}),
    );
    let headline = |message: Value| message["payload"]["data"]["latest"]["headline"].clone();

    draft(&server, "Hidden");
    let rain = publish_in(&server, "Rain", "land");
    assert_eq!(headline(socket.message()), "Rain");
    let reason = json!({ "reason": "Wrong." });
    let rain = write(&server, "withdrawArticle", step(&rain, reason));
    // An edit is none, nor is going elsewhere.
    let snow = publish_in(&server, "Snow", "sea");
    let edit = json!({ "headline": "More snow" });
    write(&server, "updateArticle", step(&snow, edit));
    assert_eq!(headline(socket.message()), "Snow");
    write(&server, "publishArticle", step(&rain, json!({})));
    assert_eq!(headline(socket.message()), "Rain");

    // By the clock, and not before.
    let due = draft(&server, "Sun");
    let at = chrono::DateTime::from_timestamp(now() + 3, 0).unwrap();
    let at = json!({ "publishAt": at.to_rfc3339() });
    write(&server, "scheduleArticle", step(&due, at.clone()));
    let due_in_land = write(
        &server,
        "createArticle",
        json!({ "headline": "Sun on land", "section": "land", "body": { "text": "It shone." } }),
    );
    write(&server, "scheduleArticle", step(&due_in_land, at));
    assert_eq!(socket.message_within(Duration::from_millis(700)), None);
    let both = [headline(socket.message()), headline(socket.message())];
    assert!(both.contains(&json!("Sun")), "{both:?}");
    assert!(both.contains(&json!("Sun on land")), "{both:?}");

    // What the query lists with the same argument, each once for each time that it came.
    for wanted in ["Rain", "Rain", "Sun on land"] {
        assert_eq!(headline(of_land.message()), wanted);
    }
    let listed = server.query(
        "{ latest(section: \"land\") { nodes { headline } } }",
        json!({}),
    );
    assert_eq!(
        listed["latest"]["nodes"],
        json!([{ "headline": "Sun on land" }, { "headline": "Rain" }])
    );
    for socket in [&mut of_land, &mut socket] {
        assert_eq!(socket.message_within(Duration::from_millis(300)), None);
    }
}
