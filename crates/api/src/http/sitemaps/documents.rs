//! The documents that sitemaps ask.

use super::super::asking::OwnDocument;
use crate::limits::LimitError;

const WEBSITE: &str = "query website { publication { url } }";

/// Of which year the oldest article is.
const OLDEST: &str = "
query oldestInSitemap {
  publication { url }
  articles(order: OLDEST_FIRST, first: 1) { nodes { publishedAt } }
}";

const PAGES: &str = "
query pagesOfSitemap($filter: ArticleFilter!, $first: Int, $after: String) {
  articles(filter: $filter, order: OLDEST_FIRST, first: $first, after: $after) {
    pageInfo { endCursor hasNextPage }
    nodes { url publishedAt modifiedAt }
  }
}";

const NEWS: &str = "
query newsOfSitemap($filter: ArticleFilter!, $first: Int, $after: String) {
  publication { title }
  articles(filter: $filter, first: $first, after: $after) {
    pageInfo { endCursor hasNextPage }
    nodes { url headline language publishedAt modifiedAt }
  }
}";

/// How many articles each month of a year has, and of which year the next is: `later` is what comes after it.
fn year() -> String {
    let variables: Vec<String> = (1..=12)
        .map(|month| format!("$m{month}: ArticleFilter!, "))
        .collect();
    let months: Vec<String> = (1..=12)
        .map(|month| format!("  m{month}: articles(filter: $m{month}) {{ totalCount }}\n"))
        .collect();
    let (variables, months) = (variables.concat(), months.concat());
    format!(
        "query yearOfSitemap({variables}$later: ArticleFilter!) {{
{months}  later: articles(filter: $later, order: OLDEST_FIRST, first: 1) {{ nodes {{ publishedAt }} }}
}}"
    )
}

/// The documents, read.
#[derive(Clone)]
pub(super) struct Documents {
    pub(super) website: OwnDocument,
    pub(super) oldest: OwnDocument,
    pub(super) year: OwnDocument,
    pub(super) pages: OwnDocument,
    pub(super) news: OwnDocument,
}

impl Documents {
    pub(super) fn read() -> Result<Self, LimitError> {
        Ok(Self {
            website: OwnDocument::new(WEBSITE)?,
            oldest: OwnDocument::new(OLDEST)?,
            year: OwnDocument::new(&year())?,
            pages: OwnDocument::new(PAGES)?,
            news: OwnDocument::new(NEWS)?,
        })
    }
}
