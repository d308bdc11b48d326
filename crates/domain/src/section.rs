//! Sections: the parts of a magazine under which its articles stand.

use crate::{identifier::SectionId, slug::Slug};

/// A section, such as International. Each article stands in one at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its identity.
    pub id: SectionId,
    /// Its name in URLs, unique among sections.
    pub slug: Slug,
    /// Its name as printed.
    pub name: String,
    /// The section that it is a part of.
    pub parent: Option<SectionId>,
}
