//! The hub that tells subscribers of changes in the publication's own feeds (WebSub, W3C Recommendation of 23 January 2018).
//!
//! In reading order:
//!
//! - [`WebsubSettings`]: how many subscriptions there may be, and for how long;
//! - [`Hub`]: follows the log, and has whoever is due asked or told;
//! - `places`: the bounded number of callbacks that are asked or told at a time, each for itself;
//! - `feed`: makes a feed as everyone sees it, by the very route that serves it;
//! - `verification`: asks a callback whether it wants what was asked for in its name;
//! - `delivery`: sends a feed to a callback;
//! - `denial`: tells a callback that its feed is no more;
//! - `requests`: what is asked of the hub, taken down.
//!
//! Whom a feed has still to be delivered to follows from the digest of what was delivered last, so nothing is queued, what a
//! slow subscriber missed is told together, and a change that leaves a feed as it was is told to nobody. One node at a time
//! verifies and delivers; one that dies is followed by another, which may deliver once more. A callback that stalls holds one place, and
//! whatever else is due goes on in the others.

mod delivery;
mod denial;
mod feed;
mod places;
mod requests;
mod settings;
mod verification;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::Router;
use chrono::TimeDelta;
use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use masthead_persistence::{
    Database, PersistenceError, Transaction, WebsubSubscription, WebsubWork,
};
use metrics::{counter, gauge};
use thiserror::Error;
use tokio::time::Instant;

use crate::outgoing::{Outgoing, OutgoingSettings};
use feed::FeedState;
use places::{Finished, Place, Places};

pub(crate) use requests::{RequestError, Requested};
pub use settings::WebsubSettings;

/// How often it looks whether there is something to do.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// How long it waits where another node is at it.
const WHILE_ANOTHER_TELLS: Duration = Duration::from_secs(1);
/// How long after a change a feed is made: until then a node may answer from before it.
const DELAY: Duration = Duration::from_secs(1);
/// How long it waits after a failure of its own; twice as long after each further one, up to the most.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);
const AT_MOST: Duration = Duration::from_secs(60);
/// How long those wait whose feed cannot be made.
const WHILE_NOT_MADE: TimeDelta = TimeDelta::seconds(30);
/// For how long no other node takes over, beyond the time that one answer may take.
const CLAIM_BEYOND_ANSWER: u64 = 15;
/// How many callbacks are asked, or told, at a time.
const AT_A_TIME: u16 = 32;
/// How many of them may be asked what was asked for in their name: anybody may have anyone asked.
const ASKED_AT_A_TIME: u16 = AT_A_TIME / 2;

/// Tells subscribers of changes in feeds.
#[derive(Debug)]
pub struct Hub {
    database: Database,
    clock: Clock,
    settings: WebsubSettings,
    outgoing: Outgoing,
    /// For how long a claim holds.
    claim: TimeDelta,
    /// The routes of feeds, once they are made.
    feeds: OnceLock<Router>,
    /// By which the nodes tell each other apart.
    holder: i64,
}

/// How far this node has come.
#[derive(Debug)]
struct Progress {
    /// The change through which it has looked at all feeds.
    looked_through: i64,
    /// A change that it has still to look at, and since when it knows of it.
    noticed: Option<(i64, Instant)>,
    /// Whether it may have the claim.
    holds: bool,
    places: Places,
}

/// Something could not be done; it will be.
#[derive(Debug, Error)]
enum HubError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] PersistenceError),
    /// A feed cannot be made.
    #[error("{0} is answered with {1}")]
    Feed(String, http::StatusCode),
    /// What was made of a feed is not what one is.
    #[error("{0} could not be read: {1}")]
    Unreadable(String, String),
    /// It took so long that another node may have begun.
    #[error("another node has taken over")]
    TakenOver,
}

impl Hub {
    /// One with these settings; none where they allow no subscription.
    ///
    /// # Errors
    /// When a setting cannot be used: the key, and what is wrong with it.
    pub fn new(
        database: Database,
        clock: Clock,
        settings: WebsubSettings,
        outgoing: &OutgoingSettings,
    ) -> Result<Option<Self>, (&'static str, String)> {
        settings.check()?;
        if settings.subscriptions == 0 {
            return Ok(None);
        }
        let seconds = outgoing.timeout_seconds.saturating_add(CLAIM_BEYOND_ANSWER);
        Ok(Some(Self {
            database,
            clock,
            settings,
            claim: TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::from(u16::MAX))),
            outgoing: Outgoing::new(outgoing)?,
            feeds: OnceLock::new(),
            holder: rand::random::<u32>().into(),
        }))
    }

    /// Has it make feeds by these routes from now on.
    pub(crate) fn make_feeds_by(&self, routes: Router) {
        // The routes of one process are the same.
        let _ = self.feeds.set(routes);
    }

    /// Verifies and delivers, as long as it is polled.
    pub async fn follow(self: &Arc<Self>) {
        let mut failures: u32 = 0;
        let mut progress = Progress {
            looked_through: -1,
            noticed: None,
            holds: false,
            places: Places::default(),
        };
        loop {
            match self.look(&mut progress).await {
                Ok(may) => {
                    failures = 0;
                    let wait = if may { LOOK_AGAIN } else { WHILE_ANOTHER_TELLS };
                    progress.places.next_within(wait).await;
                }
                Err(error) => {
                    let wait = AFTER_A_FAILURE
                        .saturating_mul(2_u32.saturating_pow(failures.min(16)))
                        .min(AT_MOST);
                    failures = failures.saturating_add(1);
                    tracing::warn!(
                        %error,
                        seconds = wait.as_secs_f64(),
                        "subscribers of feeds could not be told; it is tried again after these seconds"
                    );
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Does what there is to do, but for what takes as long as others like. Answers whether this node may.
    async fn look(self: &Arc<Self>, progress: &mut Progress) -> Result<bool, HubError> {
        let work = self.reader().websub_work().await?;
        let changed = progress.changed(work);
        progress.places.take_finished();
        let finished = progress.places.finished();
        let has_work = work.has_requests || work.has_due || changed.is_some();
        if has_work || !finished.is_empty() {
            if !self.claim().await? {
                // Whoever has taken over tells those whom this node was about to tell.
                progress.places.clear();
                progress.holds = false;
                return Ok(false);
            }
            progress.holds = true;
            self.note(finished).await?;
            progress.places.forget_finished();
            if let Some(change) = changed {
                self.wake().await?;
                progress.looked_through = change;
                progress.noticed = None;
            }
            self.verify(&mut progress.places).await?;
            self.tell(&mut progress.places).await?;
            let counts = self.reader().websub_counts("", "", "").await?;
            let count = u32::try_from(counts.subscriptions).unwrap_or(u32::MAX);
            gauge!("websub_subscriptions").set(count);
        }
        if progress.holds && progress.places.is_empty() {
            let transaction = self.write().await?;
            transaction.release_websub(self.holder).await?;
            transaction.commit().await?;
            progress.holds = false;
        }
        Ok(true)
    }

    /// Notes what came of what is finished, and ends what has run out.
    async fn note(&self, finished: &[Finished]) -> Result<(), HubError> {
        let transaction = self.hold().await?;
        transaction.end_expired_websub_subscriptions().await?;
        for one in finished {
            match one {
                Finished::Asked(request, verification::Answer::Again(wait)) => {
                    let until = transaction.now() + *wait;
                    transaction.put_off_websub_request(request, until).await?;
                }
                Finished::Asked(request, answer) => {
                    let is_confirmed = *answer == verification::Answer::Confirmed;
                    transaction
                        .settle_websub_request(request, is_confirmed)
                        .await?;
                }
                Finished::Told(subscription, digest, outcome) => {
                    transaction
                        .note_websub_delivery(subscription, digest, outcome)
                        .await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Has all be due who have not been told of their feed as it is now.
    async fn wake(&self) -> Result<(), HubError> {
        for topic in self.reader().websub_topics().await? {
            // Nobody has been told yet that a feed is no more: whoever is, is no subscriber any longer. Whether one that
            // cannot be made has changed is found out once it can be.
            let digest = match self.state(&topic).await {
                FeedState::Made(feed) => feed.digest.clone(),
                FeedState::Gone | FeedState::NotMade => String::new(),
            };
            let transaction = self.hold().await?;
            transaction.wake_websub_topic(&topic, &digest).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Begins to ask those in whose name something was asked for, as many as there are places for.
    async fn verify(self: &Arc<Self>, places: &mut Places) -> Result<(), HubError> {
        let free = places.free_to_ask();
        if free == 0 {
            return Ok(());
        }
        let mut requests = self.reader().websub_requests_due(AT_A_TIME * 2).await?;
        requests.retain(|request| !places.has(Place::Request(request.id)));
        requests.truncate(free);
        if requests.is_empty() {
            return Ok(());
        }
        let base: Arc<str> = self.base().await?.into();
        let ids: Vec<i64> = requests.iter().map(|request| request.id).collect();
        let transaction = self.hold().await?;
        let until = transaction.now() + self.claim;
        transaction.begin_websub_requests(&ids, until).await?;
        transaction.commit().await?;
        for request in requests {
            let (hub, base) = (self.clone(), base.clone());
            places.fill(Place::Request(request.id), async move {
                let answer = hub.ask(&request, &base).await;
                counter!("websub_verifications_total", "outcome" => answer.name()).increment(1);
                Finished::Asked(request, answer)
            });
        }
        Ok(())
    }

    /// Begins to tell those who are due, as many as there are places for.
    async fn tell(self: &Arc<Self>, places: &mut Places) -> Result<(), HubError> {
        let mut feeds: HashMap<String, FeedState> = HashMap::new();
        loop {
            let free = places.free();
            if free == 0 {
                return Ok(());
            }
            let mut due = self
                .reader()
                .websub_subscriptions_due(AT_A_TIME * 2)
                .await?;
            due.retain(|subscription| !places.has(Place::Subscription(subscription.id)));
            // Those who have not failed come first.
            due.sort_by_key(|subscription| subscription.failures);
            due.truncate(free);
            if due.is_empty() {
                return Ok(());
            }
            for WebsubSubscription { topic, .. } in &due {
                if !feeds.contains_key(topic) {
                    let feed = self.state(topic).await;
                    feeds.insert(topic.clone(), feed);
                }
            }
            self.begin(due, &feeds, places).await?;
        }
    }

    /// Begins to tell these. Those who have their feed as it is now are due no more; those whose feed cannot be made wait.
    async fn begin(
        self: &Arc<Self>,
        due: Vec<WebsubSubscription>,
        feeds: &HashMap<String, FeedState>,
        places: &mut Places,
    ) -> Result<(), HubError> {
        let (mut told, mut not_made) = (BTreeSet::new(), BTreeSet::new());
        let mut deliveries = Vec::new();
        for subscription in due {
            match feeds.get(&subscription.topic) {
                Some(FeedState::Made(feed)) if feed.digest == subscription.delivered => {
                    told.insert((subscription.topic, feed.digest.clone()));
                }
                Some(FeedState::Made(feed)) => deliveries.push((subscription, Some(feed.clone()))),
                Some(FeedState::Gone) => deliveries.push((subscription, None)),
                Some(FeedState::NotMade) | None => {
                    not_made.insert(subscription.topic);
                }
            }
        }
        let base: Arc<str> = if deliveries.iter().any(|(_, feed)| feed.is_none()) {
            self.base().await?.into()
        } else {
            Arc::default()
        };
        let transaction = self.hold().await?;
        let until = transaction.now() + self.claim;
        for (topic, digest) in &told {
            transaction.rest_websub_topic(topic, digest).await?;
        }
        let later = transaction.now() + WHILE_NOT_MADE;
        for topic in &not_made {
            transaction.put_off_websub_topic(topic, later).await?;
        }
        let ids: Vec<i64> = deliveries.iter().map(|(one, _)| one.id).collect();
        transaction.begin_websub_deliveries(&ids, until).await?;
        transaction.commit().await?;
        for (subscription, feed) in deliveries {
            let (hub, base) = (self.clone(), base.clone());
            places.fill(Place::Subscription(subscription.id), async move {
                let (digest, outcome) = match feed {
                    Some(feed) => {
                        let outcome = hub.deliver(&subscription, &feed).await;
                        (feed.digest.clone(), outcome)
                    }
                    None => (String::new(), hub.deny(&subscription, &base).await),
                };
                Finished::Told(subscription, digest, outcome)
            });
        }
        Ok(())
    }

    async fn claim(&self) -> Result<bool, PersistenceError> {
        let transaction = self.write().await?;
        let until = transaction.now() + self.claim;
        let is_claimed = transaction.claim_websub(self.holder, until).await?;
        transaction.commit().await?;
        Ok(is_claimed)
    }

    /// Claims anew, so that nobody takes over meanwhile.
    ///
    /// # Errors
    /// When another node has taken over.
    async fn hold(&self) -> Result<Transaction, HubError> {
        let transaction = self.write().await?;
        let until = transaction.now() + self.claim;
        if !transaction.claim_websub(self.holder, until).await? {
            transaction.roll_back().await?;
            return Err(HubError::TakenOver);
        }
        Ok(transaction)
    }

    fn reader(&self) -> masthead_persistence::Reader<'_> {
        self.database.reader(Audience::EVERYONE, &self.clock)
    }

    async fn write(&self) -> Result<Transaction, PersistenceError> {
        self.database.write(&self.clock, Author::Operator).await
    }
}

impl Progress {
    /// The change through which all feeds are to be looked at now: not sooner than every node answers from after it, and
    /// what comes meanwhile is told together.
    fn changed(&mut self, work: WebsubWork) -> Option<i64> {
        if !work.has_subscriptions || self.looked_through == work.last_change {
            self.noticed = None;
            return None;
        }
        let now = Instant::now();
        let (change, since) = *self.noticed.get_or_insert((work.last_change, now));
        (now - since >= DELAY).then_some(change)
    }
}
