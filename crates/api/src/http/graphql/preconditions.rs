//! Whether a request has what it asks for already (RFC 9110, section 13).

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, header};

/// What tells one state of a resource from another (RFC 9110, section 8.8).
pub(crate) struct Validators {
    pub(crate) entity_tag: Option<HeaderValue>,
    pub(crate) last_modified: Option<DateTime<Utc>>,
}

impl Validators {
    /// Writes them.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        if let Some(tag) = self.entity_tag {
            headers.insert(header::ETAG, tag);
        }
        if let Some(at) = self.last_modified
            && let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(at.into()))
        {
            headers.insert(header::LAST_MODIFIED, value);
        }
    }
}

/// Whether a GET or HEAD is to be answered with 304: by `If-None-Match` where there is one, and by `If-Modified-Since`
/// only where there is none (section 13.2.2).
pub(crate) fn is_known(request: &HeaderMap, validators: &Validators) -> bool {
    if request.contains_key(header::IF_NONE_MATCH) {
        return validators.entity_tag.as_ref().is_some_and(|tag| {
            let mut known = request.get_all(header::IF_NONE_MATCH).iter();
            known.any(|known| is_among(tag, known))
        });
    }
    let (Some(modified), Some(since)) = (
        validators.last_modified,
        request.get(header::IF_MODIFIED_SINCE),
    ) else {
        return false;
    };
    since
        .to_str()
        .ok()
        .and_then(|since| httpdate::parse_http_date(since).ok())
        .is_some_and(|since| modified.timestamp() <= DateTime::<Utc>::from(since).timestamp())
}

/// Whether an entity tag is among those of `If-None-Match`, compared weakly (RFC 9110, section 13.1.2).
fn is_among(tag: &HeaderValue, known: &HeaderValue) -> bool {
    let (Ok(tag), Ok(known)) = (tag.to_str(), known.to_str()) else {
        return false;
    };
    known.trim() == "*"
        || known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn an_entity_tag_is_found_among_others() {
        let tag = HeaderValue::from_static("\"a\"");
        let among = |known: &'static str| is_among(&tag, &HeaderValue::from_static(known));
        assert!(among("\"a\"") && among("W/\"a\"") && among("\"b\", \"a\"") && among("*"));
        assert!(!among("\"b\"") && !among("a"));
    }

    #[test]
    fn an_entity_tag_counts_before_a_time_and_a_time_to_the_second() {
        let validators = Validators {
            entity_tag: Some(HeaderValue::from_static("\"a\"")),
            last_modified: Some("1994-11-06T08:49:37.800Z".parse().unwrap()),
        };
        let known = |fields: &[(header::HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(name, HeaderValue::from_static(value));
            }
            is_known(&headers, &validators)
        };
        let (tags, since) = (header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE);
        let (that, before) = (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:36 GMT",
        );
        assert!(known(&[(since.clone(), that)]));
        // The three forms of a date that recipients have to take (section 5.6.7).
        assert!(known(&[(since.clone(), "Sunday, 06-Nov-94 08:49:37 GMT")]));
        assert!(known(&[(since.clone(), "Sun Nov  6 08:49:37 1994")]));
        assert!(!known(&[(since.clone(), before)]));
        assert!(!known(&[(since.clone(), "yesterday")]));
        assert!(!known(&[]));
        assert!(known(&[(tags.clone(), "\"a\""), (since.clone(), before)]));
        assert!(!known(&[(tags.clone(), "\"b\""), (since, that)]));
        assert!(known(&[(tags.clone(), "\"b\""), (tags, "\"a\"")]));
    }
}
