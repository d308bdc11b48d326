//! For which editions something that was made of one holds.

use std::sync::atomic::{AtomicI64, Ordering};

use super::{
    dependencies::Dependencies,
    follower::{Follower, Held},
};

/// What something depends on, and for which editions it is known to hold.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) dependencies: Dependencies,
    /// The edition that it was made of.
    made: i64,
    /// The edition up to which it is known to hold.
    holds: AtomicI64,
}

impl Holding {
    /// What was made of an edition.
    pub(crate) fn new(dependencies: Dependencies, edition: i64) -> Self {
        Self {
            dependencies,
            made: edition,
            holds: AtomicI64::new(edition),
        }
    }

    /// Whether it is known to hold for an edition without looking at the log again.
    pub(crate) fn is_known_at(&self, edition: i64) -> bool {
        self.made <= edition && edition <= self.holds.load(Ordering::SeqCst)
    }

    /// Whether it was made of an edition before this one.
    pub(crate) fn is_older_than(&self, edition: i64) -> bool {
        self.made < edition
    }

    /// What has become of it by an edition that this node has come to; none where it was made of a later one.
    pub(crate) fn at(&self, edition: i64, follower: &Follower) -> Option<Held> {
        if edition < self.made {
            return None;
        }
        let holds = self.holds.load(Ordering::SeqCst);
        if edition <= holds {
            return Some(Held::Untouched);
        }
        let held = follower.held(&self.dependencies, holds, edition);
        if held == Held::Untouched {
            self.holds.fetch_max(edition, Ordering::SeqCst);
        }
        Some(held)
    }
}
