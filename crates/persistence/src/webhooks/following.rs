//! How a webhook follows the change log: claimed by one node at a time, moved on where its receiver acknowledged, left
//! alone for a while or parked where it failed.

use chrono::{DateTime, Utc};
use masthead_domain::{
    change::Stream,
    identifier::WebhookId,
    webhook::{WebhookDelivery, WebhookSecrets, WebhookStatus},
};
use sea_orm::ActiveValue::Set;

use super::{KeptWebhook, entities::webhook, place_at, read_place, read_secrets};
use crate::{ChangePosition, PersistenceError, Reader, Transaction, row::column};

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

impl Reader<'_> {
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

    async fn held_row(
        &self,
        id: WebhookId,
        holder: i64,
    ) -> Result<Option<webhook::Model>, PersistenceError> {
        let row = self.webhook_row(id).await?;
        // Where another node has taken over, it tells that all again.
        Ok(row.filter(|row| row.holder == holder))
    }
}

/// The change that lets go of a webhook.
fn let_go(row: &webhook::Model) -> webhook::ActiveModel {
    webhook::ActiveModel {
        id: Set(row.id),
        held_until: Set(0),
        ..Default::default()
    }
}
