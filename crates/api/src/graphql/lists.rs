//! The lists that the contract gives out, and how each is read, counted and paged.

use std::{collections::HashSet, sync::Arc};

use async_graphql::SimpleObject;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, try_join_all},
};
use masthead_domain::{
    self as domain,
    identifier::{ArticleId, MagazineVolumeId},
    paging::{Page, PageRequest, Position},
    related::RelatedBasis,
};
use masthead_persistence::{
    ArticleFilter, ArticleOrder, CountKey, IssueListKey, ListKey, Membership,
};

use super::{
    article::{Article, parents_of},
    classification::{Contributor, Topic},
    connection::{Edge, List},
    cursor::{self, Order},
    error::{QueryError, Result},
    loaders::{
        ArchiveCount, ArchivePage, ContributorPage, CountOf, IssueCountOf, IssuePage, Loaders,
        Shown, TopicPage, VolumePage,
    },
    magazine::{MagazineIssue, MagazineVolume},
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
    type Node = Article;
    type Edge = Edge<Article>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest,
    ) -> BoxFuture<'a, Result<Page<Shown>>> {
        async move {
            let read = match self {
                Self::Archive(filter, order) => {
                    loaders
                        .load(ArchivePage {
                            filter: filter.clone(),
                            order: *order,
                            page,
                        })
                        .await?
                }
                Self::Of(membership, parent) => {
                    loaders
                        .load(ListKey {
                            membership: *membership,
                            parents: vec![*parent],
                            page,
                        })
                        .await?
                }
                Self::Empty => None,
            };
            Ok(read.map_or_else(nothing, |page| Page::clone(&page)))
        }
        .boxed()
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

    fn node(&self, row: &Shown) -> Article {
        Article(row.clone())
    }

    fn edge(&self, row: &Shown) -> Edge<Article> {
        Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        }
    }
}

/// What leads from one article to others on one basis: each parent's identity and its name.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) basis: RelatedBasis,
    pub(crate) parents: Vec<(i64, String)>,
}

impl Ground {
    const fn membership(&self) -> Option<Membership> {
        match self.basis {
            RelatedBasis::Byline => Some(Membership::Contributor),
            RelatedBasis::Section => Some(Membership::Section),
            RelatedBasis::Topic => Some(Membership::Topic),
            RelatedBasis::Curated | RelatedBasis::Similar => None,
        }
    }

    fn parents(&self) -> Vec<i64> {
        self.parents.iter().map(|(id, _)| *id).collect()
    }

    /// The heading over its list.
    pub(crate) fn heading(&self) -> String {
        let names: Vec<String> = self.parents.iter().map(|(_, name)| name.clone()).collect();
        self.basis.heading(&names)
    }
}

/// The articles that one article leads to on one basis, never itself.
#[derive(Clone)]
pub(crate) struct RelatedList {
    pub(crate) article: ArticleId,
    pub(crate) ground: Ground,
    /// Of a list that repeats nothing: the lists above it, and how many rows of each are shown.
    pub(crate) distinct: Option<Distinct>,
}

/// What a list leaves out because it is shown above it.
#[derive(Clone)]
pub(crate) struct Distinct {
    /// The lists above, from the first on.
    pub(crate) above: Vec<Ground>,
    /// How many articles each list shows.
    pub(crate) shown: u16,
}

/// Where a row stands in a list of related articles, and how many rows of the lists above are left out.
#[derive(Clone, Copy)]
pub(crate) struct RelatedKey {
    position: Position,
    pub(crate) shown: Option<u16>,
}

impl RelatedList {
    /// A page that leaves out these articles, of which there are `spare` at most.
    async fn page_without(
        &self,
        loaders: &Loaders,
        page: PageRequest,
        left_out: &HashSet<ArticleId>,
        spare: u16,
    ) -> Result<Page<Shown>> {
        let Some(membership) = self.ground.membership() else {
            return Ok(nothing());
        };
        // Read by so many more that a full page is left, whichever of them stand in it: the number is the
        // same for every article of a query, so that all are read in one statement.
        let wider = PageRequest {
            size: page.size.saturating_add(spare),
            ..page.clone()
        };
        let key = ListKey {
            membership,
            parents: self.ground.parents(),
            page: wider,
        };
        let Some(read) = loaders.load(key).await? else {
            return Ok(nothing());
        };
        let rows: Vec<Shown> = read
            .rows
            .iter()
            .filter(|article| !left_out.contains(&article.id))
            .cloned()
            .collect();
        let mut cut = page.cut(rows);
        cut.more |= read.more;
        Ok(cut)
    }

    /// Whether it shows anything when it shows so many.
    pub(crate) async fn shows_anything(&self, loaders: &Loaders, shown: u16) -> Result<bool> {
        let page = self.page(loaders, PageRequest::first(shown.max(1))).await?;
        Ok(!page.rows.is_empty())
    }

    /// The articles that are shown in the lists above, and the article itself.
    async fn left_out(&self, loaders: &Loaders, shown: u16) -> Result<(HashSet<ArticleId>, u16)> {
        let mut left_out = HashSet::from([self.article]);
        let mut spare = 1_u16;
        for ground in self.distinct.iter().flat_map(|distinct| &distinct.above) {
            let above = Self {
                ground: ground.clone(),
                ..self.clone()
            };
            let page = above
                .page_without(loaders, PageRequest::first(shown), &left_out, spare)
                .await?;
            left_out.extend(page.rows.iter().map(|article| article.id));
            spare = spare.saturating_add(shown);
        }
        Ok((left_out, spare))
    }
}

impl List for RelatedList {
    type Key = RelatedKey;
    type Row = Shown;
    type Node = Article;
    type Edge = RelatedArticleEdge;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest<RelatedKey>,
    ) -> BoxFuture<'a, Result<Page<Shown>>> {
        async move {
            let PageRequest {
                size,
                end,
                after,
                before,
            } = page;
            let asked = after.or(before).and_then(|key| key.shown);
            let shown = asked.or(self.distinct.as_ref().map(|distinct| distinct.shown));
            let (left_out, spare) = self.left_out(loaders, shown.unwrap_or_default()).await?;
            let page = PageRequest {
                size,
                end,
                after: after.map(|key| key.position),
                before: before.map(|key| key.position),
            };
            self.page_without(loaders, page, &left_out, spare).await
        }
        .boxed()
    }

    fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>> {
        async move {
            let Some(membership) = self.ground.membership() else {
                return Ok(0);
            };
            let key = CountKey {
                membership,
                parents: self.ground.parents(),
            };
            let members = loaders.load(key).await?.unwrap_or_default();
            let Some(distinct) = &self.distinct else {
                return Ok(members.saturating_sub(1));
            };
            // Of what is left out, only what is a member of this list was counted.
            let (left_out, _) = self.left_out(loaders, distinct.shown).await?;
            let articles = loaders
                .load_all::<ArticleId>(left_out.into_iter().collect())
                .await?;
            let own = self.ground.parents();
            let repeated = try_join_all(articles.iter().map(|article| async {
                let parents = parents_of(loaders, article, self.ground.basis).await?;
                Ok::<_, QueryError>(u64::from(parents.iter().any(|parent| own.contains(parent))))
            }))
            .await?;
            Ok(members.saturating_sub(repeated.iter().sum()))
        }
        .boxed()
    }

    fn key(&self, row: &Shown) -> RelatedKey {
        RelatedKey {
            position: ArticleOrder::NewestFirst.position(row),
            shown: self.distinct.as_ref().map(|distinct| distinct.shown),
        }
    }

    fn cursor(&self, row: &Shown) -> String {
        let RelatedKey { position, shown } = self.key(row);
        match shown {
            Some(shown) => cursor::of_distinct(position, shown),
            None => cursor::of_position(Order::Published, position),
        }
    }

    fn read_cursor(&self, cursor: &str) -> Option<RelatedKey> {
        if self.distinct.is_some() {
            let (position, shown) = cursor::distinct(cursor)?;
            Some(RelatedKey {
                position,
                shown: Some(shown),
            })
        } else {
            let position = cursor::position(Order::Published, cursor)?;
            Some(RelatedKey {
                position,
                shown: None,
            })
        }
    }

    fn node(&self, row: &Shown) -> Article {
        Article(row.clone())
    }

    fn edge(&self, row: &Shown) -> RelatedArticleEdge {
        RelatedArticleEdge {
            cursor: self.cursor(row),
            node: self.node(row),
            ground: self.ground.clone(),
        }
    }
}

/// A related article and why it is one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct RelatedArticleEdge {
    /// The row's place: opaque, stable, good for `after` and `before` even when the row is gone.
    cursor: String,
    /// The article.
    node: Article,
    #[graphql(skip)]
    ground: Ground,
}

#[async_graphql::ComplexObject]
impl RelatedArticleEdge {
    /// Why it stands there, fit for a reader: 'Same byline: Agencies'.
    async fn reasons(&self, context: &async_graphql::Context<'_>) -> Result<Vec<String>> {
        let loaders = super::connection::loaders(context)?;
        let of_it = parents_of(loaders, &self.node.0, self.ground.basis).await?;
        Ok(self
            .ground
            .parents
            .iter()
            .filter(|(id, _)| of_it.contains(id))
            .map(|(_, name)| self.ground.basis.reason(name))
            .collect())
    }
}

macro_rules! listed_by_slug {
    ($list:ident, $node:ident, $row:ty, $page:ident, $count:expr) => {
        impl List for $list {
            type Key = String;
            type Row = Arc<$row>;
            type Node = $node;
            type Edge = Edge<$node>;

            fn page<'a>(
                &'a self,
                loaders: &'a Loaders,
                page: PageRequest<String>,
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

            fn node(&self, row: &Self::Row) -> $node {
                $node(row.clone())
            }

            fn edge(&self, row: &Self::Row) -> Edge<$node> {
                Edge {
                    cursor: self.cursor(row),
                    node: self.node(row),
                }
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
    type Node = MagazineIssue;
    type Edge = Edge<MagazineIssue>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest,
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

    fn node(&self, row: &Self::Row) -> MagazineIssue {
        MagazineIssue(row.clone())
    }

    fn edge(&self, row: &Self::Row) -> Edge<MagazineIssue> {
        Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        }
    }
}

/// All volumes.
#[derive(Clone)]
pub(crate) struct VolumeList;

impl List for VolumeList {
    type Key = Position;
    type Row = Arc<domain::magazine::MagazineVolume>;
    type Node = MagazineVolume;
    type Edge = Edge<MagazineVolume>;

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest,
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

    fn node(&self, row: &Self::Row) -> MagazineVolume {
        MagazineVolume(row.clone())
    }

    fn edge(&self, row: &Self::Row) -> Edge<MagazineVolume> {
        Edge {
            cursor: self.cursor(row),
            node: self.node(row),
        }
    }
}

fn nothing<Row>() -> Page<Row> {
    Page {
        rows: Vec::new(),
        more: false,
    }
}
