//! Which pages of other origins may call the API (Fetch standard, CORS protocol).

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use thiserror::Error;
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use super::{
    HttpSettings,
    rate_limits::{RATELIMIT, RATELIMIT_POLICY},
    request_id::X_REQUEST_ID,
};

/// A setting for CORS is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CorsError {
    /// Not an origin.
    #[error(
        "cors_origins: {0:?} is not an origin. Write scheme, host and port only, such as \
         https://www.example.org, or \"*\" for all."
    )]
    NotAnOrigin(String),
    /// All, and some.
    #[error("cors_origins: \"*\" stands for all origins, so it has to be the only entry.")]
    AllAndSome,
}

/// The layer, if any origin is allowed. Credentials are not: tokens travel in `Authorization`.
pub(crate) fn layer(settings: &HttpSettings) -> Result<Option<CorsLayer>, CorsError> {
    let origins = &settings.cors_origins;
    let any = origins.iter().any(|origin| origin == "*");
    if origins.is_empty() {
        return Ok(None);
    }
    if any && origins.len() > 1 {
        return Err(CorsError::AllAndSome);
    }
    let (allowed, vary) = if any {
        (AllowOrigin::any(), Vec::new())
    } else {
        let origins = origins
            .iter()
            .map(|origin| parse_origin(origin))
            .collect::<Result<Vec<_>, _>>()?;
        (AllowOrigin::list(origins), vec![header::ORIGIN])
    };
    let custom = HeaderName::from_static;
    Ok(Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
                header::ACCEPT,
                header::AUTHORIZATION,
                header::IF_NONE_MATCH,
                header::IF_MODIFIED_SINCE,
                custom("idempotency-key"),
                custom("last-event-id"),
                X_REQUEST_ID,
            ])
            .expose_headers([
                X_REQUEST_ID,
                header::ETAG,
                header::RETRY_AFTER,
                header::ALLOW,
                header::WWW_AUTHENTICATE,
                RATELIMIT,
                RATELIMIT_POLICY,
            ])
            .max_age(Duration::from_secs(settings.cors_max_age_seconds))
            .vary(vary),
    ))
}

/// The origins whose pages may open connections that CORS does not guard: WebSocket connections.
#[derive(Clone, Debug)]
pub(crate) struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self(settings.cors_origins.clone())
    }

    /// Whether a handshake comes from a page that may ask, by `Origin` (RFC 6455, section 10.2): one of the settings', or of
    /// this server's own. Whatever is no page sends none.
    pub(crate) fn may_connect(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let is_own = || {
            let host = headers
                .get(header::HOST)
                .and_then(|host| host.to_str().ok());
            let own = origin.split_once("://").map(|(_, authority)| authority);
            host.is_some() && host == own
        };
        let is_named = |allowed: &String| allowed == "*" || allowed.eq_ignore_ascii_case(origin);
        self.0.iter().any(is_named) || is_own()
    }
}

/// An origin as browsers write it (RFC 6454, section 6.2).
fn parse_origin(text: &str) -> Result<HeaderValue, CorsError> {
    let wrong = || CorsError::NotAnOrigin(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let origin = url.origin();
    if !origin.is_tuple() || origin.ascii_serialization() != text.to_ascii_lowercase() {
        return Err(wrong());
    }
    HeaderValue::from_str(&origin.ascii_serialization()).map_err(|_| wrong())
}
