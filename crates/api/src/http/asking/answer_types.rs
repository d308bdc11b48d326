//! Types that several surfaces read answers as.

use masthead_domain::node_id::NodeId;
use serde::{Deserialize, Deserializer, de::Error as _};

/// Where a page of a list ends, read forwards.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct PageInfo {
    pub(in crate::http) end_cursor: Option<String>,
    pub(in crate::http) has_next_page: bool,
}

/// Reads an identity.
pub(in crate::http) fn node<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<NodeId, D::Error> {
    let text = String::deserialize(deserializer)?;
    NodeId::decode(&text).map_err(D::Error::custom)
}
