//! What items name: sections, contributors, topics, printed issues, and the publication itself.
//!
//! An item carries their names, so that it can be printed as it is. When one comes to be called otherwise, no article
//! has changed, and sending anew all that name it would be thousands of items for one word. A list of changes carries
//! the concept in their place: whoever holds items gives the new name to whatever bears its URI.

use masthead_domain::{contributor::ContributorKind, node_id::NodeId};
use serde::Serialize;

use super::article::role;

/// Something that items name by its URI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Concept<'a> {
    /// Its identity.
    pub uri: String,
    /// What it is.
    #[serde(rename = "type")]
    pub concept_type: ConceptType,
    /// What it is called now: for an issue, how it is cited; for the publication, its title.
    pub name: &'a str,
    /// Of a contributor: what they are, as in an item's `infoSources`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// Of the publication: who holds the copyright in what it has not from agencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright_holder: Option<&'a str>,
}

/// What a concept is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ConceptType {
    /// A section, in `subjects`.
    Section,
    /// A topic, in `subjects`.
    Topic,
    /// Someone credited, in `infoSources`, and in `people` or `organisations`.
    Contributor,
    /// A printed issue, in `associations`.
    Issue,
    /// The publication, in `copyrightHolder`.
    Publication,
}

impl<'a> Concept<'a> {
    /// A section, a topic or an issue.
    pub fn new(node: NodeId, concept_type: ConceptType, name: &'a str) -> Self {
        Self {
            uri: node.uri(),
            concept_type,
            name,
            role: None,
            copyright_holder: None,
        }
    }

    /// A contributor.
    pub fn contributor(node: NodeId, name: &'a str, kind: ContributorKind) -> Self {
        Self {
            role: Some(role(kind)),
            ..Self::new(node, ConceptType::Contributor, name)
        }
    }

    /// The publication.
    pub fn publication(title: &'a str, publisher: Option<&'a str>) -> Self {
        Self {
            copyright_holder: Some(publisher.unwrap_or(title)),
            ..Self::new(NodeId::Publication, ConceptType::Publication, title)
        }
    }
}
