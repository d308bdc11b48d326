//! Following the change log: which edition this node has come to, and what changed on the way.
//!
//! What is kept is checked against the changes since it was made, when it is asked for: nothing is thrown
//! away by hand. It may be given out only while this node is sure of its edition:
//!
//! - a commit of its own raises what it has to have applied before it is acknowledged;
//! - of commits elsewhere it is told (PostgreSQL's `NOTIFY`), and it looks again a few times a second; where
//!   it has not looked for most of a second it looks before it answers;
//! - at the next instant of the clock's it sees to it that the log tells what was published, and follows that.

use std::{
    collections::VecDeque,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use masthead_domain::{audience::Audience, change::Stream, clock::Clock};
use masthead_persistence::{Database, Edition, FollowedChange, PersistenceError};
use tokio::sync::watch;

use super::dependencies::Dependencies;

/// For how long a look at the log is good: other nodes see a write within a second.
const FRESH: Duration = Duration::from_millis(700);
/// How often it looks again, beside being told.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How long it waits when the database does not answer.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);
/// How many changes are remembered. What was made before them is made anew.
const REMEMBERED: usize = 4_096;
/// How many changes are followed one by one. After more than these everything is made anew.
const FOLLOWED: u16 = 1_000;

/// Follows the public stream of the change log.
#[derive(Debug)]
pub struct Follower {
    database: Database,
    clock: Clock,
    started: Instant,
    applied: Applied,
    recent: RwLock<Recent>,
    catching_up: tokio::sync::Mutex<()>,
    log_end: watch::Sender<LogEnd>,
}

/// How far the log goes, as far as this node has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct LogEnd {
    /// The number of the last change of the public stream.
    pub(crate) public: i64,
    /// That of the newsroom's stream, which has every change.
    pub(crate) newsroom: i64,
}

/// Where it has come to, in a form that is read without a lock.
#[derive(Debug)]
struct Applied {
    public: AtomicI64,
    pruned_through: AtomicI64,
    /// How many writes this process had committed when it looked.
    committed: AtomicU64,
    /// The next instant of the clock's, in Unix milliseconds.
    next_publication: AtomicI64,
    /// When it last looked, in milliseconds since it was started, plus one; 0 before it did.
    looked: AtomicU64,
}

/// The changes of late.
#[derive(Debug)]
struct Recent {
    /// The number of the last change that is not among them any more.
    base: i64,
    /// The latest time up to there.
    base_at: DateTime<Utc>,
    changes: VecDeque<Remembered>,
}

#[derive(Debug)]
struct Remembered {
    change: FollowedChange,
    /// The latest time of all changes up to this one.
    latest_at: DateTime<Utc>,
}

impl Recent {
    /// The changes with numbers above `after` and up to `until`; none where not all are remembered.
    fn between(&self, after: i64, until: i64) -> Option<impl Iterator<Item = &Remembered>> {
        let from = usize::try_from(after.checked_sub(self.base)?).ok()?;
        let to = usize::try_from(until.checked_sub(self.base)?).ok()?;
        (from <= to && to <= self.changes.len()).then(|| self.changes.range(from..to))
    }

    fn latest_at(&self, number: i64) -> Option<DateTime<Utc>> {
        match usize::try_from(number.checked_sub(self.base)?).ok()? {
            0 => Some(self.base_at),
            place => self
                .changes
                .get(place - 1)
                .map(|remembered| remembered.latest_at),
        }
    }
}

impl Follower {
    /// Follows the log of this database.
    pub fn new(database: Database, clock: Clock) -> Self {
        Self {
            database,
            clock,
            started: Instant::now(),
            applied: Applied {
                public: AtomicI64::new(-1),
                pruned_through: AtomicI64::new(-1),
                committed: AtomicU64::new(0),
                next_publication: AtomicI64::new(i64::MAX),
                looked: AtomicU64::new(0),
            },
            recent: RwLock::new(Recent {
                base: -1,
                base_at: DateTime::UNIX_EPOCH,
                changes: VecDeque::new(),
            }),
            catching_up: tokio::sync::Mutex::default(),
            log_end: watch::Sender::default(),
        }
    }

    /// Tells how far the log goes, each time that it has gone on.
    pub(crate) fn log_end(&self) -> watch::Receiver<LogEnd> {
        self.log_end.subscribe()
    }

    /// The public edition that this node has come to, where it is sure of it right now.
    pub(crate) fn current(&self) -> Option<i64> {
        // The edition is read first: what is found out after that is about this one or a later one.
        let public = self.applied.public.load(Ordering::SeqCst);
        let is_sure = self.applied.committed.load(Ordering::SeqCst) == self.database.committed()
            && self.has_looked()
            && self.clock.now().timestamp_millis()
                < self.applied.next_publication.load(Ordering::SeqCst);
        is_sure.then_some(public)
    }

    /// The same after a look at the log, where that is needed; none where the database does not answer.
    pub(crate) async fn settle(&self) -> Option<i64> {
        match self.current() {
            Some(edition) => Some(edition),
            None => self.look().boxed().await,
        }
    }

    async fn look(&self) -> Option<i64> {
        let _turn = self.catching_up.lock().await;
        if let Some(edition) = self.current() {
            return Some(edition);
        }
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "the change log could not be followed; nothing that is kept is used");
            return None;
        }
        self.current()
    }

    /// Sees to it that this node has come as far as an edition that was read; answers whether it has.
    pub(crate) async fn reach(&self, edition: i64) -> bool {
        let has_reached = || self.applied.public.load(Ordering::SeqCst) >= edition;
        if has_reached() {
            return true;
        }
        async {
            let _turn = self.catching_up.lock().await;
            has_reached() || self.catch_up().await.is_ok() && has_reached()
        }
        .boxed()
        .await
    }

    /// Follows the log, as long as it is polled.
    pub async fn follow(&self) {
        let told = tokio::sync::Notify::new();
        let listen = async {
            if let Some(mut notices) = self.database.notices().await {
                loop {
                    notices.next().await;
                    told.notify_one();
                }
            }
        };
        tokio::join!(listen, self.look_again(&told));
    }

    async fn look_again(&self, told: &tokio::sync::Notify) {
        loop {
            let looked = {
                let _turn = self.catching_up.lock().await;
                self.catch_up().await
            };
            let wait = match looked {
                Ok(()) => self.until_next_look(),
                Err(error) => {
                    tracing::warn!(%error, "the change log could not be followed; trying again");
                    AFTER_A_FAILURE
                }
            };
            let commit = async {
                tokio::select! {
                    () = told.notified() => {}
                    () = self.database.next_commit() => {}
                }
            };
            drop(tokio::time::timeout(wait, commit).await);
        }
    }

    fn until_next_look(&self) -> Duration {
        let next = self.applied.next_publication.load(Ordering::SeqCst);
        let until = next.saturating_sub(self.clock.now().timestamp_millis());
        u64::try_from(until)
            .map_or(LOOK_AGAIN, Duration::from_millis)
            .min(LOOK_AGAIN)
    }

    fn has_looked(&self) -> bool {
        match self.applied.looked.load(Ordering::SeqCst) {
            0 => false,
            looked => self.elapsed() < looked + u64::try_from(FRESH.as_millis()).unwrap_or(0),
        }
    }

    /// Milliseconds since it was started, plus one.
    fn elapsed(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    async fn catch_up(&self) -> Result<(), PersistenceError> {
        let (looked, mut committed) = (self.elapsed(), self.database.committed());
        let mut snapshot = self.database.following_snapshot();
        let Some(mut edition) = snapshot.edition().await? else {
            return Ok(());
        };
        let now = self.clock.now();
        if edition.next_publication.is_some_and(|at| at <= now) {
            drop(snapshot);
            self.database.note_publications(&self.clock).await?;
            committed = self.database.committed();
            snapshot = self.database.following_snapshot();
            match snapshot.edition().await? {
                Some(noted) => edition = noted,
                None => return Ok(()),
            }
        }
        let applied = self.applied.public.load(Ordering::SeqCst);
        if edition.public != applied {
            let reader = snapshot.reader(Audience::EVERYONE, now);
            let followed = match applied {
                ..0 => None,
                applied => reader.followed(Stream::Public, applied, FOLLOWED).await?,
            };
            let latest = match followed {
                Some(_) => None,
                None => reader.latest_change(Stream::Public, FOLLOWED).await?,
            };
            self.remember(&edition, followed, latest);
        }
        let next = edition
            .next_publication
            .map_or(i64::MAX, |at| at.timestamp_millis());
        self.applied.public.store(edition.public, Ordering::SeqCst);
        self.applied.next_publication.store(next, Ordering::SeqCst);
        let pruned = edition.pruned_through;
        self.applied.pruned_through.store(pruned, Ordering::SeqCst);
        self.applied.committed.store(committed, Ordering::SeqCst);
        self.applied.looked.store(looked, Ordering::SeqCst);
        let end = LogEnd {
            public: edition.public,
            newsroom: edition.newsroom,
        };
        self.log_end
            .send_if_modified(|known| std::mem::replace(known, end) != end);
        Ok(())
    }

    fn remember(
        &self,
        edition: &Edition,
        followed: Option<Vec<FollowedChange>>,
        latest: Option<DateTime<Utc>>,
    ) {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        let last = recent
            .base
            .saturating_add(i64::try_from(recent.changes.len()).unwrap_or(i64::MAX));
        let follows = followed.as_ref().is_some_and(|changes| {
            (last + 1..)
                .zip(changes)
                .all(|(number, change)| change.number == number)
                && last + i64::try_from(changes.len()).unwrap_or(i64::MAX) == edition.public
        });
        let Some(changes) = followed.filter(|_| follows) else {
            *recent = Recent {
                base: edition.public,
                base_at: latest.unwrap_or(DateTime::UNIX_EPOCH),
                changes: VecDeque::new(),
            };
            return;
        };
        for change in changes {
            let before = recent
                .changes
                .back()
                .map_or(recent.base_at, |last| last.latest_at);
            let latest_at = before.max(change.at);
            recent.changes.push_back(Remembered { change, latest_at });
            if recent.changes.len() > REMEMBERED
                && let Some(forgotten) = recent.changes.pop_front()
            {
                recent.base = forgotten.change.number;
                recent.base_at = forgotten.latest_at;
            }
        }
    }

    /// The number through which the public stream has been pruned.
    pub(crate) fn pruned_through(&self) -> i64 {
        self.applied.pruned_through.load(Ordering::SeqCst)
    }

    /// The time of the last change up to an edition, where there was one and it is remembered.
    pub(crate) fn changed_by(&self, edition: i64) -> Option<DateTime<Utc>> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        recent
            .latest_at(edition)
            .filter(|at| *at > DateTime::UNIX_EPOCH)
    }

    /// The clock that it follows.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The present time, by the clock that it follows.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whether what was read of an edition at an instant may be kept: whether it follows from the edition
    /// alone.
    ///
    /// It does not where the log already tells of a publication that this node's clock has not come to: it
    /// was noted by a node whose clock is ahead.
    pub(crate) fn may_keep(&self, edition: i64, now: DateTime<Utc>) -> bool {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        recent.latest_at(edition).is_some_and(|at| at <= now)
    }

    /// Whether what depends on these held from one edition to another.
    pub(crate) fn held(&self, dependencies: &Dependencies, from: i64, to: i64) -> Held {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        match recent.between(from, to) {
            None => Held::Unknown,
            Some(mut changes) => {
                if changes.any(|remembered| dependencies.are_touched_by(&remembered.change)) {
                    Held::Touched
                } else {
                    Held::Untouched
                }
            }
        }
    }
}

/// What became of something that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// No change touched what it depends on.
    Untouched,
    /// One did.
    Touched,
    /// The changes are not remembered any more.
    Unknown,
}
