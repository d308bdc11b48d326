//! An identity provider's public keys: a JWK set (RFC 7517) in a file or at an address, read again when a token
//! names a key that is not among them.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use reqwest::{Client, redirect};
use serde_json::{Map, Value};
use tokio::{sync::Mutex, time::Instant};
use url::{Host, Url};

use super::{key::Key, settings::TokenSettingError};

/// How long a fetch may take, from the first packet to the last.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest document that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// How often a fetch is sent elsewhere at most.
const MOST_REDIRECTS: usize = 3;

/// While no fetch has succeeded yet, they follow each other sooner: provider and server may start together.
const FLOOR_AT_FIRST: Duration = Duration::from_secs(5);

/// Where the keys are.
#[derive(Debug)]
enum Place {
    File(PathBuf),
    Address(Box<Client>, Url),
}

/// The keys of an identity provider. One that was read stays until a later reading succeeds.
#[derive(Debug)]
pub(crate) struct KeySet {
    place: Place,
    floor: Duration,
    /// None before the first reading that succeeded.
    keys: RwLock<Option<Arc<Vec<Key>>>>,
    /// When the last reading began. Whoever holds the lock reads; the others wait for what comes of it.
    last_begun: Mutex<Option<Instant>>,
}

impl KeySet {
    /// Reads the keys for the first time. An address that does not answer is tried again later, and logged; a
    /// file that cannot be read is a wrong setting.
    pub(crate) async fn load(place: &str, floor: Duration) -> Result<Arc<Self>, TokenSettingError> {
        let wrong = |problem: String| {
            TokenSettingError::new("tokens.jwks", format!("'{place}': {problem}"))
        };
        let set = Arc::new(Self {
            place: Place::parse(place).map_err(&wrong)?,
            floor,
            keys: RwLock::default(),
            last_begun: Mutex::default(),
        });
        *set.last_begun.lock().await = Some(Instant::now());
        match (set.read().await, &set.place) {
            (Err(problem), Place::File(_)) => return Err(wrong(problem)),
            (Err(problem), Place::Address(..)) => tracing::error!(
                jwks = place,
                problem,
                "the keys of the identity provider cannot be fetched: its tokens are refused until they can"
            ),
            (Ok(()), _) => {}
        }
        Ok(set)
    }

    /// The keys as they were last read.
    pub(crate) fn keys(&self) -> Option<Arc<Vec<Key>>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    /// Reads the keys again, unless that was done, or tried, a moment ago. At most one reading is under way; it goes
    /// on when whoever asked for it has gone.
    pub(crate) async fn refresh(self: &Arc<Self>) {
        let set = Arc::clone(self);
        let asked = Instant::now();
        let refreshing = tokio::spawn(async move {
            let mut last_begun = set.last_begun.lock().await;
            let floor = match set.keys() {
                Some(_) => set.floor,
                None => set.floor.min(FLOOR_AT_FIRST),
            };
            // What was begun since then answers this one too, however low the floor.
            if last_begun.is_some_and(|begun| begun >= asked || begun.elapsed() < floor) {
                return;
            }
            *last_begun = Some(Instant::now());
            if let Err(problem) = set.read().await {
                tracing::warn!(
                    problem,
                    "the keys of the identity provider cannot be read: those known are kept"
                );
            }
        });
        if let Err(error) = refreshing.await {
            tracing::error!(%error, "reading the keys of the identity provider broke off");
        }
    }

    async fn read(&self) -> Result<(), String> {
        let document = match &self.place {
            Place::File(path) => read_file(path)?,
            Place::Address(client, url) => fetch(client, url).await?,
        };
        let keys = parse(&document)?;
        tracing::info!(
            keys = keys.len(),
            "the keys of the identity provider have been read"
        );
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
        Ok(())
    }
}

impl Place {
    fn parse(text: &str) -> Result<Self, String> {
        if !text.contains("://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|error| {
            format!(
                "this is no address ({error}): write one such as 'https://id.example/jwks.json'"
            )
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("write a path, or an address that begins with 'https://'".to_owned());
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            tracing::warn!(
                jwks = text,
                "the keys of the identity provider come without encryption: whoever is on the way can put their \
                 own in their place, so use https"
            );
        }
        let client = client(&url).map_err(|error| {
            format!("no connection can be made ready ({error}): check this machine's certificates")
        })?;
        Ok(Self::Address(Box::new(client), url))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn client(url: &Url) -> Result<Client, reqwest::Error> {
    let scheme = url.scheme().to_owned();
    // Never from https to http, where anyone may answer, nor to anything else.
    let redirects = redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > MOST_REDIRECTS {
            attempt.error("too many redirects")
        } else if attempt.url().scheme() != scheme {
            attempt.error("a redirect to another scheme")
        } else {
            attempt.follow()
        }
    });
    let builder = Client::builder()
        .timeout(FETCH_TIMEOUT)
        .redirect(redirects)
        .user_agent(concat!("masthead/", env!("CARGO_PKG_VERSION")));
    if url.scheme() == "http" {
        // Needs no certificates, and shall not fail where a machine has none.
        builder.tls_certs_only([]).build()
    } else {
        builder.build()
    }
}

fn read_file(path: &PathBuf) -> Result<Vec<u8>, String> {
    let length = fs::metadata(path)
        .map_err(|error| format!("the file cannot be read: {error}"))?
        .len();
    if length > u64::try_from(LARGEST).unwrap_or(u64::MAX) {
        return Err(format!("the file is larger than {LARGEST} bytes"));
    }
    fs::read(path).map_err(|error| format!("the file cannot be read: {error}"))
}

async fn fetch(client: &Client, url: &Url) -> Result<Vec<u8>, String> {
    let told = |error: reqwest::Error| {
        use std::error::Error as _;

        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    };
    let mut response = client
        .get(url.clone())
        .header("accept", "application/jwk-set+json, application/json")
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(told)?;
    let mut document = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if document.len() + chunk.len() > LARGEST {
            return Err(format!("the document is larger than {LARGEST} bytes"));
        }
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

/// Reads the keys that verify signatures which are known here; others are left out, as the standard says.
fn parse(document: &[u8]) -> Result<Vec<Key>, String> {
    let document: Map<String, Value> =
        serde_json::from_slice(document).map_err(|error| format!("this is no JWK set: {error}"))?;
    let Some(Value::Array(members)) = document.get("keys") else {
        return Err("this is no JWK set: it has no list 'keys'".to_owned());
    };
    let keys: Vec<Key> = members
        .iter()
        .filter_map(|member| Key::from_jwk(member.as_object()?))
        .collect();
    if keys.is_empty() {
        return Err("the JWK set has no public key for RS256, ES256 or EdDSA".to_owned());
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use serde_json::json;

    use super::*;
    use crate::tokens::key::SignatureAlgorithm;

    /// The public key of RFC 8037, appendix A.2.
    const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ids(members: &Value) -> Result<Vec<(String, SignatureAlgorithm)>, String> {
        let keys = parse(json!({ "keys": members }).to_string().as_bytes())?;
        Ok(keys
            .into_iter()
            .map(|key| (key.id.unwrap_or_default(), key.algorithm))
            .collect())
    }

    #[test]
    fn only_public_keys_for_signatures_are_taken() {
        let x = ED25519;
        let of_rfc_7517 = json!({
            "kty": "EC", "crv": "P-256", "kid": "2011",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        let members = json!([
            of_rfc_7517,
            { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "signs", "use": "sig", "alg": "EdDSA" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "encrypts", "use": "enc" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "other algorithm", "alg": "ES256" },
            { "kty": "OKP", "crv": "X25519", "x": x, "kid": "other curve" },
            { "kty": "OKP", "crv": "Ed25519", "x": "c2hvcnQ", "kid": "too short" },
            { "kty": "EC", "crv": "P-384", "x": x, "y": x, "kid": "other curve too" },
            { "kty": "RSA", "n": "c2hvcnQ", "e": "AQAB", "kid": "too weak" },
            { "kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "alg": "HS256", "kid": "secret" },
            { "kid": "no kind" },
            "no key",
        ]);
        let expected = [
            ("2011".to_owned(), SignatureAlgorithm::Es256),
            ("signs".to_owned(), SignatureAlgorithm::EdDsa),
        ];
        assert_eq!(ids(&members).unwrap(), expected);
    }

    #[test]
    fn a_document_without_a_key_is_none() {
        assert!(ids(&json!([])).unwrap_err().contains("no public key"));
        assert!(ids(&json!({})).unwrap_err().contains("no list 'keys'"));
        assert!(parse(b"<html>").unwrap_err().contains("no JWK set"));
    }

    #[test]
    fn a_place_is_a_path_or_an_address() {
        assert!(matches!(Place::parse("keys/jwks.json"), Ok(Place::File(_))));
        for address in ["http://127.0.0.1:1/jwks", "http://localhost/jwks"] {
            assert!(
                matches!(Place::parse(address), Ok(Place::Address(..))),
                "{address}"
            );
        }
        for wrong in ["ftp://id.example/jwks", "https://", "file:///jwks.json"] {
            assert!(Place::parse(wrong).is_err(), "{wrong}");
        }
    }
}
