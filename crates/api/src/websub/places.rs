//! Whom the hub is asking or telling at the moment: each for itself, at most so many at a time.

use std::{collections::HashMap, future::Future, time::Duration};

use masthead_persistence::{WebsubOutcome, WebsubRequest, WebsubSubscription};
use tokio::task::{Id, JoinError, JoinSet};

use super::{ASKED_AT_A_TIME, AT_A_TIME, verification::Answer};

/// What a place is taken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A request, by its identity.
    Request(i64),
    /// A subscription, by its identity.
    Subscription(i64),
}

/// What came of what took a place.
#[derive(Debug)]
pub(super) enum Finished {
    /// A callback was asked whether it wants what was asked for.
    Asked(WebsubRequest, Answer),
    /// A subscriber was told, of a feed with this digest.
    Told(WebsubSubscription, String, WebsubOutcome),
}

/// The places, those that are taken and what came of those that were. All that is under way ends with them.
#[derive(Debug, Default)]
pub(super) struct Places {
    under_way: JoinSet<Finished>,
    taken: HashMap<Id, Place>,
    finished: Vec<Finished>,
}

impl Places {
    /// Takes a place until this is done.
    pub(super) fn fill(
        &mut self,
        place: Place,
        work: impl Future<Output = Finished> + Send + 'static,
    ) {
        let handle = self.under_way.spawn(work);
        self.taken.insert(handle.id(), place);
    }

    /// Whether a place is taken by this.
    pub(super) fn has(&self, place: Place) -> bool {
        self.taken.values().any(|taken| *taken == place)
    }

    /// Whether nothing is under way and nothing has to be noted.
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.finished.is_empty()
    }

    /// How many places are free.
    pub(super) fn free(&self) -> usize {
        usize::from(AT_A_TIME).saturating_sub(self.taken.len())
    }

    /// How many of them are free for requests.
    pub(super) fn free_to_ask(&self) -> usize {
        let is_request = |place: &&Place| matches!(place, Place::Request(_));
        let asked = self.taken.values().filter(is_request).count();
        self.free()
            .min(usize::from(ASKED_AT_A_TIME).saturating_sub(asked))
    }

    /// Waits until something is finished, no longer than this.
    pub(super) async fn next_within(&mut self, longest: Duration) {
        tokio::select! {
            () = tokio::time::sleep(longest) => {}
            Some(one) = self.under_way.join_next_with_id() => self.finish(one),
        }
    }

    /// Frees the places of whatever is finished.
    pub(super) fn take_finished(&mut self) {
        while let Some(one) = self.under_way.try_join_next_with_id() {
            self.finish(one);
        }
    }

    /// What came of what is finished and has still to be noted.
    pub(super) fn finished(&self) -> &[Finished] {
        &self.finished
    }

    /// Forgets what came of it, once that is noted.
    pub(super) fn forget_finished(&mut self) {
        self.finished.clear();
    }

    /// Breaks off all that is under way, and forgets what came of the rest.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn finish(&mut self, one: Result<(Id, Finished), JoinError>) {
        match one {
            Ok((id, finished)) => {
                self.taken.remove(&id);
                self.finished.push(finished);
            }
            // It is due again once its time is up.
            Err(error) => {
                self.taken.remove(&error.id());
                tracing::error!(%error, "a callback could not be asked or told; it is tried again");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(id: i64) -> Finished {
        let subscription = WebsubSubscription {
            id,
            topic: String::new(),
            callback: String::new(),
            secret: None,
            delivered: String::new(),
            failures: 0,
        };
        Finished::Told(subscription, String::new(), WebsubOutcome::Settled)
    }

    #[tokio::test]
    async fn what_stalls_holds_its_own_place_and_no_other() {
        let mut places = Places::default();
        for id in 0..20 {
            places.fill(Place::Request(id), std::future::pending());
        }
        assert_eq!((places.free(), places.free_to_ask()), (12, 0));
        places.fill(Place::Subscription(1), async { settled(1) });
        assert!(places.has(Place::Subscription(1)) && places.has(Place::Request(1)));
        places.next_within(Duration::from_secs(60)).await;
        assert_eq!((places.free(), places.finished().len()), (12, 1));
        assert!(!places.has(Place::Subscription(1)));
        places.forget_finished();
        assert!(!places.is_empty());
        places.clear();
        assert_eq!((places.is_empty(), places.free()), (true, 32));
    }
}
