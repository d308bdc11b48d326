//! Slugs: the name by which an article, section, contributor or topic stands in its URL.
//!
//! A slug needs no escaping in a URL's path (RFC 3986, section 2.3): lowercase ASCII letters, digits
//! and single hyphens between them. [`Slug::from_title`] makes a readable one from a title in any
//! script: Devanagari by a table of our own (see the module `devanagari`), other scripts by the crate
//! `any_ascii` 0.3.3 (ISC licence, June 2025). It was preferred to deunicode 1.6.2 (BSD-3-Clause),
//! since it follows each script's customary romanisation more closely: of ঢাকা it makes `dhaka`, not
//! `ddhaakaa`, of Αθήνα `athina`, not `athena`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod devanagari;
#[cfg(test)]
mod tests;
mod title;

/// The name of something in its URL: lowercase ASCII letters, digits, single hyphens inside, 1 to
/// [`Slug::MAXIMUM_LENGTH`] bytes. Serialised as a string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Why a text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// There is nothing in it.
    #[error("a slug is empty; give at least one letter or digit")]
    Empty,
    /// It is longer than [`Slug::MAXIMUM_LENGTH`].
    #[error(
        "a slug has at most {} bytes, this one has {length}; shorten it",
        Slug::MAXIMUM_LENGTH
    )]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A character that is neither a lowercase ASCII letter, a digit nor a hyphen.
    #[error(
        "a slug holds lowercase letters a to z, digits and hyphens only; replace {character:?}"
    )]
    Character {
        /// The first such character.
        character: char,
    },
    /// A hyphen at the start, at the end or beside another one.
    #[error("a slug's hyphens stand one by one between letters or digits; remove the others")]
    Hyphen,
}

impl Slug {
    /// The most bytes a slug may have.
    pub const MAXIMUM_LENGTH: usize = 200;

    /// Takes a text that is a slug already; nothing is changed or guessed.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        Self::try_from(text.to_owned())
    }

    /// A readable slug for a title in any script; `untitled` where nothing in it can be read.
    ///
    /// At most 120 bytes, cut between words where it can be. A slug of that length stays as it is,
    /// and a title's Unicode normal form makes no difference.
    pub fn from_title(title: &str) -> Self {
        let slug = title::to_slug(title);
        if slug.is_empty() {
            Self("untitled".to_owned())
        } else {
            Self(slug)
        }
    }

    /// This slug with a number behind it (`floods-2`), for when it is taken; shortened where the two
    /// would not fit.
    #[must_use]
    pub fn with_number(&self, number: u32) -> Self {
        let number = number.to_string();
        let mut slug = self.0.clone();
        slug.truncate(Self::MAXIMUM_LENGTH - number.len() - 1);
        slug.truncate(slug.trim_end_matches('-').len());
        slug.push('-');
        slug.push_str(&number);
        Self(slug)
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        if text.is_empty() {
            return Err(SlugError::Empty);
        }
        if text.len() > Self::MAXIMUM_LENGTH {
            return Err(SlugError::TooLong { length: text.len() });
        }
        let foreign = |character: &char| !matches!(character, 'a'..='z' | '0'..='9' | '-');
        if let Some(character) = text.chars().find(foreign) {
            return Err(SlugError::Character { character });
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(SlugError::Hyphen);
        }
        Ok(Self(text))
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        Self::parse(text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl AsRef<str> for Slug {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}
