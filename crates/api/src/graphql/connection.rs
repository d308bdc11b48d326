//! Connections: the one way in which a list is given out (Relay's cursor connections specification).
//!
//! A [`Listing`] is a list, the page that was asked of it and the rows that came back. What costs another
//! read - whether there is something beyond the far end, how many there are - is found out only when it is
//! selected.

use std::sync::Arc;

use async_graphql::{ContainerType, Context, Object, OutputType, SimpleObject};
use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::paging::{DEFAULT_PAGE, End, LARGEST_PAGE, Page, PageRequest};
use masthead_persistence::Beside;

use super::{
    beside,
    classification::{Contributor, Topic},
    error::{QueryError, Result},
    lists::{ArticleList, ContributorList, IssueList, TopicList, VolumeList},
    loaders::Loaders,
    magazine::{MagazineIssue, MagazineVolume},
    parts::ArticlePart,
    plain::{AtHand, Plain, Rows, Shown, Written},
    related::RelatedArticles,
    revisions::{Revision, RevisionList},
};

/// A list that can be given out page by page.
pub(crate) trait List: Clone + Send + Sync + 'static {
    /// What a page lies between.
    type Key: Clone + Send + Sync;
    /// A row as it is read.
    type Row: Clone + Send + Sync;
    /// The node that a row becomes.
    type Node: AtHand;
    /// The edge that a row becomes.
    type Edge: AtHand;

    /// Reads a page, and what is wanted beside its rows where these are articles.
    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        request: PageRequest<Self::Key>,
        beside: Beside,
    ) -> BoxFuture<'a, Result<Page<Self::Row>>>;

    /// What is wanted beside the rows of a page that a field shows.
    fn beside(&self, context: &Context<'_>, loaders: &Loaders) -> Beside {
        beside::rows(context, loaders)
    }

    /// Reads what is wanted beside rows that are going to be shown, where it was not read with them.
    fn read_ahead<'a>(
        &'a self,
        loaders: &'a Loaders,
        rows: &'a [Self::Row],
        beside: Beside,
    ) -> impl Future<Output = Result<()>> + Send + 'a {
        let _ = (loaders, rows, beside);
        std::future::ready(Ok(()))
    }

    /// Counts the rows.
    fn count<'a>(&'a self, loaders: &'a Loaders) -> BoxFuture<'a, Result<u64>>;

    /// Where a row stands.
    fn key(&self, row: &Self::Row) -> Self::Key;

    /// Writes down where a row stands.
    fn cursor(&self, row: &Self::Row) -> String;

    /// Reads what [`List::cursor`] wrote.
    fn read_cursor(&self, cursor: &str) -> Option<Self::Key>;

    /// The row's node.
    fn node(&self, row: &Self::Row) -> Self::Node;

    /// The row's edge.
    fn edge(&self, row: &Self::Row) -> Self::Edge;
}

/// The arguments of a connection field.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageArguments {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

impl PageArguments {
    /// The page that these arguments ask of a list.
    pub(crate) fn request<Source: List>(&self, list: &Source) -> Result<PageRequest<Source::Key>> {
        let (size, end) = self.size()?;
        let cursor = |argument, cursor: Option<&String>| {
            cursor
                .map(|cursor| {
                    list.read_cursor(cursor)
                        .ok_or(QueryError::InvalidCursor { argument })
                })
                .transpose()
        };
        Ok(PageRequest {
            size,
            end,
            after: cursor("after", self.after.as_ref())?,
            before: cursor("before", self.before.as_ref())?,
        })
    }

    /// How many rows they ask for, and from which end.
    pub(crate) fn size(&self) -> Result<(u16, End)> {
        let checked = |argument: &str, value: i32| {
            u16::try_from(value).ok().filter(|size| *size <= LARGEST_PAGE).ok_or_else(|| {
                QueryError::BadInput(format!(
                    "'{argument}' is {value}: ask for 0 to {LARGEST_PAGE}, and for more page by page with the cursors"
                ))
            })
        };
        match (self.first, self.last) {
            (Some(_), Some(_)) => Err(QueryError::BadInput(
                "'first' and 'last' are both given: use one, 'first' to read forwards or 'last' to read backwards"
                    .to_owned(),
            )),
            (Some(first), None) => Ok((checked("first", first)?, End::First)),
            (None, Some(last)) => Ok((checked("last", last)?, End::Last)),
            (None, None) => Ok((DEFAULT_PAGE, End::First)),
        }
    }
}

/// A page of a list, with what is needed to go on from it.
pub(crate) struct Listing<Source: List> {
    list: Source,
    request: PageRequest<Source::Key>,
    page: Page<Source::Row>,
}

/// A page of a list, as an answer.
pub(crate) struct Connection<Source: List>(Arc<Listing<Source>>);

impl<Source: List> Connection<Source> {
    /// Reads the page of the list that the arguments ask for.
    pub(crate) fn of<'a>(
        list: Source,
        context: &'a Context<'_>,
        arguments: &PageArguments,
    ) -> BoxFuture<'a, Result<Self>> {
        let request = arguments.request(&list);
        // Boxed, so that it is no part of the future of every other field.
        async move {
            let request = request?;
            let loaders = loaders(context)?;
            let beside = list.beside(context, loaders);
            let page = list.page(loaders, request.clone(), beside).await?;
            list.read_ahead(loaders, &page.rows, beside).await?;
            Ok(Self(Arc::new(Listing {
                list,
                request,
                page,
            })))
        }
        .boxed()
    }
}

/// The loaders of the request.
pub(crate) fn loaders<'a>(context: &Context<'a>) -> Result<&'a Loaders> {
    context
        .data_opt::<Arc<Loaders>>()
        .map(AsRef::as_ref)
        .ok_or(QueryError::Broken(
            "the request came without an archive to read",
        ))
}

#[Object(
    concrete(name = "ArticleConnection", params(ArticleList)),
    concrete(name = "RelatedArticleConnection", params(RelatedArticles)),
    concrete(name = "ContributorConnection", params(ContributorList)),
    concrete(name = "TopicConnection", params(TopicList)),
    concrete(name = "MagazineIssueConnection", params(IssueList)),
    concrete(name = "MagazineVolumeConnection", params(VolumeList)),
    concrete(name = "RevisionConnection", params(RevisionList))
)]
impl<Source: List> Connection<Source> {
    /// The page's rows, each with its cursor.
    async fn edges(&self) -> Rows<Source::Edge> {
        let rows = self.0.page.rows.iter();
        Rows(rows.map(|row| self.0.list.edge(row)).collect())
    }

    /// The page's rows.
    async fn nodes(&self) -> Rows<Source::Node> {
        let rows = self.0.page.rows.iter();
        Rows(rows.map(|row| self.0.list.node(row)).collect())
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo(self.0.clone())
    }

    /// How many rows the whole list has. Counted only when it is selected.
    async fn total_count(&self, context: &Context<'_>) -> Result<i32> {
        let count = self.0.list.count(loaders(context)?).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// What a page's place in its list is told from, whatever the list is of.
pub(crate) trait Place: Send + Sync {
    fn beyond<'a>(&'a self, loaders: &'a Loaders, end: End) -> BoxFuture<'a, Result<bool>>;
    fn start(&self) -> Option<String>;
    fn end(&self) -> Option<String>;
}

impl<Source: List> Place for Listing<Source> {
    /// Whether the list has rows before the page (`End::First`) or after it (`End::Last`).
    fn beyond<'a>(&'a self, loaders: &'a Loaders, end: End) -> BoxFuture<'a, Result<bool>> {
        async move {
            let Listing {
                list,
                request,
                page,
            } = self;
            if request.end != end && page.more() {
                return Ok(true);
            }
            // Without a bound on this side the page reaches to the list's own end.
            let (bound, edge) = match end {
                End::First => (&request.after, page.rows.first()),
                End::Last => (&request.before, page.rows.last()),
            };
            if bound.is_none() {
                return Ok(false);
            }
            // Whether anything lies on the far side of the page's edge; of an empty page, anything at all
            // outside of the asked range.
            let towards = match (end, edge) {
                (End::First, Some(row)) => PageRequest {
                    size: 0,
                    end: End::Last,
                    after: None,
                    before: Some(list.key(row)),
                },
                (End::Last, Some(row)) => PageRequest {
                    size: 0,
                    end: End::First,
                    after: Some(list.key(row)),
                    before: None,
                },
                (End::First, None) => PageRequest {
                    size: 0,
                    end: End::Last,
                    after: None,
                    before: request.before.clone(),
                },
                (End::Last, None) => PageRequest {
                    size: 0,
                    end: End::First,
                    after: request.after.clone(),
                    before: None,
                },
            };
            Ok(list.page(loaders, towards, Beside::default()).await?.more())
        }
        .boxed()
    }

    fn start(&self) -> Option<String> {
        self.page.rows.first().map(|row| self.list.cursor(row))
    }

    fn end(&self) -> Option<String> {
        self.page.rows.last().map(|row| self.list.cursor(row))
    }
}

/// Where a page lies in its list, in whichever direction it was read.
pub(crate) struct PageInfo(pub(crate) Arc<dyn Place>);

#[Object]
impl PageInfo {
    /// Whether the list has rows after this page.
    async fn has_next_page(&self, context: &Context<'_>) -> Result<bool> {
        self.0.beyond(loaders(context)?, End::Last).await
    }

    /// Whether the list has rows before this page.
    async fn has_previous_page(&self, context: &Context<'_>) -> Result<bool> {
        self.0.beyond(loaders(context)?, End::First).await
    }

    /// The cursor of the page's first row: pass it as `before` to read backwards from here.
    async fn start_cursor(&self) -> Option<String> {
        self.0.start()
    }

    /// The cursor of the page's last row: pass it as `after` to read on from here.
    async fn end_cursor(&self) -> Option<String> {
        self.0.end()
    }
}

// The library takes names of types, without parameters of their own.
type WrittenContributor = Written<Contributor>;
type WrittenTopic = Written<Topic>;
type WrittenMagazineIssue = Written<MagazineIssue>;
type WrittenMagazineVolume = Written<MagazineVolume>;
type WrittenRevision = Written<Revision>;

/// A row of a list and its place in it.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "ArticleEdge", params(ArticlePart)),
    concrete(name = "ContributorEdge", params(WrittenContributor)),
    concrete(name = "TopicEdge", params(WrittenTopic)),
    concrete(name = "MagazineIssueEdge", params(WrittenMagazineIssue)),
    concrete(name = "MagazineVolumeEdge", params(WrittenMagazineVolume)),
    concrete(name = "RevisionEdge", params(WrittenRevision))
)]
pub(crate) struct Edge<Node: OutputType> {
    /// The row's place: opaque, stable, good for `after` and `before` even when the row is gone.
    pub(crate) cursor: String,
    /// The row.
    pub(crate) node: Node,
}

impl<Node: OutputType + Shown> Plain for Edge<Node>
where
    Self: ContainerType,
{
    fn plain(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        match context.item.node.name.node.as_str() {
            "cursor" => self.cursor.shown(context, json),
            "node" => self.node.shown(context, json),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_0_to_100_rows_from_one_end() {
        let size = |first, last| {
            PageArguments {
                first,
                last,
                ..PageArguments::default()
            }
            .size()
            .ok()
        };
        assert_eq!(size(None, None), Some((20, End::First)));
        assert_eq!(size(Some(100), None), Some((100, End::First)));
        assert_eq!(size(None, Some(0)), Some((0, End::Last)));
        for (first, last) in [
            (Some(101), None),
            (Some(-1), None),
            (None, Some(101)),
            (None, Some(-5)),
            (Some(1), Some(1)),
        ] {
            assert_eq!(size(first, last), None, "{first:?} {last:?}");
        }
    }
}
