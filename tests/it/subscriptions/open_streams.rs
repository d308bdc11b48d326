//! Streams that stay open: signs of life, slow readers, limits, the end of the server.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    CHANGES, begin, event_source::EventSource, publish, serve, socket::Socket, step, write,
};
use crate::harness::{Server, Store, on_both_databases, token};

on_both_databases!(
    silence_is_broken_and_the_silent_are_gone,
    a_reader_that_takes_nothing_is_cut_off,
    a_reader_of_events_that_takes_nothing_is_cut_off,
    there_are_limits,
    operations_are_counted_as_requests,
    a_server_that_stops_says_so,
);

/// More than the buffers of both ends have room for, if it is asked for some hundred times.
const MUCH: &str = "{ latest(first: 1) { nodes { body { html text markdown } headline } }
    __schema { types { name description fields { name description } } } }";

#[track_caller]
fn wait_for_metric(server: &Server, line: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let metrics = server.get("/metrics").text().unwrap();
        if metrics.lines().any(|shown| shown == line) {
            return;
        }
        assert!(Instant::now() < until, "no {line}: {metrics}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn silence_is_broken_and_the_silent_are_gone(store: &Store) {
    let server = serve(store, &[("MASTHEAD_SUBSCRIPTIONS_KEEP_ALIVE_SECONDS", "1")]);
    // A client that answers pings, as all do, is kept.
    let mut socket = Socket::acknowledged(&server, None);
    begin(&mut socket, CHANGES, json!({}));
    assert_eq!(socket.message_within(Duration::from_secs(4)), None);
    assert!(socket.pings() >= 3, "{}", socket.pings());
    publish(&server, "Rain");
    assert_eq!(socket.message()["type"], "next");

    // One that reads nothing answers none.
    let mut silent = Socket::acknowledged(&server, None);
    begin(&mut silent, CHANGES, json!({}));
    wait_for_metric(
        &server,
        "streams_cut_off_total{transport=\"websocket\",reason=\"gone\"} 1",
    );

    // An event stream has comments.
    let mut raw = TcpStream::connect(server.address().strip_prefix("http://").unwrap()).unwrap();
    raw.write_all(
        b"GET /graphql?query=subscription%7Bchanges%7Bcursor%7D%7D HTTP/1.1\r\nhost: masthead\r\naccept: text/event-stream\r\n\r\n",
    )
    .unwrap();
    raw.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut heard = String::new();
    while heard.matches("\n:\n\n").count() < 2 {
        let mut bytes = [0; 1024];
        let count = raw.read(&mut bytes).unwrap();
        assert!(count > 0, "{heard}");
        heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        heard = heard.replace('\r', "");
    }
    assert!(heard.starts_with("HTTP/1.1 200 OK\n"), "{heard}");
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
    for number in 0..400 {
        socket.subscribe(&format!("q{number}"), MUCH, json!({}));
    }
    wait_for_metric(
        &server,
        "streams_cut_off_total{transport=\"websocket\",reason=\"stalled\"} 1",
    );
    // When it reads again it hears why.
    let (code, reason) = socket.closed();
    assert_eq!(code, 1013);
    assert!(reason.contains("was read for too long"), "{reason}");
    wait_for_metric(&server, "streams_open{transport=\"websocket\"} 0");
}

fn a_reader_of_events_that_takes_nothing_is_cut_off(store: &Store) {
    let server = serve(store, &[("MASTHEAD_SUBSCRIPTIONS_STALLED_SECONDS", "1")]);
    publish(&server, "The first");
    let start = super::cursors(&server, None)[0].clone();
    let text = "It rained and rained.\n\n".repeat(8_000);
    for number in 0..30 {
        let input = json!({ "headline": format!("Rain {number}"), "body": { "text": text } });
        let draft = write(&server, "createArticle", input);
        write(&server, "publishArticle", step(&draft, json!({})));
    }
    let document = "subscription($after: String) { changes(after: $after) { cursor
        node { ... on Article { body { html text markdown } } } } }";
    let mut events = EventSource::open(&server, document, &json!({ "after": start }), &[]);
    wait_for_metric(
        &server,
        "streams_cut_off_total{transport=\"sse\",reason=\"stalled\"} 1",
    );
    let mut last = events.next_event();
    let mut heard = 0;
    while last.data["errors"].is_null() {
        heard += 1;
        last = events.next_event();
    }
    assert!(heard > 0);
    assert_eq!(
        last.data["errors"][0]["extensions"]["code"],
        "READER_TOO_SLOW"
    );
    // Without 'complete': it connects again, and goes on.
    assert!(events.is_over());
}

fn there_are_limits(store: &Store) {
    let server = serve(
        store,
        &[
            ("MASTHEAD_SUBSCRIPTIONS_MAX_STREAMS", "2"),
            ("MASTHEAD_SUBSCRIPTIONS_MAX_OPERATIONS", "2"),
            ("MASTHEAD_SUBSCRIPTIONS_MAX_MESSAGE_BYTES", "4096"),
        ],
    );
    let mut socket = Socket::acknowledged(&server, None);
    let events = EventSource::open(&server, CHANGES, &json!({}), &[]);
    let third = Socket::open_with(&server, Some("graphql-transport-ws"), &[]);
    assert_eq!(third.err(), Some(503));
    drop(events);
    wait_for_metric(&server, "streams_open{transport=\"sse\"} 0");

    for id in ["a", "b", "c"] {
        socket.subscribe(id, CHANGES, json!({}));
    }
    let refused = socket.message();
    assert_eq!(
        (&refused["id"], &refused["type"]),
        (&json!("c"), &json!("error"))
    );
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "TOO_MANY_STREAMS"
    );
    // One that is completed makes room, and its identity is free.
    socket.send_text(r#"{"id":"a","type":"complete"}"#);
    begin(&mut socket, CHANGES, json!({}));
    publish(&server, "Rain");
    let both = [socket.message(), socket.message()];
    assert!(
        both.iter().all(|message| message["type"] == "next"),
        "{both:?}"
    );
    assert_ne!(both[0]["id"], both[1]["id"]);

    socket.send_text(&" ".repeat(5_000));
    assert_eq!(socket.closed().0, 1009);
}

fn operations_are_counted_as_requests(store: &Store) {
    let server = serve(
        store,
        &[("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_ADDRESS", "5")],
    );
    // The handshake is one.
    let mut socket = Socket::acknowledged(&server, None);
    for number in 0..4 {
        socket.subscribe(&number.to_string(), "{ publication { title } }", json!({}));
        assert_eq!(socket.message()["type"], "next");
        assert_eq!(socket.message()["type"], "complete");
    }
    socket.subscribe("more", CHANGES, json!({}));
    let refused = socket.message();
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "TOO_MANY_REQUESTS"
    );
    let another = Socket::open_with(&server, Some("graphql-transport-ws"), &[]);
    assert_eq!(another.err(), Some(429));
    // Whoever has a token is another client.
    let bearer = format!("Bearer {}", token("editor", &[]));
    socket.send_text(r#"{"type":"ping"}"#);
    assert_eq!(socket.message()["type"], "pong");
    let headers = [("authorization", bearer.as_str())];
    let mut events = EventSource::open(&server, "{ viewer { role } }", &json!({}), &headers);
    assert_eq!(events.next_event().data["data"]["viewer"]["role"], "EDITOR");
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
