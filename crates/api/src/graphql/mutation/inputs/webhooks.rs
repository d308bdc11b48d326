//! What webhooks are kept with, and their deliveries made again.

use async_graphql::{ID, InputObject, MaybeUndefined};
use masthead_newsroom::webhooks;
use masthead_persistence::ChangePosition;

use super::edit;

/// A webhook.
#[derive(InputObject)]
pub(crate) struct SaveWebhookInput {
    /// Which; left out, a new one.
    id: Option<ID>,
    /// Where it is to be delivered to, as in `https://partner.example/hooks/masthead`; a new one needs one. It has to be
    /// on the Internet: redirects from there are not followed.
    url: Option<String>,
    /// What it is for.
    label: MaybeUndefined<String>,
    /// The partner whose a new one is to be, where an administrator makes it; left out, the magazine's own.
    partner: Option<ID>,
    /// Whether it rests. One that is parked stays so until `redeliver` has it go on.
    paused: Option<bool>,
    /// Whether it is given a new secret. The present one signs beside it for another 24 hours.
    #[graphql(default)]
    rotate_secret: bool,
    /// A cursor of `changes` from which a new one is told; left out, it is told of what comes from now on.
    after: Option<String>,
}

impl SaveWebhookInput {
    /// As it is saved, with the place that has been read from `after`.
    pub(crate) fn at(self, after: Option<ChangePosition>) -> webhooks::WebhookInput {
        webhooks::WebhookInput {
            id: self.id.map(|id| id.0),
            url: self.url,
            label: edit(self.label),
            partner: self.partner.map(|id| id.0),
            paused: self.paused,
            rotate_secret: self.rotate_secret,
            after,
        }
    }

    /// From where it is told.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}

/// A webhook to be deleted.
#[derive(InputObject)]
pub(crate) struct DeleteWebhookInput {
    /// Its identity.
    pub(crate) id: ID,
}

/// A webhook to be delivered to again.
#[derive(InputObject)]
pub(crate) struct RedeliverInput {
    /// The webhook's identity.
    webhook: ID,
    /// The one delivery that is to be made once more, by its identity, whatever the webhook's place: it is tried once.
    /// Left out, the webhook goes on for good, also where it was parked or paused.
    delivery: Option<ID>,
    /// A cursor of `changes` after which all is to be delivered again, or passed over; left out, it goes on from its place.
    after: Option<String>,
}

impl RedeliverInput {
    /// As it is carried out, with the place that has been read from `after`.
    pub(crate) fn at(self, after: Option<ChangePosition>) -> webhooks::RedeliverInput {
        webhooks::RedeliverInput {
            webhook: self.webhook.0,
            delivery: self.delivery.map(|id| id.0),
            after,
        }
    }

    /// From where it is delivered to.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}
