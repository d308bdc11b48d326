//! Subscribers that fail, stall and are gone; a node that is killed, and the one that takes over.

use std::{thread, time::Duration};

use super::{LATEST, QUIET, SOON, asked, says, serve, subscribe};
use crate::{
    feeds::publish,
    harness::{Manner, Store, Subscriber, on_both_databases},
};

on_both_databases!(
    who_fails_is_told_later_and_who_is_gone_is_not,
    who_stalls_holds_up_nobody,
    each_who_stalls_holds_one_place,
    of_two_nodes_one_tells_and_the_other_takes_over,
);

fn who_fails_is_told_later_and_who_is_gone_is_not(store: &Store) {
    let server = serve(store, &[]);
    let failing = Subscriber::behaving(Manner::Confirming(500));
    let gone = Subscriber::behaving(Manner::Confirming(410));
    for subscriber in [&failing, &gone] {
        subscribe(&server, LATEST, subscriber, &[]);
    }
    publish(&server, "Rain");
    failing.wait("POST", SOON, says("Rain"));
    gone.wait("POST", SOON, says("Rain"));
    publish(&server, "Hail");
    thread::sleep(QUIET);
    failing.behave(Manner::Confirming(200));
    // What it missed is told together.
    let told = failing.wait("POST", SOON * 3, says("Hail"));
    assert!(says("Rain")(&told));
    let times = failing.heard("POST").len();
    thread::sleep(QUIET);
    assert_eq!(failing.heard("POST").len(), times);
    assert_eq!(gone.heard("POST").len(), 1);
    let metrics = server.get("/metrics").text().unwrap();
    assert!(
        metrics.contains("websub_deliveries_total{outcome=\"gone\"} 1"),
        "{metrics}"
    );
    assert!(metrics.contains("websub_subscriptions 1"), "{metrics}");
}

fn who_stalls_holds_up_nobody(store: &Store) {
    let server = serve(store, &[]);
    let stalling = Subscriber::behaving(Manner::Confirming(200));
    let listening = Subscriber::behaving(Manner::Confirming(200));
    for subscriber in [&stalling, &listening] {
        subscribe(&server, LATEST, subscriber, &[]);
    }
    stalling.behave(Manner::Stalling);
    for headline in ["Rain", "Hail"] {
        publish(&server, headline);
        listening.wait("POST", SOON, says(headline));
    }
    stalling.behave(Manner::Confirming(200));
    stalling.wait("POST", SOON * 3, says("Hail"));
}

fn each_who_stalls_holds_one_place(store: &Store) {
    // Longer than anybody here waits for.
    let server = serve(store, &[("MASTHEAD_OUTGOING_TIMEOUT_SECONDS", "60")]);
    let stalling: Vec<Subscriber> = (0..8)
        .map(|_| Subscriber::behaving(Manner::Confirming(200)))
        .collect();
    for subscriber in &stalling {
        subscribe(&server, LATEST, subscriber, &[]);
        subscriber.behave(Manner::Stalling);
    }
    let listening = Subscriber::behaving(Manner::Confirming(200));
    subscribe(&server, LATEST, &listening, &[]);
    for headline in ["Rain", "Hail", "Snow"] {
        publish(&server, headline);
        listening.wait("POST", SOON, says(headline));
    }
    for subscriber in &stalling {
        subscriber.wait("POST", SOON, says("Rain"));
        assert_eq!(subscriber.heard("POST").len(), 1);
    }
    // Nor do those hold up anybody who are asked whether they want what was asked for, and say nothing.
    let silent: Vec<Subscriber> = (0..8)
        .map(|_| Subscriber::behaving(Manner::Stalling))
        .collect();
    for subscriber in &silent {
        asked(&server, "subscribe", LATEST, subscriber, &[]);
    }
    for subscriber in &silent {
        subscriber.wait("GET", SOON, |_| true);
    }
    let other = Subscriber::behaving(Manner::Confirming(200));
    subscribe(&server, "/feeds/latest.json", &other, &[]);
    publish(&server, "Fog");
    other.wait("POST", SOON, says("Fog"));
    listening.wait("POST", SOON, says("Fog"));
    assert_eq!(listening.heard("POST").len(), 4);
}

fn of_two_nodes_one_tells_and_the_other_takes_over(store: &Store) {
    let mut nodes = vec![serve(store, &[]), serve(store, &[])];
    let subscriber = Subscriber::behaving(Manner::Confirming(200));
    asked(&nodes[0], "subscribe", LATEST, &subscriber, &[]);
    subscriber.wait("GET", SOON, |_| true);
    thread::sleep(Duration::from_secs(1));
    for headline in ["Rain", "Hail", "Snow"] {
        publish(&nodes[0], headline);
        subscriber.wait("POST", SOON, says(headline));
    }
    thread::sleep(QUIET);
    assert_eq!(subscriber.heard("POST").len(), 3);
    // Killed while it delivers, maybe: the other goes on, and nothing is lost.
    subscriber.behave(Manner::Stalling);
    publish(&nodes[1], "Fog");
    thread::sleep(Duration::from_secs(2));
    let killed = nodes.remove(0);
    killed.signal_kill();
    drop(killed);
    subscriber.behave(Manner::Confirming(200));
    publish(&nodes[0], "Sun");
    subscriber.wait("POST", SOON * 5, says("Sun"));
}
