//! Bylines: the credited name or names of an article.
//!
//! A byline is printed as one piece of text: 'Agencies', 'A, B and C', 'News and Views Desk'. What
//! is read here is how many names stand in it, and whether each is a person, an agency or a desk.
//! Latin and Devanagari names are known.

use std::collections::HashSet;
use std::sync::LazyLock;

use masthead_domain::contributor::ContributorKind;
use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Names that are an agency wherever they stand alone, whatever their case.
const AGENCIES: &str = "\
    afp|agence france-presse|al jazeera|anadolu|ani|ansa|ap|apa|app|associated press|bbc|\
    bernama|bloomberg|bss|cnn|dpa|efe|ians|irna|kyodo|nhk|nhk world|pti|\
    press trust of india|reuters|rss|tass|thomson reuters|united press international|unb|\
    upi|voa|voa news|voice of america|xinhua|yonhap";

/// Abbreviations that mark an agency inside a longer name, as in 'RSS Kathmandu'; in capitals only.
const AGENCY_ABBREVIATIONS: &[&str] = &["AFP", "IANS", "NHK", "PTI", "RSS", "TASS", "VOA"];

/// Words that mark an agency inside a longer name, whatever their case.
const AGENCY_WORDS: &str = "\
    agencies agency newswire reuters xinhua एजेन्सी एजेन्सीहरू एजेन्सीहरु एजेंसी रासस \
    राससको रोयटर्स सिन्ह्वा एएफपी एएनआई पिटिआई";

/// Pairs of words that end an agency's name.
const AGENCY_ENDINGS: &[&str] = &[
    "news service",
    "wire service",
    "press service",
    "समाचार समिति",
];

/// Words that mark a desk, whatever their case.
const DESK_WORDS: &str = "\
    bureau correspondent correspondents desk editorial editors newsroom online reporter \
    reporters staff team संवाददाता समाचारदाता डेस्क ब्यूरो ब्युरो सम्पादकीय संपादकीय \
    न्युजरूम अनलाइन टोली";

/// What a desk is named after: beside 'and', such a word is a part of a desk's name, not a name.
const DESK_TOPICS: &str = "\
    affairs art arts business community culture digital economics economy education \
    entertainment environment features finance foreign health international investigation \
    life lifestyle local media national news opinion opinions planning policy political \
    politics research science social society special sports style tech technology video \
    views web world समाचार विचार अनुसन्धान";

/// Words that no personal name holds; mostly what follows 'By' in a headline ('By Two Wickets').
const NOT_IN_NAMES: &str = "\
    a about above actually after against ahead air all america american amid an and are \
    army as at bank be before below billion british bus by cabinet can car cent chance \
    change chief children chinese climate commission committee company conclusion council \
    court covid crore crores day days death december default deputy design disease dollars \
    early earthquake east eight election elections elephant end example february fire five \
    flood floods force forces for four friday from global goals government group gunmen \
    half heavy high his hospital hours house how huge in indian into is it its itself \
    january july lakh lakhs landslide landslides large last late law leaders lightning \
    local looking low major margin means men militants million minister ministers ministry \
    minutes mistake mob monday monsoon month months more most national nations nato \
    nepalese nepali new next nine no north not november now october of off on one or our \
    out over parliament part party people percent phase plane points police president prime \
    public quake rain rains rebels record review river road rules runs rupees russian \
    saturday sea security september seven six snow south state step storm strong students \
    sunday supreme taliban ten than that the their them these this those three thursday \
    tiger till to today tomorrow train troops truck tuesday two un under united until up us \
    usa video virus vote votes was water wave wednesday week weeks west what when where who \
    why wickets wide will wind with women workers world year years yesterday zero";

/// Endings of Nepali verbs: a short sentence is no name.
const NEPALI_VERB_ENDINGS: &str = "\
    छ छन् छैन छैनन् हो होइन यो थिए थियो दै ने बाँकी गरे भए";

static TOPICS: LazyLock<HashSet<&str>> = LazyLock::new(|| DESK_TOPICS.split(' ').collect());
static STOP_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| NOT_IN_NAMES.split(' ').collect());

#[expect(
    clippy::expect_used,
    reason = "a fixed pattern, compiled by every test"
)]
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s\-–—(\[•]*(?:(?:written\s+|posted\s+|published\s+)?by\b(?:\s*:)?\s*)?")
        .expect("fixed pattern")
});

#[expect(
    clippy::expect_used,
    reason = "a fixed pattern, compiled by every test"
)]
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\s*[,;،]\s*(?:(?:and|&|र|तथा)\s+)?|\s*[&/|]\s*|\s+(?:and|र|तथा)\s+|\s+with\s+inputs?\s+from\s+",
    )
    .expect("fixed pattern")
});

/// The credited names in their printed order, each once.
///
/// `By A, B and C`, `A & B` and `A / B` are several names; `News and Views Desk` is one. A leading
/// `By` is left out. Empty text has no names.
pub fn names(byline: &str) -> Vec<String> {
    let text = stripped(byline);
    // Pieces with the separator that stands before each.
    let mut pieces: Vec<(&str, &str)> = Vec::new();
    let (mut start, mut before) = (0, "");
    for separator in SEPARATOR.find_iter(text) {
        pieces.push((before, &text[start..separator.start()]));
        (start, before) = (separator.end(), separator.as_str());
    }
    pieces.push((before, &text[start..]));

    let mut found: Vec<String> = Vec::new();
    for (index, (separator, piece)) in pieces.iter().enumerate() {
        let piece = piece.trim();
        let joins = match found.last() {
            Some(_) if is_title_after_name(piece) => true,
            Some(before) => {
                // 'Research and Policy Bureau': what stands before 'and' is no name by itself, and
                // some later piece shows that a desk or an agency is being named.
                !stands_alone(before)
                    && pieces[index..]
                        .iter()
                        .any(|(_, later)| kind_by_words(later) != ContributorKind::Person)
            }
            None => false,
        };
        if joins {
            if let Some(last) = found.last_mut() {
                last.push_str(separator);
                last.push_str(piece);
            }
        } else if !piece.is_empty() {
            found.push(piece.to_owned());
        }
    }
    let mut seen = HashSet::new();
    found.retain(|name| seen.insert(key(name)));
    found
}

/// What kind of contributor a single name is.
///
/// `publication_title` is the magazine's title; a name that holds it is a desk. It may be empty.
pub fn kind(name: &str, publication_title: &str) -> ContributorKind {
    if holds_title(name, publication_title) {
        ContributorKind::Desk
    } else {
        kind_by_words(name)
    }
}

fn holds_title(name: &str, title: &str) -> bool {
    const GENERIC: &[&str] = &[
        "the",
        "magazine",
        "weekly",
        "fortnightly",
        "monthly",
        "daily",
        "online",
    ];
    let name = words(name);
    let title = words(title);
    if !title.is_empty() && name == title {
        return true;
    }
    let core: Vec<&String> = title
        .iter()
        .filter(|word| !GENERIC.contains(&word.as_str()))
        .collect();
    match core.len() {
        0 => false,
        // 'Himal Sharma' does not write for the desk of 'Himal'.
        1 => name.len() == 1 && name.first() == core.first().copied(),
        length => name
            .windows(length)
            .any(|window| window.iter().eq(core.iter().copied())),
    }
}

fn kind_by_words(name: &str) -> ContributorKind {
    let lower = words(name);
    let joined = lower.join(" ");
    let agency = AGENCIES.split('|').any(|agency| agency == joined)
        || lower.iter().any(|word| is_one_of(AGENCY_WORDS, word))
        || AGENCY_ENDINGS.iter().any(|ending| joined.ends_with(ending))
        || name
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| AGENCY_ABBREVIATIONS.contains(&word));
    if agency {
        ContributorKind::Agency
    } else if lower.iter().any(|word| is_one_of(DESK_WORDS, word)) || joined == "the editor" {
        ContributorKind::Desk
    } else {
        ContributorKind::Person
    }
}

fn is_one_of(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// The words in lower case, without punctuation around them.
fn words(text: &str) -> Vec<String> {
    text.nfc()
        .collect::<String>()
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '|' | '(' | ')' | ':'))
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// 'Jr.' and 'MD' after a comma belong to the name before it.
fn is_title_after_name(piece: &str) -> bool {
    let title: String = piece
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    matches!(
        title.as_str(),
        "jr" | "sr" | "phd" | "md" | "mbbs" | "esq" | "ii" | "iii"
    )
}

fn stands_alone(name: &str) -> bool {
    kind_by_words(name) != ContributorKind::Person
        || (name.split_whitespace().count() >= 2
            && words(name)
                .iter()
                .all(|word| !TOPICS.contains(word.as_str())))
}

/// The byline without 'By', brackets and dashes around it. A bracket that belongs to a name stays:
/// 'Valley News Agency (VNA)'.
pub(crate) fn stripped(byline: &str) -> &str {
    let start = PREFIX.find(byline).map_or(0, |found| found.end());
    let mut text = byline[start..].trim_end();
    while let Some(last) = text.chars().next_back() {
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            _ => None,
        };
        let around = match opening {
            Some(opening) => text.matches(opening).count() < text.matches(last).count(),
            None => matches!(last, ':' | ',' | '|' | '-' | '–' | '—'),
        };
        if !around {
            break;
        }
        text = text[..text.len() - last.len_utf8()].trim_end();
    }
    text
}

/// A name without the abbreviation in brackets behind it.
fn without_abbreviation(name: &str) -> &str {
    match name.split_once(" (") {
        Some((name, rest)) if rest.ends_with(')') => name,
        _ => name,
    }
}

/// For comparing: the same letters and digits, whatever the case, spacing and punctuation.
pub(crate) fn key(text: &str) -> String {
    let key: String = text
        .nfkc()
        .filter(|c| c.is_alphanumeric() || is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    if key.is_empty() {
        text.trim().to_owned()
    } else {
        key
    }
}

/// The names of a byline, for comparing.
pub(crate) fn name_keys(byline: &str) -> Vec<String> {
    names(byline).iter().map(|name| key(name)).collect()
}

/// Whether the words of a short text say that it is a byline and no headline: each name an agency or
/// a desk, or one of them beside persons. Stricter than [`kind`]: the telling word stands last, or
/// first of at most three.
pub(crate) fn is_house_or_agency(text: &str) -> bool {
    if text.chars().count() > 80 || text.ends_with(['.', '!', '?', '।']) {
        return false;
    }
    let names = names(text);
    let telling = |name: &String| is_telling_name(name);
    names.iter().any(telling)
        && names
            .iter()
            .all(|name| telling(name) || is_personal_name(name, 1))
}

/// A single name that is an agency's or a desk's by its words.
fn is_telling_name(name: &str) -> bool {
    let name = without_abbreviation(name);
    let words: Vec<&str> = name.split_whitespace().collect();
    kind_by_words(name) != ContributorKind::Person
        && words.len() <= 6
        && (words.len() == 1 || !name.starts_with(char::is_lowercase))
        && !words.iter().any(|word| word.eq_ignore_ascii_case("by"))
        && (kind_by_words(words.last().unwrap_or(&"")) != ContributorKind::Person
            || AGENCY_ENDINGS
                .iter()
                .any(|ending| self::words(name).join(" ").ends_with(ending))
            || (words.len() <= 3 && !name.contains(char::is_numeric)))
}

/// Whether every name in the text is written as a person's name is: at least `least_words` words,
/// each with a capital (or in a script without them), none that names never hold.
pub(crate) fn is_personal(text: &str, least_words: usize) -> bool {
    let names = names(text);
    !names.is_empty()
        && names.len() <= 6
        && text.chars().count() <= 120
        && names
            .iter()
            .all(|name| is_telling_name(name) || is_personal_name(name, least_words))
}

fn is_personal_name(name: &str, least_words: usize) -> bool {
    const PARTICLES: &[&str] = &[
        "de", "del", "van", "von", "der", "den", "bin", "al", "el", "la", "da", "di", "dos", "ibn",
        "ul",
    ];
    const HONORIFICS: &[&str] = &["dr", "mr", "mrs", "ms", "prof", "er", "adv", "डा", "प्रा"];
    const TITLES: &[&str] = &["jr", "sr", "phd", "md", "mbbs", "esq", "ii", "iii"];
    let mut count = 0;
    for word in name.split_whitespace() {
        let lower = word
            .trim_matches(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
            .to_lowercase();
        if HONORIFICS.contains(&lower.as_str()) || TITLES.contains(&lower.as_str()) {
            continue;
        }
        let shaped = word.chars().all(|c| {
            c.is_alphabetic() || is_combining_mark(c) || "\u{200c}\u{200d}.'’‘-,".contains(c)
        }) && word.chars().next().is_some_and(char::is_alphabetic);
        let capital = !word.starts_with(char::is_lowercase) || PARTICLES.contains(&lower.as_str());
        if !shaped || !capital || STOP_WORDS.contains(lower.as_str()) || is_contraction(&lower) {
            return false;
        }
        count += 1;
    }
    let nepali = name.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c));
    if nepali
        && NEPALI_VERB_ENDINGS
            .split(' ')
            .any(|ending| name.ends_with(ending))
    {
        return false;
    }
    count >= least_words.max(1)
        && count <= if nepali { 3 } else { 5 }
        // A full stop ends a sentence, unless an initial or a title ends in it.
        && (!name.ends_with('.')
            || name
                .rsplit(char::is_whitespace)
                .next()
                .is_some_and(|last| last.len() <= 4 || last.matches('.').count() > 1))
}

/// 'Nepal's' is no name.
fn is_contraction(word: &str) -> bool {
    word.ends_with("'s") || word.ends_with("’s")
}

#[cfg(test)]
mod tests;
