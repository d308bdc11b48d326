//! The top of a page: the capture's date, the headline and the article's time.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::body::ends_sentence;
use super::layout::Reader;
use super::listing::{Credits, is_credit_line};
use super::printed_time::{self, PrintedTime, date_at_start};
use super::{PageArticle, PageError, Reason, excerpt};
use crate::byline;

#[expect(clippy::expect_used, reason = "fixed patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("fixed pattern")
}

static CAPTURE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^date\s*[:\-–]?\s*"));

/// What stands above a page's body.
pub(super) struct Head {
    pub(super) captured_on: Option<NaiveDate>,
    pub(super) article: PageArticle,
    /// The first line after it.
    pub(super) end: usize,
}

impl Reader<'_> {
    /// The capture's date, the headline and the time.
    pub(super) fn head(&mut self) -> Result<Head, PageError> {
        let (mut start, mut captured_on, mut captured_headline) = (0, None, None);
        if let Some(mark) = CAPTURE.find(self.lines.text(0)) {
            let rest = &self.lines.text(0)[mark.end()..];
            if let Some((end, date)) = date_at_start(rest) {
                captured_on = Some(date.map_err(|problem| PageError {
                    line: self.lines.number(0),
                    reason: Reason::UnreadableTime(problem),
                })?);
                let headline =
                    rest[end..].trim_start_matches([' ', ',', ':', ';', '-', '–', '—', '|']);
                captured_headline =
                    Some(headline.to_owned()).filter(|headline| !headline.is_empty());
                start = 1;
            }
        }
        let captured = captured_headline.as_deref();
        let (time_at, glued) = self.own_time(start, captured)?;
        let time_line = self.lines.number(time_at);
        let unreadable = |problem| PageError {
            line: time_line,
            reason: Reason::UnreadableTime(problem),
        };
        let mut printed = match (glued, self.lines.whole(time_at), self.lines.at_end(time_at)) {
            (false, Some(time), _) => time.clone(),
            (_, _, Some(found)) => found.time.clone(),
            (_, _, None) => Err("correct the article's date".to_owned()),
        }
        .map_err(unreadable)?;
        let mut end = time_at + 1;
        if let (PrintedTime::Day(day), Some(clock)) =
            (printed, printed_time::clock(self.lines.text(end)))
        {
            printed = PrintedTime::Minute(day.and_time(clock.map_err(unreadable)?));
            end += 1;
        }
        if end < self.lines.len() && printed_time::is_update(self.lines.text(end)) {
            self.warn(
                end,
                "the time of the page's last change was left out".to_owned(),
            );
            end += 1;
        }
        let mut article = self.headline(start..time_at, captured, printed);
        if glued && let Some(found) = self.lines.at_end(time_at) {
            let text = self
                .lines
                .text(time_at)
                .get(..found.start)
                .unwrap_or_default();
            text.trim_end_matches([' ', ',', '|', '-', '–', '—'])
                .clone_into(&mut article.headline);
            article.line = time_line;
        }
        if !article.headline.chars().any(char::is_alphanumeric) {
            return Err(PageError {
                line: time_line,
                reason: Reason::NoHeadline,
            });
        }
        if let Some(captured) = captured
            && byline::key(captured) != byline::key(&article.headline)
        {
            self.warn(
                0,
                format!(
                    "the first line gives another headline, “{}”; the article's own was taken",
                    excerpt(captured)
                ),
            );
        }
        Ok(Head {
            captured_on,
            article,
            end,
        })
    }

    /// The line of the article's own time, and whether the headline is glued to it.
    fn own_time(&self, start: usize, captured: Option<&str>) -> Result<(usize, bool), PageError> {
        const HEADLINE_LINES: usize = 4;
        const LONGEST_HEADLINE: usize = 400;
        let lines = self.lines;
        let limit = (start + HEADLINE_LINES + 2).min(lines.len());
        for index in start..limit {
            if lines.whole(index).is_some() {
                if self.may_stand_above_time(start..index, captured) {
                    return Ok((index, false));
                }
                break;
            }
            if lines.text(index).chars().count() > LONGEST_HEADLINE || self.heading(index).is_some()
            {
                break;
            }
        }
        let glued = (start..lines.len().min(start + 2)).find(|&index| {
            lines.at_end(index).is_some_and(|found| {
                let before = lines.text(index).get(..found.start).unwrap_or_default();
                !ends_sentence(before)
                    && (matches!(found.time, Ok(PrintedTime::Minute(_)))
                        || captured
                            .is_some_and(|captured| byline::key(captured) == byline::key(before)))
            })
        });
        if let Some(index) = glued {
            return Ok((index, true));
        }
        let headline = captured.unwrap_or(lines.text(start));
        let reason = if headline.is_empty() {
            Reason::NoHeadline
        } else {
            Reason::NoDate {
                headline: excerpt(headline),
            }
        };
        Err(PageError {
            line: lines.number(start.min(lines.len().saturating_sub(1))),
            reason,
        })
    }

    /// Whether the lines can be a headline, a standfirst and a byline: else the time after them is
    /// that of a list, and the page has none of its own.
    fn may_stand_above_time(&self, lines: Range<usize>, captured: Option<&str>) -> bool {
        let credit = |index: &usize| self.is_credit_above_time(*index, lines.start);
        if lines.clone().rev().skip(1).any(|index| credit(&index)) {
            return false;
        }
        let end = if lines
            .clone()
            .next_back()
            .is_some_and(|index| credit(&index))
        {
            lines.end - 1
        } else {
            lines.end
        };
        let gaps = self
            .lines
            .slice(lines.start, end)
            .iter()
            .skip(1)
            .filter(|line| line.gap_before)
            .count();
        let repeats = captured.is_some_and(|captured| {
            (lines.start..end)
                .any(|index| byline::key(self.lines.text(index)) == byline::key(captured))
        });
        gaps <= if repeats { 2 } else { 1 }
    }

    pub(super) fn is_credit_above_time(&self, index: usize, start: usize) -> bool {
        let text = self.lines.text(index);
        let by = text
            .get(..3)
            .is_some_and(|by| by.eq_ignore_ascii_case("by "));
        index > start
            && ((by && is_credit_line(text, &Credits::default()))
                || byline::is_house_or_agency(text))
    }

    fn headline(
        &mut self,
        lines: Range<usize>,
        captured: Option<&str>,
        printed: PrintedTime,
    ) -> PageArticle {
        let mut lines = lines;
        let mut byline = None;
        if let Some(last) = lines.clone().next_back()
            && self.is_credit_above_time(last, lines.start)
        {
            byline = Some(byline::stripped(self.lines.text(last)).to_owned());
            lines.end = last;
        }
        let text = |range: Range<usize>| {
            range
                .map(|index| self.lines.text(index))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let block_end = |start: usize| {
            (start + 1..lines.end)
                .find(|index| self.lines.get(*index).is_some_and(|line| line.gap_before))
                .unwrap_or(lines.end)
        };
        let repeated = captured.and_then(|captured| {
            let same = |range: Range<usize>| byline::key(&text(range)) == byline::key(captured);
            lines.clone().find_map(|start| {
                [start + 1, block_end(start)]
                    .into_iter()
                    .map(|end| start..end)
                    .find(|range| same(range.clone()))
            })
        });
        let own = match (repeated, captured) {
            (Some(range), _) => range,
            (None, _) if !lines.is_empty() => lines.start..block_end(lines.start),
            (None, _) => lines.clone(),
        };
        let headline = if own.is_empty() {
            captured.unwrap_or_default().to_owned()
        } else {
            text(own.clone())
        };
        let line = if own.is_empty() { 0 } else { own.start };
        for index in lines.start..own.start {
            self.warn(
                index,
                format!(
                    "“{}” above the headline was left out",
                    excerpt(self.lines.text(index))
                ),
            );
        }
        let standfirst =
            Some(text(own.end.max(lines.start)..lines.end)).filter(|text| !text.is_empty());
        PageArticle {
            line: self.lines.number(line),
            headline,
            standfirst,
            printed,
            paragraphs: Vec::new(),
            byline,
        }
    }
}
