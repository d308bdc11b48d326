//! Feeds that somebody subscribes to, and that are no more or cannot be made.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;

use super::{LATEST, QUIET, SOON, says, serve, subscribe};
use crate::{
    feeds::{PUBLIC_URL, of, publish, write},
    harness::{Heard, Manner, Store, Subscriber, on_both_databases, token},
};

on_both_databases!(
    who_subscribes_to_a_feed_that_is_no_more_is_told,
    a_feed_that_cannot_be_made_holds_up_no_other,
);

fn who_subscribes_to_a_feed_that_is_no_more_is_told(store: &Store) {
    const WEATHER: &str = "/feeds/sections/weather.atom";
    let server = serve(store, &[]);
    let save = "mutation { saveSection(input: { slug: \"weather\", name: \"Weather\" }) { errors { message } } }";
    let saved = server.query_as(&token("publisher", &[]), save, json!({}));
    assert_eq!(saved["saveSection"]["errors"], json!([]));
    let behaving = Subscriber::behaving(Manner::Confirming(200));
    let failing = Subscriber::behaving(Manner::Confirming(200));
    let staying = Subscriber::behaving(Manner::Confirming(200));
    for (path, subscriber) in [
        (WEATHER, &behaving),
        (WEATHER, &failing),
        (LATEST, &staying),
    ] {
        subscribe(&server, path, subscriber, &[("hub.secret", "moonlight")]);
    }
    // No mutation deletes a section: an operator does, or an older copy is taken up again.
    drop(server);
    store.execute("DELETE FROM section WHERE slug = 'weather'");
    failing.behave(Manner::Stalling);
    let server = serve(store, &[]);
    assert_eq!(server.get(WEATHER).status().as_u16(), 404);
    let is_denied = |heard: &Heard| heard.parameter("hub.mode") == "denied";
    let denied = behaving.wait("GET", SOON * 4, is_denied);
    assert_eq!(
        denied.parameter("hub.topic"),
        format!("{PUBLIC_URL}{WEATHER}")
    );
    assert_eq!(
        denied.parameter("hub.reason"),
        "There is no such feed any more."
    );
    assert_eq!(denied.parameter("hub.challenge"), "");
    assert_eq!(denied.parameter("of"), "magazine");
    failing.wait("GET", SOON, is_denied);
    failing.behave(Manner::Confirming(200));
    failing.wait("GET", SOON * 2, is_denied);
    publish(&server, "Rain");
    staying.wait("POST", SOON, says("Rain"));
    thread::sleep(QUIET);
    assert_eq!(
        behaving
            .heard("GET")
            .iter()
            .filter(|heard| is_denied(heard))
            .count(),
        1
    );
    assert_eq!(
        behaving.heard("POST").len() + failing.heard("POST").len(),
        0
    );
    assert_eq!(store.number("SELECT COUNT(*) FROM websub_subscription"), 1);
}

fn a_feed_that_cannot_be_made_holds_up_no_other(store: &Store) {
    const DESK: &str = "/feeds/contributors/weather-desk.atom";
    let server = serve(store, &[]);
    let save = "mutation { saveContributor(input: { slug: \"weather-desk\", name: \"Weather desk\", kind: DESK }) { errors { message } } }";
    let saved = server.query_as(&token("publisher", &[]), save, json!({}));
    assert_eq!(saved["saveContributor"]["errors"], json!([]));
    let [waiting, listening] = [(); 2].map(|()| Subscriber::behaving(Manner::Confirming(200)));
    for (path, subscriber) in [(DESK, &waiting), (LATEST, &listening)] {
        subscribe(&server, path, subscriber, &[]);
    }
    drop(server);
    let becomes = |kind: &str| {
        let change = format!("UPDATE contributor SET kind = '{kind}' WHERE slug = 'weather-desk'");
        store.execute(&change);
    };
    becomes("NOBODY");
    let server = serve(store, &[]);
    assert_eq!(server.get(DESK).status().as_u16(), 500);
    wait_for_the_claim(store);
    for headline in ["Rain", "Hail"] {
        publish(&server, headline);
        listening.wait("POST", SOON, says(headline));
    }
    becomes("DESK");
    assert_eq!(server.get(DESK).status().as_u16(), 200);
    let input =
        json!({ "headline": "Sun", "body": { "text": "It shone." }, "bylines": ["weather-desk"] });
    let article = write(&server, "createArticle", input);
    write(&server, "publishArticle", of(&article, json!({})));
    waiting.wait("POST", Duration::from_secs(45), says("Sun"));
    assert_eq!(waiting.heard("POST").len(), 1);
}

/// Waits until nobody holds the claim to tell: a server that was killed may have left it, for 17 seconds.
fn wait_for_the_claim(store: &Store) {
    for _ in 0..250 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let held_until = store.number("SELECT held_until FROM websub_hub");
        if u128::try_from(held_until).unwrap() <= now.as_millis() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the claim is still held");
}
