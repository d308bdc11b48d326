//! What leads from one article to others: the names, the section, the topics, an editor's choice.

use masthead_domain::related::RelatedBasis as Basis;
use masthead_persistence::Membership;

use crate::graphql::{
    error::Result,
    loaders::{BylinesOf, ChosenFor, Loaders, Shown, TopicsOf},
};

/// What leads from one article to others on one basis: each parent's identity and its name; of what an editor
/// has chosen, the articles themselves in their order.
#[derive(Clone)]
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
pub(crate) async fn ground(loaders: &Loaders, article: &Shown, basis: Basis) -> Result<Ground> {
    let parents = match basis {
        Basis::Byline => {
            let credited = loaders
                .load(BylinesOf(article.id))
                .await?
                .unwrap_or_default();
            let contributors = loaders.load_all(credited).await?;
            contributors
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
            let topics = loaders
                .load(TopicsOf(article.id))
                .await?
                .unwrap_or_default();
            let topics = loaders.load_all(topics).await?;
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
    Ok(Ground { basis, parents })
}

/// The identities of what an article is filed under on one basis.
pub(super) async fn parents_of(
    loaders: &Loaders,
    article: &Shown,
    basis: Basis,
) -> Result<Vec<i64>> {
    Ok(match basis {
        Basis::Byline => {
            let credited = loaders
                .load(BylinesOf(article.id))
                .await?
                .unwrap_or_default();
            credited.iter().map(|id| id.number()).collect()
        }
        Basis::Section => article.section.iter().map(|id| id.number()).collect(),
        Basis::Topic => {
            let topics = loaders
                .load(TopicsOf(article.id))
                .await?
                .unwrap_or_default();
            topics.iter().map(|id| id.number()).collect()
        }
        Basis::Curated => vec![article.id.number()],
        Basis::Similar => Vec::new(),
    })
}
