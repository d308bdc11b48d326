//! The configuration of rate limits.

use serde::{Deserialize, Serialize};

/// How often clients may ask. One HTTP request is one, whatever it asks for: what it may ask for has limits of its own
/// ([`LimitSettings`](crate::limits::LimitSettings)).
///
/// A minute's requests may be made at once; they come back evenly over the minute. Each node counts for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitSettings {
    /// Requests a minute from one address without a token; with IPv6, from one network of 64 bits, which is what one
    /// customer has. 0: as many as come.
    pub requests_per_minute_by_address: u32,
    /// Requests a minute with one token. 0: as many as come.
    pub requests_per_minute_by_token: u32,
}
