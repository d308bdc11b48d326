//! A body as `CommonMark` 0.31.2.
//!
//! What text may not look like is escaped with a backslash. What a delimiter may not stand beside (a
//! letter, where it would not open or close: section 6.2) is written as a character reference, which
//! counts as punctuation there: `un_true_` would stay as it is, `u&#110;_true_` is emphasised.

use std::fmt::Write as _;

use super::block::{Block, List, Picture};
use super::inline::Inline;

/// Blocks with an empty line between them.
pub(super) fn write_blocks(blocks: &[Block]) -> String {
    let mut markdown = String::new();
    let mut list_before: Option<(bool, bool)> = None;
    for block in blocks {
        if !markdown.is_empty() {
            markdown.push_str("\n\n");
        }
        let mut list_here = None;
        match block {
            Block::Paragraph(paragraph) => markdown.push_str(&content(&paragraph.content)),
            Block::Heading(heading) => {
                for _ in 0..heading.level.get() {
                    markdown.push('#');
                }
                markdown.push(' ');
                markdown.push_str(&content(&heading.content));
            }
            Block::Quotation(quotation) => {
                let mut paragraphs: Vec<String> =
                    quotation.paragraphs.iter().map(|it| content(it)).collect();
                if let Some(attribution) = &quotation.attribution {
                    paragraphs.push(content(&[Inline::Text(format!("— {attribution}"))]));
                }
                markdown.push_str("> ");
                let quoted = paragraphs.join("\n\n").replace('\n', "\n> ");
                markdown.push_str(&quoted.replace("\n> \n", "\n>\n"));
            }
            Block::List(list) => {
                // Two lists in a row are one unless their markers differ (section 5.3).
                let other = list_before == Some((list.ordered, false));
                list_here = Some((list.ordered, other));
                write_list(&mut markdown, list, other);
            }
            Block::Picture(picture) => write_picture(&mut markdown, picture),
            Block::Embed(embed) => {
                let _ = write!(markdown, "<{}>", embed.url);
            }
        }
        list_before = list_here;
    }
    markdown
}

fn write_list(markdown: &mut String, list: &List, other_marker: bool) {
    for (index, item) in list.items.iter().enumerate() {
        if index > 0 {
            markdown.push('\n');
        }
        let marker = match (list.ordered, other_marker) {
            (false, false) => "- ".to_owned(),
            (false, true) => "* ".to_owned(),
            (true, false) => format!("{}. ", index + 1),
            (true, true) => format!("{}) ", index + 1),
        };
        let next_line = format!("\n{}", " ".repeat(marker.len()));
        markdown.push_str(&marker);
        markdown.push_str(&content(item).replace('\n', &next_line));
    }
}

fn write_picture(markdown: &mut String, picture: &Picture) {
    let image = &picture.image;
    markdown.push_str("![");
    if let Some(alt) = &image.alt {
        markdown.push_str(&content(&[Inline::Text(alt.clone())]));
    }
    markdown.push_str("](");
    write_destination(markdown, image.url.as_str());
    if let Some(line) = image.caption_line() {
        markdown.push_str(" \"");
        for character in line.chars() {
            if matches!(character, '"' | '\\' | '&' | '<' | '`') {
                markdown.push('\\');
            }
            markdown.push(character);
        }
        markdown.push('"');
    }
    markdown.push(')');
}

/// A piece of a content, in the order of writing.
enum Piece<'a> {
    Text(&'a str),
    Code(&'a str),
    LineBreak,
    Opening(&'static str),
    Closing(&'static str),
    LinkStart,
    LinkEnd(&'a str),
}

fn content(content: &[Inline]) -> String {
    let mut pieces = Vec::new();
    flatten(content, &mut pieces);
    let mut markdown = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let before = index.checked_sub(1).and_then(|before| pieces.get(before));
                let first = match before {
                    Some(Piece::Closing(delimiter)) => {
                        let inside = markdown.trim_end_matches(['*', '_']).chars().next_back();
                        // `**_a_**b`: a delimiter that closes inside is punctuation.
                        let inside = inside.filter(|_| !markdown.ends_with("_**"));
                        needs_reference(text.chars().next(), delimiter, inside)
                    }
                    _ => false,
                };
                let last = match pieces.get(index + 1) {
                    Some(Piece::Opening(delimiter)) => {
                        let inside = match pieces.get(index + 2) {
                            // A single letter might become a reference itself.
                            Some(Piece::Text(text)) if text.chars().nth(1).is_some() => {
                                text.chars().next()
                            }
                            _ => None,
                        };
                        needs_reference(text.chars().next_back(), delimiter, inside)
                    }
                    _ => false,
                };
                write_text(&mut markdown, text, first, last);
            }
            Piece::Code(code) => write_code(&mut markdown, code),
            Piece::LineBreak => markdown.push_str("\\\n"),
            Piece::Opening(delimiter) | Piece::Closing(delimiter) => markdown.push_str(delimiter),
            Piece::LinkStart => markdown.push('['),
            Piece::LinkEnd(target) => {
                markdown.push_str("](");
                write_destination(&mut markdown, target);
                markdown.push(')');
            }
        }
    }
    markdown
}

fn flatten<'a>(content: &'a [Inline], pieces: &mut Vec<Piece<'a>>) {
    for inline in content {
        match inline {
            Inline::Text(text) => pieces.push(Piece::Text(text)),
            Inline::Code(code) => pieces.push(Piece::Code(code)),
            Inline::LineBreak => pieces.push(Piece::LineBreak),
            Inline::Emphasis(content) => {
                pieces.push(Piece::Opening("_"));
                flatten(content, pieces);
                pieces.push(Piece::Closing("_"));
            }
            Inline::Strong(content) => {
                pieces.push(Piece::Opening("**"));
                flatten(content, pieces);
                pieces.push(Piece::Closing("**"));
            }
            Inline::Link(link) => {
                pieces.push(Piece::LinkStart);
                flatten(&link.content, pieces);
                pieces.push(Piece::LinkEnd(link.target.as_str()));
            }
        }
    }
}

/// Whether the character outside a delimiter would keep it from opening or closing.
///
/// Which characters count as punctuation is Unicode's to say; whoever is not known to be harmless
/// becomes a reference, which is always right.
fn needs_reference(outside: Option<char>, delimiter: &str, inside: Option<char>) -> bool {
    let Some(outside) = outside else { return false };
    let free = outside.is_whitespace() || outside.is_ascii_punctuation();
    let plain_inside = inside.is_some_and(char::is_alphanumeric);
    !free && (delimiter == "_" || !plain_inside)
}

fn write_text(
    markdown: &mut String,
    text: &str,
    first_as_reference: bool,
    last_as_reference: bool,
) {
    let at_line_start = markdown.is_empty() || markdown.ends_with('\n');
    let number_ends = if at_line_start {
        end_of_list_number(text)
    } else {
        None
    };
    let mut characters = text.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let is_last = characters.peek().is_none();
        if (index == 0 && first_as_reference) || (is_last && last_as_reference) {
            let _ = write!(markdown, "&#{};", u32::from(character));
            continue;
        }
        let escape = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => true,
            // Before a link it would make a picture of it.
            '!' => is_last,
            '&' => is_character_reference(&text[index..]),
            '+' | '-' | '=' => index == 0 && at_line_start,
            _ => Some(index) == number_ends,
        };
        if escape {
            markdown.push('\\');
        }
        markdown.push(character);
    }
}

/// Where the dot or bracket stands that makes `12.` or `12)` the marker of a numbered list.
fn end_of_list_number(text: &str) -> Option<usize> {
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    (end > 0 && text[end..].starts_with(['.', ')'])).then_some(end)
}

/// Whether a text that begins with `&` reads like `&amp;` or `&#38;`.
fn is_character_reference(text: &str) -> bool {
    text[1..]
        .trim_start_matches(|character: char| character.is_ascii_alphanumeric() || character == '#')
        .starts_with(';')
}

/// A code span between more backticks than stand together in it (section 6.1).
fn write_code(markdown: &mut String, code: &str) {
    let longest = code
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let padding = if code.starts_with('`')
        || code.ends_with('`')
        || (code.starts_with(' ') && code.ends_with(' '))
    {
        " "
    } else {
        ""
    };
    let _ = write!(markdown, "{fence}{padding}{code}{padding}{fence}");
}

/// An address has only the characters of RFC 3986; these of them mean something in a destination.
fn write_destination(markdown: &mut String, target: &str) {
    for (index, character) in target.char_indices() {
        if matches!(character, '(' | ')')
            || (character == '&' && is_character_reference(&target[index..]))
        {
            markdown.push('\\');
        }
        markdown.push(character);
    }
}
