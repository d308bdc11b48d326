//! Counts by the generic cell rate algorithm, in bounded memory.

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::Standing;

/// How many clients are counted each by itself. Where there are more at a time, those share counters.
const MOST_CLIENTS: usize = 100_000;
const SHARED_COUNTERS: u64 = 1024;
/// After so many requests it is looked who has not asked for a minute.
const REQUESTS_BETWEEN_CLEARINGS: u64 = 4096;

/// Whom a counter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Counted<Client> {
    One(Client),
    Several(u64),
}

type Keyed<Key, ByClock> =
    RateLimiter<Key, DashMapStateStore<Key>, ByClock, StateInformationMiddleware>;

/// Lets each client make so many requests a minute.
pub(super) struct Limiter<Client: Hash + Eq + Copy, ByClock: Clock = DefaultClock> {
    counters: Keyed<Counted<Client>, ByClock>,
    per_minute: NonZeroU32,
    clock: ByClock,
    most_clients: usize,
    requests: AtomicU64,
    is_full: AtomicBool,
    hasher: RandomState,
}

impl<Client: Hash + Eq + Copy> Limiter<Client> {
    pub(super) fn new(per_minute: NonZeroU32) -> Self {
        Self::by(per_minute, MOST_CLIENTS, DefaultClock::default())
    }
}

impl<Client: Hash + Eq + Copy, ByClock: Clock + Clone> Limiter<Client, ByClock> {
    fn by(per_minute: NonZeroU32, most_clients: usize, clock: ByClock) -> Self {
        let quota = Quota::per_minute(per_minute);
        let counters = Keyed::new(quota, DashMapStateStore::default(), clock.clone());
        Self {
            counters,
            per_minute,
            clock,
            most_clients,
            requests: AtomicU64::new(0),
            is_full: AtomicBool::new(false),
            hasher: RandomState::new(),
        }
    }

    /// Counts one request of a client, and tells how they stand. A refused one is not counted.
    pub(super) fn count(&self, client: Client) -> Standing {
        let counted = if self.is_full.load(Ordering::Relaxed) {
            Counted::Several(self.hasher.hash_one(client) % SHARED_COUNTERS)
        } else {
            Counted::One(client)
        };
        let checked = self.counters.check_key(&counted);
        let requests = self.requests.fetch_add(1, Ordering::Relaxed);
        if requests % REQUESTS_BETWEEN_CLEARINGS == REQUESTS_BETWEEN_CLEARINGS - 1 {
            self.clear();
        }
        let per_minute = self.per_minute.get();
        match checked {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Standing {
                    per_minute,
                    remaining,
                    seconds: seconds_for(per_minute.saturating_sub(remaining), per_minute),
                    is_refused: false,
                }
            }
            Err(until) => Standing {
                per_minute,
                remaining: 0,
                seconds: whole_seconds(until.wait_time_from(self.clock.now())),
                is_refused: true,
            },
        }
    }

    /// Forgets who has all of their requests back.
    fn clear(&self) {
        self.counters.retain_recent();
        self.counters.shrink_to_fit();
        let is_full = self.counters.len() >= self.most_clients;
        self.is_full.store(is_full, Ordering::Relaxed);
    }
}

/// Seconds until so many requests have come back.
fn seconds_for(requests: u32, per_minute: u32) -> u64 {
    (u64::from(requests) * 60).div_ceil(u64::from(per_minute))
}

/// In seconds, rounded up: who comes back then is let in.
fn whole_seconds(duration: Duration) -> u64 {
    let begun = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(begun).max(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use governor::clock::FakeRelativeClock;

    use super::{Limiter, REQUESTS_BETWEEN_CLEARINGS, SHARED_COUNTERS, Standing};

    fn limiter(
        per_minute: u32,
        most_clients: usize,
    ) -> (FakeRelativeClock, Limiter<u64, FakeRelativeClock>) {
        let clock = FakeRelativeClock::default();
        let per_minute = NonZeroU32::new(per_minute).unwrap();
        (clock.clone(), Limiter::by(per_minute, most_clients, clock))
    }

    #[test]
    fn a_minutes_requests_come_back_evenly() {
        let (clock, limiter) = limiter(6, 10);
        let standings: Vec<Standing> = (0..7).map(|_| limiter.count(1)).collect();
        let told = |standing: &Standing| (standing.remaining, standing.seconds);
        assert_eq!(told(&standings[0]), (5, 10));
        assert_eq!(told(&standings[5]), (0, 60));
        assert!(standings[..6].iter().all(|standing| !standing.is_refused));
        assert!(standings[6].is_refused);
        assert_eq!(told(&standings[6]), (0, 10));
        assert!(!limiter.count(2).is_refused, "another client");

        clock.advance(Duration::from_millis(9_500));
        let early = limiter.count(1);
        assert!(early.is_refused && early.seconds == 1, "{early:?}");
        clock.advance(Duration::from_secs(1));
        assert!(!limiter.count(1).is_refused, "as soon as it was told");
        assert!(
            limiter.count(1).is_refused,
            "and a refused one does not count"
        );
        clock.advance(Duration::from_secs(600));
        assert_eq!(limiter.count(1).remaining, 5, "never more than a minute's");
    }

    #[test]
    fn however_many_clients_come_what_is_kept_is_bounded() {
        let (clock, limiter) = limiter(1, 100);
        for client in 0..20 * REQUESTS_BETWEEN_CLEARINGS {
            limiter.count(client);
        }
        let most = 100 + REQUESTS_BETWEEN_CLEARINGS + SHARED_COUNTERS;
        assert!(
            limiter.counters.len() as u64 <= most,
            "{}",
            limiter.counters.len()
        );
        // They share counters now, so one that never came is refused.
        assert!(limiter.count(u64::MAX).is_refused);
        // A minute until their request is back, and one more that the counter keeps them.
        clock.advance(Duration::from_secs(121));
        for _ in 0..REQUESTS_BETWEEN_CLEARINGS {
            limiter.count(1);
        }
        assert!(!limiter.count(u64::MAX).is_refused, "once they are gone");
        assert!(limiter.counters.len() < 100);
    }
}
