//! Content codings (RFC 9110, section 8.4.1): which one a request takes, and how bytes are brought into it.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, header};

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

    pub(crate) const fn token(self) -> &'static str {
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

    pub(crate) fn encode(self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
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
}
