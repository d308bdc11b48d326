use super::builder::{Page, page};
use crate::saved_page::{ListedArticle, PrintedTime, Reason, SavedPage};

fn read(list: &[ListedArticle]) -> Vec<(&str, Option<&str>)> {
    list.iter()
        .map(|article| (article.headline.as_str(), article.byline.as_deref()))
        .collect()
}

#[test]
fn articles_of_a_list() {
    for (lines, expected) in [
        (
            "Ferry Returns By Bimal Rai Mar 9, 2023",
            &[("Ferry Returns", Some("Bimal Rai"))][..],
        ),
        (
            "Ferry ReturnsBy Bimal RaiMar 9, 2023",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry ReturnsBy Agencies1 day, 14 hours ago",
            &[("Ferry Returns", Some("Agencies"))],
        ),
        (
            "Ferry ReturnsByAgencies1 day, 14 hours ago",
            &[("Ferry Returns", Some("Agencies"))],
        ),
        (
            "Ferry Returns BY AGENCIES 1 day ago",
            &[("Ferry Returns", Some("AGENCIES"))],
        ),
        (
            "Ferry Returns by Agencies 1 day ago",
            &[("Ferry Returns", Some("Agencies"))],
        ),
        (
            "Ferry Returns By: Bimal Rai 1 day ago",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns | By Bimal Rai | Mar 9, 2023",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns - By Bimal Rai - Mar 9, 2023",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns By Bimal Rai (Mar 9, 2023)",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "• Ferry Returns By Bimal Rai 3 weeks ago",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "- Ferry Returns By Bimal Rai 3 weeks ago",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns By Bimal Rai and Asha Gurung 5 minutes ago",
            &[("Ferry Returns", Some("Bimal Rai and Asha Gurung"))],
        ),
        (
            "Ferry Returns By Bimal Rai, Asha Gurung & Agencies 1 month ago",
            &[("Ferry Returns", Some("Bimal Rai, Asha Gurung & Agencies"))],
        ),
        ("Ferry Returns Mar 9, 2023", &[("Ferry Returns", None)]),
        ("Ferry Returns\nMar. 9, 2023", &[("Ferry Returns", None)]),
        (
            "Ferry Returns\nBy Bimal Rai\nMarch 9, 2023",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns\nBimal Rai\nMarch 9, 2023",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns\n\nBy Bimal Rai\n\n2 days ago",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns\nBy Bimal Rai 2 days ago",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns By Bimal Rai\n2 days ago",
            &[("Ferry Returns", Some("Bimal Rai"))],
        ),
        (
            "Ferry Returns\nAgencies 2 days ago",
            &[("Ferry Returns", Some("Agencies"))],
        ),
        (
            "One By Bimal Rai Mar 9, 2023\n\n\nTwo By Agencies Mar 8, 2023\n\n——\nThree Mar 7, 2023",
            &[
                ("One", Some("Bimal Rai")),
                ("Two", Some("Agencies")),
                ("Three", None),
            ],
        ),
        // 'By' in a headline.
        (
            "Bridge Hit By Floods By Agencies 2 days ago",
            &[("Bridge Hit By Floods", Some("Agencies"))],
        ),
        (
            "Bridge Hit By Floods 2 days ago",
            &[("Bridge Hit By Floods", None)],
        ),
        (
            "Bridge Hit By Heavy Rain\nMar 9, 2023",
            &[("Bridge Hit By Heavy Rain", None)],
        ),
        (
            "Match Won By Two Wickets Mar 9, 2023",
            &[("Match Won By Two Wickets", None)],
        ),
        (
            "Exports To Double By 2030 Mar 9, 2023",
            &[("Exports To Double By 2030", None)],
        ),
        (
            "Step By Step By Asha Gurung Mar 9, 2023",
            &[("Step By Step", Some("Asha Gurung"))],
        ),
        (
            "By-Election Held In Ilam Mar 9, 2023",
            &[("By-Election Held In Ilam", None)],
        ),
        (
            "By The River By Asha Gurung Mar 9, 2023",
            &[("By The River", Some("Asha Gurung"))],
        ),
        // Dates, ages and volumes in a headline.
        (
            "Looking Back 10 Years Ago By Agencies 3 days ago",
            &[("Looking Back 10 Years Ago", Some("Agencies"))],
        ),
        (
            "Looking Back 10 Years Ago\nMar 9, 2023",
            &[("Looking Back 10 Years Ago", None)],
        ),
        (
            "Looking Back 10 Years Ago\nBy Bimal Rai\n3 days ago",
            &[("Looking Back 10 Years Ago", Some("Bimal Rai"))],
        ),
        (
            "Quake Of April 25, 2015\nMar 9, 2023",
            &[("Quake Of April 25, 2015", None)],
        ),
        (
            "Quake Of April 25, 2015 By Bimal Rai Mar 9, 2023",
            &[("Quake Of April 25, 2015", Some("Bimal Rai"))],
        ),
        (
            "VOL. 2 Of His Memoirs Is Out By Agencies Mar 9, 2023",
            &[("VOL. 2 Of His Memoirs Is Out", Some("Agencies"))],
        ),
        (
            "Review: VOL. 17, No. 2 Reprinted Mar 9, 2023",
            &[("Review: VOL. 17, No. 2 Reprinted", None)],
        ),
        (
            "What Happened Yesterday By Agencies yesterday",
            &[("What Happened Yesterday", Some("Agencies"))],
        ),
        (
            "Read More Books, Pupils Told Mar 9, 2023",
            &[("Read More Books, Pupils Told", None)],
        ),
        (
            "More on Ginger By Agencies Mar 9, 2023",
            &[("More on Ginger", Some("Agencies"))],
        ),
        ("The Latest\nMar 9, 2023", &[("The Latest", None)]),
        // Nepali.
        (
            "धान रोपाइँ सुरु By रासस २ दिन अघि",
            &[("धान रोपाइँ सुरु", Some("रासस"))],
        ),
        (
            "धान रोपाइँ सुरु\nसंवाददाता\nमार्च ९, २०२३",
            &[("धान रोपाइँ सुरु", Some("संवाददाता"))],
        ),
        // A headline that is broken in the middle.
        (
            "A Long Headline Goes On\nand ends here By Agencies Mar 9, 2023",
            &[("A Long Headline Goes On and ends here", Some("Agencies"))],
        ),
    ] {
        let latest = page(|page| page.latest = format!("The Latest\n\n{lines}")).parse();
        assert_eq!(read(&latest.latest), expected, "latest: {lines}");
        let section = page(|page| page.section = format!("MORE ON FARMING:\n{lines}")).parse();
        assert_eq!(read(&section.section_list), expected, "section: {lines}");
        assert_eq!(section.section.as_deref(), Some("Farming"));
        let last = page(|page| {
            page.latest = format!("the latest\n{lines}");
            page.magazine.clear();
        });
        assert_eq!(read(&last.parse().latest), expected, "at the end: {lines}");
    }
}

#[test]
fn a_name_that_is_credited_twice_is_a_byline() {
    let list = "The Latest\n\nOne By Pallav Mar 9, 2023\nTwo By Pallav Mar 9, 2023\nHit By Hail Mar 9, 2023";
    let page = page(|page| page.latest = list.into()).parse();
    assert_eq!(
        read(&page.latest),
        [
            ("One", Some("Pallav")),
            ("Two", Some("Pallav")),
            ("Hit By Hail", None)
        ]
    );
}

#[test]
fn lines_are_told() {
    let page = Page::default().parse();
    let lines =
        |list: &[ListedArticle]| list.iter().map(|article| article.line).collect::<Vec<_>>();
    let text = Page::default().text();
    for list in [&page.byline_list, &page.section_list, &page.latest] {
        for article in list {
            assert!(
                text.lines()
                    .nth(article.line - 1)
                    .unwrap()
                    .contains(&article.headline)
            );
        }
    }
    assert_eq!(lines(&page.byline_list), [13, 15]);
}

#[test]
fn the_list_under_a_byline() {
    for (byline, name, expected) in [
        (
            "Agencies\n\nOne\nMar 8, 2023\nTwo\nMar 7, 2023",
            "Agencies",
            &["One", "Two"][..],
        ),
        (
            "Agencies\nOne\nMar 8, 2023\n\nTwo\nMar 7, 2023",
            "Agencies",
            &["One", "Two"],
        ),
        (
            "Agencies\n\nOne\n\nMar 8, 2023\n\nTwo\n\nMar 7, 2023",
            "Agencies",
            &["One", "Two"],
        ),
        (
            "Agencies\n\nOneMar 8, 2023\nTwoMar 7, 2023",
            "Agencies",
            &["One", "Two"],
        ),
        (
            "Agencies\n\nOne Mar 8, 2023\nTwo 3 days ago",
            "Agencies",
            &["One", "Two"],
        ),
        ("By Bimal Rai\n\nOne\nMar 8, 2023", "Bimal Rai", &["One"]),
        (
            "Bimal Rai\n\nOrchards Escape Frost\nMar 8, 2023\nHit By Hail Storms\nMar 7, 2023",
            "Bimal Rai",
            &["Orchards Escape Frost", "Hit By Hail Storms"],
        ),
        (
            "Bimal Rai And Asha Gurung\n\nOne\nMar 8, 2023",
            "Bimal Rai And Asha Gurung",
            &["One"],
        ),
        (
            "Bimal Rai, Asha Gurung and Chet Thapa\n\nOne\nMar 8, 2023",
            "Bimal Rai, Asha Gurung and Chet Thapa",
            &["One"],
        ),
        (
            "Bimal Rai\n\nOne By Bimal Rai\nMar 8, 2023\nTwo\nBy Bimal Rai and Asha Gurung\nMar 7, 2023",
            "Bimal Rai",
            &["One", "Two"],
        ),
        (
            "HILL REVIEW ONLINE:\n\nOne\nMar 8, 2023",
            "HILL REVIEW ONLINE",
            &["One"],
        ),
        (
            "News and Views Desk\n\nOne\nMar 8, 2023",
            "News and Views Desk",
            &["One"],
        ),
        (
            "आशा गुरुङ\n\nधान रोपाइँ\nमार्च ८, २०२३",
            "आशा गुरुङ",
            &["धान रोपाइँ"],
        ),
        ("Pallav\n\nOne\nMar 8, 2023", "Pallav", &["One"]),
        ("Agencies", "Agencies", &[]),
        ("Bimal Rai", "Bimal Rai", &[]),
        ("By Pallav", "Pallav", &[]),
        (
            "Agencies\n\nWill It Rain?\nMar 8, 2023\nA Headline With A Stop.\nMar 7, 2023",
            "Agencies",
            &["Will It Rain?", "A Headline With A Stop."],
        ),
        (
            "Agencies\n\nOne In May 2021\nMar 8, 2023\nThe Quake Of April 25, 2015\nMar 7, 2023",
            "Agencies",
            &["One In May 2021", "The Quake Of April 25, 2015"],
        ),
    ] {
        for (section, latest, magazine) in [
            (true, true, true),
            (false, true, true),
            (false, false, true),
            (true, false, false),
            (false, false, false),
        ] {
            let read = page(|page| {
                page.byline = byline.into();
                for (kept, part) in [
                    (section, &mut page.section),
                    (latest, &mut page.latest),
                    (magazine, &mut page.magazine),
                ] {
                    if !kept {
                        part.clear();
                    }
                }
            })
            .parse();
            assert_eq!(read.article.byline.as_deref(), Some(name), "{byline}");
            assert_eq!(
                read.byline_list
                    .iter()
                    .map(|one| one.headline.as_str())
                    .collect::<Vec<_>>(),
                expected,
                "{byline}"
            );
            assert_eq!(read.article.paragraphs.len(), 2, "{byline}");
        }
    }
}

#[test]
fn a_list_under_no_byline() {
    let read = page(|page| page.byline = "One\nMar 8, 2023\nTwo\nMar 7, 2023".into()).parse();
    assert_eq!(read.byline_list.len(), 2);
    assert_eq!(read.article.byline, None);
    assert_eq!(read.article.paragraphs.len(), 2);
    assert_eq!(read.warnings.len(), 1);
}

fn same_lists(one: &SavedPage, other: &SavedPage) {
    assert_eq!(read(&one.byline_list), read(&other.byline_list));
    assert_eq!(read(&one.section_list), read(&other.section_list));
    assert_eq!(read(&one.latest), read(&other.latest));
    assert_eq!(one.magazine_issues.len(), other.magazine_issues.len());
    assert_eq!(
        (&one.section, &one.article.byline),
        (&other.section, &other.article.byline)
    );
    assert_eq!(one.article.paragraphs, other.article.paragraphs);
}

#[test]
fn lists_in_any_order() {
    let default = Page::default();
    let parts = [
        &default.byline,
        &default.section,
        &default.latest,
        &default.magazine,
    ];
    for first in 0..4 {
        for second in (0..4).filter(|index| *index != first) {
            for third in (0..4).filter(|index| ![first, second].contains(index)) {
                let fourth = 6 - first - second - third;
                let order = [first, second, third, fourth].map(|index| parts[index].as_str());
                let shuffled = page(|page| {
                    [
                        &mut page.byline,
                        &mut page.section,
                        &mut page.latest,
                        &mut page.magazine,
                    ]
                    .into_iter()
                    .zip(order)
                    .for_each(|(part, text)| *part = text.to_owned());
                });
                same_lists(&shuffled.parse(), &default.parse());
            }
        }
    }
}

#[test]
fn lists_that_are_missing_or_empty() {
    for empty in [false, true] {
        let without = |part: &str| {
            if empty {
                part.lines().next().unwrap().to_owned()
            } else {
                String::new()
            }
        };
        let read = page(|page| page.section = without(&page.section)).parse();
        assert!(
            read.section_list.is_empty() && read.latest.len() == 2 && read.byline_list.len() == 2
        );
        assert_eq!(read.section.is_some(), empty);
        let read = page(|page| page.latest = without(&page.latest)).parse();
        assert!(
            read.latest.is_empty()
                && read.section_list.len() == 2
                && read.magazine_issues.len() == 1
        );
        let read = page(|page| page.magazine = without(&page.magazine)).parse();
        assert!(read.magazine_issues.is_empty() && read.latest.len() == 2);
        let read = page(|page| {
            page.section = without(&page.section);
            page.latest = without(&page.latest);
            page.magazine = without(&page.magazine);
            page.byline.clear();
        })
        .parse();
        assert!(read.article.byline.is_none() && read.article.paragraphs.len() == 2);
    }
    let read = page(|page| page.body.clear()).parse();
    assert!(read.article.paragraphs.is_empty() && read.byline_list.len() == 2);
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn sections() {
    for (heading, name) in [
        ("More on Farming", "Farming"),
        ("More On Farming:", "Farming"),
        ("MORE ON FARMING", "Farming"),
        ("more on farming", "Farming"),
        ("more on arts and culture", "Arts and Culture"),
        ("MORE ON US POLITICS", "US Politics"),
        ("More on  Art & Life", "Art & Life"),
        ("More on: Farming", "Farming"),
        ("## More on Farming", "Farming"),
        ("More on कृषि", "कृषि"),
        ("More on The Economy", "The Economy"),
    ] {
        let read =
            page(|page| page.section = page.section.replace("More on Farming", heading)).parse();
        assert_eq!(read.section.as_deref(), Some(name), "{heading}");
        assert_eq!(read.section_list.len(), 2, "{heading}");
    }
    let error = page(|page| page.latest.push_str("\n\nMore on Trade\n\nOne Mar 9, 2023"))
        .try_parse()
        .unwrap_err();
    assert!(matches!(error.reason, Reason::TwoSections { .. }));
}

#[test]
fn lines_that_cannot_be_read() {
    for (lines, line, undated) in [
        ("No Date Here", 3, true),
        ("One Mar 9, 2023\nNo Date Here\nTwo Mar 9, 2023", 4, true),
        ("One\nTwo\nMar 9, 2023", 3, true),
        ("One Mar 9, 2023\n\nLast Without A Date", 5, true),
        ("One By Bimal Rai Mar 9, 2023\nMar 9, 2023", 4, false),
        ("Mar 9, 2023", 3, false),
        ("One Feb 30, 2023", 3, false),
        ("Mar 9, 2023\nOne", 3, false),
    ] {
        let broken = page(|page| page.latest = format!("The Latest\n\n{lines}"));
        let start = broken
            .text()
            .lines()
            .position(|line| line == "The Latest")
            .unwrap();
        let error = broken.try_parse().unwrap_err();
        assert_eq!(error.line, start + line, "{lines}: {error}");
        assert_eq!(
            matches!(error.reason, Reason::Undated { .. }),
            undated,
            "{lines}: {error}"
        );
    }
    let broken = page(|page| {
        page.byline = "Agencies\n\nOne\nMar 8, 2023\nNo Date Here\n\nTwo\nMar 7, 2023".into();
    });
    assert!(matches!(
        broken.try_parse().unwrap_err().reason,
        Reason::Undated { .. }
    ));
}

#[test]
fn furniture_is_left_out() {
    let read = page(|page| {
        page.latest.push_str("\nView all\n* * *");
        page.magazine
            .push_str("\n\n© 2023 Hill Review. All rights reserved.");
        page.section.push_str("\nRead more »");
    })
    .parse();
    assert_eq!(read.latest.len(), 2);
    assert_eq!(read.magazine_issues.len(), 1);
    assert_eq!(
        read.magazine_issues[0].registration_number.as_deref(),
        Some("DOI 12/070-71")
    );
    assert_eq!(read.warnings.len(), 3);
}

#[test]
fn the_articles_own_headline_in_a_list() {
    let read = page(|page| {
        page.latest
            .push_str("\nTerraces Of Lamjung Turn Green By Agencies Mar 9, 2023");
    })
    .parse();
    assert_eq!(read.latest.len(), 3);
    assert!(matches!(read.latest[2].printed, PrintedTime::Day(_)));
}
