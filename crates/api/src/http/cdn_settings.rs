//! What a CDN in front of the API is told.

use serde::{Deserialize, Serialize};

use crate::{
    purging::{PurgeFormat, PurgeSettingError, check},
    tokens::Secret,
};

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
    /// Where the CDN is asked to purge the tags of what changed. Empty: nowhere.
    pub purge_url: String,
    /// The method of that request.
    pub purge_method: String,
    /// Its further headers, each as `Name: value`: the CDN's key, above all.
    pub purge_headers: Vec<Secret>,
    /// How it names the tags.
    pub purge_format: PurgeFormat,
    /// How many tags one request names at most: Cloudflare takes 30, Fastly 256.
    pub purge_batch: usize,
    /// Milliseconds between a change and its purge. Other nodes may answer from before a change for up to a second,
    /// and what they answered after the purge would stay; a node that serves alone needs no delay.
    pub purge_delay_milliseconds: u64,
}

impl CdnSettings {
    /// What types do not tell. The key, and what is wrong with it.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        check(self).map_err(|PurgeSettingError { key, problem }| (key, problem))
    }

    /// The same, fit to be shown.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        Self {
            purge_headers: Vec::new(),
            ..self.clone()
        }
    }
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
            purge_url: String::new(),
            purge_method: "POST".to_owned(),
            purge_headers: Vec::new(),
            purge_format: PurgeFormat::default(),
            purge_batch: 30,
            purge_delay_milliseconds: 1_000,
        }
    }
}
