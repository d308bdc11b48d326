//! How a magazine is asked for: GraphQL over HTTP.
//!
//! In reading order:
//!
//! - [`graphql`]: the schema, what each of its fields is and how it comes by its value;
//! - [`explorer`]: the page on which a person tries it.

pub mod explorer;
pub mod graphql;
