//! How an article is written elsewhere, read into the domain's own types and written from them. Pure functions, no I/O.
//!
//! In reading order:
//!
//! - [`saved_page`]: a saved article page of a news magazine, with the lists that stand on it, and when each
//!   of its articles was published;
//! - [`byline`]: the names in a printed byline, and what they are;
//! - [`html`], [`markdown`], [`plain_text`]: a body's text, read into blocks; whatever could harm a reader is
//!   left behind, since a block has no place for it;
//! - [`feed`]: a list of articles as readers subscribe to it: RSS, Atom, JSON Feed;
//! - [`sitemap`], [`robots`]: what crawlers are told;
//! - [`ninjs`]: an article as a partner's system takes it in;
//! - [`json_ld`]: an article as the head of a page tells of it to search engines;
//! - [`uri`]: web addresses as formats of the older kind want them.

pub mod byline;
pub mod feed;
pub mod html;
pub mod json_ld;
pub mod markdown;
pub mod ninjs;
pub mod plain_text;
pub mod robots;
pub mod saved_page;
pub mod sitemap;
pub mod uri;

mod block_builder;
mod embed_provider;
mod picture;
mod xml;
