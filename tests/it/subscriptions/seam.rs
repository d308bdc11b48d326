//! Between what was missed and what comes nothing is lost and nothing comes twice.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use super::{CHANGES, cursors, event_source::EventSource, publish, serve, socket::Socket};
use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(
    nothing_is_missed_or_doubled_at_the_seam,
    nothing_is_missed_or_doubled_while_another_node_writes,
    a_cursor_goes_on_after_a_restart,
);

/// A subscriber waits here until it is looked at, and answers no ping meanwhile.
const PATIENT: [(&str, &str); 1] = [("MASTHEAD_SUBSCRIPTIONS_KEEP_ALIVE_SECONDS", "600")];

fn nothing_is_missed_or_doubled_at_the_seam(store: &Store) {
    let server = serve(store, &PATIENT);
    hammer(&server, &server);
}

fn nothing_is_missed_or_doubled_while_another_node_writes(store: &Store) {
    hammer(&serve(store, &PATIENT), &serve(store, &PATIENT));
}

/// Subscribers that begin, one after the other, at whatever moment while one node writes: at another, or at the same.
fn hammer(writing: &Server, telling: &Server) {
    publish(writing, "The first");
    let start = cursors(writing, None).last().unwrap().clone();
    let (is_over, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // However quick the machine is, until some have begun meanwhile.
            let mut number = 0;
            while number < 60 || (begun.load(Ordering::SeqCst) < 12 && number < 6_000) {
                publish(writing, &format!("Rain {number}"));
                number += 1;
            }
            is_over.store(true, Ordering::SeqCst);
        });
        // From the start, or from where another stood.
        let mut open: Vec<(Socket, Option<String>, Vec<String>)> = Vec::new();
        let mut after = Some(start.clone());
        while !is_over.load(Ordering::SeqCst) {
            let mut socket = Socket::acknowledged(telling, None);
            socket.subscribe("a", CHANGES, json!({ "after": after }));
            let mut heard = Vec::new();
            for _ in 0..3 {
                let Some(message) = socket.message_within(Duration::from_secs(5)) else {
                    break;
                };
                heard.push(cursor(&message));
            }
            std::thread::sleep(Duration::from_millis(50));
            let stood = heard.last().cloned();
            open.push((socket, after.clone(), heard));
            begun.fetch_add(1, Ordering::SeqCst);
            after = if open.len().is_multiple_of(2) {
                Some(start.clone())
            } else {
                stood.or(after)
            };
        }
        assert!(open.len() >= 12, "{}", open.len());
        publish(writing, "The last");
        for (mut socket, after, mut heard) in open {
            let all = cursors(writing, after);
            while heard.len() < all.len() {
                heard.push(cursor(&socket.message()));
            }
            assert_eq!(heard, all);
            assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len());
            assert_eq!(socket.message_within(Duration::from_millis(10)), None);
        }
    });
}

#[track_caller]
fn cursor(message: &Value) -> String {
    let cursor = &message["payload"]["data"]["changes"]["cursor"];
    let cursor = cursor.as_str();
    cursor
        .unwrap_or_else(|| panic!("no change: {message}"))
        .to_owned()
}

fn a_cursor_goes_on_after_a_restart(store: &Store) {
    let server = serve(store, &[]);
    publish(&server, "Before");
    let mut socket = Socket::acknowledged(&server, None);
    let start = cursors(&server, None)[0].clone();
    publish(&server, "While it runs");
    socket.subscribe("a", CHANGES, json!({ "after": start }));
    let last = cursor(&socket.message());
    // Without a word, as it happens.
    server.signal_kill();
    drop((socket, server));
    let server = serve(store, &[]);
    publish(&server, "After it");
    let missed = cursors(&server, Some(last.clone()));
    assert!(!missed.is_empty());
    let mut socket = Socket::acknowledged(&server, None);
    socket.subscribe("a", CHANGES, json!({ "after": last }));
    let mut events = EventSource::open(&server, CHANGES, &json!({ "after": last }), &[]);
    for wanted in &missed {
        assert_eq!(cursor(&socket.message()), *wanted);
        assert_eq!(events.next_event().id, *wanted);
    }
    assert_eq!(socket.message_within(Duration::from_millis(300)), None);
}
