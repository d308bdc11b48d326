//! Topics: what articles are about, across sections.

use crate::{identifier::TopicId, slug::Slug};

/// A topic. An article may have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its identity.
    pub id: TopicId,
    /// Its name in URLs, unique among topics.
    pub slug: Slug,
    /// Its name as printed.
    pub name: String,
}
