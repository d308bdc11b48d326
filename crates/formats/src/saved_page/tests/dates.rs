use chrono::{Duration, NaiveDate};

use super::builder::page;
use crate::saved_page::printed_time::{at_end, whole};
use crate::saved_page::{AgeUnit, PrintedTime};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn minutes() {
    for (text, hour, minute) in [
        ("June 18, 2024, 7:52 a.m.", 7, 52),
        ("June 18, 2024, 7:52 p.m.", 19, 52),
        ("June 18, 2024, 7 a.m.", 7, 0),
        ("June 18, 2024, noon", 12, 0),
        ("June 18, 2024, midnight", 0, 0),
        ("June 18, 2024, 12:05 a.m.", 0, 5),
        ("June 18, 2024, 12:05 p.m.", 12, 5),
        ("June 18, 2024, 7:52 AM", 7, 52),
        ("June 18, 2024, 7:52PM", 19, 52),
        ("June 18, 2024 7:52 pm", 19, 52),
        ("June 18, 2024 at 7:52 p.m.", 19, 52),
        ("June 18, 2024, 19:52", 19, 52),
        ("June 18, 2024, 7.52 p.m.", 19, 52),
        ("2024-06-18 19:52:10", 19, 52),
        ("2024-06-18T19:52", 19, 52),
        ("18 June 2024, 19:52", 19, 52),
        ("Jun. 18, 2024, 7:52 a.m.", 7, 52),
        ("JUNE 18, 2024, 7:52 A.M.", 7, 52),
        ("Tuesday, June 18, 2024, 7:52 a.m.", 7, 52),
        ("Published on: June 18, 2024, 7:52 a.m.", 7, 52),
        ("Posted June 18, 2024 | 7:52 a.m.", 7, 52),
        ("June 18th, 2024, 7:52 a.m.", 7, 52),
        ("June १८, २०२४, ७:५२ a.m.", 7, 52),
        ("जुन १८, २०२४, ७:५२ बिहान", 7, 52),
    ] {
        let Some(Ok(PrintedTime::Minute(time))) = whole(text) else {
            panic!("{text}: {:?}", whole(text))
        };
        let time = time.format("%Y-%m-%d %H:%M").to_string();
        assert_eq!(time, format!("2024-06-18 {hour:02}:{minute:02}"), "{text}");
    }
}

#[test]
fn days() {
    for (text, expected) in [
        ("Jun 17, 2024", day(2024, 6, 17)),
        ("Jun. 17, 2024", day(2024, 6, 17)),
        ("June 17, 2024", day(2024, 6, 17)),
        ("June.17,2024", day(2024, 6, 17)),
        ("June 17 2024", day(2024, 6, 17)),
        ("June-17-2024", day(2024, 6, 17)),
        ("Sept. 5, 2024", day(2024, 9, 5)),
        ("Sep 5, 2024", day(2024, 9, 5)),
        ("September 5, 2024", day(2024, 9, 5)),
        ("5 Sept 2024", day(2024, 9, 5)),
        ("5th of September, 2024", day(2024, 9, 5)),
        ("14 June 2024", day(2024, 6, 14)),
        ("2024-06-14", day(2024, 6, 14)),
        ("2024/6/14", day(2024, 6, 14)),
        ("May 1, 2024", day(2024, 5, 1)),
        ("Feb 29, 2024", day(2024, 2, 29)),
        ("जुलाई ५, २०२४", day(2024, 7, 5)),
        ("(Jun 17, 2024)", day(2024, 6, 17)),
        ("Jun 17, 2024.", day(2024, 6, 17)),
    ] {
        assert_eq!(whole(text), Some(Ok(PrintedTime::Day(expected))), "{text}");
    }
}

#[test]
fn ages() {
    use AgeUnit::{CalendarDay, Day, Hour, Minute, Month, Week, Year};
    let (minutes, hours, days) = (Duration::minutes, Duration::hours, Duration::days);
    for (text, amount, unit) in [
        ("45 minutes ago", minutes(45), Minute),
        ("0 minutes ago", minutes(0), Minute),
        ("14 hours, 45 minutes ago", minutes(14 * 60 + 45), Minute),
        ("1 day, 14 hours ago", hours(38), Hour),
        ("1 day 14 hours ago", hours(38), Hour),
        ("1 day and 14 hours ago", hours(38), Hour),
        ("1 Day, 14 Hours Ago", hours(38), Hour),
        ("5 days ago", days(5), Day),
        ("2 weeks, 3 days ago", days(17), Day),
        ("3 weeks ago", days(21), Week),
        ("1 month ago", days(30), Month),
        ("2 months, 1 week ago", days(67), Week),
        ("1 year, 2 months ago", days(425), Month),
        ("2 years ago", days(730), Year),
        ("an hour ago", hours(1), Hour),
        ("a day ago", days(1), Day),
        ("about 2 hours ago", hours(2), Hour),
        ("5 mins ago", minutes(5), Minute),
        ("2 hrs ago", hours(2), Hour),
        ("just now", minutes(0), Minute),
        ("Just now", minutes(0), Minute),
        ("a few seconds ago", minutes(0), Minute),
        ("30 seconds ago", minutes(0), Minute),
        ("yesterday", days(1), CalendarDay),
        ("Today", days(0), CalendarDay),
        ("१ दिन, १४ घण्टा अघि", hours(38), Hour),
        ("३ हप्ता पहिले", days(21), Week),
        ("90 minutes ago", minutes(90), Minute),
    ] {
        let Some(Ok(PrintedTime::Age(age))) = whole(text) else {
            panic!("{text}: {:?}", whole(text))
        };
        assert_eq!((age.amount, age.unit), (amount, unit), "{text}");
    }
}

#[test]
fn what_is_no_time() {
    for text in [
        "",
        "June",
        "June 2024",
        "17, 2024",
        "He came two days before",
        "Long ago",
        "14 hours",
        "dismay 5, 2024",
        "5 ago",
        "Ten Years Ago",
        "Nepal Today",
        "A Day Like Yesterday",
    ] {
        assert_eq!(at_end(text), None, "{text}");
    }
    assert_eq!(at_end("He left on June 20, 2024."), None, "a sentence");
    for text in [
        "June 31, 2024",
        "2024-13-01",
        "June 1, 2024, 13:75",
        "June 1, 2024, 14:00 a.m.",
    ] {
        assert!(
            matches!(whole(text), Some(Err(_))),
            "{text}: {:?}",
            whole(text)
        );
    }
}

#[test]
fn what_is_glued_to_a_time() {
    for (line, headline) in [
        ("Mutual IssuesJun 17, 2024", "Mutual Issues"),
        ("Talks Of ChiefsJune 17, 2024", "Talks Of Chiefs"),
        ("By Agencies1 day, 14 hours ago", "By Agencies"),
        ("The Top 101 day ago", "The Top 10"),
        ("After Covid-192 days ago", "After Covid-19"),
        ("Vision 203014 hours ago", "Vision 2030"),
        ("After 5 Hours, 2 days ago", "After 5 Hours,"),
        ("Back In 2 Weeks 3 days ago", "Back In 2 Weeks"),
        ("Floods Of May 1, 1998 2 days ago", "Floods Of May 1, 1998"),
        ("Polls In May Jun 17, 2024", "Polls In May"),
        ("Summit 2024 14 June 2024", "Summit 2024"),
        ("ONLINEJUN 18, 2024", "ONLINE"),
    ] {
        let found = at_end(line).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(line[..found.start].trim_end(), headline);
    }
}

#[test]
fn the_articles_own_time() {
    for (time, expected) in [
        ("March 9, 2023, 6:15 a.m.", "2023-03-09 06:15"),
        ("March 9, 2023,\n6:15 a.m.", "2023-03-09 06:15"),
        (
            "Published: Thursday, March 9, 2023, 6:15 a.m.\nUpdated: March 10, 2023, 7 a.m.",
            "2023-03-09 06:15",
        ),
    ] {
        let read = page(|page| page.time = time.into()).parse();
        let PrintedTime::Minute(minute) = read.article.printed else {
            panic!("{time}")
        };
        assert_eq!(
            minute.format("%Y-%m-%d %H:%M").to_string(),
            expected,
            "{time}"
        );
        assert_eq!(read.article.paragraphs.len(), 2, "{time}");
    }
    let read = page(|page| page.time = "9 Mar 2023".into()).parse();
    assert_eq!(read.article.printed, PrintedTime::Day(day(2023, 3, 9)));
}
