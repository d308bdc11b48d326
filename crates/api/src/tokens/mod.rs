//! Who is asking: tokens in `Authorization: Bearer` (RFC 6750).
//!
//! In reading order:
//!
//! - [`settings`](TokenSettings): which tokens are taken;
//! - `compact`: a JSON Web Token in its parts; `key`: a key, pinned to its algorithm; `key_ring`: all of them;
//!   `jwks`: those of an identity provider, fetched again when it has new ones;
//! - `claims`: what a verified token says, and whether it is good at this instant;
//! - [`Tokens`]: from the header to the [`Caller`], previews and revoked tokens included;
//! - [`mint`]: making a token;
//! - `refusal`: why a token is not taken, and how a client is told.
//!
//! Invariant: whoever sends a token is its bearer or is refused; nobody is taken for the public by mistake.

mod claims;
mod compact;
mod jwks;
mod key;
mod key_ring;
mod minting;
mod refusal;
mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use http::{HeaderMap, header};
use masthead_domain::{
    audience::Audience,
    clock::Clock,
    identifier::PartnerId,
    node_id::NodeId,
    partner::Partner,
    viewer::{Caller, Role, Scope, TokenFacts, Viewer},
};
use masthead_newsroom::{partner_tokens, preview};
use masthead_persistence::{Database, PersistenceError};

pub use minting::{MintError, MintedToken, TokenRequest, mint};
pub use settings::{Secret, TokenSettingError, TokenSettings};

use crate::http::{Authenticator, Problem, internal_error};
use claims::ClaimRules;
use compact::CompactToken;
use key_ring::KeyRing;
use refusal::Refusal;

/// Chooses the cryptography that tokens are signed and verified with. To be called first thing in a process; again,
/// it changes nothing.
pub fn install_cryptography() {
    // Refused only where it was installed before.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// Takes tokens: tells from a request's headers who is asking.
#[derive(Debug)]
pub struct Tokens {
    keys: KeyRing,
    rules: ClaimRules,
    require_partner: bool,
    database: Database,
    clock: Clock,
}

/// Why nobody can be told to be asking.
enum Failure {
    Refused(Refusal),
    Broken(PersistenceError),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<PersistenceError> for Failure {
    fn from(error: PersistenceError) -> Self {
        Self::Broken(error)
    }
}

impl Tokens {
    /// Reads the keys that the settings name. An identity provider that cannot be reached is tried again later.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub async fn load(
        settings: &TokenSettings,
        database: Database,
        clock: Clock,
    ) -> Result<Self, TokenSettingError> {
        settings
            .check()
            .map_err(|(key, problem)| TokenSettingError::new(key, problem))?;
        Ok(Self {
            keys: KeyRing::load(settings).await?,
            rules: ClaimRules::new(settings),
            require_partner: settings.require_partner,
            database,
            clock,
        })
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let Some(token) = bearer_token(headers)? else {
            return Ok(Caller::Public);
        };
        if token.starts_with(preview::PREFIX) {
            let article = preview::previewed_article(&self.database, &self.clock, token).await?;
            return Ok(Caller::Preview(article.ok_or(Refusal::NoPreview)?));
        }
        if token.starts_with(partner_tokens::PREFIX) {
            return self.bearer_of_partner_token(token).await;
        }
        if self.keys.is_empty() {
            return Err(Refusal::NoKey.into());
        }
        let token = CompactToken::parse(token)?;
        self.keys.verify(&token).await?;
        let mut viewer = self.rules.viewer(&token.claims, self.clock.now())?;
        viewer.token = TokenFacts {
            id: token.id(),
            expires_at: claims::expiry(&token.claims)?.and_then(DateTime::from_timestamp_millis),
        };
        let partner = self.rules.partner(&token.claims)?;
        // In the database and nowhere else, so that a token is at its end on every node at once.
        match (viewer.role, partner) {
            (Role::Partner, Some(partner)) => self.bind(&mut viewer, partner).await?,
            (Role::Partner, None) if self.require_partner => return Err(Refusal::Unbound.into()),
            (_, None) => {
                let reader = self.database.reader(Audience::EVERYONE, &self.clock);
                if reader.is_revoked(&viewer.token.id).await? {
                    return Err(Refusal::Revoked.into());
                }
            }
            // Of somebody else it would mean nothing, and whoever issued it meant something.
            (_, Some(_)) => return Err(Refusal::NotAPartners.into()),
        }
        Ok(Caller::Viewer(viewer))
    }

    /// Binds the bearer of a token to the partner that it names, in one look at the database.
    async fn bind(&self, viewer: &mut Viewer, partner: PartnerId) -> Result<(), Failure> {
        let reader = self.database.reader(Audience::EVERYONE, &self.clock);
        let known = reader.bound_token(&viewer.token.id, partner).await?;
        if known.is_revoked {
            return Err(Refusal::Revoked.into());
        }
        let partner = known.partner.ok_or(Refusal::NoPartner)?;
        let scopes = partner.scopes_of_token(viewer.scopes.iter().map(String::as_str));
        bind(viewer, partner, scopes).map_err(Failure::from)
    }

    /// Whom a token speaks for that was made for a partner here.
    async fn bearer_of_partner_token(&self, token: &str) -> Result<Caller, Failure> {
        let found = partner_tokens::partner_of_token(&self.database, &self.clock, token).await?;
        let (token, partner) = found.ok_or(Refusal::NoPartnerToken)?;
        let mut viewer = Viewer::new(NodeId::Partner(partner.id).encode(), Role::Partner);
        viewer.token = TokenFacts {
            id: NodeId::PartnerToken(token.id).encode(),
            expires_at: Some(token.expires_at),
        };
        let scopes = match &token.scopes {
            Some(scopes) => partner.scopes.intersection(scopes).copied().collect(),
            None => partner.scopes.iter().copied().collect(),
        };
        bind(&mut viewer, partner, scopes)?;
        Ok(Caller::Viewer(viewer))
    }
}

/// Binds the bearer of a token to a partner, with the scopes that both have.
fn bind(viewer: &mut Viewer, partner: Partner, scopes: Vec<Scope>) -> Result<(), Refusal> {
    partner.takes_tokens()?;
    viewer.scopes = scopes
        .into_iter()
        .map(|scope| scope.name().to_owned())
        .collect();
    viewer.partner = Some(Arc::new(partner));
    Ok(())
}

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Caller, Problem>> {
        Box::pin(async {
            self.caller(headers).await.map_err(|failure| match failure {
                Failure::Refused(refusal) => {
                    tracing::info!(reason = %refusal, "a token was refused");
                    refusal.into()
                }
                Failure::Broken(error) => {
                    tracing::error!(%error, "a token cannot be looked up");
                    internal_error()
                }
            })
        })
    }
}

/// The token that a request bears, if it has an `Authorization` header at all.
fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refusal::SeveralHeaders);
    }
    let text = value
        .to_str()
        .map_err(|_| Refusal::UnreadableHeader)?
        .trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Refusal::OtherScheme);
    }
    match token.trim() {
        "" => Err(Refusal::NoToken),
        token if token.contains([' ', ',', '\t']) => Err(Refusal::UnreadableHeader),
        token => Ok(Some(token)),
    }
}

/// By what a token is revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenIdentity {
    /// Its `jti`, or what stands for one that it has not.
    pub id: String,
    /// When it expires; none when it does not say.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Reads off a token by what it is revoked. Nothing of it is verified: whoever revokes a token need not have its key.
///
/// Answers none when it is no token.
pub fn identify(token: &str) -> Option<TokenIdentity> {
    let token = CompactToken::parse(token.trim()).ok()?;
    let expires_at = claims::expiry(&token.claims)
        .ok()?
        .map(|expiry| DateTime::from_timestamp_millis(expiry).unwrap_or(DateTime::<Utc>::MAX_UTC));
    Some(TokenIdentity {
        id: token.id(),
        expires_at,
    })
}
