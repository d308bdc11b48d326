//! The lines of a page, made plain: one kind of line break, of space and of letter.

use unicode_normalization::UnicodeNormalization as _;

use super::{PageError, Reason};

/// A line of the page that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Counted from 1, blank lines included, as an editor shows it.
    pub(super) number: usize,
    /// In Unicode's composed form (NFC), with single plain spaces and none at either end.
    pub(super) text: String,
    /// Whether a blank line (or the start of the page) stands before it.
    pub(super) gap_before: bool,
}

/// The lines that are not blank. CRLF, LF and a lone CR end a line alike.
pub(super) fn lines(page: &str) -> Result<Vec<Line>, PageError> {
    let unified = page.replace("\r\n", "\n").replace('\r', "\n");
    refuse_what_is_no_text(&unified)?;
    let mut lines = Vec::new();
    let mut gap_before = true;
    for (index, raw) in unified.split('\n').enumerate() {
        let text = plain(raw);
        if text.is_empty() {
            gap_before = true;
        } else {
            lines.push(Line {
                number: index + 1,
                text,
                gap_before,
            });
            gap_before = false;
        }
    }
    match lines.first() {
        None => Err(PageError {
            line: 1,
            reason: Reason::Empty,
        }),
        Some(first) if looks_like_markup(&first.text) => Err(PageError {
            line: first.number,
            reason: Reason::Markup,
        }),
        Some(_) => Ok(lines),
    }
}

fn looks_like_markup(text: &str) -> bool {
    let start: String = text.chars().take(16).collect::<String>().to_lowercase();
    ["<!doctype", "<html", "<?xml", "<head", "<rss"]
        .iter()
        .any(|tag| start.starts_with(tag))
}

/// A NUL, or many control or replacement characters, never stand in a text.
fn refuse_what_is_no_text(page: &str) -> Result<(), PageError> {
    let (mut strange, mut all, mut first_line) = (0_usize, 0_usize, None);
    let mut line = 1;
    for c in page.chars() {
        all += 1;
        if c == '\n' {
            line += 1;
        }
        if c == '\0' {
            return Err(PageError {
                line,
                reason: Reason::NotText,
            });
        }
        if (c.is_control() && !c.is_whitespace()) || c == '\u{fffd}' {
            strange += 1;
            first_line.get_or_insert(line);
        }
    }
    match first_line {
        Some(line) if strange * 20 > all => Err(PageError {
            line,
            reason: Reason::NotText,
        }),
        _ => Ok(()),
    }
}

/// One line in plain form.
pub(super) fn plain(raw: &str) -> String {
    // Pages saved by careless tools keep the entity of the no-break space.
    let raw = if raw.contains('&') {
        raw.replace("&nbsp;", " ")
            .replace("&#160;", " ")
            .replace("&#xa0;", " ")
            .replace("&#xA0;", " ")
    } else {
        raw.to_owned()
    };
    let mut plain = String::with_capacity(raw.len());
    let mut space = false;
    for c in raw.nfc() {
        if c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}') {
            space = true;
        } else if !(c.is_control() || is_invisible(c)) {
            if space && !plain.is_empty() {
                plain.push(' ');
            }
            space = false;
            plain.push(c);
        }
    }
    without_stray_joiners(&plain)
}

/// Marks that show nothing: zero-width spaces, soft hyphens, directions, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Joiners shape Devanagari (and emoji), so they stay there; beside anything else they are litter.
fn without_stray_joiners(text: &str) -> String {
    const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    if !text.contains(JOINERS) {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let shaped = |c: Option<&char>| c.is_some_and(|c| !c.is_ascii() && !JOINERS.contains(c));
    let kept: String = characters
        .iter()
        .enumerate()
        .filter(|&(index, c)| {
            !JOINERS.contains(c)
                || (index > 0
                    && shaped(characters.get(index - 1))
                    && shaped(characters.get(index + 1)))
        })
        .map(|(_, c)| *c)
        .collect();
    // What stood between two spaces may be gone.
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
