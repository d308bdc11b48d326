//! How much partners ask for: in the metrics, and in a query for administrators.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::{bound, save, serve};
use crate::harness::{Server, Store, on_both_databases, token};

on_both_databases!(
    what_a_partner_asks_for_is_added_up,
    what_was_added_up_outlives_the_server,
);

const USAGE: &str = "query($from: Date!, $to: Date!, $partner: ID) { usage(from: $from, to: $to, partner: $partner) {
  partner { id name } day requests refused bytes } }";

fn usage_of(server: &Server, partner: Option<&Value>) -> Value {
    let asked = json!({ "from": "2020-01-01", "to": "2100-01-01", "partner": partner });
    server.query_as(&token("admin", &[]), USAGE, asked)["usage"].take()
}

/// Waits until so many requests of a partner are written down, and answers with its days' sums: requests, refused, bytes.
#[track_caller]
fn wait_for(server: &Server, partner: &Value, requests: f64) -> [String; 3] {
    for _ in 0..100 {
        let used = usage_of(server, Some(partner));
        // There may be two days, at midnight.
        let sum = |field: &str| {
            let days = used.as_array().unwrap().iter();
            days.map(|day| day[field].as_f64().unwrap()).sum::<f64>()
        };
        if sum("requests") >= requests {
            return ["requests", "refused", "bytes"].map(|field| sum(field).to_string());
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!(
        "{requests} requests are not told of: {}",
        usage_of(server, Some(partner))
    );
}

fn what_a_partner_asks_for_is_added_up(store: &Store) {
    let server = serve(store, &[]);
    let busy = save(
        &server,
        &json!({ "name": "Busy Agency", "requestsPerMinute": 3 }),
    );
    let quiet = save(&server, &json!({ "name": "Quiet Agency" }));
    assert_eq!(usage_of(&server, None), json!([]));

    let key = bound(&busy, &[]);
    let mut bytes = 0;
    for place in 0..5 {
        let answer = server
            .request("GET", "/feeds/latest.json")
            .bearer_auth(&key)
            .send()
            .unwrap();
        let is_refused = answer.status().as_u16() == 429;
        assert_eq!(is_refused, place >= 3, "{answer:?}");
        bytes += answer.bytes().unwrap().len();
    }
    server.query_as(&bound(&quiet, &[]), "{ viewer { role } }", json!({}));
    // What has no token is nobody's, nor is what is not taken.
    server.get("/feeds/latest.json");
    let [requests, refused, sent] = wait_for(&server, &busy["id"], 5.0);
    assert_eq!([requests, refused], ["5", "2"]);
    assert_eq!(sent, bytes.to_string());
    wait_for(&server, &quiet["id"], 1.0);
    let everyone = usage_of(&server, None);
    let mut names: Vec<&str> = everyone
        .as_array()
        .unwrap()
        .iter()
        .map(|used| used["partner"]["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["Busy Agency", "Quiet Agency"]);

    let metrics = server.get("/metrics").text().unwrap();
    for line in [
        "partner_requests_total{partner=\"Busy Agency\"} 5",
        "partner_requests_refused_total{partner=\"Busy Agency\"} 2",
        "partner_requests_total{partner=\"Quiet Agency\"} 1",
    ] {
        assert!(metrics.contains(line), "no '{line}' in {metrics}");
    }
    assert!(metrics.contains(&format!(
        "partner_sent_bytes_total{{partner=\"Busy Agency\"}} {bytes}"
    )));

    // Others than administrators are told nothing, nor are they whose question makes no sense.
    let asked = json!({ "from": "2026-01-01", "to": "2026-01-02" });
    for (role, code) in [("publisher", "FORBIDDEN"), ("partner", "FORBIDDEN")] {
        let answer = server.query_raw_as(&token(role, &[]), USAGE, asked.clone());
        assert_eq!(answer.body["errors"][0]["extensions"]["code"], code);
    }
    let answer = server.query_raw(USAGE, asked);
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    let admin = token("admin", &[]);
    for (wrong, says) in [
        (json!({ "from": "2026-01-02", "to": "2026-01-01" }), "after"),
        (
            json!({ "from": "2026-01-01", "to": "2026-01-01", "partner": "QQAAAAAAAAAq" }),
            "partner",
        ),
    ] {
        let answer = server.query_raw_as(&admin, USAGE, wrong);
        let error = &answer.body["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
}

fn what_was_added_up_outlives_the_server(store: &Store) {
    let server = serve(store, &[]);
    let partner = save(&server, &json!({ "name": "Lake Agency" }));
    let ask =
        |server: &Server| server.query_as(&bound(&partner, &[]), "{ viewer { role } }", json!({}));
    ask(&server);
    // What the last second brought is written down before it stops.
    server.stop();
    let server = serve(store, &[]);
    ask(&server);
    let [requests, refused, _] = wait_for(&server, &partner["id"], 2.0);
    assert_eq!([requests, refused], ["2", "0"]);
}
