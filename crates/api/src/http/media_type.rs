//! Which media types a GraphQL request and its response have.

use http::{HeaderMap, HeaderValue, header};
use mime::Mime;

use super::problem::Problem;
use crate::error_code::ErrorCode;

/// The media type of a GraphQL response (GraphQL over HTTP, section "Media Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMediaType {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphqlResponse,
    /// `application/json`: 200 for whatever is a GraphQL response.
    Json,
}

impl ResponseMediaType {
    /// The `Content-Type` to send.
    pub const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    const fn subtype(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "graphql-response+json",
            Self::Json => "json",
        }
    }

    /// Chooses by `Accept` (RFC 9110, section 12.5.1).
    ///
    /// The higher weight wins. At equal weight the type that is named wins over one that only a
    /// wildcard covers, and `application/graphql-response+json` wins where both or neither are named
    /// — except that wildcards alone, and no header at all, mean `application/json`: such clients
    /// mostly know nothing of the newer type.
    pub fn negotiate(headers: &HeaderMap) -> Result<Self, Problem> {
        let ranges: Vec<MediaRange> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(MediaRange::parse)
            .collect();
        if !headers.contains_key(header::ACCEPT) {
            return Ok(Self::Json);
        }
        let graphql = Preference::of(Self::GraphqlResponse, &ranges);
        let json = Preference::of(Self::Json, &ranges);
        match (graphql, json) {
            (Some(graphql), Some(json)) if graphql.weight == json.weight => Ok(if graphql.named {
                Self::GraphqlResponse
            } else {
                Self::Json
            }),
            (Some(graphql), Some(json)) if graphql.weight > json.weight => {
                Ok(Self::GraphqlResponse)
            }
            (Some(_), None) => Ok(Self::GraphqlResponse),
            (_, Some(_)) => Ok(Self::Json),
            (None, None) => Err(Problem::new(
                ErrorCode::NotAcceptable,
                "Responses are application/graphql-response+json or application/json in UTF-8, and \
                 the Accept header allows neither.",
            )),
        }
    }
}

/// Whether `Accept` names `text/event-stream`. What takes anything does not ask for events.
pub(crate) fn takes_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(MediaRange::parse)
        .any(|range| range.main == "text" && range.sub == "event-stream" && range.weight > 0)
}

/// What a client thinks of one media type.
struct Preference {
    /// Thousandths.
    weight: u16,
    /// By its own name, not by a wildcard.
    named: bool,
}

impl Preference {
    /// The most specific range that matches decides; none, or a weight of 0, excludes the type.
    fn of(media_type: ResponseMediaType, ranges: &[MediaRange]) -> Option<Self> {
        let range = ranges
            .iter()
            .filter(|range| range.matches(media_type))
            .max_by_key(|range| (range.specificity(), range.weight))?;
        (range.weight > 0).then(|| Self {
            weight: range.weight,
            named: range.specificity() == 2,
        })
    }
}

/// One element of `Accept`.
struct MediaRange {
    main: String,
    sub: String,
    weight: u16,
}

impl MediaRange {
    /// None for what is not a media range, and for a charset other than UTF-8.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = parts.next()?.split_once('/')?;
        let mut weight = 1000;
        for parameter in parts {
            let Some((name, value)) = parameter.split_once('=') else {
                continue;
            };
            let value = value.trim().trim_matches('"');
            if name.trim().eq_ignore_ascii_case("q") {
                weight = parse_weight(value)?;
            } else if name.trim().eq_ignore_ascii_case("charset")
                && !(value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8"))
            {
                return None;
            }
        }
        Some(Self {
            main: main.trim().to_ascii_lowercase(),
            sub: sub.trim().to_ascii_lowercase(),
            weight,
        })
    }

    fn specificity(&self) -> u8 {
        match (self.main.as_str(), self.sub.as_str()) {
            ("*", _) => 0,
            (_, "*") => 1,
            _ => 2,
        }
    }

    fn matches(&self, media_type: ResponseMediaType) -> bool {
        match (self.main.as_str(), self.sub.as_str()) {
            ("*" | "application", "*") => true,
            ("application", sub) => sub == media_type.subtype(),
            _ => false,
        }
    }
}

/// A weight in thousandths (RFC 9110, section 12.4.2).
fn parse_weight(text: &str) -> Option<u16> {
    let weight: f32 = text.parse().ok()?;
    if !(0.0..=1.0).contains(&weight) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000, see above"
    )]
    let thousandths = (weight * 1000.0).round() as u16;
    Some(thousandths)
}

/// Fails unless the body is `application/json` in UTF-8.
///
/// Other types are refused for safety too: a page of another origin can send forms and `text/plain`
/// without asking first (cross-site request forgery), but not this one.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let unsupported = |detail: &str| {
        Problem::new(ErrorCode::UnsupportedMediaType, detail)
            .with_header(header::ACCEPT, HeaderValue::from_static("application/json"))
    };
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .ok_or_else(|| unsupported("Content-Type is missing: send application/json."))?
        .to_str()
        .ok()
        .and_then(|value| value.parse::<Mime>().ok())
        .ok_or_else(|| unsupported("Content-Type is not a media type: send application/json."))?;
    if content_type.essence_str() != mime::APPLICATION_JSON.essence_str() {
        return Err(unsupported(
            "GraphQL requests are taken as application/json only.",
        ));
    }
    match content_type.get_param(mime::CHARSET) {
        Some(charset) if charset != mime::UTF_8 => Err(unsupported(
            "JSON is taken in UTF-8 only (RFC 8259, section 8.1).",
        )),
        _ => Ok(()),
    }
}
