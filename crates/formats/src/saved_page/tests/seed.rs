//! The page that the product answers to, where it stands beside the project.

use std::path::PathBuf;

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::Value;

use masthead_domain::{article::TimePrecision, contributor::ContributorKind};

use crate::byline::{kind, names};
use crate::saved_page::{ListedArticle, PrintedTime, SavedPage, parse, resolve};

fn seed() -> Option<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seed");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let found = read("article-page.txt").zip(read("expected.json"));
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    if found.is_none() {
        eprintln!("SKIPPED: {} does not hold the seed page", folder.display());
    }
    found.map(|(page, expected)| (page, serde_json::from_str(&expected).unwrap()))
}

fn headlines(list: &[ListedArticle]) -> Vec<&str> {
    list.iter()
        .map(|article| article.headline.as_str())
        .collect()
}

fn strings(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect()
}

const TITLE: &str = "New Spotlight";

#[test]
fn what_is_printed() {
    let Some((text, expected)) = seed() else {
        return;
    };
    let page = parse(&text).unwrap();
    assert_eq!(page.warnings, []);
    let article = &expected["article"];
    assert_eq!(page.article.headline, article["headline"].as_str().unwrap());
    assert_eq!(page.section.as_deref(), article["section"].as_str());
    assert_eq!(
        page.article.paragraphs.len(),
        usize::try_from(article["bodyParagraphs"].as_u64().unwrap()).unwrap()
    );
    let bylines: Vec<(String, &str)> = names(page.article.byline.as_deref().unwrap())
        .into_iter()
        .map(|name| {
            let kind = ContributorKind::name(kind(&name, TITLE));
            (name, kind)
        })
        .collect();
    assert_eq!(bylines.len(), article["bylines"].as_array().unwrap().len());
    assert_eq!(
        bylines[0].0,
        article["bylines"][0]["name"].as_str().unwrap()
    );
    assert_eq!(
        bylines[0].1,
        article["bylines"][0]["kind"].as_str().unwrap()
    );
    assert_eq!(
        headlines(&page.byline_list),
        strings(&expected["relatedLists"][0]["firstHeadlines"])
    );
    assert_eq!(
        headlines(&page.section_list),
        strings(&expected["relatedLists"][1]["firstHeadlines"])
    );
    let latest = expected["latest"].as_array().unwrap();
    assert_eq!(page.latest.len(), latest.len());
    for (read, expected) in page.latest.iter().zip(latest) {
        assert_eq!(read.headline, expected["headline"].as_str().unwrap());
        assert_eq!(read.byline.as_deref(), expected["byline"].as_str());
        assert_eq!(
            ContributorKind::name(kind(read.byline.as_deref().unwrap(), TITLE)),
            expected["kind"].as_str().unwrap()
        );
        assert!(matches!(read.printed, PrintedTime::Day(_)));
    }
    issues(&page, &expected);
}

fn issues(page: &SavedPage, expected: &Value) {
    let issues = expected["magazineIssues"].as_array().unwrap();
    assert_eq!(page.magazine_issues.len(), issues.len());
    let facts = &expected["magazineIssueFacts"];
    for (read, expected) in page.magazine_issues.iter().zip(issues) {
        assert_eq!(
            Some(i64::from(read.volume)),
            expected["volumeNumber"].as_i64()
        );
        assert_eq!(Some(i64::from(read.number)), expected["number"].as_i64());
        assert_eq!(read.last_number, None);
        assert_eq!(
            read.cover_date.to_string(),
            expected["coverDate"].as_str().unwrap()
        );
        let date = read.bikram_sambat.as_ref().unwrap();
        assert_eq!(
            Some(u64::from(date.year)),
            expected["bikramSambat"]["year"].as_u64()
        );
        assert_eq!(
            Some(u64::from(date.day)),
            expected["bikramSambat"]["day"].as_u64()
        );
        let month = if date.month_name == "Jestha" { 2 } else { 1 };
        assert_eq!(
            Some(month),
            expected["bikramSambat"]["month"].as_u64(),
            "{}",
            date.month_name
        );
        assert_eq!(read.publisher.as_deref(), facts["publisher"].as_str());
        assert_eq!(read.editor.as_deref(), facts["editor"].as_str());
        assert_eq!(
            read.registration_number.as_deref(),
            facts["registrationNumber"].as_str()
        );
    }
}

#[test]
fn when_it_appeared() {
    let Some((text, expected)) = seed() else {
        return;
    };
    let page = parse(&text).unwrap();
    let zone: chrono_tz::Tz = expected["timeZone"].as_str().unwrap().parse().unwrap();
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let placed = resolve(&page, zone, None, now);
    assert_eq!(placed.warnings, []);
    assert_eq!(
        Some(placed.articles.len() as u64),
        expected["articleCount"].as_u64()
    );
    assert_eq!(
        placed.captured.0,
        "2024-06-18T14:00:00+05:45"
            .parse::<DateTime<Utc>>()
            .unwrap()
    );
    let own = &placed.articles[placed.own];
    assert_eq!(
        own.instant,
        expected["article"]["publishedAt"]
            .as_str()
            .unwrap()
            .parse::<DateTime<Utc>>()
            .unwrap()
    );
    assert_eq!(own.precision, TimePrecision::Minute);

    let mut sorted: Vec<_> = placed
        .articles
        .iter()
        .filter(|article| article.headline != own.headline)
        .collect();
    sorted.sort_by_key(|article| std::cmp::Reverse(article.instant));
    let of = |accepts: &dyn Fn(&crate::saved_page::ResolvedArticle) -> bool,
              count: usize|
     -> Vec<&str> {
        sorted
            .iter()
            .filter(|article| accepts(article))
            .take(count)
            .map(|article| article.headline.as_str())
            .collect()
    };
    let latest = headlines(&page.latest);
    assert_eq!(
        of(&|_| true, 6),
        latest,
        "above every article of an earlier day"
    );
    for (index, article) in sorted.iter().enumerate() {
        let day = article.instant.with_timezone(&zone).date_naive().day();
        assert_eq!(day == 18, index < 6, "{}", article.headline);
        assert!(article.earliest <= article.instant && article.instant <= article.latest);
        assert!(article.instant <= placed.captured.1);
    }
    assert_eq!(
        of(&|article| article.section.is_some(), 9),
        headlines(&page.section_list)
    );
    assert_eq!(
        of(&|article| article.byline.as_deref() == Some("Agencies"), 5),
        headlines(&page.byline_list)
    );
}

/// The page without the lines' numbers.
fn content(page: &SavedPage) -> SavedPage {
    let mut page = page.clone();
    page.article.line = 0;
    for list in [
        &mut page.byline_list,
        &mut page.section_list,
        &mut page.latest,
    ] {
        for article in list {
            article.line = 0;
        }
    }
    page.magazine_issues
        .iter_mut()
        .for_each(|issue| issue.line = 0);
    page
}

/// Breaks lines at a width, between words.
fn wrapped(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut column = 0;
        // What a no-break space joins stays together.
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                wrapped.push('\n');
                column = 0;
            }
            if column > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += length;
        }
        wrapped.push('\n');
    }
    wrapped
}

#[test]
fn the_page_in_other_layouts() {
    let Some((text, _)) = seed() else { return };
    let expected = content(&parse(&text).unwrap());
    let glued = text
        .replace(" By ", "By ")
        .replace("Agencies ", "Agencies")
        .replace("ONLINE ", "ONLINE")
        .replace("Adhikari Jun", "AdhikariJun");
    let three_lines: String = text
        .lines()
        .map(|line| {
            match (
                line.split_once(" By "),
                line.contains("ago") || line.ends_with("2024"),
            ) {
                (Some((headline, rest)), true) => {
                    let name = ["Agencies", "NEW SPOTLIGHT ONLINE", "Prabal Adhikari"]
                        .iter()
                        .find(|name| rest.starts_with(**name))
                        .unwrap();
                    format!("{headline}\nBy {name}\n{}\n", rest[name.len()..].trim())
                }
                _ => format!("{line}\n"),
            }
        })
        .collect();
    let without_blank = text
        .lines()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    for (name, other) in [
        ("glued", glued),
        ("three lines an article", three_lines.clone()),
        ("without By", three_lines.replace("\nBy ", "\n")),
        ("spaced out", text.replace('\n', "\n\n")),
        ("three lines, spaced out", three_lines.replace('\n', "\n\n")),
        ("no blank lines", without_blank),
        ("no-break spaces made plain", text.replace('\u{a0}', " ")),
        ("CRLF", text.replace('\n', "\r\n")),
        ("full months", text.replace("Jun 1", "June 1")),
        ("months with stops", text.replace("Jun 1", "Jun. 1")),
        (
            "headings in capitals",
            text.replace("The Latest\n", "THE LATEST\n")
                .replace("More on International", "MORE ON INTERNATIONAL:"),
        ),
        ("wrapped at 100", wrapped(&text, 100)),
        ("wrapped at 80", wrapped(&text, 80)),
        ("wrapped at 60", wrapped(&text, 60)),
    ] {
        let read = parse(&other).unwrap_or_else(|error| panic!("{name}: {error}\n{other}"));
        let read = content(&read);
        assert_eq!(read.article, expected.article, "{name}");
        assert_eq!(read.byline_list, expected.byline_list, "{name}");
        assert_eq!(read.section_list, expected.section_list, "{name}");
        assert_eq!(read.latest, expected.latest, "{name}");
        assert_eq!(read, expected, "{name}");
    }
    for (index, line) in text.lines().enumerate() {
        let Some((headline, rest)) = line.split_once(" By ") else {
            continue;
        };
        let time = ["Jun 18", "\u{a0}"]
            .iter()
            .find_map(|mark| rest.find(mark))
            .unwrap();
        let time = rest[..time]
            .rfind(|c: char| !c.is_ascii_digit())
            .map_or(0, |at| at + 1);
        let time = if rest.contains("Jun 18") {
            rest.find("Jun 18").unwrap()
        } else {
            time
        };
        let bare = text.replace(line, &format!("{headline} {}", &rest[time..]));
        let page = parse(&bare).unwrap();
        let article = page
            .section_list
            .iter()
            .chain(&page.latest)
            .find(|article| article.line == index + 1)
            .unwrap();
        assert_eq!(
            (article.headline.as_str(), article.byline.as_deref()),
            (headline, None)
        );
    }
}
