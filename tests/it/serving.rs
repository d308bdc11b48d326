//! What a server answers beside GraphQL's answers, and how it starts and stops.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(
    it_says_where_it_listens_and_that_it_is_well,
    what_is_not_there_is_a_problem_document,
    a_running_request_is_finished_before_it_stops,
    errors_tell_nothing_of_the_inside
);

fn it_says_where_it_listens_and_that_it_is_well(store: &Store) {
    let server = Server::start(store);
    assert_eq!(
        server.ready_line(),
        format!(
            "Masthead listens on {}/ ({})",
            server.address(),
            store.product()
        )
    );
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).status().as_u16(), 200, "{path}");
    }
    server.query("query Front { latest { totalCount } }", json!({}));
    assert_eq!(
        server.error_code(
            "query Broken { latest(first: 101) { totalCount } }",
            json!({})
        ),
        "BAD_USER_INPUT"
    );
    let metrics = server.get("/metrics");
    assert_eq!(metrics.status().as_u16(), 200);
    let kind = metrics.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kind.starts_with("text/plain"), "{kind}");
    let metrics = metrics.text().unwrap();
    for told in ["Front", "_bucket{", "BAD_USER_INPUT", "# TYPE "] {
        assert!(metrics.contains(told), "no '{told}' in {metrics}");
    }
    // The exposition format: every line is a comment or a sample with a number.
    for line in metrics
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let value = line.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok(), "'{line}'");
    }
}

fn what_is_not_there_is_a_problem_document(store: &Store) {
    let server = Server::start(store);
    for (method, path, status) in [
        ("GET", "/no/such/page", 404),
        ("DELETE", "/graphql", 405),
        ("POST", "/healthz", 405),
    ] {
        let response = server.request(method, path).send().unwrap();
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            kind.starts_with("application/problem+json"),
            "{method} {path}: {kind}"
        );
        let problem: Value = response.json().unwrap();
        assert_eq!(problem["status"], status, "{problem}");
        assert!(
            problem["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty()),
            "{problem}"
        );
        assert!(problem["type"].as_str().is_some(), "{problem}");
    }
    // A request's identity is echoed, and given where there is none.
    let echoed = server
        .request("GET", "/healthz")
        .header("x-request-id", "ferry-7")
        .send()
        .unwrap();
    assert_eq!(echoed.headers()["x-request-id"], "ferry-7");
    let given = server.get("/healthz");
    assert!(given.headers()["x-request-id"].len() >= 16);
    let hostile = server
        .request("GET", "/healthz")
        .header("x-request-id", "a".repeat(5000))
        .send()
        .unwrap();
    assert!(
        hostile
            .headers()
            .get("x-request-id")
            .is_none_or(|id| id.len() < 300),
        "an identity of any length is not echoed"
    );
}

/// A client that sends all before it reads is still told why, not cut off.
#[test]
fn a_body_that_is_too_large_is_refused_with_a_reason() {
    let server = Server::start(&Store::sqlite());
    let body = format!("{{\"query\":\"{}\"}}", " ".repeat(20 * 1024 * 1024));
    let reply = server
        .post("/graphql")
        .header("Content-Type", "application/json")
        .body(body)
        .send()
        .unwrap();
    assert_eq!(reply.status(), 413);
    let problem: serde_json::Value = reply.json().unwrap();
    assert_eq!(problem["code"], "PAYLOAD_TOO_LARGE");
}

#[test]
fn a_page_opens_the_explorer_under_a_strict_policy() {
    let server = Server::with_sample_content(&Store::sqlite());
    let page = server
        .request("GET", "/")
        .header("accept", "text/html")
        .send()
        .unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src"), "{policy}");
    assert!(
        !policy.contains("unsafe-eval") && !policy.contains("http:") && !policy.contains("https:"),
        "{policy}"
    );
    let html = page.text().unwrap();
    // All that it loads is the server's own.
    for (attribute, address) in ["src=\"", "href=\""].into_iter().flat_map(|attribute| {
        html.split(attribute)
            .skip(1)
            .filter_map(move |rest| Some((attribute, rest.split('"').next()?)))
    }) {
        assert!(!address.contains("//"), "{attribute}{address}");
        // A place in the page, or the endpoint that it asks.
        if address.starts_with("data:") || address.starts_with('#') || address == "graphql" {
            continue;
        }
        let path = if address.starts_with('/') {
            address.to_owned()
        } else {
            format!("/{}", address.trim_start_matches("./"))
        };
        let asset = server.get(&path);
        assert_eq!(asset.status().as_u16(), 200, "{address}");
        assert!(!asset.bytes().unwrap().is_empty(), "{address}");
    }
    assert!(html.contains("<script"), "{html}");
}

fn a_running_request_is_finished_before_it_stops(store: &Store) {
    let mut server = Server::with_sample_content(store);
    let body =
        json!({ "query": "{ latest(first: 100) { totalCount nodes { headline } } }" }).to_string();
    let host = server.address().trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(&host).unwrap();
    connection
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // Half of a request is there when the server is told to stop.
    let (first, rest) = body.split_at(body.len() / 2);
    write!(
        connection,
        "POST /graphql HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{first}",
        body.len()
    )
    .unwrap();
    connection.flush().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.signal_stop();
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(&host).is_err(), "nobody new is let in");
    connection.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"totalCount\":44"), "{answer}");
    let stopped = server.wait_for_its_end();
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.err);
    assert!(!stopped.err.contains("panicked"), "{}", stopped.err);
}

#[test]
fn it_stops_at_once_when_nothing_runs() {
    let store = Store::sqlite();
    let server = Server::start(&store);
    // A connection that is kept open and idle does not hold it up.
    let idle = TcpStream::connect(server.address().trim_start_matches("http://")).unwrap();
    server.query("{ latest { totalCount } }", json!({}));
    let begun = std::time::Instant::now();
    let stopped = server.stop();
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.err);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        begun.elapsed()
    );
    drop(idle);
}

fn errors_tell_nothing_of_the_inside(store: &Store) {
    let server = Server::start(store);
    // The archive breaks under the server's hands.
    store.execute(
        "DROP TABLE article_correction; ALTER TABLE article_slug RENAME TO article_slug_gone",
    );
    let reply = server.query_raw("{ article(slug: \"anything\") { headline } }", json!({}));
    assert_eq!(
        reply.body["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR",
        "{reply:#?}"
    );
    let text = reply.body.to_string();
    for inside in [
        "article_slug",
        "SELECT",
        "sqlx",
        "relation",
        "no such table",
        "src/",
        "panicked",
    ] {
        assert!(!text.contains(inside), "'{inside}' in {text}");
    }
    let stopped = server.stop();
    assert!(
        stopped.err.contains("article_slug"),
        "the log has the reason: {}",
        stopped.err
    );
}

#[test]
fn origins_are_let_in_by_configuration() {
    let store = Store::sqlite();
    let server = Server::with(&store, &["--cors-origin", "https://app.example"]);
    let preflight = |origin: &str| {
        server
            .request("OPTIONS", "/graphql")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .send()
            .unwrap()
    };
    let allowed = preflight("https://app.example");
    assert_eq!(
        allowed.headers()["access-control-allow-origin"],
        "https://app.example"
    );
    let refused = preflight("https://other.example");
    assert!(
        refused
            .headers()
            .get("access-control-allow-origin")
            .is_none_or(|origin| origin != "https://other.example" && origin != "*")
    );
}

/// As when PostgreSQL starts anew: all connections are gone, and whoever reads is answered all the same.
#[test]
fn connections_that_the_database_has_cut_are_made_anew() {
    let store = Store::postgres();
    drop(Server::with_sample_content(&store));
    let server = Server::forgetful(&store);
    let read = || {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let answer = server.query(
                        "query Front { latest(first: 1) { nodes { slug } } }",
                        json!({}),
                    );
                    assert_eq!(answer["latest"]["nodes"].as_array().unwrap().len(), 1);
                });
            }
        });
    };
    for _ in 0..3 {
        read();
        store.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'masthead'",
        );
        read();
    }
}
