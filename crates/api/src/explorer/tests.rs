#![allow(clippy::unwrap_used, reason = "a test may fail at once")]

use axum::Router;
use axum::body::Body;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderName, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{Assets, CONTENT_SECURITY_POLICY as POLICY, Encoding, is_hashed, router};

async fn send(method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let router: Router = router();
    router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

async fn fetch(path: &str, headers: &[(HeaderName, &str)]) -> Response<Body> {
    send(Method::GET, path, headers).await
}

async fn bytes_of(response: Response<Body>) -> Vec<u8> {
    response
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .to_vec()
}

fn header(response: &Response<Body>, name: HeaderName) -> Option<&str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

/// The one embedded file with this extension.
fn asset(extension: &str) -> String {
    Assets::iter()
        .find(|name| name.ends_with(extension))
        .unwrap()
        .into_owned()
}

#[tokio::test]
async fn the_page_is_checked_again_and_guarded() {
    let response = fetch("/", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        header(&response, CONTENT_TYPE),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(header(&response, CACHE_CONTROL), Some("no-cache"));
    assert_eq!(header(&response, CONTENT_SECURITY_POLICY), Some(POLICY));
    assert_eq!(header(&response, CONTENT_ENCODING), None);
    let page = String::from_utf8(bytes_of(response).await).unwrap();
    assert!(page.contains("<title>Masthead</title>"), "{page}");
}

#[tokio::test]
async fn all_that_the_page_loads_is_served_and_may_be_kept_for_ever() {
    let page = String::from_utf8(bytes_of(fetch("/", &[]).await).await).unwrap();
    assert!(!page.contains("://"), "the page names another host: {page}");
    let names: Vec<&str> = page
        .split('"')
        .filter(|part| part.starts_with("explorer/"))
        .collect();
    assert_eq!(names.len(), 3, "script, style and icon: {names:?}");
    for name in names {
        let response = fetch(&format!("/{name}"), &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        assert_eq!(
            header(&response, CACHE_CONTROL),
            Some("public, max-age=31536000, immutable"),
            "{name}"
        );
        assert!(!bytes_of(response).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn each_kind_of_file_has_its_media_type() {
    for (extension, expected) in [
        (".js", "text/javascript; charset=utf-8"),
        (".css", "text/css; charset=utf-8"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain; charset=utf-8"),
    ] {
        let response = fetch(&format!("/explorer/{}", asset(extension)), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, CONTENT_TYPE), Some(expected));
        assert_eq!(header(&response, CONTENT_SECURITY_POLICY), Some(POLICY));
    }
}

#[tokio::test]
async fn the_client_chooses_the_encoding() {
    let name = asset(".js");
    let path = format!("/explorer/{name}");
    for (accepted, encoding, extension) in [
        ("gzip, deflate, br, zstd", Some("br"), ".br"),
        ("gzip, deflate", Some("gzip"), ".gz"),
        ("br;q=0, gzip", Some("gzip"), ".gz"),
        ("br;q=0.5, gzip;q=0.8", Some("gzip"), ".gz"),
        ("BR", Some("br"), ".br"),
        ("*", Some("br"), ".br"),
        ("*;q=0.2, br; q=0", Some("gzip"), ".gz"),
        ("identity", None, ""),
        ("br;q=nonsense", None, ""),
        ("", None, ""),
    ] {
        let response = fetch(&path, &[(ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(response.status(), StatusCode::OK, "{accepted}");
        assert_eq!(header(&response, CONTENT_ENCODING), encoding, "{accepted}");
        assert_eq!(header(&response, VARY), Some("accept-encoding"));
        assert_eq!(
            header(&response, CONTENT_TYPE),
            Some("text/javascript; charset=utf-8")
        );
        let expected = Assets::get(&format!("{name}{extension}")).unwrap();
        assert!(bytes_of(response).await == *expected.data, "{accepted}");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let first = fetch("/", &[]).await;
    let tag = header(&first, ETAG).unwrap().to_owned();
    for condition in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let response = fetch("/", &[(IF_NONE_MATCH, &condition)]).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{condition}");
        assert_eq!(header(&response, ETAG), Some(tag.as_str()));
        assert_eq!(header(&response, CACHE_CONTROL), Some("no-cache"));
        assert!(bytes_of(response).await.is_empty());
    }
    let changed = fetch("/", &[(IF_NONE_MATCH, "\"other\"")]).await;
    assert_eq!(changed.status(), StatusCode::OK);
}

#[tokio::test]
async fn each_encoding_has_its_own_entity_tag() {
    let plain = fetch("/", &[]).await;
    let brotli = fetch("/", &[(ACCEPT_ENCODING, "br")]).await;
    let gzip = fetch("/", &[(ACCEPT_ENCODING, "gzip")]).await;
    let tags = [&plain, &brotli, &gzip].map(|response| header(response, ETAG).unwrap());
    assert_ne!(tags[0], tags[1]);
    assert_ne!(tags[0], tags[2]);
    assert_ne!(tags[1], tags[2]);
    let mismatched = fetch("/", &[(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, tags[0])]).await;
    assert_eq!(mismatched.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let variant = format!("/explorer/{}.br", asset(".js"));
    for path in [
        "/explorer/missing.js",
        "/explorer/index.html",
        "/explorer/../Cargo.toml",
        "/explorer/%2e%2e/Cargo.toml",
        &variant,
    ] {
        let response = fetch(path, &[(ACCEPT_ENCODING, "br")]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            header(&response, CONTENT_TYPE),
            Some("application/problem+json")
        );
        let problem: serde_json::Value = serde_json::from_slice(&bytes_of(response).await).unwrap();
        assert_eq!(problem["status"], 404);
    }
}

#[tokio::test]
async fn head_is_answered_without_a_body_and_nothing_is_written() {
    let head = send(Method::HEAD, "/", &[]).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert!(header(&head, ETAG).is_some());
    assert!(bytes_of(head).await.is_empty());
    let post = send(Method::POST, "/", &[]).await;
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn every_file_has_both_compressed_variants() {
    let names: Vec<String> = Assets::iter().map(std::borrow::Cow::into_owned).collect();
    let (variants, plain): (Vec<_>, Vec<_>) = names.iter().partition(|name| {
        Encoding::COMPRESSED
            .iter()
            .any(|encoding| name.ends_with(encoding.extension()))
    });
    assert!(
        plain.len() >= 5,
        "page, script, style, icon, licences: {plain:?}"
    );
    assert_eq!(variants.len(), 2 * plain.len());
    for name in plain {
        for encoding in Encoding::COMPRESSED {
            let variant = format!("{name}{}", encoding.extension());
            assert!(names.contains(&variant), "{variant} is missing");
        }
    }
}

#[test]
fn only_a_name_with_a_hash_counts_as_hashed() {
    assert!(is_hashed("explorer.0123456789ab.js"));
    assert!(!is_hashed("index.html"));
    assert!(!is_hashed("licences.txt"));
    assert!(!is_hashed("explorer.min.js"));
}
