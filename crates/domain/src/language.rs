//! Language tags, as BCP 47 (RFC 5646) writes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language tag such as `en` or `ne-NP`: well-formed, in the case that RFC 5646 section 2.1.1 recommends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// Why a text is no language tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a language tag: write it as BCP 47 does, for example 'en' or 'ne-NP'")]
pub struct LanguageTagError(String);

impl LanguageTag {
    /// Reads a language tag.
    ///
    /// # Errors
    /// When it is not well-formed (RFC 5646 section 2.1).
    pub fn parse(text: &str) -> Result<Self, LanguageTagError> {
        // Most tags are a language alone, of two or three small letters: these need no second look.
        if matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Ok(Self(text.to_owned()));
        }
        oxilangtag::LanguageTag::parse_and_normalize(text.trim())
            .map(|tag| Self(tag.into_inner()))
            .map_err(|_| LanguageTagError(text.to_owned()))
    }

    /// English.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The language that a text is written in, as far as its script tells: Nepali where most letters are
    /// Devanagari, else `otherwise`.
    pub fn of_text(text: &str, otherwise: &Self) -> Self {
        let (mut devanagari, mut letters) = (0_usize, 0_usize);
        for character in text.chars().filter(|character| character.is_alphabetic()) {
            letters += 1;
            devanagari += usize::from(('\u{0900}'..='\u{097F}').contains(&character));
        }
        let written_in_devanagari = devanagari * 2 > letters;
        // Hindi, Maithili and others share the script: a publication in one of them keeps its own tag.
        let own_language_is_devanagari = ["ne", "hi", "mr", "mai", "bho", "sa", "new"]
            .contains(&otherwise.0.split('-').next().unwrap_or_default());
        if written_in_devanagari && !own_language_is_devanagari {
            Self("ne".to_owned())
        } else {
            otherwise.clone()
        }
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = LanguageTagError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl std::str::FromStr for LanguageTag {
    type Err = LanguageTagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn tags_are_checked_and_put_in_their_recommended_case() {
        assert_eq!(LanguageTag::parse("NE-np").unwrap().as_str(), "ne-NP");
        assert!(LanguageTag::parse("not a tag").is_err());
        assert!(LanguageTag::parse("").is_err());
    }

    #[test]
    fn the_script_tells_nepali_from_the_publications_own_language() {
        let english = LanguageTag::english();
        assert_eq!(LanguageTag::of_text("पानी पर्‍यो।", &english).as_str(), "ne");
        assert_eq!(LanguageTag::of_text("It rained (पानी).", &english), english);
        assert_eq!(LanguageTag::of_text("2081", &english), english);
        let hindi = LanguageTag::parse("hi").unwrap();
        assert_eq!(LanguageTag::of_text("पानी", &hindi), hindi);
    }
}
