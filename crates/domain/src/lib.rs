//! What a news magazine is: its types and its rules, with no I/O, no SQL and no GraphQL.
//!
//! In reading order:
//!
//! - [`identifier`] and [`node_id`]: how everything that has an identity is named, inside and to clients;
//! - [`slug`]: how it is named in a URL;
//! - [`publication`]: the magazine itself, its time zone and its addresses;
//! - [`article`]: the article, its status, how exactly its time is known, and the whole [`article::Story`] that a save writes;
//! - [`body`], [`image`], [`web_url`], [`reading`]: what stands in it;
//! - [`contributor`], [`section`], [`topic`]: who wrote it and what it is about;
//! - [`magazine`] and [`bikram_sambat`]: the printed issues, their volumes and their cover dates in two calendars;
//! - [`related`]: on which grounds one article leads to another;
//! - [`publishing`]: how an article goes from one status to the next, or why not;
//! - [`revision`]: what a save changed, who made it;
//! - [`audience`]: who may see what, in one place;
//! - [`viewer`]: who is asking, and what they may do;
//! - [`partner`]: who takes the content under contract, and what of it; [`usage`]: how much they ask for; [`receipt`]: which
//!   of them have been told of a withdrawal;
//! - [`change`]: the changes that each audience can follow;
//! - [`target`]: where the magazine may deliver to;
//! - [`webhook`]: who is told of changes as they come about, and of which;
//! - [`clock`]: what time it is, handed in;
//! - [`paging`]: how every list is cut into pages;
//! - [`language`]: language tags.

pub mod article;
pub mod audience;
pub mod bikram_sambat;
pub mod body;
pub mod change;
pub mod clock;
pub mod contributor;
pub mod identifier;
pub mod image;
pub mod language;
pub mod magazine;
pub mod node_id;
pub mod paging;
pub mod partner;
pub mod publication;
pub mod publishing;
pub mod reading;
pub mod receipt;
pub mod related;
pub mod revision;
pub mod section;
pub mod slug;
pub mod target;
pub mod topic;
pub mod usage;
pub mod viewer;
pub mod web_url;
pub mod webhook;
