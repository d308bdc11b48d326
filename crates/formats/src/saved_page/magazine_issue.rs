//! An issue as 'Latest Magazine' prints it: 'VOL. 17, No. 21, June.14,2024 (Jestha-32. 2081)
//! Publisher and Editor: … Online Register Number: …'.
//!
//! Issues may be glued together on one line, or one issue broken over several: the lines are read as
//! one text, in which each 'VOL.' with a number begins an issue.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::printed_time::{date_at_start, digit};
use super::text::Line;
use super::{ListedIssue, PageError, PrintedBikramSambat, Reason, Warning, excerpt};

const SEPARATOR: [char; 14] = [
    ' ', '.', ',', ':', ';', '-', '–', '—', '/', '|', '#', '·', '•', '*',
];

#[expect(clippy::expect_used, reason = "fixed patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("fixed pattern")
}

static VOLUME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:vol(?:ume)?|वर्ष|भोलुम)[\s.,:\-–—#]*(?:no\.?\s*)?(?P<volume>\d+|(?-i:[IVXLC]+)\b)",
    )
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:numbers?|nos?|issues?(?:\s+no)?|num|अङ्क|अंक|नम्बर|नं)[\s.,:\-–—#]*(?P<number>\d+)",
    )
});

static LAST_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^\s*(?:[-–—/&+]|\band\b|\bto\b|र)\s*(?:no\.?\s*)?(?P<number>\d+)")
});

static BIKRAM_SAMBAT: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    const BETWEEN: &str = r"[\s.,\-–—/]";
    const ERA: &str = r"(?:\s*[.,]?\s*(?:B\.?\s?S\b\.?|V\.?\s?S\b\.?|वि\.?\s?सं\.?))?";
    const NAME: &str = r"(?P<m>[\p{L}\p{M}]{2,}|\d{1,2})";
    [
        format!(r"(?i)^(?P<m>[\p{{L}}\p{{M}}]{{2,}}){BETWEEN}*(?P<d>\d{{1,2}}){BETWEEN}+(?P<y>\d{{4}}){ERA}"),
        format!(r"(?i)^(?P<d>\d{{1,2}}){BETWEEN}*(?P<m>[\p{{L}}\p{{M}}]{{2,}}){BETWEEN}*(?P<y>\d{{4}}){ERA}"),
        format!(r"(?i)^(?P<y>\d{{4}}){ERA}{BETWEEN}*{NAME}{BETWEEN}*(?P<d>\d{{1,2}}){ERA}"),
    ]
    .map(|form| pattern(&form))
});

static ERA_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:B\.?\s?S\b\.?|V\.?\s?S\b\.?|Bikram Sambat|Vikram Samvat|वि\.?\s?सं\.?)[\s:,]*")
});

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)
        (?P<both>(?:publisher|published\s+by)\s*(?:and|&|/|,|-|–)\s*(?:chief\s+)?editor(?:[\s-]+in[\s-]+chief)?\b
            |(?:chief\s+)?editor(?:[\s-]+in[\s-]+chief)?\s*(?:and|&|/|,|-|–)\s*publisher\b
            |प्रकाशक\s*(?:तथा|र|एवं|/)\s*(?:प्रधान\s*)?(?:सम्पादक|संपादक))
        |(?P<publisher>publishers?\b|published\s+by\b|प्रकाशक)
        |(?P<other>(?:executive|managing|associate|assistant|deputy|sub|consulting|art|photo)[\s-]*editors?\b)
        |(?P<editor>(?:chief\s+)?editor(?:[\s-]+in[\s-]+chief)?\b|edited\s+by\b|(?:प्रधान\s*)?(?:सम्पादक|संपादक))
        |(?P<registration>(?:online\s+)?(?:regist(?:ered|er|ration)|(?-i:Reg|REG)d?\b\.?)(?:\s*(?:number|num\b|no\b)\.?)?
            |(?:अनलाइन\s*)?दर्ता\s*(?:नम्बर|नं\.?)?)",
    )
});

static UNLABELLED_REGISTRATION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bDOI\s*[\d०-९][\d०-९/\-\s]*"));

/// Whether a line begins with a whole issue's volume, number and date.
pub(super) fn begins_issue(text: &str) -> bool {
    let Some(volume) = VOLUME.captures(text) else {
        return false;
    };
    volume.get(0).is_some_and(|found| found.start() == 0) && head(text).is_ok()
}

/// Reads the issues in some lines.
pub(super) fn issues(
    lines: &[Line],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<ListedIssue>, PageError> {
    let mut text = String::new();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        if !text.is_empty() {
            text.push(' ');
        }
        starts.push((text.len(), line.number));
        text.push_str(&line.text);
    }
    let line_at = |offset: usize| {
        let index = starts.partition_point(|(start, _)| *start <= offset);
        index
            .checked_sub(1)
            .and_then(|index| starts.get(index))
            .map_or(1, |(_, number)| *number)
    };
    let begins: Vec<usize> = VOLUME.find_iter(&text).map(|found| found.start()).collect();
    let before = &text[..begins.first().copied().unwrap_or(text.len())];
    if before.chars().any(char::is_alphanumeric) {
        return Err(PageError {
            line: line_at(0),
            reason: Reason::UnreadableIssue {
                text: excerpt(before.trim()),
                problem: "begin it with its volume, such as ‘VOL. 17’, or take the line out"
                    .to_owned(),
            },
        });
    }
    begins
        .iter()
        .enumerate()
        .map(|(index, &start)| {
            let end = begins.get(index + 1).copied().unwrap_or(text.len());
            let line = line_at(start);
            let issue = text[start..end].trim();
            read(issue, line, warnings).map_err(|problem| PageError {
                line,
                reason: Reason::UnreadableIssue {
                    text: excerpt(issue),
                    problem,
                },
            })
        })
        .collect()
}

struct Head<'text> {
    volume: i32,
    number: i32,
    last_number: Option<i32>,
    cover_date: NaiveDate,
    rest: &'text str,
}

fn number(digits: &str) -> Option<i32> {
    digits.chars().try_fold(0_i32, |number, c| {
        number
            .checked_mul(10)?
            .checked_add(i32::try_from(digit(c)?).ok()?)
            .filter(|number| *number <= 9999)
    })
}

fn roman(letters: &str) -> Option<i32> {
    let values: Vec<i32> = letters
        .chars()
        .map(|c| match c {
            'I' => Some(1),
            'V' => Some(5),
            'X' => Some(10),
            'L' => Some(50),
            'C' => Some(100),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let next = values.iter().skip(1).chain(&[0]);
    let sum: i32 = values
        .iter()
        .zip(next)
        .map(|(value, next)| if value < next { -value } else { *value })
        .sum();
    Some(sum).filter(|sum| *sum > 0)
}

/// Volume, number and Gregorian cover date; what is left after them.
fn head(text: &str) -> Result<Head<'_>, String> {
    let captures = VOLUME
        .captures(text)
        .ok_or("give its volume, such as ‘VOL. 17’")?;
    let end = |found: Option<regex::Match<'_>>| found.map_or(0, |found| found.end());
    let volume_text = captures.name("volume").map_or("", |found| found.as_str());
    let volume = number(volume_text)
        .or_else(|| roman(volume_text))
        .filter(|volume| *volume > 0)
        .ok_or_else(|| format!("“{volume_text}” is no volume; correct the figure"))?;
    let rest = text[end(captures.get(0))..]
        .trim_start_matches(|c: char| SEPARATOR.contains(&c) || c == '(');
    let captures = NUMBER
        .captures(rest)
        .ok_or("give its number after the volume, such as ‘No. 21’")?;
    let number_text = captures.name("number").map_or("", |found| found.as_str());
    let first = number(number_text)
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("“{number_text}” is no number of an issue; correct the figure"))?;
    let rest = &rest[end(captures.get(0))..];
    let date_after = |text: &str| {
        let text =
            text.trim_start_matches(|c: char| SEPARATOR.contains(&c) || matches!(c, '(' | '['));
        date_at_start(text).map(|(end, date)| (text.len() - end, date))
    };
    // 'No. 21-22 June 2024' could be one number and a day; the longer reading is a double issue only
    // when a date follows it.
    let double = LAST_NUMBER.captures(rest).and_then(|captures| {
        let last = captures.name("number")?;
        Some((last.as_str(), date_after(&rest[last.end()..])?))
    });
    let (last_number, (left, date)) = match double {
        Some((last, date)) => {
            let last = number(last).filter(|last| *last > first).ok_or_else(|| {
                format!("‘No. {first}-{last}’: the second number of a double issue must be above the first; correct it")
            })?;
            (Some(last), date)
        }
        None => (
            None,
            date_after(rest)
                .ok_or("give its cover date after the number, such as ‘June 14, 2024’")?,
        ),
    };
    Ok(Head {
        volume,
        number: first,
        last_number,
        cover_date: date?,
        rest: &rest[rest.len() - left..],
    })
}

fn read(text: &str, line: usize, warnings: &mut Vec<Warning>) -> Result<ListedIssue, String> {
    let Head {
        volume,
        number,
        last_number,
        cover_date,
        rest,
    } = head(text)?;
    let (bikram_sambat, rest) = bikram_sambat(rest);
    if bikram_sambat.is_none()
        && let Some(inside) = rest
            .trim_start()
            .strip_prefix(['(', '['])
            .and_then(|rest| rest.split([')', ']']).next())
    {
        warnings.push(Warning {
            line,
            text: format!(
                "“{}” is no Bikram Sambat date that can be read; it was left out",
                excerpt(inside)
            ),
        });
    }
    let mut issue = ListedIssue {
        line,
        volume,
        number,
        last_number,
        cover_date,
        bikram_sambat,
        publisher: None,
        editor: None,
        registration_number: None,
    };
    credits(rest, &mut issue);
    Ok(issue)
}

/// The date in Nepal's calendar, mostly in brackets, and what is left after it.
fn bikram_sambat(text: &str) -> (Option<PrintedBikramSambat>, &str) {
    let open = text.trim_start_matches(SEPARATOR);
    let bracketed = open.strip_prefix(['(', '[']);
    let inside = bracketed.unwrap_or(open).trim_start();
    let date = &inside[ERA_BEFORE.find(inside).map_or(0, |era| era.end())..];
    for form in &*BIKRAM_SAMBAT {
        let Some(captures) = form.captures(date) else {
            continue;
        };
        let part = |name: &str| captures.name(name).map_or("", |found| found.as_str());
        let (Some(day), Some(year)) = (number(part("d")), number(part("y"))) else {
            continue;
        };
        let (Ok(day), Ok(year)) = (u8::try_from(day), u16::try_from(year)) else {
            continue;
        };
        if !(1..=32).contains(&day) || !(1900..2300).contains(&year) {
            continue;
        }
        let end = inside.len() - date.len() + captures.get(0).map_or(0, |all| all.end());
        let (printed, rest) = match (bracketed, inside[end..].find([')', ']'])) {
            (Some(_), Some(close)) => (&inside[..end + close], &inside[end + close + 1..]),
            _ => (&inside[..end], &inside[end..]),
        };
        let date = PrintedBikramSambat {
            printed: printed.trim().trim_end_matches([',', ';']).to_owned(),
            month_name: part("m").to_owned(),
            day,
            year,
        };
        return (Some(date), rest);
    }
    (None, text)
}

/// Publisher, editor and registration number: each is what stands between its label and the next.
fn credits(text: &str, issue: &mut ListedIssue) {
    let (mut publisher_waits, mut editor_waits) = (false, false);
    let labels: Vec<regex::Captures<'_>> = LABEL.captures_iter(text).collect();
    for (index, label) in labels.iter().enumerate() {
        let Some(all) = label.get(0) else { continue };
        let end = labels
            .get(index + 1)
            .and_then(|next| next.get(0))
            .map_or(text.len(), |next| next.start());
        let value = clean(text.get(all.end()..end).unwrap_or_default());
        let is = |name: &str| label.name(name).is_some();
        if value.is_empty() {
            // 'Publisher Editor: X' names X as both.
            publisher_waits |= is("publisher");
            editor_waits |= is("editor");
            continue;
        }
        if is("both") || (publisher_waits && is("editor")) || (editor_waits && is("publisher")) {
            issue.publisher.get_or_insert_with(|| value.clone());
            issue.editor.get_or_insert(value);
        } else if is("publisher") {
            issue.publisher.get_or_insert(value);
        } else if is("editor") {
            issue.editor.get_or_insert(value);
        } else if is("registration") {
            issue
                .registration_number
                .get_or_insert_with(|| value.replace(" /", "/").replace("/ ", "/"));
        }
    }
    if issue.registration_number.is_none() {
        issue.registration_number = UNLABELLED_REGISTRATION
            .find(text)
            .map(|found| clean(found.as_str()));
        if let Some(registration) = &issue.registration_number {
            for name in [&mut issue.publisher, &mut issue.editor] {
                *name = name
                    .take()
                    .map(|name| clean(&name.replace(registration.as_str(), "")));
            }
        }
    }
}

fn clean(value: &str) -> String {
    let value = value
        .trim_start_matches(|c: char| SEPARATOR.contains(&c) || c == ')')
        .trim_end_matches([' ', ',', ';', '|', '-', '–', '—', '•', '·', '*', '(', '[']);
    // A stop at the end is an initial's ('K.C.') or the line's.
    match value.strip_suffix('.') {
        Some(name)
            if name
                .rsplit([' ', '.'])
                .next()
                .is_none_or(|last| last.chars().count() > 2) =>
        {
            name.trim_end()
        }
        _ => value,
    }
    .to_owned()
}
