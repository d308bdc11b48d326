//! What an answer depends on: the rows that it read, the lists that it took part of, what it looked for and
//! did not find.
//!
//! An answer still holds where none of the changes since touches any of these. A list that was read between
//! two positions is touched by an article that stands between them now; one that stood there before is among
//! the rows that were read.

use std::sync::Arc;

use masthead_domain::{
    identifier::{ArticleId, ContributorId, MagazineIssueId, SectionId, TopicId},
    node_id::NodeId,
    paging::Position,
};
use masthead_persistence::{ArticleFilter, ArticleOrder, FollowedChange, Standing};

/// The most dependencies that are told apart. An answer with more depends on all of the kinds that they are of.
const MOST: usize = 2_000;

/// A kind of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Publication,
    Article,
    Section,
    Contributor,
    Topic,
    MagazineVolume,
    MagazineIssue,
    /// Nothing that is kept, nor told of.
    Partner,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Publication,
        Self::Article,
        Self::Section,
        Self::Contributor,
        Self::Topic,
        Self::MagazineVolume,
        Self::MagazineIssue,
    ];

    pub(crate) const fn of(node: NodeId) -> Self {
        match node {
            NodeId::Publication => Self::Publication,
            NodeId::Article(_) => Self::Article,
            NodeId::Section(_) => Self::Section,
            NodeId::Contributor(_) => Self::Contributor,
            NodeId::Topic(_) => Self::Topic,
            NodeId::MagazineVolume(_) => Self::MagazineVolume,
            NodeId::MagazineIssue(_) => Self::MagazineIssue,
            // None of these is kept.
            NodeId::Partner(_)
            | NodeId::PartnerToken(_)
            | NodeId::Webhook(_)
            | NodeId::WebhookDelivery(_) => Self::Partner,
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The articles of which a list is a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListOf {
    Section(SectionId),
    Contributor(ContributorId),
    Topic(TopicId),
    MagazineIssue(MagazineIssueId),
    /// What was chosen to stand beside an article.
    ChosenFor(ArticleId),
    /// What of the archive passes a filter.
    Archive(Arc<ArticleFilter>),
}

impl ListOf {
    fn has(&self, standing: &Standing) -> bool {
        match self {
            Self::Section(id) => standing.section() == Some(*id),
            Self::Contributor(id) => standing.contributors().any(|(one, _)| one == *id),
            Self::Topic(id) => standing.topics().any(|(one, _)| one == *id),
            Self::MagazineIssue(id) => standing.magazine_issue() == Some(*id),
            Self::ChosenFor(id) => standing.chosen_by.contains(id),
            Self::Archive(filter) => standing.passes(filter),
        }
    }
}

/// The part of a list that was read: what stands between two positions, both of them included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartOfList {
    pub(crate) list: ListOf,
    pub(crate) order: ArticleOrder,
    pub(crate) low: Position,
    pub(crate) high: Position,
}

impl PartOfList {
    fn is_touched_by(&self, standing: &Standing) -> bool {
        let position = standing.position(self.order);
        self.low <= position && position <= self.high && self.list.has(standing)
    }
}

/// What an answer depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dependencies {
    nodes: Vec<NodeId>,
    /// The kinds of which any change touches it, as bits.
    kinds: u8,
    lists: Vec<PartOfList>,
    /// Slugs that no article had.
    missed_slugs: Vec<String>,
    /// Any change at all touches it: it ends with its edition.
    everything: bool,
    /// Of an answer that tells of the change log: through which number of the public stream.
    told_through: Option<i64>,
}

impl Dependencies {
    /// It depends on this, whether it is there or not.
    pub(crate) fn node(&mut self, node: NodeId) {
        if self.has_room() {
            self.nodes.push(node);
        }
    }

    /// It depends on everything of a kind.
    pub(crate) fn kind(&mut self, kind: Kind) {
        self.kinds |= kind.bit();
    }

    /// It depends on what stands in a part of a list.
    pub(crate) fn list(&mut self, part: PartOfList) {
        if self.has_room() && self.lists.last() != Some(&part) {
            self.lists.push(part);
        }
    }

    /// It depends on there being no article with this slug.
    pub(crate) fn missed_slug(&mut self, slug: &str) {
        if self.has_room() {
            self.missed_slugs.push(slug.to_owned());
        }
    }

    /// It depends on all that these are.
    pub(crate) fn add(&mut self, others: &Self) {
        self.everything |= others.everything;
        self.told_through = self.told_through.max(others.told_through);
        self.kinds |= others.kinds;
        if self.has_room() {
            self.nodes.extend_from_slice(&others.nodes);
            for part in &others.lists {
                if !self.lists.contains(part) {
                    self.lists.push(part.clone());
                }
            }
            self.missed_slugs.extend_from_slice(&others.missed_slugs);
        }
    }

    /// It tells of the change log, through this number of the public stream.
    pub(crate) fn tells_through(&mut self, number: i64) {
        self.told_through = self.told_through.max(Some(number));
    }

    /// Through which number of the public stream it tells of the change log, where it does.
    pub(crate) const fn told_through(&self) -> Option<i64> {
        self.told_through
    }

    /// It depends on something that is not told apart.
    pub(crate) fn everything(&mut self) {
        self.everything = true;
    }

    fn has_room(&mut self) -> bool {
        let parts = self.nodes.len() + self.lists.len() + self.missed_slugs.len();
        if parts >= 4 * MOST {
            self.settle();
            if self.nodes.len() > MOST || self.lists.len() > MOST {
                self.tell_kinds_alone_apart();
            }
        }
        !self.everything
    }

    /// Puts kinds in the place of rows, lists and slugs: any change of one of them touches it.
    fn tell_kinds_alone_apart(&mut self) {
        for node in std::mem::take(&mut self.nodes) {
            self.kind(Kind::of(node));
        }
        // Only articles stand in lists, and only they are looked for by slugs that are noted.
        self.lists = Vec::new();
        self.missed_slugs = Vec::new();
        self.kind(Kind::Article);
    }

    /// Orders what was noted as it came, once nothing more is.
    pub(crate) fn settle(&mut self) {
        if self.everything {
            *self = Self {
                everything: true,
                told_through: self.told_through,
                ..Self::default()
            };
        }
        self.nodes.sort_unstable();
        self.nodes.dedup();
        self.nodes.shrink_to_fit();
        self.lists.shrink_to_fit();
    }

    /// Whether a change touches any of it. To be asked once they are settled.
    pub(crate) fn are_touched_by(&self, change: &FollowedChange) -> bool {
        if self.everything
            || self.kinds & Kind::of(change.node).bit() != 0
            || self.nodes.binary_search(&change.node).is_ok()
        {
            return true;
        }
        let Some(standing) = &change.article else {
            return false;
        };
        self.lists.iter().any(|part| part.is_touched_by(standing))
            || self
                .missed_slugs
                .iter()
                .any(|missed| standing.slugs.contains(missed))
    }

    /// About how many bytes they take.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.nodes.capacity() * size_of::<NodeId>()
            + self.lists.capacity() * size_of::<PartOfList>()
            + self
                .missed_slugs
                .iter()
                .map(|slug| slug.len() + size_of::<String>())
                .sum::<usize>()
    }

    /// The rows.
    pub(crate) fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// The kinds of which everything counts.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> {
        Kind::ALL
            .into_iter()
            .filter(|kind| self.kinds & kind.bit() != 0)
    }

    /// The parts of lists.
    pub(crate) fn lists(&self) -> &[PartOfList] {
        &self.lists
    }

    /// The slugs that no article had.
    pub(crate) fn missed_slugs(&self) -> &[String] {
        &self.missed_slugs
    }

    /// Whether they are not told apart.
    pub(crate) fn are_everything(&self) -> bool {
        self.everything
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_to_tell_apart_is_told_by_kind() {
        let article = |number| NodeId::Article(ArticleId::from_number(number));
        let mut page = Dependencies::default();
        for number in 0..1_500 {
            page.node(article(number));
        }
        page.node(NodeId::Section(SectionId::from_number(1)));
        page.missed_slug("none");
        let mut all = Dependencies::default();
        for _ in 0..20 {
            all.add(&page);
        }
        all.settle();
        assert_eq!(all.nodes().len(), 1_501, "the same ones count once");
        for number in 0..20_000 {
            all.node(article(number));
        }
        all.settle();
        assert!(!all.are_everything() && all.nodes().len() <= 4 * MOST);
        assert!(all.missed_slugs().is_empty());
        let kinds: Vec<Kind> = all.kinds().collect();
        assert_eq!(kinds, [Kind::Article, Kind::Section]);
    }
}
