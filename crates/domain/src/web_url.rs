//! Addresses that are safe to print in a page: [`WebUrl`] and [`LinkTarget`].
//!
//! Both hold the serialisation that the WHATWG URL Standard gives, further percent-encoded until
//! only the characters of RFC 3986, section 2, are left. So a stored address is ASCII, has no white
//! space, quote, angle bracket or backslash, and a browser reads it as this crate did.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{ParseError, Url};

/// The most characters that an address may have, percent-encoded.
///
/// Signed addresses of image services reach about half of it.
pub const MAXIMUM_URL_LENGTH: usize = 4096;

/// Why a text is no address that may stand in a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// Nothing but white space.
    #[error("the address is empty; leave it out or write one that begins with https://")]
    Empty,
    /// Longer than [`MAXIMUM_URL_LENGTH`].
    #[error("the address is longer than {MAXIMUM_URL_LENGTH} characters; use a shorter one")]
    TooLong,
    /// A tab, a line break or another control character, which browsers drop and readers do not see.
    #[error("the address holds a control character; remove it")]
    ControlCharacter,
    /// A scheme that a page may not hold: `javascript:`, `data:`, `file:` and all that is not named.
    #[error("the address begins with '{0}:', which is not allowed; use https://")]
    Scheme(String),
    /// A user name or a password before the host, by which one site passes itself off as another.
    #[error("the address holds a user name or a password; remove what stands before the @")]
    Credentials,
    /// An address that means something only beside another one.
    #[error("the address is relative; write it in full, beginning with https://")]
    Relative,
    /// Not an address by the URL Standard.
    #[error("the address cannot be read ({0}); write it in full, beginning with https://")]
    Malformed(ParseError),
}

impl From<ParseError> for WebUrlError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::RelativeUrlWithoutBase => Self::Relative,
            other => Self::Malformed(other),
        }
    }
}

/// An absolute `http` or `https` address without credentials.
///
/// ```
/// use masthead_domain::web_url::WebUrl;
///
/// assert_eq!(WebUrl::parse("HTTPS://Example.org/चित्र.jpg")?.as_str(),
///     "https://example.org/%E0%A4%9A%E0%A4%BF%E0%A4%A4%E0%A5%8D%E0%A4%B0.jpg");
/// assert!(WebUrl::parse("javascript:alert(1)").is_err());
/// # Ok::<(), masthead_domain::web_url::WebUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(String);

impl WebUrl {
    /// Reads an absolute address, or one that leaves out the scheme (`//example.org/`), which
    /// becomes `https`. White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, WebUrlError> {
        let text = checked(text)?;
        if text.starts_with("//") {
            Self::from_url(&Url::parse(&format!("https:{text}"))?)
        } else {
            Self::from_url(&Url::parse(text)?)
        }
    }

    /// Reads a reference as a page at this address would: absolute or relative to it.
    pub fn join(&self, reference: &str) -> Result<Self, WebUrlError> {
        Self::from_url(&Url::parse(&self.0)?.join(checked(reference)?)?)
    }

    /// The address: ASCII, percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_url(url: &Url) -> Result<Self, WebUrlError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(WebUrlError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebUrlError::Credentials);
        }
        percent_encoded(url.as_str()).map(Self)
    }
}

/// What a link in an article may lead to.
///
/// It is one of: a web address, a mail address (`mailto:`, RFC 6068), a telephone number (`tel:`,
/// RFC 3966), a place in the same article (`#sources`), a page of the same site (`/2024/elections`).
/// A reference relative to a page (`story.html`) is refused: a body has no page of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LinkTarget(String);

impl LinkTarget {
    /// Reads what stands in a link. White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, WebUrlError> {
        let text = checked(text)?;
        match text.as_bytes() {
            [b'#'] => Err(WebUrlError::Empty),
            [b'#', ..] => Self::on_this_site(text).and_then(|on_site| {
                // Resolved against the site's root: what comes before the fragment is that root.
                on_site
                    .0
                    .find('#')
                    .map_or(Err(WebUrlError::Relative), |start| {
                        Ok(Self(on_site.0[start..].to_owned()))
                    })
            }),
            [b'/', b'/', ..] => WebUrl::parse(text).map(Self::from),
            [b'/', ..] => Self::on_this_site(text),
            _ => {
                let url = Url::parse(text)?;
                match url.scheme() {
                    "mailto" | "tel" => percent_encoded(url.as_str()).map(Self),
                    _ => WebUrl::from_url(&url).map(Self::from),
                }
            }
        }
    }

    /// The target: ASCII, percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads to a web address written in full, and so perhaps to somebody else's site.
    pub fn is_absolute(&self) -> bool {
        self.0.starts_with("https:") || self.0.starts_with("http:")
    }

    /// Resolves against a host that cannot exist, to see how a browser would read the reference.
    fn on_this_site(text: &str) -> Result<Self, WebUrlError> {
        const SITE: &str = "https://site.invalid";
        let resolved = WebUrl::from_url(&Url::parse(SITE)?.join(text)?)?;
        match resolved.0.strip_prefix(SITE) {
            // Dot segments may leave `//host`, which a browser takes for another site.
            Some(path) if path.starts_with('/') && !path.starts_with("//") => {
                Ok(Self(path.to_owned()))
            }
            _ => Err(WebUrlError::Relative),
        }
    }
}

impl From<WebUrl> for LinkTarget {
    fn from(url: WebUrl) -> Self {
        Self(url.0)
    }
}

fn checked(text: &str) -> Result<&str, WebUrlError> {
    let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
    if text.is_empty() {
        Err(WebUrlError::Empty)
    } else if text.len() > MAXIMUM_URL_LENGTH {
        Err(WebUrlError::TooLong)
    } else if text.chars().any(char::is_control) {
        Err(WebUrlError::ControlCharacter)
    } else {
        Ok(text)
    }
}

/// Percent-encodes what RFC 3986 does not allow anywhere and the URL Standard leaves as it is.
fn percent_encoded(url: &str) -> Result<String, WebUrlError> {
    use std::fmt::Write as _;

    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    if encoded.len() > MAXIMUM_URL_LENGTH {
        return Err(WebUrlError::TooLong);
    }
    Ok(encoded)
}

macro_rules! text_of_an_address {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = WebUrlError;
            fn try_from(text: String) -> Result<Self, WebUrlError> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = WebUrlError;
            fn from_str(text: &str) -> Result<Self, WebUrlError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(address: $name) -> Self {
                address.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_of_an_address!(WebUrl);
text_of_an_address!(LinkTarget);

#[cfg(test)]
mod tests;
