//! Conditions, caches and refusals.

use std::time::Duration;

use serde_json::json;

use super::{Desk, asks, embargo, get, problem, read};
use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(
    what_has_not_changed_is_not_sent_again,
    what_cannot_be_answered_is_a_problem,
);

fn what_has_not_changed_is_not_sent_again(store: &Store) {
    let server = Server::with_sample_content(store);
    let desk = Desk(&server);
    let article = desk.write(
        "createArticle",
        &json!({ "headline": "A river rises", "body": { "text": "It rained." } }),
    );
    let article = desk.step("publishArticle", &article, json!({}));
    let item = format!("/ninjs/items/{}", article["id"].as_str().unwrap());
    // A change of the very second is not told by a time.
    std::thread::sleep(Duration::from_millis(2_200));
    let paths = [
        item.as_str(),
        "/ninjs/latest?first=2",
        "/ninjs/changes?first=100",
    ];
    let header = |response: &reqwest::blocking::Response, name: &str| {
        let value = response.headers().get(name);
        value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    };
    let mut before = Vec::new();
    for path in paths {
        let response = get(&server, path, None);
        let (tag, modified) = (
            header(&response, "etag"),
            header(&response, "last-modified"),
        );
        assert!(tag.starts_with('"'), "a strong tag of {path}: {tag}");
        assert!(modified.ends_with("GMT"), "{path}: {modified}");
        let cache_control = header(&response, "cache-control");
        assert!(cache_control.contains("public"), "{path}: {cache_control}");
        assert!(!header(&response, "cache-tag").is_empty(), "{path}");
        let bytes = response.bytes().unwrap();
        assert_eq!(get(&server, path, None).bytes().unwrap(), bytes);
        for (name, value) in [("if-none-match", &tag), ("if-modified-since", &modified)] {
            let request = server.request("GET", path).header(name, value);
            let response = request.send().unwrap();
            assert_eq!(response.status(), 304, "{path} {name}: {value}");
            assert!(response.bytes().unwrap().is_empty());
        }
        let coded = server
            .request("GET", path)
            .header("accept-encoding", "gzip")
            .send()
            .unwrap();
        assert_eq!(header(&coded, "content-encoding"), "gzip", "{path}");
        before.push((path, tag));

        let partner = embargo();
        let response = get(&server, path, Some(&partner));
        let cache_control = header(&response, "cache-control");
        assert!(cache_control.contains("private"), "{path}: {cache_control}");
        assert_eq!(header(&response, "cache-tag"), "");
    }
    desk.step(
        "updateArticle",
        &article,
        json!({ "headline": "A river falls" }),
    );
    for (path, tag) in before {
        let request = server.request("GET", path).header("if-none-match", &tag);
        let response = request.send().unwrap();
        assert_eq!(response.status(), 200, "{path} has changed");
        assert_ne!(header(&response, "etag"), tag);
        assert!(response.text().unwrap().contains("A river falls"), "{path}");
    }
    let latest = get(&server, "/ninjs/latest?first=2", None);
    let link = header(&latest, "link");
    let next = latest.json::<serde_json::Value>().unwrap()["next"].clone();
    assert_eq!(link, format!("<{}>; rel=\"next\"", next.as_str().unwrap()));
}

fn what_cannot_be_answered_is_a_problem(store: &Store) {
    let server = Server::with_sample_content(store);
    for (path, status, code) in [
        ("/ninjs/latest?limit=3", 400, "BAD_USER_INPUT"),
        ("/ninjs/latest?first=three", 400, "BAD_USER_INPUT"),
        ("/ninjs/latest?first=101", 400, "BAD_USER_INPUT"),
        ("/ninjs/latest?first=-1", 400, "BAD_USER_INPUT"),
        ("/ninjs/latest?first=3&first=4", 400, "BAD_USER_INPUT"),
        ("/ninjs/latest?after=nonsense", 400, "INVALID_CURSOR"),
        ("/ninjs/changes?after=nonsense", 400, "INVALID_CURSOR"),
        ("/ninjs/changes?section=one", 400, "BAD_USER_INPUT"),
        ("/ninjs/items/there-is-none", 404, "NOT_FOUND"),
        ("/ninjs/items/%FF", 400, "BAD_REQUEST"),
        ("/ninjs/items/a%2Fb", 404, "NOT_FOUND"),
        ("/ninjs", 404, "NOT_FOUND"),
    ] {
        assert_eq!(
            problem(&server, path, None),
            (status, code.to_owned()),
            "{path}"
        );
    }
    let unknown = asks(server.request("GET", "/ninjs/latest"), Some("nonsense"));
    assert_eq!(unknown.send().unwrap().status(), 401);
    let posted = server.post("/ninjs/latest").send().unwrap();
    assert_eq!(posted.status(), 405);
    let first = read(&server, "/ninjs/changes?first=1", None);
    let next = first["next"].as_str().unwrap().to_owned();
    server.stop();

    store.execute("UPDATE change SET at = at - 259200000");
    let server = Server::start(store);
    let desk = Desk(&server);
    let articles = server.query("{ latest(first: 30) { nodes { id revision } } }", json!({}));
    for article in articles["latest"]["nodes"].as_array().unwrap() {
        let standfirst = json!({ "standfirst": "It is so." });
        desk.step("updateArticle", article, standfirst);
    }
    let pruned = crate::harness::Masthead::new(["prune", "--older-than", "1d"])
        .on(store)
        .run();
    assert_eq!(pruned.code, Some(0), "{pruned:?}");
    server.hear_of_other_processes();
    assert_eq!(
        problem(&server, &next, None),
        (410, "START_AGAIN".to_owned())
    );
    assert!(
        !read(&server, "/ninjs/changes?first=100", None)["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
