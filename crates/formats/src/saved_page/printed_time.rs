//! Times as a page prints them: 'June 18, 2024, 7:52 a.m.', 'Jun. 17, 2024', '1 day, 14 hours ago'.
//!
//! Ages are those of Django's `timesince` filter: months of 30 days, years of 365, rounded down to
//! the smallest unit that is printed. English and Nepali words and both kinds of digits are read.

use std::sync::LazyLock;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};
use regex::{Captures, Regex};

/// When something appeared, as exactly as the page says it. Days and clock times are the
/// publication's local ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrintedTime {
    /// To the minute, local time: 'June 18, 2024, 7:52 a.m.'.
    Minute(NaiveDateTime),
    /// A local day: 'Jun 17, 2024'.
    Day(NaiveDate),
    /// How long before the capture of the page: '1 day, 14 hours ago'.
    Age(Age),
}

/// How long before the capture of the page something appeared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Age {
    /// What is printed, in whole: 38 hours for '1 day, 14 hours ago'.
    pub amount: Duration,
    /// The smallest unit that is printed: the age is rounded down to it.
    pub unit: AgeUnit,
}

/// The smallest unit of a printed age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgeUnit {
    /// '45 minutes ago'; also 'just now' and seconds, as 0 minutes.
    Minute,
    /// '14 hours ago'.
    Hour,
    /// '2 days ago'.
    Day,
    /// 'today' and 'yesterday': days by the local calendar, not spans of 24 hours.
    CalendarDay,
    /// '2 weeks ago'.
    Week,
    /// '3 months ago': 30 days each.
    Month,
    /// '1 year ago': 365 days each.
    Year,
}

impl AgeUnit {
    /// The unit's length.
    pub fn length(self) -> Duration {
        match self {
            Self::Minute => Duration::minutes(1),
            Self::Hour => Duration::hours(1),
            Self::Day | Self::CalendarDay => Duration::days(1),
            Self::Week => Duration::weeks(1),
            Self::Month => Duration::days(30),
            Self::Year => Duration::days(365),
        }
    }

    /// What Django prints at most before it goes on to the next unit.
    fn largest_usual_amount(self) -> i64 {
        match self {
            Self::Minute => 59,
            Self::Hour => 23,
            Self::Day | Self::CalendarDay => 6,
            Self::Week => 4,
            Self::Month => 11,
            Self::Year => 99,
        }
    }
}

impl Age {
    /// The article appeared at least this long before the capture.
    pub fn least(self) -> Duration {
        match self.unit {
            AgeUnit::CalendarDay => (self.amount - self.unit.length()).max(Duration::zero()),
            _ => self.amount,
        }
    }

    /// The article appeared less than this long before the capture.
    pub fn most(self) -> Duration {
        self.amount + self.unit.length()
    }
}

/// A printed time at the end of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundTime {
    /// The byte at which it begins; it reaches to the line's end.
    pub(super) start: usize,
    /// The time, or why there is no such time ('June 31, 2024').
    pub(super) time: Result<PrintedTime, String>,
}

const MONTH: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|\
    oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|जनवरी|फेब्रुअरी|फेब्रुवरी|मार्च|अप्रिल|मे|जुन|जून|जुलाई|अगस्ट|अगस्त|\
    सेप्टेम्बर|सेप्टेम्वर|अक्टोबर|नोभेम्बर|डिसेम्बर";
const BETWEEN: &str = r"[\s.,\-–—/]";
const CLOCK: &str = r"(?:noon|midnight|\d{1,2}(?:[:.]\d{2}){0,2}\s*[ap]\.?\s?m\b\.?|\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*(?:hrs?|hours)\b\.?)?|\d{1,2}[:.]\d{2}\s*(?:बिहान|दिउँसो|बेलुका|बेलुकी|साँझ))";

#[expect(clippy::expect_used, reason = "fixed patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("fixed pattern")
}

/// A date without anything around it: month first, day first, or year first.
fn date_forms() -> [String; 3] {
    [
        format!(
            r"(?P<m>{MONTH})\.?{BETWEEN}*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{BETWEEN}+(?P<y>\d{{4}})"
        ),
        format!(
            r"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{BETWEEN}*(?:of\s+)?(?P<m>{MONTH})\.?{BETWEEN}*(?P<y>\d{{4}})"
        ),
        r"(?P<y>\d{4})[\-/.](?P<m>\d{1,2})[\-/.](?P<d>\d{1,2})".to_owned(),
    ]
}

static DATES_AT_END: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    date_forms()
        .iter()
        .map(|date| {
            pattern(&format!(
                r"(?i)(?:{date})(?:(?:\s*[,|–\-]?\s*(?:at\s+)?|T)(?P<clock>{CLOCK}))?$"
            ))
        })
        .collect()
});

static DATES_AT_START: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    date_forms()
        .iter()
        .map(|date| pattern(&format!(r"(?i)^(?:{date})")))
        .collect()
});

static CLOCK_ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)^(?P<clock>{CLOCK})$")));

static CLOCK_PARTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?P<h>\d{1,2})(?:[:.](?P<min>\d{2}))?(?:[:.](?P<s>\d{2}))?\s*(?P<half>\S.*)?$")
});

const UNIT: &str = "seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|सेकेन्ड|मिनेट|मिनट|\
    घण्टा|घन्टा|दिन|हप्ता|साता|महिना|वर्ष|बर्ष";
const AGO: &str = r"\s*(?:ago|अघि|अगाडि|अगाडी|पहिले)$";

static AGES_AT_END: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        pattern(&format!(
            r"(?i)(?:\d+\s*(?:{UNIT})\s*(?:,\s*(?:and\s+|र\s+)?|\s(?:and|र)\s+)\s*){{0,3}}\d+\s*(?:{UNIT}){AGO}"
        )),
        // Without commas only in small letters, as a program prints it: 'In 2 Weeks 3 days ago'.
        pattern(&format!(r"(?:\d+\s*(?:{UNIT})\s*){{1,4}}{AGO}")),
        pattern(&format!(r"(?i)\b(?:an?|one|एक)\s+(?:{UNIT}){AGO}")),
    ]
});

static AGE_PART: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)(\d+)\s*({UNIT})")));
static AGE_WORD: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)({UNIT}){AGO}")));
static ABOUT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|\s)(?:about|almost|over|around|nearly|लगभग|करिब)\s+$"));

static AGE_WORDS_AT_END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:just now|right now|(?:a |few |a few )?(?:moments?|seconds?) ago|less than a minute ago|yesterday|today|भर्खरै|भर्खर|हिजो|आज)$",
    )
});

static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[\s(\[|•·\-–—]*(?:(?:first\s+)?(?:published|posted|updated|last updated|created|date|प्रकाशित)(?:\s+on|\s+at)?\s*[:\-–]?\s*)?(?:on\s+)?(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?\s*,?\s+)?",
    )
});

static UPDATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^[\s(\[|•\-–—]*(?:last\s+)?(?:updated|modified)\b"));

/// No printed time is longer than this.
const LONGEST: usize = 80;

/// The end of a text, at most [`LONGEST`] characters, and the byte at which it begins: a line is as
/// long as it likes, and looking for a time stays cheap.
fn tail(text: &str) -> (usize, &str) {
    let start = text
        .char_indices()
        .rev()
        .nth(LONGEST - 1)
        .map_or(0, |(index, _)| index);
    (start, &text[start..])
}

/// The printed time that a line ends in.
pub(super) fn at_end(line: &str) -> Option<FoundTime> {
    let trimmed = line.trim_end_matches([' ', ')', ']', '|', ',', '•', '·']);
    let (offset, text) = tail(trimmed);
    let date = DATES_AT_END
        .iter()
        .filter_map(|regex| regex.captures(text))
        .filter_map(|captures| {
            let start = captures.get(0)?.start();
            stands_free(&text[..start], &text[start..]).then(|| (start, date_time(&captures)))
        })
        .min_by_key(|(start, _)| *start);
    date.or_else(|| age_at_end(text).map(|(start, age)| (start, Ok(PrintedTime::Age(age)))))
        .map(|(start, time)| FoundTime {
            start: offset + start,
            time,
        })
}

/// The line's time when it holds nothing else, apart from words such as 'Published on'.
pub(super) fn whole(line: &str) -> Option<Result<PrintedTime, String>> {
    if line.len() > 4 * LONGEST {
        return None;
    }
    let start = PREFIX.find(line).map_or(0, |found| found.end());
    let text = line[start..].trim_end_matches([' ', ')', ']', '|', ',', '•', '·', '.']);
    // 'Yesterday' alone, with its capital, is no word of a headline.
    at_end(text)
        .filter(|found| found.start == 0)
        .map(|found| found.time)
        .or_else(|| {
            AGE_WORDS_AT_END
                .find(text)
                .filter(|found| found.start() == 0)
                .map(|found| Ok(PrintedTime::Age(age_of_words(found.as_str()))))
        })
}

/// Whether a line tells when the page was last changed, which is not when it appeared.
pub(super) fn is_update(line: &str) -> bool {
    UPDATED.is_match(line) && whole(line).is_some()
}

/// A clock time alone, for a page that breaks its date line in two.
pub(super) fn clock(line: &str) -> Option<Result<NaiveTime, String>> {
    CLOCK_ALONE
        .captures(line)
        .and_then(|captures| captures.name("clock"))
        .map(|clock| read_clock(clock.as_str()))
}

/// The date that a text begins with, and the byte at which it ends.
pub(super) fn date_at_start(text: &str) -> Option<(usize, Result<NaiveDate, String>)> {
    DATES_AT_START
        .iter()
        .filter_map(|regex| regex.captures(text))
        .filter_map(|captures| Some((captures.get(0)?.end(), date(&captures))))
        .max_by_key(|(end, _)| *end)
}

/// A month's name may be glued to the word before it only with a capital: `IssuesJun`, not 'dismay'.
fn stands_free(before: &str, found: &str) -> bool {
    let glued = before.chars().next_back().is_some_and(char::is_alphabetic);
    let devanagari = |c: char| ('\u{900}'..='\u{97f}').contains(&c);
    match found.chars().next() {
        Some(first) if devanagari(first) && !first.is_numeric() => {
            !before.chars().next_back().is_some_and(devanagari)
        }
        Some(first) if glued && first.is_alphabetic() => first.is_uppercase(),
        _ => true,
    }
}

fn number(digits: &str) -> Option<i64> {
    digits.chars().try_fold(0_i64, |number, c| {
        number.checked_mul(10)?.checked_add(i64::from(digit(c)?))
    })
}

/// The value of a decimal digit, Latin or Devanagari.
pub(super) fn digit(c: char) -> Option<u32> {
    match c {
        '०'..='९' => Some(u32::from(c) - u32::from('०')),
        _ => c.to_digit(10),
    }
}

fn group<'a>(captures: &'a Captures<'_>, name: &str) -> &'a str {
    captures.name(name).map_or("", |found| found.as_str())
}

fn date(captures: &Captures<'_>) -> Result<NaiveDate, String> {
    let (year, month, day) = (
        group(captures, "y"),
        group(captures, "m"),
        group(captures, "d"),
    );
    let read = || {
        let month = month_number(month)
            .or_else(|| number(month).and_then(|month| u32::try_from(month).ok()))?;
        NaiveDate::from_ymd_opt(
            i32::try_from(number(year)?).ok()?,
            month,
            u32::try_from(number(day)?).ok()?,
        )
    };
    read().ok_or_else(|| {
        format!(
            "there is no day “{}” in the calendar; correct the date",
            captures.get(0).map_or("", |all| all.as_str())
        )
    })
}

fn month_number(name: &str) -> Option<u32> {
    const LATIN: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    const NEPALI: [&str; 12] = [
        "जन",
        "फे",
        "मार",
        "अप",
        "मे",
        "जुन",
        "जुल",
        "अग",
        "से",
        "अक",
        "नो",
        "डि",
    ];
    let lower = name.to_lowercase().replace("जून", "जुन");
    let position = |names: [&str; 12]| names.iter().position(|name| lower.starts_with(name));
    position(LATIN)
        .or_else(|| position(NEPALI))
        .and_then(|index| u32::try_from(index + 1).ok())
}

fn date_time(captures: &Captures<'_>) -> Result<PrintedTime, String> {
    let date = date(captures)?;
    match captures.name("clock") {
        Some(clock) => Ok(PrintedTime::Minute(
            date.and_time(read_clock(clock.as_str())?),
        )),
        None => Ok(PrintedTime::Day(date)),
    }
}

fn read_clock(text: &str) -> Result<NaiveTime, String> {
    let lower = text.to_lowercase();
    let read = || {
        if lower == "midnight" {
            return NaiveTime::from_hms_opt(0, 0, 0);
        }
        if lower == "noon" {
            return NaiveTime::from_hms_opt(12, 0, 0);
        }
        let parts = CLOCK_PARTS.captures(&lower)?;
        let part = |name| match group(&parts, name) {
            "" => Some(0),
            digits => u32::try_from(number(digits)?).ok(),
        };
        let (hour, minute) = (part("h")?, part("min")?);
        let half = group(&parts, "half");
        let afternoon = half.starts_with('p') || ["दिउँसो", "बेलुका", "बेलुकी", "साँझ"].contains(&half);
        let morning = half.starts_with('a') || half == "बिहान";
        let hour = match hour {
            12 if morning => 0,
            1..=11 if afternoon => hour + 12,
            13.. if morning => return None,
            _ => hour,
        };
        NaiveTime::from_hms_opt(hour, minute, part("s")?.min(59))
    };
    read().ok_or_else(|| format!("there is no time “{text}” on a clock; correct it"))
}

fn age_unit(word: &str) -> (AgeUnit, bool) {
    let lower = word.to_lowercase();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| lower.starts_with(prefix));
    let unit = if starts(&["sec", "सेके"]) {
        return (AgeUnit::Minute, true);
    } else if starts(&["min", "मिन"]) {
        AgeUnit::Minute
    } else if starts(&["h", "घ"]) {
        AgeUnit::Hour
    } else if starts(&["d", "दिन"]) {
        AgeUnit::Day
    } else if starts(&["w", "हप्ता", "साता"]) {
        AgeUnit::Week
    } else if starts(&["mo", "महिना"]) {
        AgeUnit::Month
    } else {
        AgeUnit::Year
    };
    (unit, false)
}

fn age_of_words(words: &str) -> Age {
    let lower = words.to_lowercase();
    if lower.starts_with("yesterday") || lower.starts_with("हिजो") {
        Age {
            amount: Duration::days(1),
            unit: AgeUnit::CalendarDay,
        }
    } else if lower.starts_with("today") || lower.starts_with("आज") {
        Age {
            amount: Duration::zero(),
            unit: AgeUnit::CalendarDay,
        }
    } else {
        Age {
            amount: Duration::zero(),
            unit: AgeUnit::Minute,
        }
    }
}

fn age_at_end(text: &str) -> Option<(usize, Age)> {
    let [figures, spaced, article] = &*AGES_AT_END;
    let figures = [figures, spaced]
        .into_iter()
        .filter_map(|regex| regex.find(text))
        .filter_map(|found| age_of_parts(text, found.start()))
        .min_by_key(|(start, _)| *start);
    let found = figures.or_else(|| {
        article.find(text).and_then(|found| {
            let word = AGE_WORD.captures(found.as_str())?.get(1)?.as_str();
            let (unit, seconds) = age_unit(word);
            let amount = if seconds {
                Duration::zero()
            } else {
                unit.length()
            };
            Some((found.start(), Age { amount, unit }))
        })
    });
    if let Some((start, age)) = found {
        let about = ABOUT.find(&text[..start]).map_or(start, |about| {
            about.start() + about.as_str().len() - about.as_str().trim_start().len()
        });
        return Some((about, age));
    }
    // Headlines end in 'Today' and 'Yesterday'; a program prints them small.
    AGE_WORDS_AT_END
        .find(text)
        .filter(|found| {
            found
                .as_str()
                .chars()
                .next()
                .is_some_and(|c| !c.is_uppercase())
        })
        .filter(|found| {
            !text[..found.start()]
                .chars()
                .next_back()
                .is_some_and(char::is_alphabetic)
        })
        .map(|found| (found.start(), age_of_words(found.as_str())))
}

/// Reads '1 day, 14 hours ago' from its end: units grow from right to left, and what does not fit
/// before them belongs to the headline ('After 5 Hours, 2 days ago').
fn age_of_parts(text: &str, start: usize) -> Option<(usize, Age)> {
    let parts: Vec<Captures<'_>> = AGE_PART.captures_iter(&text[start..]).collect();
    let mut taken: Option<(usize, Age, AgeUnit)> = None;
    for part in parts.iter().rev() {
        let (digits, word) = (part.get(1)?, part.get(2)?);
        let (unit, seconds) = age_unit(word.as_str());
        if taken.is_some_and(|(_, _, above)| unit <= above) {
            break;
        }
        let digits_start = start + digits.start();
        let (skip, amount) = amount(&text[..digits_start], digits.as_str(), word.as_str(), unit)?;
        let length = if seconds {
            Duration::zero()
        } else {
            unit.length()
        };
        let amount = length.checked_mul(i32::try_from(amount).ok()?)?;
        taken = Some(match taken {
            None => (digits_start + skip, Age { amount, unit }, unit),
            Some((_, age, _)) => (
                digits_start + skip,
                Age {
                    amount: amount + age.amount,
                    unit: age.unit,
                },
                unit,
            ),
        });
        if skip > 0 {
            break;
        }
    }
    taken.map(|(start, age, _)| (start, age))
}

/// The amount before a unit, and how many bytes of the figures before it belong to the headline that
/// is glued to it: 'Top 101 day ago' is 'Top 10', '1 day ago'; 'Covid-192 days ago' is 'Covid-19'.
fn amount(before: &str, digits: &str, word: &str, unit: AgeUnit) -> Option<(usize, i64)> {
    let all = number(digits);
    let glued = before
        .chars()
        .next_back()
        .is_some_and(|c| !c.is_whitespace() && !matches!(c, ',' | '(' | '|'));
    let singular = word.is_ascii()
        && !word.ends_with(['s', 'S'])
        && !matches!(word.to_lowercase().as_str(), "min" | "hr" | "sec" | "yr");
    let usual = all.is_some_and(|all| all <= unit.largest_usual_amount());
    let too_long = digits.chars().count() > 3;
    let whole = match all {
        Some(_) if singular => digits.chars().count() == 1,
        Some(_) => usual || (!glued && !too_long),
        None => false,
    };
    if whole {
        return Some((0, all?));
    }
    let at_most = if singular {
        1
    } else {
        unit.largest_usual_amount()
    };
    // The longest end that a program would print: no leading nought, not above the usual.
    digits
        .char_indices()
        .filter_map(|(index, c)| Some((index, c, number(&digits[index..])?)))
        .find(|&(index, c, value)| {
            value <= at_most
                && (digit(c) != Some(0) || index + c.len_utf8() == digits.len())
                && value > 0
        })
        .map(|(index, _, value)| (index, value))
        .or_else(|| all.filter(|_| !too_long).map(|all| (0, all)))
}
