//! The GraphQL schema: what consumers are promised, and how each field comes by its value.
//!
//! In reading order:
//!
//! - `query`: what can be asked for;
//! - `article`, `body`, `classification`, `related`, `magazine`, `publication`, `scalars`: the types,
//!   each a newtype over the domain's own;
//! - `connection`, `lists`, `cursor`: how every list is given out, page by page;
//! - `loaders`, `waves`: how what a query needs is read, in a fixed number of statements;
//! - `error`: what can go wrong, with its codes.

mod article;
mod body;
mod classification;
mod connection;
mod cursor;
mod error;
mod lists;
mod loaders;
mod magazine;
mod publication;
mod query;
mod related;
mod scalars;
mod waves;

use async_graphql::{EmptyMutation, EmptySubscription, Request, Response};
use masthead_domain::{clock::Clock, viewer::Caller};
use masthead_persistence::Database;

pub use error::QueryError;
pub use query::Query;

use loaders::Loaders;
use waves::Waves;

/// The schema's type.
pub type Schema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

/// The schema: types and resolvers alone. It holds no database and needs no runtime.
pub fn schema() -> Schema {
    async_graphql::Schema::build(Query, EmptyMutation, EmptySubscription)
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
    pub async fn answer(&self, request: Request, caller: &Caller) -> Response {
        let waves = Waves::default();
        let reader = self.database.reader(caller.audience(), &self.clock);
        let request = request.data(Loaders::new(reader, waves.clone()));
        waves.run(self.schema.execute(request)).await
    }
}
