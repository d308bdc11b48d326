//! What is done with a magazine: every write goes through here, whoever asks for it.
//!
//! In reading order:
//!
//! - [`publication`]: setting the magazine's own facts;
//! - [`saved_page_import`]: taking in a saved article page with everything that stands on it;
//! - [`sample`]: filling a new database with the sample magazine;
//! - [`preview`]: the link that shows one article as it would be published;
//! - [`access`]: ending a token before its time.
//!
//! Invariant: this crate knows neither HTTP nor GraphQL, and no rule of publishing stands here: those are
//! domain's.

pub mod access;
pub mod preview;
pub mod publication;
pub mod sample;
pub mod saved_page_import;

mod filing;
