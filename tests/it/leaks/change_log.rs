//! The change log, followed from its beginning to its end.

use std::{thread, time::Duration};

use serde_json::Value;

use super::{
    exchange::Asking,
    selection::{Extent, Selections},
};
use crate::harness::{Masthead, SECRET, Server, Store};

/// How many changes a page has: no divisor of what one write notes, so that pages end anywhere.
const PAGE: usize = 7;
/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Follows the log page by page, and answers the cursors at which the pages end.
pub(super) fn follow(asking: &mut Asking<'_>, selections: &mut Selections<'_>) -> Vec<String> {
    let selection = selections.of("ChangeConnection", Extent::Brief);
    let mut ends: Vec<String> = Vec::new();
    loop {
        let after = ends
            .last()
            .map(|cursor| format!(", after: \"{cursor}\""))
            .unwrap_or_default();
        let document = format!("{{ changes(first: {PAGE}{after}) {selection} }}");
        let body = asking.post(&document, "application/graphql-response+json");
        let answer: Value = serde_json::from_str(&body).unwrap();
        let place = &answer["data"]["changes"]["pageInfo"];
        let Some(end) = place["endCursor"].as_str() else {
            panic!("{document}\nanswered {answer:#}")
        };
        ends.push(end.to_owned());
        if place["hasNextPage"] == false {
            return ends;
        }
    }
}

/// Goes on from places at which a reader stood before.
pub(super) fn go_on(asking: &mut Asking<'_>, from: &[String]) {
    for cursor in from {
        let document = format!(
            "{{ changes(first: 2, after: \"{cursor}\") {{ nodes {{ cursor nodeId kind }} pageInfo {{ endCursor hasNextPage }} }} }}"
        );
        asking.post(&document, "application/graphql-response+json");
    }
}

/// A server that has pruned the log of a database: all that is in it is old.
pub(super) fn serve_pruned(store: &Store) -> Server {
    store.execute(&format!("UPDATE change SET at = at - {}", 3 * DAY));
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env("MASTHEAD_DATABASE_CHANGE_LOG_DAYS", "1");
    let server = Server::run(command);
    let is_pruned = || store.number("SELECT MIN(pruned_through) FROM change_stream") > 0;
    for _ in 0..200 {
        if is_pruned() {
            return server;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the log has not been pruned within four seconds");
}
