//! Who may see what: the one place that decides it.
//!
//! Invariant: nothing is read from the archive without an [`Audience`], and no answer holds an
//! article that was not [`Admitted`]. The condition in SQL is the first lock, this type the second.

use std::ops::Deref;

use chrono::{DateTime, Utc};

use crate::article::{Article, ArticleStatus};

/// Who is reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everyone: what is published and not withdrawn.
    Public,
    /// The magazine's own staff and its imports: everything.
    Newsroom,
}

impl Audience {
    /// Whether this audience may see that article at that instant.
    pub fn may_see(self, article: &Article, now: DateTime<Utc>) -> bool {
        match self {
            Self::Public => article.status(now) == ArticleStatus::Published,
            Self::Newsroom => true,
        }
    }

    /// The article, if this audience may see it at that instant.
    pub fn admit(self, article: Article, now: DateTime<Utc>) -> Option<Admitted<Article>> {
        self.may_see(&article, now).then_some(Admitted(article))
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
