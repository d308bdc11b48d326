//! An answer that is the same for everyone who asks the same: its bytes, in each coding, and its headers.

use std::{io::Write as _, sync::OnceLock};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{cache_control, responses::Question};
use crate::{
    cache::{Dependencies, Holding},
    cache_tags,
    digest::sha256,
    graphql::{Provenance, RequestParts},
    http::{CdnSettings, HttpSettings, media_type::ResponseMediaType},
};

/// Levels at which what is kept is compressed: once for many requests.
const GZIP_LEVEL: u32 = 5;
const BROTLI_QUALITY: u32 = 4;
const ZSTD_LEVEL: i32 = 3;

/// The content codings that are kept (RFC 9110, section 8.4.1), in the order in which they are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Zstandard,
    Gzip,
}

impl Coding {
    const ALL: [Self; 3] = [Self::Brotli, Self::Zstandard, Self::Gzip];

    const fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstandard => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that a request takes most gladly (RFC 9110, section 12.5.3); none for the plain bytes.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut weights = [None::<u16>; 3];
        let mut rest = 0;
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for item in value.to_str().unwrap_or_default().split(',') {
                let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
                let weight = weight(parameters);
                let coding = coding.trim();
                if coding == "*" {
                    rest = weight;
                }
                for (known, slot) in Self::ALL.iter().zip(&mut weights) {
                    let alias = *known == Self::Gzip && coding.eq_ignore_ascii_case("x-gzip");
                    if alias || coding.eq_ignore_ascii_case(known.token()) {
                        *slot = Some(weight);
                    }
                }
            }
        }
        Self::ALL
            .into_iter()
            .zip(weights)
            .map(|(coding, weight)| (coding, weight.unwrap_or(rest)))
            .filter(|(_, weight)| *weight > 0)
            // Of equal weights the first, which `max_by_key` would not take.
            .rev()
            .max_by_key(|(_, weight)| *weight)
            .map(|(coding, _)| coding)
    }

    fn encode(self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::Zstandard => zstd::bulk::compress(plain, ZSTD_LEVEL),
            Self::Brotli => {
                let mut encoder =
                    brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, 22);
                encoder.write_all(plain)?;
                encoder.flush()?;
                Ok(encoder.into_inner())
            }
        }
    }
}

/// The weight in thousandths (RFC 9110, section 12.4.2); 0 for one that cannot be read.
fn weight(parameters: &str) -> u16 {
    let Some(quality) = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
    else {
        return 1000;
    };
    match quality.1.trim().split_once('.') {
        None if quality.1.trim() == "1" => 1000,
        Some(("1", _)) => 1000,
        Some(("0", digits)) => format!("{digits:0<3}")
            .get(..3)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0),
        _ => 0,
    }
}

/// An answer without errors to a query of what everyone may see.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) holding: Holding,
    plain: Bytes,
    /// Empty where the coding failed.
    coded: [OnceLock<Bytes>; 3],
    digest: OnceLock<String>,
    tags: OnceLock<Vec<String>>,
    question: Question,
    /// Of an answer that can be put together from parts: what they are kept under.
    parts: Option<RequestParts>,
}

/// How an answer is to be sent.
pub(crate) struct Sending<'a> {
    pub(crate) media_type: ResponseMediaType,
    /// The coding that the request takes.
    pub(crate) coding: Option<Coding>,
    /// Whether the method is one whose answers caches keep: GET or HEAD.
    pub(crate) is_safe: bool,
    /// Whether a token came with the request.
    pub(crate) is_personal: bool,
    pub(crate) if_none_match: Option<&'a HeaderValue>,
    pub(crate) settings: &'a HttpSettings,
    pub(crate) cdn: &'a CdnSettings,
}

impl Answered {
    pub(crate) fn new(
        question: Question,
        plain: Bytes,
        provenance: Provenance,
        parts: Option<RequestParts>,
    ) -> Self {
        Self {
            holding: Holding::new(provenance.dependencies, provenance.edition)
                .with_log_from(provenance.pruned_through),
            plain,
            coded: Default::default(),
            digest: OnceLock::new(),
            tags: OnceLock::new(),
            question,
            parts,
        }
    }

    /// The answer to the same question of a later edition.
    pub(crate) fn renewed(&self, plain: Bytes, provenance: Provenance) -> Self {
        let (question, parts) = (self.question.clone(), self.parts.clone());
        Self::new(question, plain, provenance, parts)
    }

    /// What its parts are kept under, where it can be put together from them.
    pub(crate) fn parts(&self) -> Option<&RequestParts> {
        self.parts.as_ref()
    }

    /// About how many bytes it takes by now.
    pub(crate) fn bytes(&self) -> usize {
        let coded: usize = self
            .coded
            .iter()
            .filter_map(|coded| coded.get().map(Bytes::len))
            .sum();
        let parts = self.parts.as_ref().map_or(0, RequestParts::bytes);
        self.plain.len() + coded + parts + self.holding.dependencies.bytes() + size_of::<Self>()
    }

    /// What was asked.
    pub(crate) fn question(&self) -> &Question {
        &self.question
    }

    /// Whether both have the same bytes.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        self.plain == other.plain
    }

    /// Whether it has been brought into a coding already.
    pub(crate) fn has(&self, coding: Coding) -> bool {
        self.coded
            .get(coding as usize)
            .is_some_and(|coded| coded.get().is_some())
    }

    /// Whether it is brought into codings at all.
    pub(crate) fn is_coded(&self, settings: &HttpSettings) -> bool {
        settings.compression
            && u64::try_from(self.plain.len()).unwrap_or(u64::MAX) >= settings.compression_min_bytes
    }

    fn dependencies(&self) -> &Dependencies {
        &self.holding.dependencies
    }

    /// Its bytes in a coding, made once.
    fn coded(&self, coding: Coding) -> Option<&Bytes> {
        let coded = self.coded.get(coding as usize)?.get_or_init(|| {
            match coding.encode(&self.plain) {
                Ok(coded) => Bytes::copy_from_slice(&coded),
                Err(error) => {
                    tracing::error!(%error, coding = coding.token(), "an answer could not be compressed");
                    Bytes::new()
                }
            }
        });
        (!coded.is_empty()).then_some(coded)
    }

    /// The strong entity tag of a coding (RFC 9110, section 8.8.3): each coding has bytes of its own.
    fn entity_tag(&self, coding: Option<Coding>) -> Option<HeaderValue> {
        let digest = self.digest.get_or_init(|| {
            let mut digest = sha256(&self.plain);
            digest.truncate(32);
            digest
        });
        let suffix = coding.map_or("", Coding::token);
        HeaderValue::from_str(&format!("\"{digest}{suffix}\"")).ok()
    }

    /// The response that sends it.
    pub(crate) fn response(&self, sending: &Sending<'_>) -> http::Response<Bytes> {
        let settings = sending.settings;
        let coding = sending.coding.filter(|_| self.is_coded(settings));
        let (body, coding) = match coding.and_then(|coding| Some((self.coded(coding)?, coding))) {
            Some((coded, coding)) => (coded.clone(), Some(coding)),
            None => (self.plain.clone(), None),
        };
        let mut response = http::Response::new(body);
        let headers = response.headers_mut();
        headers.reserve(10);
        headers.insert(header::CONTENT_TYPE, sending.media_type.content_type());
        if let Some(coding) = coding {
            headers.insert(
                header::CONTENT_ENCODING,
                HeaderValue::from_static(coding.token()),
            );
        }
        if !sending.is_safe {
            return response;
        }
        let entity_tag = self.entity_tag(coding);
        let is_known = entity_tag.as_ref().is_some_and(|tag| {
            sending
                .if_none_match
                .is_some_and(|known| is_among(tag, known))
        });
        if let Some(tag) = entity_tag {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(
            header::CACHE_CONTROL,
            cache_control::of(self.dependencies(), sending.is_personal, sending.cdn),
        );
        if !sending.is_personal {
            let tags = self
                .tags
                .get_or_init(|| cache_tags::of(self.dependencies(), sending.cdn.tag_bytes));
            for name in &sending.cdn.tag_headers {
                if let (Ok(name), Some(value)) = (
                    HeaderName::try_from(name.as_str()),
                    cache_tags::header_value(name, tags),
                ) {
                    headers.insert(name, value);
                }
            }
        }
        if is_known {
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_ENCODING);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Bytes::new();
        }
        response
    }
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

    fn chosen(accept: &str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
        Coding::negotiate(&headers)
    }

    #[test]
    fn the_coding_that_is_taken_most_gladly_is_chosen() {
        assert_eq!(chosen("gzip, deflate, br, zstd"), Some(Coding::Brotli));
        assert_eq!(chosen("gzip"), Some(Coding::Gzip));
        assert_eq!(chosen("x-gzip"), Some(Coding::Gzip));
        assert_eq!(chosen("br;q=0.5, gzip;q=0.8"), Some(Coding::Gzip));
        assert_eq!(chosen("br;q=0, *"), Some(Coding::Zstandard));
        assert_eq!(chosen("identity"), None);
        assert_eq!(chosen("gzip;q=0"), None);
        assert_eq!(chosen("GZIP;Q=1.0"), Some(Coding::Gzip));
        assert_eq!(Coding::negotiate(&HeaderMap::new()), None);
    }

    #[test]
    fn an_entity_tag_is_found_among_others() {
        let tag = HeaderValue::from_static("\"a\"");
        let among = |known: &'static str| is_among(&tag, &HeaderValue::from_static(known));
        assert!(among("\"a\"") && among("W/\"a\"") && among("\"b\", \"a\"") && among("*"));
        assert!(!among("\"b\"") && !among("a"));
    }
}
