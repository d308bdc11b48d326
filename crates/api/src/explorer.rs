//! The page at `/`: a GraphQL explorer with the schema's documentation and ready-made queries.
//!
//! Its files are built from `explorer/` and kept in `crates/api/assets/explorer`, each with its
//! Brotli and gzip variants, and are part of the binary: the page needs no other host, and building
//! Masthead needs no JavaScript tools. Every answer carries [`CONTENT_SECURITY_POLICY`].

use std::borrow::Cow;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY as POLICY_HEADER,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::digest::hexadecimal;

#[cfg(test)]
mod tests;

/// What the explorer's page may load and do (Content Security Policy Level 3): everything from this
/// server alone, no inline script or style, in nobody's frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

const PAGE: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "assets/explorer/"]
struct Assets;

/// Serves the explorer at `/` and the files that it loads under `/explorer/`, to `GET` and `HEAD`.
///
/// Files with the hash of their content in their name may be cached for ever; the page and the
/// licences are asked for again each time, and answered with 304 while they are unchanged (RFC 9110
/// section 13.1.2). A file that is not there is a problem document (RFC 9457) with status 404.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/", get(page))
        .route("/explorer/{*path}", get(file))
}

async fn page(headers: HeaderMap) -> Response {
    respond(PAGE, &headers)
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    // The page's links are relative to `/`, and the variants are chosen by Accept-Encoding alone.
    let is_variant = Encoding::COMPRESSED
        .iter()
        .any(|encoding| path.ends_with(encoding.extension()));
    if path == PAGE || is_variant {
        return not_found();
    }
    respond(&path, &headers)
}

/// How a file is encoded on the way (RFC 9110 section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The smallest first.
    const COMPRESSED: [Self; 2] = [Self::Brotli, Self::Gzip];

    const fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    /// The encoding with the greatest weight in `Accept-Encoding` (RFC 9110 section 12.5.3), of equal
    /// ones the smallest. Identity where none is accepted: a page is more use than a 406.
    fn negotiate(headers: &HeaderMap) -> Self {
        let mut best = (Self::Identity, 0.0);
        for encoding in Self::COMPRESSED {
            let weight = encoding.weight(headers);
            if weight > best.1 {
                best = (encoding, weight);
            }
        }
        best.0
    }

    /// From 0 (not acceptable) to 1. An encoding that is not named takes the weight of `*`.
    fn weight(self, headers: &HeaderMap) -> f32 {
        let mut of_any = 0.0;
        for value in headers.get_all(ACCEPT_ENCODING) {
            for member in value.to_str().unwrap_or_default().split(',') {
                let mut parts = member.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                let weight = parts
                    .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                    .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
                if name.eq_ignore_ascii_case(self.token()) {
                    return weight;
                }
                if name == "*" {
                    of_any = weight;
                }
            }
        }
        of_any
    }
}

fn respond(path: &str, headers: &HeaderMap) -> Response {
    let encoding = Encoding::negotiate(headers);
    let chosen = Assets::get(&format!("{path}{}", encoding.extension()))
        .map(|file| (file, encoding))
        .or_else(|| Assets::get(path).map(|file| (file, Encoding::Identity)));
    let Some((file, encoding)) = chosen else {
        return not_found();
    };

    let tag = entity_tag(&file);
    let unchanged = matches_entity_tag(headers, &tag);
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content(file).into_response()
    };
    let answer = response.headers_mut();
    if unchanged {
        answer.remove(CONTENT_TYPE);
    } else {
        answer.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        if encoding != Encoding::Identity {
            answer.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.token()));
        }
    }
    if let Ok(tag) = HeaderValue::try_from(tag) {
        answer.insert(ETAG, tag);
    }
    answer.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if is_hashed(path) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    guard(answer);
    response
}

fn content(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

fn guard(headers: &mut HeaderMap) {
    headers.insert(
        POLICY_HEADER,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn not_found() -> Response {
    let mut response = (
        StatusCode::NOT_FOUND,
        [(CONTENT_TYPE, "application/problem+json")],
        r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"The explorer has no such file. It is served at /."}"#,
    )
        .into_response();
    guard(response.headers_mut());
    response
}

/// A strong validator of these very bytes: each encoding has its own (RFC 9110 section 8.8.3).
fn entity_tag(file: &EmbeddedFile) -> String {
    let digest = hexadecimal(&file.metadata.sha256_hash());
    format!("\"{}\"", digest.get(..32).unwrap_or(&digest))
}

/// `If-None-Match` compares weakly (RFC 9110 section 13.1.2): `W/` makes no difference.
fn matches_entity_tag(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.trim_start_matches("W/") == tag)
}

/// Whether the name holds the hash of the content, as in `explorer.0123456789ab.js`.
fn is_hashed(path: &str) -> bool {
    path.split('.').count() == 3
        && path.split('.').nth(1).is_some_and(|hash| {
            hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
