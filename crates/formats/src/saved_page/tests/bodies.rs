use chrono::NaiveDate;

use super::builder::{Page, page};
use crate::saved_page::{PrintedTime, Reason, parse};

#[test]
fn the_whole_page() {
    let read = Page::default().parse();
    assert_eq!(read.captured_on, NaiveDate::from_ymd_opt(2023, 3, 9));
    assert_eq!(read.article.headline, "Terraces Of Lamjung Turn Green");
    assert_eq!(read.article.line, 3);
    assert_eq!(read.article.paragraphs.len(), 2);
    assert_eq!(read.article.byline.as_deref(), Some("Agencies"));
    assert_eq!(read.byline_list.len(), 2);
    assert_eq!(read.section.as_deref(), Some("Farming"));
    assert_eq!(read.section_list.len(), 2);
    assert_eq!(read.latest.len(), 2);
    assert_eq!(read.magazine_issues.len(), 1);
    assert_eq!(read.warnings, []);
}

#[test]
fn first_lines() {
    for (first_line, date) in [
        ("", None),
        ("date 2023-03-09 Terraces Of Lamjung Turn Green", Some(9)),
        (
            "\u{feff} date   2023-03-09\tTerraces Of Lamjung Turn Green",
            Some(9),
        ),
        ("Date: 2023-03-09 - Terraces Of Lamjung Turn Green", Some(9)),
        ("\u{a0}DATE 2023-03-09", Some(9)),
        ("date 2023-03-09Terraces Of Lamjung Turn Green", Some(9)),
        ("date March 9, 2023 Terraces Of Lamjung Turn Green", Some(9)),
        ("date २०२३-०३-०९ Terraces Of Lamjung Turn Green", Some(9)),
    ] {
        let read = page(|page| page.first_line = first_line.into()).parse();
        assert_eq!(
            read.captured_on,
            date.and_then(|day| NaiveDate::from_ymd_opt(2023, 3, day)),
            "{first_line}"
        );
        assert_eq!(
            read.article.headline, "Terraces Of Lamjung Turn Green",
            "{first_line}"
        );
        assert_eq!(read.warnings, [], "{first_line}");
    }
    let read = page(|page| page.headline.clear()).parse();
    assert_eq!(
        read.article.headline, "Terraces Of Lamjung Turn Green",
        "the first line's alone"
    );
    let read = page(|page| page.first_line = "date 2023-03-09 Terraces Of…".into()).parse();
    assert_eq!(
        read.article.headline, "Terraces Of Lamjung Turn Green",
        "cut short in the first line"
    );
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn headlines() {
    for (headline, expected, standfirst) in [
        (
            "Ten Facts: Bridges Built By 2030",
            "Ten Facts: Bridges Built By 2030",
            None,
        ),
        (
            "What Was Sown 10 Years Ago",
            "What Was Sown 10 Years Ago",
            None,
        ),
        ("The Flood Of May 5, 2021", "The Flood Of May 5, 2021", None),
        ("धान रोपाइँ सुरु", "धान रोपाइँ सुरु", None),
        (
            "A Headline That Is Broken\nOver Two Lines",
            "A Headline That Is Broken Over Two Lines",
            None,
        ),
        (
            "A Headline\n\nAnd its standfirst, which says more.",
            "A Headline",
            Some("And its standfirst, which says more."),
        ),
        ("The Latest", "The Latest", None),
    ] {
        let read = page(|page| {
            page.first_line = "date 2023-03-09".into();
            page.headline = headline.into();
        });
        if headline == "The Latest" {
            assert!(read.try_parse().is_err(), "a heading is no headline");
            continue;
        }
        let read = read.parse();
        assert_eq!(read.article.headline, expected);
        assert_eq!(read.article.standfirst.as_deref(), standfirst);
    }
    let read = page(|page| {
        page.headline =
            "FARMING\n\nTerraces Of Lamjung Turn Green\n\nEarly snow melt.\n\nBy Bimal Rai".into();
        page.byline.clear();
    })
    .parse();
    assert_eq!(read.article.headline, "Terraces Of Lamjung Turn Green");
    assert_eq!(read.article.standfirst.as_deref(), Some("Early snow melt."));
    assert_eq!(read.article.byline.as_deref(), Some("Bimal Rai"));
    let glued = page(|page| {
        page.headline = "Terraces Of Lamjung Turn GreenMarch 9, 2023, 6:15 a.m.".into();
        page.time.clear();
    })
    .parse();
    assert_eq!(glued.article.headline, "Terraces Of Lamjung Turn Green");
    assert!(matches!(glued.article.printed, PrintedTime::Minute(_)));
}

#[test]
fn bodies() {
    for (body, expected) in [
        ("One.\n\nTwo.", &["One.", "Two."][..]),
        ("One goes\non here.\n\nTwo.", &["One goes on here.", "Two."]),
        ("One\n\n\n\n  \nTwo", &["One", "Two"]),
        (
            "In The Latest count nobody was missing.\n\nTwo.",
            &["In The Latest count nobody was missing.", "Two."],
        ),
        (
            "This is what they call\nThe Latest\nin fashion, they say.\n\nTwo.",
            &[
                "This is what they call The Latest in fashion, they say.",
                "Two.",
            ],
        ),
        (
            "More on this will be told as the season goes on.\n\nTwo.",
            &["More on this will be told as the season goes on.", "Two."],
        ),
        (
            "The Latest\n\nA paragraph follows here, which is long enough to be seen as a part of the body.",
            &[
                "The Latest",
                "A paragraph follows here, which is long enough to be seen as a part of the body.",
            ],
        ),
        (
            "किसानले धान रोपे।\n\nवर्षा समयमै भयो।",
            &["किसानले धान रोपे।", "वर्षा समयमै भयो।"],
        ),
        (
            "He left on June 20, 2024\n\nShe came 2 days ago.",
            &["He left on June 20, 2024", "She came 2 days ago."],
        ),
        (
            "She came 2 days ago.\n\nThey sold it in the fair of June 20, 2024",
            &[
                "She came 2 days ago.",
                "They sold it in the fair of June 20, 2024",
            ],
        ),
        ("He did not elaborate", &["He did not elaborate"]),
        (
            "“It rained,” says Asha Gurung",
            &["“It rained,” says Asha Gurung"],
        ),
        (
            "Lines without blank ones between them are paragraphs.\nThis one is rather shorter.\nAnd so on.",
            &[
                "Lines without blank ones between them are paragraphs.",
                "This one is rather shorter.",
                "And so on.",
            ],
        ),
        (
            "This paragraph was wrapped by some tool. It has\na second line, and that one has a third. The end\nis here.",
            &[
                "This paragraph was wrapped by some tool. It has a second line, and that one has a third. The end is here.",
            ],
        ),
    ] {
        for byline in [
            Page::default().byline.as_str(),
            "Agencies",
            "Bimal Rai",
            "By Bimal Rai and Asha Gurung",
        ] {
            let read = page(|page| {
                page.body = body.into();
                page.byline = byline.into();
            })
            .parse();
            assert_eq!(read.article.paragraphs, expected, "{byline}");
            assert!(read.article.byline.is_some(), "{body}");
            assert_eq!(read.latest.len(), 2);
        }
        let read = page(|page| {
            page.body = body.into();
            page.byline.clear();
        })
        .parse();
        assert_eq!(read.article.paragraphs, expected, "no byline");
        assert_eq!(read.article.byline, None, "{body}");
    }
}

#[test]
fn line_ends_and_spaces() {
    let text = Page::default().text();
    let read = parse(&text).unwrap();
    for other in [
        text.replace('\n', "\r\n"),
        text.replace('\n', "\r"),
        format!("\u{feff}{text}"),
        text.replace(' ', "\u{a0}"),
        text.replace(' ', " \u{200b}\u{202f} "),
        text.replace("\u{a0}", "&nbsp;"),
        text.replace('\n', "  \n\t"),
        format!("{text}\n\n\n"),
        text.replace("Terraces", "Ter\u{ad}races"),
    ] {
        assert_eq!(parse(&other).as_ref(), Ok(&read));
    }
    let composed = page(|page| page.body = "Une pe\u{301}riode.".into()).parse();
    assert_eq!(composed.article.paragraphs, ["Une p\u{e9}riode."]);
    let shaped = page(|page| page.body = "क्\u{200d}ष मा र् \u{200d} था".into()).parse();
    assert_eq!(
        shaped.article.paragraphs,
        ["क्\u{200d}ष मा र् था"],
        "joiners that shape are kept"
    );
}

#[test]
fn pages_without_blank_lines() {
    let text: String = Page::default()
        .text()
        .lines()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    let (bare, spaced) = (parse(&text).unwrap(), Page::default().parse());
    assert_eq!(bare.article.paragraphs, spaced.article.paragraphs);
    assert_eq!(bare.article.byline, spaced.article.byline);
    let headlines = |list: &[crate::saved_page::ListedArticle]| {
        list.iter()
            .map(|one| one.headline.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(headlines(&bare.byline_list), headlines(&spaced.byline_list));
    assert_eq!(headlines(&bare.latest), headlines(&spaced.latest));
    let doubled = parse(&Page::default().text().replace('\n', "\n\n")).unwrap();
    assert_eq!(
        headlines(&doubled.byline_list),
        headlines(&spaced.byline_list)
    );
    assert_eq!(doubled.article.byline, spaced.article.byline);
}

#[test]
fn what_is_no_page() {
    let headline = |text: &str| Reason::NoDate {
        headline: text.into(),
    };
    for (text, line, reason) in [
        ("", 1, Reason::Empty),
        ("\n \n\u{feff}\t\r\n", 1, Reason::Empty),
        ("a\0b", 1, Reason::NotText),
        ("PK\u{3}\u{4}\u{fffd}\u{fffd}\u{1}x", 1, Reason::NotText),
        ("\n<!DOCTYPE html>\n<p>x", 2, Reason::Markup),
        ("June 18, 2024, 7:52 a.m.\n\nBody.", 1, Reason::NoHeadline),
        (
            "date 2024-06-18\n\nJune 18, 2024, 7:52 a.m.\n\nBody.",
            3,
            Reason::NoHeadline,
        ),
        ("A Headline", 1, headline("A Headline")),
        (
            "A Headline\n\nA body.\n\nIts end.",
            1,
            headline("A Headline"),
        ),
        ("date 2024-06-18 A Headline", 1, headline("A Headline")),
        (
            "A Headline\n\nA body.\n\nAgencies\n\nOther One\nJun 17, 2024",
            1,
            headline("A Headline"),
        ),
        (
            "A Headline\nA body.\nAgencies\nOther One\nJun 17, 2024",
            1,
            headline("A Headline"),
        ),
        (
            "A Headline\n\nA body.\n\nThe Latest\n\nOther By Agencies Jun 17, 2024",
            1,
            headline("A Headline"),
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line, error.reason), (line, reason), "{text:?}");
    }
    for text in [
        "date 2024-06-31 A Headline\n\nA Headline\n\nJune 18, 2024",
        "A Headline\n\nJune 31, 2024\n\nBody.",
    ] {
        assert!(
            matches!(parse(text).unwrap_err().reason, Reason::UnreadableTime(_)),
            "{text}"
        );
    }
    let message = parse("A Headline").unwrap_err().to_string();
    assert!(
        message.starts_with("line 1: “A Headline” has no date of its own; put one"),
        "{message}"
    );
}
