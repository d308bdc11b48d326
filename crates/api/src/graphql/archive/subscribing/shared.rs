//! What subscribers share: pages of the log, and events as they were asked for.
//!
//! Each is kept under where the log stood when it was made, and given out only while it stands there: so an event shows
//! what it is about as it is, and nothing that was taken down since.

use std::sync::Arc;

use masthead_domain::{audience::Audience, identifier::ArticleId};
use masthead_persistence::{ChangePage, ChangePosition, PersistenceError, Standing};
use metrics::{Counter, counter};
use quick_cache::{Weighter, sync::Cache};

use super::event::{Asked, Made};
use crate::cache::LogEnd;

/// What is added to the size of an entry for its place in the cache.
const ENTRY_BYTES: usize = 400;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// The page of an audience's stream after a place.
    Page(Audience, ChangePosition, LogEnd),
    /// Where an audience's stream stands.
    Present(Audience, LogEnd),
    /// Where an article stands, by the public edition.
    Standing(ArticleId, i64),
    /// What somebody asks of the change of this number, by the edition of what they see.
    Event(Arc<Asked>, i64, i64),
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Page(Option<Arc<ChangePage>>),
    Position(ChangePosition),
    Standing(Option<Arc<Standing>>),
    Event(Arc<Made>),
}

impl Value {
    fn bytes(&self) -> usize {
        match self {
            Self::Page(Some(page)) => page
                .changes
                .iter()
                .map(|change| size_of_val(change) + change.reason.as_ref().map_or(0, String::len))
                .sum(),
            Self::Event(made) => made.bytes(),
            Self::Standing(Some(standing)) => {
                size_of_val(&**standing) + standing.slugs.iter().map(String::len).sum::<usize>()
            }
            Self::Page(None) | Self::Position(_) | Self::Standing(None) => 0,
        }
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Value> for ByBytes {
    fn weight(&self, _: &Key, value: &Value) -> u64 {
        u64::try_from(ENTRY_BYTES + value.bytes()).unwrap_or(u64::MAX)
    }
}

/// Keeps what subscribers share within a number of bytes.
pub(crate) struct Shared {
    kept: Cache<Key, Value, ByBytes>,
    made: Counter,
}

impl Shared {
    /// With room for so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let entries = usize::try_from(bytes / 2_000).unwrap_or(usize::MAX).max(16);
        Self {
            kept: Cache::with_weighter(entries, bytes, ByBytes),
            made: counter!("subscription_events_made_total"),
        }
    }

    /// What is kept, or what is made of it once for all who ask for it meanwhile; and kept, if it is said to hold.
    pub(super) async fn value(
        &self,
        key: Key,
        make: impl Future<Output = Result<(Value, bool), PersistenceError>>,
    ) -> Result<Value, PersistenceError> {
        match self.kept.get_value_or_guard_async(&key).await {
            Ok(value) => Ok(value),
            Err(guard) => {
                let (value, holds) = make.await?;
                if holds {
                    // Whoever else has put it there meanwhile has the same.
                    drop(guard.insert(value.clone()));
                }
                Ok(value)
            }
        }
    }

    /// The same of an event.
    pub(super) async fn event(&self, key: Key, make: impl Future<Output = Arc<Made>>) -> Arc<Made> {
        match self.kept.get_value_or_guard_async(&key).await {
            Ok(Value::Event(made)) => made,
            // Under the key of an event stands one.
            Ok(_) => make.await,
            Err(guard) => {
                let made = make.await;
                self.made.increment(1);
                drop(guard.insert(Value::Event(made.clone())));
                made
            }
        }
    }
}
