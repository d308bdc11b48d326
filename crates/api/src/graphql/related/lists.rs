//! The related lists that an article's page shows.

use async_graphql::{Context, Lookahead, Object};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, try_join, try_join_all},
};
use masthead_domain::{
    paging::{DEFAULT_PAGE, LARGEST_PAGE},
    related::RelatedBasis as Basis,
};

use super::{
    Distinct, RelatedArticles, RelatedBasis,
    ground::{Ground, ground},
};
use crate::graphql::{
    beside::RelatedRows,
    connection::{Connection, PageArguments, loaders},
    cursor,
    error::Result,
    loaders::Shown,
};

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
        let shown = shown_below(&context.look_ahead());
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
pub(crate) fn shown_below(lists: &Lookahead<'_>) -> u16 {
    let mut largest = 0;
    for field in lists.field("articles").selection_fields() {
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
