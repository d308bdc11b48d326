use std::time::Instant;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::builder::Page;
use crate::byline;
use crate::saved_page::{PrintedTime, parse, resolve};

fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// What pages are made of, to be put together at random.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\n".to_owned()),
        Just(" ".to_owned()),
        Just("Agencies".to_owned()),
        Just("By ".to_owned()),
        Just("By Bimal Rai".to_owned()),
        Just("More on Farming".to_owned()),
        Just("The Latest".to_owned()),
        Just("Latest Magazine".to_owned()),
        Just("VOL. 9, No. 4, March.3,2023 (Falgun-19. 2079)".to_owned()),
        Just("Publisher and Editor: Asha Gurung".to_owned()),
        Just("Mar 9, 2023".to_owned()),
        Just("March 9, 2023, 6:15 a.m.".to_owned()),
        Just("2\u{a0}days, 3\u{a0}hours ago".to_owned()),
        Just("yesterday".to_owned()),
        Just("date 2023-03-09 ".to_owned()),
        "\\PC{0,12}",
        "[0-9]{1,6}",
        "[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8}){0,5}",
    ]
}

/// A page whose lines were dropped, doubled, moved and glued.
fn mutated() -> impl Strategy<Value = String> {
    let lines: Vec<String> = Page::default()
        .text()
        .lines()
        .map(ToOwned::to_owned)
        .collect();
    let count = lines.len();
    prop::collection::vec((0..4_u8, 0..count, 0..count), 0..8).prop_map(move |changes| {
        let mut lines = lines.clone();
        for (change, one, other) in changes {
            let (one, other) = (one % lines.len(), other % lines.len());
            match change {
                0 if lines.len() > 1 => {
                    lines.remove(one);
                }
                1 => lines.swap(one, other),
                2 => {
                    let line = lines[other].clone();
                    lines[one].push_str(&line);
                }
                _ => {
                    let line = lines[one].clone();
                    lines.insert(other, line);
                }
            }
        }
        lines.join("\n")
    })
}

/// Parses and resolves; whatever comes out keeps what is promised.
fn check(text: &str) -> Result<(), TestCaseError> {
    let crlf = parse(&text.replace("\r\n", "\n").replace('\n', "\r\n"));
    prop_assert_eq!(&crlf, &parse(&text.replace("\r\n", "\n")));
    let Ok(page) = parse(text) else { return Ok(()) };
    for captured_at in [None, Some(now())] {
        let placed = resolve(&page, chrono_tz::Asia::Kathmandu, captured_at, now());
        prop_assert_eq!(
            &placed,
            &resolve(&page, chrono_tz::Asia::Kathmandu, captured_at, now())
        );
        prop_assert!(placed.captured.0 <= placed.captured.1 && placed.captured.1 <= now());
        prop_assert!(placed.own < placed.articles.len());
        for article in &placed.articles {
            prop_assert!(
                article.earliest <= article.instant && article.instant <= article.latest,
                "{:?}",
                article
            );
        }
        for &(newer, older) in &placed.newest_first {
            prop_assert!(placed.articles[newer].instant > placed.articles[older].instant);
        }
    }
    for byline in page.article.byline.iter().chain(
        page.latest
            .iter()
            .filter_map(|article| article.byline.as_ref()),
    ) {
        prop_assert!(!byline::names(byline).is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        check(&text)?;
        byline::names(&text);
        byline::kind(&text, &text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_fragments_are_answered(
        fragments in prop::collection::vec(fragment(), 0..60),
        headed in any::<bool>(),
    ) {
        let head = if headed { "A Headline\n\nMarch 9, 2023, 6:15 a.m.\n\n" } else { "" };
        check(&format!("{head}{}", fragments.concat()))?;
    }

    #[test]
    fn any_damaged_page_is_answered(text in mutated()) {
        check(&text)?;
    }

    /// Days and ages of a list in a random order: what the page says of the order holds.
    #[test]
    fn the_order_of_a_list_holds(
        days in prop::collection::vec(1..9_u32, 1..30),
        ages in prop::collection::vec(0..200_i64, 0..20),
        captured in any::<bool>(),
    ) {
        let mut days = days;
        days.sort_unstable_by(|one, other| other.cmp(one));
        let mut ages = ages;
        ages.sort_unstable();
        let latest: Vec<String> = days
            .iter()
            .enumerate()
            .map(|(index, day)| format!("Latest {index} By Agencies Mar {day}, 2023"))
            .collect();
        let section: Vec<String> = ages
            .iter()
            .enumerate()
            .map(|(index, hours)| format!("Other {index} By Agencies {} days, {} hours ago", hours / 24, hours % 24))
            .collect();
        let mut page = Page::default();
        page.latest = format!("The Latest\n\n{}", latest.join("\n"));
        page.section = format!("More on Farming\n\n{}", section.join("\n"));
        let page = page.parse();
        prop_assert_eq!((page.latest.len(), page.section_list.len()), (days.len(), ages.len()));
        let at = captured.then(|| "2023-03-09T06:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let placed = resolve(&page, chrono_tz::Asia::Kathmandu, at, now());
        for prefix in ["Latest ", "Other "] {
            let listed: Vec<_> = placed.articles.iter().filter(|article| article.headline.starts_with(prefix)).collect();
            for pair in listed.windows(2) {
                prop_assert!(pair[0].instant > pair[1].instant, "{:?}", pair);
            }
        }
        for article in &page.latest {
            prop_assert!(matches!(article.printed, PrintedTime::Day(_)));
        }
    }
}

/// Ten times the text takes about ten times as long: nothing is quadratic in a page's length.
#[test]
fn long_pages_are_read_in_linear_time() {
    for piece in [
        "Word by word it goes on By Nobody 2 days ago and so on ",
        "lower case line\n",
        "Bimal Rai\n\n",
        "Agencies\n\nOne\n",
        "A Headline By Bimal Rai Mar 9, 2023\n",
        "VOL. 9, No. 4, March.3,2023 (Falgun-19. 2079) ",
        "The Latest\n\n",
        "1 day, 2 hours, ",
        "9",
        "By ",
    ] {
        let time = |times: usize| {
            let text = format!(
                "A Headline\n\nMarch 9, 2023, 6:15 a.m.\n\n{}\n\nThe Latest\n\n{}",
                piece.repeat(times),
                piece.repeat(times)
            );
            let start = Instant::now();
            let _ = parse(&text);
            start.elapsed().as_secs_f64()
        };
        time(10);
        let (short, long) = (time(300).max(0.002), time(6000));
        // A factor of twenty in length; four hundred would be quadratic.
        assert!(long < short * 100.0, "{piece:?}: {short} s, then {long} s");
    }
}
