//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header, section 2.1).

use http::{HeaderMap, HeaderName};

use crate::{error_code::ErrorCode, http::problem::Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A UUID has 36 characters; what is much longer is no key.
const MAX_LENGTH: usize = 255;

/// The key that names a request, without the quotation marks that the draft asks for and many clients leave out.
pub(crate) fn read(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let wrong = |what: &str| {
        Problem::new(
            ErrorCode::BadRequest,
            format!(
                "The header Idempotency-Key {what}: send one of 1 to {MAX_LENGTH} visible ASCII characters, such as a UUID."
            ),
        )
    };
    if values.next().is_some() {
        return Err(wrong("stands there twice"));
    }
    let text = value.to_str().map_err(|_| wrong("is not ASCII"))?.trim();
    let key = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    if key.is_empty() || key.len() > MAX_LENGTH || !key.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(wrong("cannot be used"));
    }
    Ok(Some(key.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use http::HeaderValue;

    use super::*;

    fn key(values: &[&str]) -> Result<Option<String>, ErrorCode> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                IDEMPOTENCY_KEY,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        read(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn a_key_is_one_short_word_with_or_without_quotation_marks() {
        assert_eq!(key(&[]), Ok(None));
        for value in ["8e03978e-40d5", "\"8e03978e-40d5\""] {
            assert_eq!(key(&[value]), Ok(Some("8e03978e-40d5".to_owned())));
        }
        let long = "x".repeat(256);
        for values in [
            &[""][..],
            &["\"\""],
            &["a b"],
            &["é"],
            &[&long],
            &["a", "a"],
        ] {
            assert_eq!(key(values), Err(ErrorCode::BadRequest), "{values:?}");
        }
    }
}
