//! What partners ask for, written down: how much it is, and how far they have read.
//!
//! In reading order:
//!
//! - [`Ledger`]: where requests note it, in memory;
//! - [`Bookkeeper`]: writes it into the database, a few seconds' worth at a time.
//!
//! No request waits for it. What a process has noted and not written is lost when it is killed, a few seconds' worth; who
//! has been told of a withdrawal is then told of as not having been, until they ask again.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use masthead_domain::{
    change::Stream,
    clock::Clock,
    identifier::PartnerId,
    partner::Partner,
    receipt::Reading,
    revision::Author,
    usage::{DailyUsage, Usage},
};
use masthead_persistence::{Database, PersistenceError};
use metrics::counter;

/// How often it is written down.
const WRITE_AGAIN: Duration = Duration::from_secs(1);
/// How long it waits after a failure.
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);

/// What requests of partners note.
#[derive(Clone, Debug)]
pub struct Ledger(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    unwritten: Mutex<Unwritten>,
}

/// What has been noted and is not in the database yet.
#[derive(Debug, Default)]
struct Unwritten {
    usage: HashMap<(PartnerId, NaiveDate), Usage>,
    readings: HashMap<Place, Told>,
}

/// By whom, what and of which stream something was read.
type Place = (PartnerId, String, Stream);

/// The number through which a partner has been told, when it was first told so far, and when it last read.
#[derive(Clone, Copy, Debug)]
struct Told {
    through: i64,
    at: DateTime<Utc>,
}

impl Ledger {
    /// An empty one, by this clock.
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            clock,
            unwritten: Mutex::default(),
        }))
    }

    fn unwritten(&self) -> MutexGuard<'_, Unwritten> {
        self.0
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request of a partner.
    pub(crate) fn requested(&self, partner: &Partner, is_refused: bool) {
        let name = || partner.name.clone();
        counter!("partner_requests_total", "partner" => name()).increment(1);
        if is_refused {
            counter!("partner_requests_refused_total", "partner" => name()).increment(1);
        }
        self.add(
            partner.id,
            Usage {
                requests: 1,
                refused: is_refused.into(),
                bytes: 0,
            },
        );
    }

    /// Notes bytes that are sent to a partner.
    pub(crate) fn sent(&self, partner: &Partner, bytes: u64) {
        counter!("partner_sent_bytes_total", "partner" => partner.name.clone()).increment(bytes);
        self.add(
            partner.id,
            Usage {
                bytes,
                ..Usage::default()
            },
        );
    }

    fn add(&self, partner: PartnerId, usage: Usage) {
        let day = self.0.clock.now().date_naive();
        *self.unwritten().usage.entry((partner, day)).or_default() += usage;
    }

    /// Notes that a partner has been told through a number of a stream.
    pub(crate) fn told(&self, partner: PartnerId, place: &str, stream: Stream, through: i64) {
        let told = Told {
            through,
            at: self.0.clock.now(),
        };
        let key = (partner, place.to_owned(), stream);
        let mut unwritten = self.unwritten();
        let noted = unwritten.readings.entry(key).or_insert(told);
        if through > noted.through {
            *noted = told;
        }
    }

    fn take(&self) -> Unwritten {
        mem::take(&mut *self.unwritten())
    }

    /// Puts back what could not be written.
    fn put_back(&self, former: Unwritten) {
        let mut unwritten = self.unwritten();
        for (key, usage) in former.usage {
            *unwritten.usage.entry(key).or_default() += usage;
        }
        for (key, told) in former.readings {
            let noted = unwritten.readings.entry(key).or_insert(told);
            if told.through >= noted.through {
                *noted = told;
            }
        }
    }
}

impl Unwritten {
    fn is_empty(&self) -> bool {
        self.usage.is_empty() && self.readings.is_empty()
    }

    fn usage(&self) -> Vec<DailyUsage> {
        let used = self.usage.iter();
        used.map(|(&(partner, day), &usage)| DailyUsage {
            partner,
            day,
            usage,
        })
        .collect()
    }

    fn readings(&self) -> Vec<Reading> {
        let readings = self.readings.iter();
        readings
            .map(|((partner, place, stream), told)| Reading {
                partner: *partner,
                place: place.clone(),
                stream: *stream,
                through: told.through,
                at: told.at,
            })
            .collect()
    }
}

/// Writes into the database what a ledger holds.
#[derive(Clone, Debug)]
pub struct Bookkeeper {
    database: Database,
    clock: Clock,
    ledger: Ledger,
}

impl Bookkeeper {
    /// One for this ledger.
    pub fn new(database: Database, clock: Clock, ledger: Ledger) -> Self {
        Self {
            database,
            clock,
            ledger,
        }
    }

    /// Writes, as long as it is polled.
    pub async fn follow(&self) {
        loop {
            let wait = if self.write().await {
                WRITE_AGAIN
            } else {
                AFTER_A_FAILURE
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Writes what has been noted by now, and answers whether it could. What could not be written is kept for the next
    /// time.
    pub async fn write(&self) -> bool {
        let unwritten = self.ledger.take();
        if unwritten.is_empty() {
            return true;
        }
        match self.save(&unwritten).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "what partners asked for could not be written down; trying again");
                self.ledger.put_back(unwritten);
                false
            }
        }
    }

    async fn save(&self, unwritten: &Unwritten) -> Result<(), PersistenceError> {
        let transaction = self.database.write(&self.clock, Author::Operator).await?;
        transaction.add_usage(&unwritten.usage()).await?;
        transaction.note_readings(&unwritten.readings()).await?;
        transaction.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_is_added_to_what_came_since() {
        let ledger = Ledger::new(Clock::system());
        let partner = PartnerId::from_number(7);
        let usage = |bytes| Usage {
            requests: 1,
            refused: 0,
            bytes,
        };
        ledger.add(partner, usage(10));
        ledger.told(partner, "/graphql", Stream::Public, 5);
        let former = ledger.take();
        assert!(ledger.take().is_empty());
        ledger.add(partner, usage(20));
        ledger.told(partner, "/graphql", Stream::Public, 3);
        ledger.put_back(former);
        let all = ledger.take();
        let sum: u64 = all.usage().iter().map(|used| used.usage.bytes).sum();
        assert_eq!(sum, 30);
        let through: Vec<i64> = all
            .readings()
            .iter()
            .map(|reading| reading.through)
            .collect();
        assert_eq!(through, [5]);
    }

    #[test]
    fn the_time_is_that_of_when_a_partner_first_came_so_far() {
        let ledger = Ledger::new(Clock::system());
        let partner = PartnerId::from_number(7);
        ledger.told(partner, "/graphql", Stream::Public, 5);
        let first = ledger.unwritten().readings().pop();
        std::thread::sleep(Duration::from_millis(5));
        ledger.told(partner, "/graphql", Stream::Public, 5);
        assert_eq!(ledger.unwritten().readings().pop(), first);
    }
}
