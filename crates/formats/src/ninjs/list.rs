//! Several items in one answer.
//!
//! ninjs says how one item is written, and leaves it to an API how it hands over many: an item of the type `composite`
//! is itself news, with a version and a status, which a page of a list is not. So a list is an object of our own around
//! plain items, as agencies' APIs have it, and each item in it is valid by itself.

use serde::Serialize;

use super::{concept::Concept, item::Item};

/// A page of items.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemList<'a> {
    /// The items.
    pub items: Vec<Item<'a>>,
    /// What came to be called otherwise; in a list of changes alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concepts: Option<Vec<Concept<'a>>>,
    /// Where the page ends: to be passed as `after`. In a list of changes it is there even when nothing has changed.
    pub end_cursor: Option<&'a str>,
    /// Whether there is more now.
    pub has_next_page: bool,
    /// The path and the query of the page after this one, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
