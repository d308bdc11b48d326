//! The limit: what HTTP by axum alone can do. It answers every request with the same bytes, which it was given as a
//! file, and does nothing else.

use std::{env, fs};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use masthead_benchmark_peers::{Failure, serve};

const USAGE: &str = "limit FILE [CONTENT-ENCODING]";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let answer = Bytes::from(fs::read(arguments.next().ok_or(USAGE)?)?);
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/graphql-response+json; charset=utf-8"),
    );
    if let Some(encoding) = arguments.next() {
        headers.insert(header::CONTENT_ENCODING, encoding.parse()?);
    }
    let handler = move || {
        let answer = (headers.clone(), answer.clone());
        async move { answer }
    };
    serve(Router::new().fallback(handler)).await
}
