//! Webhooks, how far each has followed the change log, and what was delivered to them.
//!
//! The log itself is the list of what has still to be delivered: a webhook keeps its place in it, so nothing is lost
//! with a process and nothing grows while a receiver fails. One node at a time delivers to a webhook: whoever holds
//! its row.
//!
//! Two things tell what a receiver has acknowledged. [`KeptWebhook::place`] and [`KeptWebhook::acknowledged_at`]: all up
//! to this number of that stream, and when the last of it was. And each change by itself, as long as it is kept
//! ([`Transaction::prune_webhook_deliveries`]; what tells of a removal stays for as long as the webhook does): the row of
//! `webhook_delivery` whose node is the article and whose event is `article.removed` has in `acknowledged_at` the instant
//! at which the receiver acknowledged its withdrawal ([`Reader::receipts`]).
//!
//! `following`: how a webhook moves on in the log; `deliveries`: what was delivered, attempt by attempt.

mod deliveries;
mod entities;
mod following;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use masthead_domain::{
    change::Stream,
    identifier::{PartnerId, WebhookId},
    partner::Partner,
    webhook::{Webhook, WebhookSecret, WebhookSecrets, WebhookStatus},
};
use sea_orm::{ActiveValue::Set, EntityTrait as _, IntoActiveModel as _};

use crate::{
    ChangePosition, PersistenceError, Reader, Transaction,
    articles::instant,
    partners::{self, read_partner_at, read_scopes, stored_scopes},
    row::{Row, column},
    stories::stored_author,
};

pub use deliveries::WebhookAttempt;
pub(crate) use deliveries::{ARTICLE_REMOVED, DELIVERY_COLUMNS, read_delivery};
use entities::webhook;
pub use following::ClaimedWebhook;

/// The columns of a [`KeptWebhook`], before those of its partner.
pub(crate) const COLUMNS: &str = "webhook.id, webhook.partner_id, webhook.url, webhook.label, webhook.status, webhook.scopes, \
     webhook.created_at, webhook.stream, webhook.number, webhook.began_at, webhook.sections, webhook.start_again, \
     webhook.acknowledged_at, webhook.failures, webhook.failing_since, webhook.next_attempt_at, webhook.parked_at, \
     webhook.parked_reason, webhook.former_secret_until, webhook.held_until";

/// The columns of a webhook's secrets, which nothing else reads with it.
pub(crate) const SECRET_COLUMNS: &str =
    "webhook.secret, webhook.former_secret, webhook.former_secret_until";

/// How many columns [`COLUMNS`] has.
const COLUMN_COUNT: usize = 20;

/// A webhook, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// The partner whose it is.
    pub partner: Option<Arc<Partner>>,
    /// Its place in the log: all up to it has been acknowledged, or is not for its owner to know.
    pub place: ChangePosition,
    /// Whether its receiver has still to be told to start again at that place, since what came before cannot be told.
    pub start_again: bool,
    /// When its receiver last acknowledged anything.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// How often in a row its receiver has failed.
    pub failures: u32,
    /// Since when it has failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// Before when it is not tried again.
    pub next_attempt_at: DateTime<Utc>,
    /// When it was parked, and why.
    pub parked: Option<(DateTime<Utc>, String)>,
    /// Until when its former secret signs beside the present one; none without one.
    pub former_secret_until: Option<DateTime<Utc>>,
    /// Until when the node that delivers to it is not disturbed.
    pub held_until: DateTime<Utc>,
}

impl Reader<'_> {
    /// The webhooks of a partner, or all; the oldest first. All are the newsroom's alone: another reader is told of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks(
        &self,
        owner: Option<PartnerId>,
    ) -> Result<Vec<KeptWebhook>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(", ")
            .text(partners::COLUMNS)
            .text(FROM_WEBHOOK);
        match owner {
            Some(owner) => {
                sql.text(" WHERE webhook.partner_id = ")
                    .value(owner.number());
            }
            None if self.is_newsroom() => {}
            None => return Ok(Vec::new()),
        }
        let rows = self.all(sql).await?;
        let mut webhooks = rows
            .iter()
            .map(read_webhook)
            .collect::<Result<Vec<_>, _>>()?;
        webhooks.sort_by_key(|kept| kept.webhook.id);
        Ok(webhooks)
    }

    /// The webhook with this identity, whoever's it is: whoever asks has to compare.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<KeptWebhook>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(", ")
            .text(partners::COLUMNS)
            .text(FROM_WEBHOOK)
            .text(" WHERE webhook.id = ")
            .value(id.number());
        self.one(sql).await?.as_ref().map(read_webhook).transpose()
    }
}

/// What is read of a webhook.
const FROM_WEBHOOK: &str = " FROM webhook LEFT JOIN partner ON partner.id = webhook.partner_id";

impl Transaction {
    /// Saves a new webhook, at a place in the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_webhook(
        &self,
        webhook: &Webhook,
        secrets: &WebhookSecrets,
        place: ChangePosition,
    ) -> Result<(), PersistenceError> {
        let row = webhook::Model {
            id: webhook.id.number(),
            partner_id: webhook.owner.map(PartnerId::number),
            url: webhook.url.clone(),
            label: webhook.label.clone(),
            status: webhook.status.name().to_owned(),
            scopes: webhook.scopes.as_ref().map(stored_scopes),
            secret: secrets.current.encode(),
            former_secret: None,
            former_secret_until: None,
            stream: place.stream.number(),
            number: place.number,
            began_at: place.began_at,
            sections: place.sections.map(i64::from),
            start_again: 0,
            acknowledged_at: None,
            failures: 0,
            failing_since: None,
            next_attempt_at: 0,
            parked_at: None,
            parked_reason: None,
            holder: 0,
            held_until: 0,
            created_at: webhook.created_at.timestamp_millis(),
            created_by: Some(stored_author(self.author())),
        };
        webhook::Entity::insert(row.into_active_model())
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Saves what a known webhook is, not how far it has come. With secrets, these too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_webhook(
        &self,
        webhook: &Webhook,
        secrets: Option<&WebhookSecrets>,
    ) -> Result<(), PersistenceError> {
        let mut row = webhook::ActiveModel {
            id: Set(webhook.id.number()),
            url: Set(webhook.url.clone()),
            label: Set(webhook.label.clone()),
            status: Set(webhook.status.name().to_owned()),
            scopes: Set(webhook.scopes.as_ref().map(stored_scopes)),
            ..Default::default()
        };
        if let Some(secrets) = secrets {
            let former = secrets.former.as_ref();
            row.secret = Set(secrets.current.encode());
            row.former_secret = Set(former.map(|(secret, _)| secret.encode()));
            row.former_secret_until = Set(former.map(|(_, until)| until.timestamp_millis()));
        }
        self.change_webhook(row).await
    }

    /// Deletes a webhook, with what is known of its deliveries. Answers whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<bool, PersistenceError> {
        let deleted = webhook::Entity::delete_by_id(id.number())
            .exec(self.connection())
            .await?;
        Ok(deleted.rows_affected > 0)
    }

    /// The secrets of a webhook.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_secrets(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookSecrets>, PersistenceError> {
        let row = self.webhook_row(id).await?;
        row.as_ref().map(read_secrets).transpose()
    }

    /// Has a webhook go on, from its place or from another, at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_webhook(
        &self,
        id: WebhookId,
        from: Option<ChangePosition>,
    ) -> Result<(), PersistenceError> {
        let mut row = webhook::ActiveModel {
            id: Set(id.number()),
            status: Set(WebhookStatus::Active.name().to_owned()),
            failures: Set(0),
            failing_since: Set(None),
            next_attempt_at: Set(0),
            parked_at: Set(None),
            parked_reason: Set(None),
            ..Default::default()
        };
        if let Some(place) = from {
            place_at(&mut row, place);
            row.start_again = Set(0);
        }
        self.change_webhook(row).await
    }

    async fn webhook_row(&self, id: WebhookId) -> Result<Option<webhook::Model>, PersistenceError> {
        Ok(webhook::Entity::find_by_id(id.number())
            .one(self.connection())
            .await?)
    }

    async fn change_webhook(&self, row: webhook::ActiveModel) -> Result<(), PersistenceError> {
        webhook::Entity::update(row).exec(self.connection()).await?;
        Ok(())
    }
}

fn place_at(row: &mut webhook::ActiveModel, place: ChangePosition) {
    row.stream = Set(place.stream.number());
    row.number = Set(place.number);
    row.began_at = Set(place.began_at);
    row.sections = Set(place.sections.map(i64::from));
}

fn read_place(row: &webhook::Model) -> Result<ChangePosition, PersistenceError> {
    position(row.stream, row.number, row.began_at, row.sections)
}

fn position(
    stream: i64,
    number: i64,
    began_at: i64,
    sections: Option<i64>,
) -> Result<ChangePosition, PersistenceError> {
    Ok(ChangePosition {
        stream: read_stream(stream)?,
        number,
        began_at,
        sections: sections
            .map(|sections| {
                u32::try_from(sections)
                    .map_err(|_| PersistenceError::stored(format!("sections {sections}")))
            })
            .transpose()?,
    })
}

fn read_stream(number: i64) -> Result<Stream, PersistenceError> {
    Stream::ALL
        .into_iter()
        .find(|stream| stream.number() == number)
        .ok_or_else(|| PersistenceError::stored(format!("change stream {number}")))
}

fn read_secrets(row: &webhook::Model) -> Result<WebhookSecrets, PersistenceError> {
    let former = row.former_secret.as_deref();
    secrets(&row.secret, former.zip(row.former_secret_until))
}

/// Reads the secrets of a webhook from a row of its identity and [`SECRET_COLUMNS`].
pub(crate) fn read_secrets_at(row: &Row) -> Result<WebhookSecrets, PersistenceError> {
    let (current, former): (String, Option<String>) = (column(row, 1)?, column(row, 2)?);
    secrets(&current, former.as_deref().zip(column(row, 3)?))
}

fn secrets(current: &str, former: Option<(&str, i64)>) -> Result<WebhookSecrets, PersistenceError> {
    // The text itself goes into no message.
    let secret = |text: &str| {
        WebhookSecret::decode(text)
            .ok_or_else(|| PersistenceError::stored("secret of a webhook".to_owned()))
    };
    Ok(WebhookSecrets {
        current: secret(current)?,
        former: former
            .map(|(former, until)| Ok::<_, PersistenceError>((secret(former)?, instant(until)?)))
            .transpose()?,
    })
}

/// Reads a webhook from a row of its own columns and its partner's.
pub(crate) fn read_webhook(row: &Row) -> Result<KeptWebhook, PersistenceError> {
    let partner = column::<Option<i64>>(row, COLUMN_COUNT)?
        .map(|_| read_partner_at(row, COLUMN_COUNT).map(Arc::new))
        .transpose()?;
    let time = |index: usize| column::<i64>(row, index).and_then(instant);
    let optional_time = |index: usize| column::<Option<i64>>(row, index)?.map(instant).transpose();
    let status: String = column(row, 4)?;
    let scopes: Option<String> = column(row, 5)?;
    let parked_reason: Option<String> = column(row, 17)?;
    let failures: i64 = column(row, 13)?;
    Ok(KeptWebhook {
        webhook: Webhook {
            id: WebhookId::from_number(column(row, 0)?),
            owner: column::<Option<i64>>(row, 1)?.map(PartnerId::from_number),
            url: column(row, 2)?,
            label: column(row, 3)?,
            status: WebhookStatus::from_name(&status).ok_or_else(|| {
                PersistenceError::stored(format!("status of a webhook '{status}'"))
            })?,
            scopes: scopes.as_deref().map(read_scopes).transpose()?,
            created_at: time(6)?,
        },
        partner,
        place: position(
            column(row, 7)?,
            column(row, 8)?,
            column(row, 9)?,
            column(row, 10)?,
        )?,
        start_again: column::<i64>(row, 11)? != 0,
        acknowledged_at: optional_time(12)?,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        failing_since: optional_time(14)?,
        next_attempt_at: time(15)?,
        parked: optional_time(16)?.zip(parked_reason),
        former_secret_until: optional_time(18)?,
        held_until: time(19)?,
    })
}
