//! The HTTP server's configuration.

use serde::{Deserialize, Serialize};

/// How the API is served over HTTP. What one GraphQL document may ask for is in
/// [`LimitSettings`](crate::limits::LimitSettings).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Web origins whose pages may call the API (`https://www.example.org`), or `*` alone for all.
    /// Empty: none, and no CORS header is sent.
    pub cors_origins: Vec<String>,
    /// Seconds for which a browser may remember what CORS allows.
    pub cors_max_age_seconds: u64,
    /// The address at which clients reach the API, such as `https://api.magazine.example`: for feeds and sitemaps, which
    /// name their own. Empty: that of the publication's website, which then hands on what is asked of the API.
    pub public_url: String,
    /// The address of the licence that the publication's articles are under: an RSL document (Really Simple Licensing
    /// 1.0) that `robots.txt` and feeds point to. Empty: none.
    pub license_url: String,
    /// Whether responses are compressed (gzip, br, zstd) for clients that take it.
    pub compression: bool,
    /// Responses smaller than this many bytes are not compressed.
    pub compression_min_bytes: u64,
    /// The largest request body, in bytes, as sent and once decompressed.
    pub max_body_bytes: usize,
    /// The most GraphQL requests in one batch. 1 refuses all batches but those of one.
    pub max_batch: usize,
    /// Seconds in which the headers of a request, and then its body, have to arrive.
    pub read_timeout_seconds: u64,
    /// Seconds that the execution of a request may take, all of a batch together.
    pub execution_timeout_seconds: u64,
    /// Bytes of GraphQL documents that are kept parsed, by the length of their text, so that what clients
    /// send again is not parsed again. 0 keeps none.
    pub document_cache_bytes: u64,
    /// Bytes of documents that clients have had kept under their SHA-256 (Apollo's automatic persisted queries).
    /// 0 keeps none.
    pub persisted_query_bytes: u64,
    /// A folder of further trusted documents, one operation in each `*.graphql` file; empty: none but those that
    /// are part of the binary.
    pub documents_folder: String,
    /// Whether no document is executed but trusted ones.
    pub trusted_documents_only: bool,
    /// The proxies in front, by address or network (`10.0.0.0/8`), that are believed when they tell where a request
    /// comes from. Nobody else is.
    pub trusted_proxies: Vec<String>,
    /// The header field in which they tell it: a list of addresses as in `X-Forwarded-For`, a single one, or
    /// `Forwarded` (RFC 7239).
    pub client_address_header: String,
    /// The most connections at a time. Those above it wait to be accepted.
    pub max_connections: usize,
    /// Seconds from the stop signal to the listener's closing, in which `/readyz` answers 503 and
    /// all else goes on, so that a load balancer can turn away first.
    pub stop_delay_seconds: u64,
    /// Seconds that running requests have to finish after the listener is closed.
    pub stop_timeout_seconds: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            cors_origins: Vec::new(),
            cors_max_age_seconds: 7200,
            public_url: String::new(),
            license_url: String::new(),
            compression: true,
            compression_min_bytes: 860,
            max_body_bytes: 1024 * 1024,
            max_batch: 5,
            read_timeout_seconds: 10,
            execution_timeout_seconds: 10,
            document_cache_bytes: 1024 * 1024,
            persisted_query_bytes: 1024 * 1024,
            documents_folder: String::new(),
            trusted_documents_only: false,
            trusted_proxies: Vec::new(),
            client_address_header: "X-Forwarded-For".to_owned(),
            max_connections: 10_000,
            stop_delay_seconds: 0,
            stop_timeout_seconds: 30,
        }
    }
}
