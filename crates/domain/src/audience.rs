//! Who may see what: the one place that decides it.
//!
//! Invariant: nothing is read from the archive without an [`Audience`], and no answer holds an
//! article that was not [`Admitted`]. The condition in SQL is the first lock, this type the second.

use std::{ops::Deref, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    article::{Article, ArticleStatus},
    change::Stream,
    identifier::ArticleId,
    partner::AllowedSections,
};

/// What the publication lets everyone have without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicAccess {
    /// The full text of articles; else their standfirst alone.
    pub full_text: bool,
    /// The change log.
    pub changes: bool,
}

impl Default for PublicAccess {
    /// Everything.
    fn default() -> Self {
        Self {
            full_text: true,
            changes: true,
        }
    }
}

/// How much of an article's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextAccess {
    /// All of it.
    Full,
    /// Nothing but the standfirst.
    Standfirst,
}

impl TextAccess {
    /// All of the text where it is granted.
    pub const fn granted(full: bool) -> Self {
        if full { Self::Full } else { Self::Standfirst }
    }
}

/// Who is reading.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everyone: what is published and not withdrawn, with as much of its text as everyone may read.
    Public(TextAccess),
    /// A partner who sees something else than everyone: what is public and what their token adds, within the
    /// sections that they are told of.
    Partner {
        /// Whether they may see scheduled articles with their time.
        embargo: bool,
        /// How much of the text they may read.
        text: TextAccess,
        /// The sections whose articles they are told of; all where it is none.
        sections: Option<Arc<AllowedSections>>,
    },
    /// The magazine's own staff and its imports: everything.
    Newsroom,
    /// Whoever has the link to a preview: what is public, and one article as it would be published.
    Preview(ArticleId, TextAccess),
}

impl Audience {
    /// Everyone, as far as no text is read.
    pub const EVERYONE: Self = Self::Public(TextAccess::Standfirst);

    /// Whether this audience may see that article at that instant.
    pub fn may_see(&self, article: &Article, now: DateTime<Utc>) -> bool {
        let published = || article.status(now) == ArticleStatus::Published;
        match self {
            Self::Public(_) => published(),
            Self::Partner {
                embargo, sections, ..
            } => {
                let allowed = sections
                    .as_ref()
                    .is_none_or(|sections| sections.allow(article.section));
                allowed
                    && if *embargo {
                        article.visible_from().is_some()
                    } else {
                        published()
                    }
            }
            Self::Newsroom => true,
            Self::Preview(shown, _) => article.id == *shown || published(),
        }
    }

    /// Whether this audience may read the full text of an article that it may see.
    pub fn may_read_text_of(&self, article: ArticleId) -> bool {
        match self {
            Self::Newsroom => true,
            Self::Preview(shown, _) if *shown == article => true,
            Self::Public(text) | Self::Partner { text, .. } | Self::Preview(_, text) => {
                *text == TextAccess::Full
            }
        }
    }

    /// Whether there is any article whose full text this audience may read.
    pub const fn may_read_texts(&self) -> bool {
        match self {
            Self::Newsroom | Self::Preview(..) => true,
            Self::Public(text) | Self::Partner { text, .. } => matches!(text, TextAccess::Full),
        }
    }

    /// Whether it may see scheduled articles with their time.
    pub const fn sees_scheduled(&self) -> bool {
        matches!(self, Self::Newsroom | Self::Partner { embargo: true, .. })
    }

    /// The sections whose articles it is told of; all where it is none.
    pub const fn sections(&self) -> Option<&Arc<AllowedSections>> {
        match self {
            Self::Partner { sections, .. } => sections.as_ref(),
            Self::Public(_) | Self::Newsroom | Self::Preview(..) => None,
        }
    }

    /// Whether it sees what everyone sees, and nothing else: what is made for it can be given to all of them.
    pub const fn is_everyone(&self) -> bool {
        matches!(self, Self::Public(_))
    }

    /// The article as this audience may see it at that instant, if it may at all.
    ///
    /// The preview of an article that is not published bears the time at which it will be, or the present one.
    pub fn admit(&self, mut article: Article, now: DateTime<Utc>) -> Option<Admitted<Article>> {
        if !self.may_see(&article, now) {
            return None;
        }
        if self.previews(article.id) && article.status(now) != ArticleStatus::Published {
            article.withdrawal = None;
            article.published_at.get_or_insert(now);
        }
        Some(Admitted(article))
    }

    /// The status of an article as this audience is told it.
    pub fn status(&self, article: &Admitted<Article>, now: DateTime<Utc>) -> ArticleStatus {
        if self.previews(article.id) {
            ArticleStatus::Published
        } else {
            article.status(now)
        }
    }

    fn previews(&self, article: ArticleId) -> bool {
        matches!(self, Self::Preview(shown, _) if *shown == article)
    }

    /// The changes that this audience can follow.
    pub const fn stream(&self) -> Stream {
        match self {
            Self::Newsroom => Stream::Newsroom,
            Self::Partner { embargo: true, .. } => Stream::Embargo,
            Self::Public(_) | Self::Partner { embargo: false, .. } | Self::Preview(..) => {
                Stream::Public
            }
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
