//! The request by which a CDN is asked to purge tags.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use masthead_domain::clock::Clock;
use reqwest::{Client, redirect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use url::Url;

use crate::{http::CdnSettings, outgoing::retry_after};

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most milliseconds that a purge may be put off.
const MOST_DELAY: u64 = 60_000;

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// How a request names the tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PurgeFormat {
    /// In a header `Surrogate-Key`, with spaces between them: Fastly, and Varnish by its configuration.
    #[default]
    SurrogateKey,
    /// In a body `{"tags": […]}`: Cloudflare.
    JsonTags,
}

/// A setting about purging that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{key}: {problem}")]
pub struct PurgeSettingError {
    /// The key.
    pub key: &'static str,
    /// What is wrong, and how to mend it.
    pub problem: String,
}

impl PurgeSettingError {
    fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            key,
            problem: problem.into(),
        }
    }
}

/// A request that the CDN did not take.
#[derive(Debug, Error)]
pub(super) enum HookError {
    /// It cannot be reached, or did not answer in time.
    #[error("the CDN does not answer at cdn.purge_url ({0}): look whether this machine reaches it")]
    Unreachable(String),
    /// It refused.
    #[error(
        "the CDN answers with {status}: where that is 401 or 403, look at the key in cdn.purge_headers; where it is \
         400 or 404, at cdn.purge_url, cdn.purge_method, cdn.purge_format and cdn.purge_batch"
    )]
    Refused {
        /// What it answered.
        status: StatusCode,
        /// For how long it asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// Whether what the settings say of purging can be used.
pub(crate) fn check(settings: &CdnSettings) -> Result<(), PurgeSettingError> {
    address(settings)?;
    method(settings)?;
    headers(settings)?;
    if settings.purge_batch == 0 {
        let problem = "0 cannot be used: write how many tags a request may name, as in 30";
        return Err(PurgeSettingError::new("cdn.purge_batch", problem));
    }
    if settings.purge_delay_milliseconds > MOST_DELAY {
        let problem = format!(
            "{} cannot be used: write {MOST_DELAY} or less",
            settings.purge_delay_milliseconds
        );
        return Err(PurgeSettingError::new(
            "cdn.purge_delay_milliseconds",
            problem,
        ));
    }
    if !settings.purge_url.is_empty() && settings.tag_headers.is_empty() {
        let problem = "answers bear no tags that could be purged: name the header that the CDN reads in \
                       cdn.tag_headers, or leave cdn.purge_url empty";
        return Err(PurgeSettingError::new("cdn.tag_headers", problem));
    }
    Ok(())
}

/// None where it is empty.
fn address(settings: &CdnSettings) -> Result<Option<Url>, PurgeSettingError> {
    let text = &settings.purge_url;
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |problem: &str| PurgeSettingError::new("cdn.purge_url", problem);
    // The address itself is not repeated: what cannot be read may hold a password.
    let url = Url::parse(text).map_err(|error| {
        wrong(&format!(
            "this is no address ({error}): write one such as 'https://api.fastly.com/service/ID/purge'"
        ))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(
            "write an address that begins with 'https://', or with 'http://' for a cache on your own network",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "a user or a password in it would be shown: write it as a header in cdn.purge_headers, as in \
             'Authorization: Basic …'",
        ));
    }
    Ok(Some(url))
}

fn method(settings: &CdnSettings) -> Result<Method, PurgeSettingError> {
    let text = &settings.purge_method;
    match Method::from_bytes(text.as_bytes()) {
        Ok(method) if *text == text.to_ascii_uppercase() => Ok(method),
        _ => Err(PurgeSettingError::new(
            "cdn.purge_method",
            format!("'{text}' is no method: write 'POST', 'PURGE' or what else the CDN asks for"),
        )),
    }
}

fn headers(settings: &CdnSettings) -> Result<HeaderMap, PurgeSettingError> {
    let mut headers = HeaderMap::new();
    for (place, header) in (1..).zip(&settings.purge_headers) {
        // No part of it is repeated: it is most likely a key.
        let wrong = || {
            let problem = format!(
                "header {place} cannot be used: write it as 'Name: value', as in 'Fastly-Key: …', in the \
                 environment each on a line"
            );
            PurgeSettingError::new("cdn.purge_headers", problem)
        };
        let (name, value) = header.as_str().split_once(':').ok_or_else(wrong)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
        let mut value = HeaderValue::try_from(value.trim()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// Where a CDN is told what to purge.
#[derive(Debug)]
pub(super) struct Hook {
    client: Client,
    url: Url,
    method: Method,
    headers: HeaderMap,
    format: PurgeFormat,
    batch: usize,
}

impl Hook {
    /// That of the settings; none where they name none.
    pub(super) fn new(settings: &CdnSettings) -> Result<Option<Self>, PurgeSettingError> {
        check(settings)?;
        let Some(url) = address(settings)? else {
            return Ok(None);
        };
        let builder = Client::builder()
            .timeout(TIMEOUT)
            // A key is for whom it is meant for.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("masthead/", env!("CARGO_PKG_VERSION")));
        let client = if url.scheme() == "http" {
            // Needs no certificates, and shall not fail where a machine has none.
            builder.tls_certs_only([]).build()
        } else {
            builder.build()
        };
        let client = client.map_err(|error| {
            let problem = format!(
                "no connection can be made ready ({error}): check this machine's certificates"
            );
            PurgeSettingError::new("cdn.purge_url", problem)
        })?;
        Ok(Some(Self {
            client,
            url,
            method: method(settings)?,
            headers: headers(settings)?,
            format: settings.purge_format,
            batch: settings.purge_batch.max(1),
        }))
    }

    /// How many tags a request names at most.
    pub(super) fn batch(&self) -> usize {
        self.batch
    }

    /// Asks for these tags to be purged.
    pub(super) async fn purge(&self, tags: &[String], clock: &Clock) -> Result<(), HookError> {
        let (headers, body) = self.message(tags);
        let response = self
            .client
            .request(self.method.clone(), self.url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| HookError::Unreachable(error.without_url().to_string()))?;
        let status = response.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(HookError::Refused {
                status,
                retry_after: retry_after(status, response.headers(), clock.now()),
            })
        }
    }

    /// The headers and the body that name these tags.
    fn message(&self, tags: &[String]) -> (HeaderMap, String) {
        let mut headers = self.headers.clone();
        let body = match self.format {
            PurgeFormat::SurrogateKey => {
                // Tags are made of what may stand in a header.
                if let Ok(value) = HeaderValue::try_from(tags.join(" ")) {
                    headers.insert(SURROGATE_KEY, value);
                }
                String::new()
            }
            PurgeFormat::JsonTags => {
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                );
                json!({ "tags": tags }).to_string()
            }
        };
        (headers, body)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;
    use crate::tokens::Secret;

    fn settings() -> CdnSettings {
        CdnSettings {
            purge_url: "https://cdn.example/purge".to_owned(),
            purge_headers: vec![Secret::new("Fastly-Key: moonlight")],
            ..CdnSettings::default()
        }
    }

    #[test]
    fn tags_are_named_as_the_cdn_reads_them() {
        let tags = ["row-A".to_owned(), "list-all".to_owned()];
        let hook = Hook::new(&settings()).unwrap().unwrap();
        let (headers, body) = hook.message(&tags);
        assert_eq!(headers["surrogate-key"], "row-A list-all");
        assert_eq!(headers["fastly-key"], "moonlight");
        assert!(body.is_empty() && headers.len() == 2);
        let json = CdnSettings {
            purge_format: PurgeFormat::JsonTags,
            ..settings()
        };
        let (headers, body) = Hook::new(&json).unwrap().unwrap().message(&tags);
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(body, r#"{"tags":["row-A","list-all"]}"#);
        assert!(Hook::new(&CdnSettings::default()).unwrap().is_none());
    }

    #[test]
    fn nothing_shows_a_key() {
        let hook = Hook::new(&settings()).unwrap().unwrap();
        assert!(!format!("{hook:?} {:?}", settings()).contains("moonlight"));
    }

    #[test]
    fn wrong_settings_are_named_with_their_mend() {
        let wrong = |change: fn(&mut CdnSettings)| {
            let mut settings = settings();
            change(&mut settings);
            check(&settings).unwrap_err().to_string()
        };
        for (error, key, mend) in [
            (
                wrong(|cdn| cdn.purge_url = "api.fastly.com".to_owned()),
                "cdn.purge_url: ",
                "write one such as",
            ),
            (
                wrong(|cdn| cdn.purge_url = "ftp://cdn.example".to_owned()),
                "cdn.purge_url: ",
                "'https://'",
            ),
            (
                wrong(|cdn| cdn.purge_url = "https://me:moonlight@cdn.example".to_owned()),
                "cdn.purge_url: ",
                "cdn.purge_headers",
            ),
            (
                wrong(|cdn| cdn.purge_method = "a b".to_owned()),
                "cdn.purge_method: ",
                "'POST'",
            ),
            (
                wrong(|cdn| cdn.purge_headers = vec![Secret::new("moonlight")]),
                "cdn.purge_headers: header 1",
                "'Name: value'",
            ),
            (wrong(|cdn| cdn.purge_batch = 0), "cdn.purge_batch: ", "30"),
            (
                wrong(|cdn| cdn.purge_delay_milliseconds = 60_001),
                "cdn.purge_delay_milliseconds: ",
                "60000",
            ),
            (
                wrong(|cdn| cdn.tag_headers.clear()),
                "cdn.tag_headers: ",
                "cdn.purge_url",
            ),
        ] {
            assert!(error.starts_with(key) && error.contains(mend), "{error}");
            assert!(!error.contains("moonlight"), "{error}");
        }
    }
}
