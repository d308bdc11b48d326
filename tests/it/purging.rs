//! A CDN is told of changes: soon, again where it did not listen, and of nothing less after a restart.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cdn, Masthead, SECRET, Server, Store, now, on_both_databases, token};

on_both_databases!(
    a_cdn_is_told_soon_of_what_changed,
    a_cdn_that_does_not_listen_is_told_again,
    a_cdn_is_left_alone_for_as_long_as_it_asks,
    a_restart_and_many_nodes_miss_nothing,
    what_the_clock_publishes_is_purged,
);

const SOON: Duration = Duration::from_secs(6);
const AFTER_FAILURES: Duration = Duration::from_secs(40);

fn serve(store: &Store, cdn: &Cdn, more: &[(&str, &str)]) -> Server {
    let mut command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env("MASTHEAD_CDN_PURGE_URL", &cdn.url())
        .env(
            "MASTHEAD_CDN_PURGE_HEADERS",
            "Fastly-Key: moonlight\nX-Of: a, b",
        );
    for (name, value) in more {
        command = command.env(name, value);
    }
    Server::run(command)
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

/// Publishes an article, and answers its row's tag.
fn publish(server: &Server, headline: &str) -> String {
    let draft = draft(server, headline);
    let input = json!({ "id": draft["id"], "revision": draft["revision"] });
    write(server, "publishArticle", input);
    row(&draft)
}

fn row(article: &Value) -> String {
    format!("row-{}", article["id"].as_str().unwrap())
}

fn a_cdn_is_told_soon_of_what_changed(store: &Store) {
    let cdn = Cdn::answering(200);
    let server = serve(store, &cdn, &[]);
    // What the CDN holds from before is not known.
    let first = cdn.wait(SOON, |asked| asked.names("everything"));
    assert_eq!(first.line, "POST /service/magazine/purge HTTP/1.1");
    assert_eq!(first.header("fastly-key"), "moonlight");
    assert_eq!(first.header("x-of"), "a, b");
    assert!(first.header("user-agent").starts_with("masthead/"));

    let hidden = row(&draft(&server, "A draft"));
    let published = publish(&server, "Rain");
    let told = cdn.wait(SOON, |asked| asked.names(&published));
    for tag in ["changes", "kind-article", "list-all", "slug-rain"] {
        assert!(told.names(tag), "{told:?}");
    }
    assert!(!told.names("everything"), "{told:?}");
    assert!(cdn.asked().iter().all(|asked| !asked.names(&hidden)));
    let asked = cdn.asked().len();
    // Nothing is told twice.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(cdn.asked().len(), asked);
    let metrics = server.get("/metrics").text().unwrap();
    assert!(metrics.contains("cdn_purge_requests_total 2"), "{metrics}");
    assert!(metrics.contains("cdn_purge_tags_waiting 0"), "{metrics}");
}

fn a_cdn_that_does_not_listen_is_told_again(store: &Store) {
    let cdn = Cdn::answering(503);
    let more = [
        ("MASTHEAD_CDN_PURGE_DELAY_MILLISECONDS", "0"),
        ("MASTHEAD_CDN_PURGE_FORMAT", "json-tags"),
        ("MASTHEAD_CDN_PURGE_METHOD", "PURGE"),
        ("MASTHEAD_CDN_PURGE_BATCH", "2"),
    ];
    let server = serve(store, &cdn, &more);
    cdn.wait(SOON, |asked| asked.status == 503);
    // It holds up nobody.
    let before = publish(&server, "Rain");
    cdn.answer_with(200);
    let told = cdn.wait(AFTER_FAILURES, |asked| {
        asked.status == 200 && asked.body.contains("everything")
    });
    assert_eq!(told.line, "PURGE /service/magazine/purge HTTP/1.1");
    assert_eq!(told.header("content-type"), "application/json");
    let published = publish(&server, "Hail");
    assert_ne!(before, published);
    let told = cdn.wait(SOON, |asked| asked.body.contains(&published));
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(body["tags"].as_array().unwrap().len(), 2, "{body}");
    assert_eq!(told.header("surrogate-key"), "");
}

fn a_cdn_is_left_alone_for_as_long_as_it_asks(store: &Store) {
    let cdn = Cdn::answering(429);
    cdn.retry_after("6");
    let at_once = [("MASTHEAD_CDN_PURGE_DELAY_MILLISECONDS", "0")];
    let _nodes = [serve(store, &cdn, &at_once), serve(store, &cdn, &at_once)];
    let refused = cdn.wait(SOON, |asked| asked.status == 429);
    cdn.answer_with(200);
    // By every node, each of which would try again within the first second.
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(cdn.asked().len(), 1, "{:#?}", cdn.asked());
    let told = cdn.wait(AFTER_FAILURES, |asked| asked.status == 200);
    // Seconds are counted from when the answer is there.
    assert!(told.at - refused.at > Duration::from_millis(5_900));
}

fn a_restart_and_many_nodes_miss_nothing(store: &Store) {
    let cdn = Cdn::answering(200);
    let at_once = [("MASTHEAD_CDN_PURGE_DELAY_MILLISECONDS", "0")];
    let server = serve(store, &cdn, &at_once);
    publish(&server, "Before");
    cdn.wait(SOON, |asked| asked.names("everything"));
    cdn.wait(SOON, |asked| {
        asked.names("slug-before") || asked.names("everything")
    });
    std::thread::sleep(Duration::from_secs(1));
    cdn.answer_with(503);
    let missed = publish(&server, "Rain");
    cdn.wait(SOON, |asked| asked.names(&missed) && asked.status == 503);
    server.signal_kill();
    drop(server);
    cdn.answer_with(200);
    let nodes = [serve(store, &cdn, &at_once), serve(store, &cdn, &at_once)];
    cdn.wait(AFTER_FAILURES, |asked| {
        asked.names(&missed) && asked.status == 200
    });
    let published = publish(&nodes[0], "Hail");
    cdn.wait(SOON, |asked| asked.names(&published));
    std::thread::sleep(Duration::from_secs(2));
    let asked = cdn.asked();
    let taken = asked.iter().filter(|asked| asked.status == 200);
    let of = |tag: &str| taken.clone().filter(|asked| asked.names(tag)).count();
    assert_eq!((of(&missed), of(&published)), (1, 1), "{asked:#?}");
    assert_eq!(of("everything"), 1, "{asked:#?}");
}

fn what_the_clock_publishes_is_purged(store: &Store) {
    let cdn = Cdn::answering(200);
    let server = serve(store, &cdn, &[]);
    let draft = draft(&server, "Rain");
    let at = chrono::DateTime::from_timestamp(now() + 3, 0).unwrap();
    let input = json!({ "id": draft["id"], "revision": draft["revision"], "publishAt": at });
    write(&server, "scheduleArticle", input);
    cdn.wait(Duration::from_secs(12), |asked| asked.names(&row(&draft)));
    assert!(now() >= at.timestamp());
}

#[test]
fn a_wrong_setting_is_told_before_anything_is_served() {
    for (variable, value, mend) in [
        ("PURGE_URL", "api.fastly.com", "write one such as 'https://"),
        ("PURGE_METHOD", "p u", "write 'POST'"),
        ("PURGE_FORMAT", "xml", "`surrogate-key` or `json-tags`"),
        ("PURGE_BATCH", "0", "as in 30"),
        ("PURGE_HEADERS", "moonlight", "'Name: value'"),
    ] {
        let variable = format!("MASTHEAD_CDN_{variable}");
        let output = Masthead::new(["serve"]).env(&variable, value).run();
        assert_eq!(output.code, Some(2), "{output:#?}");
        assert!(
            output.err.contains(&variable) && output.err.contains(mend),
            "{output:#?}"
        );
        assert!(!output.err.contains("moonlight"), "{output:#?}");
    }
    let shown = Masthead::new(["settings"])
        .env("MASTHEAD_CDN_PURGE_HEADERS", "Fastly-Key: moonlight")
        .run()
        .succeeded();
    assert!(!shown.out.contains("moonlight"), "{shown:#?}");
}
