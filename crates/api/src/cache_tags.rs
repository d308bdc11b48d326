//! Tags by which a CDN finds the answers that a change touches (`Surrogate-Key`, `Cache-Tag`).
//!
//! An answer bears the tags of what it depends on, and a change purges the tags of what it touches; the two
//! are written down side by side here. A CDN knows no positions in lists: any change of an article touches all
//! answers that show a part of a list that the article is in. One that was in it before is a row of it.

use std::collections::BTreeSet;

use http::HeaderValue;
use masthead_domain::node_id::NodeId;
use masthead_persistence::{ArticleFilter, Standing};

use crate::cache::{Dependencies, Kind, ListOf};

/// The tag of every answer.
pub(crate) const EVERYTHING: &str = "everything";
/// The tag of what any change at all touches.
const CHANGES: &str = "changes";
/// The tag of a part of the archive's own lists.
const ARCHIVE: &str = "list-all";

fn row(node: NodeId) -> String {
    format!("row-{}", node.encode())
}

fn list(parent: NodeId) -> String {
    format!("list-{}", parent.encode())
}

fn missed(slug: &str) -> String {
    format!("slug-{}", encoded(slug))
}

fn named(kind: &str, slug: &str) -> String {
    format!("list-{kind}-{}", encoded(slug))
}

/// Of a slug what may stand in a tag: clients choose some of them.
fn encoded(slug: &str) -> String {
    url::form_urlencoded::byte_serialize(slug.as_bytes()).collect()
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Publication => "kind-publication",
        Kind::Article => "kind-article",
        Kind::Section => "kind-section",
        Kind::Contributor => "kind-contributor",
        Kind::Topic => "kind-topic",
        Kind::MagazineVolume => "kind-volume",
        Kind::MagazineIssue => "kind-issue",
        Kind::Partner => "kind-partner",
    }
}

/// The tag of a filtered list: of the one condition that fewest articles meet.
fn filtered(filter: &ArticleFilter) -> String {
    if let Some(slug) = &filter.contributor {
        named("contributor", slug)
    } else if let Some(slug) = &filter.topic {
        named("topic", slug)
    } else if let Some(issue) = filter.magazine_issue {
        list(NodeId::MagazineIssue(issue))
    } else if let Some(slug) = &filter.section {
        named("section", slug)
    } else {
        ARCHIVE.to_owned()
    }
}

/// The tags of what an answer depends on, within so many bytes: where its rows are too many, it bears the tag
/// of all articles in place of theirs.
pub(crate) fn of(dependencies: &Dependencies, bytes: usize) -> Vec<String> {
    let mut tags = BTreeSet::from([EVERYTHING.to_owned()]);
    if dependencies.are_everything() {
        tags.insert(CHANGES.to_owned());
    }
    tags.extend(dependencies.kinds().map(|one| kind(one).to_owned()));
    tags.extend(dependencies.lists().iter().map(|part| match &part.list {
        ListOf::Section(id) => list(NodeId::Section(*id)),
        ListOf::Contributor(id) => list(NodeId::Contributor(*id)),
        ListOf::Topic(id) => list(NodeId::Topic(*id)),
        ListOf::MagazineIssue(id) => list(NodeId::MagazineIssue(*id)),
        ListOf::ChosenFor(id) => list(NodeId::Article(*id)),
        ListOf::Archive(filter) => filtered(filter),
    }));
    tags.extend(dependencies.missed_slugs().iter().map(|slug| missed(slug)));
    tags.extend(dependencies.nodes().iter().map(|node| row(*node)));
    if length(&tags) > bytes {
        // By kinds alone: any change of one of them purges it.
        let kinds = dependencies
            .nodes()
            .iter()
            .map(|node| kind(Kind::of(*node)).to_owned());
        tags = kinds
            .chain(dependencies.kinds().map(|one| kind(one).to_owned()))
            .chain([kind(Kind::Article).to_owned(), EVERYTHING.to_owned()])
            .collect();
    }
    tags.into_iter().collect()
}

/// The tags of what a change of something touches, which stands there now. They say no more than what they are
/// made of.
pub(crate) fn touched_by(node: NodeId, standing: Option<&Standing>) -> Vec<String> {
    let mut tags = BTreeSet::from([
        CHANGES.to_owned(),
        row(node),
        kind(Kind::of(node)).to_owned(),
    ]);
    if let Some(standing) = standing {
        tags.insert(ARCHIVE.to_owned());
        tags.extend(standing.section().map(|id| list(NodeId::Section(id))));
        tags.extend(standing.section_slug().map(|slug| named("section", slug)));
        for (id, slug) in standing.contributors() {
            tags.insert(list(NodeId::Contributor(id)));
            tags.insert(named("contributor", slug));
        }
        for (id, slug) in standing.topics() {
            tags.insert(list(NodeId::Topic(id)));
            tags.insert(named("topic", slug));
        }
        tags.extend(
            standing
                .magazine_issue()
                .map(|id| list(NodeId::MagazineIssue(id))),
        );
        let chosen_by = standing.chosen_by.iter();
        tags.extend(chosen_by.map(|id| list(NodeId::Article(*id))));
        tags.extend(standing.slugs.iter().map(|slug| missed(slug)));
    }
    tags.into_iter().collect()
}

fn length(tags: &BTreeSet<String>) -> usize {
    tags.iter().map(|tag| tag.len() + 1).sum()
}

/// Tags as a header's value: `Cache-Tag` separates them by commas, `Surrogate-Key` and others by spaces.
pub(crate) fn header_value(name: &str, tags: &[String]) -> Option<HeaderValue> {
    let separator = if name.eq_ignore_ascii_case("cache-tag") {
        ","
    } else {
        " "
    };
    HeaderValue::from_str(&tags.join(separator)).ok()
}

#[cfg(test)]
mod tests {
    use masthead_domain::identifier::ArticleId;

    use super::*;

    #[test]
    fn tags_are_bounded_by_telling_less_apart() {
        let mut dependencies = Dependencies::default();
        for number in 0..500 {
            dependencies.node(NodeId::Article(ArticleId::from_number(number)));
        }
        dependencies.missed_slug("a b,c");
        dependencies.settle();
        let all = of(&dependencies, 100_000);
        assert_eq!(all.len(), 502);
        assert!(all.contains(&"slug-a+b%2Cc".to_owned()), "{all:?}");
        assert_eq!(of(&dependencies, 4_000), ["everything", "kind-article"]);
    }

    #[test]
    fn a_header_separates_tags_as_its_readers_expect() {
        let tags = ["a".to_owned(), "b".to_owned()];
        assert_eq!(
            header_value("Cache-Tag", &tags),
            HeaderValue::from_str("a,b").ok()
        );
        assert_eq!(
            header_value("surrogate-key", &tags),
            HeaderValue::from_str("a b").ok()
        );
    }
}
