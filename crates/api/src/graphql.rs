//! The GraphQL schema: what consumers are promised, and how each field comes by its value.
//!
//! In reading order:
//!
//! - `query`: what can be asked for; `mutation`: what can be done;
//! - `article`, `body`, `classification`, `related`, `magazine`, `publication`, `scalars`,
//!   `revisions`, `changes`, `viewer`: the types, each a newtype over the domain's own;
//! - `connection`, `lists`, `cursor`: how every list is given out, page by page;
//! - `loaders`, `waves`: how what a query needs is read, in a fixed number of statements;
//! - `office`, `idempotency`: as whom a request writes, and that it does so once;
//! - `error`: what can go wrong, with its codes.

mod article;
mod body;
mod changes;
mod classification;
mod connection;
mod cursor;
mod error;
mod idempotency;
mod lists;
mod loaders;
mod magazine;
mod mutation;
mod office;
mod publication;
mod query;
mod related;
mod revisions;
mod scalars;
mod viewer;
mod waves;

use std::any::TypeId;

use async_graphql::{EmptySubscription, Request, Response, ServerError};
use masthead_domain::{clock::Clock, revision::Author, viewer::Caller};
use masthead_persistence::{Database, PersistenceError};
use tokio::sync::OnceCell;

pub use error::QueryError;
pub use idempotency::IdempotencyKey;
pub use mutation::Mutation;
pub use query::Query;

use idempotency::KeyedRequest;
use loaders::Loaders;
use office::Office;
use waves::Waves;

/// The schema's type.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The schema: types and resolvers alone. It holds no database and needs no runtime.
pub fn schema() -> Schema {
    async_graphql::Schema::build(Query, Mutation, EmptySubscription)
        .register_output_type::<query::Node>()
        // The documents that reach it have been measured: see `limits`. Its own bound counts fragments too,
        // and would refuse some that are within ours.
        .limit_recursive_depth(64)
        .finish()
}

/// The schema in GraphQL's own language, sorted, as `schema.graphql` keeps it.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    without_built_in_directives(&schema().sdl_with_options(options))
}

/// Leaves out the definitions of directives that every schema has: a document should not repeat them
/// (GraphQL, October 2021, section 3.13), and some code generators refuse one that does.
fn without_built_in_directives(sdl: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in sdl.lines() {
        let built_in = ["@include(", "@skip(", "@specifiedBy(", "@deprecated("]
            .iter()
            .any(|name| {
                line.strip_prefix("directive ")
                    .is_some_and(|rest| rest.starts_with(name))
            });
        if !built_in {
            kept.push(line);
        } else if kept.pop_if(|last| *last == "\"\"\"").is_some() {
            // Its description goes with it.
            while kept.pop().is_some_and(|line| line != "\"\"\"") {}
        }
    }
    kept.join("\n") + "\n"
}

/// The schema over an archive: answers requests.
#[derive(Clone)]
pub struct Archive {
    schema: Schema,
    database: Database,
    clock: Clock,
}

impl Archive {
    /// Answers from this database, by this clock.
    pub fn new(database: Database, clock: Clock) -> Self {
        Self {
            schema: schema(),
            database,
            clock,
        }
    }

    /// Answers one request, as this caller may see it.
    ///
    /// Where its client has named it by an [`IdempotencyKey`] among its data, a request that came before is
    /// answered as it was then.
    pub async fn answer(&self, request: Request, caller: &Caller) -> Response {
        let keyed = request
            .data
            .get(&TypeId::of::<IdempotencyKey>())
            .and_then(|key| key.downcast_ref::<IdempotencyKey>())
            .zip(caller.viewer())
            .map(|(key, viewer)| KeyedRequest::new(key, viewer, &request));
        if let Some(keyed) = &keyed {
            match self.former_answer(keyed).await {
                Ok(Some(response)) => return response,
                Ok(None) => {}
                Err(error) => return refuse(error),
            }
        }
        let waves = Waves::default();
        let (database, clock, audience) =
            (self.database.clone(), self.clock.clone(), caller.audience());
        let loaders = Loaders::new(move || database.reader(audience, &clock), waves.clone());
        let request = request.data(loaders).data(Office {
            database: self.database.clone(),
            clock: self.clock.clone(),
            caller: caller.clone(),
            keyed: keyed.clone(),
            waves: waves.clone(),
            noted: OnceCell::new(),
        });
        let response = waves.run(self.schema.execute(request)).await;
        if let Some(keyed) = &keyed
            && let Some(answer) = KeyedRequest::write(&response)
            && let Err(error) = self.keep_answer(keyed, answer).await
        {
            // What was done is done, and will not be done twice: only the words of the answer are lost.
            tracing::warn!(%error, "an answer could not be kept for a repeated request");
        }
        response
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

/// The response to a request that is not executed.
fn refuse(error: QueryError) -> Response {
    let error = async_graphql::Error::from(error);
    let mut refusal = ServerError::new(error.message, None);
    refusal.extensions = error.extensions;
    Response::from_errors(vec![refusal])
}
