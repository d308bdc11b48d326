//! The lists that the contract gives out, and how each is read, counted and paged.

use std::sync::Arc;

use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::{
    self as domain,
    identifier::MagazineVolumeId,
    paging::{Page, PageRequest, Position},
};
use masthead_persistence::{
    ArticleFilter, ArticleOrder, Beside, CountKey, IssueListKey, ListKey, Membership,
};

use super::{
    article::Article,
    classification::{Contributor, Topic},
    connection::{Edge, List},
    cursor::{self, Order},
    error::Result,
    loaders::{
        ArchiveCount, ArchivePage, ContributorPage, CountOf, IssueCountOf, IssuePage, Loaders,
        Shown, TopicPage, VolumePage,
    },
    magazine::{MagazineIssue, MagazineVolume},
    parts::ArticlePart,
    plain::Written,
};

/// Articles: of the archive, or of one parent.
#[derive(Clone)]
pub(crate) enum ArticleList {
    /// The archive, filtered.
    Archive(ArticleFilter, ArticleOrder),
    /// The articles of a section, a contributor, a topic or an issue, newest first.
    Of(Membership, i64),
    /// Nothing: what was asked for does not exist.
    Empty,
}

impl ArticleList {
    const fn order(&self) -> ArticleOrder {
        match self {
            Self::Archive(_, order) => *order,
            Self::Of(..) | Self::Empty => ArticleOrder::NewestFirst,
        }
    }

    const fn cursor_order(&self) -> Order {
        match self.order() {
            ArticleOrder::NewestFirst | ArticleOrder::OldestFirst => Order::Published,
            ArticleOrder::RecentlyModified => Order::Modified,
        }
    }
}

impl List for ArticleList {
    type Key = Position;
    type Row = Shown;
    type Node = ArticlePart;
    type Edge = Written<Edge<ArticlePart>>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest,
        beside: Beside,
    ) -> BoxFuture<'a, Result<Page<Shown>>> {
        async move {
            let read = match self {
                Self::Archive(filter, order) => {
                    loaders
                        .load(ArchivePage {
                            filter: filter.clone(),
                            order: *order,
                            page,
                            beside,
                        })
                        .await?
                }
                Self::Of(membership, parent) => {
                    loaders
                        .load(ListKey {
                            membership: *membership,
                            parents: vec![*parent],
                            page,
                            beside,
                        })
                        .await?
                }
                Self::Empty => None,
            };
            Ok(read.map_or_else(nothing, |page| Page::clone(&page)))
        }
        .boxed()
    }

    fn read_ahead<'a>(
        &'a self,
        loaders: &'a Loaders,
        rows: &'a [Shown],
        beside: Beside,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        loaders.read_ahead(rows, beside)
    }

    fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>> {
        async move {
            let count = match self {
                Self::Archive(filter, _) => loaders.load(ArchiveCount(filter.clone())).await?,
                Self::Of(membership, parent) => {
                    loaders
                        .load(CountKey {
                            membership: *membership,
                            parents: vec![*parent],
                        })
                        .await?
                }
                Self::Empty => None,
            };
            Ok(count.unwrap_or_default())
        }
        .boxed()
    }

    fn key(&self, row: &Shown) -> Position {
        self.order().position(row)
    }

    fn cursor(&self, row: &Shown) -> String {
        cursor::of_position(self.cursor_order(), self.key(row))
    }

    fn read_cursor(&self, cursor: &str) -> Option<Position> {
        cursor::position(self.cursor_order(), cursor)
    }

    fn node(&self, row: &Shown) -> ArticlePart {
        ArticlePart(Article(row.clone()))
    }

    fn edge(&self, row: &Shown) -> Written<Edge<ArticlePart>> {
        Written(Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        })
    }
}

macro_rules! listed_by_slug {
    ($list:ident, $node:ident, $row:ty, $page:ident, $count:expr) => {
        impl List for $list {
            type Key = String;
            type Row = Arc<$row>;
            type Node = Written<$node>;
            type Edge = Written<Edge<Written<$node>>>;

            fn page<'a>(
                &'a self,
                loaders: &'a Loaders,
                page: PageRequest<String>,
                _: Beside,
            ) -> BoxFuture<'a, Result<Page<Self::Row>>> {
                async move {
                    let page = loaders.load($page(page)).await?;
                    Ok(page.map_or_else(nothing, |page| Page::clone(&page)))
                }
                .boxed()
            }

            fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>> {
                async move { Ok(loaders.load($count).await?.unwrap_or_default()) }.boxed()
            }

            fn key(&self, row: &Self::Row) -> String {
                row.slug.to_string()
            }

            fn cursor(&self, row: &Self::Row) -> String {
                cursor::of_slug(row.slug.as_ref())
            }

            fn read_cursor(&self, cursor: &str) -> Option<String> {
                cursor::slug(cursor)
            }

            fn node(&self, row: &Self::Row) -> Written<$node> {
                Written($node(row.clone()))
            }

            fn edge(&self, row: &Self::Row) -> Written<Edge<Written<$node>>> {
                Written(Edge {
                    cursor: self.cursor(row),
                    node: self.node(row),
                })
            }
        }
    };
}

/// All contributors, by slug.
#[derive(Clone)]
pub(crate) struct ContributorList;

listed_by_slug!(
    ContributorList,
    Contributor,
    domain::contributor::Contributor,
    ContributorPage,
    CountOf::Contributors
);

/// All topics, by slug.
#[derive(Clone)]
pub(crate) struct TopicList;

listed_by_slug!(
    TopicList,
    Topic,
    domain::topic::Topic,
    TopicPage,
    CountOf::Topics
);

/// Issues: of the magazine, or of one volume.
#[derive(Clone)]
pub(crate) enum IssueList {
    /// Of one volume number over all series, or all.
    Numbered(Option<i32>),
    /// Of one volume.
    Of(MagazineVolumeId),
}

impl List for IssueList {
    type Key = Position;
    type Row = Arc<domain::magazine::MagazineIssue>;
    type Node = Written<MagazineIssue>;
    type Edge = Written<Edge<Written<MagazineIssue>>>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest,
        _: Beside,
    ) -> BoxFuture<'a, Result<Page<Self::Row>>> {
        async move {
            let page = match self {
                Self::Numbered(volume) => loaders.load(IssuePage(*volume, page)).await?,
                Self::Of(volume) => {
                    loaders
                        .load(IssueListKey {
                            volume: *volume,
                            page,
                        })
                        .await?
                }
            };
            Ok(page.map_or_else(nothing, |page| Page::clone(&page)))
        }
        .boxed()
    }

    fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>> {
        async move {
            let count = match self {
                Self::Numbered(volume) => loaders.load(CountOf::Issues(*volume)).await?,
                Self::Of(volume) => loaders.load(IssueCountOf(*volume)).await?,
            };
            Ok(count.unwrap_or_default())
        }
        .boxed()
    }

    fn key(&self, row: &Self::Row) -> Position {
        row.position()
    }

    fn cursor(&self, row: &Self::Row) -> String {
        cursor::of_position(Order::CoverDate, row.position())
    }

    fn read_cursor(&self, cursor: &str) -> Option<Position> {
        cursor::position(Order::CoverDate, cursor)
    }

    fn node(&self, row: &Self::Row) -> Written<MagazineIssue> {
        Written(MagazineIssue(row.clone()))
    }

    fn edge(&self, row: &Self::Row) -> Written<Edge<Written<MagazineIssue>>> {
        Written(Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        })
    }
}

/// All volumes.
#[derive(Clone)]
pub(crate) struct VolumeList;

impl List for VolumeList {
    type Key = Position;
    type Row = Arc<domain::magazine::MagazineVolume>;
    type Node = Written<MagazineVolume>;
    type Edge = Written<Edge<Written<MagazineVolume>>>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest,
        _: Beside,
    ) -> BoxFuture<'a, Result<Page<Self::Row>>> {
        async move {
            let page = loaders.load(VolumePage(page)).await?;
            Ok(page.map_or_else(nothing, |page| Page::clone(&page)))
        }
        .boxed()
    }

    fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>> {
        async move { Ok(loaders.load(CountOf::Volumes).await?.unwrap_or_default()) }.boxed()
    }

    fn key(&self, row: &Self::Row) -> Position {
        row.position()
    }

    fn cursor(&self, row: &Self::Row) -> String {
        cursor::of_position(Order::CoverDate, row.position())
    }

    fn read_cursor(&self, cursor: &str) -> Option<Position> {
        cursor::position(Order::CoverDate, cursor)
    }

    fn node(&self, row: &Self::Row) -> Written<MagazineVolume> {
        Written(MagazineVolume(row.clone()))
    }

    fn edge(&self, row: &Self::Row) -> Written<Edge<Written<MagazineVolume>>> {
        Written(Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        })
    }
}

pub(crate) fn nothing<Row>() -> Page<Row> {
    Page {
        rows: Vec::new(),
        beyond: None,
    }
}
