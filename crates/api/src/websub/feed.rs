//! A feed as everyone sees it.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use tower::ServiceExt as _;

use super::{Hub, HubError};
use crate::digest::sha256;

/// The most bytes that a feed may have.
const LARGEST_FEED: usize = 64 * 1024 * 1024;
/// The feed that there always is.
const LATEST: &str = "/feeds/latest.rss";

/// A feed as it is sent to whoever asks without a token.
#[derive(Clone, Debug)]
pub(crate) struct PublicFeed {
    pub(crate) content_type: HeaderValue,
    /// Names its own address and the hub's.
    pub(crate) link: HeaderValue,
    pub(crate) bytes: Bytes,
    /// The SHA-256 of the bytes.
    pub(crate) digest: String,
}

/// What there is of a feed to tell.
#[derive(Clone, Debug)]
pub(super) enum FeedState {
    Made(Arc<PublicFeed>),
    /// There is no such feed any more.
    Gone,
    /// It cannot be made at the moment, which is logged.
    NotMade,
}

impl PublicFeed {
    /// Its own address, in the one spelling there is.
    pub(crate) fn address(&self) -> Option<&str> {
        let mut links = self.link.to_str().ok()?.split(", ");
        links.find_map(|link| link.strip_suffix(">; rel=\"self\"")?.strip_prefix('<'))
    }
}

impl Hub {
    /// Makes a feed, if it can be made: one that cannot be keeps nobody from being told of others.
    pub(super) async fn state(&self, path: &str) -> FeedState {
        match self.feed(path).await {
            Ok(Some(feed)) => FeedState::Made(Arc::new(feed)),
            Ok(None) => FeedState::Gone,
            Err(error) => {
                tracing::warn!(%error, "whoever subscribes to this feed is told later");
                FeedState::NotMade
            }
        }
    }

    /// Makes a feed, by the route that serves it: so it is everyone's, to the byte. None where there is no such.
    pub(super) async fn feed(&self, path: &str) -> Result<Option<PublicFeed>, HubError> {
        let unreadable = |what: String| HubError::Unreadable(path.to_owned(), what);
        let routes = self.feeds.get().cloned().unwrap_or_default();
        let request = Request::get(path).body(Body::empty());
        let request = request.map_err(|error| unreadable(error.to_string()))?;
        let response = match routes.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => return Err(HubError::Feed(path.to_owned(), status)),
        }
        let (parts, body) = response.into_parts();
        let named = |name| {
            let value = parts.headers.get(&name).cloned();
            value.ok_or_else(|| unreadable(format!("it has no {name}")))
        };
        let (content_type, link) = (named(header::CONTENT_TYPE)?, named(header::LINK)?);
        let bytes = to_bytes(body, LARGEST_FEED)
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(PublicFeed {
            content_type,
            link,
            digest: sha256(&bytes),
            bytes,
        }))
    }

    /// What comes before a path in the addresses of feeds.
    pub(super) async fn base(&self) -> Result<String, HubError> {
        let latest = self.feed(LATEST).await?;
        let address = latest.as_ref().and_then(PublicFeed::address);
        let base = address.and_then(|address| address.strip_suffix(LATEST));
        base.map(str::to_owned)
            .ok_or_else(|| HubError::Unreadable(LATEST.to_owned(), "it has no address".to_owned()))
    }
}
