//! Identities: a newtype for each kind of thing, all made in the same way.
//!
//! An identity is a positive 63-bit number: 41 bits of milliseconds since 2020 and 22 random bits,
//! so that rows lie in the order in which they were made, any number of nodes can make them without
//! asking each other, and no number tells how many others there are.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// 2020-01-01T00:00:00Z in Unix milliseconds, from which identities count.
const EPOCH: i64 = 1_577_836_800_000;

/// The last number given out by this process: the next is always greater.
static LAST: AtomicI64 = AtomicI64::new(0);

/// A number that no other thing has, greater than every one given out before by this process.
fn next_number(now: DateTime<Utc>) -> i64 {
    let elapsed = (now.timestamp_millis() - EPOCH).clamp(0, (1 << 41) - 1);
    let candidate = (elapsed << 22) | i64::from(rand::random::<u32>() >> 10);
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(candidate.max(last.saturating_add(1)))
        })
        .unwrap_or_default();
    candidate.max(last.saturating_add(1))
}

macro_rules! identifier {
    ($($(#[$documentation:meta])* $name:ident;)*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// A new identity, made at `now`.
            pub fn new(now: DateTime<Utc>) -> Self {
                Self(next_number(now))
            }

            /// The identity that was stored as this number.
            pub const fn from_number(number: i64) -> Self {
                Self(number)
            }

            /// The number under which it is stored.
            pub const fn number(self) -> i64 {
                self.0
            }
        }
    )*};
}

identifier! {
    /// An article's identity, kept for life: through new slugs, new dates and withdrawal.
    ArticleId;
    /// A section's identity.
    SectionId;
    /// A contributor's identity.
    ContributorId;
    /// A topic's identity.
    TopicId;
    /// A magazine volume's identity.
    MagazineVolumeId;
    /// A magazine issue's identity.
    MagazineIssueId;
    /// A partner's identity.
    PartnerId;
    /// The identity of a token that was made for a partner here.
    PartnerTokenId;
    /// A webhook's identity.
    WebhookId;
    /// The identity of what was, or is still to be, delivered to a webhook.
    WebhookDeliveryId;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn identities_ascend_and_never_repeat() {
        let now = DateTime::UNIX_EPOCH + chrono::Duration::days(20_000);
        let made: Vec<_> = (0..10_000).map(|_| ArticleId::new(now)).collect();
        assert!(made.is_sorted());
        assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), made.len());
        assert!(made.iter().all(|id| id.number() > 0));
    }

    #[test]
    fn a_clock_that_stands_before_the_epoch_still_gives_positive_numbers() {
        assert!(SectionId::new(DateTime::UNIX_EPOCH).number() > 0);
    }
}
