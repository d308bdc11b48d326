//! How long a text is, and how long it takes to read.

use unicode_segmentation::UnicodeSegmentation;

/// Words read in a minute.
///
/// A round figure on the careful side: Brysbaert (2019), 'How many words do we read per minute?',
/// found a mean of 238 for adults who read English non-fiction silently.
pub const WORDS_PER_MINUTE: u32 = 200;

/// Counts the words of a text.
///
/// A word is a segment between the word boundaries of Unicode Standard Annex #29 that holds a letter
/// or a digit. A Devanagari word with its vowel signs and joiners is one, a danda is none; of a
/// script that is written without spaces each ideograph counts, as the annex has no dictionary.
///
/// ```
/// use masthead_domain::reading::word_count;
///
/// assert_eq!(word_count("The can't-do mood, at 32.3 °C."), 7);
/// assert_eq!(word_count("क्षेत्रीय विद्यालय खुल्यो ।"), 3);
/// ```
pub fn word_count(text: &str) -> u32 {
    u32::try_from(text.unicode_words().count()).unwrap_or(u32::MAX)
}

/// Minutes that so many words take at [`WORDS_PER_MINUTE`], rounded up: 0 for none, else 1 or more.
pub fn reading_minutes(words: u32) -> u32 {
    words.div_ceil(WORDS_PER_MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_a_letter_or_a_digit() {
        for (text, words) in [
            ("", 0),
            (" — … ।॥ !", 0),
            ("one", 1),
            ("rock 'n' roll", 3),
            ("In 2024, prices rose 3.5 %.", 5),
            ("नेपाल", 1),
            ("नेपालको संविधान २०७२ सालमा आयो।", 5),
            // With a zero-width joiner and a zero-width non-joiner inside the word.
            ("गर्\u{200d}यो", 1),
            ("श्री\u{200c}मान् आउनुभयो", 2),
            ("a\nb\tc", 3),
        ] {
            assert_eq!(word_count(text), words, "{text}");
        }
    }

    #[test]
    fn minutes_are_rounded_up() {
        for (words, minutes) in [
            (0, 0),
            (1, 1),
            (200, 1),
            (201, 2),
            (1000, 5),
            (u32::MAX, 21_474_837),
        ] {
            assert_eq!(reading_minutes(words), minutes);
        }
    }
}
