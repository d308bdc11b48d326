//! How tokens are verified, as the configuration says it.

use std::{fmt, path::PathBuf};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, IgnoredAny},
};

/// The least length of a shared secret in bytes: that of an HS256 signature (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// The most leeway, in seconds: more than that is a clock to be mended.
const MOST_LEEWAY: u64 = 3600;

/// Which tokens are taken, and how they are read. A text that is empty is not set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSettings {
    /// The secret shared with whoever issues tokens that are signed with HS256, of at least 32 bytes.
    pub jwt_secret: Secret,
    /// PEM files, a public key each: RSA for RS256, P-256 for ES256, Ed25519 for `EdDSA`.
    pub public_key_files: Vec<PathBuf>,
    /// Where an identity provider's public keys are: a path or an http(s) URL of a JWK set (RFC 7517).
    pub jwks: String,
    /// Who has to have issued a token (`iss`); empty: anyone who has the key.
    pub issuer: String,
    /// For whom a token has to be (`aud`); empty: it need not say.
    pub audience: String,
    /// The claim that holds the role or a list of roles: its name, or its JSON pointer (RFC 6901), which
    /// begins with `/`.
    pub role_claim: String,
    /// The claim that holds the scopes, as a text with spaces between them or as a list; named likewise.
    pub scope_claim: String,
    /// The claim that holds the identity of the partner that a token is bound to; named likewise.
    pub partner_claim: String,
    /// Whether a token with the role `partner` has to be bound to a partner.
    pub require_partner: bool,
    /// Seconds by which the clock of whoever issues tokens may differ from this one.
    pub leeway_seconds: u64,
    /// Seconds that lie at least between two fetches of the JWK set.
    pub jwks_floor_seconds: u64,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            jwt_secret: Secret::default(),
            public_key_files: Vec::new(),
            jwks: String::new(),
            issuer: String::new(),
            audience: String::new(),
            role_claim: "role".to_owned(),
            scope_claim: "scope".to_owned(),
            partner_claim: "partner".to_owned(),
            require_partner: false,
            leeway_seconds: 0,
            jwks_floor_seconds: 60,
        }
    }
}

impl TokenSettings {
    /// What types do not tell. The key, and what is wrong with it.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let length = self.jwt_secret.as_bytes().len();
        if (1..SHORTEST_SECRET).contains(&length) {
            let problem = format!(
                "a secret of {length} bytes can be guessed: write at least {SHORTEST_SECRET}, \
                 such as 'openssl rand -base64 48' prints"
            );
            return Err(("tokens.jwt_secret", problem));
        }
        for (key, claim) in [
            ("tokens.role_claim", &self.role_claim),
            ("tokens.scope_claim", &self.scope_claim),
            ("tokens.partner_claim", &self.partner_claim),
        ] {
            if claim.trim_matches('/').is_empty() {
                let problem = format!(
                    "'{claim}' names no claim: write its name, as in 'role', or its JSON pointer, as in \
                     '/realm_access/roles'"
                );
                return Err((key, problem));
            }
        }
        if self.leeway_seconds > MOST_LEEWAY {
            let problem = format!(
                "{} cannot be used: write {MOST_LEEWAY} or less",
                self.leeway_seconds
            );
            return Err(("tokens.leeway_seconds", problem));
        }
        Ok(())
    }

    /// Whether there is any key that a token could be verified with.
    pub fn has_keys(&self) -> bool {
        !(self.jwt_secret.is_empty() && self.public_key_files.is_empty() && self.jwks.is_empty())
    }

    /// The same, fit to be shown.
    #[must_use]
    pub fn without_secret(&self) -> Self {
        Self {
            jwt_secret: Secret::default(),
            ..self.clone()
        }
    }
}

/// A text that no log and no message shows.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// This text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether it is not set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Reads a text. What is none is not repeated in the error, since a number may be meant as one.
    fn deserialize<Source: Deserializer<'de>>(source: Source) -> Result<Self, Source::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Text(String),
            Other(IgnoredAny),
        }

        match Given::deserialize(source)? {
            Given::Text(text) => Ok(Self(text)),
            Given::Other(_) => Err(Source::Error::custom(
                "write the secret as a text, between quotation marks",
            )),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_empty() {
            "Secret(not set)"
        } else {
            "Secret(…)"
        })
    }
}

/// A setting about tokens that turns out unusable when it is put to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct TokenSettingError {
    /// The key.
    pub key: &'static str,
    /// What is wrong, and how to mend it.
    pub problem: String,
}

impl TokenSettingError {
    pub(crate) fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            key,
            problem: problem.into(),
        }
    }
}
