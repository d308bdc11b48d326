//! What leads from one article to others: the names, the section, the topics, an editor's choice.

use std::sync::Arc;

use masthead_domain::{
    contributor::Contributor,
    identifier::{SectionId, TopicId},
    related::RelatedBasis as Basis,
};
use masthead_persistence::Membership;

use crate::graphql::{
    error::Result,
    loaders::{BylinesOf, ChosenFor, Loaders, Shown, TopicIdsOf},
};

/// What leads from one article to others on one basis: each parent's identity and its name; of what an editor
/// has chosen, the articles themselves in their order.
pub(crate) struct Ground {
    pub(crate) basis: Basis,
    pub(crate) parents: Vec<(i64, String)>,
}

impl Ground {
    /// Whose articles its list holds; of what an editor has chosen, of what is alike, nobody's.
    pub(super) const fn membership(&self) -> Option<Membership> {
        match self.basis {
            Basis::Byline => Some(Membership::Contributor),
            Basis::Section => Some(Membership::Section),
            Basis::Topic => Some(Membership::Topic),
            Basis::Curated | Basis::Similar => None,
        }
    }

    /// That of a section whose name is not known yet.
    pub(super) fn of_section(section: SectionId) -> Arc<Self> {
        Arc::new(Self {
            basis: Basis::Section,
            parents: vec![(section.number(), String::new())],
        })
    }

    /// The parents' identities.
    pub(super) fn parents(&self) -> Vec<i64> {
        self.parents.iter().map(|(id, _)| *id).collect()
    }

    /// The heading over its list.
    pub(crate) fn heading(&self) -> String {
        let names: Vec<String> = self.parents.iter().map(|(_, name)| name.clone()).collect();
        self.basis.heading(&names)
    }
}

/// What leads from an article to others on one basis.
pub(crate) async fn ground(
    loaders: &Loaders,
    article: &Shown,
    basis: Basis,
) -> Result<Arc<Ground>> {
    let parents = match basis {
        Basis::Byline => {
            let credits = loaders.credits(article.id).await?;
            credits
                .iter()
                .map(|one| (one.id.number(), one.name.clone()))
                .collect()
        }
        Basis::Section => match article.section {
            Some(section) => loaders
                .load(section)
                .await?
                .map(|section| (section.id.number(), section.name.clone()))
                .into_iter()
                .collect(),
            None => Vec::new(),
        },
        Basis::Topic => {
            let topics = loaders.topics(article.id).await?;
            topics
                .iter()
                .map(|topic| (topic.id.number(), topic.name.clone()))
                .collect()
        }
        Basis::Curated => {
            let chosen = loaders
                .load(ChosenFor(article.id))
                .await?
                .unwrap_or_default();
            chosen
                .iter()
                .map(|one| (one.id.number(), one.headline.clone()))
                .collect()
        }
        Basis::Similar => Vec::new(),
    };
    Ok(Arc::new(Ground { basis, parents }))
}

/// Where what an article is filed under may be found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Beside the article, as it was read in a list.
    Beside,
    /// Only in a statement of its own, or in what is kept.
    Anew,
}

/// The identities of what an article is filed under on one basis.
pub(super) async fn parents_of(
    loaders: &Loaders,
    article: &Shown,
    basis: Basis,
    found: Found,
) -> Result<Vec<i64>> {
    Ok(match basis {
        Basis::Byline => {
            let key = BylinesOf(article.id);
            let credited = match found {
                Found::Beside => loaders.load(key).await?,
                Found::Anew => loaders.load_alone(key).await?,
            };
            of_credits(&credited.unwrap_or_default())
        }
        Basis::Topic => {
            let key = TopicIdsOf(article.id);
            let topics = match found {
                Found::Beside => loaders.load(key).await?,
                Found::Anew => loaders.load_alone(key).await?,
            };
            numbers(&topics.unwrap_or_default())
        }
        Basis::Section | Basis::Curated | Basis::Similar => of_itself(article, basis),
    })
}

/// The same, where they can be had without waiting.
pub(super) fn parents_at_hand(
    loaders: &Loaders,
    article: &Shown,
    basis: Basis,
) -> Option<Vec<i64>> {
    Some(match basis {
        Basis::Byline => {
            let credited: Vec<_> = loaders.at_hand(&BylinesOf(article.id))?;
            of_credits(&credited)
        }
        Basis::Topic => {
            let topics: Vec<_> = loaders.at_hand(&TopicIdsOf(article.id))?;
            numbers(&topics)
        }
        Basis::Section | Basis::Curated | Basis::Similar => of_itself(article, basis),
    })
}

fn of_credits(credited: &[Arc<Contributor>]) -> Vec<i64> {
    credited.iter().map(|one| one.id.number()).collect()
}

pub(super) fn numbers(topics: &[TopicId]) -> Vec<i64> {
    topics.iter().map(|id| id.number()).collect()
}

/// What is known with the article itself.
fn of_itself(article: &Shown, basis: Basis) -> Vec<i64> {
    match basis {
        Basis::Section => article.section.iter().map(|id| id.number()).collect(),
        Basis::Curated => vec![article.id.number()],
        Basis::Byline | Basis::Topic | Basis::Similar => Vec::new(),
    }
}
