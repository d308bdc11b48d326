//! The magazine itself: one publication a database.

use chrono_tz::Tz;
use url::Url;

use crate::{language::LanguageTag, slug::Slug};

/// The publication whose archive this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its title.
    pub title: String,
    /// The address of its website.
    pub url: Url,
    /// Where its articles stand on that website.
    pub article_path: ArticlePath,
    /// The time zone in which its days begin and its pages' dates are read.
    pub time_zone: Tz,
    /// The language it is written in, where an article says no other.
    pub language: LanguageTag,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// Who edits it.
    pub editor: Option<String>,
    /// The number under which it is registered with the authorities.
    pub registration_number: Option<String>,
}

impl Default for Publication {
    fn default() -> Self {
        Self {
            title: "Untitled magazine".to_owned(),
            url: fallback_address(),
            article_path: ArticlePath::default(),
            time_zone: Tz::Asia__Kathmandu,
            language: LanguageTag::english(),
            publisher: None,
            editor: None,
            registration_number: None,
        }
    }
}

/// The address of a publication that has not been told its own.
#[expect(clippy::expect_used, reason = "a constant, parsed by a test")]
fn fallback_address() -> Url {
    Url::parse("http://localhost:8080/").expect("a valid address")
}

impl Publication {
    /// The address of an article on the publication's website.
    pub fn article_url(&self, slug: &Slug) -> String {
        let base = self.url.as_str().trim_end_matches('/');
        format!(
            "{base}{}",
            self.article_path.0.replace("{slug}", slug.as_ref())
        )
    }
}

/// The path at which a website shows an article, with `{slug}` where the slug goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticlePath(String);

/// Why a path cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no path for articles: begin it with '/' and put {{slug}} where the slug goes, for example '/articles/{{slug}}'"
)]
pub struct ArticlePathError(String);

impl ArticlePath {
    /// Reads a path.
    ///
    /// # Errors
    /// When it does not begin with a slash, does not hold `{slug}` exactly once, or holds what no path may (RFC 3986 section 3.3).
    pub fn parse(text: &str) -> Result<Self, ArticlePathError> {
        let allowed = |character: char| {
            character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%?{}".contains(character)
        };
        let plain = text.replacen("{slug}", "", 1);
        if text.starts_with('/')
            && plain.len() + "{slug}".len() == text.len()
            && !plain.contains(['{', '}'])
            && text.chars().all(allowed)
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(ArticlePathError(text.to_owned()))
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ArticlePath {
    fn default() -> Self {
        Self("/articles/{slug}".to_owned())
    }
}

impl std::str::FromStr for ArticlePath {
    type Err = ArticlePathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn an_article_has_an_address_on_the_website() {
        let slug = Slug::parse("a-river").unwrap();
        let publication = Publication::default();
        assert_eq!(
            publication.article_url(&slug),
            "http://localhost:8080/articles/a-river"
        );
        let publication = Publication {
            url: Url::parse("https://magazine.example/en/").unwrap(),
            article_path: ArticlePath::parse("/news/{slug}/").unwrap(),
            ..publication
        };
        assert_eq!(
            publication.article_url(&slug),
            "https://magazine.example/en/news/a-river/"
        );
    }

    #[test]
    fn a_path_that_could_not_name_an_article_is_refused() {
        for path in [
            "",
            "articles/{slug}",
            "/articles",
            "/{slug}/{slug}",
            "/{id}",
            "/a b/{slug}",
        ] {
            assert!(ArticlePath::parse(path).is_err(), "{path}");
        }
    }
}
