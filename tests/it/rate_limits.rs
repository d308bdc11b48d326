//! How often clients may ask, and what they are told of it.

use reqwest::{
    StatusCode,
    blocking::{Client, Response},
};
use serde_json::{Value, json};

use crate::harness::{Masthead, SECRET, Server, Store, Token, on_both_databases, token};

on_both_databases!(
    an_address_that_asks_too_often_is_told_when_to_come_back,
    a_partner_has_a_rate_of_its_own,
);

/// A server whose clients are told apart by what a proxy on the loopback interface says of them.
fn server(store: &Store, settings: &[(&str, &str)]) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env("MASTHEAD_HTTP_CORS_ORIGINS", "https://magazine.example")
        .env("MASTHEAD_HTTP_TRUSTED_PROXIES", "127.0.0.1");
    Server::run(
        settings
            .iter()
            .fold(command, |command, (name, value)| command.env(name, value)),
    )
}

/// Asks by GET or by POST for somebody.
fn ask(server: &Server, address: &str, token: Option<&str>) -> Response {
    let client = Client::new();
    let body = json!({ "query": "{ latest(first: 1) { nodes { headline } } }" }).to_string();
    let mut request = client
        .post(format!("{}/graphql", server.address()))
        .header("x-forwarded-for", address)
        .header("content-type", "application/json")
        .body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    let value = value.unwrap_or_else(|| panic!("no {name}: {response:?}"));
    value.to_str().unwrap()
}

/// The parameter of a field's only item.
fn parameter(response: &Response, name: &str, key: &str) -> u64 {
    let value = header(response, name);
    let prefix = format!(";{key}=");
    let (_, rest) = value
        .split_once(&prefix)
        .unwrap_or_else(|| panic!("{name}: {value}"));
    rest.split(';').next().unwrap().parse().unwrap()
}

fn an_address_that_asks_too_often_is_told_when_to_come_back(store: &Store) {
    let server = server(
        store,
        &[("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_ADDRESS", "4")],
    );
    // The first makes the answer, the later ones find it by the bytes of the request.
    for left in (0..4).rev() {
        let answer = ask(&server, "198.51.100.1", None);
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "ratelimit-policy"), "\"address\";q=4;w=60");
        assert_eq!(parameter(&answer, "ratelimit", "r"), left);
        let seconds = parameter(&answer, "ratelimit", "t");
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    let refused = ask(&server, "198.51.100.1", None);
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(parameter(&refused, "ratelimit", "r"), 0);
    let seconds: u64 = header(&refused, "retry-after").parse().unwrap();
    assert!((1..=15).contains(&seconds), "{seconds}");
    assert_eq!(header(&refused, "content-type"), "application/problem+json");
    assert_eq!(header(&refused, "cache-control"), "no-store");
    let request_id = header(&refused, "x-request-id").to_owned();
    let problem: Value = refused.json().unwrap();
    assert_eq!(problem["code"], "TOO_MANY_REQUESTS");
    assert_eq!(problem["request_id"], request_id);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("4 requests a minute"), "{detail}");

    // Others are not concerned, nor are probes, preflights, and who has a token.
    assert_eq!(ask(&server, "198.51.100.2", None).status(), StatusCode::OK);
    assert_eq!(
        ask(&server, "198.51.100.1", Some(&token("partner", &[]))).status(),
        StatusCode::OK
    );
    let client = Client::new();
    for path in ["/healthz", "/readyz", "/metrics"] {
        let probe = client
            .get(format!("{}{path}", server.address()))
            .header("x-forwarded-for", "198.51.100.1")
            .send()
            .unwrap();
        assert_eq!(probe.status(), StatusCode::OK, "{path}");
    }
    let preflight = client
        .request(
            reqwest::Method::OPTIONS,
            format!("{}/graphql", server.address()),
        )
        .header("x-forwarded-for", "198.51.100.1")
        .header("origin", "https://magazine.example")
        .header("access-control-request-method", "POST")
        .send()
        .unwrap();
    assert_eq!(preflight.status(), StatusCode::OK);

    // A page of the magazine's is told as well: the browser lets it read these.
    let refused = client
        .get(format!(
            "{}/graphql?query=%7B__typename%7D",
            server.address()
        ))
        .header("x-forwarded-for", "198.51.100.1")
        .header("origin", "https://magazine.example")
        .send()
        .unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        header(&refused, "access-control-allow-origin"),
        "https://magazine.example"
    );
    let exposed = header(&refused, "access-control-expose-headers");
    assert!(
        exposed.contains("ratelimit-policy") && exposed.contains("retry-after"),
        "{exposed}"
    );

    let metrics = client
        .get(format!("{}/metrics", server.address()))
        .send()
        .unwrap();
    let metrics = metrics.text().unwrap();
    assert!(metrics.contains("status=\"429\""), "{metrics}");
}

fn a_partner_has_a_rate_of_its_own(store: &Store) {
    let server = server(
        store,
        &[("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_TOKEN", "1")],
    );
    // Each write with a token of its own, since a token may make one request.
    let admin = |document: &str, input: Value| {
        let token = Token::of("admin").claim("jti", input.to_string()).sign();
        server.query_as(&token, document, json!({ "input": input }))
    };
    let save = |input: Value| {
        let document = "mutation($input: SavePartnerInput!) { savePartner(input: $input) { partner { id } errors { message } } }";
        let saved = admin(document, input);
        assert_eq!(saved["savePartner"]["errors"], json!([]), "{saved}");
        saved["savePartner"]["partner"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let partner = save(json!({ "name": "An agency", "requestsPerMinute": 3 }));
    let token_for = |label: &str| {
        let document = "mutation($input: CreatePartnerTokenInput!) { createPartnerToken(input: $input) { token errors { message } } }";
        let made = admin(document, json!({ "partner": partner, "label": label }));
        let token = made["createPartnerToken"]["token"].as_str();
        token.unwrap_or_else(|| panic!("{made}")).to_owned()
    };
    let [one, other] = ["one", "other"].map(token_for);
    for (left, token) in [(2, &one), (1, &other), (0, &one)] {
        let answer = ask(&server, "198.51.100.1", Some(token));
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "ratelimit-policy"), "\"partner\";q=3;w=60");
        assert_eq!(parameter(&answer, "ratelimit", "r"), left);
    }
    let refused = ask(&server, "198.51.100.1", Some(&other));
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));

    // A new rate holds from the next request on.
    save(json!({ "id": partner, "requestsPerMinute": 50 }));
    let answer = ask(&server, "198.51.100.1", Some(&other));
    assert_eq!(header(&answer, "ratelimit-policy"), "\"partner\";q=50;w=60");
    // Without one it is the rate of any token.
    save(json!({ "id": partner, "requestsPerMinute": null }));
    let answer = ask(&server, "198.51.100.1", Some(&other));
    assert_eq!(header(&answer, "ratelimit-policy"), "\"token\";q=1;w=60");
}

#[test]
fn one_customer_of_ipv6_has_a_whole_network() {
    let store = Store::sqlite();
    let server = server(
        &store,
        &[("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_ADDRESS", "2")],
    );
    for address in ["2001:db8::1", "2001:db8::2"] {
        assert_eq!(ask(&server, address, None).status(), StatusCode::OK);
    }
    let third = ask(&server, "2001:db8::ffff:3", None);
    assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        ask(&server, "2001:db8:0:1::1", None).status(),
        StatusCode::OK
    );
}

#[test]
fn each_token_is_counted_and_wrong_ones_as_their_address() {
    let store = Store::sqlite();
    let server = server(
        &store,
        &[
            ("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_TOKEN", "3"),
            ("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_ADDRESS", "2"),
        ],
    );
    let [one, other] = ["partner", "editor"].map(|role| token(role, &[]));
    for left in (0..3).rev() {
        // From wherever it comes.
        let answer = ask(&server, &format!("198.51.100.{left}"), Some(&one));
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "ratelimit-policy"), "\"token\";q=3;w=60");
        assert_eq!(parameter(&answer, "ratelimit", "r"), left);
    }
    let refused = ask(&server, "198.51.100.1", Some(&one));
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(
        ask(&server, "198.51.100.1", Some(&other)).status(),
        StatusCode::OK
    );

    // However the header is written.
    for scheme in ["bearer", "BEARER  ", "Bearer   "] {
        let again = Client::new()
            .post(format!("{}/graphql", server.address()))
            .header("authorization", format!("{scheme} {one}"))
            .header("content-type", "application/json")
            .body(r#"{"query":"{__typename}"}"#)
            .send()
            .unwrap();
        assert_eq!(again.status(), StatusCode::TOO_MANY_REQUESTS, "{scheme}");
    }

    for _ in 0..2 {
        let wrong = ask(&server, "198.51.100.9", Some("made-up"));
        assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&wrong, "ratelimit-policy"), "\"address\";q=2;w=60");
    }
    let guessed = ask(&server, "198.51.100.9", Some("made-up-too"));
    assert_eq!(guessed.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        ask(&server, "198.51.100.9", Some(&other)).status(),
        StatusCode::OK
    );
}

#[test]
fn a_token_that_nobody_looks_at_is_no_way_around() {
    let store = Store::sqlite();
    let server = server(
        &store,
        &[("MASTHEAD_RATE_LIMITS_REQUESTS_PER_MINUTE_BY_ADDRESS", "2")],
    );
    let get = |path: &str| {
        let client = Client::new();
        let request = client.get(format!("{}{path}", server.address()));
        let request = request.header("x-forwarded-for", "198.51.100.1");
        request.header("authorization", "x").send().unwrap()
    };
    for path in ["/schema.graphql", "/errors"] {
        assert_eq!(get(path).status(), StatusCode::OK, "{path}");
    }
    for path in ["/schema.graphql", "/nothing", "/v1/latest?first=x"] {
        let refused = get(path);
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert!(refused.headers().contains_key("retry-after"), "{path}");
        assert!(refused.headers().contains_key("x-request-id"), "{path}");
        let problem: Value = refused.json().unwrap();
        assert_eq!(problem["code"], "TOO_MANY_REQUESTS", "{path}");
    }
    // A good token is not its address's.
    let good = token("editor", &[]);
    assert_eq!(
        ask(&server, "198.51.100.1", Some(&good)).status(),
        StatusCode::OK
    );
}

#[test]
fn where_nothing_is_limited_nothing_is_said_of_it() {
    let store = Store::sqlite();
    let server = server(&store, &[]);
    for token in [None, Some(token("partner", &[]))] {
        for _ in 0..3 {
            let answer = ask(&server, "198.51.100.1", token.as_deref());
            assert_eq!(answer.status(), StatusCode::OK);
            assert!(!answer.headers().contains_key("ratelimit"), "{answer:?}");
            assert!(
                !answer.headers().contains_key("ratelimit-policy"),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn a_wrong_proxy_is_refused_at_the_start() {
    let store = Store::sqlite();
    for (name, value, place) in [
        (
            "MASTHEAD_HTTP_TRUSTED_PROXIES",
            "10.0.0.0/64",
            "http.trusted_proxies: \"10.0.0.0/64\"",
        ),
        (
            "MASTHEAD_HTTP_CLIENT_ADDRESS_HEADER",
            "X Forwarded",
            "http.client_address_header: \"X Forwarded\"",
        ),
    ] {
        let output = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
            .on(&store)
            .env(name, value)
            .run();
        assert_eq!(output.code, Some(2), "{output:#?}");
        assert!(output.err.contains(place), "{output:#?}");
    }
}
