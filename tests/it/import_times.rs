//! Times as pages print them: clock times, days in many spellings, ages.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Asia::Kathmandu;
use serde_json::{Value, json};

use crate::harness::{
    Listed, Page, Server, Store, headlines, import, instant, list, on_both_databases,
};

on_both_databases!(
    ages_count_back_from_the_capture,
    months_are_spelled_in_many_ways,
    clock_times_are_the_publications,
    another_time_zone_may_be_given,
    articles_of_one_day_keep_the_pages_order,
    a_day_and_an_age_bound_the_same_article,
);

const LATEST: &str =
    "{ latest(first: 100) { nodes { headline publishedAt publishedAtPrecision } } }";

fn published<'a>(answer: &'a Value, headline: &str) -> (DateTime<Utc>, &'a str) {
    let node = list(answer, "/latest/nodes")
        .iter()
        .find(|node| node["headline"] == headline);
    let node = node.unwrap_or_else(|| panic!("no '{headline}' in {answer:#}"));
    (
        instant(&node["publishedAt"]),
        node["publishedAtPrecision"].as_str().unwrap(),
    )
}

fn ages_count_back_from_the_capture(store: &Store) {
    let cases = [
        (
            "Kettle Sings At Dawn",
            "5 minutes ago",
            "MINUTE",
            Duration::minutes(5),
            Duration::minutes(1),
        ),
        (
            "Oars Are Oiled Again",
            "1 hour, 20 minutes ago",
            "MINUTE",
            Duration::minutes(80),
            Duration::minutes(1),
        ),
        (
            "Nets Hang In The Sun",
            "3 hours ago",
            "HOUR",
            Duration::hours(3),
            Duration::hours(1),
        ),
        (
            "Geese Return To Mudflat",
            "2 days, 6 hours ago",
            "HOUR",
            Duration::hours(54),
            Duration::hours(1),
        ),
        (
            "Lantern Fair Lasted Long",
            "5 days ago",
            "DAY",
            Duration::days(5),
            Duration::days(1),
        ),
        (
            "Reeds Stand High Again",
            "1 week, 2 days ago",
            "DAY",
            Duration::days(9),
            Duration::days(1),
        ),
        (
            "Boathouse Painted Blue",
            "2 weeks ago",
            "DAY",
            Duration::weeks(2),
            Duration::weeks(1),
        ),
        (
            "Fig Tree Lost A Branch",
            "1 month, 1 week ago",
            "DAY",
            Duration::days(37),
            Duration::weeks(1),
        ),
        (
            "Winter Songs Collected",
            "3 months ago",
            "DAY",
            Duration::days(90),
            Duration::days(31),
        ),
    ];
    let listed = cases.map(|(headline, age, ..)| Listed::by(headline, "Mira Tamang", age));
    let page =
        Page::new("The Shore Through A Season", "May 20, 2024, 7:00 a.m.").section("Shore", listed);
    import(
        store,
        page.text(),
        &["--captured-at", "2024-05-20T12:00:00+05:45"],
    )
    .succeeded();

    let server = Server::start(store);
    let answer = server.query(LATEST, json!({}));
    let captured: DateTime<Utc> = "2024-05-20T06:15:00Z".parse().unwrap();
    for (headline, age, precision, least, unit) in cases {
        let (at, found) = published(&answer, headline);
        assert_eq!(found, precision, "{headline}: {age}");
        // Rounded down to its last unit: no younger than it says, and less than one such unit older.
        let span = captured - at;
        assert!(
            least <= span && span <= least + unit,
            "'{age}' gave {at}: {span} before the capture"
        );
    }
    let mut expected: Vec<&str> = vec!["The Shore Through A Season"];
    // The page's own, of the same morning, is older than the first three.
    expected.splice(0..0, cases[..3].iter().map(|(headline, ..)| *headline));
    expected.extend(cases[3..].iter().map(|(headline, ..)| *headline));
    assert_eq!(headlines(&answer, "/latest/nodes"), expected);
}

fn months_are_spelled_in_many_ways(store: &Store) {
    let cases = [
        ("Alder Bark Dries Slowly", "Jan. 7, 2024", "2024-01-07"),
        ("Birch Boats Float Higher", "January 6, 2024", "2024-01-06"),
        ("Cedar Chests Keep Wool", "Sept. 30, 2023", "2023-09-30"),
        ("Dogwood Blooms Too Early", "Sep 29, 2023", "2023-09-29"),
        (
            "Elm Avenue Is Replanted",
            "September 28, 2023",
            "2023-09-28",
        ),
        ("Fir Cones Open In Heat", "June 4, 2023", "2023-06-04"),
        ("Ginkgo Leaves Fall At Once", "Jun. 3, 2023", "2023-06-03"),
        ("Hazel Rods Find No Water", "May 2, 2023", "2023-05-02"),
        ("Ivy Covers The Old Gauge", "Apr. 1, 2023", "2023-04-01"),
        ("Juniper Smoke In Houses", "Feb. 28, 2023", "2023-02-28"),
        ("Larch Turns Before Frost", "Dec 31, 2022", "2022-12-31"),
        ("Maple Sap Is Not Sold", "Oct. 12, 2022", "2022-10-12"),
    ];
    let listed = cases.map(|(headline, day, _)| Listed::by(headline, "Mira Tamang", day));
    let page = Page::new("A Walk Among The Trees", "January 8, 2024, 8:00 a.m.").latest(listed);
    import(store, page.text(), &[]).succeeded();
    let answer = Server::start(store).query(LATEST, json!({}));
    for (headline, printed, day) in cases {
        let (at, precision) = published(&answer, headline);
        assert_eq!(precision, "DAY", "{headline}");
        let day: NaiveDate = day.parse().unwrap();
        assert_eq!(at.with_timezone(&Kathmandu).date_naive(), day, "{printed}");
    }
}

fn clock_times_are_the_publications(store: &Store) {
    let cases = [
        (
            "Ducks Cross The Road",
            "June 18, 2024, 7:52 a.m.",
            "2024-06-18T02:07:00Z",
        ),
        (
            "Swans Cross It Too",
            "June 18, 2024, 12:00 p.m.",
            "2024-06-18T06:15:00Z",
        ),
        (
            "Owls Cross At Night",
            "June 18, 2024, 12:05 a.m.",
            "2024-06-17T18:20:00Z",
        ),
        (
            "Cranes Prefer To Fly",
            "Sept. 1, 2023, 11:59 p.m.",
            "2023-09-01T18:14:00Z",
        ),
        (
            "Storks Wait For Noon",
            "Dec. 31, 2023, noon",
            "2023-12-31T06:15:00Z",
        ),
        (
            "Bats Wait For Midnight",
            "Jan. 1, 2024, midnight",
            "2023-12-31T18:15:00Z",
        ),
        (
            "Snails Take An Hour",
            "March 3, 2024, 3 p.m.",
            "2024-03-03T09:15:00Z",
        ),
    ];
    for (headline, time, _) in cases {
        import(store, Page::new(headline, time).text(), &[]).succeeded();
    }
    let answer = Server::start(store).query(LATEST, json!({}));
    for (headline, time, at) in cases {
        assert_eq!(
            published(&answer, headline),
            (at.parse().unwrap(), "MINUTE"),
            "{time}"
        );
    }
}

fn another_time_zone_may_be_given(store: &Store) {
    let page = Page::new("The Mail Boat Is On Time", "June 18, 2024, 7:52 a.m.");
    import(store, page.text(), &["--time-zone", "America/New_York"]).succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ publication { timeZone } latest { nodes { publishedAt } } }",
        json!({}),
    );
    let expected = json!({
        "publication": { "timeZone": "America/New_York" },
        "latest": { "nodes": [{ "publishedAt": "2024-06-18T11:52:00Z" }] },
    });
    assert_eq!(answer, expected);
}

fn articles_of_one_day_keep_the_pages_order(store: &Store) {
    let names = [
        "Anchor", "Bollard", "Cleat", "Davit", "Eyelet", "Fender", "Gaff", "Halyard",
    ];
    let order =
        [4, 1, 7, 0, 3, 6, 2, 5].map(|index| format!("{} Of The Old Ferry Sold", names[index]));
    let listed = order
        .iter()
        .map(|headline| Listed::by(headline, "Mira Tamang", "Jun 17, 2024"));
    let page = Page::new("Chandler Clears His Shelves", "June 18, 2024, 7:52 a.m.").latest(listed);
    import(store, page.text(), &[]).succeeded();
    // Another page shows four of them, and one more between two of them.
    let mut later: Vec<String> = order[..4].to_vec();
    later.insert(2, "Inkwell Of The Old Ferry Kept".to_owned());
    let listed = later
        .iter()
        .map(|headline| Listed::by(headline, "Mira Tamang", "Jun 17, 2024"));
    let page =
        Page::new("Chandler Opens His Doors Again", "June 18, 2024, 9:52 a.m.").latest(listed);
    import(store, page.text(), &[]).succeeded();

    let answer = Server::start(store).query(LATEST, json!({}));
    let found = headlines(&answer, "/latest/nodes");
    let mut expected = vec![
        "Chandler Opens His Doors Again".to_owned(),
        "Chandler Clears His Shelves".to_owned(),
    ];
    expected.extend(later);
    expected.extend(order[4..].iter().cloned());
    assert_eq!(found, expected);
    for node in &list(&answer, "/latest/nodes")[2..] {
        let at = instant(&node["publishedAt"]).with_timezone(&Kathmandu);
        assert_eq!(
            at.date_naive(),
            NaiveDate::from_ymd_opt(2024, 6, 17).unwrap(),
            "{node}"
        );
    }
}

fn a_day_and_an_age_bound_the_same_article(store: &Store) {
    // Captured on the 18th. What is of the 17th and a day and 14 hours old says that it was after 14:00.
    let page = Page::new("Ferry Company Counts Its Ropes", "June 18, 2024, 7:52 a.m.")
        .captured_on("2024-06-18")
        .byline_list([Listed::new("Rope Walk Open To Visitors", "Jun 17, 2024")])
        .section(
            "Shore",
            [
                Listed::by(
                    "Sail Loft Seeks An Apprentice",
                    "Mira Tamang",
                    "14 hours, 45 minutes ago",
                ),
                Listed::by(
                    "Rope Walk Open To Visitors",
                    "Lakeside Wire Agency",
                    "1 day, 14 hours ago",
                ),
            ],
        );
    import(store, page.text(), &[]).succeeded();
    let answer = Server::start(store).query(LATEST, json!({}));
    assert_eq!(list(&answer, "/latest/nodes").len(), 3);
    let (at, _) = published(&answer, "Sail Loft Seeks An Apprentice");
    let bound = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    assert!(
        (bound("2024-06-17T17:29:00Z")..=bound("2024-06-18T03:30:00Z")).contains(&at),
        "{at}"
    );
    let (at, _) = published(&answer, "Rope Walk Open To Visitors");
    assert!(
        (bound("2024-06-16T18:15:00Z")..=bound("2024-06-17T04:15:00Z")).contains(&at),
        "{at}"
    );
}
