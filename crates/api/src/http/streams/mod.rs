//! Streams of events: subscriptions, and whatever else is asked over a connection that stays open.
//!
//! In reading order:
//!
//! - [`settings`](SubscriptionSettings): how many there may be, how large, how slow;
//! - `operations`: an operation as what comes of it, whichever way it is sent;
//! - `credentials`: whether a token is still good;
//! - `websocket`: `graphql-transport-ws` over WebSocket;
//! - `event_stream`: Server-Sent Events.
//!
//! What is sent is made when the connection can take it. So one that reads slowly falls behind in the change log, and
//! takes up no memory; one that reads nothing for a while is cut off.

mod credentials;
mod event_stream;
mod operations;
mod settings;
mod websocket;

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, header};
use masthead_domain::viewer::Caller;
use metrics::{counter, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Authenticator, HttpSettings, StopFlag, cors::AllowedOrigins, health::OpenStream,
    problem::Problem,
};
use crate::error_code::ErrorCode;

use credentials::{Credentials, TokenEnd};
pub(super) use event_stream::{event_stream, single_event};
pub(super) use operations::Streaming;
pub use settings::SubscriptionSettings;
pub(super) use websocket::{asks_for_websocket, websocket};

/// For how long the last words to a client that has been cut off are tried to be sent.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// What all streams have in common.
#[derive(Clone)]
pub(crate) struct Streams(Arc<Common>);

struct Common {
    settings: SubscriptionSettings,
    places: Arc<Semaphore>,
    credentials: Credentials,
    stop: StopFlag,
    origins: AllowedOrigins,
}

impl Streams {
    pub(crate) fn new(
        settings: SubscriptionSettings,
        authenticator: Arc<dyn Authenticator>,
        stop: StopFlag,
        http: &HttpSettings,
    ) -> Self {
        Self(Arc::new(Common {
            settings,
            places: Arc::new(Semaphore::new(
                settings.max_streams.min(Semaphore::MAX_PERMITS),
            )),
            credentials: Credentials::new(authenticator),
            stop,
            origins: AllowedOrigins::new(http),
        }))
    }

    /// Who bears the token of a request, and when it ends.
    ///
    /// # Errors
    /// When it is not taken.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<(Caller, TokenEnd), Problem> {
        let authorization: Vec<HeaderValue> = headers
            .get_all(header::AUTHORIZATION)
            .iter()
            .cloned()
            .collect();
        self.0.credentials.caller(&authorization).await
    }

    fn settings(&self) -> &SubscriptionSettings {
        &self.0.settings
    }

    fn keep_alive(&self) -> Duration {
        Duration::from_secs(self.0.settings.keep_alive_seconds)
    }

    fn stalled(&self) -> Duration {
        Duration::from_secs(self.0.settings.stalled_seconds)
    }

    /// A place for one more stream.
    fn place(&self, transport: Transport) -> Result<Place, Problem> {
        let Ok(permit) = self.0.places.clone().try_acquire_owned() else {
            return Err(Problem::new(
                ErrorCode::TooManyStreams,
                "As many streams are open as this server takes. Try again shortly.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("5")));
        };
        gauge!("streams_open", "transport" => transport.name()).increment(1.0);
        Ok(Place {
            transport,
            _permit: permit,
            _open: self.0.stop.open_stream(),
        })
    }
}

/// How events are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    WebSocket,
    EventStream,
}

impl Transport {
    const fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::EventStream => "sse",
        }
    }
}

/// The place that an open stream takes up.
struct Place {
    transport: Transport,
    _permit: OwnedSemaphorePermit,
    _open: OpenStream,
}

impl Place {
    /// Counts an event that was sent.
    fn sent(&self) {
        counter!("subscription_events_sent_total", "transport" => self.transport.name())
            .increment(1);
    }

    /// Notes that the stream is cut off.
    fn cut_off(&self, why: CutOff) {
        let (transport, reason) = (self.transport.name(), why.name());
        counter!("streams_cut_off_total", "transport" => transport, "reason" => reason)
            .increment(1);
        tracing::info!(transport, reason, "a stream was cut off");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        gauge!("streams_open", "transport" => self.transport.name()).decrement(1.0);
    }
}

/// Why a stream is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CutOff {
    /// The client takes nothing of what is sent.
    Stalled,
    /// The client gives no sign of life.
    Gone,
    /// Its token is no longer good.
    TokenEnded,
}

impl CutOff {
    const fn name(self) -> &'static str {
        match self {
            Self::Stalled => "stalled",
            Self::Gone => "gone",
            Self::TokenEnded => "token",
        }
    }
}
