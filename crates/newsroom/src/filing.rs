//! Finding what an import names, or making it: contributors and sections.

use masthead_domain::{
    contributor::Contributor,
    identifier::{ContributorId, SectionId},
    section::Section,
    slug::Slug,
};
use masthead_formats::byline;
use masthead_persistence::{PersistenceError, Transaction};

/// The contributor who is credited under this name.
///
/// Names that give the same slug are one contributor's: pages vary in case and marks.
pub(crate) async fn contributor(
    transaction: &Transaction,
    name: &str,
    publication_title: &str,
) -> Result<ContributorId, PersistenceError> {
    let reader = transaction.reader();
    if let Some(known) = reader.contributor_by_name(name).await? {
        return Ok(known.id);
    }
    let slug = Slug::from_title(name);
    if let Some(known) = reader.contributor_by_slug(&slug).await?
        && Slug::from_title(&known.name) == slug
        && slug != Slug::from_title("")
    {
        return Ok(known.id);
    }
    let contributor = Contributor {
        id: ContributorId::new(transaction.now()),
        slug: transaction.free_contributor_slug(&slug).await?,
        name: name.to_owned(),
        kind: byline::kind(name, publication_title),
        biography: None,
    };
    transaction.save_contributor(&contributor).await?;
    Ok(contributor.id)
}

/// The names of a byline, in printed order, none twice.
pub(crate) async fn credited(
    transaction: &Transaction,
    printed: &str,
    publication_title: &str,
) -> Result<Vec<ContributorId>, PersistenceError> {
    // A name that is already known as a whole is not taken apart.
    let whole = transaction
        .reader()
        .contributor_by_name(printed.trim())
        .await?;
    let names = match whole {
        Some(known) => return Ok(vec![known.id]),
        None => byline::names(printed),
    };
    let mut credited = Vec::new();
    for name in names {
        let id = contributor(transaction, &name, publication_title).await?;
        if !credited.contains(&id) {
            credited.push(id);
        }
    }
    Ok(credited)
}

/// The section with this name.
pub(crate) async fn section(
    transaction: &Transaction,
    name: &str,
) -> Result<SectionId, PersistenceError> {
    let reader = transaction.reader();
    if let Some(known) = reader.section_by_name(name).await? {
        return Ok(known.id);
    }
    let slug = Slug::from_title(name);
    if let Some(known) = reader.section_by_slug(&slug).await?
        && Slug::from_title(&known.name) == slug
        && slug != Slug::from_title("")
    {
        return Ok(known.id);
    }
    let section = Section {
        id: SectionId::new(transaction.now()),
        slug: transaction.free_section_slug(&slug).await?,
        name: name.to_owned(),
        parent: None,
    };
    transaction.save_section(&section).await?;
    Ok(section.id)
}
