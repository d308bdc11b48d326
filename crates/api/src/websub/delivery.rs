//! Sends a feed to a callback (WebSub, section 7).

use std::time::Duration;

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use masthead_persistence::{WebsubOutcome, WebsubSubscription};
use metrics::counter;
use url::Url;

use super::{Hub, feed::PublicFeed};
use crate::{
    digest::hexadecimal,
    outgoing::{Answer, OutgoingError, retry_after},
};

/// How long to wait after a failure; twice as long after each further one.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);
/// How long to wait at most, also where a subscriber asks for more.
const AT_MOST: Duration = Duration::from_secs(60 * 60);
/// How often one state of a feed is delivered in vain before it is given up: over an hour and some minutes.
const ATTEMPTS: i64 = 12;

const X_HUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

impl Hub {
    pub(super) async fn deliver(
        &self,
        subscription: &WebsubSubscription,
        feed: &PublicFeed,
    ) -> WebsubOutcome {
        let Ok(url) = Url::parse(&subscription.callback) else {
            return WebsubOutcome::Ended;
        };
        let headers = headers(feed, subscription.secret.as_deref());
        let sent = self
            .outgoing
            .send(Method::POST, &url, headers, feed.bytes.clone())
            .await;
        let (name, outcome) = self.outcome(&sent, subscription.failures, "delivered");
        counter!("websub_deliveries_total", "outcome" => name).increment(1);
        outcome
    }

    /// What came of something sent, and its name in the metrics; `settled` is that of what was acknowledged.
    pub(super) fn outcome(
        &self,
        sent: &Result<Answer, OutgoingError>,
        failures: i64,
        settled: &'static str,
    ) -> (&'static str, WebsubOutcome) {
        let now = self.clock.now();
        let asked = match sent {
            Ok(answer) if answer.status.is_success() => {
                return (settled, WebsubOutcome::Settled);
            }
            Ok(answer) if answer.status == StatusCode::GONE => {
                return ("gone", WebsubOutcome::Ended);
            }
            Ok(answer) => retry_after(answer.status, &answer.headers, now),
            Err(_) => None,
        };
        if failures + 1 >= ATTEMPTS {
            return ("given_up", WebsubOutcome::Settled);
        }
        let wait = wait_after(failures).mul_f64(0.75 + rand::random::<f64>() / 2.0);
        let wait = wait.max(asked.unwrap_or_default()).min(AT_MOST);
        let wait = TimeDelta::from_std(wait).unwrap_or_default();
        ("failed", WebsubOutcome::Again(now + wait))
    }
}

/// What a delivery bears: the feed's media type, the addresses of the feed and the hub, and the signature of the bytes
/// where a secret was given (section 8).
fn headers(feed: &PublicFeed, secret: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, feed.content_type.clone());
    headers.insert(header::LINK, feed.link.clone());
    if let Some(secret) = secret {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hexadecimal(hmac::sign(&key, &feed.bytes).as_ref());
        if let Ok(signature) = HeaderValue::try_from(format!("sha256={signature}")) {
            headers.insert(X_HUB_SIGNATURE, signature);
        }
    }
    headers
}

/// How long to wait after so many failures in a row and one more.
fn wait_after(failures: i64) -> Duration {
    let doubled = u32::try_from(failures).unwrap_or(u32::MAX).min(16);
    AFTER_A_FAILURE
        .saturating_mul(2_u32.saturating_pow(doubled))
        .min(AT_MOST)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use bytes::Bytes;

    use super::*;

    #[test]
    fn deliveries_are_signed_with_the_secret_that_was_given() {
        let feed = PublicFeed {
            content_type: HeaderValue::from_static("application/rss+xml"),
            link: HeaderValue::from_static("<https://a.example/feeds/latest.rss>; rel=\"self\""),
            bytes: Bytes::from_static(b"what do ya want for nothing?"),
            digest: String::new(),
        };
        assert_eq!(feed.address(), Some("https://a.example/feeds/latest.rss"));
        // RFC 4231, test case 2.
        let signed = headers(&feed, Some("Jefe"));
        assert_eq!(
            signed.get(X_HUB_SIGNATURE).unwrap(),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(!headers(&feed, None).contains_key(X_HUB_SIGNATURE));
    }

    #[test]
    fn waits_grow_up_to_an_hour() {
        assert_eq!(wait_after(0), AFTER_A_FAILURE);
        assert_eq!(wait_after(3), AFTER_A_FAILURE * 8);
        assert_eq!(wait_after(i64::MAX), AT_MOST);
    }
}
