//! What can be subscribed to.
//!
//! A subscription follows the change log from a place in it on. Its field is resolved in two turns: when it begins, it
//! writes down what is to be followed; then, for each event, the document is executed once more as a query of its own,
//! and the field gives that one event.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Subscription as SubscriptionObject};
use futures_util::stream::{Iter, iter};
use masthead_domain::{article::ArticleStatus, identifier::ArticleId};
use masthead_persistence::{ChangePage, ChangePosition};

use super::{
    article::Article,
    changes::{self, Change},
    connection::loaders,
    error::{QueryError, Result},
    office::Office,
};

/// What a subscription follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Whatever changes after a place in the log; from now on where there is none.
    Changes { after: Option<ChangePosition> },
    /// What is published from now on, in the section with this slug or in all.
    Latest { section: Option<String> },
}

/// What has happened.
#[derive(Clone, Debug)]
pub(crate) enum Occurrence {
    /// The change that stands at this place of a page.
    Changed(Arc<ChangePage>, usize),
    /// An article was published.
    Published(ArticleId),
}

/// Among a request's data: which turn it is.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// The subscription begins.
    Beginning(Arc<Mutex<Option<Source>>>),
    /// Something has happened.
    Event(Occurrence),
}

impl Turn {
    fn of<'a>(context: &Context<'a>) -> Result<&'a Self> {
        context.data_opt::<Self>().ok_or(QueryError::Broken(
            "a subscription came without a log to follow",
        ))
    }

    fn follow(&self, source: Source) {
        if let Self::Beginning(followed) = self {
            *followed.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
        }
    }
}

/// One event, or none.
type AtMostOne<Event> = Iter<std::option::IntoIter<Event>>;

/// What can be subscribed to.
pub struct Subscription;

/// What can be subscribed to: over WebSocket (`graphql-transport-ws`) and as Server-Sent Events, at the address of the API.
#[SubscriptionObject]
impl Subscription {
    /// What changes: first what came after the cursor, then what comes, each change once and in order. A connection that
    /// breaks loses nothing: go on from the cursor of the last change that came.
    #[allow(clippy::unused_async, reason = "the library's macro asks for it")]
    async fn changes(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "A change's `cursor`, or `endCursor` of the query `changes`. From now on where it is not given."
        )]
        after: Option<String>,
    ) -> Result<AtMostOne<Change>> {
        let turn = Turn::of(context)?;
        let event = match turn {
            Turn::Beginning(_) => {
                let office = Office::of(context)?;
                office
                    .caller
                    .may_follow_changes(office.access)
                    .map_err(QueryError::NotPermitted)?;
                let after = changes::position(after.as_deref())?;
                turn.follow(Source::Changes { after });
                None
            }
            Turn::Event(Occurrence::Changed(page, place)) => Change::of_page(page, *place),
            Turn::Event(Occurrence::Published(_)) => None,
        };
        Ok(iter(event))
    }

    /// Each article that is published from now on, also by the clock, as it comes to stand in the query `latest`: once, and
    /// once more where it is published again after it was withdrawn. Later edits and corrections do not repeat it.
    async fn latest(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of the section with this slug.")] section: Option<String>,
    ) -> Result<AtMostOne<Article>> {
        let turn = Turn::of(context)?;
        let event = match turn {
            Turn::Beginning(_) => {
                turn.follow(Source::Latest { section });
                None
            }
            Turn::Event(Occurrence::Published(id)) => {
                let loaders = loaders(context)?;
                let article = loaders.load(*id).await?;
                // What was withdrawn since has not been published.
                article
                    .filter(|article| loaders.status(article) == ArticleStatus::Published)
                    .map(Article)
            }
            Turn::Event(Occurrence::Changed(..)) => None,
        };
        Ok(iter(event))
    }
}
