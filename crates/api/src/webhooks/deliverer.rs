//! Finding the webhooks to which something is to be delivered, and delivering to each by itself.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use masthead_domain::{
    audience::Audience, change::Stream, clock::Clock, identifier::WebhookId, webhook::WebhookStatus,
};
use masthead_persistence::{Database, KeptWebhook, PersistenceError};
use metrics::gauge;
use tokio::task::{Id, JoinSet};

use super::{WebhookSettings, delivery::Came};
use crate::{
    graphql::Archive,
    outgoing::{Outgoing, OutgoingSettings},
};

/// How often it looks whether there is something to deliver.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How long it waits where the database failed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);
/// To how many webhooks a node delivers at the same time.
const MOST_AT_ONCE: usize = 64;
/// How many deliveries to one webhook are made before others are looked at.
const MOST_IN_A_ROW: usize = 100;

/// Delivers changes to webhooks.
#[derive(Clone)]
pub struct Deliverer(Arc<Delivering>);

/// What a delivery is made with.
pub(super) struct Delivering {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) archive: Archive,
    pub(super) outgoing: Outgoing,
    pub(super) settings: WebhookSettings,
    /// The most seconds that a request takes.
    pub(super) request_seconds: u64,
    /// By which the nodes tell each other apart.
    pub(super) holder: i64,
}

impl Deliverer {
    /// One that tells of what the archive answers.
    ///
    /// # Errors
    /// When a setting cannot be used: the key, and what is wrong with it.
    pub fn new(
        database: Database,
        clock: Clock,
        archive: Archive,
        settings: WebhookSettings,
        outgoing: &OutgoingSettings,
    ) -> Result<Self, (&'static str, String)> {
        settings.check()?;
        Ok(Self(Arc::new(Delivering {
            database,
            clock,
            archive,
            request_seconds: outgoing.timeout_seconds,
            outgoing: Outgoing::new(outgoing)?,
            settings,
            holder: i64::from(rand::random::<u32>()) + 1,
        })))
    }

    /// Delivers, as long as it is polled.
    pub async fn follow(&self) {
        let mut tasks = JoinSet::new();
        let mut busy: HashMap<Id, WebhookId> = HashMap::new();
        loop {
            let wait = match self.0.due().await {
                Ok(due) => {
                    let taken: HashSet<WebhookId> = busy.values().copied().collect();
                    let free = MOST_AT_ONCE.saturating_sub(taken.len());
                    for id in due.into_iter().filter(|id| !taken.contains(id)).take(free) {
                        let delivering = self.0.clone();
                        let task = tasks.spawn(async move { delivering.deliver(id).await });
                        busy.insert(task.id(), id);
                    }
                    LOOK_AGAIN
                }
                Err(error) => {
                    tracing::warn!(%error, "it could not be found out which webhooks have something to be told");
                    AFTER_A_FAILURE
                }
            };
            let again = tokio::time::sleep(wait);
            tokio::pin!(again);
            loop {
                tokio::select! {
                    () = &mut again => break,
                    Some(ended) = tasks.join_next_with_id() => {
                        let id = match &ended {
                            Ok((id, ())) => *id,
                            Err(error) => error.id(),
                        };
                        busy.remove(&id);
                    }
                }
            }
        }
    }
}

impl Delivering {
    /// As whom it is read how far webhooks have come. What they are told is not read so.
    pub(super) const fn bookkeeper() -> Audience {
        Audience::Newsroom
    }

    /// Delivers to one webhook what there is.
    async fn deliver(&self, id: WebhookId) {
        for _ in 0..MOST_IN_A_ROW {
            match self.next(id).await {
                Ok(Came::On) => {}
                Ok(Came::Rest) => return,
                Err(error) => {
                    // Held until the claim ends, by this node or another.
                    tracing::warn!(%error, "a webhook could not be delivered to; it is tried again");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                    return;
                }
            }
        }
    }

    /// The webhooks to which something may have to be delivered now.
    async fn due(&self) -> Result<Vec<WebhookId>, PersistenceError> {
        let reader = self.database.reader(Self::bookkeeper(), &self.clock);
        let webhooks = reader.webhooks(None).await?;
        if webhooks.is_empty() {
            show(0, 0);
            return Ok(Vec::new());
        }
        let ends = reader.ends_of_streams().await?;
        let repeated = reader.webhooks_to_repeat().await?;
        let now = self.clock.now();
        let mut waiting = 0;
        let mut due = Vec::new();
        for kept in &webhooks {
            waiting += behind(kept, &ends).max(0);
            let told = kept.webhook.asks_as(kept.partner.as_ref());
            let Some(caller) = told.filter(|_| kept.held_until <= now) else {
                continue;
            };
            let audience = caller.audience(self.archive.access());
            let is_new = behind(kept, &ends) != 0
                || kept.start_again
                || kept.place.stream != audience.stream()
                || kept.place.sections
                    != audience.sections().map(|sections| sections.fingerprint());
            if is_ready(kept, now) && is_new || repeated.contains(&kept.webhook.id) {
                due.push(kept.webhook.id);
            }
        }
        let parked = webhooks
            .iter()
            .filter(|kept| kept.webhook.status == WebhookStatus::Parked);
        show(waiting, parked.count());
        Ok(due)
    }
}

/// Whether a webhook is delivered to at that instant.
fn is_ready(kept: &KeptWebhook, now: DateTime<Utc>) -> bool {
    kept.webhook.status == WebhookStatus::Active && kept.next_attempt_at <= now
}

/// How many changes its stream has after a webhook's place; fewer than none in a backup that was gone back to.
fn behind(kept: &KeptWebhook, ends: &[(Stream, i64, bool)]) -> i64 {
    let end = ends
        .iter()
        .find(|(stream, ..)| *stream == kept.place.stream)
        .map_or(0, |(_, end, _)| *end);
    end - kept.place.number
}

#[expect(clippy::cast_precision_loss, reason = "no log comes near 2^52 changes")]
fn show(waiting: i64, parked: usize) {
    gauge!("webhook_changes_waiting").set(waiting as f64);
    gauge!("webhooks_parked").set(parked as f64);
}
