//! Making tokens with the shared secret, for a title that has no identity provider.

use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use masthead_domain::{
    clock::Clock,
    identifier::PartnerId,
    node_id::NodeId,
    viewer::{Role, Scope},
};
use serde_json::{Map, Value};

use super::{claims::ClaimName, settings::TokenSettings};

/// What a token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The role that it gives.
    pub role: Role,
    /// The scopes that it gives beside.
    pub scopes: Vec<Scope>,
    /// The partner that it is bound to.
    pub partner: Option<PartnerId>,
    /// Whom it speaks for.
    pub subject: String,
    /// How long it is good, in whole seconds.
    pub lifetime: Duration,
}

/// A token that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct MintedToken {
    /// The token itself.
    pub token: String,
    /// By which it can be revoked (`jti`).
    pub id: String,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
}

/// Why no token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// There is nothing to sign it with.
    #[error(
        "no secret is set to sign a token with: set MASTHEAD_JWT_SECRET, or 'jwt_secret' in [tokens], to at least \
         32 bytes, such as 'openssl rand -base64 48' prints"
    )]
    NoSecret,
    /// It would be good for no time at all, or past the end of the calendar.
    #[error("a token is good for at least a second and at most 100 years")]
    Lifetime,
    /// One claim would have two values.
    #[error(
        "tokens.role_claim, tokens.scope_claim and tokens.partner_claim name a claim that holds something else: give each \
         one of its own"
    )]
    Claims,
    /// The cryptography failed.
    #[error("the token cannot be signed")]
    Signature,
}

/// Makes a token, signed with the shared secret (HS256), with the claims that the settings ask of tokens.
///
/// # Errors
/// When no secret is set, or it cannot be made so.
pub fn mint(
    settings: &TokenSettings,
    clock: &Clock,
    request: &TokenRequest,
) -> Result<MintedToken, MintError> {
    const LONGEST: TimeDelta = TimeDelta::days(36_525);

    if settings.jwt_secret.is_empty() {
        return Err(MintError::NoSecret);
    }
    let lifetime = TimeDelta::from_std(request.lifetime).map_err(|_| MintError::Lifetime)?;
    if lifetime < TimeDelta::seconds(1) || lifetime > LONGEST {
        return Err(MintError::Lifetime);
    }
    let issued_at = clock.now().trunc_subsecs(0);
    let expires_at = (issued_at + lifetime).trunc_subsecs(0);
    let id = format!("{:032x}", rand::random::<u128>());

    let mut claims = Map::new();
    if !settings.issuer.is_empty() {
        claims.insert("iss".to_owned(), settings.issuer.clone().into());
    }
    if !settings.audience.is_empty() {
        claims.insert("aud".to_owned(), settings.audience.clone().into());
    }
    for (name, value) in [
        ("sub", Value::from(request.subject.clone())),
        ("iat", issued_at.timestamp().into()),
        ("exp", expires_at.timestamp().into()),
        ("jti", id.clone().into()),
    ] {
        claims.insert(name.to_owned(), value);
    }
    let mut set = |name: &str, value: Value| ClaimName::new(name).set(&mut claims, value);
    let mut fits = set(&settings.role_claim, request.role.name().into());
    if !request.scopes.is_empty() {
        let scopes: Vec<&str> = request.scopes.iter().map(|scope| scope.name()).collect();
        fits &= set(&settings.scope_claim, scopes.join(" ").into());
    }
    if let Some(partner) = request.partner {
        let id = NodeId::Partner(partner).encode();
        fits &= set(&settings.partner_claim, id.into());
    }
    if !fits {
        return Err(MintError::Claims);
    }
    let key = EncodingKey::from_secret(settings.jwt_secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|_| MintError::Signature)?;
    Ok(MintedToken {
        token,
        id,
        expires_at,
    })
}
