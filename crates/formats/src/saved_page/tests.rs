#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "tests, most of them tables"
)]

mod bodies;
mod builder;
mod dates;
mod issues;
mod lists;
mod properties;
mod resolved;
mod seed;
