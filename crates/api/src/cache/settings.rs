//! How much is kept.

use serde::{Deserialize, Serialize};

/// How much is kept between requests. What is kept is never older than the change log allows, however large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// Bytes of responses that are kept, with their compressed forms. 0 keeps none.
    pub responses_bytes: u64,
    /// Bytes of articles, lists and lookups that are kept for queries to be made of. 0 keeps none.
    pub entities_bytes: u64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            responses_bytes: 32 * 1024 * 1024,
            entities_bytes: 32 * 1024 * 1024,
        }
    }
}
