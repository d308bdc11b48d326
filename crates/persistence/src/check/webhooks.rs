//! Webhooks, their places in the change log, and what was delivered to them.

use chrono::TimeDelta;
use masthead_domain::{
    change::Stream,
    identifier::{WebhookDeliveryId, WebhookId},
    node_id::NodeId,
};

use super::{Check, Flaw, Instant};
use crate::{
    PersistenceError, partners,
    row::column,
    webhooks::{
        COLUMNS, DELIVERY_COLUMNS, SECRET_COLUMNS, read_delivery, read_secrets_at, read_webhook,
    },
};

/// Longer than any node holds a webhook: a request takes a minute at most.
const HELD_AT_MOST: TimeDelta = TimeDelta::minutes(10);

impl Check<'_> {
    pub(super) async fn webhooks(&mut self) -> Result<(), PersistenceError> {
        self.readable(
            ("webhook", "webhook"),
            &format!(
                "SELECT {COLUMNS}, {} FROM webhook LEFT JOIN partner ON partner.id = webhook.partner_id",
                partners::COLUMNS
            ),
            webhook_node,
            |row| read_webhook(row).map(drop),
        )
        .await?;
        self.readable(
            ("webhook", "webhook"),
            &format!("SELECT webhook.id, {SECRET_COLUMNS} FROM webhook"),
            webhook_node,
            |row| read_secrets_at(row).map(drop),
        )
        .await?;
        self.readable(
            ("webhook_delivery", "delivery"),
            &format!("SELECT {DELIVERY_COLUMNS} FROM webhook_delivery AS delivery"),
            |id| NodeId::WebhookDelivery(WebhookDeliveryId::from_number(id)),
            |row| read_delivery(row).map(drop),
        )
        .await?;
        let rows = self
            .wrong(
                "SELECT webhook.id FROM webhook WHERE (webhook.status = 'PARKED') <> (webhook.parked_at IS NOT NULL) \
                 OR (webhook.parked_at IS NULL) <> (webhook.parked_reason IS NULL) ORDER BY webhook.id",
            )
            .await?;
        for row in rows {
            let id: i64 = column(&row, 0)?;
            self.find("webhook", id, Some(webhook_node(id)), Flaw::WebhookParked);
        }
        self.places_of_webhooks().await
    }

    /// Whether the place of each is one of its stream, and none is held for ever.
    async fn places_of_webhooks(&mut self) -> Result<(), PersistenceError> {
        let known = Stream::ALL.map(|stream| stream.number().to_string());
        let rows = self
            .wrong(&format!(
                "SELECT webhook.id, webhook.number, webhook.held_until, change_stream.last_number FROM webhook \
                 JOIN change_stream ON change_stream.stream = webhook.stream AND change_stream.stream IN ({}) \
                 ORDER BY webhook.id",
                known.join(", ")
            ))
            .await?;
        let held_at_most = (self.reader.now() + HELD_AT_MOST).timestamp_millis();
        for row in rows {
            let (id, number): (i64, i64) = (column(&row, 0)?, column(&row, 1)?);
            let (held_until, last_number): (i64, i64) = (column(&row, 2)?, column(&row, 3)?);
            if !(0..=last_number).contains(&number) {
                let flaw = Flaw::WebhookBeyondLog {
                    number,
                    last_number,
                };
                self.find("webhook", id, Some(webhook_node(id)), flaw);
            }
            if held_until > held_at_most {
                let flaw = Flaw::WebhookHeld(Instant(Some(held_until)));
                self.find("webhook", id, Some(webhook_node(id)), flaw);
            }
        }
        Ok(())
    }
}

fn webhook_node(id: i64) -> NodeId {
    NodeId::Webhook(WebhookId::from_number(id))
}
