//! Where clients reach the API, for what has to name its own address: feeds, sitemaps, `robots.txt`.
//!
//! It is configured, and never taken from a request's `Host`: what is kept would carry what one client made up to all others.

use thiserror::Error;
use url::Url;

use super::HttpSettings;

/// An address in the settings is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{key}: {value:?} is no address. Write it with its scheme and without a query, such as https://api.magazine.example"
)]
pub struct PublicAddressError {
    key: &'static str,
    value: String,
}

/// The addresses that settings give.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublicAddress {
    base: Option<String>,
    license: Option<String>,
}

impl PublicAddress {
    /// Reads them.
    ///
    /// # Errors
    /// When one is no address of the web.
    pub(crate) fn read(settings: &HttpSettings) -> Result<Self, PublicAddressError> {
        let base = address("public_url", &settings.public_url)?;
        if let Some(base) = &base
            && (base.query().is_some() || base.fragment().is_some())
        {
            return Err(PublicAddressError {
                key: "public_url",
                value: settings.public_url.clone(),
            });
        }
        Ok(Self {
            base: base.map(|base| base.as_str().trim_end_matches('/').to_owned()),
            license: address("license_url", &settings.license_url)?.map(String::from),
        })
    }

    /// The address of a path of the API. Where none is configured, the publication's website is taken to hand on what is
    /// asked of the API.
    pub(crate) fn of(&self, path: &str, website: &str) -> String {
        let base = self.base.as_deref();
        format!("{}{path}", base.unwrap_or(website.trim_end_matches('/')))
    }

    /// The address of the licence that the publication's articles are under (RSL 1.0).
    pub(crate) fn license(&self) -> Option<&str> {
        self.license.as_deref()
    }
}

fn address(key: &'static str, value: &str) -> Result<Option<Url>, PublicAddressError> {
    if value.is_empty() {
        return Ok(None);
    }
    match Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
        _ => Err(PublicAddressError {
            key,
            value: value.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn read(public_url: &str, license_url: &str) -> Result<PublicAddress, PublicAddressError> {
        PublicAddress::read(&HttpSettings {
            public_url: public_url.to_owned(),
            license_url: license_url.to_owned(),
            ..HttpSettings::default()
        })
    }

    #[test]
    fn the_configured_address_comes_before_the_website() {
        let website = "https://magazine.example/";
        let of = |public_url| {
            read(public_url, "")
                .unwrap()
                .of("/feeds/latest.rss", website)
        };
        assert_eq!(of(""), "https://magazine.example/feeds/latest.rss");
        assert_eq!(
            of("https://api.example/v/"),
            "https://api.example/v/feeds/latest.rss"
        );
        let licensed = read("", "https://magazine.example/license.xml").unwrap();
        assert_eq!(
            licensed.license(),
            Some("https://magazine.example/license.xml")
        );
        assert_eq!(read("", "").unwrap().license(), None);
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_key() {
        for wrong in [
            "api.example",
            "ftp://api.example",
            "https://a.example/?b",
            "/a",
        ] {
            let error = read(wrong, "").unwrap_err().to_string();
            assert!(error.starts_with("public_url: "), "{error}");
        }
        let error = read("", "license.xml").unwrap_err().to_string();
        assert!(error.starts_with("license_url: "), "{error}");
    }
}
