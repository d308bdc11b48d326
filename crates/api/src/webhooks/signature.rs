//! How a delivery is signed, as Standard Webhooks has it ("Webhook headers" and "Signature scheme").

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use masthead_domain::webhook::WebhookSecrets;

/// The headers of a delivery: its identity, when it is sent, and the signatures by each secret that signs at that instant,
/// the newest first. None where the identity cannot stand in a header.
pub(super) fn headers(
    message: &str,
    now: DateTime<Utc>,
    body: &[u8],
    secrets: &WebhookSecrets,
) -> Option<HeaderMap> {
    let timestamp = now.timestamp();
    let signatures: Vec<String> = secrets
        .signing(now)
        .map(|secret| signature(secret.bytes(), message, timestamp, body))
        .collect();
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        headers.insert(name, HeaderValue::from_str(value).ok()?);
        Some(())
    };
    set(header::CONTENT_TYPE, "application/json")?;
    set(HeaderName::from_static("webhook-id"), message)?;
    set(
        HeaderName::from_static("webhook-timestamp"),
        &timestamp.to_string(),
    )?;
    set(
        HeaderName::from_static("webhook-signature"),
        &signatures.join(" "),
    )?;
    Some(headers)
}

/// `v1,` and the base64 of the HMAC-SHA256 (RFC 2104) of identity, time and body, with full stops between them.
fn signature(secret: &[u8], message: &str, timestamp: i64, body: &[u8]) -> String {
    let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    signing.update(format!("{message}.{timestamp}.").as_bytes());
    signing.update(body);
    format!("v1,{}", STANDARD.encode(signing.sign()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn a_delivery_is_signed_as_the_specifications_own_libraries_do() {
        // The test vector of the libraries of Standard Webhooks.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(
            signature(
                &secret,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                br#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_former_secret_signs_beside_the_new_one() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let secrets = WebhookSecrets::new();
        let first = headers("msg_1", now, b"{}", &secrets).unwrap();
        let rotated = secrets.rotated(now);
        let both = headers("msg_1", now, b"{}", &rotated).unwrap();
        assert_eq!(both["webhook-id"], "msg_1");
        assert_eq!(both["webhook-timestamp"], "1800000000");
        let signed = both["webhook-signature"].to_str().unwrap();
        let signatures: Vec<&str> = signed.split(' ').collect();
        assert_eq!(signatures.len(), 2);
        assert_eq!(signatures[1], first["webhook-signature"]);
        assert!(signatures.iter().all(|one| one.starts_with("v1,")));
    }
}
