//! The routes beside `/graphql`, and what every response has.

use serde_json::json;

use super::*;
use crate::http::{RouterError, StopFlag};

#[tokio::test]
async fn every_other_error_is_a_problem_document() {
    let client = Client::new();
    client.get("/nowhere").await.problem(ErrorCode::NotFound);
    client.get("/graphql/").await.problem(ErrorCode::NotFound);
    let answer = client
        .send(Request::delete("/graphql").body(Body::empty()).unwrap())
        .await;
    answer.problem(ErrorCode::MethodNotAllowed);
    assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"));
    let answer = client
        .send(Request::post("/healthz").body(Body::empty()).unwrap())
        .await;
    answer.problem(ErrorCode::MethodNotAllowed);
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn health_and_readiness() {
    let client = Client::new();
    assert_eq!(
        client.get("/healthz").await.json(),
        json!({ "status": "ok" })
    );
    assert_eq!(
        client.get("/readyz").await.json(),
        json!({ "status": "ready" })
    );

    let mut unready = api();
    unready.readiness = Arc::new(Fixed(Err(NotReady(
        "Migrations are being applied.".to_owned(),
    ))));
    let client =
        Client(router(unready, &HttpSettings::default(), &LimitSettings::default()).unwrap());
    assert_eq!(client.get("/healthz").await.status, StatusCode::OK);
    let answer = client.get("/readyz").await;
    assert_eq!(
        answer.problem(ErrorCode::ServiceUnavailable),
        "Migrations are being applied."
    );

    let mut stopping = api();
    stopping.stop = StopFlag::default();
    let stop = stopping.stop.clone();
    let client = Client(
        router(
            stopping,
            &HttpSettings::default(),
            &LimitSettings::default(),
        )
        .unwrap(),
    );
    assert_eq!(client.get("/readyz").await.status, StatusCode::OK);
    stop.raise();
    client
        .get("/readyz")
        .await
        .problem(ErrorCode::ServiceUnavailable);
    assert_eq!(client.query("{ greeting }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_schema_and_the_error_codes_are_shown() {
    let client = Client::new();
    let answer = client.get("/schema.graphql").await;
    assert!(
        String::from_utf8(answer.body.to_vec())
            .unwrap()
            .contains("type ArticleConnection")
    );
    let page = client.get("/errors").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    for code in ErrorCode::ALL {
        assert!(
            page.contains(&format!("id=\"{}\"", code.as_str())),
            "{code:?}"
        );
    }
}

#[tokio::test]
async fn every_response_has_its_request_id_and_nosniff() {
    let client = Client::new();
    let send = async |id: &str| {
        let request = Request::get("/nowhere")
            .header("x-request-id", id)
            .body(Body::empty())
            .unwrap();
        client
            .send(request)
            .await
            .header("x-request-id")
            .unwrap()
            .to_owned()
    };
    assert_eq!(send("abc-123_DEF.4").await, "abc-123_DEF.4");
    let longest = "a".repeat(128);
    assert_eq!(send(&longest).await, longest);
    for insane in ["", "a b", "<script>", "a\"b", &"a".repeat(129)] {
        let made = send(insane).await;
        assert_eq!(made.len(), 32);
        assert!(made.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    for uri in [
        "/healthz",
        "/nowhere",
        "/graphql?query=%7Bgreeting%7D",
        "/metrics",
    ] {
        let answer = client.get(uri).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{uri}"
        );
        assert!(answer.header("x-request-id").is_some(), "{uri}");
        assert_eq!(answer.header("server"), None, "{uri}");
    }
}

#[tokio::test]
async fn metrics_count_by_operation_within_bounds() {
    let client = Client::new();
    client.query("query CountedOnce { greeting }").await;
    client.query("query CountedOnce { coded }").await;
    client.query("query NeverValid { unknown }").await;
    client.query("{ greeting }").await;
    for n in 0..150 {
        client
            .query(&format!("query Flood{n} {{ greeting }}"))
            .await;
    }
    let answer = client.get("/metrics").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        "graphql_requests_total{operation=\"CountedOnce\",type=\"query\",outcome=\"ok\"} 1",
        "graphql_requests_total{operation=\"CountedOnce\",type=\"query\",outcome=\"partial\"} 1",
        "operation=\"anonymous\"",
        "operation=\"other\"",
        "graphql_errors_total{code=\"GRAPHQL_VALIDATION_FAILED\"}",
        "graphql_request_duration_seconds_bucket{operation=\"CountedOnce\",type=\"query\",le=\"0.1\"} 2",
        "http_requests_total{route=\"/graphql\",method=\"POST\",status=\"200\"}",
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
    assert!(!text.contains("NeverValid"));
    assert!(
        text.matches("graphql_requests_total{operation=\"Flood")
            .count()
            < 100
    );
}

#[tokio::test]
async fn collectors_are_asked_at_each_scrape() {
    let api = api();
    api.telemetry
        .on_scrape(|| metrics::gauge!("database_connections").set(7.0));
    let client = Client(router(api, &HttpSettings::default(), &LimitSettings::default()).unwrap());
    let text = client.get("/metrics").await.body;
    assert!(
        String::from_utf8(text.to_vec())
            .unwrap()
            .contains("database_connections 7")
    );
}

#[tokio::test]
async fn further_pages_get_the_same_layers() {
    let mut api = api();
    api.pages = axum::Router::new().route("/", axum::routing::get(async || "A page"));
    let client = Client(router(api, &HttpSettings::default(), &LimitSettings::default()).unwrap());
    let answer = client.get("/").await;
    assert_eq!(answer.body, "A page");
    assert!(answer.header("x-request-id").is_some());
    client.get("/nowhere").await.problem(ErrorCode::NotFound);
}

fn with_origins(origins: &[&str]) -> HttpSettings {
    HttpSettings {
        cors_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        ..HttpSettings::default()
    }
}

async fn from_origin(client: &Client, origin: &str, preflight: bool) -> Answer {
    let request = if preflight {
        Request::options("/graphql")
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "content-type,authorization,idempotency-key",
            )
    } else {
        Request::get("/graphql?query=%7Bgreeting%7D")
    };
    client
        .send(
            request
                .header("origin", origin)
                .body(Body::empty())
                .unwrap(),
        )
        .await
}

#[tokio::test]
async fn cors_allows_the_origins_of_the_settings() {
    let client = Client::with(&with_origins(&[
        "https://www.example.org",
        "http://localhost:3000",
    ]));
    for origin in ["https://www.example.org", "http://localhost:3000"] {
        let answer = from_origin(&client, origin, true).await;
        assert!(answer.status.is_success());
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(
            answer.header("access-control-allow-methods"),
            Some("GET,POST")
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .unwrap()
                .contains("idempotency-key")
        );
        assert_eq!(answer.header("access-control-max-age"), Some("7200"));
        let answer = from_origin(&client, origin, false).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["x-request-id", "www-authenticate"] {
            assert!(exposed.contains(name), "{name}");
        }
        let vary: Vec<_> = answer
            .headers
            .get_all("vary")
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        assert_eq!(
            vary.join(", "),
            "accept, accept-encoding, authorization, origin"
        );
    }
    let stranger = from_origin(&client, "https://other.example", false).await;
    assert_eq!(stranger.header("access-control-allow-origin"), None);

    let any = from_origin(
        &Client::with(&with_origins(&["*"])),
        "https://other.example",
        false,
    )
    .await;
    assert_eq!(any.header("access-control-allow-origin"), Some("*"));
    assert_eq!(any.headers.get_all("vary").iter().count(), 1);

    let none = from_origin(&Client::new(), "https://other.example", false).await;
    assert_eq!(none.header("access-control-allow-origin"), None);
    assert_eq!(none.headers.get_all("vary").iter().count(), 1);
}

#[tokio::test]
async fn problems_can_be_read_by_allowed_origins() {
    let client = Client::with(&with_origins(&["*"]));
    let answer = client.query("{ panics }").await;
    answer.problem(ErrorCode::InternalServerError);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn wrong_origins_are_refused_at_start() {
    for origins in [
        &["example.org"][..],
        &["https://example.org/"],
        &["https://example.org/path"],
        &["null"],
        &["*", "https://a.example"],
    ] {
        let refused = router(api(), &with_origins(origins), &LimitSettings::default());
        assert!(matches!(refused, Err(RouterError::Cors(_))), "{origins:?}");
    }
}

#[tokio::test]
async fn large_responses_are_compressed_for_those_who_take_it() {
    let client = Client::new();
    let get = async |client: &Client, first: u32, accept_encoding: &str| {
        let uri = format!("/graphql?query=%7Blatest(first%3A{first})%7Bnodes%7Bheadline%7D%7D%7D");
        let request = Request::get(uri).header("accept-encoding", accept_encoding);
        client.send(request.body(Body::empty()).unwrap()).await
    };
    for coding in ["gzip", "br", "zstd"] {
        let answer = get(&client, 100, coding).await;
        assert_eq!(answer.header("content-encoding"), Some(coding));
        assert_eq!(answer.headers.get_all("vary").iter().count(), 1);
        assert!(answer.body.len() < 1_000, "{coding}: {}", answer.body.len());
    }
    assert_eq!(
        get(&client, 1, "gzip").await.header("content-encoding"),
        None
    );
    assert_eq!(
        get(&client, 100, "identity")
            .await
            .header("content-encoding"),
        None
    );
    let plain = Client::with(&HttpSettings {
        compression: false,
        ..HttpSettings::default()
    });
    let answer = get(&plain, 100, "gzip").await;
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.header("vary"), Some("accept, authorization"));
}

#[test]
fn settings_refuse_what_they_do_not_know() {
    let settings: HttpSettings = serde_json::from_str(r#"{"max_batch": 2}"#).unwrap();
    assert_eq!(
        settings,
        HttpSettings {
            max_batch: 2,
            ..HttpSettings::default()
        }
    );
    assert!(serde_json::from_str::<HttpSettings>(r#"{"max_bacth": 2}"#).is_err());
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_request_and_keeps_what_it_asked() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let client = Client::new();
    let body = json!({
        "query": "query Logged($name: String) { greeting(name: $name) other: greeting(name: \"in the text\") }",
        "variables": { "name": "in the variables" },
    });
    let answer = client.post(body.to_string()).await;
    client
        .get("/graphql?query=query%20InTheUrl%7Bgreeting(name%3A%22url%22)%7D")
        .await;
    client.get("/healthz").await;
    client.query("{ leaky }").await;
    drop(guard);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "method=POST path=\"/graphql\"",
        answer.header("x-request-id").unwrap(),
        "operation=\"Logged\" operation_type=\"query\"",
        "status=200",
        "latency_ms=",
        "operation=\"InTheUrl\"",
        "SELECT secret FROM drafts",
    ] {
        assert!(log.contains(expected), "{expected} not in\n{log}");
    }
    for kept in ["in the text", "in the variables", "greeting", "healthz"] {
        assert!(!log.contains(kept), "{kept} in\n{log}");
    }
}
