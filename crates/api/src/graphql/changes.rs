//! The change log, as clients follow it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::{
    change::{Change as DomainChange, ChangeKind as Kind},
    node_id::NodeId,
    paging::{DEFAULT_PAGE, End},
};
use masthead_persistence::{ChangePage, ChangePosition};

use super::{
    connection::{PageArguments, PageInfo, Place, loaders},
    cursor,
    error::{QueryError, Result},
    loaders::{ChangesAfter, Loaders, PublicStandingOf},
    node::{Node, node_of},
    scalars::DateTime,
    withdrawal::Withdrawal,
};
use crate::cache_tags;

/// What a change is to whoever follows the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub(crate) enum ChangeKind {
    /// It is new, or not as it was: keep it as `node` has it.
    Upserted,
    /// It is there no more: take it down.
    Removed,
}

/// Something that changed.
pub(crate) struct Change {
    page: Arc<ChangePage>,
    change: DomainChange,
}

impl Change {
    /// The change at a place of a page.
    pub(crate) fn of_page(page: &Arc<ChangePage>, place: usize) -> Option<Self> {
        Some(Self {
            page: page.clone(),
            change: page.changes.get(place)?.clone(),
        })
    }
}

/// Something that changed.
#[Object]
impl Change {
    /// Where it stands in the log: pass it as `after` to go on from here.
    async fn cursor(&self) -> String {
        cursor::of_change(self.page.after(&self.change))
    }

    /// When it came about, in UTC: for what the clock published, that very instant.
    async fn at(&self) -> DateTime {
        DateTime(self.change.at)
    }

    /// What it is.
    async fn kind(&self) -> ChangeKind {
        self.change.kind.into()
    }

    /// The identity of what changed.
    async fn node_id(&self) -> ID {
        ID(self.change.node.encode())
    }

    /// What changed, as it is now; null once it has been removed.
    async fn node(&self, context: &Context<'_>) -> Option<Result<Node>> {
        async { node_of(loaders(context)?, self.change.node).await }
            .await
            .transpose()
    }

    /// The tags under which a CDN keeps answers that this touches, as `Surrogate-Key` and `Cache-Tag` name them: for
    /// whoever purges by themselves. Only answers that are the same for everyone bear any.
    async fn cache_tags(&self, context: &Context<'_>) -> Result<Vec<String>> {
        let standing = match self.change.node {
            // Where an article stands is not for who is told of some sections alone.
            NodeId::Article(id) if loaders(context)?.audience().sections().is_none() => {
                loaders(context)?.load(PublicStandingOf(id)).await?
            }
            _ => None,
        };
        Ok(cache_tags::touched_by(
            self.change.node,
            standing.as_deref(),
        ))
    }

    /// Why it was withdrawn: a partner must honour that.
    async fn reason(&self) -> Option<&str> {
        self.change.reason.as_deref()
    }

    /// Of an article that is withdrawn now: when it was, why, and with which revision. Null where it is there again.
    async fn withdrawal(&self, context: &Context<'_>) -> Option<Result<Withdrawal>> {
        let NodeId::Article(id) = self.change.node else {
            return None;
        };
        async { Withdrawal::of(loaders(context)?, id).await }
            .await
            .transpose()
    }
}

/// A change and its place in the log.
#[derive(SimpleObject)]
pub(crate) struct ChangeEdge {
    /// Its place.
    cursor: String,
    /// The change.
    node: Change,
}

/// Changes, oldest first.
pub(crate) struct ChangeConnection(Arc<ChangePage>);

/// Changes, oldest first.
#[Object]
impl ChangeConnection {
    /// The page's changes, each with its cursor.
    async fn edges(&self) -> Vec<ChangeEdge> {
        self.changes()
            .map(|node| ChangeEdge {
                cursor: cursor::of_change(self.0.after(&node.change)),
                node,
            })
            .collect()
    }

    /// The page's changes.
    async fn nodes(&self) -> Vec<Change> {
        self.changes().collect()
    }

    /// Where the page lies in the log. `endCursor` is there even when nothing has changed.
    async fn page_info(&self) -> PageInfo {
        PageInfo(Arc::new(ChangePlace(self.0.clone())))
    }
}

impl ChangeConnection {
    fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.0.changes.iter().map(|change| Change {
            page: self.0.clone(),
            change: change.clone(),
        })
    }

    /// Reads what came after a cursor.
    pub(crate) async fn after(
        context: &Context<'_>,
        after: Option<String>,
        first: Option<i32>,
    ) -> Result<Self> {
        let (size, _) = PageArguments {
            first: first.or(Some(i32::from(DEFAULT_PAGE))),
            ..PageArguments::default()
        }
        .size()?;
        let after = position(after.as_deref())?;
        let page = loaders(context)?.load(ChangesAfter { after, size }).await?;
        let page = page.ok_or(QueryError::StartAgain)?;
        loaders(context)?.tells_through(page.end());
        Ok(Self(page))
    }
}

/// The place in the log after which a client goes on.
pub(crate) fn position(after: Option<&str>) -> Result<Option<ChangePosition>> {
    after
        .map(|cursor| cursor::change(cursor).ok_or(QueryError::InvalidCursor { argument: "after" }))
        .transpose()
}

struct ChangePlace(Arc<ChangePage>);

impl Place for ChangePlace {
    fn beyond<'a>(&'a self, _: &'a Loaders, end: End) -> BoxFuture<'a, Result<bool>> {
        let beyond = match end {
            End::First => self.0.start.number > 0,
            End::Last => self.0.more,
        };
        std::future::ready(Ok(beyond)).boxed()
    }

    fn start(&self) -> Option<String> {
        let first = self.0.changes.first()?;
        Some(cursor::of_change(self.0.after(first)))
    }

    fn end(&self) -> Option<String> {
        Some(cursor::of_change(self.0.end()))
    }
}
