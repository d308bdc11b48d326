//! Why a request with a token is refused, and how it is told (RFC 6750, section 3).

use chrono::{DateTime, SecondsFormat, Utc};
use http::{HeaderValue, header};
use masthead_domain::{partner::PartnerRefusal, viewer::Role};

use crate::{error_code::ErrorCode, http::Problem};

/// What is wrong with what a request says of who is asking.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The request has more than one Authorization header. Send one.")]
    SeveralHeaders,
    #[error("The Authorization header cannot be read. Send 'Authorization: Bearer' and a token.")]
    UnreadableHeader,
    #[error(
        "The Authorization header is not of the scheme Bearer. Send 'Authorization: Bearer' and a token."
    )]
    OtherScheme,
    #[error("The Authorization header holds no token. Leave it out to ask without one.")]
    NoToken,
    #[error("The server has no key to verify a token with. Whoever runs it sets one in 'tokens'.")]
    NoKey,
    #[error("The preview has expired or never was one. Ask for a new link.")]
    NoPreview,
    #[error("The token is no JSON Web Token: {0}.")]
    Malformed(&'static str),
    #[error("The token is signed with an algorithm that no key of this server is for.")]
    OtherAlgorithm,
    #[error("The token names a key that this server does not know.")]
    UnknownKey,
    #[error("The keys of the identity provider could not be fetched yet. Try again shortly.")]
    KeysNotFetched,
    #[error("The token's signature is not that of a key of this server.")]
    WrongSignature,
    #[error("The token does not say when it expires ('exp').")]
    NoExpiry,
    #[error("The token expired at {}. Get a new one.", shown(*.0))]
    Expired(i64),
    #[error("The token is not valid before {}.", shown(*.0))]
    NotYetValid(i64),
    #[error("The token's '{0}' is not what this server needs it to be.")]
    OtherParty(&'static str),
    #[error("The token's claim '{0}' is not of the right type.")]
    WrongType(&'static str),
    #[error("The token does not say whom it speaks for ('sub').")]
    NoSubject,
    #[error("The token gives no role in the claim '{0}'.")]
    NoRole(String),
    #[error("The token gives none of the roles that there are ({roles}) in the claim '{0}'.", roles = roles())]
    UnknownRole(String),
    #[error("The token has been revoked. Get a new one.")]
    Revoked,
    #[error("The token names a partner that there is not. Ask the publication.")]
    NoPartner,
    #[error("The token is bound to no partner, which this server needs a partner's token to be.")]
    Unbound,
    #[error("The token is bound to a partner, and its role is another.")]
    NotAPartners,
    #[error(
        "The token of a partner has expired, was revoked, or never was one. Ask the publication."
    )]
    NoPartnerToken,
    #[error(transparent)]
    Partner(#[from] PartnerRefusal),
}

/// A time in milliseconds since 1970, to the second. A time that no calendar has is shown as the last of ours.
fn shown(milliseconds: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(milliseconds)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn roles() -> String {
    Role::ALL.map(Role::name).join(", ")
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        let challenge = format!(
            "Bearer error=\"invalid_token\", error_description=\"{}\"",
            as_description(&detail)
        );
        let problem = Self::new(ErrorCode::Unauthenticated, detail);
        match HeaderValue::from_str(&challenge) {
            Ok(challenge) => problem.with_header(header::WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        }
    }
}

/// With the characters alone that RFC 6750 allows in a description.
fn as_description(text: &str) -> String {
    let allowed = |letter: char| matches!(letter, ' '..='~') && letter != '"' && letter != '\\';
    text.chars()
        .map(|letter| if allowed(letter) { letter } else { '?' })
        .collect()
}
