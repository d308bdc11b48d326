//! What was delivered to webhooks, attempt by attempt, and what is to be delivered once more.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use masthead_domain::{
    change::Stream,
    identifier::{WebhookDeliveryId, WebhookId},
    node_id::NodeId,
    webhook::WebhookDelivery,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use super::{KeptWebhook, entities::webhook_delivery, read_stream};
use crate::{
    ChangePosition, PersistenceError, Reader, Transaction,
    articles::instant,
    row::{Row, column},
};

/// How long a delivery is listed after it was tried last.
const LISTED_FOR: TimeDelta = TimeDelta::days(30);

/// What a delivery of the removal of an article tells.
pub(crate) const ARTICLE_REMOVED: &str = "article.removed";

/// The columns of a [`WebhookDelivery`].
pub(crate) const DELIVERY_COLUMNS: &str = "delivery.id, delivery.webhook_id, delivery.message, delivery.event, delivery.node_kind, \
     delivery.node_id, delivery.attempts, delivery.first_attempt_at, delivery.last_attempt_at, delivery.response_status, \
     delivery.failure, delivery.acknowledged_at";

/// How many columns [`DELIVERY_COLUMNS`] has.
const DELIVERY_COLUMN_COUNT: usize = 12;

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
}

impl Transaction {
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

    pub(super) async fn delivery_to_repeat(
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
