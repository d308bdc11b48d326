//! Sending one request, and reading what comes back.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use masthead_domain::target::{TargetError, TargetPolicy};
use reqwest::{Client, ClientBuilder, Response, redirect};
use thiserror::Error;
use url::Url;

use super::{resolver::CheckedResolver, settings::OutgoingSettings};

/// How much of an answer is read, in bytes.
pub const LARGEST_ANSWER: usize = 64 * 1024;

/// How many headers an answer may have.
const MOST_HEADERS: usize = 100;

/// How long a connection is kept for the next request.
const KEPT_FOR: Duration = Duration::from_secs(15);

/// Delivers to addresses that others have named, as far as deliveries may go there.
#[derive(Clone, Debug)]
pub struct Outgoing {
    client: Client,
    policy: Arc<TargetPolicy>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its first [`LARGEST_ANSWER`] bytes.
    pub body: Bytes,
}

/// Why no answer came. The message may be shown to whoever named the address: it tells nothing of the server's own
/// network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutgoingError {
    /// Deliveries may not go there.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No connection came about.
    #[error("no connection could be made: {0}")]
    Unreachable(String),
    /// There was no whole answer in time.
    #[error("there was no whole answer in time")]
    TimedOut,
    /// The connection ended before the answer was whole (RFC 9112, section 8), or what came was no HTTP.
    #[error("the answer broke off: {0}")]
    BrokeOff(String),
}

impl Outgoing {
    /// One that delivers to where the settings allow.
    ///
    /// # Errors
    /// When a setting cannot be used: the key, and what is wrong with it.
    pub fn new(settings: &OutgoingSettings) -> Result<Self, (&'static str, String)> {
        settings.check()?;
        let policy = Arc::new(settings.policy()?);
        Self::resolving(settings, policy.clone(), CheckedResolver::new(policy))
    }

    fn resolving(
        settings: &OutgoingSettings,
        policy: Arc<TargetPolicy>,
        resolver: CheckedResolver,
    ) -> Result<Self, (&'static str, String)> {
        let builder = |resolver: CheckedResolver| -> ClientBuilder {
            Client::builder()
                .dns_resolver(resolver)
                .redirect(redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .connect_timeout(Duration::from_secs(settings.connect_timeout_seconds))
                .timeout(Duration::from_secs(settings.timeout_seconds))
                .pool_idle_timeout(KEPT_FOR)
                .pool_max_idle_per_host(1)
                .http1_max_headers(MOST_HEADERS)
                .user_agent(concat!("masthead/", env!("CARGO_PKG_VERSION")))
        };
        let client = builder(resolver.clone()).build().or_else(|error| {
            tracing::warn!(
                %error,
                "this machine has no certificates that can be read, so nothing is delivered to https addresses: \
                 install them, as with the package 'ca-certificates'"
            );
            builder(resolver).tls_certs_only([]).build()
        });
        let client = client.map_err(|error| {
            let problem = format!("no connection can be made ready ({error})");
            ("outgoing", problem)
        })?;
        Ok(Self { client, policy })
    }

    /// Where deliveries may go.
    pub fn policy(&self) -> &TargetPolicy {
        &self.policy
    }

    /// Sends a request and reads the answer, of a longer one than [`LARGEST_ANSWER`] the beginning.
    ///
    /// # Errors
    /// When deliveries may not go there, or no whole answer came in time. An answer of any status is no error.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, OutgoingError> {
        // A host that is an address is never asked of the resolver.
        self.policy.check(url)?;
        let response = self
            .client
            .request(method, url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| failed(&error))?;
        read(response).await
    }
}

async fn read(mut response: Response) -> Result<Answer, OutgoingError> {
    let mut body = BytesMut::new();
    while body.len() < LARGEST_ANSWER {
        match response.chunk().await.map_err(|error| failed(&error))? {
            Some(chunk) => {
                let room = LARGEST_ANSWER - body.len();
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            }
            None => break,
        }
    }
    Ok(Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: body.freeze(),
    })
}

fn failed(error: &reqwest::Error) -> OutgoingError {
    tracing::debug!(?error, "a delivery failed");
    let mut cause: &dyn Error = error;
    loop {
        if let Some(refused) = cause.downcast_ref::<TargetError>() {
            return OutgoingError::Target(refused.clone());
        }
        match cause.source() {
            Some(source) => cause = source,
            None => break,
        }
    }
    if error.is_timeout() {
        OutgoingError::TimedOut
    } else if error.is_connect() {
        // The last cause is the system's or TLS's own, and names no address.
        OutgoingError::Unreachable(cause.to_string())
    } else {
        OutgoingError::BrokeOff(cause.to_string())
    }
}

#[cfg(test)]
mod tests;
