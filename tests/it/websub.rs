//! The hub from outside (WebSub): who wants it is told of changes in a feed, and nobody else.

mod failing;
mod missing_feeds;

use std::{fmt::Write as _, thread, time::Duration};

use aws_lc_rs::hmac;
use reqwest::blocking::Response;
use serde_json::json;

use crate::{
    feeds::{PUBLIC_URL, draft, header, of, publish, text, write},
    harness::{Heard, Manner, Masthead, SECRET, Server, Store, Subscriber, on_both_databases},
};

on_both_databases!(
    a_subscriber_is_sent_the_feed_as_it_is,
    nothing_is_sent_that_was_not_confirmed,
    what_cannot_be_subscribed_to_is_refused,
    a_lease_runs_out_and_can_be_renewed,
    without_a_hub_no_feed_names_one,
);

/// Until a change is told.
const SOON: Duration = Duration::from_secs(8);
/// For how long nothing has to come where nothing may.
const QUIET: Duration = Duration::from_secs(4);
const LATEST: &str = "/feeds/latest.atom";

/// A server that delivers on the loopback interface.
fn serve(store: &Store, more: &[(&str, &str)]) -> Server {
    let own = [
        ("MASTHEAD_HTTP_PUBLIC_URL", PUBLIC_URL),
        ("MASTHEAD_OUTGOING_TIMEOUT_SECONDS", "2"),
    ];
    Server::delivering(store, &[&own, more].concat())
}

/// Asks the hub, and answers what it says.
fn ask(server: &Server, fields: &[(&str, &str)]) -> Response {
    let mut form = reqwest::Url::parse("http://form.example").unwrap();
    form.query_pairs_mut().extend_pairs(fields);
    server
        .post("/websub")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap_or_default().to_owned())
        .send()
        .unwrap()
}

fn asked(server: &Server, mode: &str, path: &str, subscriber: &Subscriber, more: &[(&str, &str)]) {
    let (topic, callback) = (format!("{PUBLIC_URL}{path}"), subscriber.callback());
    let mut fields = vec![
        ("hub.mode", mode),
        ("hub.topic", &*topic),
        ("hub.callback", &*callback),
    ];
    fields.extend(more);
    let response = ask(server, &fields);
    assert_eq!(response.status().as_u16(), 202, "{response:?}");
}

/// Subscribes, and waits until the hub knows that it is wanted.
pub(crate) fn subscribe(
    server: &Server,
    path: &str,
    subscriber: &Subscriber,
    more: &[(&str, &str)],
) {
    let before = confirmed(server);
    asked(server, "subscribe", path, subscriber, more);
    for _ in 0..200 {
        if confirmed(server) > before {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("the subscription was not confirmed");
}

/// How often this server was told that something is wanted.
fn confirmed(server: &Server) -> u64 {
    let metrics = server.get("/metrics").text().unwrap();
    let line = metrics
        .lines()
        .find(|line| line.starts_with("websub_verifications_total{outcome=\"confirmed\"}"));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

fn says(headline: &str) -> impl Fn(&Heard) -> bool {
    move |heard| String::from_utf8_lossy(&heard.body).contains(headline)
}

fn signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, body);
    let bytes = signature.as_ref().iter();
    bytes.fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn a_subscriber_is_sent_the_feed_as_it_is(store: &Store) {
    let server = serve(store, &[]);
    publish(&server, "Rain");
    let secret = ("hub.secret", "moonlight");
    for extension in ["rss", "atom", "json"] {
        let path = format!("/feeds/latest.{extension}");
        let feed = server.get(&path);
        let link = header(&feed, "link");
        assert!(
            link.contains(&format!("<{PUBLIC_URL}/websub>; rel=\"hub\"")),
            "{link}"
        );
        let content_type = header(&feed, "content-type");
        assert!(feed.text().unwrap().contains("/websub"));

        let subscriber = Subscriber::behaving(Manner::Confirming(204));
        subscribe(
            &server,
            &path,
            &subscriber,
            &[secret, ("hub.lease_seconds", "3600")],
        );
        let question = &subscriber.heard("GET")[0];
        assert!(
            question.target.starts_with("/heard?of=magazine&"),
            "{question:?}"
        );
        for (name, value) in [
            ("hub.mode", "subscribe"),
            ("hub.topic", &format!("{PUBLIC_URL}{path}")),
            ("hub.lease_seconds", "3600"),
        ] {
            assert_eq!(question.parameter(name), value);
        }
        assert!(question.parameter("hub.challenge").len() >= 32);

        let hidden = draft(&server, "Moonlight drafted");
        let later = of(&hidden, json!({ "publishAt": "2099-01-01T00:00:00Z" }));
        write(&server, "scheduleArticle", later);
        let headline = format!("News of {extension}");
        publish(&server, &headline);
        let told = subscriber.wait("POST", SOON, says(&headline));
        assert_eq!(told.body, text(&server, &path).as_bytes());
        assert_eq!(told.header("content-type"), content_type);
        assert_eq!(told.header("link"), link);
        assert_eq!(
            told.header("x-hub-signature"),
            signature("moonlight", &told.body)
        );
        assert!(!says("oonlight drafted")(&told));

        let confirmed_before = confirmed(&server);
        asked(&server, "unsubscribe", &path, &subscriber, &[]);
        subscriber.wait("GET", SOON, |heard| {
            heard.parameter("hub.mode") == "unsubscribe"
        });
        while confirmed(&server) == confirmed_before {
            thread::sleep(Duration::from_millis(50));
        }
        let told = subscriber.heard("POST").len();
        assert_eq!(told, 1);
        publish(&server, "Unheard");
        thread::sleep(QUIET);
        assert_eq!(subscriber.heard("POST").len(), told);
    }
    Masthead::new(["check"]).on(store).run().succeeded();
}

fn nothing_is_sent_that_was_not_confirmed(store: &Store) {
    let server = serve(store, &[]);
    let subscribers = [Manner::Refusing, Manner::Lying].map(Subscriber::behaving);
    for subscriber in &subscribers {
        asked(&server, "subscribe", LATEST, subscriber, &[]);
        subscriber.wait("GET", SOON, |_| true);
    }
    publish(&server, "Rain");
    thread::sleep(QUIET);
    for subscriber in &subscribers {
        assert_eq!(subscriber.heard("GET").len(), 1);
        assert_eq!(subscriber.heard("POST").len(), 0);
    }
    // Who subscribes does not lose it to another's request that was not confirmed.
    let subscriber = Subscriber::behaving(Manner::Confirming(200));
    subscribe(&server, LATEST, &subscriber, &[]);
    subscriber.behave(Manner::Refusing);
    asked(&server, "unsubscribe", LATEST, &subscriber, &[]);
    subscriber.wait("GET", SOON, |heard| {
        heard.parameter("hub.mode") == "unsubscribe"
    });
    subscriber.behave(Manner::Confirming(200));
    publish(&server, "Hail");
    let told = subscriber.wait("POST", SOON, says("Hail"));
    assert_eq!(told.header("x-hub-signature"), "");
}

fn what_cannot_be_subscribed_to_is_refused(store: &Store) {
    let bounded = [
        ("MASTHEAD_WEBSUB_SUBSCRIPTIONS_PER_HOST", "1"),
        ("MASTHEAD_WEBSUB_SUBSCRIPTIONS", "2"),
    ];
    let server = serve(store, &bounded);
    let refused = |server: &Server, topic: &str, callback: &str, names: &str, status: u16| {
        let fields = [
            ("hub.mode", "subscribe"),
            ("hub.topic", topic),
            ("hub.callback", callback),
        ];
        let response = ask(server, &fields);
        assert_eq!(response.status().as_u16(), status, "{topic} {callback}");
        let detail = response.text().unwrap();
        assert!(detail.contains(names), "{detail}");
    };
    let topic = format!("{PUBLIC_URL}{LATEST}");
    let subscriber = Subscriber::behaving(Manner::Confirming(200));
    let callback = subscriber.callback();
    for wrong in [
        "https://elsewhere.example/feeds/latest.atom",
        &format!("{PUBLIC_URL}/feeds/sections/there-is-none.atom"),
        &format!("{PUBLIC_URL}/feeds/latest/2024-06/1.atom"),
        &format!("{PUBLIC_URL}/sitemap.xml"),
        &format!("{PUBLIC_URL}/x/..{LATEST}"),
        "latest",
    ] {
        refused(&server, wrong, &callback, "hub.topic", 400);
    }
    for wrong in [
        "nowhere",
        "ftp://a.example/",
        "http://10.0.0.1/",
        "http://a:b@c.example/",
    ] {
        refused(&server, &topic, wrong, "hub.callback", 400);
    }
    let plain = server.post("/websub").body("hub.mode=subscribe").send();
    assert_eq!(plain.unwrap().status().as_u16(), 415);
    let unknown = server.post("/websub").bearer_auth("no.such.token");
    assert_eq!(unknown.send().unwrap().status().as_u16(), 401);
    assert_eq!(server.get("/websub").status().as_u16(), 405);

    subscribe(&server, LATEST, &subscriber, &[]);
    refused(
        &server,
        &format!("{PUBLIC_URL}/feeds/latest.rss"),
        &callback,
        "this host",
        403,
    );
    // The same again is none more.
    subscribe(&server, LATEST, &subscriber, &[]);

    // Nobody has the server ask on its own network unless the operator allows it.
    let closed = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env("MASTHEAD_HTTP_PUBLIC_URL", PUBLIC_URL)
        .env("MASTHEAD_OUTGOING_PLAIN_HTTP", "true");
    let closed = Server::run(closed);
    refused(&closed, &topic, &callback, "hub.callback", 400);
}

fn a_lease_runs_out_and_can_be_renewed(store: &Store) {
    let server = serve(store, &[("MASTHEAD_WEBSUB_LEASE_SECONDS", "3600")]);
    let ending = Subscriber::behaving(Manner::Confirming(200));
    let renewing = Subscriber::behaving(Manner::Confirming(200));
    for subscriber in [&ending, &renewing] {
        subscribe(&server, LATEST, subscriber, &[("hub.lease_seconds", "2")]);
    }
    // No longer than the operator allows.
    subscribe(
        &server,
        LATEST,
        &renewing,
        &[("hub.lease_seconds", "999999999")],
    );
    let leases: Vec<String> = renewing
        .heard("GET")
        .iter()
        .map(|heard| heard.parameter("hub.lease_seconds"))
        .collect();
    assert_eq!(leases, ["2", "3600"]);
    thread::sleep(Duration::from_secs(3));
    publish(&server, "Rain");
    renewing.wait("POST", SOON, says("Rain"));
    assert_eq!(ending.heard("POST").len(), 0);
}

fn without_a_hub_no_feed_names_one(store: &Store) {
    let server = serve(store, &[("MASTHEAD_WEBSUB_SUBSCRIPTIONS", "0")]);
    publish(&server, "Rain");
    let feed = server.get(LATEST);
    assert!(!header(&feed, "link").contains("hub"));
    assert!(!feed.text().unwrap().contains("websub"));
    let fields = [("hub.mode", "subscribe")];
    assert_eq!(ask(&server, &fields).status().as_u16(), 404);
}
