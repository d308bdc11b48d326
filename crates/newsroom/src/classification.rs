//! Saving sections, contributors and topics: each is known by its slug, and made where there is none.

use masthead_domain::{
    contributor::{Contributor, ContributorKind},
    identifier::{ContributorId, SectionId, TopicId},
    node_id::NodeId,
    section::Section,
    slug::{Slug, SlugError},
    topic::Topic,
    viewer::Role,
};
use masthead_persistence::Transaction;

use crate::{
    desk::{Desk, WriteError, in_one_write},
    input::{Edit, Fault, FaultCode, Faults, one},
};

const NAME: usize = 200;
const BIOGRAPHY: usize = 5_000;

/// A section, as a person hands it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionInput {
    /// Its slug, by which it is known.
    pub slug: String,
    /// Its name as printed.
    pub name: String,
    /// The slug of the section that it is a part of.
    pub parent: Edit<String>,
}

/// A contributor, as a person hands them in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContributorInput {
    /// Their slug, by which they are known.
    pub slug: String,
    /// The name as credited.
    pub name: String,
    /// What they are.
    pub kind: ContributorKind,
    /// A few lines about them.
    pub biography: Edit<String>,
}

/// A topic, as a person hands it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInput {
    /// Its slug, by which it is known.
    pub slug: String,
    /// Its name as printed.
    pub name: String,
}

impl Desk {
    /// Saves a section. What is as it was is not saved again.
    ///
    /// # Errors
    /// When the caller is no editor, the input has faults, or the database fails.
    pub async fn save_section(&self, input: &SectionInput) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| save_section(
            transaction,
            input
        ))
    }

    /// Saves a contributor. What is as it was is not saved again.
    ///
    /// # Errors
    /// As [`Desk::save_section`].
    pub async fn save_contributor(&self, input: &ContributorInput) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| save_contributor(
            transaction,
            input
        ))
    }

    /// Saves a topic. What is as it was is not saved again.
    ///
    /// # Errors
    /// As [`Desk::save_section`].
    pub async fn save_topic(&self, input: &TopicInput) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| save_topic(
            transaction,
            input
        ))
    }
}

/// The slug, which is checked once more when all else has been.
fn checked(faults: &mut Faults, text: &str) -> Result<Slug, SlugError> {
    let slug = Slug::parse(text);
    if let Err(error) = slug {
        faults.add(FaultCode::Invalid, "slug", error.to_string());
    }
    slug
}

/// The slug, if there is no fault in it or in anything else.
fn sound(faults: Faults, slug: Result<Slug, SlugError>) -> Result<Slug, Vec<Fault>> {
    faults.none_or(())?;
    slug.map_err(|error| one(FaultCode::Invalid, "slug", error.to_string()))
}

async fn save_section(
    transaction: &Transaction,
    input: &SectionInput,
) -> Result<NodeId, WriteError> {
    let reader = transaction.reader();
    let mut faults = Faults::default();
    let slug = checked(&mut faults, &input.slug);
    let name = faults.line("name", &input.name, NAME);
    let known = match &slug {
        Ok(slug) => reader.section_by_slug(slug).await?,
        Err(_) => None,
    };
    let id = known
        .as_ref()
        .map_or_else(|| SectionId::new(transaction.now()), |known| known.id);
    let parent = match &input.parent {
        Edit::Keep => known.as_ref().and_then(|known| known.parent),
        Edit::Clear => None,
        Edit::Set(text) => parent(transaction, &mut faults, id, text).await?,
    };
    let slug = sound(faults, slug)?;
    let section = Section {
        id,
        slug,
        name,
        parent,
    };
    if known.as_ref() != Some(&section) {
        transaction.save_section(&section).await?;
    }
    Ok(NodeId::Section(id))
}

/// The section that another is to be a part of, which is not a part of that one itself.
async fn parent(
    transaction: &Transaction,
    faults: &mut Faults,
    of: SectionId,
    text: &str,
) -> Result<Option<SectionId>, WriteError> {
    let reader = transaction.reader();
    let found = match Slug::parse(text) {
        Ok(slug) => reader.section_by_slug(&slug).await?,
        Err(_) => None,
    };
    let Some(found) = found else {
        faults.add(
            FaultCode::NotFound,
            "parent",
            format!("there is no section '{text}': save it first"),
        );
        return Ok(None);
    };
    let parents: Vec<Section> = reader.sections().await?;
    let mut above = Some(found.id);
    // A chain has no more links than there are sections.
    for _ in 0..=parents.len() {
        let Some(id) = above else {
            return Ok(Some(found.id));
        };
        if id == of {
            break;
        }
        above = parents
            .iter()
            .find(|section| section.id == id)
            .and_then(|section| section.parent);
    }
    faults.add(
        FaultCode::Invalid,
        "parent",
        format!("'{text}' is a part of this section itself: choose another, or none"),
    );
    Ok(None)
}

async fn save_contributor(
    transaction: &Transaction,
    input: &ContributorInput,
) -> Result<NodeId, WriteError> {
    let mut faults = Faults::default();
    let slug = checked(&mut faults, &input.slug);
    let name = faults.line("name", &input.name, NAME);
    let biography = input
        .biography
        .value()
        .and_then(|text| faults.optional_text("biography", text, BIOGRAPHY));
    let slug = sound(faults, slug)?;
    let known = transaction.reader().contributor_by_slug(&slug).await?;
    let contributor = Contributor {
        id: known
            .as_ref()
            .map_or_else(|| ContributorId::new(transaction.now()), |known| known.id),
        slug,
        name,
        kind: input.kind,
        biography: match &input.biography {
            Edit::Keep => known.as_ref().and_then(|known| known.biography.clone()),
            Edit::Clear | Edit::Set(_) => biography,
        },
    };
    if known.as_ref() != Some(&contributor) {
        transaction.save_contributor(&contributor).await?;
    }
    Ok(NodeId::Contributor(contributor.id))
}

async fn save_topic(transaction: &Transaction, input: &TopicInput) -> Result<NodeId, WriteError> {
    let mut faults = Faults::default();
    let slug = checked(&mut faults, &input.slug);
    let name = faults.line("name", &input.name, NAME);
    let slug = sound(faults, slug)?;
    let known = transaction.reader().topic_by_slug(&slug).await?;
    let topic = Topic {
        id: known
            .as_ref()
            .map_or_else(|| TopicId::new(transaction.now()), |known| known.id),
        slug,
        name,
    };
    if known.as_ref() != Some(&topic) {
        transaction.save_topic(&topic).await?;
    }
    Ok(NodeId::Topic(topic.id))
}
