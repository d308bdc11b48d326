#![allow(clippy::unwrap_used, reason = "tests")]

mod bodies;
mod builder;
mod dates;
mod issues;
mod lists;
mod properties;
mod resolved;
mod seed;
