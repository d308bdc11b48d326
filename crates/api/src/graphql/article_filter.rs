//! Which articles a list holds, and by what it is ordered.

use async_graphql::{Context, Enum, ID, InputObject};
use masthead_domain::{
    article::ArticleStatus as Status, audience::Audience, node_id::NodeId, viewer::Role,
};
use masthead_persistence::{ArticleFilter as Filter, ArticleOrder as Order};

use super::{
    article::ArticleStatus,
    connection::loaders,
    error::{QueryError, Result},
    office::Office,
    scalars::DateTime,
};

/// What a list of articles is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Order")]
pub(crate) enum ArticleOrder {
    /// By time of publication, the newest first.
    NewestFirst,
    /// By time of publication, the oldest first.
    OldestFirst,
    /// By time of the last change, the latest first.
    RecentlyModified,
}

/// Which articles a list holds. All that is given must be true of an article.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct ArticleFilter {
    /// Of the section with this slug.
    section: Option<String>,
    /// Credited to the contributor with this slug.
    contributor: Option<String>,
    /// About the topic with this slug.
    topic: Option<String>,
    /// In this language (BCP 47 tag).
    language: Option<String>,
    /// Printed in the issue with this identity.
    magazine_issue: Option<ID>,
    /// Published at this instant or later.
    published_from: Option<DateTime>,
    /// Published before this instant.
    published_until: Option<DateTime>,
    /// With this status; PUBLISHED where it is not given. Anything else needs an editor's token, or for SCHEDULED
    /// a partner's with the scope `embargo:read`.
    status: Option<ArticleStatus>,
}

impl ArticleFilter {
    /// The filter; none if nothing can pass it.
    pub(super) fn read(self, context: &Context<'_>) -> Result<Option<Filter>> {
        let status = self.status.map(Status::from);
        let audience = loaders(context)?.audience();
        let may_list = match status {
            None | Some(Status::Published) => true,
            Some(Status::Scheduled) => audience.sees_scheduled(),
            Some(_) => audience == Audience::Newsroom,
        };
        if !matches!(status, None | Some(Status::Published)) {
            loaders(context)?.personal();
        }
        if !may_list {
            let caller = &Office::of(context)?.caller;
            caller
                .require(Role::Editor)
                .map_err(QueryError::NotPermitted)?;
        }
        let magazine_issue = match self.magazine_issue.map(|id| NodeId::decode(&id)) {
            None => None,
            Some(Ok(NodeId::MagazineIssue(id))) => Some(id),
            Some(Ok(_)) => return Ok(None),
            Some(Err(error)) => {
                return Err(QueryError::BadInput(format!(
                    "'filter.magazineIssue': {error}"
                )));
            }
        };
        Ok(Some(Filter {
            section: self.section,
            contributor: self.contributor,
            topic: self.topic,
            language: self.language.map(|tag| normal_language(&tag)),
            magazine_issue,
            published_from: self.published_from.map(|from| from.0),
            published_until: self.published_until.map(|until| until.0),
            status,
        }))
    }
}

/// A language tag in the case in which it is stored; what is none is left as it is, and found nowhere.
pub(super) fn normal_language(tag: &str) -> String {
    masthead_domain::language::LanguageTag::parse(tag).map_or_else(|_| tag.to_owned(), String::from)
}
