//! How a feed is parted into pages (RFC 5005, section 4).
//!
//! The articles of each month, counted from its oldest, make archived pages of [`PAGE`]; the newest page has at least as
//! many, down to the start of a page of the archive. So whoever follows the links comes by every article once, and a new
//! article is on no page of the archive.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    address::{ArchivePage, Subject},
    answers::{Length, Outline, Part, Place, Published},
    documents::Documents,
    nothing,
};
use crate::http::{asking::Answers, month::Month, problem::Problem};

/// How many articles an archived page has; the last of a month may have fewer.
pub(super) const PAGE: u32 = 25;

/// How many articles the newest page is cut from: it may have all of a page and, of another, all but one.
pub(super) const ASKED: u32 = 2 * PAGE;

/// The most articles that one document may ask for.
const LARGEST_STEP: u32 = 100;

/// The archive of one feed.
#[derive(Clone, Copy)]
pub(super) struct Shelves<'a> {
    pub(super) answers: &'a Answers,
    pub(super) documents: &'a Documents,
    /// With the slug that it has now.
    pub(super) subject: &'a Subject,
}

/// Where the newest page ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// How many articles it shows.
    pub(super) shown: usize,
    /// What would be the archived page of the oldest of them. Those before it are the archive.
    pub(super) reached: ArchivePage,
}

/// An archived page's neighbours and rows.
pub(super) struct Archived<Row> {
    pub(super) rows: Vec<Row>,
    pub(super) older: Option<ArchivePage>,
    pub(super) newer: Option<ArchivePage>,
}

impl Shelves<'_> {
    fn filter(&self, from: Option<Month>, until: Option<Month>) -> Value {
        let mut filter = Map::new();
        if let Subject::Members(group, slug) = self.subject {
            filter.insert(group.field().to_owned(), json!(slug));
        }
        if let Some(from) = from {
            filter.insert("publishedFrom".to_owned(), json!(from.start()));
        }
        if let Some(until) = until {
            filter.insert("publishedUntil".to_owned(), json!(until.start()));
        }
        Value::Object(filter)
    }

    fn within(&self, month: Month) -> Value {
        self.filter(Some(month), Some(month.next()))
    }

    /// How many articles a month has.
    async fn total(&self, month: Month) -> Result<u32, Problem> {
        let variables = json!({ "filter": self.within(month) });
        let length: Length = self
            .answers
            .ask(&self.documents.total, from_json(variables))
            .await?;
        Ok(length.articles.total_count)
    }

    /// When the first article in an order was published.
    async fn first(&self, filter: Value, order: &str) -> Result<Option<DateTime<Utc>>, Problem> {
        let variables = from_json(json!({ "filter": filter, "order": order }));
        let part: Part<Outline> = self.answers.ask(&self.documents.first, variables).await?;
        Ok(part.articles.nodes.first().map(Published::published_at))
    }

    /// Where the newest page ends; nowhere, where it shows all there is.
    pub(super) async fn cut<Row: Published>(&self, newest: &[Row]) -> Result<Option<Cut>, Problem> {
        let page = PAGE as usize;
        let Some(least) = newest.get(..page).filter(|_| newest.len() > page) else {
            return Ok(None);
        };
        let Some(month) = least.last().map(|row| Month::of(row.published_at())) else {
            return Ok(None);
        };
        let of_month = least
            .iter()
            .filter(|row| Month::of(row.published_at()) == month)
            .count();
        let of_month = u32::try_from(of_month).unwrap_or(PAGE);
        // How many of the month are older than the last.
        let older = self.total(month).await?.saturating_sub(of_month);
        Ok(Some(Cut {
            shown: page + (older % PAGE) as usize,
            reached: ArchivePage {
                month,
                number: older / PAGE + 1,
            },
        }))
    }

    /// The page before one.
    pub(super) async fn older(&self, page: ArchivePage) -> Result<Option<ArchivePage>, Problem> {
        let ArchivePage { month, number } = page;
        if number > 1 {
            let number = number - 1;
            return Ok(Some(ArchivePage { month, number }));
        }
        let filter = self.filter(None, Some(month));
        let Some(newest) = self.first(filter, "NEWEST_FIRST").await? else {
            return Ok(None);
        };
        let month = Month::of(newest);
        let number = self.total(month).await?.div_ceil(PAGE).max(1);
        Ok(Some(ArchivePage { month, number }))
    }

    /// The page after one of a month with so many articles, where it is one of the archive.
    async fn newer(
        &self,
        page: ArchivePage,
        total: u32,
        cut: Cut,
    ) -> Result<Option<ArchivePage>, Problem> {
        let ArchivePage { month, number } = page;
        let newer = if total > number.saturating_mul(PAGE) {
            Some(ArchivePage {
                month,
                number: number + 1,
            })
        } else {
            let filter = self.filter(Some(month.next()), None);
            let oldest = self.first(filter, "OLDEST_FIRST").await?;
            oldest.map(|oldest| ArchivePage {
                month: Month::of(oldest),
                number: 1,
            })
        };
        Ok(newer.filter(|newer| *newer < cut.reached))
    }

    /// The rows of an archived page, newest first, and its neighbours.
    ///
    /// # Errors
    /// When the archive has no such page.
    pub(super) async fn archived<Row: serde::de::DeserializeOwned>(
        &self,
        page: ArchivePage,
        cut: Option<Cut>,
    ) -> Result<Archived<Row>, Problem> {
        let cut = cut.filter(|cut| page < cut.reached).ok_or_else(nothing)?;
        let total = self.total(page.month).await?;
        let mut before = (page.number - 1).checked_mul(PAGE).ok_or_else(nothing)?;
        if before >= total {
            return Err(nothing());
        }
        let filter = self.within(page.month);
        let mut after = None;
        while before > 0 {
            let step = before.min(LARGEST_STEP);
            let variables = json!({ "filter": filter, "first": step, "after": after });
            let place: Place = self
                .answers
                .ask(&self.documents.cursor, from_json(variables))
                .await?;
            after = Some(place.articles.page_info.end_cursor.ok_or_else(nothing)?);
            before -= step;
        }
        let variables = json!({ "filter": filter, "first": PAGE, "after": after });
        let part: Part<Row> = self
            .answers
            .ask(&self.documents.part, from_json(variables))
            .await?;
        let mut rows = part.articles.nodes;
        rows.reverse();
        Ok(Archived {
            rows,
            older: self.older(page).await?,
            newer: self.newer(page, total, cut).await?,
        })
    }
}

/// Variables of a document.
pub(super) fn from_json(variables: Value) -> async_graphql::Variables {
    async_graphql::Variables::from_json(variables)
}
