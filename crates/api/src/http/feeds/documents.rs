//! The documents that feeds ask.

use super::{
    super::asking::OwnDocument,
    address::{Group, Subject},
};
use crate::limits::LimitError;

/// What a feed says of an article, and what of the publication.
const ENTRY: &str = "
fragment Entry on Article {
  id url headline standfirst language publishedAt modifiedAt
  bylines { name }
  section { name }
  topics { name }
  leadImage { url alt caption credit width height }
  body { html }
}";

const OUTLINE: &str = "
fragment Entry on Article { publishedAt }";

/// The newest of a list.
const LIST: &str = "{ pageInfo { hasNextPage } nodes { ...Entry } }";

const PUBLICATION: &str = "publication { title url language publisher }";

/// A list's part between two times, from the oldest on.
const PART: &str = "
query partOfFeed($filter: ArticleFilter!, $first: Int, $after: String) {
  articles(filter: $filter, order: OLDEST_FIRST, first: $first, after: $after) { nodes { ...Entry } }
}";

/// The cursor of the last of some articles.
const CURSOR: &str = "
query placeInFeed($filter: ArticleFilter!, $first: Int, $after: String) {
  articles(filter: $filter, order: OLDEST_FIRST, first: $first, after: $after) { pageInfo { endCursor } }
}";

/// How many articles there are.
const TOTAL: &str = "
query lengthOfFeed($filter: ArticleFilter!) { articles(filter: $filter) { totalCount } }";

/// When the first article in an order was published.
const FIRST: &str = "
query neighbourInFeed($filter: ArticleFilter!, $order: ArticleOrder!) {
  articles(filter: $filter, order: $order, first: 1) { nodes { publishedAt } }
}";

/// What has been taken down.
const WITHDRAWALS: &str =
    "query withdrawalsOfFeed($first: Int) { withdrawals(first: $first) { id at } }";

/// The documents, read.
#[derive(Clone)]
pub(super) struct Documents {
    newest: OfEach,
    outline: OfEach,
    pub(super) part: OwnDocument,
    pub(super) cursor: OwnDocument,
    pub(super) total: OwnDocument,
    pub(super) first: OwnDocument,
    pub(super) withdrawals: OwnDocument,
}

/// A document for each kind of feed.
#[derive(Clone)]
struct OfEach {
    latest: OwnDocument,
    sections: OwnDocument,
    contributors: OwnDocument,
    topics: OwnDocument,
}

impl OfEach {
    fn read(entry: &str) -> Result<Self, LimitError> {
        let members = |group: Group| {
            let field = group.field();
            let about = match group {
                Group::Contributors => "id slug name biography",
                Group::Sections | Group::Topics => "id slug name",
            };
            OwnDocument::new(&format!(
                "query feedOf($slug: String!, $first: Int) {{
  {PUBLICATION}
  subject: {field}(slug: $slug) {{ {about} list: articles(first: $first) {LIST} }}
}}{entry}"
            ))
        };
        Ok(Self {
            latest: OwnDocument::new(&format!(
                "query feed($first: Int) {{ {PUBLICATION} list: latest(first: $first) {LIST} }}{entry}"
            ))?,
            sections: members(Group::Sections)?,
            contributors: members(Group::Contributors)?,
            topics: members(Group::Topics)?,
        })
    }

    const fn of(&self, subject: &Subject) -> &OwnDocument {
        match subject {
            Subject::Latest => &self.latest,
            Subject::Members(Group::Sections, _) => &self.sections,
            Subject::Members(Group::Contributors, _) => &self.contributors,
            Subject::Members(Group::Topics, _) => &self.topics,
        }
    }
}

impl Documents {
    pub(super) fn read() -> Result<Self, LimitError> {
        Ok(Self {
            newest: OfEach::read(ENTRY)?,
            outline: OfEach::read(OUTLINE)?,
            part: OwnDocument::new(&format!("{PART}{ENTRY}"))?,
            cursor: OwnDocument::new(CURSOR)?,
            total: OwnDocument::new(TOTAL)?,
            first: OwnDocument::new(FIRST)?,
            withdrawals: OwnDocument::new(WITHDRAWALS)?,
        })
    }

    /// The newest articles of a feed.
    pub(super) const fn newest(&self, subject: &Subject) -> &OwnDocument {
        self.newest.of(subject)
    }

    /// When they were published.
    pub(super) const fn outline(&self, subject: &Subject) -> &OwnDocument {
        self.outline.of(subject)
    }
}
