//! What a token claims (RFC 7519, section 4): read and checked once its signature is verified.

use chrono::{DateTime, Utc};
use masthead_domain::{
    identifier::PartnerId,
    node_id::NodeId,
    viewer::{Role, Viewer},
};
use serde_json::{Map, Value};

use super::{refusal::Refusal, settings::TokenSettings};

/// The longest subject, in bytes (OpenID Connect Core 1.0, section 2).
const LONGEST_SUBJECT: usize = 255;

type Claims = Map<String, Value>;

/// Which claims are asked for, and what they have to say.
#[derive(Clone, Debug)]
pub(crate) struct ClaimRules {
    issuer: Option<String>,
    audience: Option<String>,
    role: ClaimName,
    scope: ClaimName,
    partner: ClaimName,
    leeway: i64,
}

impl ClaimRules {
    pub(crate) fn new(settings: &TokenSettings) -> Self {
        let set = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            issuer: set(&settings.issuer),
            audience: set(&settings.audience),
            role: ClaimName::new(&settings.role_claim),
            scope: ClaimName::new(&settings.scope_claim),
            partner: ClaimName::new(&settings.partner_claim),
            leeway: milliseconds(settings.leeway_seconds),
        }
    }

    /// Whom a verified token speaks for, if it is good at this instant, from the right issuer and for us.
    pub(crate) fn viewer(&self, claims: &Claims, now: DateTime<Utc>) -> Result<Viewer, Refusal> {
        self.check_times(claims, now.timestamp_millis())?;
        if let Some(issuer) = &self.issuer
            && claims.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(Refusal::OtherParty("iss"));
        }
        if let Some(audience) = &self.audience
            && !texts(claims.get("aud")).any(|name| name == audience)
        {
            return Err(Refusal::OtherParty("aud"));
        }
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if subject.trim().is_empty()
            || subject.len() > LONGEST_SUBJECT
            || subject.chars().any(char::is_control)
        {
            return Err(Refusal::NoSubject);
        }
        let scopes = texts(self.scope.find(claims)).flat_map(str::split_whitespace);
        Ok(Viewer::new(subject, self.role(claims)?).with_scopes(scopes))
    }

    /// The partner that a token is bound to; none where it names none. A claim that is there and names none is
    /// refused: a token is not taken for more than its issuer meant by it.
    pub(crate) fn partner(&self, claims: &Claims) -> Result<Option<PartnerId>, Refusal> {
        let Some(claim) = self.partner.find(claims) else {
            return Ok(None);
        };
        match claim.as_str().map(NodeId::decode) {
            Some(Ok(NodeId::Partner(partner))) => Ok(Some(partner)),
            _ => Err(Refusal::NoPartner),
        }
    }

    fn check_times(&self, claims: &Claims, now: i64) -> Result<(), Refusal> {
        let expires = expiry(claims)?.ok_or(Refusal::NoExpiry)?;
        // RFC 7519, section 4.1.4: not on that time either.
        if now >= expires.saturating_add(self.leeway) {
            return Err(Refusal::Expired(expires));
        }
        if let Some(begins) = instant(claims, "nbf")?
            && now < begins.saturating_sub(self.leeway)
        {
            return Err(Refusal::NotYetValid(begins));
        }
        Ok(())
    }

    /// The highest of the roles that it gives; an identity provider has others, which mean nothing here.
    fn role(&self, claims: &Claims) -> Result<Role, Refusal> {
        let mut names = texts(self.role.find(claims)).peekable();
        if names.peek().is_none() {
            return Err(Refusal::NoRole(self.role.shown().to_owned()));
        }
        names
            .filter_map(Role::from_name)
            .max()
            .ok_or_else(|| Refusal::UnknownRole(self.role.shown().to_owned()))
    }
}

/// When it expires (`exp`), in milliseconds since 1970.
pub(crate) fn expiry(claims: &Claims) -> Result<Option<i64>, Refusal> {
    instant(claims, "exp")
}

/// A `NumericDate` (RFC 7519, section 2), in milliseconds since 1970.
fn instant(claims: &Claims, name: &'static str) -> Result<Option<i64>, Refusal> {
    let number = match claims.get(name) {
        None => return Ok(None),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(Refusal::WrongType(name)),
    };
    Ok(Some(match number.as_i64() {
        Some(seconds) => seconds.saturating_mul(1000),
        None => of_fraction(number.as_f64().ok_or(Refusal::WrongType(name))?),
    }))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time that no calendar has becomes the last or the first there is"
)]
fn of_fraction(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

fn milliseconds(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000)
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Some(Value::String(text)) => (Some(text.as_str()), [].as_slice()),
        Some(Value::Array(members)) => (None, members.as_slice()),
        _ => (None, [].as_slice()),
    };
    one.into_iter().chain(many.iter().filter_map(Value::as_str))
}

/// The name of a claim, or its JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimName(String);

impl ClaimName {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As the settings have it.
    pub(crate) fn shown(&self) -> &str {
        &self.0
    }

    fn find<'claims>(&self, claims: &'claims Claims) -> Option<&'claims Value> {
        let mut path = self.path().into_iter();
        let mut value = claims.get(&path.next()?)?;
        for name in path {
            value = match value {
                Value::Object(members) => members.get(&name)?,
                Value::Array(members) => members.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// Sets the claim, with the objects around it; answers whether it had no value yet.
    pub(crate) fn set(&self, claims: &mut Claims, value: Value) -> bool {
        let mut path = self.path();
        let Some(last) = path.pop() else { return false };
        let mut within = claims;
        for name in path {
            let member = within.entry(name).or_insert_with(|| Map::new().into());
            let Value::Object(members) = member else {
                return false;
            };
            within = members;
        }
        within.insert(last, value).is_none()
    }

    /// The names that lead to it, from the outside (RFC 6901, section 4).
    fn path(&self) -> Vec<String> {
        match self.0.strip_prefix('/') {
            None => vec![self.0.clone()],
            Some(pointer) => pointer
                .split('/')
                .map(|name| name.replace("~1", "/").replace("~0", "~"))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
