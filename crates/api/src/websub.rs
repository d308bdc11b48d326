//! The hub that tells subscribers of changes in the publication's own feeds (WebSub, W3C Recommendation of 23 January 2018).
//!
//! In reading order:
//!
//! - [`WebsubSettings`]: how many subscriptions there may be, and for how long;
//! - [`Hub`]: follows the log, verifies what was asked for, and delivers;
//! - `feed`: makes a feed as everyone sees it, by the very route that serves it;
//! - `verification`: asks a callback whether it wants what was asked for in its name;
//! - `delivery`: sends a feed to a callback;
//! - `requests`: what is asked of the hub, taken down.
//!
//! Whom a feed has still to be delivered to follows from the digest of what was delivered last, so nothing is queued, what a
//! slow subscriber missed is told together, and a change that leaves a feed as it was is told to nobody. One node at a time
//! verifies and delivers; one that dies is followed by another, which may deliver once more.

mod delivery;
mod feed;
mod requests;
mod settings;
mod verification;

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use chrono::TimeDelta;
use futures_util::future::join_all;
use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use masthead_persistence::{Database, PersistenceError, Transaction, WebsubWork};
use metrics::{counter, gauge};
use thiserror::Error;

use crate::outgoing::{Outgoing, OutgoingSettings};
use feed::PublicFeed;

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
/// For how long no other node takes over, beyond the time that one answer may take.
const CLAIM_BEYOND_ANSWER: u64 = 15;
/// How many callbacks are asked, or delivered to, at a time.
const AT_A_TIME: u16 = 32;

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
    /// The change through which this node has looked at all feeds.
    told_through: AtomicI64,
    /// By which the nodes tell each other apart.
    holder: i64,
}

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    NothingToDo,
    Done,
    AnotherDoes,
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
            told_through: AtomicI64::new(-1),
            holder: rand::random::<u32>().into(),
        }))
    }

    /// Has it make feeds by these routes from now on.
    pub(crate) fn make_feeds_by(&self, routes: Router) {
        // The routes of one process are the same.
        let _ = self.feeds.set(routes);
    }

    /// Verifies and delivers, as long as it is polled.
    pub async fn follow(&self) {
        let mut failures: u32 = 0;
        loop {
            let wait = match self.look().await {
                Ok(looked) => {
                    failures = 0;
                    match looked {
                        Looked::NothingToDo => LOOK_AGAIN,
                        Looked::Done => Duration::ZERO,
                        Looked::AnotherDoes => WHILE_ANOTHER_TELLS,
                    }
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
                    wait
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn look(&self) -> Result<Looked, HubError> {
        let work = self.reader().websub_work().await?;
        let has_changed = self.told_through.load(Ordering::Relaxed) != work.last_change;
        let has_changed = has_changed && work.has_subscriptions;
        if !(work.has_requests || work.has_due || has_changed) {
            return Ok(Looked::NothingToDo);
        }
        if has_changed {
            // Not sooner than every node answers from after the change; and what comes meanwhile is told together.
            tokio::time::sleep(DELAY).await;
        }
        if !self.claim().await? {
            return Ok(Looked::AnotherDoes);
        }
        let done = self.work(work, has_changed).await;
        let transaction = self.write().await?;
        transaction.release_websub(self.holder).await?;
        transaction.commit().await?;
        done?;
        if has_changed {
            self.told_through.store(work.last_change, Ordering::Relaxed);
        }
        Ok(Looked::Done)
    }

    async fn work(&self, work: WebsubWork, has_changed: bool) -> Result<(), HubError> {
        let transaction = self.hold().await?;
        transaction.end_expired_websub_subscriptions().await?;
        transaction.commit().await?;
        if work.has_requests {
            self.verify().await?;
        }
        if has_changed || work.has_due {
            for topic in self.reader().websub_topics(!has_changed).await? {
                // Those of a feed that is no more run out.
                if let Some(feed) = self.feed(&topic).await? {
                    self.distribute(&topic, &feed).await?;
                }
            }
        }
        let counts = self.reader().websub_counts("", "", "").await?;
        let count = u32::try_from(counts.subscriptions).unwrap_or(u32::MAX);
        gauge!("websub_subscriptions").set(count);
        Ok(())
    }

    /// Asks those in whose name something was asked for, and does what they confirm.
    async fn verify(&self) -> Result<(), HubError> {
        let base = self.base().await?;
        loop {
            let requests = self.reader().websub_requests_due(AT_A_TIME).await?;
            if requests.is_empty() {
                return Ok(());
            }
            self.hold().await?.commit().await?;
            let asked = requests.iter().map(|request| self.ask(request, &base));
            let answers = join_all(asked).await;
            let transaction = self.hold().await?;
            for (request, answer) in requests.iter().zip(answers) {
                counter!("websub_verifications_total", "outcome" => answer.name()).increment(1);
                match answer {
                    verification::Answer::Confirmed => {
                        transaction.settle_websub_request(request, true).await?;
                    }
                    verification::Answer::Refused => {
                        transaction.settle_websub_request(request, false).await?;
                    }
                    verification::Answer::Again(wait) => {
                        let until = transaction.now() + wait;
                        transaction.put_off_websub_request(request, until).await?;
                    }
                }
            }
            transaction.commit().await?;
        }
    }

    /// Delivers a feed to all who have not been told of it as it is now.
    async fn distribute(&self, topic: &str, feed: &PublicFeed) -> Result<(), HubError> {
        loop {
            let due = self
                .reader()
                .websub_subscriptions_due(topic, &feed.digest, AT_A_TIME)
                .await?;
            if due.is_empty() {
                break;
            }
            self.hold().await?.commit().await?;
            let delivered = due
                .iter()
                .map(|subscription| self.deliver(subscription, feed));
            let outcomes = join_all(delivered).await;
            let transaction = self.hold().await?;
            for (subscription, outcome) in due.iter().zip(&outcomes) {
                transaction
                    .note_websub_delivery(subscription, &feed.digest, outcome)
                    .await?;
            }
            transaction.commit().await?;
        }
        let transaction = self.hold().await?;
        transaction.rest_websub_topic(topic, &feed.digest).await?;
        transaction.commit().await?;
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
