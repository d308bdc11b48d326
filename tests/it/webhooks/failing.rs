//! Receivers that fail, stall, redirect, lie and are gone; processes that are killed; nodes that share the work.

use std::{
    collections::BTreeSet,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    LATER, SOON, admin, deliveries, kept, publish, serve, tells, wait_for, webhook, write,
};
use crate::harness::{Received, Receiver, Says, Store, on_both_databases};

on_both_databases!(
    a_receiver_that_fails_is_told_again_in_order,
    a_receiver_that_fails_for_too_long_is_parked_until_someone_has_it_go_on,
    a_receiver_that_is_gone_is_parked_at_once,
    one_delivery_is_made_once_more,
    a_slow_receiver_holds_up_no_other,
    nothing_is_lost_with_a_process,
    many_nodes_deliver_one_thing_at_a_time,
);

/// What was told of, in the order in which it was acknowledged first.
fn acknowledged(received: &[Received]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let taken = received.iter().filter(|one| one.is_acknowledged());
    taken
        .filter(|one| seen.insert(one.header("webhook-id").to_owned()))
        .map(|one| one.json()["data"]["nodeId"].clone())
        .collect()
}

fn a_receiver_that_fails_is_told_again_in_order(store: &Store) {
    let elsewhere = Receiver::saying(Says::Status(200));
    let receiver = Receiver::saying(Says::Status(503));
    let server = serve(store, &[]);
    let (id, _) = webhook(&server, &admin(), &receiver);
    let articles = ["One", "Two", "Three"].map(|headline| publish(&server, headline, &json!({})));
    for (says, reason) in [
        (Says::Status(503), "it answered 503"),
        (Says::See(elsewhere.url()), "redirects are not followed"),
        (
            Says::Nothing(Duration::from_secs(3)),
            "no whole answer in time",
        ),
        (Says::Lies, "the answer broke off"),
        (Says::Floods, "it answered 500"),
    ] {
        receiver.says(says.clone());
        let begun = Instant::now();
        loop {
            let listed = deliveries(&server, &admin(), &id);
            let failure = listed.first().and_then(|one| one["failure"].as_str());
            if failure.is_some_and(|failure| failure.contains(reason)) {
                break;
            }
            assert!(begun.elapsed() < LATER, "{says:?}: {listed:#?}");
            sleep(Duration::from_millis(100));
        }
    }
    // One is tried again and again, the others wait behind it.
    let listed = deliveries(&server, &admin(), &id);
    assert_eq!(listed.len(), 1, "{listed:#?}");
    assert!(listed[0]["attempts"].as_i64().unwrap() >= 5, "{listed:#?}");
    let hook = kept(&server, &id);
    assert!(hook["failingSince"].is_string(), "{hook}");
    assert!(hook["nextAttemptAt"].is_string(), "{hook}");
    receiver.says(Says::Status(200));
    receiver.wait(LATER, |told| {
        told.is_acknowledged() && tells(told, "article.upserted", &articles[2])
    });
    let mut told = acknowledged(&receiver.received());
    told.dedup();
    assert_eq!(told, articles.map(|article| article["id"].clone()));
    assert!(elsewhere.received().is_empty());
    let hook = wait_for(&server, &id, |hook| hook["failingSince"].is_null());
    assert_eq!(hook["nextAttemptAt"], Value::Null);
    // The same identity at each attempt.
    let received = receiver.received();
    let first = received[0].header("webhook-id");
    let again = received
        .iter()
        .filter(|one| one.header("webhook-id") == first);
    assert!(again.count() > 5);
    let listed = deliveries(&server, &admin(), &id);
    assert_eq!(listed.last().unwrap()["messageId"], first);
}

fn a_receiver_that_fails_for_too_long_is_parked_until_someone_has_it_go_on(store: &Store) {
    let receiver = Receiver::saying(Says::Status(500));
    let server = serve(store, &[("MASTHEAD_WEBHOOKS_PARK_AFTER_SECONDS", "2")]);
    let (id, _) = webhook(&server, &admin(), &receiver);
    let rain = publish(&server, "Rain", &json!({}));
    let hook = wait_for(&server, &id, |hook| hook["status"] == "PARKED");
    assert_eq!(hook["parkedReason"], "it answered 500");
    assert!(hook["parkedAt"].is_string() && hook["nextAttemptAt"].is_null());
    let metrics = server.get("/metrics").text().unwrap();
    assert!(
        metrics.contains("webhook_attempts_total{outcome=\"refused\"}"),
        "{metrics}"
    );
    receiver.says(Says::Status(200));
    let hail = publish(&server, "Hail", &json!({}));
    let count = receiver.received().len();
    sleep(Duration::from_secs(1));
    assert_eq!(receiver.received().len(), count);
    // Saving it does not take it up; 'redeliver' does, from where it stood.
    let resting = json!({ "id": id, "paused": false });
    let saved = write(&server, &admin(), "saveWebhook", &resting);
    assert_eq!(saved["webhook"]["status"], "PARKED");
    let resumed = write(&server, &admin(), "redeliver", &json!({ "webhook": id }));
    assert_eq!(resumed["webhook"]["status"], "ACTIVE");
    assert_eq!(resumed["webhook"]["parkedReason"], Value::Null);
    receiver.wait(SOON, |told| {
        told.is_acknowledged() && tells(told, "article.upserted", &hail)
    });
    let told = acknowledged(&receiver.received());
    assert_eq!(told.first(), Some(&rain["id"]));
    // From another place: all from there is told again.
    wait_for(&server, &id, |hook| hook["acknowledgedAt"].is_string());
    let again = receiver.received().len();
    let first = receiver.received()[0].json()["data"]["cursor"].clone();
    let input = json!({ "webhook": id, "after": first });
    write(&server, &admin(), "redeliver", &input);
    let begun = Instant::now();
    let is_told = |told: &Received| tells(told, "article.upserted", &hail);
    while !receiver.received()[again..].iter().any(is_told) {
        assert!(begun.elapsed() < SOON, "{:#?}", receiver.received());
        sleep(Duration::from_millis(50));
    }
}

fn a_receiver_that_is_gone_is_parked_at_once(store: &Store) {
    let receiver = Receiver::saying(Says::Status(410));
    let server = serve(store, &[]);
    let (id, _) = webhook(&server, &admin(), &receiver);
    publish(&server, "Rain", &json!({}));
    let hook = wait_for(&server, &id, |hook| hook["status"] == "PARKED");
    let reason = hook["parkedReason"].as_str().unwrap();
    assert!(reason.contains("410"), "{hook}");
    sleep(Duration::from_secs(1));
    assert_eq!(receiver.received().len(), 1);
}

fn one_delivery_is_made_once_more(store: &Store) {
    let receiver = Receiver::saying(Says::Status(200));
    let server = serve(store, &[]);
    let (id, _) = webhook(&server, &admin(), &receiver);
    let rain = publish(&server, "Rain", &json!({}));
    let hail = publish(&server, "Hail", &json!({}));
    let told = receiver.wait(SOON, |told| tells(told, "article.upserted", &hail));
    let place = told.json()["data"]["cursor"].clone();
    wait_for(&server, &id, |hook| hook["acknowledgedThrough"] == place);
    let listed = deliveries(&server, &admin(), &id);
    let first = listed.iter().find(|one| one["nodeId"] == rain["id"]);
    let first = first.unwrap().clone();
    let paused = json!({ "id": id, "paused": true });
    write(&server, &admin(), "saveWebhook", &paused);
    let count = receiver.received().len();
    let input = json!({ "webhook": id, "delivery": first["id"] });
    write(&server, &admin(), "redeliver", &input);
    let begun = Instant::now();
    while receiver.received().len() == count {
        assert!(begun.elapsed() < SOON);
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_millis(800));
    let received = receiver.received();
    assert_eq!(received.len(), count + 1);
    assert_eq!(received[count].header("webhook-id"), first["messageId"]);
    assert!(tells(&received[count], "article.upserted", &rain));
    // The webhook itself stays where it is.
    let hook = kept(&server, &id);
    assert_eq!(hook["status"], "PAUSED");
    assert_eq!(hook["acknowledgedThrough"], place);
    let listed = deliveries(&server, &admin(), &id);
    let again = listed.iter().find(|one| one["id"] == first["id"]).unwrap();
    assert_eq!(again["attempts"], 2);
}

fn a_slow_receiver_holds_up_no_other(store: &Store) {
    let slow = Receiver::saying(Says::Nothing(Duration::from_secs(30)));
    let quick = Receiver::saying(Says::Status(200));
    let server = serve(store, &[("MASTHEAD_OUTGOING_TIMEOUT_SECONDS", "20")]);
    webhook(&server, &admin(), &slow);
    webhook(&server, &admin(), &quick);
    let rain = publish(&server, "Rain", &json!({}));
    slow.wait(SOON, |told| tells(told, "article.upserted", &rain));
    let hail = publish(&server, "Hail", &json!({}));
    quick.wait(SOON, |told| tells(told, "article.upserted", &hail));
    assert_eq!(slow.received().len(), 1);
}

fn nothing_is_lost_with_a_process(store: &Store) {
    let receiver = Receiver::saying(Says::Status(200));
    let mut server = serve(store, &[]);
    let (id, _) = webhook(&server, &admin(), &receiver);
    let mut published = Vec::new();
    for round in 0..4 {
        for number in 0..5 {
            let headline = format!("Headline {round} {number}");
            published.push(publish(&server, &headline, &json!({}))["id"].clone());
        }
        // In the middle of an attempt, or of many.
        receiver.says(if round % 2 == 0 {
            Says::Nothing(Duration::from_secs(2))
        } else {
            Says::Status(200)
        });
        sleep(Duration::from_millis(150 * (round + 1)));
        server.signal_kill();
        drop(server);
        receiver.says(Says::Status(200));
        server = serve(store, &[]);
    }
    let last = published.last().unwrap();
    receiver.wait(LATER, |told| {
        told.is_acknowledged() && told.json()["data"]["nodeId"] == *last
    });
    let mut told = acknowledged(&receiver.received());
    told.dedup();
    assert_eq!(told, published);
    wait_for(&server, &id, |hook| hook["failingSince"].is_null());
    server.stop();
    crate::check::sound(store);
}

fn many_nodes_deliver_one_thing_at_a_time(store: &Store) {
    let receiver = Receiver::saying(Says::Status(200));
    let nodes = [serve(store, &[]), serve(store, &[])];
    webhook(&nodes[0], &admin(), &receiver);
    let mut published = Vec::new();
    for number in 0..12 {
        let headline = format!("Headline {number}");
        published.push(publish(&nodes[number % 2], &headline, &json!({}))["id"].clone());
    }
    let last = published.last().unwrap();
    receiver.wait(LATER, |told| told.json()["data"]["nodeId"] == *last);
    sleep(Duration::from_secs(1));
    let received = receiver.received();
    // No process has ended, so everything was told once.
    let told: Vec<Value> = received
        .iter()
        .map(|one| one.json()["data"]["nodeId"].clone())
        .collect();
    assert_eq!(told, published);
    assert_eq!(receiver.most_at_once(), 1);
}
