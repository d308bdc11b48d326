//! How a magazine is asked for: GraphQL over HTTP.
//!
//! In reading order:
//!
//! - [`graphql`]: the schema, what each of its fields is and how it comes by its value;
//! - [`trusted_documents`]: the documents that clients can name in place of sending them;
//! - [`limits`]: what one document may ask for, measured before it is validated;
//! - [`cache`]: what is kept between requests, and how long it holds;
//! - [`outgoing`]: how the server delivers to addresses that others have named;
//! - [`purging`]: how a CDN is told of changes; [`webhooks`]: how others are;
//! - [`bookkeeping`]: how much partners ask for, and how far they have read;
//! - [`websub`]: how subscribers are told of changes in feeds;
//! - [`tokens`]: who is asking; [`AccessSettings`]: what needs no token;
//! - [`http`]: the routes, GraphQL over HTTP, problem documents, health, metrics, stopping;
//! - [`error_code`]: the one table of what can go wrong;
//! - [`explorer`]: the page on which a person tries it.

mod access_settings;
pub mod bookkeeping;
pub mod cache;
mod cache_tags;
mod digest;
pub mod error_code;
pub mod explorer;
pub mod graphql;
pub mod http;
pub mod limits;
pub mod outgoing;
pub mod purging;
pub mod tokens;
pub mod trusted_documents;
pub mod webhooks;
pub mod websub;

pub use access_settings::AccessSettings;
