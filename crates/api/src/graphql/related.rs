//! Related articles: what leads from one article to others (`ground`), the list of those on one basis, its `edges`, and
//! the `lists` that an article's page shows.

mod edges;
mod ground;
mod lists;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    sync::{Arc, OnceLock},
};

use async_graphql::{Context, Enum};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, try_join_all},
};
use masthead_domain::{
    identifier::ArticleId,
    paging::{Page, PageRequest, Position},
    related::RelatedBasis as Basis,
};
use masthead_persistence::{ArticleOrder, Beside, CountKey, ListKey};

use super::{
    article::Article,
    beside::RelatedRows,
    connection::List,
    cursor::{self, Order},
    error::{QueryError, Result},
    lists::nothing,
    loaders::{ChosenFor, Loaders, Shown},
    parts::ArticlePart,
};

pub(crate) use edges::EdgePart;
use ground::{Found, parents_of};
pub(crate) use ground::{Ground, ground};
pub(crate) use lists::{RelatedList, shown_below};

/// The ground on which a list of related articles stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Basis")]
pub(crate) enum RelatedBasis {
    /// Chosen by an editor, in the order in which they were put.
    Curated,
    /// Credited to one of the same names.
    Byline,
    /// Of the same section.
    Section,
    /// On one of the same topics.
    Topic,
    /// Alike in what they tell. Empty so far: this version compares no texts.
    Similar,
}

/// The articles that one article leads to on one basis, never itself.
#[derive(Clone)]
pub(crate) struct RelatedArticles {
    pub(crate) article: ArticleId,
    pub(crate) ground: Arc<Ground>,
    /// Of a list that repeats nothing: the lists above it, and how many rows of each are shown.
    pub(crate) distinct: Option<Arc<Distinct>>,
    /// All that an edge shows of its list: in lists of which this is the same, an article has the same edge.
    among: OnceLock<Arc<str>>,
}

/// What a list leaves out because it is shown above it.
pub(crate) struct Distinct {
    /// The lists above, from the first on.
    pub(crate) above: Vec<Arc<Ground>>,
    /// How many articles each list shows.
    pub(crate) shown: u16,
}

/// Where a row stands in a list of related articles, and how many rows of the lists above are left out.
#[derive(Clone, Copy)]
pub(crate) struct RelatedKey {
    position: Position,
    pub(crate) shown: Option<u16>,
}

impl RelatedArticles {
    /// The articles that an article leads to on a ground.
    pub(crate) fn new(article: ArticleId, ground: Arc<Ground>, distinct: Option<Distinct>) -> Self {
        Self {
            among: OnceLock::new(),
            article,
            ground,
            distinct: distinct.map(Arc::new),
        }
    }

    fn among(&self) -> &Arc<str> {
        self.among.get_or_init(|| {
            let shown = self.distinct.as_ref().map(|distinct| distinct.shown);
            let Ground { basis, parents } = &*self.ground;
            format!("{basis:?} {shown:?} {parents:?}").into()
        })
    }

    fn cursor_order(&self) -> Order {
        match self.ground.basis {
            Basis::Curated => Order::Chosen,
            _ => Order::Published,
        }
    }

    /// A page that leaves out these articles, of which there are `spare` at most.
    async fn page_without(
        &self,
        loaders: &Loaders,
        page: PageRequest,
        left_out: &HashSet<ArticleId>,
        spare: u16,
        beside: Beside,
    ) -> Result<Page<Shown>> {
        if self.ground.basis == Basis::Curated {
            return self.chosen_page(loaders, &page, left_out).await;
        }
        let Some(membership) = self.ground.membership() else {
            return Ok(nothing());
        };
        // Read by so many more that a full page is left, whichever of them stand in it: the number is the
        // same for every article of a query, so that all are read in one statement.
        let wider = PageRequest {
            size: page.size.saturating_add(spare),
            ..page.clone()
        };
        let key = |parents| ListKey {
            membership,
            parents,
            page: wider.clone(),
            beside,
        };
        let parents = self.ground.parents();
        let read = if loaders.keeps_parts() {
            // Hardly two pages have the same names or topics, but many have one of them: kept list by list.
            let keys = parents.into_iter().map(|parent| key(vec![parent]));
            loaders.load_all(keys.collect()).await?
        } else if parents.is_empty() {
            Vec::new()
        } else {
            loaders.load(key(parents)).await?.into_iter().collect()
        };
        // Together the pages of all parents hold a page of all.
        let rows: BTreeMap<Reverse<Position>, &Shown> = read
            .iter()
            .flat_map(|page| page.rows.iter().chain(&page.beyond))
            .map(|article| {
                (
                    Reverse(ArticleOrder::NewestFirst.position(article)),
                    article,
                )
            })
            .collect();
        let merged = wider.cut(rows.into_values().cloned().collect());
        let left = merged.rows.into_iter();
        let mut cut = page.cut(
            left.filter(|article| !left_out.contains(&article.id))
                .collect(),
        );
        cut.beyond = cut.beyond.or(merged.beyond);
        Ok(cut)
    }

    /// A page of what an editor has chosen: a short list, which is read whole. A row's position is its place
    /// among those that are shown, so that it tells nothing of others.
    async fn chosen_page(
        &self,
        loaders: &Loaders,
        page: &PageRequest,
        left_out: &HashSet<ArticleId>,
    ) -> Result<Page<Shown>> {
        let chosen = loaders
            .load(ChosenFor(self.article))
            .await?
            .unwrap_or_default();
        let rows = (0..)
            .zip(chosen.iter())
            .filter(|(place, article): &(i64, &Shown)| {
                page.after.is_none_or(|after| *place > after.value)
                    && page.before.is_none_or(|before| *place < before.value)
                    && !left_out.contains(&article.id)
            });
        Ok(page.cut(rows.map(|(_, article)| article.clone()).collect()))
    }

    /// Whether it shows anything when it shows so many.
    pub(crate) async fn shows_anything(
        &self,
        loaders: &Loaders,
        shown: u16,
        beside: Beside,
    ) -> Result<bool> {
        let page = self
            .page(loaders, PageRequest::first(shown.max(1)), beside)
            .await?;
        Ok(!page.rows.is_empty())
    }

    /// The articles that are shown in the lists above, and the article itself.
    async fn left_out(
        &self,
        loaders: &Loaders,
        shown: u16,
        beside: Beside,
    ) -> Result<(HashSet<ArticleId>, u16)> {
        let mut left_out = HashSet::from([self.article]);
        let mut spare = 1_u16;
        for ground in self.distinct.iter().flat_map(|distinct| &distinct.above) {
            let above = Self::new(self.article, ground.clone(), None);
            let page = above
                .page_without(loaders, PageRequest::first(shown), &left_out, spare, beside)
                .await?;
            left_out.extend(page.rows.iter().map(|article| article.id));
            spare = spare.saturating_add(shown);
        }
        Ok((left_out, spare))
    }
}

impl List for RelatedArticles {
    type Key = RelatedKey;
    type Row = Shown;
    type Node = ArticlePart;
    type Edge = EdgePart;

    fn beside(&self, context: &Context<'_>, loaders: &Loaders) -> Beside {
        RelatedRows::of_list(context, loaders).on(self.ground.basis)
    }

    fn page<'a>(
        &'a self,
        loaders: &'a Loaders,
        page: PageRequest<RelatedKey>,
        beside: Beside,
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
            let (left_out, spare) = self
                .left_out(loaders, shown.unwrap_or_default(), beside)
                .await?;
            let page = PageRequest {
                size,
                end,
                after: after.map(|key| key.position),
                before: before.map(|key| key.position),
            };
            self.page_without(loaders, page, &left_out, spare, beside)
                .await
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
            let Some(membership) = self.ground.membership() else {
                return Ok(u64::try_from(self.ground.parents.len()).unwrap_or_default());
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
            let (left_out, _) = self
                .left_out(loaders, distinct.shown, Beside::default())
                .await?;
            let articles = loaders
                .load_all::<ArticleId>(left_out.into_iter().collect())
                .await?;
            let own = self.ground.parents();
            let repeated = try_join_all(articles.iter().map(|article| async {
                // Whether any of them was read beside another list is chance.
                let parents = parents_of(loaders, article, self.ground.basis, Found::Anew).await?;
                Ok::<_, QueryError>(u64::from(parents.iter().any(|parent| own.contains(parent))))
            }))
            .await?;
            Ok(members.saturating_sub(repeated.iter().sum()))
        }
        .boxed()
    }

    fn key(&self, row: &Shown) -> RelatedKey {
        let position = if self.ground.basis == Basis::Curated {
            let mut chosen = self.ground.parents.iter();
            let place = chosen.position(|(id, _)| *id == row.id.number());
            Position {
                value: place
                    .and_then(|place| i64::try_from(place).ok())
                    .unwrap_or_default(),
                id: row.id.number(),
            }
        } else {
            ArticleOrder::NewestFirst.position(row)
        };
        RelatedKey {
            position,
            shown: self.distinct.as_ref().map(|distinct| distinct.shown),
        }
    }

    fn cursor(&self, row: &Shown) -> String {
        let RelatedKey { position, shown } = self.key(row);
        match shown {
            Some(shown) => cursor::of_distinct(position, shown),
            None => cursor::of_position(self.cursor_order(), position),
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
            let position = cursor::position(self.cursor_order(), cursor)?;
            Some(RelatedKey {
                position,
                shown: None,
            })
        }
    }

    fn node(&self, row: &Shown) -> ArticlePart {
        ArticlePart(Article(row.clone()))
    }

    fn edge(&self, row: &Shown) -> EdgePart {
        // Told once for all edges.
        self.among();
        EdgePart::new(self.clone(), row.clone())
    }
}
