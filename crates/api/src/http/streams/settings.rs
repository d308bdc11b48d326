//! The configuration of subscriptions.

use serde::{Deserialize, Serialize};

/// How subscriptions are served, over WebSocket and as Server-Sent Events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionSettings {
    /// The most WebSocket connections and event streams at a time, together. Those above it are refused with 503.
    pub max_streams: usize,
    /// The most operations at a time on one WebSocket connection.
    pub max_operations: usize,
    /// The largest message that is taken on a WebSocket connection, in bytes. Every connection may take up so much.
    pub max_message_bytes: usize,
    /// Seconds in which the client of a WebSocket connection has to send `connection_init`.
    pub init_timeout_seconds: u64,
    /// Seconds between signs of life: pings over WebSocket, comments in an event stream. A WebSocket client from which
    /// nothing came between two of them is gone.
    pub keep_alive_seconds: u64,
    /// Seconds for which a client may take nothing of what is sent to it, before it is cut off.
    pub stalled_seconds: u64,
    /// Bytes of events and pages of the change log that subscribers share, so that what many ask for is made once.
    pub shared_bytes: u64,
}

impl Default for SubscriptionSettings {
    fn default() -> Self {
        Self {
            max_streams: 10_000,
            max_operations: 50,
            max_message_bytes: 128 * 1024,
            init_timeout_seconds: 10,
            keep_alive_seconds: 20,
            stalled_seconds: 10,
            shared_bytes: 8 * 1024 * 1024,
        }
    }
}

impl SubscriptionSettings {
    /// The key that cannot be used, and why.
    ///
    /// # Errors
    /// When a time or a size is 0.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (key, is_none) in [
            ("subscriptions.max_operations", self.max_operations == 0),
            (
                "subscriptions.max_message_bytes",
                self.max_message_bytes == 0,
            ),
            (
                "subscriptions.init_timeout_seconds",
                self.init_timeout_seconds == 0,
            ),
            (
                "subscriptions.keep_alive_seconds",
                self.keep_alive_seconds == 0,
            ),
            ("subscriptions.stalled_seconds", self.stalled_seconds == 0),
        ] {
            if is_none {
                return Err((key, "0 cannot be used: write 1 or more".to_owned()));
            }
        }
        Ok(())
    }
}
