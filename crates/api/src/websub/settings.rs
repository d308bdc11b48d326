//! How many subscriptions the hub takes, and for how long.

use serde::{Deserialize, Serialize};

/// The longest lease there may be: a year, in seconds.
const LONGEST_LEASE: u64 = 365 * 24 * 60 * 60;

/// How many subscriptions the hub takes, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebsubSettings {
    /// The most subscriptions in all. 0: there is no hub, and no feed names one.
    pub subscriptions: u32,
    /// The most subscriptions whose callbacks have one host.
    pub subscriptions_per_host: u32,
    /// Seconds for which a subscription lasts at most, and where no less is asked for.
    pub lease_seconds: u64,
}

impl Default for WebsubSettings {
    fn default() -> Self {
        Self {
            subscriptions: 10_000,
            subscriptions_per_host: 500,
            lease_seconds: 10 * 24 * 60 * 60,
        }
    }
}

impl WebsubSettings {
    /// The key that cannot be used, and why.
    ///
    /// # Errors
    /// When a lease is none, or longer than a year.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if (1..=LONGEST_LEASE).contains(&self.lease_seconds) {
            return Ok(());
        }
        let problem = format!(
            "{} cannot be used: write 1 to {LONGEST_LEASE}",
            self.lease_seconds
        );
        Err(("websub.lease_seconds", problem))
    }
}
