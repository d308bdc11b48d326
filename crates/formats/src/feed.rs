//! A list of articles as readers subscribe to it, in three formats of one model.
//!
//! What is written follows from the [`Feed`] alone, so its bytes are the same for as long as nothing in it has changed:
//! no format is given the time at which it is written.

mod atom;
mod json_feed;
mod rss;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use masthead_domain::{image::Image, node_id::NodeId};

/// A format that a feed is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// RSS 2.0 (RSS Advisory Board), with the modules Content, Dublin Core and Media RSS and with Atom's links.
    Rss,
    /// Atom (RFC 4287), with tombstones (RFC 6721).
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// What the name of a file of it ends in.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

/// A feed, or one archived page of it (RFC 5005, section 4).
#[derive(Clone, Debug)]
pub struct Feed<'a> {
    /// Its identity, the same on every page and in every format: an absolute URI.
    pub id: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// A line about it.
    pub description: &'a str,
    /// The language that its articles are in where they name no other, as a BCP 47 tag.
    pub language: &'a str,
    /// The address of the website.
    pub website: &'a str,
    /// Who publishes it.
    pub publisher: &'a str,
    /// The address of the licence that its articles are under.
    pub license: Option<&'a str>,
    /// Where its pages are.
    pub pages: Pages<'a>,
    /// The address of the hub that tells of changes (WebSub).
    pub hub: Option<&'a str>,
    /// Its articles, newest first.
    pub entries: Vec<Entry<'a>>,
    /// Articles that have been taken down, the latest first.
    pub removed: Vec<Removed>,
}

/// The addresses of a feed's pages, all in one format.
#[derive(Clone, Debug)]
pub struct Pages<'a> {
    /// Of this page.
    pub this: &'a str,
    /// Of the page with the newest articles; what one subscribes to.
    pub current: &'a str,
    /// Of the page with the next older articles.
    pub older: Option<&'a str>,
    /// Of the archived page with the next newer articles.
    pub newer: Option<&'a str>,
}

impl Pages<'_> {
    /// Whether this is an archived page.
    fn is_archive(&self) -> bool {
        self.this != self.current
    }
}

/// An article in a feed.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Which: written as its URI.
    pub id: NodeId,
    /// Its address on the website.
    pub url: &'a str,
    /// The headline.
    pub title: &'a str,
    /// The lines under the headline.
    pub summary: Option<&'a str>,
    /// Its text, as HTML.
    pub html: &'a str,
    /// The credited names in their printed order.
    pub authors: Vec<&'a str>,
    /// The names of its section and topics.
    pub categories: Vec<&'a str>,
    /// The language that it is in, as a BCP 47 tag.
    pub language: &'a str,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// When it was last changed.
    pub modified: DateTime<Utc>,
    /// The picture that stands for it.
    pub image: Option<&'a Image>,
}

impl Entry<'_> {
    /// When it last became other than it was for readers: what is written ahead is new to them when it is published.
    fn updated(&self) -> DateTime<Utc> {
        self.modified.max(self.published)
    }

    /// Its text; the lines under the headline, where there is no text or none for whoever asks.
    fn content(&self) -> Cow<'_, str> {
        match self.summary {
            Some(summary) if self.html.is_empty() => {
                Cow::Owned(format!("<p>{}</p>", escaped(summary)))
            }
            _ => Cow::Borrowed(self.html),
        }
    }
}

/// That an article has been taken down: nothing of what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Which: written as its URI.
    pub id: NodeId,
    /// When.
    pub at: DateTime<Utc>,
}

impl Feed<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// When JSON cannot be written, of which no case is known.
    pub fn write(&self, format: Format) -> Result<Vec<u8>, serde_json::Error> {
        match format {
            Format::Rss => Ok(rss::write(self)),
            Format::Atom => Ok(atom::write(self)),
            Format::Json => json_feed::write(self),
        }
    }

    /// When anything in it last changed; of an empty feed the beginning of time.
    fn updated(&self) -> DateTime<Utc> {
        let entries = self.entries.iter().map(Entry::updated);
        let removed = self.removed.iter().map(|removed| removed.at);
        entries.chain(removed).max().unwrap_or_default()
    }
}

/// A text as HTML.
fn escaped(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// A date of Atom (RFC 4287, section 3.3) and JSON Feed: RFC 3339.
fn date(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
