//! What is kept so that it need not be made again, and how long it holds.
//!
//! In reading order:
//!
//! - `dependencies`: what an answer depends on, and which changes touch it;
//! - [`Follower`]: follows the change log, and so knows which edition this node has come to;
//! - `holding`: for which editions something holds;
//! - `kept`: what queries read of the archive, between requests;
//! - `settings`: how much is kept; `memory`: how much memory there is for it.
//!
//! No write throws anything away: what is kept is checked against the log when it is asked for.

mod dependencies;
mod follower;
mod holding;
mod kept;
mod memory;
mod settings;

pub(crate) use dependencies::{Dependencies, Kind, ListOf, PartOfList};
pub use follower::Follower;
pub(crate) use follower::{Held, LogEnd};
pub(crate) use holding::Holding;
pub(crate) use kept::Kept;
pub use settings::CacheSettings;
