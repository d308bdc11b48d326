//! Reads a saved article page of a news magazine, as text.
//!
//! A page holds an article (headline, time, body, byline), the list of other articles under its
//! byline, `More on <section>`, 'The Latest' and 'Latest Magazine'; each list may be missing, empty
//! or elsewhere. [`parse`] reads what is printed; [`resolve`] places it in time. Nothing here reads
//! a file or a clock.
//!
//! # What is refused and what is only reported
//!
//! A page is read whole or not at all: a line in a list that is no article and no issue, a date that
//! the calendar does not have, an article without a date of its own are each a [`PageError`] that
//! names the line. Reported as a [`Warning`] and left out is only what cannot be an article: site
//! furniture such as 'Read more', 'Advertisement' and a copyright line. Lines without any letter or
//! digit separate, and are skipped in silence.
//!
//! # How a line that could be read in two ways is read
//!
//! - A time at the end of a line is the article's time, unless a line with nothing but a time
//!   follows: then the first is a part of the headline.
//! - What follows the last 'By' is the byline when it is an agency, a desk, a name that the page
//!   credits more than once, or written as personal names are: two words or more, none of them such
//!   as 'Heavy' or 'Wickets'. Else it is a part of the headline.
//! - Lines of a body belong to one paragraph until a blank line. In a body without any blank line a
//!   line that ends a sentence and is not filled ends its paragraph.
//! - A page whose running text breaks where the next word does not fit was wrapped by a tool: its
//!   lines are joined again first, in the lists too.

use chrono::NaiveDate;

mod body;
mod capture;
mod head;
mod headings;
mod layout;
mod listing;
mod magazine_issue;
mod page_order;
mod printed_time;
mod resolution;
mod text;
mod wrapping;

pub use printed_time::{Age, AgeUnit, PrintedTime};
pub use resolution::{ResolvedArticle, ResolvedPage, resolve};

/// What a saved page prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPage {
    /// The local day of the capture, where the first line gives it.
    pub captured_on: Option<NaiveDate>,
    /// The page's own article.
    pub article: PageArticle,
    /// Other articles under the same byline, in printed order.
    pub byline_list: Vec<ListedArticle>,
    /// The name of the article's section, from `More on <section>`.
    pub section: Option<String>,
    /// Other articles of the section, in printed order.
    pub section_list: Vec<ListedArticle>,
    /// 'The Latest', in printed order.
    pub latest: Vec<ListedArticle>,
    /// 'Latest Magazine', in printed order.
    pub magazine_issues: Vec<ListedIssue>,
    /// What was left out or looks wrong, in the order of lines.
    pub warnings: Vec<Warning>,
}

/// The article that a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageArticle {
    /// The headline's line, counted from 1.
    pub line: usize,
    /// The headline.
    pub headline: String,
    /// The paragraph between headline and time, where there is one.
    pub standfirst: Option<String>,
    /// When it appeared.
    pub printed: PrintedTime,
    /// The body, a paragraph each.
    pub paragraphs: Vec<String>,
    /// The byline as printed, without 'By'; [`crate::byline::names`] splits it.
    pub byline: Option<String>,
}

/// An article in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedArticle {
    /// Its first line, counted from 1.
    pub line: usize,
    /// The headline.
    pub headline: String,
    /// The byline as printed, without 'By'. In the list under a byline mostly not printed again.
    pub byline: Option<String>,
    /// When it appeared.
    pub printed: PrintedTime,
}

/// An issue in 'Latest Magazine'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedIssue {
    /// Its first line, counted from 1.
    pub line: usize,
    /// The volume: 17 of 'VOL. 17'.
    pub volume: i32,
    /// The number within the volume; the first number of a double issue.
    pub number: i32,
    /// The last number of a double issue: 22 of 'No. 21-22'.
    pub last_number: Option<i32>,
    /// The cover date in the Gregorian calendar.
    pub cover_date: NaiveDate,
    /// The cover date in Nepal's calendar, as printed.
    pub bikram_sambat: Option<PrintedBikramSambat>,
    /// The publisher.
    pub publisher: Option<String>,
    /// The editor.
    pub editor: Option<String>,
    /// The number under which the publication is registered.
    pub registration_number: Option<String>,
}

/// A Bikram Sambat date as printed; whether there is such a day is for the calendar to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedBikramSambat {
    /// The whole date as it stands: 'Jestha-32. 2081'.
    pub printed: String,
    /// The month as it is spelled there: 'Jestha'. A month printed as a figure is that figure.
    pub month_name: String,
    /// The day of the month.
    pub day: u8,
    /// The year.
    pub year: u16,
}

/// Something that does not keep the page from being imported, but that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The line, counted from 1.
    pub line: usize,
    /// One sentence.
    pub text: String,
}

/// Why a page cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct PageError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there, and what to do about it.
    pub reason: Reason,
}

/// What is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No line holds anything.
    #[error("the file is empty; save the page again")]
    Empty,
    /// Bytes that are no text.
    #[error("this is not text; save the page as plain text in UTF-8")]
    NotText,
    /// HTML or XML.
    #[error("this is markup, not the page's text; save the page as plain text")]
    Markup,
    /// Nothing stands above the article's time.
    #[error("the page has no headline; put it on a line above the article's date")]
    NoHeadline,
    /// No time follows the headline.
    #[error(
        "“{headline}” has no date of its own; put one such as ‘June 18, 2024, 7:52 a.m.’ on the line after the headline"
    )]
    NoDate {
        /// The headline.
        headline: String,
    },
    /// A date or time that the calendar or the clock does not have.
    #[error("{0}")]
    UnreadableTime(String),
    /// A line in a list that has no time.
    #[error(
        "“{text}” has no date and no age; end it with one such as ‘Jun 17, 2024’ or ‘2 days ago’, or take the line out"
    )]
    Undated {
        /// The line.
        text: String,
    },
    /// A time in a list that has no headline.
    #[error("“{text}” stands without a headline; put the headline above it, or take the line out")]
    NoListedHeadline {
        /// The line.
        text: String,
    },
    /// An issue whose line cannot be read.
    #[error("“{text}” is no issue that can be read: {problem}")]
    UnreadableIssue {
        /// How the issue's text begins.
        text: String,
        /// What is missing or wrong, and what to do.
        problem: String,
    },
    /// Two different sections.
    #[error("the page is of two sections, ‘{first}’ and ‘{second}’; leave one ‘More on’ heading")]
    TwoSections {
        /// The first section.
        first: String,
        /// The second section.
        second: String,
    },
}

/// Reads a saved page.
///
/// The text may begin with a byte order mark and end its lines in any way. Times are read as
/// printed: local, and not yet placed (see [`resolve`]).
///
/// # Errors
///
/// The first line that keeps the page from being read whole, and what to do about it.
pub fn parse(page: &str) -> Result<SavedPage, PageError> {
    layout::read(&wrapping::unwrapped(text::lines(page)?))
}

/// The beginning of a text, for messages.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 90;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
