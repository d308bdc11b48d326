//! Related articles: what leads from one article to others, and the lists that an article's page shows.

mod ground;

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    sync::{Arc, OnceLock},
};

use async_graphql::{
    Context, ContextSelectionSet, Enum, Object, OutputType, Positioned, ServerResult, SimpleObject,
    Value, parser::types::Field, registry::Registry,
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, try_join, try_join_all},
};
use masthead_domain::{
    identifier::ArticleId,
    node_id::NodeId,
    paging::{DEFAULT_PAGE, LARGEST_PAGE, Page, PageRequest, Position},
    related::RelatedBasis as Basis,
};
use masthead_persistence::{ArticleOrder, Beside, CountKey, ListKey};

use super::{
    article::Article,
    beside::RelatedRows,
    connection::{Connection, List, PageArguments, loaders},
    cursor::{self, Order},
    error::{QueryError, Result},
    lists::nothing,
    loaders::{ChosenFor, Loaders, Shown},
    parts::{ArticlePart, kept_or_made},
};

use ground::{Found, parents_of};
pub(crate) use ground::{Ground, ground};

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
    pub(crate) ground: Ground,
    /// Of a list that repeats nothing: the lists above it, and how many rows of each are shown.
    pub(crate) distinct: Option<Distinct>,
    /// All that an edge shows of its list: in lists of which this is the same, an article has the same edge.
    among: OnceLock<Arc<str>>,
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

impl RelatedArticles {
    /// The articles that an article leads to on a ground.
    pub(crate) fn new(article: ArticleId, ground: Ground, distinct: Option<Distinct>) -> Self {
        Self {
            among: OnceLock::new(),
            article,
            ground,
            distinct,
        }
    }

    fn among(&self) -> &Arc<str> {
        self.among.get_or_init(|| {
            let shown = self.distinct.as_ref().map(|distinct| distinct.shown);
            let Ground { basis, parents } = &self.ground;
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
        let keys = if loaders.keeps_parts() {
            // Hardly two pages have the same names or topics, but many have one of them: kept list by list.
            parents
                .into_iter()
                .map(|parent| key(vec![parent]))
                .collect()
        } else if parents.is_empty() {
            Vec::new()
        } else {
            vec![key(parents)]
        };
        let read = loaders.load_all(keys).await?;
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
        EdgePart {
            list: self.clone(),
            row: row.clone(),
        }
    }
}

/// The edge of a related article, as its field shows it: kept, or made now.
pub(crate) struct EdgePart {
    list: RelatedArticles,
    row: Shown,
}

impl OutputType for EdgePart {
    fn type_name() -> Cow<'static, str> {
        <RelatedArticleEdge as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <RelatedArticleEdge as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let node = NodeId::Article(self.row.id);
        let making = async {
            let edge = RelatedArticleEdge {
                cursor: self.list.cursor(&self.row),
                node: self.list.node(&self.row),
                ground: self.list.ground.clone(),
            };
            edge.resolve(context, field).await
        };
        kept_or_made(context, field.pos, node, Some(self.list.among()), making).await
    }
}

/// A related article and why it is one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct RelatedArticleEdge {
    /// The row's place: opaque, stable, good for `after` and `before` even when the row is gone.
    cursor: String,
    /// The article.
    node: ArticlePart,
    #[graphql(skip)]
    ground: Ground,
}

#[async_graphql::ComplexObject]
impl RelatedArticleEdge {
    /// Why it stands there, fit for a reader: 'Same byline: Agencies'.
    async fn reasons(&self, context: &Context<'_>) -> Result<Vec<String>> {
        let loaders = loaders(context)?;
        let basis = self.ground.basis;
        let of_it = parents_of(loaders, &self.node.0.0, basis, Found::Beside).await?;
        Ok(self
            .ground
            .parents
            .iter()
            .filter(|(id, _)| of_it.contains(id))
            .map(|(_, name)| self.ground.basis.reason(name))
            .collect())
    }
}

/// A list of related articles.
pub(crate) struct RelatedList(RelatedArticles);

impl RelatedList {
    /// The lists of an article's page that show anything.
    pub(crate) fn of<'a>(
        context: &'a Context<'_>,
        article: &'a Shown,
        distinct: bool,
    ) -> BoxFuture<'a, Result<Vec<Self>>> {
        Self::read(context, article, distinct).boxed()
    }

    async fn read(context: &Context<'_>, article: &Shown, distinct: bool) -> Result<Vec<Self>> {
        let loaders = loaders(context)?;
        let shown = shown_below(context);
        let rows = RelatedRows::of_lists(context, loaders);
        let list = |ground| RelatedArticles::new(article.id, ground, None);
        // Where no list waits for another, each is read as soon as it is known whose articles it holds: a section's
        // while its name is.
        let grounds = try_join_all(Basis::ON_A_PAGE.map(|basis| async move {
            let named = ground(loaders, article, basis);
            match article.section {
                _ if distinct => named.await,
                Some(section) if basis == Basis::Section => {
                    let early = list(Ground::of_section(section));
                    let read = early.shows_anything(loaders, shown, rows.on(basis));
                    Ok(try_join(named, read).await?.0)
                }
                _ => {
                    let early = list(named.await?);
                    early.shows_anything(loaders, shown, rows.on(basis)).await?;
                    Ok(early.ground)
                }
            }
        }))
        .await?;
        let lists: Vec<RelatedArticles> = grounds
            .iter()
            .enumerate()
            .map(|(place, ground)| {
                let distinct = distinct.then(|| Distinct {
                    above: grounds.iter().take(place).cloned().collect(),
                    shown,
                });
                RelatedArticles::new(article.id, ground.clone(), distinct)
            })
            .collect();
        let filled = try_join_all(
            lists
                .iter()
                .map(|list| list.shows_anything(loaders, shown, rows.on(list.ground.basis))),
        )
        .await?;
        Ok(lists
            .into_iter()
            .zip(filled)
            .filter(|(_, filled)| *filled)
            .map(|(list, _)| Self(list))
            .collect())
    }
}

/// A list of related articles as an article page shows it.
#[Object]
impl RelatedList {
    /// The ground on which it stands.
    async fn basis(&self) -> RelatedBasis {
        self.0.ground.basis.into()
    }

    /// The heading over it: 'Agencies', 'More on International'.
    async fn title(&self) -> String {
        self.0.ground.heading()
    }

    /// The articles, newest first, never the one whose page it is.
    async fn articles(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<RelatedArticles>> {
        let arguments = PageArguments {
            first,
            after,
            last,
            before,
        };
        Connection::of(self.0.clone(), context, &arguments).await
    }
}

/// How many articles each related list shows, by what the query asks of it: the number that a cursor
/// carries, or the largest page.
fn shown_below(context: &Context<'_>) -> u16 {
    let mut largest = 0;
    for field in context.look_ahead().field("articles").selection_fields() {
        let arguments = field.arguments().unwrap_or_default();
        let mut size = None;
        for (name, value) in &arguments {
            match (name.as_str(), value) {
                ("after" | "before", async_graphql::Value::String(text)) => {
                    if let Some((_, shown)) = cursor::distinct(text) {
                        return shown;
                    }
                }
                ("first" | "last", async_graphql::Value::Number(number)) => {
                    size = number
                        .as_u64()
                        .and_then(|number| u16::try_from(number).ok());
                }
                _ => {}
            }
        }
        largest = largest.max(size.unwrap_or(DEFAULT_PAGE).min(LARGEST_PAGE));
    }
    if largest == 0 { DEFAULT_PAGE } else { largest }
}
