//! A JSON Web Token as it is sent: three parts between dots (RFC 7515, section 7.1).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::digest::sha256;

/// The longest token that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// The longest `jti` by which a token is known, in bytes.
const LONGEST_ID: usize = 255;

/// A token in its parts, nothing of it verified.
#[derive(Debug)]
pub(crate) struct CompactToken<'text> {
    /// What is signed: header and claims as they were sent.
    pub(crate) signed: &'text str,
    /// The signature as it was sent.
    pub(crate) signature: &'text str,
    /// Which key is said to have signed it, and how.
    pub(crate) header: TokenHeader,
    /// What it claims.
    pub(crate) claims: Map<String, Value>,
}

/// What is read of a token's header. Keys and addresses in it are not: nobody vouches for them.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenHeader {
    /// The algorithm's name.
    pub(crate) alg: String,
    /// The key's name.
    pub(crate) kid: Option<String>,
    /// What has to be understood of the header beyond the standard.
    crit: Option<Value>,
}

impl<'text> CompactToken<'text> {
    pub(crate) fn parse(text: &'text str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            return Err(Refusal::Malformed("it is too long"));
        }
        let three = || Refusal::Malformed("it has to be three parts with dots between them");
        let (signed, signature) = text.rsplit_once('.').ok_or_else(three)?;
        let (header, claims) = signed.split_once('.').ok_or_else(three)?;
        if claims.contains('.') {
            return Err(three());
        }
        let header: TokenHeader =
            part(header).ok_or(Refusal::Malformed("its header cannot be read"))?;
        // RFC 7515, section 4.1.11: what is critical and not understood refuses the token.
        if header.crit.is_some() {
            return Err(Refusal::Malformed(
                "its header holds what is not understood",
            ));
        }
        let claims = part(claims).ok_or(Refusal::Malformed("its claims cannot be read"))?;
        Ok(Self {
            signed,
            signature,
            header,
            claims,
        })
    }

    /// By which it is revoked: its `jti`, or the digest of what is signed.
    ///
    /// Not of the whole token: an ECDSA signature can be written in a second way by whoever has the first.
    pub(crate) fn id(&self) -> String {
        let plain =
            |id: &&str| (1..=LONGEST_ID).contains(&id.len()) && !id.chars().any(char::is_control);
        match self.claims.get("jti").and_then(Value::as_str).filter(plain) {
            Some(id) => id.to_owned(),
            None => sha256(self.signed),
        }
    }
}

/// Reads base64url of JSON.
fn part<Content: DeserializeOwned>(text: &str) -> Option<Content> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
