//! From a title in any script to the words of a slug.

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;

use super::devanagari;

/// Long enough for a headline, short enough for a line of a message.
const MAXIMUM_LENGTH: usize = 120;

/// The slug of a title; empty where nothing in it can be read.
pub(super) fn to_slug(title: &str) -> String {
    // Joiners go first: one between a letter and its mark would keep the two from composing.
    let characters: Vec<char> = title
        .chars()
        .filter(|character| !is_joiner(*character))
        .nfc()
        .flat_map(char::to_lowercase)
        .collect();

    let mut words = Words::default();
    let mut rest = characters.as_slice();
    let mut before = [None, None];
    while let Some((&character, after)) = rest.split_first() {
        if words.text.len() > MAXIMUM_LENGTH {
            break;
        }
        if devanagari::is_word_character(character) {
            let length = rest
                .iter()
                .take_while(|character| devanagari::is_word_character(**character))
                .count();
            let (word, after) = rest.split_at(length);
            words.push(&devanagari::romanise(word));
            before = [None, Some(character)];
            rest = after;
            continue;
        }
        if !is_silent(before, character, after) {
            words.push_character(character);
        }
        before = [before[1], Some(character)];
        rest = after;
    }
    words.cut()
}

/// Characters that only tell a renderer how to draw their neighbours.
fn is_joiner(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{200C}' | '\u{200D}' | '\u{2060}' | '\u{FEFF}'
    )
}

/// Whether a character goes without parting the word it stands in.
fn is_silent(before: [Option<char>; 2], character: char, after: &[char]) -> bool {
    let letter = |character: Option<&char>| character.is_some_and(char::is_ascii_alphabetic);
    let digit = |character: Option<&char>| character.is_some_and(|digit| digit.is_numeric());
    match character {
        // Nepal's; Brand™
        '\'' | '`' | '´' | '‘' | '’' | 'ʻ' | 'ʼ' | 'ʹ' | '＇' | '™' | '®' | '©' | '℠' => {
            true
        }
        // 1,00,000
        ',' => digit(before[1].as_ref()) && digit(after.first()),
        // U.S., K.P.: a letter alone on either side
        '.' => {
            letter(before[1].as_ref())
                && !before[0].is_some_and(char::is_alphanumeric)
                && letter(after.first())
                && !after.get(1).is_some_and(|next| next.is_alphanumeric())
        }
        _ => false,
    }
}

/// The slug in the making: words with hyphens between them.
#[derive(Default)]
struct Words {
    text: String,
    parted: bool,
}

impl Words {
    fn part(&mut self) {
        self.parted = true;
    }

    /// Adds lowercase ASCII letters and digits to the present word, or begins the next one.
    fn push(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        if self.parted && !self.text.is_empty() {
            self.text.push('-');
        }
        self.parted = false;
        self.text.push_str(piece);
    }

    fn push_word(&mut self, word: &str) {
        self.part();
        self.push(word);
        self.part();
    }

    fn push_character(&mut self, character: char) {
        match character {
            '&' => self.push_word("and"),
            '%' => self.push_word("percent"),
            '+' => self.push_word("plus"),
            '@' => self.push_word("at"),
            // The amount says it; what "$" names depends on the country.
            '¢'..='¥' | '\u{20A0}'..='\u{20CF}' => self.part(),
            _ if is_han(character) => {
                // Written without spaces, and a syllable each.
                self.part();
                self.push_romanised(character);
                self.part();
            }
            _ if character.is_whitespace() || character.is_control() => self.part(),
            _ => self.push_romanised(character),
        }
    }

    fn push_romanised(&mut self, character: char) {
        let mut buffer = [0; 4];
        let romanised = if character.is_ascii() {
            &*character.encode_utf8(&mut buffer)
        } else {
            any_ascii_char(character)
        };
        for ascii in romanised.chars() {
            match ascii.to_ascii_lowercase() {
                letter @ ('a'..='z' | '0'..='9') => self.push(letter.encode_utf8(&mut [0; 4])),
                // Signs for sounds that Latin has no letter for, as in Arabic ʿayn.
                '\'' | '`' if character.is_alphabetic() => {}
                _ => self.part(),
            }
        }
    }

    /// The slug, no longer than [`MAXIMUM_LENGTH`]: cut between words, unless that would lose more
    /// than half of it.
    fn cut(mut self) -> String {
        if self.text.len() <= MAXIMUM_LENGTH {
            return self.text;
        }
        // One byte more, so that a word that just fits stays.
        self.text.truncate(MAXIMUM_LENGTH + 1);
        let end = self
            .text
            .rfind('-')
            .filter(|end| *end >= MAXIMUM_LENGTH / 2)
            .unwrap_or(MAXIMUM_LENGTH);
        self.text.truncate(end);
        self.text
    }
}

/// Chinese characters, in the blocks of unified and compatibility ideographs.
fn is_han(character: char) -> bool {
    matches!(
        character,
        '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}'
    )
}
