//! Bodies: size, coding, encoding, speed.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use serde_json::json;

use super::*;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn send_coded(client: &Client, coding: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("content-encoding", coding)
        .body(body.into())
        .unwrap();
    client.send(request).await
}

#[tokio::test]
async fn compressed_bodies_are_read() {
    let client = Client::new();
    let body = json!({ "query": "{ greeting }" }).to_string();
    let answer = send_coded(&client, "gzip", gzip(body.as_bytes())).await;
    assert_eq!(answer.json(), json!({ "data": { "greeting": "Hello " } }));
    assert_eq!(
        send_coded(&client, "identity", body.clone()).await.status,
        StatusCode::OK
    );
    for coding in ["gzip", "br", "zstd"] {
        send_coded(&client, coding, body.clone())
            .await
            .problem(ErrorCode::BadRequest);
    }
    for coding in ["deflate", "compress", "gzip, gzip"] {
        let answer = send_coded(&client, coding, body.clone()).await;
        answer.problem(ErrorCode::UnsupportedMediaType);
        assert_eq!(answer.header("accept-encoding"), Some("zstd,gzip,br"));
    }
}

#[tokio::test]
async fn every_coding_of_responses_is_taken_in_requests() {
    let body = format!(
        "{}{}",
        json!({ "query": "{ greeting }" }),
        " ".repeat(2_000)
    );
    let mut api = api();
    let page = body.clone();
    api.pages = axum::Router::new().route("/body", axum::routing::get(async move || page.clone()));
    let client = Client(router(api, &HttpSettings::default(), &LimitSettings::default()).unwrap());
    for coding in ["gzip", "br", "zstd"] {
        let request = Request::get("/body").header("accept-encoding", coding);
        let coded = client.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(coded.header("content-encoding"), Some(coding));
        assert_ne!(coded.body, body);
        let answer = send_coded(&client, coding, coded.body).await;
        assert_eq!(
            answer.json(),
            json!({ "data": { "greeting": "Hello " } }),
            "{coding}"
        );
    }
}

#[tokio::test]
async fn bombs_are_defused() {
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    send_coded(&Client::new(), "gzip", bomb)
        .await
        .problem(ErrorCode::PayloadTooLarge);
}

#[tokio::test]
async fn large_bodies_are_refused_announced_or_not() {
    let client = Client::new();
    let large = vec![b' '; 1024 * 1024 + 1];
    client
        .post(large.clone())
        .await
        .problem(ErrorCode::PayloadTooLarge);

    let announced = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("content-length", "99999999999")
        .body(Body::empty())
        .unwrap();
    client
        .send(announced)
        .await
        .problem(ErrorCode::PayloadTooLarge);

    let chunks = large
        .chunks(64 * 1024)
        .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)));
    let streamed = Body::from_stream(stream::iter(chunks.collect::<Vec<_>>()));
    client
        .post(streamed)
        .await
        .problem(ErrorCode::PayloadTooLarge);

    // Too large as sent, though it would not be once decompressed.
    let members: Vec<u8> = gzip(b"").repeat(60_000);
    assert!(members.len() > 1024 * 1024);
    send_coded(&client, "gzip", members)
        .await
        .problem(ErrorCode::PayloadTooLarge);

    let mut fitting = json!({ "query": "{ greeting }" }).to_string().into_bytes();
    fitting.resize(1024 * 1024, b' ');
    assert_eq!(client.post(fitting).await.status, StatusCode::OK);
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_located() {
    let detail = Client::new()
        .post(b"{\"query\":\"\xff\"}".to_vec())
        .await
        .problem(ErrorCode::BadRequest);
    assert_eq!(detail, "The body is not UTF-8 from byte 10 on.");
    let lone_surrogate = r#"{"query":"\ud800"}"#;
    Client::new()
        .post(lone_surrogate)
        .await
        .problem(ErrorCode::BadRequest);
}

#[tokio::test(start_paused = true)]
async fn slow_bodies_are_given_up() {
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    Client::new()
        .post(never)
        .await
        .problem(ErrorCode::RequestTimeout);
}

#[tokio::test]
async fn bodies_that_break_off_are_malformed() {
    let broken = stream::iter([
        Ok(Bytes::from("{\"qu")),
        Err(std::io::Error::other("reset")),
    ]);
    Client::new()
        .post(Body::from_stream(broken))
        .await
        .problem(ErrorCode::BadRequest);
}
