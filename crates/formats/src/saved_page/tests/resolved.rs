use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Asia::Kathmandu;

use super::builder::{Page, page};
use masthead_domain::article::TimePrecision;

use crate::saved_page::{ResolvedArticle, ResolvedPage, resolve};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A local time in Kathmandu (UTC+05:45).
fn local(text: &str) -> DateTime<Utc> {
    utc(&format!("{text}:00+05:45").replace(' ', "T"))
}

fn now() -> DateTime<Utc> {
    utc("2026-01-01T00:00:00Z")
}

fn place(page: &Page, captured_at: Option<&str>) -> ResolvedPage {
    resolve(&page.parse(), Kathmandu, captured_at.map(local), now())
}

fn named<'page>(page: &'page ResolvedPage, headline: &str) -> &'page ResolvedArticle {
    let found: Vec<_> = page
        .articles
        .iter()
        .filter(|article| article.headline == headline)
        .collect();
    assert_eq!(found.len(), 1, "{headline}");
    found[0]
}

/// A page with a first line and 'The Latest' only.
fn lists(first_line: &str, time: &str, section: &str, latest: &str) -> Page {
    page(|page| {
        page.first_line = first_line.into();
        page.headline = "Own".into();
        page.time = time.into();
        page.byline.clear();
        page.section = if section.is_empty() {
            String::new()
        } else {
            format!("More on Farming\n\n{section}")
        };
        page.latest = if latest.is_empty() {
            String::new()
        } else {
            format!("The Latest\n\n{latest}")
        };
        page.magazine.clear();
    })
}

#[test]
fn the_two_lists_bound_the_capture() {
    let page = place(&Page::default(), None);
    assert_eq!(page.articles.len(), 6);
    // Mar 6 and 3 days, 4 hours: not before Mar 9, 04:00; the article's own time is later.
    assert_eq!(
        page.captured,
        (
            local("2023-03-09 06:15"),
            local("2023-03-10 00:00") - Duration::seconds(1)
        )
    );
    let own = &page.articles[page.own];
    assert_eq!(
        (own.instant, own.precision),
        (local("2023-03-09 06:15"), TimePrecision::Minute)
    );
    assert_eq!(own.section.as_deref(), Some("Farming"));
    assert!(own.paragraphs.is_some());
    let seeds = named(&page, "Seed Banks Open In Three Districts");
    assert_eq!(
        (seeds.instant, seeds.precision),
        (local("2023-03-08 12:00"), TimePrecision::Day)
    );
    assert_eq!(
        (seeds.byline.as_deref(), seeds.section.as_deref()),
        (Some("Agencies"), None)
    );
    let canal = named(&page, "A Canal Is Mended");
    assert_eq!(canal.section.as_deref(), Some("Farming"));
    assert_eq!(
        canal.instant,
        local("2023-03-06 02:15"),
        "the earliest capture less its age, on its day"
    );
    let ginger = named(&page, "Price Of Ginger Falls");
    assert_eq!(
        (ginger.instant, ginger.precision),
        (local("2023-03-08 20:10"), TimePrecision::Day)
    );
    assert_eq!(
        (ginger.earliest, ginger.latest),
        (
            local("2023-03-08 20:09") + Duration::seconds(1),
            local("2023-03-09 13:55") - Duration::seconds(1),
        )
    );
    assert_eq!(page.warnings, []);
}

#[test]
fn a_known_capture() {
    let list = "One By Agencies 45 minutes ago\nTwo By Agencies 14 hours, 5 minutes ago\nThree By Agencies 1 day, 2 hours ago\n\
                Four By Agencies 2 weeks ago\nFive By Agencies 1 year, 2 months ago";
    let page = place(
        &lists("", "March 9, 2023, 6:15 a.m.", list, ""),
        Some("2023-03-10 10:00"),
    );
    assert_eq!(
        page.captured,
        (local("2023-03-10 10:00"), local("2023-03-10 10:00"))
    );
    for (headline, instant, precision) in [
        ("One", "2023-03-10 09:15", TimePrecision::Minute),
        ("Two", "2023-03-09 19:55", TimePrecision::Minute),
        ("Three", "2023-03-09 08:00", TimePrecision::Hour),
        ("Four", "2023-02-24 10:00", TimePrecision::Day),
        ("Five", "2022-01-09 10:00", TimePrecision::Day),
    ] {
        let article = named(&page, headline);
        assert_eq!(
            (article.instant, article.precision),
            (local(instant), precision),
            "{headline}"
        );
    }
}

#[test]
fn a_capture_within_an_hour_places_hours() {
    // The pair leaves an hour: Mar 9, 6:15 and 4 hours.
    let list = "Own 4 hours ago\nOne By Agencies 45 minutes ago";
    let page = place(&lists("", "March 9, 2023, 6:15 a.m.", list, ""), None);
    assert_eq!(page.articles.len(), 2);
    assert_eq!(
        page.captured,
        (
            local("2023-03-09 10:15"),
            local("2023-03-09 11:15") - Duration::seconds(1)
        )
    );
    let one = named(&page, "One");
    assert_eq!(
        (one.instant, one.precision),
        (local("2023-03-09 09:30"), TimePrecision::Hour)
    );
}

#[test]
fn days_never_pass_the_capture() {
    let latest = "One Mar 9, 2023\nTwo Mar 9, 2023\nThree Mar 8, 2023";
    let early = lists(
        "date 2023-03-09 Own",
        "March 9, 2023, 6:15 a.m.",
        "",
        latest,
    );
    let page = place(&early, Some("2023-03-09 08:00"));
    let one = named(&page, "One");
    assert!(one.instant <= local("2023-03-09 08:00") && one.instant >= local("2023-03-09 00:00"));
    assert!(named(&page, "Two").instant < one.instant);
    assert_eq!(named(&page, "Three").instant, local("2023-03-08 12:00"));
    let page = resolve(&early.parse(), Kathmandu, None, local("2023-03-09 09:00"));
    assert_eq!(page.captured.1, local("2023-03-09 09:00"));
    assert!(
        page.articles
            .iter()
            .all(|article| article.instant <= local("2023-03-09 09:00"))
    );
}

#[test]
fn yesterday_and_today() {
    let list = "One By Agencies today\nTwo By Agencies yesterday";
    let page = place(
        &lists("date 2023-03-09 Own", "March 8, 2023, 6:15 a.m.", list, ""),
        None,
    );
    let two = named(&page, "Two");
    assert_eq!(
        (two.instant, two.precision),
        (local("2023-03-08 12:00"), TimePrecision::Day)
    );
    assert_eq!(two.earliest, local("2023-03-08 00:00"));
    assert_eq!(named(&page, "One").instant, local("2023-03-09 12:00"));
}

#[test]
fn contradictions_are_told() {
    // The first line is a day too early for what the page prints.
    let page = place(
        &lists(
            "date 2023-03-08 Own",
            "March 9, 2023, 6:15 a.m.",
            "",
            "One Mar 9, 2023",
        ),
        None,
    );
    assert_eq!(page.warnings.len(), 1);
    assert_eq!(page.captured, (local("2023-03-09 06:15"), now()));
    // So is the given time.
    let page = place(
        &lists("", "March 9, 2023, 6:15 a.m.", "", "One Mar 9, 2023"),
        Some("2023-03-09 06:00"),
    );
    assert_eq!(page.warnings.len(), 1);
    // A date and an age that miss one another: the date is taken.
    let page = place(
        &lists(
            "date 2023-03-09 Own",
            "March 9, 2023, 6:15 a.m.",
            "One By Agencies 3 days, 2 hours ago",
            "One By Agencies Mar 8, 2023",
        ),
        None,
    );
    assert_eq!(page.articles.len(), 2);
    assert_eq!(named(&page, "One").instant, local("2023-03-08 12:00"));
    assert_eq!(page.warnings.len(), 1);
    // A list that is not newest first.
    let page = place(
        &lists(
            "date 2023-03-09 Own",
            "March 9, 2023, 6:15 a.m.",
            "",
            "One Mar 7, 2023\nTwo Mar 8, 2023",
        ),
        None,
    );
    assert_eq!(page.warnings.len(), 1);
    assert_eq!(page.newest_first, []);
    // A time to come.
    let future = lists("", "March 9, 2033, 6:15 a.m.", "", "One Mar 9, 2033");
    let page = place(&future, None);
    assert_eq!(page.captured, (now(), now()));
    assert_eq!(page.articles[0].instant, local("2033-03-09 06:15"));
    assert_eq!(page.warnings.len(), 1);
}

#[test]
fn ages_without_any_date_count_from_now() {
    let page = place(
        &lists("", "2 hours ago", "One By Agencies 1 day, 3 hours ago", ""),
        None,
    );
    assert_eq!(page.articles[0].instant, now() - Duration::hours(2));
    assert_eq!(named(&page, "One").instant, now() - Duration::hours(27));
    assert_eq!(page.warnings.len(), 1);
}

#[test]
fn the_same_article_is_one() {
    let page = place(
        &lists(
            "date 2023-03-09 Own",
            "March 9, 2023, 6:15 a.m.",
            "Ginger:  Price FALLS By Agencies 2 days, 3 hours ago\nWeather By Bimal Rai 4 days ago",
            "Own Mar 9, 2023\nGinger Price Falls By Agencies Mar 7, 2023\nGinger Price Falls By Asha Gurung Mar 7, 2023\nWeather By Bimal Rai Feb 2, 2023",
        ),
        None,
    );
    let headlines: Vec<_> = page
        .articles
        .iter()
        .map(|article| article.headline.as_str())
        .collect();
    assert_eq!(
        headlines,
        [
            "Own",
            "Ginger: Price FALLS",
            "Weather",
            "Ginger Price Falls",
            "Weather"
        ]
    );
    assert_eq!(page.own, 0);
}

#[test]
fn the_order_of_the_lists() {
    let page = place(
        &page(|page| {
            page.byline = "Agencies\n\nA\nMar 8, 2023\nB\nMar 8, 2023\nC\nMar 8, 2023".into();
            page.section = "More on Farming\n\nD By Agencies 1 day, 1 hour ago\nE By Bimal Rai 1 day, 1 hour ago".into();
            page.latest =
                "The Latest\n\nF Mar 9, 2023\nG By Bimal Rai Mar 9, 2023\nH Mar 9, 2023".into();
        }),
        None,
    );
    let mut sorted: Vec<_> = page.articles.iter().collect();
    sorted.sort_by_key(|article| std::cmp::Reverse(article.instant));
    let order: String = sorted
        .iter()
        .filter(|article| article.headline.len() == 1)
        .map(|article| article.headline.as_str())
        .collect();
    assert!(order.starts_with("FGH"), "{order}");
    let at = |letter: char| order.find(letter).unwrap();
    assert!(at('A') < at('B') && at('B') < at('C'), "{order}");
    assert!(
        at('C') < at('D'),
        "by the same byline and not in its list: {order}"
    );
    assert!(at('D') < at('E'), "{order}");
    for &(newer, older) in &page.newest_first {
        assert!(page.articles[newer].instant > page.articles[older].instant);
    }
}

#[test]
fn days_where_clocks_change() {
    let zone = chrono_tz::Europe::London;
    let london = lists(
        "date 2023-03-27 Own",
        "March 26, 2023, 1:30 a.m.",
        "",
        "One Mar 26, 2023\nTwo Oct 30, 2022",
    );
    let page = resolve(&london.parse(), zone, None, now());
    assert_eq!(
        page.articles[0].instant,
        utc("2023-03-26T01:00:00Z"),
        "the first time after the gap"
    );
    let one = named(&page, "One");
    assert_eq!(
        (one.earliest, one.latest),
        (utc("2023-03-26T00:00:00Z"), utc("2023-03-26T22:59:59Z"))
    );
    assert_eq!(named(&page, "Two").instant, utc("2022-10-30T12:00:00Z"));
    assert_eq!(page.captured.0, utc("2023-03-26T23:00:00Z"));
    assert!(NaiveDate::from_ymd_opt(2023, 3, 27) == london.parse().captured_on);
}
