//! The GraphQL schema: what consumers are promised, and how each field comes by its value.
//!
//! In reading order:
//!
//! - `archive`: the schema over an archive, which answers requests;
//! - `query`: what can be asked for; `mutation`: what can be done; `subscription`: what can be followed;
//! - `article`, `body`, `classification`, `related`, `magazine`, `publication`, `scalars`,
//!   `revisions`, `changes`, `viewer`, `partners`, `usage`, `receipts`, `webhooks`: the types, each a newtype over the
//!   domain's own;
//! - `node`: all that has an identity, found by it;
//! - `connection`, `lists`, `article_filter`, `cursor`: how every list is given out, page by page, and what it holds;
//! - `loaders`, `waves`: how what a query needs is read, in a fixed number of statements;
//! - `plain`: fields that are answered where they stand;
//! - `beside`: what can be read with an article, since the query will ask for it;
//! - `parts`, `json`: parts of answers that are kept as they were written, and how all are written;
//! - `office`, `idempotency`: as whom a request writes, and that it does so once;
//! - `error`: what can go wrong, with its codes.

mod archive;
mod article;
mod article_filter;
mod beside;
mod body;
mod changes;
mod classification;
mod connection;
pub(crate) mod cursor;
mod error;
mod idempotency;
pub(crate) mod json;
mod json_ld;
mod lists;
mod loaders;
mod magazine;
mod mutation;
mod node;
mod office;
mod partners;
mod parts;
mod plain;
mod publication;
mod query;
mod receipts;
mod related;
mod revisions;
pub(crate) mod scalars;
mod subscription;
mod subscription_root;
mod usage;
mod viewer;
mod waves;
mod webhooks;
mod withdrawal;
mod withdrawn;

use async_graphql::ValidationMode;

pub use archive::{
    Answer, Archive, Event, EventAnswer, EventStream, Provenance, SubscriptionRequest, Unshared,
    Validation,
};
pub use error::QueryError;
pub use idempotency::IdempotencyKey;
pub(crate) use loaders::Named;
pub use mutation::Mutation;
pub use parts::{DocumentParts, RequestParts};
pub use query::Query;
pub use subscription::Subscription;

/// The schema's type.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema: types and resolvers alone. It holds no database and needs no runtime.
pub fn schema() -> Schema {
    build(ValidationMode::Strict)
}

fn build(validation: ValidationMode) -> Schema {
    async_graphql::Schema::build(Query, Mutation, Subscription)
        .validation_mode(validation)
        .register_output_type::<node::Node>()
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
