//! The paragraphs of a body out of its lines.

use super::text::Line;

/// Whether a text ends as a sentence does, quotation marks and brackets after the stop included.
pub(super) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', ' '])
        .ends_with(['.', '!', '?', '।', '॥', '…'])
}

/// The paragraphs, each on one line.
pub(super) fn paragraphs(lines: &[Line]) -> Vec<String> {
    let spaced = lines.iter().skip(1).any(|line| line.gap_before);
    let widest = lines
        .iter()
        .map(|line| line.text.chars().count())
        .max()
        .unwrap_or(0);
    let mut paragraphs: Vec<String> = Vec::new();
    let mut before: Option<&Line> = None;
    for line in lines {
        let begins = match before {
            None => true,
            Some(_) if spaced => line.gap_before,
            Some(before) => ends_sentence(&before.text) && !is_filled(before, line, widest),
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

/// No text is wrapped at more characters than this.
const WIDEST_WRAP: usize = 160;

/// Whether a line was broken because the next word did not fit, in a text that is wrapped at
/// `widest` characters.
pub(super) fn is_filled(line: &Line, next: &Line, widest: usize) -> bool {
    let first_word = next
        .text
        .split(' ')
        .next()
        .map_or(0, |word| word.chars().count());
    widest <= WIDEST_WRAP && line.text.chars().count() + 1 + first_word > widest
}
