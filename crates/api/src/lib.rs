//! How a magazine is asked for: GraphQL, HTTP, limits.

pub mod error_code;
pub mod http;
pub mod limits;
