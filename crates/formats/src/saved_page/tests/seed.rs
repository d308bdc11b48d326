//! The page that the product answers to, where it stands beside the project.

use std::path::PathBuf;

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::Value;

use crate::byline::{BylineKind, kind, names};
use crate::saved_page::{ListedArticle, Precision, PrintedTime, SavedPage, parse, resolve};

fn seed() -> Option<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seed");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    match (read("article-page.txt"), read("expected.json")) {
        (Some(page), Some(expected)) => Some((page, serde_json::from_str(&expected).unwrap())),
        _ => {
            #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("SKIPPED: {} does not hold the seed page", folder.display());
            }
            None
        }
    }
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

fn kind_name(kind: BylineKind) -> &'static str {
    match kind {
        BylineKind::Person => "PERSON",
        BylineKind::Agency => "AGENCY",
        BylineKind::Desk => "DESK",
    }
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
            let kind = kind_name(kind(&name, TITLE));
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
            kind_name(kind(read.byline.as_deref().unwrap(), TITLE)),
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
    assert_eq!(own.precision, Precision::Minute);

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
