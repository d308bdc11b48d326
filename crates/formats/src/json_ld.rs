//! An article as JSON-LD 1.1 of schema.org's vocabulary, for search engines and whoever else reads the head of a page.
//!
//! What is written is a [`NewsArticle`](https://schema.org/NewsArticle) with what Google's documentation of structured
//! data recommends for articles and for those that not everyone may read. Nothing is written that is not known: a
//! contributor has no page of their own that this API knew of, so they have a name and no address.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use masthead_domain::{article::TimePrecision, contributor::ContributorKind, image::Image};
use serde::Serialize;

use crate::uri::uri;

#[cfg(test)]
mod tests;

/// What is told of an article.
#[derive(Clone, Debug)]
pub struct NewsArticle<'a> {
    /// Its identity as a URI.
    pub identifier: &'a str,
    /// Its address on the publication's website.
    pub url: &'a str,
    /// The headline.
    pub headline: &'a str,
    /// The short line above the headline.
    pub kicker: Option<&'a str>,
    /// The lines under the headline.
    pub standfirst: Option<&'a str>,
    /// Where it was written.
    pub dateline: Option<&'a str>,
    /// Its language.
    pub language: &'a str,
    /// When it was published, and how exactly that is known.
    pub published: Option<(DateTime<Utc>, TimePrecision)>,
    /// When it was last changed.
    pub modified_at: DateTime<Utc>,
    /// Who is credited, in printed order.
    pub credits: Vec<(&'a str, ContributorKind)>,
    /// Its section's name.
    pub section: Option<&'a str>,
    /// What it is about.
    pub topics: Vec<&'a str>,
    /// What was corrected, oldest first, and when.
    pub corrections: Vec<(DateTime<Utc>, &'a str)>,
    /// The picture that stands for it.
    pub lead_image: Option<&'a Image>,
    /// How many words its text has.
    pub words: u32,
    /// Whether everyone may read the whole text.
    pub is_free: bool,
    /// The issue it was printed in.
    pub printed_in: Option<PrintedIssue<'a>>,
    /// The publication.
    pub publication: Publication<'a>,
}

/// A number of the magazine.
#[derive(Clone, Copy, Debug)]
pub struct PrintedIssue<'a> {
    /// How it is cited.
    pub citation: &'a str,
    /// The title as registered.
    pub series: &'a str,
    /// Its volume's number.
    pub volume: i32,
    /// Its number within the volume.
    pub number: i32,
    /// Of a double issue, the second number.
    pub last_number: Option<i32>,
    /// The day it bears.
    pub cover_date: NaiveDate,
}

/// The magazine.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// Its title.
    pub title: &'a str,
    /// The address of its website.
    pub url: &'a str,
    /// Who publishes it.
    pub publisher: Option<&'a str>,
    /// The time zone in which its days begin.
    pub time_zone: Tz,
}

impl NewsArticle<'_> {
    /// The text of a `<script type="application/ld+json">` element.
    ///
    /// Whatever could end the element or begin another is written as an escape (JSON-LD 1.1, section 7.3), so that the
    /// text may be put into a page as it is, of HTML or of XHTML.
    ///
    /// # Errors
    /// None: all keys are texts.
    pub fn script(&self) -> Result<String, serde_json::Error> {
        let json = serde_json::to_string(&self.document())?;
        // None of them stands outside of a JSON string, where all three escapes mean what they are.
        Ok(json
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026"))
    }

    fn document(&self) -> Document<'_> {
        let zone = self.publication.time_zone;
        let url = uri(self.url);
        Document {
            context: "https://schema.org",
            kind: "NewsArticle",
            id: format!("{url}#article"),
            identifier: self.identifier,
            main_entity_of_page: Thing::at("WebPage", url.clone().into_owned()),
            url: url.into_owned(),
            headline: self.headline,
            alternative_headline: self.kicker,
            description: self.standfirst,
            dateline: self.dateline,
            in_language: self.language,
            date_published: self.published.map(|(at, precision)| match precision {
                // An hour that nobody knows is not made up.
                TimePrecision::Day => at.with_timezone(&zone).date_naive().to_string(),
                _ => instant(at, zone),
            }),
            date_modified: instant(
                self.modified_at
                    .max(self.published.map_or(self.modified_at, |(at, _)| at)),
                zone,
            ),
            author: self
                .credits
                .iter()
                .map(|credit| self.author(*credit))
                .collect(),
            publisher: self.publisher(),
            article_section: self.section,
            keywords: &self.topics,
            image: self.lead_image.into_iter().map(image_object).collect(),
            word_count: self.words,
            is_accessible_for_free: self.is_free,
            correction: self
                .corrections
                .iter()
                .map(|(at, text)| Correction {
                    kind: "CorrectionComment",
                    text,
                    date_published: instant(*at, zone),
                })
                .collect(),
            is_part_of: self.printed_in.as_ref().map(issue),
        }
    }

    fn author<'a>(&'a self, (name, kind): (&'a str, ContributorKind)) -> Thing<'a> {
        match kind {
            ContributorKind::Person => Thing::named("Person", name),
            ContributorKind::Agency => Thing::named("Organization", name),
            // The magazine's own staff are found where the magazine is.
            ContributorKind::Desk => Thing {
                url: Some(uri(self.publication.url).into_owned()),
                ..Thing::named("Organization", name)
            },
        }
    }

    fn publisher(&self) -> Thing<'_> {
        Thing {
            url: Some(uri(self.publication.url).into_owned()),
            parent_organization: self
                .publication
                .publisher
                .filter(|publisher| *publisher != self.publication.title)
                .map(|publisher| Box::new(Thing::named("Organization", publisher))),
            ..Thing::named("NewsMediaOrganization", self.publication.title)
        }
    }
}

/// With the offset of the publication's time zone, which says on which day it is there.
fn instant(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn image_object(image: &Image) -> ImageObject<'_> {
    ImageObject {
        kind: "ImageObject",
        url: uri(image.url.as_str()).into_owned(),
        width: image.width,
        height: image.height,
        caption: image.caption.as_deref(),
        credit_text: image.credit.as_deref(),
    }
}

fn issue<'a>(issue: &PrintedIssue<'a>) -> PublicationIssue<'a> {
    PublicationIssue {
        kind: "PublicationIssue",
        name: issue.citation,
        issue_number: match issue.last_number {
            Some(last) => format!("{}-{last}", issue.number),
            None => issue.number.to_string(),
        },
        date_published: issue.cover_date,
        is_part_of: PublicationVolume {
            kind: "PublicationVolume",
            volume_number: issue.volume.to_string(),
            is_part_of: Thing::named("Periodical", issue.series),
        },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@id")]
    id: String,
    identifier: &'a str,
    main_entity_of_page: Thing<'a>,
    url: String,
    headline: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternative_headline: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dateline: Option<&'a str>,
    in_language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<Thing<'a>>,
    publisher: Thing<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    article_section: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    keywords: &'a [&'a str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image: Vec<ImageObject<'a>>,
    word_count: u32,
    is_accessible_for_free: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    correction: Vec<Correction<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_part_of: Option<PublicationIssue<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thing<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_organization: Option<Box<Thing<'a>>>,
}

impl<'a> Thing<'a> {
    fn named(kind: &'static str, name: &'a str) -> Self {
        Self {
            kind,
            id: None,
            name: Some(name),
            url: None,
            parent_organization: None,
        }
    }

    fn at(kind: &'static str, id: String) -> Self {
        Self {
            kind,
            id: Some(id),
            name: None,
            url: None,
            parent_organization: None,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageObject<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_text: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Correction<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    text: &'a str,
    date_published: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicationIssue<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    issue_number: String,
    date_published: NaiveDate,
    is_part_of: PublicationVolume<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicationVolume<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    volume_number: String,
    is_part_of: Thing<'a>,
}
