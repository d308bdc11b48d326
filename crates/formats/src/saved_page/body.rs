//! The paragraphs of a body out of its lines.

use super::text::Line;
use super::wrapping::{WIDEST, is_filled, widest};

/// Whether a text ends as a sentence does, quotation marks and brackets after the stop included.
pub(super) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', ' '])
        .ends_with(['.', '!', '?', '।', '॥', '…'])
}

/// The paragraphs, each on one line.
pub(super) fn paragraphs(lines: &[Line]) -> Vec<String> {
    let spaced = lines.iter().skip(1).any(|line| line.gap_before);
    let widest = widest(lines);
    // A text whose every line ends a sentence, or is wider than any wrapping, is not wrapped.
    let before_last = lines.split_last().map_or(lines, |(_, before)| before);
    let wrapped = widest <= WIDEST && before_last.iter().any(|line| !ends_sentence(&line.text));
    let mut paragraphs: Vec<String> = Vec::new();
    let mut before: Option<&Line> = None;
    for line in lines {
        let begins = match before {
            None => true,
            Some(_) if spaced => line.gap_before,
            Some(before) if wrapped => {
                ends_sentence(&before.text) && !is_filled(before, line, widest)
            }
            Some(before) => {
                ends_sentence(&before.text) || !line.text.starts_with(char::is_lowercase)
            }
        };
        match paragraphs.last_mut() {
            Some(paragraph) if !begins => {
                paragraph.push(' ');
                paragraph.push_str(&line.text);
            }
            _ => paragraphs.push(line.text.clone()),
        }
        before = Some(line);
    }
    paragraphs
}
