//! A key that verifies signatures, each with the one algorithm that it is for.

use std::fmt;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk},
};
use serde_json::{Map, Value};

/// The least size of an RSA key in bytes (RFC 7518, section 3.3).
const SMALLEST_MODULUS: usize = 2048 / 8;

/// How a token is signed (RFC 7518, section 3.1; RFC 8037, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
}

impl SignatureAlgorithm {
    /// The algorithm with this name. `none` is the name of none.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            // RFC 9864 names the curve in place of the family.
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }

    const fn of_the_library(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

/// A key, pinned to its algorithm.
#[derive(Clone)]
pub(crate) struct Key {
    /// Its name, where it has one.
    pub(crate) id: Option<String>,
    /// The one algorithm that it verifies, whatever a token says.
    pub(crate) algorithm: SignatureAlgorithm,
    material: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// A shared secret, for HS256.
    pub(crate) fn from_secret(secret: &[u8]) -> Self {
        Self {
            id: None,
            algorithm: SignatureAlgorithm::Hs256,
            material: DecodingKey::from_secret(secret),
        }
    }

    /// The one public key of a PEM file (RFC 7468, section 13). The error says what is wrong, and how to mend it.
    pub(crate) fn from_pem(text: &str) -> Result<Self, String> {
        let labels: Vec<&str> = text
            .lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix("-----BEGIN ")?
                    .strip_suffix("-----")
            })
            .collect();
        match labels.as_slice() {
            [label] if label.ends_with("PRIVATE KEY") => {
                return Err(
                    "this is a private key, which whoever issues tokens keeps to themselves: give its \
                     public key, such as 'openssl pkey -pubout' prints"
                        .to_owned(),
                );
            }
            ["PUBLIC KEY" | "RSA PUBLIC KEY"] => {}
            ["CERTIFICATE"] => {
                return Err(
                    "this is a certificate: give its public key, such as 'openssl x509 -pubkey -noout' prints"
                        .to_owned(),
                );
            }
            [] => {
                return Err(
                    "this is no PEM file: it has no line '-----BEGIN PUBLIC KEY-----'".to_owned(),
                );
            }
            [label] => return Err(format!("'{label}' is not read: give a 'PUBLIC KEY'")),
            _ => return Err("the file holds more than one key: give a file to each".to_owned()),
        }
        let pem = text.as_bytes();
        let read = DecodingKey::from_rsa_pem(pem)
            .ok()
            .and_then(|key| Self::pinned(SignatureAlgorithm::Rs256, key))
            .or_else(|| {
                let key = DecodingKey::from_ec_pem(pem).ok()?;
                Self::pinned(SignatureAlgorithm::Es256, key)
            })
            .or_else(|| {
                let key = DecodingKey::from_ed_pem(pem).ok()?;
                Self::pinned(SignatureAlgorithm::EdDsa, key)
            });
        read.ok_or_else(|| {
            "the key cannot be used: give an RSA key of at least 2048 bits, one on the curve P-256, or Ed25519"
                .to_owned()
        })
    }

    /// A key of a JWK set (RFC 7517), if it is one that verifies signatures which are known here.
    pub(crate) fn from_jwk(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (algorithm, key) = match (text("kty")?, text("crv")) {
            ("RSA", _) => (
                SignatureAlgorithm::Rs256,
                DecodingKey::from_rsa_components(text("n")?, text("e")?),
            ),
            ("EC", Some("P-256")) => (
                SignatureAlgorithm::Es256,
                DecodingKey::from_ec_components(text("x")?, text("y")?),
            ),
            ("OKP", Some("Ed25519")) => (
                SignatureAlgorithm::EdDsa,
                DecodingKey::from_ed_components(text("x")?),
            ),
            // Symmetric ones too: a secret that is published is none.
            _ => return None,
        };
        let named = text("alg").map(SignatureAlgorithm::from_name);
        if named.is_some_and(|named| named != Some(algorithm)) {
            return None;
        }
        let mut key = Self::pinned(algorithm, key.ok()?)?;
        key.id = text("kid").map(str::to_owned);
        Some(key)
    }

    /// The key for this algorithm, if it is of the kind and the size that the algorithm needs.
    fn pinned(algorithm: SignatureAlgorithm, material: DecodingKey) -> Option<Self> {
        let fits = match Jwk::from_decoding_key(&material, None).ok()?.algorithm {
            AlgorithmParameters::RSA(rsa) => {
                // Four letters of base64 are three bytes.
                algorithm == SignatureAlgorithm::Rs256 && rsa.n.len() * 3 / 4 >= SMALLEST_MODULUS
            }
            AlgorithmParameters::EllipticCurve(point) => {
                algorithm == SignatureAlgorithm::Es256 && point.curve == EllipticCurve::P256
            }
            AlgorithmParameters::OctetKeyPair(_) => algorithm == SignatureAlgorithm::EdDsa,
            _ => false,
        };
        fits.then_some(Self {
            id: None,
            algorithm,
            material,
        })
    }

    /// Whether this key, by its own algorithm, made the signature of what is signed.
    pub(crate) fn verifies(&self, signed: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(
            signature,
            signed.as_bytes(),
            &self.material,
            self.algorithm.of_the_library(),
        )
        .unwrap_or(false)
    }
}
