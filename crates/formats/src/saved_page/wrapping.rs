//! Undoes the wrapping of a page whose lines a tool broke at some width, lists and all.

use super::printed_time::{at_end, whole};
use super::text::Line;

/// No text is wrapped at more characters than this.
pub(super) const WIDEST: usize = 160;

/// The characters of the longest line.
pub(super) fn widest(lines: &[Line]) -> usize {
    lines
        .iter()
        .map(|line| line.text.chars().count())
        .max()
        .unwrap_or(0)
}

/// Whether a line was broken because the next word did not fit, in a text that is wrapped at
/// `widest` characters.
pub(super) fn is_filled(line: &Line, next: &Line, widest: usize) -> bool {
    let first_word = next
        .text
        .split(' ')
        .next()
        .map_or(0, |word| word.chars().count());
    widest <= WIDEST && line.text.chars().count() + 1 + first_word > widest
}

/// The lines as they were before they were wrapped. A page is taken for wrapped when its lines of
/// running text, those that neither have a time nor stand above one, break almost all where the next
/// word does not fit. A line that ends in a time is complete, however long it is.
pub(super) fn unwrapped(lines: Vec<Line>) -> Vec<Line> {
    let widest = widest(&lines);
    if widest > WIDEST {
        return lines;
    }
    let breaks: Vec<Option<bool>> = lines
        .iter()
        .zip(lines.iter().skip(1))
        .map(|(line, next)| {
            if next.gap_before || ends_in_time(&line.text) {
                None
            } else if breaks_a_time(&line.text, &next.text) {
                Some(true)
            } else {
                whole(&next.text)
                    .is_none()
                    .then(|| is_filled(line, next, widest))
            }
        })
        .collect();
    let running = breaks.iter().flatten().count();
    let filled = breaks.iter().flatten().filter(|filled| **filled).count();
    if filled < 2 || filled * 5 < running * 4 {
        return lines;
    }
    let mut unwrapped: Vec<Line> = Vec::with_capacity(lines.len());
    let joins = std::iter::once(false).chain(breaks.iter().map(|filled| *filled == Some(true)));
    for (line, joins) in lines.into_iter().zip(joins) {
        match unwrapped.last_mut() {
            Some(last) if joins => {
                last.text.push(' ');
                last.text.push_str(&line.text);
            }
            _ => unwrapped.push(line),
        }
    }
    unwrapped
}

/// '1 day,' and '14 hours ago'.
fn breaks_a_time(line: &str, next: &str) -> bool {
    at_end(&format!("{line} {next}")).is_some_and(|found| found.start < line.len())
}

fn ends_in_time(text: &str) -> bool {
    whole(text).is_some() || at_end(text).is_some()
}
