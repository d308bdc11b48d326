//! The parts of a page: what its headings part, and what stands in each.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::body::{ends_sentence, paragraphs};
use super::head::Head;
use super::headings::Heading;
use super::listing::{Credits, Lines, is_credit_line};
use super::text::Line;
use super::{ListedArticle, PageError, Reason, SavedPage, Warning, excerpt, magazine_issue};
use crate::byline;

#[expect(clippy::expect_used, reason = "fixed patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("fixed pattern")
}

static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:read|view|see|load|show)\s+(?:more|all)\b.{0,30}|more|more\s*(?:»|›|>+|\.\.\.|…)|advertisements?|sponsored|share(?:\s+this)?|print|back\s+to\s+top|(?:©|\(c\)|copyright\b).{0,120}|.{0,100}\ball\s+rights\s+reserved\b.{0,40})[\s.:]*$",
    )
});

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

/// A page while it is read.
pub(super) struct Reader<'page> {
    pub(super) lines: &'page Lines<'page>,
    pub(super) warnings: Vec<Warning>,
    repeated: HashSet<String>,
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

    pub(super) fn warn(&mut self, index: usize, text: String) {
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

    /// A line that belongs to a body and to no list: a sentence without a time.
    pub(super) fn is_sentence(&self, index: usize) -> bool {
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
