//! For how long an answer asks to be left alone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};

/// For how long an answer asks to be left alone (`Retry-After`: RFC 9110, section 10.2.3), where it comes of too much
/// being asked (RFC 6585, section 4) or of having no time (RFC 9110, section 15.6.4).
pub(crate) fn retry_after(
    status: StatusCode,
    headers: &HeaderMap,
    now: DateTime<Utc>,
) -> Option<Duration> {
    if !matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        return None;
    }
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has are a long time too.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let time = httpdate::parse_http_date(text).ok()?;
    // What has passed already asks for nothing.
    (DateTime::<Utc>::from(time) - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_answer_says_for_how_long_its_server_is_to_be_left_alone() {
        let now = DateTime::from_timestamp(784_111_777, 0).unwrap();
        let asked = |status, text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(text));
            retry_after(status, &headers, now)
        };
        let busy = |text| asked(StatusCode::SERVICE_UNAVAILABLE, text);
        let seconds = |number| Some(Duration::from_secs(number));
        assert_eq!(busy("120"), seconds(120));
        assert_eq!(asked(StatusCode::TOO_MANY_REQUESTS, " 7 "), seconds(7));
        assert_eq!(busy("99999999999999999999999"), seconds(u64::MAX));
        for date in [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
        ] {
            assert_eq!(busy(date), seconds(60), "{date}");
        }
        for nothing in ["Sun, 06 Nov 1994 08:48:37 GMT", "soon", "-5", "1.5", ""] {
            assert_eq!(busy(nothing), None, "{nothing}");
        }
        assert_eq!(asked(StatusCode::FORBIDDEN, "120"), None);
        assert_eq!(
            retry_after(StatusCode::SERVICE_UNAVAILABLE, &HeaderMap::new(), now),
            None
        );
    }
}
