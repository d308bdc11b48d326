//! When a delivery is tried again, and when no more.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The most seconds that a setting may have: thirty days.
const MOST_SECONDS: u64 = 30 * 24 * 3_600;

/// When a delivery is tried again, and when no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Milliseconds until a delivery that failed is tried again; twice as many after each further failure.
    pub first_retry_milliseconds: u64,
    /// Seconds between two attempts at most.
    pub longest_retry_seconds: u64,
    /// For how many seconds a receiver may fail before its webhook is parked.
    pub park_after_seconds: u64,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            first_retry_milliseconds: 5_000,
            longest_retry_seconds: 4 * 3_600,
            park_after_seconds: 3 * 24 * 3_600,
        }
    }
}

impl WebhookSettings {
    /// What types do not tell: the key that cannot be used, and why.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (key, value, most) in [
            (
                "webhooks.first_retry_milliseconds",
                self.first_retry_milliseconds,
                MOST_SECONDS * 1_000,
            ),
            (
                "webhooks.longest_retry_seconds",
                self.longest_retry_seconds,
                MOST_SECONDS,
            ),
            (
                "webhooks.park_after_seconds",
                self.park_after_seconds,
                MOST_SECONDS,
            ),
        ] {
            if !(1..=most).contains(&value) {
                return Err((key, format!("{value} cannot be used: write 1 to {most}")));
            }
        }
        Ok(())
    }

    /// How long a receiver is left alone that failed so often in a row and once more, before a part of it is taken off
    /// by chance, so that receivers that failed together are not asked together.
    pub(super) fn wait_after(&self, failures: u32) -> Duration {
        Duration::from_millis(self.first_retry_milliseconds)
            .saturating_mul(2_u32.saturating_pow(failures.min(30)))
            .min(self.longest())
    }

    /// For how long a receiver is left alone at most.
    pub(super) const fn longest(&self) -> Duration {
        Duration::from_secs(self.longest_retry_seconds)
    }

    /// For how long a receiver may fail.
    pub(super) fn park_after(&self) -> TimeDelta {
        i64::try_from(self.park_after_seconds)
            .ok()
            .and_then(TimeDelta::try_seconds)
            .unwrap_or(TimeDelta::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn failures_are_followed_by_longer_and_longer_waits() {
        let settings = WebhookSettings::default();
        assert_eq!(settings.wait_after(0), Duration::from_secs(5));
        assert_eq!(settings.wait_after(3), Duration::from_secs(40));
        assert_eq!(settings.wait_after(11), Duration::from_secs(10_240));
        assert_eq!(settings.wait_after(12), settings.longest());
        assert_eq!(settings.wait_after(u32::MAX), settings.longest());
        assert_eq!(settings.park_after(), TimeDelta::days(3));
    }

    #[test]
    fn a_setting_that_cannot_be_used_is_named() {
        assert_eq!(WebhookSettings::default().check(), Ok(()));
        let never = WebhookSettings {
            park_after_seconds: 0,
            ..WebhookSettings::default()
        };
        let (key, problem) = never.check().unwrap_err();
        assert_eq!(key, "webhooks.park_after_seconds");
        assert!(problem.contains("write 1 to 2592000"), "{problem}");
    }
}
