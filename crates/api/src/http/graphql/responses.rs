//! Answers that are kept, found by what was asked, or by the very bytes that asked it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::audience::Audience;
use metrics::{Counter, counter, gauge};
use quick_cache::{Weighter, sync::Cache};
use tokio::sync::watch;

use super::answered::Answered;
use crate::cache::{Follower, Held, Holding};

/// What is added to the size of an entry for its place in the cache.
const ENTRY_BYTES: usize = 400;
/// A request of more bytes is not found by them.
const LONGEST_REQUEST: usize = 16 * 1024;
/// Of the bytes that are kept, one in so many is for finding answers by the bytes of requests.
const SHARE_OF_REQUESTS: u64 = 8;

/// How long after a change its time tells what was made before it from what is made since.
const UNTIL_PAST: TimeDelta = TimeDelta::seconds(2);

/// What was asked: the same for all requests that have the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) audience: Audience,
    pub(crate) subject: Subject,
    pub(crate) operation_name: Option<String>,
    /// As JSON, of a document.
    pub(crate) variables: String,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// A GraphQL document, by its text.
    Document(Arc<str>),
    /// What another path makes of answers; `variables` are that path's own.
    Path(Arc<str>),
}

impl Question {
    fn bytes(&self) -> usize {
        // The document's text is shared with others that ask the same with other variables.
        // Once as the key, once with the answer.
        2 * size_of::<Self>()
            + 2 * self.variables.len()
            + self.operation_name.as_ref().map_or(0, String::len)
    }
}

/// The bytes of a request: its body, or the query component of its URL.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RequestBytes {
    pub(crate) is_body: bool,
    pub(crate) bytes: Bytes,
}

/// Keeps answers within a number of bytes.
#[derive(Clone)]
pub(crate) struct Responses(Arc<Kept>);

struct Kept {
    follower: Arc<Follower>,
    answers: Cache<Question, Weighed, ByBytes>,
    requests: Cache<RequestBytes, Weak<Answered>, ByBytes>,
    /// The answers that are being made.
    flights: Mutex<HashMap<(Question, i64), watch::Receiver<Flight>>>,
    figures: Figures,
}

struct Figures {
    hits: Counter,
    misses: Counter,
    dropped: Counter,
    needlessly: Counter,
    shared: Counter,
}

/// What is known of the answer to a question.
pub(crate) enum Known {
    /// It is kept, and holds.
    Holds(Arc<Answered>),
    /// It was kept, and something has changed that it depends on.
    Dropped(Arc<Answered>),
    /// Nothing.
    Nothing,
}

#[derive(Clone)]
struct ByBytes;

/// An answer, and how large it was when it was put into the cache: it may be brought into further codings since.
#[derive(Clone)]
struct Weighed {
    answer: Arc<Answered>,
    bytes: usize,
}

impl Weighed {
    fn now(answer: &Arc<Answered>) -> Self {
        Self {
            answer: answer.clone(),
            bytes: answer.bytes(),
        }
    }
}

impl Weighter<Question, Weighed> for ByBytes {
    fn weight(&self, question: &Question, weighed: &Weighed) -> u64 {
        u64::try_from(question.bytes() + weighed.bytes + ENTRY_BYTES).unwrap_or(u64::MAX)
    }
}

impl Weighter<RequestBytes, Weak<Answered>> for ByBytes {
    fn weight(&self, request: &RequestBytes, _: &Weak<Answered>) -> u64 {
        u64::try_from(request.bytes.len() + ENTRY_BYTES).unwrap_or(u64::MAX)
    }
}

/// How the making of an answer stands.
#[derive(Clone, Debug)]
enum Flight {
    Flying,
    Landed(Arc<Answered>),
    /// What came out is not for others: each has to ask for itself.
    NotShared,
}

/// What came of making an answer.
pub(crate) enum Made<Other> {
    /// An answer that others who ask the same may have.
    Shared(Arc<Answered>),
    /// Something else.
    Other(Other),
}

impl fmt::Debug for Responses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Responses").finish_non_exhaustive()
    }
}

impl Responses {
    /// Keeps answers of so many bytes; with 0, none.
    pub(crate) fn new(bytes: u64, follower: Arc<Follower>) -> Option<Self> {
        if bytes == 0 {
            return None;
        }
        let of_requests = bytes / SHARE_OF_REQUESTS;
        let entries =
            |bytes: u64, each: u64| usize::try_from(bytes / each).unwrap_or(usize::MAX).max(16);
        let of_answers = bytes - of_requests;
        Some(Self(Arc::new(Kept {
            follower,
            answers: Cache::with_weighter(entries(of_answers, 10_000), of_answers, ByBytes),
            requests: Cache::with_weighter(entries(of_requests, 300), of_requests, ByBytes),
            flights: Mutex::default(),
            figures: Figures {
                hits: counter!("response_cache_hits_total"),
                misses: counter!("response_cache_misses_total"),
                dropped: counter!("response_cache_dropped_total"),
                needlessly: counter!("response_cache_dropped_needlessly_total"),
                shared: counter!("response_cache_shared_total"),
            },
        })))
    }

    /// Which edition this node has come to, where it is sure of it without a look at the log.
    pub(crate) fn current(&self) -> Option<i64> {
        self.0.follower.current()
    }

    /// The same, after a look where it takes one; none where the log cannot be read.
    pub(crate) async fn settle(&self) -> Option<i64> {
        self.0.follower.settle().await
    }

    /// The answer to a request of the same bytes, where it still holds.
    pub(crate) fn to_bytes(&self, request: &RequestBytes, edition: i64) -> Option<Arc<Answered>> {
        let answer = self.0.requests.get(request)?.upgrade()?;
        if self.holds(&answer, edition) {
            self.0.figures.hits.increment(1);
            Some(answer)
        } else {
            None
        }
    }

    /// The answer to a request of the same bytes that held before this edition, and holds no more.
    pub(crate) fn former(&self, request: &RequestBytes, edition: i64) -> Option<Arc<Answered>> {
        let former = self.0.requests.get(request)?.upgrade()?;
        former.holding.is_not_newer_than(edition).then_some(former)
    }

    /// Keeps an answer in place of a former one.
    pub(crate) fn renew(&self, request: &RequestBytes, former: &Answered, answer: &Arc<Answered>) {
        self.0.figures.misses.increment(1);
        self.0.figures.dropped.increment(1);
        if former.says_the_same_as(answer) {
            self.note_needless_drop();
        }
        self.keep(answer);
        self.find_by(request, answer);
    }

    /// What is known of the answer to a question.
    pub(crate) fn to_question(&self, question: &Question, edition: i64) -> Known {
        let found = self.0.answers.get(question);
        let known = match found.map(|weighed| weighed.answer) {
            Some(answer) if self.holds(&answer, edition) => Known::Holds(answer),
            Some(answer) if answer.holding.is_not_newer_than(edition) => Known::Dropped(answer),
            _ => Known::Nothing,
        };
        match &known {
            Known::Holds(_) => self.0.figures.hits.increment(1),
            Known::Dropped(_) => {
                self.0.figures.misses.increment(1);
                self.0.figures.dropped.increment(1);
            }
            Known::Nothing => self.0.figures.misses.increment(1),
        }
        known
    }

    /// The holding of what was made of several answers, where they are of one edition.
    pub(crate) fn together<'a>(
        &self,
        holdings: impl Iterator<Item = &'a Holding> + Clone,
    ) -> Option<Holding> {
        Holding::together(holdings, &self.0.follower)
    }

    /// The time of the last change that everyone may know of, as of when something was made.
    pub(crate) fn changed_by(&self, holding: &Holding) -> Option<DateTime<Utc>> {
        self.0.follower.changed_by(holding.edition())
    }

    /// The same, where so much time has passed since then that no change can have the same second (RFC 9110, section
    /// 8.8.2.2), on another node either whose clock is a little behind.
    pub(crate) fn past(&self, at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        at.filter(|at| self.0.follower.now() >= *at + UNTIL_PAST)
    }

    fn holds(&self, answer: &Arc<Answered>, edition: i64) -> bool {
        answer.holding.at(edition, &self.0.follower) == Some(Held::Untouched)
    }

    /// Notes that what was dropped turned out the same when it was made anew.
    pub(crate) fn note_needless_drop(&self) {
        self.0.figures.needlessly.increment(1);
    }

    /// Keeps an answer.
    pub(crate) fn keep(&self, answer: &Arc<Answered>) {
        self.0
            .answers
            .insert(answer.question().clone(), Weighed::now(answer));
    }

    /// Has it found by the bytes of a request that asked for it.
    pub(crate) fn find_by(&self, request: &RequestBytes, answer: &Arc<Answered>) {
        if request.bytes.len() <= LONGEST_REQUEST {
            let request = RequestBytes {
                is_body: request.is_body,
                // A copy: a body is a piece of the kilobytes that its connection was read into, and keeps them all.
                bytes: Bytes::copy_from_slice(&request.bytes),
            };
            self.0.requests.insert(request, Arc::downgrade(answer));
        }
    }

    /// Weighs an answer anew, which has been brought into another coding.
    pub(crate) fn weigh(&self, answer: &Arc<Answered>) {
        let question = answer.question();
        if let Some(kept) = self.0.answers.peek(question)
            && Arc::ptr_eq(&kept.answer, answer)
        {
            self.0
                .answers
                .insert(question.clone(), Weighed::now(answer));
        }
    }

    /// Makes an answer once for all who ask for it in the same edition while it is being made.
    pub(crate) async fn once<Other, Making>(
        &self,
        question: &Question,
        edition: i64,
        make: impl Fn() -> Making,
    ) -> Made<Other>
    where
        Making: Future<Output = Made<Other>>,
    {
        let name = (question.clone(), edition);
        loop {
            let mut flight = match self.board(&name) {
                Boarded::Passenger(flight) => flight,
                Boarded::Pilot(pilot) => {
                    let made = make().await;
                    pilot.land(match &made {
                        Made::Shared(answer) => Flight::Landed(answer.clone()),
                        Made::Other(_) => Flight::NotShared,
                    });
                    return made;
                }
            };
            let landed = flight
                .wait_for(|flight| !matches!(flight, Flight::Flying))
                .await
                .map(|flight| flight.clone());
            match landed {
                Ok(Flight::Landed(answer)) => {
                    self.0.figures.shared.increment(1);
                    return Made::Shared(answer);
                }
                Ok(Flight::NotShared) => return make().await,
                // Whoever made it has gone away: somebody else has to.
                Ok(Flight::Flying) | Err(_) => {}
            }
        }
    }

    fn board(&self, name: &(Question, i64)) -> Boarded<'_> {
        let mut flights = self.0.flights();
        if let Some(flight) = flights.get(name) {
            return Boarded::Passenger(flight.clone());
        }
        let (sender, receiver) = watch::channel(Flight::Flying);
        flights.insert(name.clone(), receiver);
        Boarded::Pilot(Pilot {
            kept: &self.0,
            name: name.clone(),
            sender,
        })
    }

    /// Sets the gauges of the metrics.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no cache comes near 2^52 bytes or entries"
    )]
    pub(crate) fn show(&self) {
        gauge!("response_cache_entries").set(self.0.answers.len() as f64);
        gauge!("response_cache_bytes")
            .set((self.0.answers.weight() + self.0.requests.weight()) as f64);
    }
}

impl Kept {
    fn flights(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<(Question, i64), watch::Receiver<Flight>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Boarded<'a> {
    Pilot(Pilot<'a>),
    Passenger(watch::Receiver<Flight>),
}

/// Who makes an answer for all. Dropped without having landed, it leaves that to another.
struct Pilot<'a> {
    kept: &'a Kept,
    name: (Question, i64),
    sender: watch::Sender<Flight>,
}

impl Pilot<'_> {
    fn land(self, flight: Flight) {
        self.sender.send_replace(flight);
    }
}

impl Drop for Pilot<'_> {
    fn drop(&mut self) {
        self.kept.flights().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use masthead_domain::clock::Clock;
    use masthead_persistence::{Database, DatabaseSettings};

    use super::*;
    use crate::{cache::Dependencies, graphql::Provenance};

    #[tokio::test]
    async fn a_request_that_is_kept_keeps_nothing_of_its_connection() {
        let settings = DatabaseSettings {
            url: "sqlite::memory:".to_owned(),
            ..DatabaseSettings::default()
        };
        let database = Database::open(&settings).await.unwrap();
        let follower = Follower::new(database, Clock::system());
        let responses = Responses::new(1024 * 1024, Arc::new(follower)).unwrap();
        let question = Question {
            audience: Audience::EVERYONE,
            subject: Subject::Document("{ latest { totalCount } }".into()),
            operation_name: None,
            variables: "{}".to_owned(),
        };
        let provenance = Provenance {
            edition: 1,
            pruned_through: 0,
            dependencies: Dependencies::default(),
        };
        let answer = Arc::new(Answered::new(
            question,
            Bytes::from_static(b"{}"),
            provenance,
            None,
        ));
        let connection = Bytes::from(vec![b'x'; 8192]);
        let request = RequestBytes {
            is_body: true,
            bytes: connection.slice(..100),
        };
        responses.find_by(&request, &answer);
        assert!(responses.0.requests.peek(&request).is_some());
        drop(request);
        assert!(connection.is_unique());
    }
}
