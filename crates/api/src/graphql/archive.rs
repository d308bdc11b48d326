//! The schema over an archive: answers requests, and tells how long its answers hold.
//!
//! `again` is what a query is made of that has to be executed once more; `subscribing`: following the log for
//! subscribers.

mod again;
mod subscribing;

use std::{
    any::TypeId,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Request, Response, ServerError, ValidationMode, parser::types::ExecutableDocument,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::{
    audience::{Audience, PublicAccess},
    clock::Clock,
    revision::Author,
    target::TargetPolicy,
    viewer::Caller,
};
use masthead_persistence::{ChangePosition, Database, Edition, PersistenceError, Snapshot};

use super::{
    IdempotencyKey, QueryError, RequestParts, Schema, build,
    idempotency::KeyedRequest,
    loaders::{Keeping, Loaders},
    office::Office,
    schema,
    waves::Waves,
};
use crate::cache::{CacheSettings, Dependencies, Follower, Kept};

use again::Again;
use subscribing::Shared;
pub use subscribing::{Event, EventAnswer, EventStream, SubscriptionRequest};

/// The schema over an archive: answers requests.
#[derive(Clone)]
pub struct Archive {
    schema: Schema,
    /// The same for documents that have been validated before.
    validated: Schema,
    database: Database,
    clock: Clock,
    follower: Arc<Follower>,
    kept: Option<Arc<Kept>>,
    /// What everyone may have without asking.
    access: PublicAccess,
    /// Where webhooks may be delivered to.
    targets: Arc<TargetPolicy>,
    /// Whether it tells how long its answers hold.
    tells: bool,
    shared: Arc<Shared>,
}

/// How much subscribers share where nothing is said of it, in bytes.
const SHARED_BYTES: u64 = 8 * 1024 * 1024;

/// Among a request's data: that its answer is for whoever asked alone, so that nobody needs to know how long it
/// holds.
#[derive(Clone, Copy, Debug)]
pub struct Unshared;

/// Among a request's data: whether its document has been found valid before.
#[derive(Clone, Debug, Default)]
pub struct Validation(pub(crate) Arc<AtomicBool>);

impl Validation {
    fn holds(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An answer, and how long it holds.
pub struct Answer {
    /// The answer.
    pub response: Response,
    /// Of an answer that is the same for everyone, until something changes: what that is.
    pub provenance: Option<Provenance>,
    /// How far it tells of the change log, where it does.
    pub told_through: Option<ChangePosition>,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self {
            response,
            provenance: None,
            told_through: None,
        }
    }
}

/// Of which edition an answer was made, and what it depends on.
#[derive(Clone, Debug)]
pub struct Provenance {
    pub(crate) edition: i64,
    /// Through which number the log had been pruned.
    pub(crate) pruned_through: i64,
    pub(crate) dependencies: Dependencies,
}

impl Archive {
    /// Answers from this database, by this clock. It keeps nothing.
    pub fn new(database: Database, clock: Clock) -> Self {
        Self {
            schema: schema(),
            validated: build(ValidationMode::Fast),
            follower: Arc::new(Follower::new(database.clone(), clock.clone())),
            database,
            clock,
            kept: None,
            access: PublicAccess::default(),
            targets: Arc::default(),
            tells: false,
            shared: Arc::new(Shared::new(SHARED_BYTES)),
        }
    }

    /// The same; everyone may have so much without asking.
    #[must_use]
    pub const fn granting(mut self, access: PublicAccess) -> Self {
        self.access = access;
        self
    }

    /// The same; webhooks may be delivered to there.
    #[must_use]
    pub fn delivering(mut self, targets: TargetPolicy) -> Self {
        self.targets = Arc::new(targets);
        self
    }

    /// What everyone may have without asking.
    pub const fn access(&self) -> PublicAccess {
        self.access
    }

    /// The same; it knows of changes through this.
    #[must_use]
    pub fn following(mut self, follower: Arc<Follower>) -> Self {
        self.follower = follower;
        self
    }

    /// The same; it keeps what it reads within these bounds, and tells how long its answers hold.
    #[must_use]
    pub fn keeping(mut self, follower: Arc<Follower>, settings: &CacheSettings) -> Self {
        self.kept = (settings.for_entities() > 0)
            .then(|| Arc::new(Kept::new(settings.for_entities(), follower.clone())));
        self.follower = follower;
        self.tells = true;
        self
    }

    /// The same; its subscribers share pages and events of so many bytes together.
    #[must_use]
    pub fn sharing(mut self, bytes: u64) -> Self {
        self.shared = Arc::new(Shared::new(bytes));
        self
    }

    /// Sets the gauges of the metrics.
    pub fn show(&self) {
        if let Some(kept) = &self.kept {
            kept.show();
        }
    }

    /// Answers one request, as this caller may see it.
    ///
    /// Where its client has named it by an [`IdempotencyKey`] among its data, a request that came before is
    /// answered as it was then.
    ///
    /// The future is boxed here: what polls it would else be compiled with all that a request executes, once more
    /// in each crate that does.
    pub fn answer<'asked>(
        &'asked self,
        request: Request,
        caller: &'asked Caller,
    ) -> BoxFuture<'asked, Answer> {
        self.execute(request, caller).boxed()
    }

    async fn execute(&self, mut request: Request, caller: &Caller) -> Answer {
        let keyed = datum::<IdempotencyKey>(&request)
            .zip(caller.viewer())
            .map(|(key, viewer)| KeyedRequest::new(key, viewer, &request));
        if let Some(keyed) = &keyed {
            match self.former_answer(keyed).boxed().await {
                Ok(Some(response)) => return response.into(),
                Ok(None) => {}
                Err(error) => return refuse(error).into(),
            }
        }
        if let Some((snapshot, changed)) = self.database.light_snapshot()
            && let Some(again) = Again::of(&mut request)
        {
            // A query that is read without a transaction may have to be executed once more, in one.
            let answer = self
                .answer_in(snapshot, request, caller, keyed.as_ref())
                .boxed()
                .await;
            if !changed.is_so() {
                return answer;
            }
            request = again.request();
        }
        let snapshot = self.database.snapshot();
        self.answer_in(snapshot, request, caller, keyed.as_ref())
            .await
    }

    /// Answers one request from what it first reads in a snapshot.
    async fn answer_in(
        &self,
        snapshot: Arc<Snapshot>,
        mut request: Request,
        caller: &Caller,
        keyed: Option<&KeyedRequest>,
    ) -> Answer {
        let waves = Waves::default();
        let audience = caller.audience(self.access);
        let is_shared = !request.data.contains_key(&TypeId::of::<Unshared>());
        let sight = match self.look(snapshot, &audience, is_shared).await {
            Ok(sight) => sight,
            Err(error) => return refuse(QueryError::Archive(error.into())).into(),
        };
        let edition = sight.edition;
        // The snapshot goes with what is read in it: after a mutation a request reads in another, and holds one
        // connection at a time.
        let loaders = Arc::new(self.loaders(sight, audience, &waves));
        let validation = datum::<Validation>(&request).cloned().unwrap_or_default();
        let is_valid = validation.holds();
        let parts = datum::<RequestParts>(&request);
        let opened = parts
            .filter(|_| is_valid && loaders.keeps_parts())
            .and_then(|parts| parts.open(&loaders));
        let document = match (&opened, parts) {
            (Some(opened), _) => Some(ExecutableDocument::clone(&opened.document)),
            (None, Some(parts)) => Some(parts.document.whole().clone()),
            (None, None) => None,
        };
        if let Some(document) = document {
            request.set_parsed_query(document);
        }
        let request = request.data(loaders.clone()).data(Office {
            database: self.database.clone(),
            clock: self.clock.clone(),
            caller: caller.clone(),
            keyed: keyed.cloned(),
            access: self.access,
            targets: self.targets.clone(),
        });
        let schema = if is_valid {
            &self.validated
        } else {
            &self.schema
        };
        let mut response = waves.run(schema.execute(request)).await;
        if let Some(opened) = opened {
            response.data = opened.close(response.data);
        }
        if response.errors.is_empty() {
            validation.set();
        }
        if let Some(keyed) = keyed
            && let Some(answer) = KeyedRequest::write(&response)
            && let Err(error) = self.keep_answer(keyed, answer).boxed().await
        {
            // What was done is done, and will not be done twice: only the words of the answer are lost.
            tracing::warn!(%error, "an answer could not be kept for a repeated request");
        }
        let provenance = edition
            .filter(|_| response.errors.is_empty())
            .and_then(|edition| {
                Some(Provenance {
                    edition: edition.public,
                    pruned_through: edition.pruned_through,
                    dependencies: loaders.dependencies()?,
                })
            });
        Answer {
            response,
            provenance,
            told_through: loaders.told_through(),
        }
    }

    /// The public edition that this node has come to; none where the database does not answer.
    pub async fn edition(&self) -> Option<i64> {
        self.follower.settle().await
    }

    /// The bytes of an answer that can be put together from parts that are kept, without a look at the archive.
    pub fn assemble(
        &self,
        parts: &RequestParts,
        audience: &Audience,
    ) -> Option<(Bytes, Provenance)> {
        if !audience.is_everyone() {
            return None;
        }
        let kept = self.kept.clone()?;
        let edition = self.follower.current()?;
        let pruned_through = self.follower.pruned_through();
        let (json, dependencies) = Keeping { kept, edition }.assemble(parts.roots()?)?;
        self.follower
            .may_keep(edition, self.clock.now())
            .then_some((
                json,
                Provenance {
                    edition,
                    pruned_through,
                    dependencies,
                },
            ))
    }

    /// Looks at the archive as it is now, once the log tells what the clock has published.
    ///
    /// Only for those who see what everyone sees is anything kept: drafts never are.
    async fn look(
        &self,
        snapshot: Arc<Snapshot>,
        audience: &Audience,
        is_shared: bool,
    ) -> Result<Sight, PersistenceError> {
        self.follower.settle().await;
        let is_needed = self.kept.is_some() || self.tells && is_shared;
        let edition = if audience.is_everyone() && is_needed {
            snapshot.edition().await?
        } else {
            None
        };
        let now = self.clock.now();
        let is_settled = |edition: &Edition| edition.next_publication.is_none_or(|at| at > now);
        let edition = match edition.filter(is_settled) {
            Some(edition)
                if self.follower.reach(edition.public).await
                    && self.follower.may_keep(edition.public, now) =>
            {
                Some(edition)
            }
            _ => None,
        };
        Ok(Sight {
            snapshot,
            now,
            edition,
            is_noted: self.tells && is_shared,
        })
    }

    fn loaders(&self, sight: Sight, audience: Audience, waves: &Waves) -> Loaders {
        let first = Mutex::new(Some(sight.snapshot.reader(audience.clone(), sight.now)));
        drop(sight.snapshot);
        let (database, clock) = (self.database.clone(), self.clock.clone());
        let reader = move || {
            let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            first.unwrap_or_else(|| database.snapshot().reader(audience.clone(), clock.now()))
        };
        let loaders = Loaders::new(reader, waves.clone());
        let Some(edition) = sight.edition else {
            return loaders;
        };
        let loaders = if sight.is_noted {
            loaders.noting()
        } else {
            loaders
        };
        match self.kept.clone() {
            Some(kept) => loaders.keeping(Keeping {
                kept,
                edition: edition.public,
            }),
            None => loaders,
        }
    }

    async fn former_answer(&self, keyed: &KeyedRequest) -> Result<Option<Response>, QueryError> {
        let former = self
            .database
            .former_answer(&keyed.id, self.clock.now())
            .await
            .map_err(|error| QueryError::Archive(error.into()))?;
        match former {
            Some(former) if former.request != keyed.request => Err(QueryError::KeyReused),
            Some(former) => Ok(former.answer.as_deref().and_then(KeyedRequest::read)),
            None => Ok(None),
        }
    }

    async fn keep_answer(
        &self,
        keyed: &KeyedRequest,
        answer: String,
    ) -> Result<(), PersistenceError> {
        let transaction = self.database.write(&self.clock, Author::Operator).await?;
        transaction
            .keep_answer(&keyed.id, &keyed.request, answer)
            .await?;
        transaction.commit().await
    }
}

/// The archive as a request sees it.
struct Sight {
    snapshot: Arc<Snapshot>,
    now: DateTime<Utc>,
    /// Its edition, where what is read of it may be kept.
    edition: Option<Edition>,
    /// Whether what the answer depends on is noted.
    is_noted: bool,
}

/// What a request has of this type among its data.
fn datum<Datum: 'static>(request: &Request) -> Option<&Datum> {
    request
        .data
        .get(&TypeId::of::<Datum>())
        .and_then(|datum| datum.downcast_ref())
}

/// The response to a request that is not executed.
fn refuse(error: QueryError) -> Response {
    let error = async_graphql::Error::from(error);
    let mut refusal = ServerError::new(error.message, None);
    refusal.extensions = error.extensions;
    Response::from_errors(vec![refusal])
}
