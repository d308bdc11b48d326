//! What queries need of the archive, kept between requests: rows by their identities, lists, lookups.
//!
//! Only what everyone may see is kept. Each thing is kept with what it depends on, and given out only for an
//! edition for which the change log shows that it holds.

use std::{any::Any, fmt, sync::Arc};

use metrics::{Counter, counter, gauge};
use quick_cache::{Weighter, sync::Cache};

use super::{
    dependencies::Dependencies,
    follower::{Follower, Held},
    holding::Holding,
};
use crate::graphql::Named;

/// What is added to the size of a value for its entry in the cache.
const ENTRY_BYTES: usize = 300;
/// What an allocator takes for a byte that is asked of it, in small pieces, in hundredths.
const ALLOCATED: usize = 150;

/// Keeps what queries read, within a number of bytes.
pub(crate) struct Kept {
    entries: Cache<Named, Arc<Entry>, ByBytes>,
    follower: Arc<Follower>,
    hits: Counter,
    misses: Counter,
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Kept").finish_non_exhaustive()
    }
}

struct Entry {
    value: Box<dyn Any + Send + Sync>,
    holding: Holding,
    bytes: usize,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Named, Arc<Entry>> for ByBytes {
    fn weight(&self, _: &Named, entry: &Arc<Entry>) -> u64 {
        u64::try_from(entry.bytes).unwrap_or(u64::MAX)
    }
}

impl Kept {
    pub(crate) fn new(bytes: u64, follower: Arc<Follower>) -> Self {
        // A guess at how many there will be, by which the cache lays itself out.
        let entries = usize::try_from(bytes / 1_000).unwrap_or(usize::MAX).max(64);
        Self {
            entries: Cache::with_weighter(entries, bytes, ByBytes),
            follower,
            hits: counter!("entity_cache_hits_total"),
            misses: counter!("entity_cache_misses_total"),
        }
    }

    /// What is kept under a name, as it is in an edition.
    pub(crate) fn get<Value: Clone + 'static>(&self, name: &Named, edition: i64) -> Option<Value> {
        let found = self
            .entries
            .get(name)
            .filter(|entry| entry.holding.at(edition, &self.follower) == Some(Held::Untouched));
        if let Some(entry) = found {
            self.hits.increment(1);
            entry.value.downcast_ref::<Value>().cloned()
        } else {
            self.misses.increment(1);
            None
        }
    }

    /// Keeps what was read of an edition.
    pub(crate) fn put<Value: Clone + Send + Sync + 'static>(
        &self,
        name: Named,
        value: &Value,
        edition: i64,
        bytes: impl FnOnce(&Value) -> usize,
        note: impl FnOnce(&mut Dependencies),
    ) {
        // Of two that were read side by side, the one of the later edition stays.
        let is_known = self
            .entries
            .peek(&name)
            .is_some_and(|entry| entry.holding.is_known_at(edition));
        if is_known {
            return;
        }
        let mut dependencies = Dependencies::default();
        note(&mut dependencies);
        dependencies.settle();
        let bytes =
            (bytes(value) + dependencies.bytes() + name.bytes()) * ALLOCATED / 100 + ENTRY_BYTES;
        let entry = Entry {
            value: Box::new(value.clone()),
            holding: Holding::new(dependencies, edition),
            bytes,
        };
        self.entries.insert(name, Arc::new(entry));
    }

    /// Sets the gauges of the metrics.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no cache comes near 2^52 bytes or entries"
    )]
    pub(crate) fn show(&self) {
        gauge!("entity_cache_entries").set(self.entries.len() as f64);
        gauge!("entity_cache_bytes").set(self.entries.weight() as f64);
    }
}
