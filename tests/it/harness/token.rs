//! Tokens, as an identity provider issues them.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};

/// The secret that every server of the tests is started with.
pub(crate) const SECRET: &str = "a secret of the tests, long enough for HS256";

/// A token of this role with these scopes, good for an hour.
///
/// Its subject is the role's name in front of `@lake.example`.
pub(crate) fn token(role: &str, scopes: &[&str]) -> String {
    Token::of(role).claim("scope", scopes.join(" ")).sign()
}

/// A token in the making.
#[derive(Clone)]
pub(crate) struct Token {
    header: Header,
    claims: Map<String, Value>,
}

impl Token {
    /// Good for an hour, with the claims `sub`, `role` and `exp`.
    pub(crate) fn of(role: &str) -> Self {
        Self::without_role()
            .claim("sub", format!("{role}@lake.example"))
            .claim("role", role)
    }

    /// The same without a role.
    pub(crate) fn without_role() -> Self {
        let token = Self {
            header: Header::new(Algorithm::HS256),
            claims: Map::new(),
        };
        token
            .claim("sub", "someone@lake.example")
            .claim("exp", now() + 3600)
    }

    /// With this claim.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Without this claim.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Naming the key that it is signed with.
    pub(crate) fn key_id(mut self, kid: &str) -> Self {
        self.header.kid = Some(kid.to_owned());
        self
    }

    /// Signed with the tests' secret.
    pub(crate) fn sign(self) -> String {
        self.sign_with(
            Algorithm::HS256,
            &EncodingKey::from_secret(SECRET.as_bytes()),
        )
    }

    /// Signed with another key.
    pub(crate) fn sign_with(mut self, algorithm: Algorithm, key: &EncodingKey) -> String {
        self.header.alg = algorithm;
        jsonwebtoken::encode(&self.header, &json!(self.claims), key).unwrap()
    }
}

/// The present second since 1970-01-01T00:00:00Z.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_secs()).unwrap()
}
