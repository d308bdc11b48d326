//! What is done with a magazine: every write goes through here, whoever asks for it.
//!
//! In reading order:
//!
//! - [`desk`]: where a request to write comes in, and what every one of them has in common;
//! - [`input`]: what a person writes, checked, each fault with its place and its mend;
//! - [`drafts`]: writing articles; [`steps`]: taking them from one status to the next;
//! - [`classification`], [`magazine`]: saving sections, contributors, topics and issues;
//! - [`publication`]: setting the magazine's own facts;
//! - [`upkeep`]: what has had its time, cleared away;
//! - [`saved_page_import`]: taking in a saved article page with everything that stands on it;
//! - [`generated`]: a made-up magazine of any size;
//! - [`sample`]: filling a new database with the sample magazine;
//! - [`preview`]: the link that shows one article as it would be published;
//! - [`partners`]: saving partners; [`partner_tokens`]: the tokens that are made for them here;
//! - [`webhooks`]: keeping those who are told of changes;
//! - [`access`]: ending a token before its time.
//!
//! Invariant: this crate knows neither HTTP nor GraphQL, and no rule of publishing stands here: those are
//! domain's.

pub mod access;
pub mod classification;
pub mod desk;
pub mod drafts;
pub mod generated;
pub mod input;
pub mod magazine;
pub mod partner_tokens;
pub mod partners;
pub mod preview;
pub mod publication;
pub mod sample;
pub mod saved_page_import;
pub mod steps;
pub mod upkeep;
pub mod webhooks;

mod filing;
mod opaque_token;
