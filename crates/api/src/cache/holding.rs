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
    /// Through which number the log had been pruned, where that shows in it.
    pruned_through: Option<i64>,
}

impl Holding {
    /// What was made of an edition.
    pub(crate) fn new(dependencies: Dependencies, edition: i64) -> Self {
        Self {
            dependencies,
            made: edition,
            holds: AtomicI64::new(edition),
            pruned_through: None,
        }
    }

    /// The same, of when the log had been pruned through this number: who follows the log is told from where.
    pub(crate) fn with_log_from(mut self, pruned_through: i64) -> Self {
        self.pruned_through = Some(pruned_through).filter(|_| self.dependencies.are_everything());
        self
    }

    /// What was made of several, each of which held as of the latest of their editions; none where one did not.
    pub(crate) fn together<'a>(
        holdings: impl Iterator<Item = &'a Self> + Clone,
        follower: &Follower,
    ) -> Option<Self> {
        let edition = holdings.clone().map(|holding| holding.made).max()?;
        let mut together = Self::new(Dependencies::default(), edition);
        for holding in holdings {
            if holding.at(edition, follower) != Some(Held::Untouched) {
                return None;
            }
            together.dependencies.add(&holding.dependencies);
            together.pruned_through = together.pruned_through.or(holding.pruned_through);
        }
        together.dependencies.settle();
        Some(together)
    }

    /// The edition that it was made of.
    pub(crate) const fn edition(&self) -> i64 {
        self.made
    }

    /// Whether it is known to hold for an edition without looking at the log again.
    pub(crate) fn is_known_at(&self, edition: i64) -> bool {
        self.made <= edition && edition <= self.holds.load(Ordering::SeqCst)
    }

    /// Whether it was made of this edition or one before it.
    pub(crate) fn is_not_newer_than(&self, edition: i64) -> bool {
        self.made <= edition
    }

    /// What has become of it by an edition that this node has come to; none where it was made of a later one.
    pub(crate) fn at(&self, edition: i64, follower: &Follower) -> Option<Held> {
        if edition < self.made {
            return None;
        }
        if self
            .pruned_through
            .is_some_and(|pruned| pruned != follower.pruned_through())
        {
            return Some(Held::Touched);
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
