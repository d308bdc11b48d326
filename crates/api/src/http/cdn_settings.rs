//! What a CDN in front of the API is told.

use serde::{Deserialize, Serialize};

/// What caches between the server and its clients are told of answers to GET requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CdnSettings {
    /// Seconds for which a shared cache may keep an answer that shows a part of a list of articles.
    pub lists_seconds: u64,
    /// Seconds for which it may keep one that shows articles, and no part of a list of them.
    pub articles_seconds: u64,
    /// Seconds for which it may keep any other: issues, sections, the schema.
    pub other_seconds: u64,
    /// Seconds for which it may keep a page of the change log.
    pub changes_seconds: u64,
    /// Seconds for which it may go on with an old answer while it fetches the next.
    pub stale_while_revalidate_seconds: u64,
    /// The headers that bear the tags of what an answer depends on, for purging: `Surrogate-Key` (Fastly, Varnish),
    /// `Cache-Tag` (Cloudflare, Akamai). Empty: none.
    pub tag_headers: Vec<String>,
    /// The most bytes of tags in one header. An answer with more tells less of them apart.
    pub tag_bytes: usize,
}

impl Default for CdnSettings {
    fn default() -> Self {
        Self {
            lists_seconds: 10,
            articles_seconds: 60,
            other_seconds: 300,
            changes_seconds: 1,
            stale_while_revalidate_seconds: 30,
            tag_headers: vec!["Surrogate-Key".to_owned(), "Cache-Tag".to_owned()],
            tag_bytes: 4_000,
        }
    }
}
