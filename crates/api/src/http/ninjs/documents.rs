//! The documents that the routes ask.

use super::super::asking::OwnDocument;
use crate::limits::LimitError;

/// What an item says of an article, and what of the publication.
const FRAGMENTS: &str = "
fragment ItemOfArticle on Article {
  id slug url headline kicker standfirst dateline language status publishedAt modifiedAt revision
  bylines { id slug name kind }
  section { id slug name }
  topics { id slug name }
  corrections { text }
  leadImage { ...ImageOfItem }
  body { isExcerpt html text wordCount blocks { ... on Picture { image { ...ImageOfItem } } } }
  relatedArticles(basis: CURATED, first: 50) { nodes { id headline } }
  magazineIssue { id citation }
}
fragment ImageOfItem on Image { url alt caption credit width height }
fragment OwnerOfItem on Publication { title publisher }
";

const LATEST: &str = "
query latestItems($first: Int, $after: String, $section: String, $contributor: String, $topic: String, $language: String) {
  publication { ...OwnerOfItem }
  latest(first: $first, after: $after, section: $section, contributor: $contributor, topic: $topic, language: $language) {
    pageInfo { endCursor hasNextPage }
    nodes { ...ItemOfArticle }
  }
}";

const ITEM: &str = "
query item($id: ID!) {
  publication { ...OwnerOfItem }
  article: node(id: $id) { ...ItemOfArticle }
  withdrawal(id: $id) { at reason revision }
}";

const ITEM_BY_SLUG: &str = "
query itemBySlug($slug: String!) {
  publication { ...OwnerOfItem }
  article(slug: $slug) { ...ItemOfArticle }
}";

const CHANGES: &str = "
query changedItems($first: Int, $after: String) {
  publication { ...OwnerOfItem }
  changes(first: $first, after: $after) {
    pageInfo { endCursor hasNextPage }
    nodes {
      at kind nodeId reason
      withdrawal { at reason revision }
      node {
        __typename
        ...ItemOfArticle
        ... on Section { name }
        ... on Topic { name }
        ... on Contributor { name kind }
        ... on MagazineIssue { citation }
      }
    }
  }
}";

/// The documents, read.
#[derive(Clone)]
pub(super) struct Documents {
    pub(super) latest: OwnDocument,
    pub(super) item: OwnDocument,
    pub(super) item_by_slug: OwnDocument,
    pub(super) changes: OwnDocument,
}

impl Documents {
    pub(super) fn read() -> Result<Self, LimitError> {
        let document = |query: &str| OwnDocument::new(&format!("{query}{FRAGMENTS}"));
        Ok(Self {
            latest: document(LATEST)?,
            item: document(ITEM)?,
            item_by_slug: document(ITEM_BY_SLUG)?,
            changes: document(CHANGES)?,
        })
    }
}
