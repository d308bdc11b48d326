//! The parts of a page: what its headings part, and what stands in each.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::body::{ends_sentence, paragraphs};
use super::listing::{Credits, Lines, is_credit_line};
use super::printed_time::{self, PrintedTime, date_at_start};
use super::text::Line;
use super::{
    ListedArticle, PageArticle, PageError, Reason, SavedPage, Warning, excerpt, magazine_issue,
};
use crate::byline;

#[expect(clippy::expect_used, reason = "fixed patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("fixed pattern")
}

static CAPTURE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^date\s*[:\-–]?\s*"));
static MORE_ON: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^more\s+on\b[\s:]*(?P<section>.+)$"));
static LATEST: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:the\s+)?latest(?:\s+news)?$"));
static MAGAZINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:the\s+)?latest\s+(?:magazines?|issues?|magazine\s+issues?|issues?\s+of\s+the\s+magazine)$",
    )
});
static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:read|view|see|load|show)\s+(?:more|all)\b.{0,30}|more|more\s*(?:»|›|>+|\.\.\.|…)|advertisements?|sponsored|share(?:\s+this)?|print|back\s+to\s+top|(?:©|\(c\)|copyright\b).{0,120}|.{0,100}\ball\s+rights\s+reserved\b.{0,40})[\s.:]*$",
    )
});

#[derive(Debug, Clone, PartialEq, Eq)]
enum Heading {
    Section(String),
    Latest,
    Magazine,
}

/// Reads the lines of a page.
pub(super) fn read(lines: &[Line]) -> Result<SavedPage, PageError> {
    let lines = Lines::new(lines);
    let mut page = Reader {
        lines: &lines,
        warnings: Vec::new(),
        repeated: HashSet::new(),
    };
    page.read()
}

struct Reader<'page> {
    lines: &'page Lines<'page>,
    warnings: Vec<Warning>,
    repeated: HashSet<String>,
}

struct Head {
    captured_on: Option<NaiveDate>,
    article: PageArticle,
    /// The first line after it.
    end: usize,
}

/// Where the byline stands, and the list under it.
struct Tail {
    body: Range<usize>,
    byline: Option<usize>,
    list: Range<usize>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<SavedPage, PageError> {
        let Head {
            captured_on,
            article,
            end,
        } = self.head()?;
        let headings = self.headings(end);
        let first = headings
            .first()
            .map_or(self.lines.len(), |(range, _)| range.start);
        self.repeated = self.lines.repeated_bylines(first..self.lines.len());

        let mut page = SavedPage {
            captured_on,
            article,
            byline_list: Vec::new(),
            section: None,
            section_list: Vec::new(),
            latest: Vec::new(),
            magazine_issues: Vec::new(),
            warnings: Vec::new(),
        };
        self.body(end..first, &mut page)?;
        for (index, (heading, kind)) in headings.iter().enumerate() {
            let end = headings
                .get(index + 1)
                .map_or(self.lines.len(), |(next, _)| next.start);
            let content = heading.end..end;
            match kind {
                Heading::Section(name) => {
                    self.name_section(&mut page, name, heading.start)?;
                    let list = self.list(content, &mut page)?;
                    page.section_list.extend(list);
                }
                Heading::Latest => {
                    let list = self.list(content, &mut page)?;
                    page.latest.extend(list);
                }
                Heading::Magazine => self.magazine(content, &mut page)?,
            }
        }
        page.warnings.append(&mut self.warnings);
        page.warnings.sort_by_key(|warning| warning.line);
        Ok(page)
    }

    fn warn(&mut self, index: usize, text: String) {
        let line = self.lines.number(index);
        self.warnings.push(Warning { line, text });
    }

    fn name_section(
        &self,
        page: &mut SavedPage,
        name: &str,
        index: usize,
    ) -> Result<(), PageError> {
        match &page.section {
            Some(first) if byline::key(first) != byline::key(name) => Err(PageError {
                line: self.lines.number(index),
                reason: Reason::TwoSections {
                    first: first.clone(),
                    second: name.to_owned(),
                },
            }),
            Some(_) => Ok(()),
            None => {
                page.section = Some(name.to_owned());
                Ok(())
            }
        }
    }

    /// The capture's date, the headline and the time.
    fn head(&mut self) -> Result<Head, PageError> {
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

    fn is_credit_above_time(&self, index: usize, start: usize) -> bool {
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

    /// What heading a line is by its words alone.
    fn heading(&self, index: usize) -> Option<Heading> {
        if self.lines.has_time(index) {
            return None;
        }
        let line = self.lines.text(index);
        if line.len() > 240 {
            return None;
        }
        let text = line.trim_matches(|c: char| c == ' ' || "#*_:=-–—•|»›>".contains(c));
        if LATEST.is_match(text) {
            return Some(Heading::Latest);
        }
        if MAGAZINE.is_match(text) {
            return Some(Heading::Magazine);
        }
        let captures = MORE_ON.captures(text)?;
        let name = captures
            .name("section")?
            .as_str()
            .trim_matches([' ', '“', '”', '"', '\'', '‘', '’']);
        let all_small = text.starts_with("more");
        let words = name.split_whitespace().count();
        let fits = name.chars().count() <= 60
            && words <= 7
            && name.chars().any(char::is_alphabetic)
            && !ends_sentence(name)
            && (!name.starts_with(char::is_lowercase) || (words <= if all_small { 4 } else { 2 }))
            && ![
                "this", "that", "these", "those", "the", "it", "how", "why", "what", "his", "her",
                "their",
            ]
            .iter()
            .any(|word| name.split(' ').next() == Some(word));
        fits.then(|| Heading::Section(section_name(text, name)))
    }

    /// The headings after the article's head, each with its line (none for issues that have lost
    /// their heading).
    fn headings(&mut self, start: usize) -> Vec<(Range<usize>, Heading)> {
        let mut found: Vec<(Range<usize>, Heading)> = Vec::new();
        for index in start..self.lines.len() {
            let line = self.lines.text(index);
            let in_magazine = found
                .last()
                .is_some_and(|(_, heading)| *heading == Heading::Magazine);
            if let Some(heading) = self
                .heading(index)
                .filter(|_| self.is_heading_here(index, start, !found.is_empty()))
            {
                found.push((index..index + 1, heading));
            } else if !in_magazine
                && self
                    .lines
                    .get(index)
                    .is_some_and(|line| line.gap_before || !found.is_empty())
                && magazine_issue::begins_issue(line)
            {
                self.warn(
                    index,
                    "issues without the heading ‘Latest Magazine’ were read as if it stood there"
                        .to_owned(),
                );
                found.push((index..index, Heading::Magazine));
            }
        }
        found
    }

    /// Whether a line with the words of a heading is one, and neither body nor headline.
    fn is_heading_here(&self, index: usize, start: usize, among_lists: bool) -> bool {
        let next = index + 1;
        if self.lines.whole(next).is_some() {
            return false;
        }
        if self.lines.text(next).get(..3).is_some_and(|by| by == "By ")
            && self.lines.has_time(next + 1)
        {
            return false;
        }
        if among_lists {
            return true;
        }
        // A line of a wrapped paragraph, or a short paragraph before a long one.
        let continues = index > start
            && self.lines.get(index).is_some_and(|line| !line.gap_before)
            && !self.lines.has_time(index - 1)
            && !ends_sentence(self.lines.text(index - 1))
            && !is_credit_line(self.lines.text(index - 1), &Credits::default())
            && self.heading(index - 1).is_none();
        let introduces_text = next < self.lines.len()
            && self.is_sentence(next)
            && self.lines.text(next).chars().count() >= 60
            && !magazine_issue::begins_issue(self.lines.text(next));
        !continues && !introduces_text
    }

    /// A line that belongs to a body and to no list: a sentence without a time.
    fn is_sentence(&self, index: usize) -> bool {
        let text = self.lines.text(index);
        !self.lines.has_time(index)
            && self.lines.whole(index + 1).is_none()
            && !is_furniture(text)
            && (ends_sentence(text) || text.chars().count() >= 250)
            && !is_credit_line(text, &Credits::default())
    }

    fn credits(&self, list_of: Option<&str>) -> Credits<'_> {
        Credits {
            repeated: Some(&self.repeated),
            list_of: list_of.map(byline::name_keys),
        }
    }

    /// The body, the byline and the list under it.
    fn body(&mut self, range: Range<usize>, page: &mut SavedPage) -> Result<(), PageError> {
        let mut body = range;
        if page.article.byline.is_none() && self.is_byline_above_body(body.clone()) {
            page.article.byline = Some(byline::stripped(self.lines.text(body.start)).to_owned());
            body.start += 1;
        }
        let tail = self.tail(body);
        page.article.paragraphs = paragraphs(self.lines.slice(tail.body.start, tail.body.end));
        if page.article.paragraphs.is_empty() {
            self.warn(
                tail.body.start.saturating_sub(1),
                "the page has no body text".to_owned(),
            );
        }
        if let Some(index) = tail.byline {
            self.set_byline(index, page);
        } else if !tail.list.is_empty() {
            self.warn(
                tail.list.start,
                "a list stands under no byline; its articles were taken without one".to_owned(),
            );
        }
        let list = self.articles(tail.list, page.article.byline.as_deref())?;
        page.byline_list.extend(list);
        Ok(())
    }

    fn set_byline(&mut self, index: usize, page: &mut SavedPage) {
        let byline = byline::stripped(self.lines.text(index)).to_owned();
        if let Some(first) = &page.article.byline
            && byline::key(first) != byline::key(&byline)
        {
            self.warn(
                index,
                format!(
                    "the page credits both “{}” and “{}”; the second was taken",
                    excerpt(first),
                    excerpt(&byline)
                ),
            );
        }
        page.article.byline = Some(byline);
    }

    fn is_byline_above_body(&self, body: Range<usize>) -> bool {
        body.len() > 1
            && self.is_credit_above_time(body.start, 0)
            && !self.lines.has_time(body.start)
            && self.lines.whole(body.start + 1).is_none()
            // The same line may head the list: then there is no body.
            && self.is_sentence(body.start + 1)
    }

    /// Where the body ends. The byline heads a list, or stands last.
    fn tail(&self, range: Range<usize>) -> Tail {
        let last_sentence = range.clone().rev().find(|&index| self.is_sentence(index));
        let after_text = last_sentence.map_or(range.start, |index| index + 1);
        let strong = range
            .clone()
            .find(|&index| self.heads_list(index, range.clone(), after_text, true));
        let heading = strong.or_else(|| {
            (after_text..range.end)
                .find(|&index| self.heads_list(index, range.clone(), after_text, false))
        });
        if let Some(index) = heading {
            return Tail {
                body: range.start..index,
                byline: Some(index),
                list: index + 1..range.end,
            };
        }
        let dated = (after_text..range.end).find(|&index| self.lines.whole(index).is_some());
        if let Some(dated) = dated
            && dated > range.start
            && self.lines.text(dated - 1).chars().count() < 200
        {
            return Tail {
                body: range.start..dated - 1,
                byline: None,
                list: dated - 1..range.end,
            };
        }
        let last = range
            .clone()
            .rev()
            .find(|&index| !is_furniture(self.lines.text(index)));
        match last {
            Some(last) if self.is_last_byline(last, range.start) => Tail {
                body: range.start..last,
                byline: Some(last),
                list: range.end..range.end,
            },
            _ => Tail {
                body: range.clone(),
                byline: None,
                list: range.end..range.end,
            },
        }
    }

    /// Whether a line is the byline above a list. `strong`: by its words alone.
    fn heads_list(
        &self,
        index: usize,
        range: Range<usize>,
        after_text: usize,
        strong: bool,
    ) -> bool {
        let text = byline::stripped(self.lines.text(index));
        let next = index + 1;
        if next >= range.end || self.lines.has_time(index) || self.lines.whole(next).is_some() {
            return false;
        }
        let by = self
            .lines
            .text(index)
            .get(..3)
            .is_some_and(|by| by.eq_ignore_ascii_case("by "));
        let is_byline = if strong {
            byline::is_house_or_agency(text)
                || self.repeated.contains(&byline::key(text))
                || (by && byline::is_personal(text, 1))
        } else {
            let stands_apart = self.lines.get(index).is_some_and(|line| line.gap_before)
                || (index > range.start && self.is_sentence(index - 1))
                || index == range.start;
            stands_apart && byline::is_personal(text, 1)
        };
        if !is_byline {
            return false;
        }
        match self
            .lines
            .article(next, range.end, &self.credits(Some(text)))
        {
            // Before the last sentence of a body only what cannot be a part of it.
            Ok((_, end)) => index >= after_text || self.lines.whole(end - 1).is_some(),
            Err(_) => false,
        }
    }

    fn is_last_byline(&self, index: usize, start: usize) -> bool {
        let line = self.lines.text(index);
        let text = byline::stripped(line);
        let apart = self.lines.get(index).is_some_and(|line| line.gap_before)
            || index == start
            || ends_sentence(self.lines.text(index - 1));
        let by = line
            .get(..3)
            .is_some_and(|by| by.eq_ignore_ascii_case("by "));
        apart
            && !self.lines.has_time(index)
            && (byline::is_house_or_agency(text)
                || self.repeated.contains(&byline::key(text))
                || byline::is_personal(text, if by { 1 } else { 2 }))
    }

    /// The articles of a list under a heading; behind them may stand the byline and its list.
    fn list(
        &mut self,
        range: Range<usize>,
        page: &mut SavedPage,
    ) -> Result<Vec<ListedArticle>, PageError> {
        let byline = self.byline_inside(range.clone(), page);
        let end = byline.unwrap_or(range.end);
        let list = self.articles(range.start..end, None)?;
        if let Some(index) = byline {
            self.byline_list(index, range.end, page)?;
        }
        Ok(list)
    }

    fn byline_list(
        &mut self,
        index: usize,
        end: usize,
        page: &mut SavedPage,
    ) -> Result<(), PageError> {
        self.set_byline(index, page);
        let list = self.articles(index + 1..end, page.article.byline.as_deref())?;
        page.byline_list.extend(list);
        Ok(())
    }

    /// Where the byline's list begins among other lists: a byline between blank lines, above an
    /// article whose headline and date follow one another.
    fn byline_inside(&self, range: Range<usize>, page: &SavedPage) -> Option<usize> {
        if !page.byline_list.is_empty() {
            return None;
        }
        range.clone().find(|&index| {
            let apart = self.lines.get(index).is_some_and(|line| line.gap_before);
            let text = byline::stripped(self.lines.text(index));
            let expected = page
                .article
                .byline
                .as_deref()
                .is_none_or(|byline| byline::key(byline) == byline::key(text));
            // Not the byline of an article above it that still lacks its time.
            let closed = index == range.start
                || self.lines.has_time(index - 1)
                || !self.lines.has_time(index + 1);
            apart && expected && closed && self.heads_list(index, range.clone(), range.start, true)
                || (apart
                    && expected
                    && self
                        .lines
                        .get(index + 1)
                        .is_some_and(|line| line.gap_before)
                    && self
                        .lines
                        .get(index + 2)
                        .is_some_and(|line| !line.gap_before)
                    && self.lines.whole(index + 2).is_some()
                    && self.heads_list(index, range.clone(), range.start, false))
        })
    }

    /// The articles in some lines; of the list under a byline, `list_of` is that byline.
    fn articles(
        &mut self,
        range: Range<usize>,
        list_of: Option<&str>,
    ) -> Result<Vec<ListedArticle>, PageError> {
        let list_of = list_of.map(byline::name_keys);
        let mut list = Vec::new();
        let mut index = range.start;
        while index < range.end {
            let text = self.lines.text(index);
            let separates = !text.chars().any(char::is_alphanumeric);
            if separates || (is_furniture(text) && self.lines.whole(index + 1).is_none()) {
                if !separates {
                    self.warn(index, format!("“{}” was left out", excerpt(text)));
                }
                index += 1;
                continue;
            }
            let (article, next) = self.lines.article(
                index,
                range.end,
                &Credits {
                    repeated: Some(&self.repeated),
                    list_of: list_of.clone(),
                },
            )?;
            list.push(article);
            index = next;
        }
        Ok(list)
    }

    /// The issues; behind them may stand the byline and its list.
    fn magazine(&mut self, range: Range<usize>, page: &mut SavedPage) -> Result<(), PageError> {
        let byline = self.byline_inside(range.clone(), page);
        let mut lines = Vec::new();
        for index in range.start..byline.unwrap_or(range.end) {
            let text = self.lines.text(index);
            if is_furniture(text) {
                self.warn(index, format!("“{}” was left out", excerpt(text)));
            } else {
                lines.extend(self.lines.get(index).cloned());
            }
        }
        page.magazine_issues
            .extend(magazine_issue::issues(&lines, &mut self.warnings)?);
        match byline {
            Some(index) => self.byline_list(index, range.end, page),
            None => Ok(()),
        }
    }
}

/// What a site prints around its lists and is no article.
fn is_furniture(text: &str) -> bool {
    text.chars().count() <= 160 && FURNITURE.is_match(text)
}

/// The section's name. Where the whole heading is in capitals, or has none, the case says nothing:
/// words get one capital, short words in capitals (US) stay.
fn section_name(heading: &str, name: &str) -> String {
    let cased = |c: char| c.is_lowercase() || c.is_uppercase();
    let upper = heading
        .chars()
        .filter(|c| cased(*c))
        .all(char::is_uppercase);
    let lower = heading
        .chars()
        .filter(|c| cased(*c))
        .all(char::is_lowercase);
    if !upper && !lower {
        return name.to_owned();
    }
    let words: Vec<String> = name
        .split(' ')
        .map(|word| {
            let lowered = word.to_lowercase();
            if ["and", "of", "the", "in", "on", "for"].contains(&lowered.as_str()) {
                lowered
            } else if upper && word.chars().count() <= 3 {
                word.to_owned()
            } else {
                let mut letters = lowered.chars();
                letters.next().map_or(String::new(), |first| {
                    first.to_uppercase().chain(letters).collect()
                })
            }
        })
        .collect();
    words.join(" ")
}
