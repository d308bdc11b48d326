//! Where deliveries may go, and how long one may take.

use std::net::IpAddr;

use masthead_domain::target::TargetPolicy;
use serde::{Deserialize, Serialize};

/// The most seconds that a delivery may take: while it waits, nothing else is delivered to the same place.
const MOST_SECONDS: u64 = 60;

/// Where deliveries may go, and how long one may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutgoingSettings {
    /// Whether deliveries may go to addresses that begin with `http://`, so that whoever is on the way can read them.
    pub plain_http: bool,
    /// Networks that deliveries may go to although they are not on the Internet, each as an address and a length, as
    /// in `10.20.0.0/16`. Whoever may save a webhook can then have the server ask there.
    pub open_networks: Vec<String>,
    /// Seconds until a connection has to be there.
    pub connect_timeout_seconds: u64,
    /// Seconds until the whole answer has to be there.
    pub timeout_seconds: u64,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self {
            plain_http: false,
            open_networks: Vec::new(),
            connect_timeout_seconds: 5,
            timeout_seconds: 15,
        }
    }
}

impl OutgoingSettings {
    /// What types do not tell. The key, and what is wrong with it.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        self.policy()?;
        for (key, seconds) in [
            (
                "outgoing.connect_timeout_seconds",
                self.connect_timeout_seconds,
            ),
            ("outgoing.timeout_seconds", self.timeout_seconds),
        ] {
            if !(1..=MOST_SECONDS).contains(&seconds) {
                let problem = format!("{seconds} cannot be used: write 1 to {MOST_SECONDS}");
                return Err((key, problem));
            }
        }
        Ok(())
    }

    /// Where deliveries may go.
    ///
    /// # Errors
    /// When a network cannot be read: the key, and what is wrong with it.
    pub fn policy(&self) -> Result<TargetPolicy, (&'static str, String)> {
        let network = |text: &String| {
            let alone = || text.parse::<IpAddr>().map(Into::into);
            text.parse().or_else(|_| alone()).map_err(|_| {
                let problem = format!(
                    "'{text}' is no network: write its address and its length, as in '10.20.0.0/16' or 'fd00::/8'"
                );
                ("outgoing.open_networks", problem)
            })
        };
        Ok(TargetPolicy {
            plain_http: self.plain_http,
            open_networks: self
                .open_networks
                .iter()
                .map(network)
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn networks_are_read_and_what_is_none_is_named() {
        let with = |text: &str| OutgoingSettings {
            open_networks: vec![text.to_owned()],
            ..OutgoingSettings::default()
        };
        for (text, inside) in [
            ("10.20.0.0/16", "10.20.30.40"),
            ("fd00::/8", "fd12::1"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            let policy = with(text).policy().unwrap();
            assert_eq!(policy.admits(inside.parse().unwrap()), Ok(()), "{text}");
        }
        for text in ["10.20.0.0/33", "intranet", "10.20/16"] {
            let (key, problem) = with(text).check().unwrap_err();
            assert_eq!(key, "outgoing.open_networks");
            assert!(
                problem.contains(text) && problem.contains("10.20.0.0/16"),
                "{problem}"
            );
        }
    }

    #[test]
    fn times_are_bounded() {
        let never = OutgoingSettings {
            timeout_seconds: 0,
            ..OutgoingSettings::default()
        };
        assert_eq!(never.check().unwrap_err().0, "outgoing.timeout_seconds");
        let long = OutgoingSettings {
            connect_timeout_seconds: 61,
            ..OutgoingSettings::default()
        };
        assert_eq!(
            long.check().unwrap_err().0,
            "outgoing.connect_timeout_seconds"
        );
        assert_eq!(OutgoingSettings::default().check(), Ok(()));
    }
}
