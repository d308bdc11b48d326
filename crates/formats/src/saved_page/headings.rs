//! The headings that part a page: `More on <section>`, 'The Latest', 'Latest Magazine'.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::body::ends_sentence;
use super::layout::Reader;
use super::listing::{Credits, is_credit_line};
use super::magazine_issue;

#[expect(clippy::expect_used, reason = "fixed patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("fixed pattern")
}

static MORE_ON: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^more\s+on\b[\s:]*(?P<section>.+)$"));
static LATEST: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:the\s+)?latest(?:\s+news)?$"));
static MAGAZINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:the\s+)?latest\s+(?:magazines?|issues?|magazine\s+issues?|issues?\s+of\s+the\s+magazine)$",
    )
});

/// What stands under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heading {
    Section(String),
    Latest,
    Magazine,
}

impl Reader<'_> {
    /// What heading a line is by its words alone.
    pub(super) fn heading(&self, index: usize) -> Option<Heading> {
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
    pub(super) fn headings(&mut self, start: usize) -> Vec<(Range<usize>, Heading)> {
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
        if self.lines.whole(next).is_some()
            && self.lines.get(next).is_some_and(|line| !line.gap_before)
        {
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
