//! Webhooks: who is told of changes as they come about, and of which.
//!
//! A webhook is an address that the magazine delivers each change to, in the order of the log. What it is told is what
//! its owner would be answered who asked for `changes`: [`Webhook::asks_as`] says as whom that is asked, and nothing else
//! decides it. Deliveries are signed with a [`WebhookSecret`], as Standard Webhooks has it.

use std::{collections::BTreeSet, fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    identifier::{PartnerId, WebhookDeliveryId, WebhookId},
    node_id::NodeId,
    partner::Partner,
    viewer::{Caller, Role, Scope, Viewer},
};

/// What every secret begins with (Standard Webhooks, "Signature scheme").
pub const SECRET_PREFIX: &str = "whsec_";

/// For how long a former secret still signs beside the new one: so long a receiver has to take that over.
pub const FORMER_SECRET_SIGNS_FOR: TimeDelta = TimeDelta::hours(24);

/// The most webhooks that an owner may have.
pub const MOST_WEBHOOKS: usize = 20;

/// How many bytes a secret has: as many as the digest that it signs by, 32 (RFC 2104, section 3).
const SECRET_BYTES: usize = 32;

/// An address that is told of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its identity.
    pub id: WebhookId,
    /// The partner whose it is; none of the magazine's own, which are told what everyone may know.
    pub owner: Option<PartnerId>,
    /// Where it is delivered to.
    pub url: String,
    /// What it is for, as whoever saved it has put it.
    pub label: Option<String>,
    /// Whether it is delivered to.
    pub status: WebhookStatus,
    /// The scopes of the token by which a partner saved it last: it is never told more than that token might have asked
    /// for. Those of the partner where an administrator saved it.
    pub scopes: Option<BTreeSet<Scope>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Whether a webhook is delivered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookStatus {
    /// It is.
    Active,
    /// Its owner has had it rest.
    Paused,
    /// Its receiver has failed for too long, or is gone: it rests until someone has it go on.
    Parked,
}

impl WebhookStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Parked];

    /// The name under which it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Paused => "PAUSED",
            Self::Parked => "PARKED",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl Webhook {
    /// As whom what it is told is asked for; none while it is told nothing, since its partner's tokens would not be taken
    /// either, or the partner may have no webhooks any more.
    pub fn asks_as(&self, partner: Option<&Arc<Partner>>) -> Option<Caller> {
        let mut viewer = Viewer::new(NodeId::Webhook(self.id).encode(), Role::Partner);
        let scopes = match (self.owner, partner) {
            // What everyone may know, also where everyone needs a token to ask for changes.
            (None, _) => BTreeSet::from([Scope::ChangesRead]),
            (Some(owner), Some(partner)) if partner.id == owner => {
                partner.takes_tokens().ok()?;
                let scopes = match &self.scopes {
                    None => partner.scopes.clone(),
                    Some(scopes) => scopes & &partner.scopes,
                };
                if self.scopes.is_some() && !scopes.contains(&Scope::WebhooksWrite) {
                    return None;
                }
                viewer.partner = Some(partner.clone());
                scopes
            }
            (Some(_), _) => return None,
        };
        Some(Caller::Viewer(
            viewer.with_scopes(scopes.into_iter().map(Scope::name)),
        ))
    }
}

/// What deliveries are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; SECRET_BYTES]);

impl fmt::Debug for WebhookSecret {
    /// Without the secret: whoever has it can sign.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// A new one, of random bytes.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// As its owner is shown it: `whsec_` and base64.
    pub fn encode(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(self.0))
    }

    /// Reads what [`WebhookSecret::encode`] wrote; none of anything else.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(SECRET_PREFIX)?).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The secrets of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSecrets {
    /// The one that signs.
    pub current: WebhookSecret,
    /// One that was replaced, and the instant until which it signs, too.
    pub former: Option<(WebhookSecret, DateTime<Utc>)>,
}

impl WebhookSecrets {
    /// A new one alone.
    pub fn new() -> Self {
        Self {
            current: WebhookSecret::random(),
            former: None,
        }
    }

    /// A new one; the present one signs beside it for a while.
    #[must_use]
    pub fn rotated(self, now: DateTime<Utc>) -> Self {
        Self {
            current: WebhookSecret::random(),
            former: Some((self.current, now + FORMER_SECRET_SIGNS_FOR)),
        }
    }

    /// Those that sign at an instant, the newest first.
    pub fn signing(&self, now: DateTime<Utc>) -> impl Iterator<Item = &WebhookSecret> {
        let former = self.former.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.current).chain(former.map(|(secret, _)| secret))
    }
}

impl Default for WebhookSecrets {
    fn default() -> Self {
        Self::new()
    }
}

/// What was, or is still to be, delivered to a webhook: one change of the log, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its identity.
    pub id: WebhookDeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// The identity that the receiver is told, the same at each attempt: the header `webhook-id`.
    pub message: String,
    /// What it tells: `article.removed`.
    pub event: String,
    /// What changed; none where the receiver is told to start again.
    pub node: Option<NodeId>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was tried first.
    pub first_attempt_at: DateTime<Utc>,
    /// When it was tried last.
    pub last_attempt_at: DateTime<Utc>,
    /// The status that the receiver answered with last; none where no answer came.
    pub response_status: Option<u16>,
    /// Why the last attempt failed; none where it did not.
    pub failure: Option<String>,
    /// When the receiver acknowledged it first; none while it has not.
    pub acknowledged_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;
    use crate::{
        audience::{Audience, PublicAccess, TextAccess},
        partner::PartnerStatus,
    };

    const CLOSED: PublicAccess = PublicAccess {
        full_text: false,
        changes: false,
    };

    fn webhook(owner: Option<i64>, scopes: Option<&[Scope]>) -> Webhook {
        Webhook {
            id: WebhookId::from_number(7),
            owner: owner.map(PartnerId::from_number),
            url: "https://partner.example/hook".to_owned(),
            label: None,
            status: WebhookStatus::Active,
            scopes: scopes.map(|scopes| scopes.iter().copied().collect()),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn partner(status: PartnerStatus, scopes: &[Scope]) -> Arc<Partner> {
        Arc::new(Partner {
            id: PartnerId::from_number(1),
            name: "Example Agency".to_owned(),
            status,
            scopes: scopes.iter().copied().collect(),
            requests_per_minute: None,
            sections: None,
        })
    }

    #[test]
    fn the_magazines_own_are_told_what_everyone_may_know() {
        let caller = webhook(None, None).asks_as(None).unwrap();
        assert_eq!(
            caller.audience(CLOSED),
            Audience::Public(TextAccess::Standfirst)
        );
        assert_eq!(caller.may_follow_changes(CLOSED), Ok(()));
    }

    #[test]
    fn a_partners_is_told_what_token_and_partner_both_may() {
        let all = partner(PartnerStatus::Active, &Scope::ALL);
        let sees = |scopes: Option<&[Scope]>| {
            let caller = webhook(Some(1), scopes).asks_as(Some(&all)).unwrap();
            caller.audience(CLOSED)
        };
        let told = |embargo, text| Audience::Partner {
            embargo,
            text,
            sections: None,
        };
        assert_eq!(sees(None), told(true, TextAccess::Full));
        assert_eq!(
            sees(Some(&[Scope::WebhooksWrite, Scope::ArticlesBody])),
            told(false, TextAccess::Full)
        );
        // What the partner has lost, its webhooks have lost.
        let few = partner(PartnerStatus::Active, &[Scope::WebhooksWrite]);
        let caller = webhook(Some(1), Some(&Scope::ALL)).asks_as(Some(&few));
        assert_eq!(
            caller.unwrap().audience(CLOSED),
            Audience::Public(TextAccess::Standfirst)
        );
    }

    #[test]
    fn nothing_is_told_for_a_partner_whose_tokens_are_not_taken() {
        let hook = webhook(Some(1), Some(&Scope::ALL));
        for status in [PartnerStatus::Suspended, PartnerStatus::Ended] {
            assert_eq!(hook.asks_as(Some(&partner(status, &Scope::ALL))), None);
        }
        assert_eq!(hook.asks_as(None), None);
        let without = partner(PartnerStatus::Active, &[Scope::ArticlesBody]);
        assert_eq!(hook.asks_as(Some(&without)), None);
        // One that an administrator keeps for it needs no right of its own.
        assert!(webhook(Some(1), None).asks_as(Some(&without)).is_some());
        assert_eq!(webhook(Some(2), None).asks_as(Some(&without)), None);
    }

    #[test]
    fn a_former_secret_signs_for_a_while() {
        let now = DateTime::UNIX_EPOCH;
        let first = WebhookSecrets::new();
        assert_eq!(first.signing(now).count(), 1);
        let secret = first.current.clone();
        let rotated = first.rotated(now);
        assert_ne!(rotated.current, secret);
        let signing: Vec<_> = rotated.signing(now).cloned().collect();
        assert_eq!(signing, [rotated.current.clone(), secret]);
        assert_eq!(rotated.signing(now + FORMER_SECRET_SIGNS_FOR).count(), 1);
    }

    #[test]
    fn a_secret_is_read_back_and_shown_by_nothing_else() {
        let secret = WebhookSecret::random();
        let text = secret.encode();
        assert!(text.starts_with("whsec_") && text.len() == 6 + 44, "{text}");
        assert_eq!(WebhookSecret::decode(&text), Some(secret.clone()));
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
        for wrong in ["", "whsec_", "whsec_AAAA", &text[6..]] {
            assert_eq!(WebhookSecret::decode(wrong), None);
        }
    }

    #[test]
    fn statuses_are_read_back() {
        for status in WebhookStatus::ALL {
            assert_eq!(WebhookStatus::from_name(status.name()), Some(status));
        }
        assert_eq!(WebhookStatus::from_name("active"), None);
    }
}
