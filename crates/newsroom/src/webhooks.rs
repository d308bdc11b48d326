//! Keeping webhooks: partners their own, administrators all.
//!
//! A partner's webhook is told what the token may ask for by which it was saved last, as far as the partner still may: a
//! token with fewer rights that takes over a webhook takes over no more than its own.

use masthead_domain::{
    audience::{Audience, PublicAccess, TextAccess},
    identifier::{PartnerId, WebhookDeliveryId, WebhookId},
    node_id::NodeId,
    target::TargetPolicy,
    viewer::{Caller, NotPermitted, Role, Scope},
    webhook::{MOST_WEBHOOKS, Webhook, WebhookSecrets, WebhookStatus},
};
use masthead_persistence::{ChangePosition, KeptWebhook, Transaction};

use crate::{
    desk::{Desk, WriteError, in_one_write},
    input::{Edit, FaultCode, Faults, one},
    partners,
};

const LABEL: usize = 200;

/// What the server's settings say of webhooks.
#[derive(Clone, Copy, Debug)]
pub struct WebhookRules<'a> {
    /// Where deliveries may go.
    pub targets: &'a TargetPolicy,
    /// What everyone may have without asking.
    pub access: PublicAccess,
}

/// A webhook, as its owner or an administrator hands it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookInput {
    /// Its identity; a new one without.
    pub id: Option<String>,
    /// Where it is delivered to; a new one needs one.
    pub url: Option<String>,
    /// What it is for.
    pub label: Edit<String>,
    /// The identity of the partner whose a new one is; left out, that of the token, or the magazine's own.
    pub partner: Option<String>,
    /// Whether it rests.
    pub paused: Option<bool>,
    /// Whether it is given a new secret.
    pub rotate_secret: bool,
    /// From where in the log a new one is told; from now on where it is none.
    pub after: Option<ChangePosition>,
}

/// From where a webhook is to be delivered to again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedeliverInput {
    /// Its identity.
    pub webhook: String,
    /// The identity of the one delivery that is to be made once more; where there is none, it goes on for good.
    pub delivery: Option<String>,
    /// From where in the log; from its place where it is none.
    pub after: Option<ChangePosition>,
}

/// A webhook that was saved: its identity, and its secret where that is new, which nobody is shown again - not whoever
/// repeats the request either.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedWebhook {
    /// The identity of the webhook.
    pub id: NodeId,
    /// The secret.
    pub secret: Option<String>,
}

impl std::fmt::Debug for SavedWebhook {
    /// Without the secret: whoever has it can sign.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SavedWebhook")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Whose webhooks a caller may keep: all, or those of one partner.
///
/// # Errors
/// When they may keep none.
pub fn keeps(caller: &Caller) -> Result<Option<PartnerId>, NotPermitted> {
    let viewer = caller.require_scope(Scope::WebhooksWrite)?;
    match (viewer.role, &viewer.partner) {
        (Role::Partner, Some(partner)) => Ok(Some(partner.id)),
        (Role::Partner, None) => Err(NotPermitted::PartnerMissing),
        _ => Ok(None),
    }
}

impl Desk {
    /// Saves a webhook. What is left out stays as it is.
    ///
    /// # Errors
    /// When the caller may keep no webhooks, the input has faults, or the database fails.
    pub async fn save_webhook(
        &self,
        input: &WebhookInput,
        rules: WebhookRules<'_>,
    ) -> Result<SavedWebhook, WriteError> {
        let own = keeps(&self.caller)?;
        let mut secret = None;
        let id = in_one_write!(self, Role::Partner, |transaction| async {
            let saved = save(transaction, &self.caller, own, input, rules).await;
            saved.map(|(id, secrets)| {
                secret = secrets.map(|secrets| secrets.current.encode());
                id
            })
        })?;
        Ok(SavedWebhook { id, secret })
    }

    /// Deletes a webhook, and all that is known of its deliveries.
    ///
    /// # Errors
    /// When the caller may keep no webhooks, this is none of theirs, or the database fails.
    pub async fn delete_webhook(&self, id: &str) -> Result<NodeId, WriteError> {
        let own = keeps(&self.caller)?;
        in_one_write!(self, Role::Partner, |transaction| delete(
            transaction,
            own,
            id
        ))
    }

    /// Has a webhook go on, or one delivery be made once more.
    ///
    /// # Errors
    /// When the caller may keep no webhooks, the input has faults, or the database fails.
    pub async fn redeliver(&self, input: &RedeliverInput) -> Result<NodeId, WriteError> {
        let own = keeps(&self.caller)?;
        in_one_write!(self, Role::Partner, |transaction| redeliver(
            transaction,
            own,
            input
        ))
    }
}

/// The webhook with an identity that the caller may keep, or the fault that there is none.
async fn known(
    transaction: &Transaction,
    own: Option<PartnerId>,
    field: &str,
    id: &str,
) -> Result<KeptWebhook, WriteError> {
    let kept = match NodeId::decode(id) {
        Ok(NodeId::Webhook(id)) => transaction.reader().webhook(id).await?,
        _ => None,
    };
    // Of another's nobody is told more than of one that never was.
    kept.filter(|kept| own.is_none() || kept.webhook.owner == own)
        .ok_or_else(|| {
            one(
                FaultCode::NotFound,
                field,
                "there is no webhook with this identity",
            )
            .into()
        })
}

async fn save(
    transaction: &Transaction,
    caller: &Caller,
    own: Option<PartnerId>,
    input: &WebhookInput,
    rules: WebhookRules<'_>,
) -> Result<(NodeId, Option<WebhookSecrets>), WriteError> {
    let former = match &input.id {
        Some(id) => Some(known(transaction, own, "id", id).await?),
        None => None,
    };
    let mut faults = Faults::default();
    let owner = owner(transaction, own, input, former.as_ref(), &mut faults).await?;
    let url = url(input, former.as_ref(), rules, &mut faults);
    let label = match &input.label {
        Edit::Keep => former
            .as_ref()
            .and_then(|former| former.webhook.label.clone()),
        Edit::Clear => None,
        Edit::Set(label) => faults.optional_line("label", label, LABEL),
    };
    if former.is_some() && input.after.is_some() {
        faults.add(
            FaultCode::Invalid,
            "after",
            "a webhook has a place already: have 'redeliver' move it",
        );
    }
    if former.is_none() && count(transaction, owner).await? >= MOST_WEBHOOKS {
        faults.add(
            FaultCode::TooLong,
            "id",
            format!("there are {MOST_WEBHOOKS} webhooks already: delete one, or save one of them by its 'id'"),
        );
    }
    faults.none_or(())?;

    let before = former.as_ref().map(|former| former.webhook.status);
    let status = match (input.paused, before) {
        // One that is parked is taken up by 'redeliver' alone.
        (_, Some(WebhookStatus::Parked)) => WebhookStatus::Parked,
        (Some(true), _) => WebhookStatus::Paused,
        (Some(false), _) | (None, None) => WebhookStatus::Active,
        (None, Some(status)) => status,
    };
    let scopes = match (own, &former) {
        (Some(_), _) => Some(carried(caller)),
        (None, Some(former)) => former.webhook.scopes.clone(),
        (None, None) => None,
    };
    let now = transaction.now();
    let webhook = Webhook {
        id: former
            .as_ref()
            .map_or_else(|| WebhookId::new(now), |former| former.webhook.id),
        owner,
        url,
        label,
        status,
        scopes,
        created_at: former
            .as_ref()
            .map_or(now, |former| former.webhook.created_at),
    };
    let secrets = if former.is_some() {
        change(transaction, &webhook, input.rotate_secret).await?
    } else {
        let secrets = WebhookSecrets::new();
        let place = match input.after {
            Some(after) => after,
            None => now_on(transaction, &webhook, rules).await?,
        };
        transaction
            .insert_webhook(&webhook, &secrets, place)
            .await?;
        Some(secrets)
    };
    Ok((NodeId::Webhook(webhook.id), secrets))
}

/// Whose the webhook is to be.
async fn owner(
    transaction: &Transaction,
    own: Option<PartnerId>,
    input: &WebhookInput,
    former: Option<&KeptWebhook>,
    faults: &mut Faults,
) -> Result<Option<PartnerId>, WriteError> {
    Ok(match (&input.partner, former) {
        (Some(id), former) => {
            let partner = match own {
                // A partner is told of no other.
                Some(own) if NodeId::decode(id) != Ok(NodeId::Partner(own)) => {
                    let message = "a webhook of yours is your own: leave 'partner' out";
                    return Err(one(FaultCode::Invalid, "partner", message).into());
                }
                _ => partners::known(transaction, "partner", id).await?,
            };
            if former.is_some_and(|former| former.webhook.owner != Some(partner.id)) {
                faults.add(
                    FaultCode::Invalid,
                    "partner",
                    "a webhook stays with whom it was made for: leave 'partner' out, or make a new webhook",
                );
            } else if let Err(ended) = partner.may_change() {
                faults.add(FaultCode::WrongStatus, "partner", ended.to_string());
            }
            Some(partner.id)
        }
        (None, Some(former)) => former.webhook.owner,
        (None, None) => own,
    })
}

/// Where it is to be delivered to.
fn url(
    input: &WebhookInput,
    former: Option<&KeptWebhook>,
    rules: WebhookRules<'_>,
    faults: &mut Faults,
) -> String {
    match (&input.url, former) {
        (None, Some(former)) => former.webhook.url.clone(),
        (None, None) => {
            faults.add(
                FaultCode::Required,
                "url",
                "'url' is missing: write where changes are to be delivered to, as in 'https://partner.example/hooks/masthead'",
            );
            String::new()
        }
        (Some(text), _) => match rules.targets.parse(text) {
            Ok(url) => url.into(),
            Err(error) => {
                faults.add(FaultCode::Invalid, "url", error.to_string());
                String::new()
            }
        },
    }
}

/// Saves a webhook that there is, and answers its secrets where they are new.
async fn change(
    transaction: &Transaction,
    webhook: &Webhook,
    rotates: bool,
) -> Result<Option<WebhookSecrets>, WriteError> {
    let secrets = if rotates {
        let present = transaction.webhook_secrets(webhook.id).await?;
        present.map(|present| present.rotated(transaction.now()))
    } else {
        None
    };
    transaction
        .update_webhook(webhook, secrets.as_ref())
        .await?;
    Ok(secrets)
}

/// The scopes of the caller's token that mean something here.
fn carried(caller: &Caller) -> std::collections::BTreeSet<Scope> {
    let scopes = caller.viewer().map(|viewer| viewer.scopes.as_slice());
    scopes
        .unwrap_or_default()
        .iter()
        .filter_map(|name| Scope::from_name(name))
        .collect()
}

async fn count(transaction: &Transaction, owner: Option<PartnerId>) -> Result<usize, WriteError> {
    let all = transaction.reader().webhooks(owner).await?;
    Ok(all
        .iter()
        .filter(|kept| kept.webhook.owner == owner)
        .count())
}

/// The place of a webhook that is told of nothing before now.
async fn now_on(
    transaction: &Transaction,
    webhook: &Webhook,
    rules: WebhookRules<'_>,
) -> Result<ChangePosition, WriteError> {
    let partner = match webhook.owner {
        Some(owner) => transaction.reader().partner(owner).await?,
        None => None,
    };
    let audience = webhook
        .asks_as(partner.map(std::sync::Arc::new).as_ref())
        .map_or(Audience::Public(TextAccess::Standfirst), |caller| {
            caller.audience(rules.access)
        });
    Ok(transaction.end_of_changes(&audience).await?)
}

async fn delete(
    transaction: &Transaction,
    own: Option<PartnerId>,
    id: &str,
) -> Result<NodeId, WriteError> {
    let kept = known(transaction, own, "id", id).await?;
    transaction.delete_webhook(kept.webhook.id).await?;
    Ok(NodeId::Webhook(kept.webhook.id))
}

async fn redeliver(
    transaction: &Transaction,
    own: Option<PartnerId>,
    input: &RedeliverInput,
) -> Result<NodeId, WriteError> {
    let kept = known(transaction, own, "webhook", &input.webhook).await?;
    let id = kept.webhook.id;
    let Some(delivery) = &input.delivery else {
        transaction.resume_webhook(id, input.after).await?;
        return Ok(NodeId::Webhook(id));
    };
    if input.after.is_some() {
        let message = "'after' and 'delivery' are both given: use 'delivery' for that one alone, 'after' for all from there";
        return Err(one(FaultCode::Invalid, "after", message).into());
    }
    let is_there = match NodeId::decode(delivery) {
        Ok(NodeId::WebhookDelivery(delivery)) => transaction.repeat_delivery(id, delivery).await?,
        _ => false,
    };
    if is_there {
        Ok(NodeId::Webhook(id))
    } else {
        let message = "there is no delivery to this webhook with this identity";
        Err(one(FaultCode::NotFound, "delivery", message).into())
    }
}

/// The identity of a webhook of those that a caller may keep, read from what clients hold; none of anything else.
pub fn webhook_id(text: &str) -> Option<WebhookId> {
    match NodeId::decode(text) {
        Ok(NodeId::Webhook(id)) => Some(id),
        _ => None,
    }
}

/// The identity of a delivery, likewise.
pub fn delivery_id(text: &str) -> Option<WebhookDeliveryId> {
    match NodeId::decode(text) {
        Ok(NodeId::WebhookDelivery(id)) => Some(id),
        _ => None,
    }
}
