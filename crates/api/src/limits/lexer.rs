//! Counts tokens and nesting before anything is built from them.
//!
//! The parser's memory grows with the tokens and its stack with the nesting, so both are bounded by
//! one pass over the bytes that allocates nothing. What is not GraphQL is left for the parser to
//! report: here an unknown byte is a token like another.

use async_graphql::Pos;

use super::{Limit, LimitError, LimitSettings};

/// The most bytes a name may have. Names are repeated in every error about them.
pub(crate) const MAX_NAME_BYTES: usize = 128;

/// Fails where the text exceeds the limits on bytes, tokens, nesting or the length of names.
pub(crate) fn check_tokens(text: &str, settings: &LimitSettings) -> Result<(), LimitError> {
    let exceeded = |limit, allowed: usize, found: usize, offset: usize| {
        LimitError::exceeded(limit, allowed, found, Some(position(text, offset)))
    };
    if text.len() > settings.document_bytes {
        return Err(LimitError::exceeded(
            Limit::DocumentBytes,
            settings.document_bytes,
            text.len(),
            None,
        ));
    }

    let bytes = text.as_bytes();
    let (mut offset, mut tokens, mut nesting) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(offset) {
        let start = offset;
        let rest = bytes.get(offset..).unwrap_or_default();
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                offset += 1;
                continue;
            }
            b'#' => {
                offset += length_while(rest, |b| b != b'\n' && b != b'\r');
                continue;
            }
            b'{' | b'[' | b'(' => {
                nesting += 1;
                if nesting > settings.nesting {
                    return Err(exceeded(Limit::Nesting, settings.nesting, nesting, start));
                }
                offset += 1;
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                offset += 1;
            }
            b'"' => offset += string_length(rest),
            b'.' if rest.starts_with(b"...") => offset += 3,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let length = length_while(rest, |b| b == b'_' || b.is_ascii_alphanumeric());
                if length > MAX_NAME_BYTES {
                    return Err(exceeded(Limit::NameBytes, MAX_NAME_BYTES, length, start));
                }
                offset += length;
            }
            b'-' | b'0'..=b'9' => {
                offset += 1 + length_while(rest.get(1..).unwrap_or_default(), |b| {
                    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-')
                });
            }
            _ => {
                // A byte order mark is ignored (section 2.1.1); all else is one token a character.
                let character = text.get(offset..).and_then(|rest| rest.chars().next());
                offset += character.map_or(1, char::len_utf8);
                if character == Some('\u{feff}') {
                    continue;
                }
            }
        }
        tokens += 1;
        if tokens > settings.tokens {
            return Err(exceeded(Limit::Tokens, settings.tokens, tokens, start));
        }
    }
    Ok(())
}

fn length_while(bytes: &[u8], condition: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| condition(**byte)).count()
}

/// The length of the string or block string that begins here; to the end where it is not closed.
fn string_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(br#"""""#) {
        let mut offset = 3;
        while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with(br#"\""""#) {
                offset += 4;
            } else if rest.starts_with(br#"""""#) {
                return offset + 3;
            } else {
                offset += 1;
            }
        }
        return bytes.len();
    }
    let mut offset = 1;
    while let Some(byte) = bytes.get(offset) {
        match byte {
            b'\\' => offset += 2,
            b'"' => return offset + 1,
            // A string ends with its line (section 2.9.4); the parser reports it.
            b'\n' | b'\r' => return offset,
            _ => offset += 1,
        }
    }
    bytes.len()
}

/// Line and column of an offset, both from one, columns in characters, as the parser counts.
fn position(text: &str, offset: usize) -> Pos {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |index| index + 1);
    Pos {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens_of(text: &str) -> usize {
        (0..200)
            .find(|&tokens| {
                let settings = LimitSettings {
                    tokens,
                    ..LimitSettings::default()
                };
                check_tokens(text, &settings).is_ok()
            })
            .unwrap_or(usize::MAX)
    }

    #[test]
    fn tokens_are_those_of_the_specification() {
        assert_eq!(tokens_of(""), 0);
        assert_eq!(tokens_of("\u{feff} ,,, # { comment [ (\n"), 0);
        assert_eq!(tokens_of("{ a }"), 3);
        assert_eq!(
            tokens_of("query Q($a: [Int!]! = [1, -2.5e+10]) { a @b ...C }"),
            24
        );
        assert_eq!(tokens_of(r#"{ a(b: "x { \" # } y") }"#), 8);
        assert_eq!(tokens_of(r#"{ a(b: """x { \""" " "" # } y""") }"#), 8);
        assert_eq!(tokens_of(r#"{ a(b: "") c(d: """""") }"#), 14);
        assert_eq!(tokens_of("{ é }"), 3);
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let settings = LimitSettings {
            nesting: 2,
            ..LimitSettings::default()
        };
        let flat = "{ a(b: \"((((\") # ((((\n c(d: \"\"\"((((\"\"\") }";
        assert_eq!(check_tokens(flat, &settings), Ok(()));
        let deep = "{ a\n {  b(c: 1) } }";
        assert_eq!(
            check_tokens(deep, &settings),
            Err(LimitError::exceeded(
                Limit::Nesting,
                2_usize,
                3_usize,
                Some(Pos { line: 2, column: 6 })
            ))
        );
    }

    #[test]
    fn unclosed_strings_end_the_count_and_are_left_to_the_parser() {
        let settings = LimitSettings::default();
        for text in [
            "{ a(b: \"",
            "{ a(b: \"\\",
            "{ a(b: \"\"\"x",
            "{ a(b: \"x\n y",
        ] {
            assert_eq!(check_tokens(text, &settings), Ok(()), "{text}");
        }
    }

    #[test]
    fn long_names_are_refused_where_they_stand() {
        let text = format!("{{ a {} }}", "n".repeat(MAX_NAME_BYTES + 1));
        let error = check_tokens(&text, &LimitSettings::default());
        assert!(matches!(
            error,
            Err(LimitError::Exceeded {
                limit: Limit::NameBytes,
                at: Some(Pos { line: 1, column: 5 }),
                ..
            })
        ));
    }
}
