//! An article in a list: headline, byline and time, on one line or on up to three.

use std::collections::HashSet;

use super::body::is_filled;
use super::printed_time::{self, FoundTime, PrintedTime};
use super::text::Line;
use super::{ListedArticle, PageError, Reason, excerpt};
use crate::byline;

/// A page's lines, and the times in them.
pub(super) struct Lines<'page> {
    page: &'page [Line],
    whole: Vec<Option<Result<PrintedTime, String>>>,
    at_end: Vec<Option<FoundTime>>,
    widest: usize,
}

/// What helps to tell a byline from the end of a headline.
#[derive(Default)]
pub(super) struct Credits<'page> {
    /// Bylines that the page credits more than once, as keys.
    pub(super) repeated: Option<&'page HashSet<String>>,
    /// The names of the byline whose list is read, as keys; none in the other lists.
    pub(super) list_of: Option<Vec<String>>,
}

impl Credits<'_> {
    fn is_repeated(&self, credit: &str) -> bool {
        self.repeated
            .is_some_and(|repeated| repeated.contains(&byline::key(credit)))
    }
}

/// A headline is not broken over more lines than this.
const MOST_LINES: usize = 6;

impl<'page> Lines<'page> {
    pub(super) fn new(lines: &'page [Line]) -> Self {
        Self {
            page: lines,
            whole: lines
                .iter()
                .map(|line| printed_time::whole(&line.text))
                .collect(),
            at_end: lines
                .iter()
                .map(|line| printed_time::at_end(&line.text))
                .collect(),
            widest: lines
                .iter()
                .map(|line| line.text.chars().count())
                .max()
                .unwrap_or(0),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.page.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&'page Line> {
        self.page.get(index)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'page [Line] {
        self.page.get(start..end).unwrap_or_default()
    }

    pub(super) fn text(&self, index: usize) -> &'page str {
        self.get(index).map_or("", |line| line.text.as_str())
    }

    pub(super) fn number(&self, index: usize) -> usize {
        self.get(index).map_or(0, |line| line.number)
    }

    /// The line's time when it holds nothing else.
    pub(super) fn whole(&self, index: usize) -> Option<&Result<PrintedTime, String>> {
        self.whole.get(index)?.as_ref()
    }

    /// The time that the line ends in.
    pub(super) fn at_end(&self, index: usize) -> Option<&FoundTime> {
        self.at_end.get(index)?.as_ref()
    }

    pub(super) fn has_time(&self, index: usize) -> bool {
        self.whole(index).is_some() || self.at_end(index).is_some()
    }

    /// The line without the time that it ends in.
    fn before_time(&self, index: usize) -> &'page str {
        let text = self.text(index);
        self.at_end(index)
            .and_then(|found| text.get(..found.start))
            .unwrap_or(text)
    }

    /// The bylines that the lists credit more than once.
    pub(super) fn repeated_bylines(&self, indexes: impl Iterator<Item = usize>) -> HashSet<String> {
        let (mut once, mut repeated) = (HashSet::new(), HashSet::new());
        for index in indexes {
            let text = self.before_time(index);
            let Some((start, end, _)) = marks(text).last().copied() else {
                continue;
            };
            if start > 0 && self.at_end(index).is_none() {
                continue;
            }
            let name = text[end..].trim();
            if name.chars().count() <= 80 {
                let key = byline::key(name);
                if !once.insert(key.clone()) {
                    repeated.insert(key);
                }
            }
        }
        repeated
    }

    /// Reads the article that begins at `index`, and says where the next one begins.
    pub(super) fn article(
        &self,
        index: usize,
        end: usize,
        credits: &Credits<'_>,
    ) -> Result<(ListedArticle, usize), PageError> {
        let line = self.number(index);
        let error = |reason| PageError { line, reason };
        if let Some(time) = self.whole(index) {
            return Err(match time {
                Err(problem) => error(Reason::UnreadableTime(problem.clone())),
                Ok(_) => error(Reason::NoListedHeadline {
                    text: excerpt(self.text(index)),
                }),
            });
        }
        let mut last = index;
        loop {
            if let Some((credit, at, time)) =
                self.rest(last + 1, end, self.at_end(last).is_some(), credits)
            {
                // 'Signed By Agencies 2 days ago' is complete; what follows it is not its own.
                let complete = credit.is_none()
                    && self.at_end(last).is_some()
                    && split(self.before_time(last), credits).1.is_some();
                if !complete {
                    let text = self.joined(index, last, None);
                    let (headline, printed_credit) = match credit {
                        Some(credit) => (clean_headline(&text), Some(credit)),
                        None => split(&text, credits),
                    };
                    let printed = time.clone().map_err(|problem| PageError {
                        line: self.number(at),
                        reason: Reason::UnreadableTime(problem),
                    })?;
                    return self
                        .listed(index, headline, printed_credit, printed)
                        .map(|article| (article, at + 1));
                }
            }
            if let Some(found) = self.at_end(last) {
                let printed = found.time.clone().map_err(|problem| PageError {
                    line: self.number(last),
                    reason: Reason::UnreadableTime(problem),
                })?;
                let (headline, credit) =
                    split(&self.joined(index, last, Some(found.start)), credits);
                return self
                    .listed(index, headline, credit, printed)
                    .map(|article| (article, last + 1));
            }
            if last + 1 >= end || last - index >= MOST_LINES || !self.goes_on(last) {
                return Err(error(Reason::Undated {
                    text: excerpt(self.text(index)),
                }));
            }
            last += 1;
        }
    }

    fn listed(
        &self,
        index: usize,
        headline: String,
        credit: Option<String>,
        printed: PrintedTime,
    ) -> Result<ListedArticle, PageError> {
        let line = self.number(index);
        if headline.chars().any(char::is_alphanumeric) {
            Ok(ListedArticle {
                line,
                headline,
                byline: credit,
                printed,
            })
        } else {
            Err(PageError {
                line,
                reason: Reason::NoListedHeadline {
                    text: excerpt(self.text(index)),
                },
            })
        }
    }

    /// What completes the headline above it: a time; a byline and a time on the next line; or both on
    /// one line. Gives the byline, the line of the time, and the time.
    fn rest(
        &self,
        index: usize,
        end: usize,
        dated_above: bool,
        credits: &Credits<'_>,
    ) -> Option<(Option<String>, usize, &Result<PrintedTime, String>)> {
        if index >= end {
            return None;
        }
        if let Some(time) = self.whole(index) {
            return Some((None, index, time));
        }
        if let Some(found) = self.at_end(index) {
            let credit = self.before_time(index).trim();
            let by = marks(credit)
                .first()
                .is_some_and(|(start, _, _)| *start == 0);
            let is_credit = if by {
                is_credit_line(credit, credits)
            } else {
                !dated_above && byline::is_house_or_agency(credit)
            };
            return is_credit.then(|| (Some(clean_credit(credit)), index, &found.time));
        }
        let time = (index + 1 < end).then(|| self.whole(index + 1)).flatten()?;
        let credit = self.text(index);
        is_credit_line(credit, credits).then(|| (Some(clean_credit(credit)), index + 1, time))
    }

    /// Whether the next line goes on with this one's sentence.
    fn goes_on(&self, index: usize) -> bool {
        let (Some(line), Some(next)) = (self.get(index), self.get(index + 1)) else {
            return false;
        };
        !next.gap_before
            && (next.text.starts_with(char::is_lowercase)
                || line.text.ends_with([',', ':', '-', '–', '—', '&'])
                || ["by", "and", "of", "the", "to", "in", "on", "for", "with"]
                    .iter()
                    .any(|word| {
                        line.text
                            .rsplit(' ')
                            .next()
                            .is_some_and(|last| last.eq_ignore_ascii_case(word))
                    })
                || is_filled(line, next, self.widest))
    }

    /// The lines as one text, the last one only up to a byte.
    fn joined(&self, first: usize, last: usize, cut: Option<usize>) -> String {
        let mut text = String::new();
        for index in first..=last {
            let line = match cut {
                Some(cut) if index == last => self.text(index).get(..cut).unwrap_or_default(),
                _ => self.text(index),
            };
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line);
        }
        text
    }
}

/// Marks that stand before an article in a list.
const BULLETS: [char; 15] = [
    '•', '·', '▪', '●', '◦', '‣', '○', '■', '□', '►', '▶', '»', '›', '◆', '✦',
];

fn clean_headline(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| c == ' ' || BULLETS.contains(&c));
    let text = ["- ", "– ", "— ", "* "]
        .iter()
        .find_map(|bullet| text.strip_prefix(bullet))
        .unwrap_or(text);
    text.trim_end_matches([' ', '|', '•', '·', '–', '—', '(', ',', '['])
        .trim_end_matches(" -")
        .trim()
        .to_owned()
}

fn clean_credit(text: &str) -> String {
    byline::stripped(text)
        .trim_end_matches([' ', '|', '•', '·', '–', '—', '(', '[', ','])
        .trim_end_matches(" -")
        .trim()
        .to_owned()
}

/// Where 'By' stands in the text, as the byte at which it begins, the byte after it and the colon or
/// space that follows, and whether it has a capital. It may be glued to
/// the word before it: `TalksBy Agencies`.
fn marks(text: &str) -> Vec<(usize, usize, bool)> {
    text.match_indices(['B', 'b'])
        .filter_map(|(start, _)| {
            let mark = text.get(start..start + 2)?;
            let before = text[..start].chars().next_back();
            let after = text[start + 2..]
                .strip_prefix(':')
                .unwrap_or(&text[start + 2..]);
            let spaced_after = after.starts_with(' ');
            let free_before =
                before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '\'' | '’'));
            let is_mark = match mark {
                "By" => spaced_after || after.starts_with(char::is_uppercase),
                "BY" => spaced_after && before.is_none_or(|c| !c.is_uppercase() && c != '-'),
                "by" => spaced_after && free_before,
                _ => false,
            };
            let end = text.len() - after.trim_start().len();
            is_mark.then_some((start, end, mark != "by"))
        })
        .collect()
}

/// Splits a headline from the byline after the last 'By'.
pub(super) fn split(text: &str, credits: &Credits<'_>) -> (String, Option<String>) {
    let text = text.trim();
    if let Some(&(start, end, capital)) = marks(text).last() {
        let (headline, credit) = (clean_headline(&text[..start]), clean_credit(&text[end..]));
        if headline.chars().any(char::is_alphanumeric) && is_credit(&credit, capital, credits) {
            return (headline, Some(credit));
        }
    }
    (clean_headline(text), None)
}

fn is_credit(credit: &str, capital: bool, credits: &Credits<'_>) -> bool {
    if let Some(owners) = &credits.list_of {
        let names = byline::name_keys(credit);
        return byline::is_house_or_agency(credit)
            || owners.iter().any(|owner| names.contains(owner));
    }
    byline::is_house_or_agency(credit)
        || credits.is_repeated(credit)
        || (capital && byline::is_personal(credit, 2))
}

/// Whether a line of its own is a byline.
pub(super) fn is_credit_line(text: &str, credits: &Credits<'_>) -> bool {
    let by = marks(text).first().is_some_and(|(start, _, _)| *start == 0);
    let credit = byline::stripped(text);
    let own = credits.list_of.as_ref();
    byline::is_house_or_agency(credit)
        || (by && byline::is_personal(credit, 1))
        || match own {
            Some(owners) => byline::name_keys(credit)
                .iter()
                .any(|name| owners.contains(name)),
            None => credits.is_repeated(credit) || byline::is_personal(credit, 2),
        }
}
