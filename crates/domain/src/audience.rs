//! Who may see what: the one place that decides it.
//!
//! Invariant: nothing is read from the archive without an [`Audience`], and no answer holds an
//! article that was not [`Admitted`]. The condition in SQL is the first lock, this type the second.

use std::ops::Deref;

use chrono::{DateTime, Utc};

use crate::{
    article::{Article, ArticleStatus},
    change::Stream,
    identifier::ArticleId,
};

/// Who is reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everyone: what is published and not withdrawn.
    Public,
    /// A partner: what is public and what their token's scopes add.
    Partner {
        /// Whether they may see scheduled articles with their time.
        embargo: bool,
    },
    /// The magazine's own staff and its imports: everything.
    Newsroom,
    /// Whoever has the link to a preview: what is public, and one article as it would be published.
    Preview(ArticleId),
}

impl Audience {
    /// Whether this audience may see that article at that instant.
    pub fn may_see(self, article: &Article, now: DateTime<Utc>) -> bool {
        let published = || article.status(now) == ArticleStatus::Published;
        match self {
            Self::Public | Self::Partner { embargo: false } => published(),
            Self::Partner { embargo: true } => article.visible_from().is_some(),
            Self::Newsroom => true,
            Self::Preview(shown) => article.id == shown || published(),
        }
    }

    /// The article as this audience may see it at that instant, if it may at all.
    ///
    /// The preview of an article that is not published bears the time at which it will be, or the present one.
    pub fn admit(self, mut article: Article, now: DateTime<Utc>) -> Option<Admitted<Article>> {
        if !self.may_see(&article, now) {
            return None;
        }
        if self == Self::Preview(article.id) && article.status(now) != ArticleStatus::Published {
            article.withdrawal = None;
            article.published_at.get_or_insert(now);
        }
        Some(Admitted(article))
    }

    /// The status of an article as this audience is told it.
    pub fn status(self, article: &Admitted<Article>, now: DateTime<Utc>) -> ArticleStatus {
        match self {
            Self::Preview(shown) if shown == article.id => ArticleStatus::Published,
            _ => article.status(now),
        }
    }

    /// The changes that this audience can follow.
    pub const fn stream(self) -> Stream {
        match self {
            Self::Public | Self::Partner { embargo: false } | Self::Preview(_) => Stream::Public,
            Self::Partner { embargo: true } => Stream::Embargo,
            Self::Newsroom => Stream::Newsroom,
        }
    }
}

/// Something that its audience may see. Only [`Audience::admit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted<Seen>(Seen);

impl<Seen> Deref for Admitted<Seen> {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.0
    }
}

impl<Seen> Admitted<Seen> {
    /// The thing itself, no longer vouched for.
    pub fn into_inner(self) -> Seen {
        self.0
    }
}
