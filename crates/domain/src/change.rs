//! Changes, as the log keeps them: what changed, and who may know.
//!
//! Every saved change appends to the log. It is kept as [`Stream`]s, one for each kind of reader, and each is
//! numbered by itself, from 1 and without a hole: so what one kind of reader may not see leaves no trace in
//! the numbers of another.

use chrono::{DateTime, Utc};

use crate::{
    article::Article,
    audience::{Audience, TextAccess},
    node_id::NodeId,
};

/// The changes that one kind of reader may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// What everyone may know.
    Public,
    /// What partners may know who also read what is scheduled.
    Embargo,
    /// What the newsroom may know: everything.
    Newsroom,
}

impl Stream {
    /// Every stream.
    pub const ALL: [Self; 3] = [Self::Public, Self::Embargo, Self::Newsroom];

    /// The number under which it is stored.
    pub const fn number(self) -> i64 {
        match self {
            Self::Public => 1,
            Self::Embargo => 2,
            Self::Newsroom => 3,
        }
    }

    /// An audience that follows it.
    const fn audience(self) -> Audience {
        match self {
            Self::Public => Audience::EVERYONE,
            Self::Embargo => Audience::Partner {
                embargo: true,
                text: TextAccess::Standfirst,
                sections: None,
            },
            Self::Newsroom => Audience::Newsroom,
        }
    }

    /// Whether those who follow this stream may see that article at that instant.
    pub fn shows(self, article: &Article, now: DateTime<Utc>) -> bool {
        self.audience().may_see(article, now)
    }

    /// What a save of an article is to those who follow this stream: none where they knew nothing of it
    /// before and may know nothing after.
    pub fn change_of_article(
        self,
        before: Option<&Article>,
        after: Option<&Article>,
        now: DateTime<Utc>,
    ) -> Option<ChangeKind> {
        let seen =
            |article: Option<&Article>| article.is_some_and(|article| self.shows(article, now));
        if seen(after) {
            Some(ChangeKind::Upserted)
        } else if seen(before) {
            Some(ChangeKind::Removed)
        } else {
            None
        }
    }
}

/// What a change is to those who follow a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new, or not as it was.
    Upserted,
    /// It is there no more: take it down.
    Removed,
}

impl ChangeKind {
    /// The name under which it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upserted => "UPSERTED",
            Self::Removed => "REMOVED",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Upserted, Self::Removed]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// One change of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the stream, from 1 on.
    pub number: i64,
    /// When it came about: for what the clock publishes, that instant.
    pub at: DateTime<Utc>,
    /// What it is.
    pub kind: ChangeKind,
    /// What changed.
    pub node: NodeId,
    /// Why it was taken down.
    pub reason: Option<String>,
    /// Of an article: whether those who follow the stream may see it from this change on, and could not before. It is
    /// new to them, or there again.
    pub appeared: bool,
}
