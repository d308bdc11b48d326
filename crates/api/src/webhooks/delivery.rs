//! One delivery: from the claim of the webhook to what came of it.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use masthead_domain::{
    change::Stream, identifier::WebhookId, node_id::NodeId, revision::Author, viewer::Caller,
    webhook::WebhookDelivery,
};
use masthead_persistence::{
    ChangePosition, ClaimedWebhook, PersistenceError, Transaction, WebhookAttempt,
};
use metrics::counter;
use url::Url;

use super::{
    deliverer::Delivering,
    event::{self, Next, START_AGAIN},
    signature,
};
use crate::outgoing::{OutgoingError, retry_after};

/// How much longer than a request a node holds a webhook: what it reads and writes around it.
const BESIDE_A_REQUEST: TimeDelta = TimeDelta::seconds(5);

/// What came of a look at a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// Something was delivered, or passed over: there may be more.
    On,
    /// Nothing more is to be delivered now.
    Rest,
}

/// What a request came to.
struct Outcome {
    response_status: Option<StatusCode>,
    /// Why it failed; none where it was acknowledged.
    failure: Option<String>,
    /// By what the metrics tell it apart.
    kind: &'static str,
    /// For how long the receiver asks to be left alone.
    left_alone: Option<Duration>,
}

/// What is to be sent.
struct Message<'a> {
    id: String,
    event: &'a str,
    node: Option<NodeId>,
    change: (Stream, i64),
    body: Bytes,
}

impl Delivering {
    /// Delivers the next thing to a webhook.
    pub(super) async fn next(&self, id: WebhookId) -> Result<Came, PersistenceError> {
        let transaction = self.write().await?;
        let request = i64::try_from(self.request_seconds).unwrap_or(i64::MAX);
        let lease = TimeDelta::try_seconds(request).unwrap_or_default() + BESIDE_A_REQUEST;
        let until = transaction.now() + lease;
        let claimed = transaction.claim_webhook(id, self.holder, until).await?;
        transaction.commit().await?;
        let Some(claimed) = claimed else {
            return Ok(Came::Rest);
        };
        let Some(caller) = claimed.kept.webhook.asks_as(claimed.kept.partner.as_ref()) else {
            return self.release(id).await;
        };
        if claimed.repeat.is_some() {
            self.repeat(&claimed, &caller).await
        } else if claimed.kept.start_again {
            self.tell_to_start_again(&claimed).await
        } else {
            self.tell_of_the_next_change(&claimed, &caller).await
        }
    }

    async fn tell_of_the_next_change(
        &self,
        claimed: &ClaimedWebhook,
        caller: &Caller,
    ) -> Result<Came, PersistenceError> {
        let (id, place) = (claimed.kept.webhook.id, claimed.kept.place);
        // Read before the changes are: what came in between is looked at the next time.
        let reader = self.database.reader(Self::bookkeeper(), &self.clock);
        let ends = reader.ends_of_streams().await?;
        drop(reader);
        match event::after(&self.archive, caller, place).await {
            Next::Event(event) => {
                let message = Message {
                    id: message_id(id, event.after.stream, event.after.number),
                    event: &event.name,
                    node: Some(event.node),
                    change: (event.after.stream, event.after.number),
                    body: event.body,
                };
                let outcome = self.send(claimed, &message).await;
                self.settle(claimed, &message, &outcome, event.after).await
            }
            Next::Nothing => {
                let passed = ends
                    .into_iter()
                    .find(|(stream, number, by_now)| {
                        *stream == place.stream && *by_now && *number > place.number
                    })
                    .map(|(_, number, _)| ChangePosition {
                        number,
                        began_at: 0,
                        ..place
                    });
                let transaction = self.write().await?;
                transaction
                    .advance_webhook(id, self.holder, place, passed.unwrap_or(place), false)
                    .await?;
                transaction.commit().await?;
                Ok(Came::Rest)
            }
            Next::StartAgain => {
                let audience = caller.audience(self.archive.access());
                let transaction = self.write().await?;
                let end = transaction.end_of_changes(&audience).await?;
                transaction
                    .start_webhook_again(id, self.holder, place, end)
                    .await?;
                transaction.commit().await?;
                Ok(Came::On)
            }
            Next::Refused(reason) => {
                self.fail(claimed, &Outcome::failed("not_told", reason))
                    .await
            }
            Next::Unread => self.release(id).await,
        }
    }

    async fn tell_to_start_again(
        &self,
        claimed: &ClaimedWebhook,
    ) -> Result<Came, PersistenceError> {
        let (id, place) = (claimed.kept.webhook.id, claimed.kept.place);
        let Some(body) = event::start_again(place, self.clock.now()) else {
            return self.release(id).await;
        };
        let message = Message {
            id: format!("{}_again", message_id(id, place.stream, place.number)),
            event: START_AGAIN,
            node: None,
            change: (place.stream, place.number),
            body,
        };
        let outcome = self.send(claimed, &message).await;
        self.settle(claimed, &message, &outcome, place).await
    }

    /// Makes one delivery once more, whatever the webhook's place. It is tried once.
    async fn repeat(
        &self,
        claimed: &ClaimedWebhook,
        caller: &Caller,
    ) -> Result<Came, PersistenceError> {
        let Some((delivery, change)) = &claimed.repeat else {
            return self.release(claimed.kept.webhook.id).await;
        };
        let id = claimed.kept.webhook.id;
        if delivery.event == START_AGAIN {
            return self
                .tell_again_to_start_again(claimed, delivery, *change)
                .await;
        }
        let before = ChangePosition {
            number: change.number - 1,
            ..*change
        };
        let next = event::after(&self.archive, caller, before).await;
        let known = (change.stream, change.number);
        let (message, outcome) = match next {
            Next::Event(event) if (event.after.stream, event.after.number) == known => {
                let message = Message {
                    id: delivery.message.clone(),
                    event: &event.name,
                    node: Some(event.node),
                    change: known,
                    body: event.body.clone(),
                };
                let outcome = self.send(claimed, &message).await;
                let attempt = message.attempt(&outcome);
                return self.note_repeat(id, &attempt).await;
            }
            Next::Unread => return self.release(id).await,
            Next::Refused(reason) => (delivery, Outcome::failed("not_told", reason)),
            Next::Event(_) | Next::Nothing | Next::StartAgain => (
                delivery,
                Outcome::failed(
                    "not_told",
                    "the change is not kept any more, or not for this webhook".to_owned(),
                ),
            ),
        };
        let attempt = WebhookAttempt {
            message: &message.message,
            event: &message.event,
            node: message.node,
            change: known,
            response_status: None,
            failure: outcome.failure.as_deref(),
        };
        self.note_repeat(id, &attempt).await
    }

    /// Tells once more what was told then.
    async fn tell_again_to_start_again(
        &self,
        claimed: &ClaimedWebhook,
        delivery: &WebhookDelivery,
        place: ChangePosition,
    ) -> Result<Came, PersistenceError> {
        let id = claimed.kept.webhook.id;
        let Some(body) = event::start_again(place, delivery.first_attempt_at) else {
            return self.release(id).await;
        };
        let message = Message {
            id: delivery.message.clone(),
            event: START_AGAIN,
            node: None,
            change: (place.stream, place.number),
            body,
        };
        let outcome = self.send(claimed, &message).await;
        self.note_repeat(id, &message.attempt(&outcome)).await
    }

    async fn note_repeat(
        &self,
        id: WebhookId,
        attempt: &WebhookAttempt<'_>,
    ) -> Result<Came, PersistenceError> {
        let transaction = self.write().await?;
        transaction.note_webhook_attempt(id, attempt).await?;
        transaction.release_webhook(id, self.holder).await?;
        transaction.commit().await?;
        Ok(Came::On)
    }

    async fn send(&self, claimed: &ClaimedWebhook, message: &Message<'_>) -> Outcome {
        let outcome = self.try_to_send(claimed, message).await;
        counter!("webhook_attempts_total", "outcome" => outcome.kind).increment(1);
        outcome
    }

    async fn try_to_send(&self, claimed: &ClaimedWebhook, message: &Message<'_>) -> Outcome {
        let now = self.clock.now();
        let Ok(url) = Url::parse(&claimed.kept.webhook.url) else {
            return Outcome::failed("target_refused", "the address cannot be read".to_owned());
        };
        let Some(headers) = signature::headers(&message.id, now, &message.body, &claimed.secrets)
        else {
            return Outcome::failed("not_told", "it could not be signed".to_owned());
        };
        let sent = self
            .outgoing
            .send(Method::POST, &url, headers, message.body.clone())
            .await;
        match sent {
            Ok(answer) => {
                let left_alone = retry_after(answer.status, &answer.headers, now);
                Outcome::answered(answer.status, left_alone)
            }
            Err(error) => Outcome::unanswered(&error),
        }
    }

    /// Notes what came of a delivery, and moves the webhook on where it was acknowledged.
    async fn settle(
        &self,
        claimed: &ClaimedWebhook,
        message: &Message<'_>,
        outcome: &Outcome,
        after: ChangePosition,
    ) -> Result<Came, PersistenceError> {
        let id = claimed.kept.webhook.id;
        let transaction = self.write().await?;
        transaction
            .note_webhook_attempt(id, &message.attempt(outcome))
            .await?;
        let came = if outcome.failure.is_none() {
            transaction
                .advance_webhook(id, self.holder, claimed.kept.place, after, true)
                .await?;
            Came::On
        } else {
            self.note_failure(&transaction, claimed, outcome).await?;
            Came::Rest
        };
        transaction.commit().await?;
        Ok(came)
    }

    /// Notes that nothing could be sent.
    async fn fail(
        &self,
        claimed: &ClaimedWebhook,
        outcome: &Outcome,
    ) -> Result<Came, PersistenceError> {
        counter!("webhook_attempts_total", "outcome" => outcome.kind).increment(1);
        let transaction = self.write().await?;
        self.note_failure(&transaction, claimed, outcome).await?;
        transaction.commit().await?;
        Ok(Came::Rest)
    }

    async fn note_failure(
        &self,
        transaction: &Transaction,
        claimed: &ClaimedWebhook,
        outcome: &Outcome,
    ) -> Result<(), PersistenceError> {
        let kept = &claimed.kept;
        let now = transaction.now();
        let wait = self.wait(kept.failures, outcome.left_alone);
        let next = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
        let reason = outcome.failure.as_deref().unwrap_or_default();
        let parked = self
            .parks(kept.failing_since, now, outcome)
            .then_some(reason);
        tracing::info!(
            webhook = NodeId::Webhook(kept.webhook.id).encode(),
            reason,
            failures = kept.failures.saturating_add(1),
            parked = parked.is_some(),
            seconds = wait.as_secs_f64(),
            "a webhook's receiver failed; unless it is parked, it is tried again after these seconds, from the same change on"
        );
        if parked.is_some() {
            counter!("webhooks_parked_total").increment(1);
        }
        transaction
            .fail_webhook(kept.webhook.id, self.holder, next, parked)
            .await
    }

    /// How long a receiver is left alone that failed so often before, and now again.
    fn wait(&self, failures: u32, left_alone: Option<Duration>) -> Duration {
        let wait = self.settings.wait_after(failures);
        let wait = wait.mul_f64(0.5 + rand::random::<f64>() / 2.0);
        let longest = self.settings.longest();
        wait.max(left_alone.unwrap_or_default().min(longest))
    }

    /// Whether a receiver that failed once more is not tried again.
    fn parks(
        &self,
        failing_since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        outcome: &Outcome,
    ) -> bool {
        let is_gone = outcome.response_status == Some(StatusCode::GONE);
        let too_long = failing_since.is_some_and(|since| now - since >= self.settings.park_after());
        is_gone || too_long
    }

    async fn release(&self, id: WebhookId) -> Result<Came, PersistenceError> {
        let transaction = self.write().await?;
        transaction.release_webhook(id, self.holder).await?;
        transaction.commit().await?;
        Ok(Came::Rest)
    }

    async fn write(&self) -> Result<Transaction, PersistenceError> {
        self.database.write(&self.clock, Author::Operator).await
    }
}

impl Message<'_> {
    fn attempt<'a>(&'a self, outcome: &'a Outcome) -> WebhookAttempt<'a> {
        WebhookAttempt {
            message: &self.id,
            event: self.event,
            node: self.node,
            change: self.change,
            response_status: outcome.response_status.map(|status| status.as_u16()),
            failure: outcome.failure.as_deref(),
        }
    }
}

/// The identity of a delivery: the same at each attempt, and on each node.
fn message_id(webhook: WebhookId, stream: Stream, number: i64) -> String {
    let webhook = NodeId::Webhook(webhook).encode();
    format!("msg_{webhook}_{}_{number}", stream.number())
}

impl Outcome {
    fn failed(kind: &'static str, reason: String) -> Self {
        Self {
            response_status: None,
            failure: Some(reason),
            kind,
            left_alone: None,
        }
    }

    fn answered(status: StatusCode, left_alone: Option<Duration>) -> Self {
        let (kind, failure) = if status.is_success() {
            ("acknowledged", None)
        } else if status == StatusCode::GONE {
            (
                "gone",
                Some("it answered 410: it is gone for good".to_owned()),
            )
        } else if status.is_redirection() {
            (
                "redirected",
                Some(format!(
                    "it answered {}: redirects are not followed; save the webhook with the address that this one leads to",
                    status.as_u16()
                )),
            )
        } else {
            ("refused", Some(format!("it answered {}", status.as_u16())))
        };
        Self {
            response_status: Some(status),
            failure,
            kind,
            left_alone,
        }
    }

    fn unanswered(error: &OutgoingError) -> Self {
        let kind = match error {
            OutgoingError::Target(_) => "target_refused",
            OutgoingError::Unreachable(_) => "unreachable",
            OutgoingError::TimedOut => "timed_out",
            OutgoingError::BrokeOff(_) => "broke_off",
        };
        Self::failed(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn only_success_is_an_acknowledgement() {
        let outcome = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            let outcome = Outcome::answered(status, None);
            (outcome.kind, outcome.failure.is_none())
        };
        for (status, expected) in [
            (200, ("acknowledged", true)),
            (202, ("acknowledged", true)),
            (299, ("acknowledged", true)),
            (301, ("redirected", false)),
            (307, ("redirected", false)),
            (400, ("refused", false)),
            (410, ("gone", false)),
            (429, ("refused", false)),
            (503, ("refused", false)),
        ] {
            assert_eq!(outcome(status), expected, "{status}");
        }
    }

    #[test]
    fn a_delivery_has_one_identity() {
        let webhook = WebhookId::from_number(42);
        let id = message_id(webhook, Stream::Public, 7);
        assert_eq!(id, "msg_SAAAAAAAAAAq_1_7");
        // The text that is signed is parted by full stops.
        assert!(!id.contains('.'));
    }
}
