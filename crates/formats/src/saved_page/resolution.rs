//! Places the articles of a saved page in time.
//!
//! A page dates its articles by the minute, by the day, or by their age at a capture whose time is
//! mostly unknown. What is printed bounds the capture, the capture bounds the ages, and the order of
//! the lists, newest first, settles the rest.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, NaiveTime, SubsecRound as _, Utc};
use chrono_tz::Tz;
use masthead_domain::article::TimePrecision;

use super::capture::{self, Span};
use super::page_order::{Place, arrange};
use super::printed_time::{Age, AgeUnit, PrintedTime};
use super::{SavedPage, Warning, excerpt};
use crate::byline;

/// The articles of a page, each placed in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPage {
    /// The index of the page's own article.
    pub own: usize,
    /// Every article once, in the order in which the page first names it.
    pub articles: Vec<ResolvedArticle>,
    /// What the lists say of the order, as indexes (newer, older); all instants obey it.
    pub newest_first: Vec<(usize, usize)>,
    /// The first and the last second in which the page can have been captured.
    pub captured: (DateTime<Utc>, DateTime<Utc>),
    /// What contradicts itself, in the order of lines.
    pub warnings: Vec<Warning>,
}

/// An article of a page, placed in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedArticle {
    /// The line that first names it, counted from 1.
    pub line: usize,
    /// The headline.
    pub headline: String,
    /// The byline as printed, without 'By'.
    pub byline: Option<String>,
    /// The section, known of the page's own article and of those under `More on <section>`.
    pub section: Option<String>,
    /// The body, of the page's own article only.
    pub paragraphs: Option<Vec<String>>,
    /// It did not appear before this second.
    pub earliest: DateTime<Utc>,
    /// It did not appear after this second.
    pub latest: DateTime<Utc>,
    /// The best placing, between the two.
    pub instant: DateTime<Utc>,
    /// How exactly the instant is known.
    pub precision: TimePrecision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Own,
    Byline,
    Section,
    Latest,
}

/// One place where a page names an article.
struct Mention<'page> {
    list: List,
    line: usize,
    headline: &'page str,
    byline: Option<&'page str>,
    /// Whether the byline stands with it, and not over its list.
    byline_is_printed: bool,
    printed: PrintedTime,
}

/// An article and where the page names it.
struct Entry<'page> {
    mentions: Vec<Mention<'page>>,
    /// The names in its byline, as keys.
    credits: Option<Vec<String>>,
}

/// Places the articles of a page in time.
///
/// `zone` is the publication's time zone, in which days begin and printed times are read.
/// `captured_at` is when the page was captured, where that is known. Nothing is placed after `now`,
/// save what the page itself dates later.
///
/// An article that is named twice (the same headline but for case and punctuation, no other byline,
/// times that fit) is one. A printed minute is taken as it is. A printed day becomes its local noon.
/// An age is counted from the earliest possible capture. Within their bounds, times that are not
/// printed to the minute are moved by seconds so that each list stays newest first.
pub fn resolve(
    page: &SavedPage,
    zone: Tz,
    captured_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> ResolvedPage {
    let mut warnings = Vec::new();
    let now = now.trunc_subsecs(0);
    let mentions = mentions(page);
    let printed: Vec<PrintedTime> = mentions.iter().map(|mention| mention.printed).collect();
    let capture::Known { mut span, exact } = capture::known(
        zone,
        page.captured_on,
        captured_at.map(|at| at.trunc_subsecs(0)),
        &printed,
        now,
        &mut warnings,
    );
    let entries = entries(mentions, zone, span);
    for entry in &entries {
        narrow(&mut span, entry, zone, &mut warnings);
    }
    let placements: Vec<Placement> = entries
        .iter()
        .map(|entry| place(entry, zone, span, exact))
        .collect();

    let (listed, implied) = newest_first(&entries);
    let wanted: Vec<(usize, usize)> = listed.iter().chain(&implied).copied().collect();
    let places: Vec<Place> = placements
        .iter()
        .map(|placement| Place {
            earliest: placement.span.earliest.timestamp(),
            latest: placement.span.latest.timestamp(),
            preferred: placement.instant.timestamp(),
        })
        .collect();
    let arrangement = arrange(&places, &wanted);
    let listed: HashSet<(usize, usize)> = listed.into_iter().collect();
    for (newer, older) in arrangement.dropped {
        if listed.contains(&(newer, older))
            && let (Some(newer), Some(older)) = (entries.get(newer), entries.get(older))
        {
            warnings.push(Warning {
                line: older.line(),
                text: format!(
                    "“{}” stands above “{}” in a list, but their times do not allow that order",
                    excerpt(newer.headline()),
                    excerpt(older.headline())
                ),
            });
        }
    }
    warnings.sort_by_key(|warning| warning.line);

    let articles = entries
        .iter()
        .zip(placements)
        .zip(arrangement.seconds)
        .map(|((entry, placement), seconds)| {
            let is_own = entry.is_in(List::Own);
            ResolvedArticle {
                line: entry.line(),
                headline: entry.headline().to_owned(),
                byline: entry.byline().map(ToOwned::to_owned),
                section: page
                    .section
                    .clone()
                    .filter(|_| is_own || entry.is_in(List::Section)),
                paragraphs: is_own.then(|| page.article.paragraphs.clone()),
                earliest: placement.span.earliest,
                latest: placement.span.latest,
                instant: DateTime::from_timestamp(seconds, 0).unwrap_or(placement.instant),
                precision: placement.precision,
            }
        })
        .collect();
    ResolvedPage {
        own: 0,
        articles,
        newest_first: arrangement.kept,
        captured: (span.earliest, span.latest),
        warnings,
    }
}

/// The page's own article first, then the lists in the order of their lines.
fn mentions(page: &SavedPage) -> Vec<Mention<'_>> {
    let article = &page.article;
    let own_byline = article.byline.as_deref();
    let mut mentions: Vec<Mention<'_>> = [
        (List::Byline, &page.byline_list, own_byline),
        (List::Section, &page.section_list, None),
        (List::Latest, &page.latest, None),
    ]
    .into_iter()
    .flat_map(|(list, articles, byline)| {
        articles.iter().map(move |article| Mention {
            list,
            line: article.line,
            headline: &article.headline,
            byline: article.byline.as_deref().or(byline),
            byline_is_printed: article.byline.is_some(),
            printed: article.printed,
        })
    })
    .collect();
    mentions.sort_by_key(|mention| mention.line);
    mentions.insert(
        0,
        Mention {
            list: List::Own,
            line: article.line,
            headline: &article.headline,
            byline: own_byline,
            byline_is_printed: own_byline.is_some(),
            printed: article.printed,
        },
    );
    mentions
}

impl Mention<'_> {
    fn printed_credits(&self) -> Option<Vec<String>> {
        self.byline
            .filter(|_| self.byline_is_printed)
            .map(byline::name_keys)
    }
}

impl<'page> Entry<'page> {
    fn new(mention: Mention<'page>) -> Self {
        Self {
            credits: mention.byline.map(byline::name_keys),
            mentions: vec![mention],
        }
    }

    fn line(&self) -> usize {
        self.mentions.first().map_or(1, |mention| mention.line)
    }

    fn headline(&self) -> &'page str {
        self.mentions.first().map_or("", |mention| mention.headline)
    }

    /// The byline: one that is printed with it before that of the list it stands in, which holds what any of
    /// its names wrote; and one that names more before one that names fewer.
    fn byline(&self) -> Option<&'page str> {
        let bylines = self
            .mentions
            .iter()
            .filter_map(|mention| Some((mention.byline_is_printed, mention.byline?)));
        bylines
            // Of several that say as much, the first.
            .rev()
            .max_by_key(|(printed, byline)| (*printed, byline::name_keys(byline).len()))
            .map(|(_, byline)| byline)
    }

    fn is_in(&self, list: List) -> bool {
        self.mentions.iter().any(|mention| mention.list == list)
    }

    /// The span of the most exact printed date.
    fn dated(&self, zone: Tz) -> Option<Span> {
        self.mentions
            .iter()
            .filter_map(|mention| capture::span_of_date(zone, mention.printed))
            .min_by_key(|span| span.width())
    }

    fn is_dated_to_the_minute(&self) -> bool {
        self.mentions
            .iter()
            .any(|mention| matches!(mention.printed, PrintedTime::Minute(_)))
    }

    /// The printed ages, the finest first.
    fn ages(&self) -> Vec<Age> {
        let mut ages: Vec<Age> = self
            .mentions
            .iter()
            .filter_map(|mention| match mention.printed {
                PrintedTime::Age(age) => Some(age),
                _ => None,
            })
            .collect();
        ages.sort_by_key(|age| age.unit);
        ages
    }

    fn printed_credits(&self) -> Option<Vec<String>> {
        self.mentions.iter().find_map(Mention::printed_credits)
    }

    fn may_be(&self, mention: &Mention<'_>, zone: Tz, capture: Span) -> bool {
        // What stands over a list says less than what is printed with an article: only bylines that are
        // both printed can speak against one another. A list may name only the first of several.
        let same_credit = match (self.printed_credits(), mention.printed_credits()) {
            (Some(one), Some(other)) => one.iter().any(|name| other.contains(name)),
            _ => true,
        };
        same_credit
            && self
                .mentions
                .iter()
                .all(|other| times_fit(other.printed, mention.printed, zone, capture))
    }
}

/// A day and an age that miss one another by no more than this are one article's, misprinted.
const TOLERANCE: Duration = Duration::days(3);

fn times_fit(one: PrintedTime, other: PrintedTime, zone: Tz, capture: Span) -> bool {
    if let (PrintedTime::Age(one), PrintedTime::Age(other)) = (one, other) {
        return one.least() < other.most() && other.least() < one.most();
    }
    let span = |time| match time {
        PrintedTime::Age(age) => {
            let span = capture::span_of_age(zone, capture, age);
            Span {
                earliest: capture::minus(span.earliest, TOLERANCE),
                latest: capture::plus(span.latest, TOLERANCE),
            }
        }
        PrintedTime::Minute(_) | PrintedTime::Day(_) => {
            capture::span_of_date(zone, time).unwrap_or(capture)
        }
    };
    span(one).intersection(span(other)).is_some()
}

fn entries(mentions: Vec<Mention<'_>>, zone: Tz, capture: Span) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut by_headline: HashMap<String, Vec<usize>> = HashMap::new();
    for mention in mentions {
        let same = by_headline
            .entry(byline::key(mention.headline))
            .or_default();
        let known = same.iter().copied().find(|index| {
            entries
                .get(*index)
                .is_some_and(|entry| entry.may_be(&mention, zone, capture))
        });
        if let Some(entry) = known.and_then(|index| entries.get_mut(index)) {
            if let Some(byline) = mention.byline {
                entry
                    .credits
                    .get_or_insert_default()
                    .extend(byline::name_keys(byline));
            }
            entry.mentions.push(mention);
        } else {
            same.push(entries.len());
            entries.push(Entry::new(mention));
        }
    }
    entries
}

/// An article with both a date and an age bounds the capture.
fn narrow(capture: &mut Span, entry: &Entry<'_>, zone: Tz, warnings: &mut Vec<Warning>) {
    let Some(dated) = entry.dated(zone) else {
        return;
    };
    for age in entry.ages() {
        match capture.intersection(capture::capture_of_age(dated, age)) {
            Some(narrower) => *capture = narrower,
            None => warnings.push(Warning {
                line: entry.line(),
                text: format!(
                    "the date and the age that the page prints for “{}” do not fit together; the date was taken",
                    excerpt(entry.headline())
                ),
            }),
        }
    }
}

struct Placement {
    span: Span,
    instant: DateTime<Utc>,
    precision: TimePrecision,
}

fn place(entry: &Entry<'_>, zone: Tz, capture: Span, exact: bool) -> Placement {
    let dated = entry.dated(zone);
    if let Some(span) = dated.filter(|_| entry.is_dated_to_the_minute()) {
        return Placement {
            span,
            instant: span.earliest,
            precision: TimePrecision::Minute,
        };
    }
    let past = Span {
        earliest: DateTime::<Utc>::MIN_UTC,
        latest: capture.latest,
    };
    // A day to come is kept as printed; there was a warning.
    let mut span = dated.map_or(past, |day| day.intersection(past).unwrap_or(day));
    let mut aged = None;
    for age in entry.ages() {
        if let Some(narrower) = span.intersection(capture::span_of_age(zone, capture, age)) {
            span = narrower;
            aged = aged.or(Some(age));
        }
    }
    let by_age = aged
        .filter(|age| age.unit != AgeUnit::CalendarDay)
        .map(|age| capture::minus(capture.earliest, age.amount));
    let instant = by_age
        .filter(|instant| span.contains(*instant))
        .unwrap_or_else(|| {
            let noon = span
                .latest
                .with_timezone(&zone)
                .date_naive()
                .and_time(NaiveTime::MIN)
                + Duration::hours(12);
            let noon = capture::instant(zone, noon);
            if span.contains(noon) {
                noon
            } else {
                span.middle()
            }
        });
    let precision = match aged.map(|age| age.unit) {
        Some(AgeUnit::Minute) if exact => TimePrecision::Minute,
        Some(AgeUnit::Minute | AgeUnit::Hour) if exact || capture.width() <= Duration::hours(1) => {
            TimePrecision::Hour
        }
        _ => TimePrecision::Day,
    };
    Placement {
        span,
        instant,
        precision,
    }
}

/// The indexes of a newer and an older article.
type NewerOlder = (usize, usize);

/// What the lists say of the order: neighbours in a list; and what follows from an
/// article's absence: a list that has run out before it names an article ends above it.
fn newest_first(entries: &[Entry<'_>]) -> (Vec<NewerOlder>, Vec<NewerOlder>) {
    let (mut listed, mut implied) = (Vec::new(), Vec::new());
    for list in [List::Byline, List::Section, List::Latest] {
        let mut lines: Vec<(usize, usize)> = entries
            .iter()
            .enumerate()
            .flat_map(|(index, entry)| {
                entry
                    .mentions
                    .iter()
                    .filter(|mention| mention.list == list)
                    .map(move |mention| (mention.line, index))
            })
            .collect();
        lines.sort_unstable();
        listed.extend(
            lines
                .iter()
                .zip(lines.iter().skip(1))
                .map(|((_, newer), (_, older))| (*newer, *older)),
        );
        let Some(&(_, last)) = lines.last() else {
            continue;
        };
        let owner = entries
            .iter()
            .find(|entry| entry.is_in(List::Own))
            .and_then(|own| own.credits.as_ref());
        let absent = entries.iter().enumerate().filter(|(_, entry)| {
            !entry.is_in(List::Own)
                && !entry.is_in(list)
                && match list {
                    List::Latest => true,
                    List::Byline => {
                        owner
                            .zip(entry.credits.as_ref())
                            .is_some_and(|(owner, credits)| {
                                owner.iter().any(|name| credits.contains(name))
                            })
                    }
                    List::Section | List::Own => false,
                }
        });
        implied.extend(absent.map(|(index, _)| (last, index)));
    }
    (listed, implied)
}
