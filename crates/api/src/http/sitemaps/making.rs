//! Makes sitemaps.

use std::collections::HashMap;

use async_graphql::Variables;
use chrono::{DateTime, Utc};
use masthead_formats::sitemap::{self, NewsPage, Page};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{Documents, Month, nothing};
use crate::http::{
    asking::{Answers, OwnDocument, answer_types::PageInfo},
    problem::Problem,
    public_address::PublicAddress,
};

/// How many articles a sitemap has at most. One may have 50,000; these are read and sent in a moment.
const PART: usize = 1_000;

/// How many articles the sitemap of news has at most, as Google says.
const LARGEST_NEWS: usize = 1_000;

/// How many sitemaps an index names at most, as sitemaps.org says.
const LARGEST_INDEX: usize = 50_000;

/// The most articles that one document may ask for.
const LARGEST_STEP: usize = 100;

/// A part of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SitemapPart {
    month: Month,
    /// From 1 on.
    number: usize,
}

impl SitemapPart {
    /// Reads `2024-06` and `1.xml`.
    pub(super) fn read(month: &str, file: &str) -> Option<Self> {
        let number = file.strip_suffix(".xml")?;
        let part = Self {
            month: Month::read(month)?,
            number: number.parse().ok().filter(|number| *number > 0)?,
        };
        (part.number.to_string() == number).then_some(part)
    }

    pub(super) fn path(self) -> String {
        format!("/sitemaps/{}/{}.xml", self.month, self.number)
    }
}

/// What sitemaps are made with.
pub(super) struct Making<'a> {
    pub(super) answers: &'a Answers,
    pub(super) documents: &'a Documents,
    pub(super) addresses: &'a PublicAddress,
}

#[derive(Deserialize)]
struct Website {
    publication: Addressed,
}

#[derive(Deserialize)]
struct Addressed {
    url: String,
}

#[derive(Deserialize)]
struct Oldest {
    publication: Addressed,
    articles: Rows,
}

#[derive(Deserialize)]
struct Rows {
    nodes: Vec<Dated>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dated {
    published_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Year {
    later: Rows,
    #[serde(flatten)]
    months: HashMap<String, Counted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    total_count: usize,
}

#[derive(Deserialize)]
struct Answer<Row> {
    publication: Option<Titled>,
    articles: List<Row>,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List<Row> {
    page_info: PageInfo,
    nodes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    url: String,
    published_at: DateTime<Utc>,
    modified_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct News {
    #[serde(flatten)]
    listed: Listed,
    headline: String,
    language: String,
}

impl Listed {
    fn page(&self) -> Page<'_> {
        Page {
            url: &self.url,
            // What was written ahead is new when it is published.
            changed: self.modified_at.max(self.published_at),
        }
    }
}

impl Making<'_> {
    /// The address of the publication's website.
    pub(super) async fn website(&self) -> Result<String, Problem> {
        let document = &self.documents.website;
        let Website { publication } = self.answers.ask(document, Variables::default()).await?;
        Ok(publication.url)
    }

    /// The index of the sitemaps, from the oldest on. Where there are more than it may name, the newest.
    pub(super) async fn index(&self) -> Result<Vec<u8>, Problem> {
        let document = &self.documents.oldest;
        let oldest: Oldest = self.answers.ask(document, Variables::default()).await?;
        let mut parts = Vec::new();
        let mut next = year_of(&oldest.articles);
        while let Some(january) = next {
            let (of_year, later) = self.year(january).await?;
            parts.extend(of_year);
            next = later.filter(|later| *later > january);
        }
        let website = &oldest.publication.url;
        let named = parts.len().saturating_sub(LARGEST_INDEX);
        let addresses: Vec<String> = parts
            .iter()
            .skip(named)
            .map(|part| self.addresses.of(&part.path(), website))
            .collect();
        Ok(sitemap::write_index(addresses.iter().map(String::as_str)))
    }

    /// The parts of a year, and the January of the next year that has any.
    async fn year(&self, january: Month) -> Result<(Vec<SitemapPart>, Option<Month>), Problem> {
        let months: Vec<Month> = std::iter::successors(Some(january), |month| Some(month.next()))
            .take(12)
            .collect();
        let mut variables = Map::new();
        let mut end = january;
        for (place, month) in months.iter().enumerate() {
            end = month.next();
            let filter = json!({ "publishedFrom": month.start(), "publishedUntil": end.start() });
            variables.insert(format!("m{}", place + 1), filter);
        }
        variables.insert("later".to_owned(), json!({ "publishedFrom": end.start() }));
        let variables = Variables::from_json(Value::Object(variables));
        let year: Year = self.answers.ask(&self.documents.year, variables).await?;
        let mut parts = Vec::new();
        for (place, month) in months.into_iter().enumerate() {
            let counted = year.months.get(&format!("m{}", place + 1));
            let total = counted.map_or(0, |counted| counted.total_count);
            let numbers = 1..=total.div_ceil(PART);
            parts.extend(numbers.map(|number| SitemapPart { month, number }));
        }
        Ok((parts, year_of(&year.later)))
    }

    /// A sitemap.
    ///
    /// # Errors
    /// When there is no such part.
    pub(super) async fn part(&self, part: SitemapPart) -> Result<Vec<u8>, Problem> {
        let SitemapPart { month, number } = part;
        let filter =
            json!({ "publishedFrom": month.start(), "publishedUntil": month.next().start() });
        let before = (number - 1).checked_mul(PART).ok_or_else(nothing)?;
        let document = &self.documents.pages;
        let (_, rows) = self.rows::<Listed>(document, &filter, before, PART).await?;
        if rows.is_empty() {
            return Err(nothing());
        }
        Ok(sitemap::write_pages(rows.iter().map(Listed::page)))
    }

    /// The sitemap of what was published from an instant on.
    pub(super) async fn news(&self, from: &str) -> Result<Vec<u8>, Problem> {
        let filter = json!({ "publishedFrom": from });
        let document = &self.documents.news;
        let (title, rows) = self
            .rows::<News>(document, &filter, 0, LARGEST_NEWS)
            .await?;
        let pages = rows.iter().map(|news| NewsPage {
            page: news.listed.page(),
            title: &news.headline,
            language: &news.language,
            published: news.listed.published_at,
        });
        Ok(sitemap::write_news(&title.unwrap_or_default(), pages))
    }

    /// Rows of a list after so many others, at most so many, and the publication's title where it is asked for.
    async fn rows<Row: DeserializeOwned>(
        &self,
        document: &OwnDocument,
        filter: &Value,
        mut before: usize,
        most: usize,
    ) -> Result<(Option<String>, Vec<Row>), Problem> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let wanted = before.saturating_add(most - rows.len());
            let variables =
                json!({ "filter": filter, "first": wanted.min(LARGEST_STEP), "after": after });
            let answer: Answer<Row> = self
                .answers
                .ask(document, Variables::from_json(variables))
                .await?;
            let passed = before.min(answer.articles.nodes.len());
            rows.extend(answer.articles.nodes.into_iter().skip(passed));
            before -= passed;
            let PageInfo {
                end_cursor,
                has_next_page,
            } = answer.articles.page_info;
            if !has_next_page || rows.len() >= most {
                return Ok((answer.publication.map(|of| of.title), rows));
            }
            after = end_cursor;
        }
    }
}

/// The January of the year of the first row.
fn year_of(rows: &Rows) -> Option<Month> {
    rows.nodes
        .first()
        .map(|row| Month::january_of(row.published_at))
}
