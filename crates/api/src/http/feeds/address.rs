//! The addresses of feeds and of their pages.

use std::fmt;

use masthead_domain::slug::Slug;
use masthead_formats::feed::Format;

use super::super::month::Month;

/// Where a page of a feed is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FeedAddress {
    pub(super) subject: Subject,
    /// Which archived page; none of the newest one.
    pub(super) archive: Option<ArchivePage>,
    pub(super) format: Format,
}

/// Whose articles a feed has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// All of the publication's.
    Latest,
    /// Those of a section, a contributor or a topic.
    Members(Group, String),
}

/// What an article can belong to that has a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Sections,
    Contributors,
    Topics,
}

/// An archived page: of the articles of a month, counted from the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ArchivePage {
    pub(super) month: Month,
    /// From 1 on.
    pub(super) number: u32,
}

impl Group {
    pub(super) const ALL: [Self; 3] = [Self::Sections, Self::Contributors, Self::Topics];

    /// Its name in addresses.
    const fn path(self) -> &'static str {
        match self {
            Self::Sections => "sections",
            Self::Contributors => "contributors",
            Self::Topics => "topics",
        }
    }

    /// The field of the schema that answers one of it, and that of a filter for its articles.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Sections => "section",
            Self::Contributors => "contributor",
            Self::Topics => "topic",
        }
    }
}

impl FeedAddress {
    /// Reads what comes after `/feeds/`, where it is written in the one way that there is.
    pub(super) fn read(path: &str) -> Option<Self> {
        let (stem, extension) = path.rsplit_once('.')?;
        let format = Format::ALL
            .into_iter()
            .find(|format| format.extension() == extension)?;
        let parts: Vec<&str> = stem.split('/').collect();
        let (subject, archive) = match *parts.as_slice() {
            ["latest"] => (Subject::Latest, None),
            ["latest", month, number] => (Subject::Latest, Some((month, number))),
            [group, slug] => (Subject::read(group, slug)?, None),
            [group, slug, month, number] => (Subject::read(group, slug)?, Some((month, number))),
            _ => return None,
        };
        let archive = match archive {
            Some((month, number)) => Some(ArchivePage {
                month: Month::read(month)?,
                number: number.parse().ok().filter(|number| *number > 0)?,
            }),
            None => None,
        };
        let address = Self {
            subject,
            archive,
            format,
        };
        (address.to_string().strip_prefix("/feeds/") == Some(path)).then_some(address)
    }

    /// The same feed's address of another page, with the slug that it has now.
    pub(super) fn page(&self, slug: Option<&str>, archive: Option<ArchivePage>) -> Self {
        let subject = match (&self.subject, slug) {
            (Subject::Members(group, _), Some(slug)) => Subject::Members(*group, slug.to_owned()),
            (subject, _) => subject.clone(),
        };
        Self {
            subject,
            archive,
            format: self.format,
        }
    }
}

impl Subject {
    fn read(group: &str, slug: &str) -> Option<Self> {
        let group = Group::ALL.into_iter().find(|known| known.path() == group)?;
        let slug = Slug::parse(slug).ok()?;
        Some(Self::Members(group, slug.into()))
    }
}

impl fmt::Display for FeedAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("/feeds/")?;
        match &self.subject {
            Subject::Latest => formatter.write_str("latest")?,
            Subject::Members(group, slug) => write!(formatter, "{}/{slug}", group.path())?,
        }
        if let Some(ArchivePage { month, number }) = self.archive {
            write!(formatter, "/{month}/{number}")?;
        }
        write!(formatter, ".{}", self.format.extension())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written_and_in_no_other_way() {
        for path in [
            "latest.rss",
            "latest/2024-06/3.atom",
            "sections/world-news.json",
            "contributors/a/1999-12/10.rss",
            "topics/latest.atom",
        ] {
            let address = FeedAddress::read(path).unwrap();
            assert_eq!(address.to_string(), format!("/feeds/{path}"));
        }
        for path in [
            "",
            "latest",
            "latest.xml",
            "latest.RSS",
            "latest/.rss",
            "latest/2024-6/1.rss",
            "latest/2024-13/1.rss",
            "latest/+024-06/1.rss",
            "latest/2024-06/0.rss",
            "latest/2024-06/01.rss",
            "latest/2024-06/+1.rss",
            "latest/2024-06/1/2.rss",
            "sections/.rss",
            "sections/A.rss",
            "sections/a.b.rss",
            "issues/a.rss",
            "sections/a/b.rss",
        ] {
            assert_eq!(FeedAddress::read(path), None, "{path}");
        }
    }
}
