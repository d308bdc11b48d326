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

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::{
    change::Stream,
    identifier::{PartnerId, WebhookDeliveryId, WebhookId},
    node_id::NodeId,
    partner::Partner,
    webhook::{Webhook, WebhookDelivery, WebhookSecret, WebhookSecrets, WebhookStatus},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use crate::{
    ChangePosition, PersistenceError, Reader, Transaction,
    articles::instant,
    partners::{self, read_partner_at, read_scopes, stored_scopes},
    row::{Row, column},
    stories::stored_author,
};

use entities::{webhook, webhook_delivery};

/// How long a delivery is listed after it was tried last.
const LISTED_FOR: TimeDelta = TimeDelta::days(30);

/// What a delivery of the removal of an article tells.
pub(crate) const ARTICLE_REMOVED: &str = "article.removed";

/// The columns of a [`KeptWebhook`], before those of its partner.
pub(crate) const COLUMNS: &str = "webhook.id, webhook.partner_id, webhook.url, webhook.label, webhook.status, webhook.scopes, \
     webhook.created_at, webhook.stream, webhook.number, webhook.began_at, webhook.sections, webhook.start_again, \
     webhook.acknowledged_at, webhook.failures, webhook.failing_since, webhook.next_attempt_at, webhook.parked_at, \
     webhook.parked_reason, webhook.former_secret_until, webhook.held_until";

/// How many columns [`COLUMNS`] has.
const COLUMN_COUNT: usize = 20;

/// The columns of a [`WebhookDelivery`].
pub(crate) const DELIVERY_COLUMNS: &str = "delivery.id, delivery.webhook_id, delivery.message, delivery.event, delivery.node_kind, \
     delivery.node_id, delivery.attempts, delivery.first_attempt_at, delivery.last_attempt_at, delivery.response_status, \
     delivery.failure, delivery.acknowledged_at";

#[allow(unreachable_pub, reason = "SeaORM's derives want their types public")]
mod entities {
    /// Webhooks.
    pub(super) mod webhook {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "webhook")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub partner_id: Option<i64>,
            pub url: String,
            pub label: Option<String>,
            pub status: String,
            pub scopes: Option<String>,
            pub secret: String,
            pub former_secret: Option<String>,
            pub former_secret_until: Option<i64>,
            pub stream: i64,
            pub number: i64,
            pub began_at: i64,
            pub sections: Option<i64>,
            pub start_again: i64,
            pub acknowledged_at: Option<i64>,
            pub failures: i64,
            pub failing_since: Option<i64>,
            pub next_attempt_at: i64,
            pub parked_at: Option<i64>,
            pub parked_reason: Option<String>,
            pub holder: i64,
            pub held_until: i64,
            pub created_at: i64,
            pub created_by: Option<String>,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// What was delivered to webhooks.
    pub(super) mod webhook_delivery {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "webhook_delivery")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub webhook_id: i64,
            pub stream: i64,
            pub number: i64,
            pub message: String,
            pub event: String,
            pub node_kind: Option<i64>,
            pub node_id: Option<i64>,
            pub attempts: i64,
            pub first_attempt_at: i64,
            pub last_attempt_at: i64,
            pub response_status: Option<i64>,
            pub failure: Option<String>,
            pub acknowledged_at: Option<i64>,
            pub repeat: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

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

/// A webhook that this node may deliver to now.
#[derive(Clone, Debug)]
pub struct ClaimedWebhook {
    /// The webhook.
    pub kept: KeptWebhook,
    /// What is signed with.
    pub secrets: WebhookSecrets,
    /// A single delivery that is to be made again first: itself, and the position of its change.
    pub repeat: Option<(WebhookDelivery, ChangePosition)>,
}

/// An attempt at a delivery, and what came of it.
#[derive(Clone, Debug)]
pub struct WebhookAttempt<'a> {
    /// The identity that the receiver is told.
    pub message: &'a str,
    /// What it tells.
    pub event: &'a str,
    /// What changed.
    pub node: Option<NodeId>,
    /// The stream and the number of the change.
    pub change: (Stream, i64),
    /// The status that the receiver answered with.
    pub response_status: Option<u16>,
    /// Why it failed; none where it was acknowledged.
    pub failure: Option<&'a str>,
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

    /// What was delivered to a webhook, the latest first, from one on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_deliveries(
        &self,
        webhook: WebhookId,
        after: Option<WebhookDeliveryId>,
        size: u16,
    ) -> Result<Vec<WebhookDelivery>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(DELIVERY_COLUMNS)
            .text(" FROM webhook_delivery AS delivery")
            .along("webhook_delivery_by_webhook_id_id")
            .text(" WHERE delivery.webhook_id = ")
            .value(webhook.number());
        if let Some(after) = after {
            sql.text(" AND delivery.id < ").value(after.number());
        }
        sql.text(" ORDER BY delivery.id DESC LIMIT ")
            .value(i64::from(size));
        self.all(sql).await?.iter().map(read_delivery).collect()
    }

    /// The webhooks of which single deliveries are to be made again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks_to_repeat(&self) -> Result<BTreeSet<WebhookId>, PersistenceError> {
        // Written out, not a value: so PostgreSQL sees that the index of these alone will do, whatever the values are.
        let sql = self.sql("SELECT DISTINCT webhook_id FROM webhook_delivery WHERE repeat = 1");
        self.all(sql)
            .await?
            .iter()
            .map(|row| Ok(WebhookId::from_number(column(row, 0)?)))
            .collect()
    }

    /// Through which number each stream can be told by now: none of one whose last change another node has dated ahead of
    /// this one's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ends_of_streams(&self) -> Result<Vec<(Stream, i64, bool)>, PersistenceError> {
        let mut ends = Vec::with_capacity(Stream::ALL.len());
        for stream in Stream::ALL {
            let (last, _) = self.extent(stream).await?;
            let mut sql = self.sql("SELECT at FROM change WHERE stream = ");
            sql.value(stream.number())
                .text(" ORDER BY number DESC LIMIT 1");
            let at: Option<i64> = match self.one(sql).await? {
                Some(row) => column(&row, 0)?,
                None => None,
            };
            let by_now = at.is_none_or(|at| at <= self.now().timestamp_millis());
            ends.push((stream, last, by_now));
        }
        Ok(ends)
    }
}

/// What is read of a webhook.
const FROM_WEBHOOK: &str = " FROM webhook LEFT JOIN partner ON partner.id = webhook.partner_id";

impl Transaction {
    /// Where one stands who is told of everything up to now as a reader with this audience is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_of_changes(
        &self,
        audience: &masthead_domain::audience::Audience,
    ) -> Result<ChangePosition, PersistenceError> {
        let stream = audience.stream();
        let (number, _) = self.reader().extent(stream).await?;
        Ok(ChangePosition {
            stream,
            number,
            began_at: 0,
            sections: audience.sections().map(|sections| sections.fingerprint()),
        })
    }

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

    /// Has a single delivery be made once more. Answers whether it is one of this webhook's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repeat_delivery(
        &self,
        webhook: WebhookId,
        delivery: WebhookDeliveryId,
    ) -> Result<bool, PersistenceError> {
        let changed = webhook_delivery::Entity::update_many()
            .set(webhook_delivery::ActiveModel {
                repeat: Set(1),
                ..Default::default()
            })
            .filter(webhook_delivery::Column::Id.eq(delivery.number()))
            .filter(webhook_delivery::Column::WebhookId.eq(webhook.number()))
            .exec(self.connection())
            .await?;
        Ok(changed.rows_affected > 0)
    }

    /// Claims for a node to deliver to a webhook until an instant; none where it may not: another node does, nothing is
    /// to be delivered to it now, or there is no such webhook any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_webhook(
        &self,
        id: WebhookId,
        holder: i64,
        until: DateTime<Utc>,
    ) -> Result<Option<ClaimedWebhook>, PersistenceError> {
        let now = self.now().timestamp_millis();
        let Some(row) = self.webhook_row(id).await? else {
            return Ok(None);
        };
        let Some(kept) = self.reader().webhook(id).await? else {
            return Ok(None);
        };
        let repeat = self.delivery_to_repeat(&kept).await?;
        let is_due = row.status == WebhookStatus::Active.name() && row.next_attempt_at <= now;
        let is_free = row.holder == holder || row.held_until <= now;
        if !is_free || (!is_due && repeat.is_none()) {
            return Ok(None);
        }
        self.change_webhook(webhook::ActiveModel {
            id: Set(row.id),
            holder: Set(holder),
            held_until: Set(until.timestamp_millis()),
            ..Default::default()
        })
        .await?;
        Ok(Some(ClaimedWebhook {
            kept,
            secrets: read_secrets(&row)?,
            repeat,
        }))
    }

    /// Moves a webhook on from a place to another and lets go of it; where something was acknowledged, notes when. Where
    /// the webhook stands elsewhere by now, or another node holds it, it stays where it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn advance_webhook(
        &self,
        id: WebhookId,
        holder: i64,
        from: ChangePosition,
        to: ChangePosition,
        is_acknowledged: bool,
    ) -> Result<(), PersistenceError> {
        let Some(row) = self.held_row(id, holder).await? else {
            return Ok(());
        };
        let mut change = let_go(&row);
        if is_acknowledged {
            change.acknowledged_at = Set(Some(self.now().timestamp_millis()));
            change.failures = Set(0);
            change.failing_since = Set(None);
            change.next_attempt_at = Set(0);
        }
        if read_place(&row)? == from {
            place_at(&mut change, to);
            if is_acknowledged {
                change.start_again = Set(0);
            }
        }
        self.change_webhook(change).await
    }

    /// Notes that a receiver failed, and lets go of its webhook: until when it is left alone, and why it is parked where
    /// it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_webhook(
        &self,
        id: WebhookId,
        holder: i64,
        next_attempt_at: DateTime<Utc>,
        parked: Option<&str>,
    ) -> Result<(), PersistenceError> {
        let Some(row) = self.held_row(id, holder).await? else {
            return Ok(());
        };
        let now = self.now().timestamp_millis();
        let mut change = webhook::ActiveModel {
            failures: Set(row.failures.saturating_add(1)),
            failing_since: Set(row.failing_since.or(Some(now))),
            next_attempt_at: Set(next_attempt_at.timestamp_millis()),
            ..let_go(&row)
        };
        // One that was paused meanwhile stays that.
        if let Some(reason) = parked.filter(|_| row.status == WebhookStatus::Active.name()) {
            change.status = Set(WebhookStatus::Parked.name().to_owned());
            change.parked_at = Set(Some(now));
            change.parked_reason = Set(Some(reason.to_owned()));
        }
        self.change_webhook(change).await
    }

    /// Puts a webhook at a place from which its receiver is to start again, and lets go of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_webhook_again(
        &self,
        id: WebhookId,
        holder: i64,
        from: ChangePosition,
        at: ChangePosition,
    ) -> Result<(), PersistenceError> {
        let Some(row) = self.held_row(id, holder).await? else {
            return Ok(());
        };
        let mut change = let_go(&row);
        if read_place(&row)? == from {
            place_at(&mut change, at);
            change.start_again = Set(1);
        }
        self.change_webhook(change).await
    }

    /// Lets go of a webhook.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_webhook(
        &self,
        id: WebhookId,
        holder: i64,
    ) -> Result<(), PersistenceError> {
        match self.held_row(id, holder).await? {
            Some(row) => self.change_webhook(let_go(&row)).await,
            None => Ok(()),
        }
    }

    /// Notes an attempt at a delivery. Where the webhook is no more, there is nothing to note.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_webhook_attempt(
        &self,
        webhook: WebhookId,
        attempt: &WebhookAttempt<'_>,
    ) -> Result<(), PersistenceError> {
        if self.webhook_row(webhook).await?.is_none() {
            return Ok(());
        }
        let now = self.now().timestamp_millis();
        let known = webhook_delivery::Entity::find()
            .filter(webhook_delivery::Column::Message.eq(attempt.message))
            .one(self.connection())
            .await?;
        let is_acknowledged = attempt.failure.is_none();
        let response_status = attempt.response_status.map(i64::from);
        let failure = attempt.failure.map(str::to_owned);
        if let Some(known) = known {
            webhook_delivery::Entity::update(webhook_delivery::ActiveModel {
                id: Set(known.id),
                event: Set(attempt.event.to_owned()),
                attempts: Set(known.attempts.saturating_add(1)),
                last_attempt_at: Set(now),
                response_status: Set(response_status),
                failure: Set(failure),
                acknowledged_at: Set(known.acknowledged_at.or(is_acknowledged.then_some(now))),
                repeat: Set(0),
                ..Default::default()
            })
            .exec(self.connection())
            .await?;
            return Ok(());
        }
        let (node_kind, node_id) = match attempt.node.map(NodeId::parts) {
            Some((kind, id)) => (Some(i64::from(kind)), Some(id)),
            None => (None, None),
        };
        let (stream, number) = attempt.change;
        let row = webhook_delivery::Model {
            id: WebhookDeliveryId::new(self.now()).number(),
            webhook_id: webhook.number(),
            stream: stream.number(),
            number,
            message: attempt.message.to_owned(),
            event: attempt.event.to_owned(),
            node_kind,
            node_id,
            attempts: 1,
            first_attempt_at: now,
            last_attempt_at: now,
            response_status,
            failure,
            acknowledged_at: is_acknowledged.then_some(now),
            repeat: 0,
        };
        webhook_delivery::Entity::insert(row.into_active_model())
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Removes what has been delivered long enough ago, but for what tells of the removal of an article: that is its
    /// receipt.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_webhook_deliveries(&self) -> Result<(), PersistenceError> {
        let past = (self.now() - LISTED_FOR).timestamp_millis();
        webhook_delivery::Entity::delete_many()
            .filter(
                Condition::all()
                    .add(webhook_delivery::Column::LastAttemptAt.lt(past))
                    .add(webhook_delivery::Column::Event.ne(ARTICLE_REMOVED)),
            )
            .exec(self.connection())
            .await?;
        Ok(())
    }

    async fn webhook_row(&self, id: WebhookId) -> Result<Option<webhook::Model>, PersistenceError> {
        Ok(webhook::Entity::find_by_id(id.number())
            .one(self.connection())
            .await?)
    }

    async fn held_row(
        &self,
        id: WebhookId,
        holder: i64,
    ) -> Result<Option<webhook::Model>, PersistenceError> {
        let row = self.webhook_row(id).await?;
        // Where another node has taken over, it tells that all again.
        Ok(row.filter(|row| row.holder == holder))
    }

    async fn change_webhook(&self, row: webhook::ActiveModel) -> Result<(), PersistenceError> {
        webhook::Entity::update(row).exec(self.connection()).await?;
        Ok(())
    }

    async fn delivery_to_repeat(
        &self,
        kept: &KeptWebhook,
    ) -> Result<Option<(WebhookDelivery, ChangePosition)>, PersistenceError> {
        let reader = self.reader();
        let mut sql = reader.sql("SELECT ");
        sql.text(DELIVERY_COLUMNS)
            .text(", delivery.stream, delivery.number FROM webhook_delivery AS delivery WHERE delivery.repeat = 1 AND delivery.webhook_id = ")
            .value(kept.webhook.id.number())
            .text(" ORDER BY delivery.id LIMIT 1");
        let Some(row) = reader.one(sql).await? else {
            return Ok(None);
        };
        let position = ChangePosition {
            stream: read_stream(column(&row, DELIVERY_COLUMN_COUNT)?)?,
            number: column(&row, DELIVERY_COLUMN_COUNT + 1)?,
            began_at: 0,
            sections: kept.place.sections,
        };
        Ok(Some((read_delivery(&row)?, position)))
    }
}

/// How many columns [`DELIVERY_COLUMNS`] has.
const DELIVERY_COLUMN_COUNT: usize = 12;

/// The change that lets go of a webhook.
fn let_go(row: &webhook::Model) -> webhook::ActiveModel {
    webhook::ActiveModel {
        id: Set(row.id),
        held_until: Set(0),
        ..Default::default()
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
    // The text itself goes into no message.
    let secret = |text: &String| {
        WebhookSecret::decode(text)
            .ok_or_else(|| PersistenceError::stored("secret of a webhook".to_owned()))
    };
    let former = match (&row.former_secret, row.former_secret_until) {
        (Some(former), Some(until)) => Some((secret(former)?, instant(until)?)),
        _ => None,
    };
    Ok(WebhookSecrets {
        current: secret(&row.secret)?,
        former,
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

/// Reads a delivery from a row that begins with [`DELIVERY_COLUMNS`].
pub(crate) fn read_delivery(row: &Row) -> Result<WebhookDelivery, PersistenceError> {
    let time = |index| column::<i64>(row, index).and_then(instant);
    let kind: Option<i64> = column(row, 4)?;
    let node_id: Option<i64> = column(row, 5)?;
    let node = kind
        .zip(node_id)
        .map(|(kind, id)| {
            u8::try_from(kind)
                .ok()
                .and_then(|kind| NodeId::from_parts(kind, id).ok())
                .ok_or_else(|| PersistenceError::stored(format!("kind of node {kind}")))
        })
        .transpose()?;
    let response_status: Option<i64> = column(row, 9)?;
    Ok(WebhookDelivery {
        id: WebhookDeliveryId::from_number(column(row, 0)?),
        webhook: WebhookId::from_number(column(row, 1)?),
        message: column(row, 2)?,
        event: column(row, 3)?,
        node,
        attempts: column(row, 6)?,
        first_attempt_at: time(7)?,
        last_attempt_at: time(8)?,
        response_status: response_status
            .map(|status| {
                u16::try_from(status)
                    .map_err(|_| PersistenceError::stored(format!("status {status}")))
            })
            .transpose()?,
        failure: column(row, 10)?,
        acknowledged_at: column::<Option<i64>>(row, 11)?.map(instant).transpose()?,
    })
}
