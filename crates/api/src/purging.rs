//! Telling a CDN of changes: it is asked to purge the tags of what each change of the public stream touches.
//!
//! In reading order:
//!
//! - [`Purger`]: follows the log, from where the CDN was told last;
//! - `hook`: the request that tells it, and the settings that make it.
//!
//! No write waits for it. What has still to be told is what the log has after a number in the database: so nothing
//! is lost with a process, nothing grows while a CDN does not answer, and of many nodes one at a time tells it.

mod hook;

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use masthead_domain::{audience::Audience, clock::Clock, revision::Author};
use masthead_persistence::{Database, FollowedChange, PersistenceError, Unpurged};
use metrics::{counter, gauge};
use thiserror::Error;

pub(crate) use hook::check;
pub use hook::{PurgeFormat, PurgeSettingError};

use crate::{cache_tags, http::CdnSettings};
use hook::{Hook, HookError};

/// How often it looks at the log.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How long it waits where another node is about to tell the CDN.
const WHILE_ANOTHER_TELLS: Duration = Duration::from_secs(1);
/// How long it waits after a failure; twice as long after each further one, up to the most.
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);
const AT_MOST: Duration = Duration::from_secs(60);
/// How long it leaves a CDN alone at most that asks for it: for so long, nothing is purged.
const LEFT_ALONE_AT_MOST: Duration = Duration::from_secs(15 * 60);
/// For how long a node that tells the CDN is not disturbed by another. It must outlast a request.
const CLAIM: TimeDelta = TimeDelta::seconds(15);
/// How many changes are told one by one. More are told as one: everything.
const MOST_CHANGES: u16 = 1_000;
/// How many tags are told apart at once.
const MOST_TAGS: usize = 1_000;

/// Asks a CDN to purge what changes touch.
#[derive(Debug)]
pub struct Purger {
    database: Database,
    clock: Clock,
    hook: Hook,
    delay: Duration,
    /// By which the nodes tell each other apart.
    holder: i64,
}

/// What came of a look at the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    NothingToTell,
    Told,
    AnotherTells,
}

/// The CDN could not be told; it will be, from the same place in the log.
#[derive(Debug, Error)]
enum PurgeError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] PersistenceError),
    /// The CDN did not take a request.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// It took so long that another node may have begun to tell it.
    #[error("another node has taken over")]
    TakenOver,
}

impl PurgeError {
    /// For how long the CDN is left alone, where it asks for that.
    fn left_alone(&self) -> Option<Duration> {
        match self {
            Self::Hook(HookError::Refused { retry_after, .. }) => {
                retry_after.map(|asked| asked.min(LEFT_ALONE_AT_MOST))
            }
            _ => None,
        }
    }
}

impl Purger {
    /// One that tells the CDN of the settings; none where they name none.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(
        database: Database,
        clock: Clock,
        settings: &CdnSettings,
    ) -> Result<Option<Self>, PurgeSettingError> {
        let Some(hook) = Hook::new(settings)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            database,
            clock,
            hook,
            delay: Duration::from_millis(settings.purge_delay_milliseconds),
            holder: rand::random::<u32>().into(),
        }))
    }

    /// Tells the CDN of changes, as long as it is polled.
    pub async fn follow(&self) {
        let mut failures = 0;
        loop {
            let wait = match self.look().await {
                Ok(looked) => {
                    failures = 0;
                    match looked {
                        Looked::NothingToTell => LOOK_AGAIN,
                        Looked::Told => Duration::ZERO,
                        Looked::AnotherTells => WHILE_ANOTHER_TELLS,
                    }
                }
                Err(error) => {
                    counter!("cdn_purge_failures_total").increment(1);
                    let wait = wait_after(failures).mul_f64(0.5 + rand::random::<f64>() / 2.0);
                    let wait = wait.max(error.left_alone().unwrap_or_default());
                    failures = failures.saturating_add(1);
                    tracing::warn!(
                        %error,
                        seconds = wait.as_secs_f64(),
                        "the CDN could not be told what to purge; it is tried again after these seconds, from the \
                         same change on"
                    );
                    wait
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn look(&self) -> Result<Looked, PurgeError> {
        let reader = self.database.reader(Audience::EVERYONE, &self.clock);
        let Some(unpurged) = reader.unpurged(MOST_CHANGES).await? else {
            gauge!("cdn_purge_tags_waiting").set(0.0);
            return Ok(Looked::NothingToTell);
        };
        let tags = tags(&unpurged);
        gauge!("cdn_purge_tags_waiting").set(u32::try_from(tags.len()).unwrap_or(u32::MAX));
        // Not sooner than every node answers from after the change; and what comes meanwhile is told together.
        tokio::time::sleep(self.delay).await;
        if !self.claim(&unpurged).await? {
            return Ok(Looked::AnotherTells);
        }
        let told = self.tell(&unpurged, &tags).await;
        let through = if told.is_ok() {
            Some(unpurged.through)
        } else {
            unpurged.after
        };
        let left_alone = told.as_ref().err().and_then(PurgeError::left_alone);
        let transaction = self.write().await?;
        match left_alone.map(TimeDelta::from_std) {
            // By every node: the claim stays until then.
            Some(Ok(left_alone)) => {
                let until = transaction.now() + left_alone;
                transaction
                    .claim_purging(self.holder, through, until)
                    .await?;
            }
            _ => transaction.release_purging(self.holder, through).await?,
        }
        transaction.commit().await?;
        told?;
        Ok(Looked::Told)
    }

    async fn tell(&self, unpurged: &Unpurged, tags: &[String]) -> Result<(), PurgeError> {
        for (place, some) in tags.chunks(self.hook.batch()).enumerate() {
            if place > 0 && !self.claim(unpurged).await? {
                return Err(PurgeError::TakenOver);
            }
            self.hook.purge(some, &self.clock).await?;
            counter!("cdn_purge_requests_total").increment(1);
            counter!("cdn_purged_tags_total").increment(u64::try_from(some.len()).unwrap_or(0));
        }
        tracing::debug!(
            tags = tags.len(),
            through = unpurged.through,
            "the CDN has been told what to purge"
        );
        Ok(())
    }

    async fn claim(&self, unpurged: &Unpurged) -> Result<bool, PersistenceError> {
        let transaction = self.write().await?;
        let until = transaction.now() + CLAIM;
        let is_claimed = transaction
            .claim_purging(self.holder, unpurged.after, until)
            .await?;
        transaction.commit().await?;
        Ok(is_claimed)
    }

    async fn write(&self) -> Result<masthead_persistence::Transaction, PersistenceError> {
        self.database.write(&self.clock, Author::Operator).await
    }
}

/// How long to wait after so many failures in a row and one more.
fn wait_after(failures: u32) -> Duration {
    AFTER_A_FAILURE
        .saturating_mul(2_u32.saturating_pow(failures.min(16)))
        .min(AT_MOST)
}

/// The tags to purge: those of each change, or the one that every answer bears.
fn tags(unpurged: &Unpurged) -> Vec<String> {
    let touched =
        |change: &FollowedChange| cache_tags::touched_by(change.node, change.article.as_deref());
    let tags: Option<BTreeSet<String>> = unpurged
        .changes
        .as_ref()
        .map(|changes| changes.iter().flat_map(touched).collect());
    match tags {
        Some(tags) if tags.len() <= MOST_TAGS => tags.into_iter().collect(),
        _ => vec![cache_tags::EVERYTHING.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use masthead_domain::{identifier::SectionId, node_id::NodeId};

    use super::*;

    fn unpurged(changes: Option<i64>) -> Unpurged {
        let change = |number| FollowedChange {
            number,
            at: DateTime::UNIX_EPOCH,
            node: NodeId::Section(SectionId::from_number(number % 1_500)),
            article: None,
        };
        Unpurged {
            after: Some(0),
            through: changes.unwrap_or(9),
            changes: changes.map(|count| (1..=count).map(change).collect()),
        }
    }

    #[test]
    fn changes_are_told_together_each_tag_once() {
        let one = NodeId::Section(SectionId::from_number(1)).encode();
        let told = tags(&unpurged(Some(1)));
        assert_eq!(told, ["changes", "kind-section", &format!("row-{one}")]);
        assert_eq!(tags(&unpurged(Some(100))).len(), 102);
    }

    #[test]
    fn what_is_too_much_to_tell_is_told_as_everything() {
        assert_eq!(tags(&unpurged(None)), ["everything"]);
        assert_eq!(tags(&unpurged(Some(1_400))), ["everything"]);
    }

    #[test]
    fn a_cdn_is_left_alone_when_it_asks_but_not_for_ever() {
        let refused = |retry_after| {
            PurgeError::from(HookError::Refused {
                status: http::StatusCode::SERVICE_UNAVAILABLE,
                retry_after,
            })
        };
        let asked = Duration::from_secs(90);
        assert_eq!(refused(Some(asked)).left_alone(), Some(asked));
        assert_eq!(
            refused(Some(Duration::MAX)).left_alone(),
            Some(LEFT_ALONE_AT_MOST)
        );
        assert_eq!(refused(None).left_alone(), None);
        assert_eq!(PurgeError::TakenOver.left_alone(), None);
    }

    #[test]
    fn failures_are_followed_by_longer_and_longer_waits() {
        assert_eq!(wait_after(0), AFTER_A_FAILURE);
        assert_eq!(wait_after(3), AFTER_A_FAILURE * 8);
        assert_eq!(wait_after(u32::MAX), AT_MOST);
    }
}
