use chrono::NaiveDate;

use super::builder::page;
use crate::saved_page::{ListedIssue, Reason};

fn issues(lines: &str) -> Vec<ListedIssue> {
    page(|page| page.magazine = format!("Latest Magazine\n\n{lines}"))
        .parse()
        .magazine_issues
}

#[test]
fn volumes_numbers_and_dates() {
    for (line, volume, number, last_number, date, bikram_sambat) in [
        (
            "VOL. 17, No. 21, June.14,2024 (Jestha-32. 2081)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jestha", 32, 2081)),
        ),
        (
            "VOL. 17, No. 19, May.10,2024 (Baishak,28. 2081)",
            17,
            19,
            None,
            "2024-05-10",
            Some(("Baishak", 28, 2081)),
        ),
        (
            "VOL.17,No.21,June.14,2024(Jestha-32.2081)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jestha", 32, 2081)),
        ),
        (
            "VOL 17 NO 21 June 14 2024 (Jestha 32 2081)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jestha", 32, 2081)),
        ),
        (
            "Vol. 17 No. 21 June 14, 2024 Jestha 32, 2081",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jestha", 32, 2081)),
        ),
        (
            "vol:17 no:21 14 June 2024 (32 Jestha 2081)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jestha", 32, 2081)),
        ),
        (
            "Volume 17, Number 21, June-14-2024 (2081 Jestha 32)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jestha", 32, 2081)),
        ),
        (
            "Volume 17, Issue 21, 2024-06-14 (2081-02-32)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("02", 32, 2081)),
        ),
        (
            "VOL. 17, No. 21, June.14,2024 (B.S. Jeth-32, 2081)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jeth", 32, 2081)),
        ),
        (
            "VOL. 17, No. 21, June.14,2024 [Jesth/32/2081 B.S.]",
            17,
            21,
            None,
            "2024-06-14",
            Some(("Jesth", 32, 2081)),
        ),
        (
            "VOL. 17, No. 21, June.14,2024 (जेठ ३२, २०८१)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("जेठ", 32, 2081)),
        ),
        (
            "वर्ष १७, अंक २१, जुन १४, २०२४ (जेठ ३२, २०८१)",
            17,
            21,
            None,
            "2024-06-14",
            Some(("जेठ", 32, 2081)),
        ),
        (
            "VOL. 17, No. 21, Jun. 14, 2024",
            17,
            21,
            None,
            "2024-06-14",
            None,
        ),
        (
            "VOL. XVII, No. 21, Jun. 14, 2024",
            17,
            21,
            None,
            "2024-06-14",
            None,
        ),
        (
            "VOL. 17, No. 21-22, Sept. 6, 2024 (Bhadra-21. 2081)",
            17,
            21,
            Some(22),
            "2024-09-06",
            Some(("Bhadra", 21, 2081)),
        ),
        (
            "Vol.17 No.21-22June.14,2024",
            17,
            21,
            Some(22),
            "2024-06-14",
            None,
        ),
        (
            "Vol.17 No.21 & 22 June.14,2024",
            17,
            21,
            Some(22),
            "2024-06-14",
            None,
        ),
        (
            "Vol.17 Nos.21/22, June.14,2024",
            17,
            21,
            Some(22),
            "2024-06-14",
            None,
        ),
        (
            "Vol.17 No. 21 and 22, June.14,2024",
            17,
            21,
            Some(22),
            "2024-06-14",
            None,
        ),
        (
            "Vol.17 No. 21–22, 14 June 2024",
            17,
            21,
            Some(22),
            "2024-06-14",
            None,
        ),
        (
            "Vol.17 No. 21-14 June 2024",
            17,
            21,
            None,
            "2024-06-14",
            None,
        ),
        ("Vol.17 No. 21-2024-06-14", 17, 21, None, "2024-06-14", None),
    ] {
        for rest in [
            "",
            " Publisher and Editor: Asha Gurung",
            "Publisher: Asha Gurung",
        ] {
            let text = format!("{line}{rest}");
            let read = issues(&text);
            let [issue] = read.as_slice() else {
                panic!("{text}: {read:?}")
            };
            assert_eq!(
                (issue.volume, issue.number, issue.last_number),
                (volume, number, last_number),
                "{text}"
            );
            assert_eq!(
                issue.cover_date,
                date.parse::<NaiveDate>().unwrap(),
                "{text}"
            );
            let printed = issue.bikram_sambat.as_ref();
            assert_eq!(
                printed.map(|date| (date.month_name.as_str(), date.day, date.year)),
                bikram_sambat,
                "{text}"
            );
            assert_eq!(
                issue.publisher.as_deref(),
                (!rest.is_empty()).then_some("Asha Gurung"),
                "{text}"
            );
        }
    }
    assert_eq!(
        issues("VOL. 17, No. 21, June.14,2024 ( Jestha-32. 2081 )X")[0]
            .bikram_sambat
            .as_ref()
            .unwrap()
            .printed,
        "Jestha-32. 2081"
    );
}

#[test]
fn publisher_editor_and_registration() {
    let (asha, bimal, number) = (Some("Asha K.C."), Some("Bimal Rai"), Some("DOI 12/070-71"));
    for (rest, publisher, editor, registration) in [
        (
            "Publisher and Editor: Asha K.C. Online Register Number: DOI 12/070-71",
            asha,
            asha,
            number,
        ),
        (
            "Publisher and Editor: Asha K.C.Online Register Number: DOI 12/070-71",
            asha,
            asha,
            number,
        ),
        (
            "Publisher & Editor Asha K.C. Register No DOI 12/070-71",
            asha,
            asha,
            number,
        ),
        (
            "Editor and Publisher: Asha K.C., Regd. No. DOI 12/070-71",
            asha,
            asha,
            number,
        ),
        (
            "Publisher/Editor: Asha K.C. | Registration No.: DOI 12/070-71",
            asha,
            asha,
            number,
        ),
        (
            "Publisher: Asha K.C. Editor: Bimal Rai Online Register Number: DOI 12/070-71",
            asha,
            bimal,
            number,
        ),
        ("Editor: Bimal Rai, Publisher: Asha K.C.", asha, bimal, None),
        (
            "Publisher: Asha K.C. Editor-in-Chief: Bimal Rai",
            asha,
            bimal,
            None,
        ),
        (
            "Publisher: Asha K.C. Executive Editor: Chet Thapa Editor: Bimal Rai",
            asha,
            bimal,
            None,
        ),
        ("Publisher Editor: Asha K.C.", asha, asha, None),
        ("Published by Asha K.C.", asha, None, None),
        ("Editor: Bimal Rai", None, bimal, None),
        ("Online Register Number: DOI 12/070-71", None, None, number),
        ("Editor: Bimal Rai DOI 12/070-71", None, bimal, number),
        ("Online Register Number: DOI 12/ 070-71", None, None, number),
        (
            "Publisher and Editor: Online Register Number: DOI 12/070-71",
            None,
            None,
            number,
        ),
        (
            "प्रकाशक तथा सम्पादक: आशा गुरुङ दर्ता नं. १२/०७०-७१",
            Some("आशा गुरुङ"),
            Some("आशा गुरुङ"),
            Some("१२/०७०-७१"),
        ),
        ("", None, None, None),
    ] {
        for date in ["(Jestha-32. 2081) ", ""] {
            let read = issues(&format!("VOL. 17, No. 21, June.14,2024 {date}{rest}"));
            let issue = &read[0];
            let read = (
                issue.publisher.as_deref(),
                issue.editor.as_deref(),
                issue.registration_number.as_deref(),
            );
            assert_eq!(read, (publisher, editor, registration), "{rest}");
        }
    }
}

#[test]
fn several_issues() {
    let (one, two) = (
        "VOL. 17, No. 21, June.14,2024 (Jestha-32. 2081) Publisher and Editor: Asha Gurung Online Register Number: DOI 12/070-71",
        "VOL. 17, No. 20, May.24,2024 (Jestha-11. 2081) Publisher and Editor: Asha Gurung Online Register Number: DOI 12/070-71",
    );
    let separate = issues(&format!("{one}\n\n{two}"));
    assert_eq!(
        separate
            .iter()
            .map(|issue| issue.number)
            .collect::<Vec<_>>(),
        [21, 20]
    );
    assert_eq!(separate[1].line - separate[0].line, 2);
    for text in [
        format!("{one}\n{two}"),
        format!("{one} {two}"),
        format!("{one}{two}"),
        format!("{one}\n\n{two}").replace(") ", ")\n"),
        format!("{one}\n\n{two}")
            .replace(", June", ",\nJune")
            .replace(" Online", "\nOnline"),
        format!("• {one}\n• {two}"),
    ] {
        let read = issues(&text);
        assert_eq!(read.len(), 2, "{text}");
        for (issue, expected) in read.iter().zip(&separate) {
            let same = ListedIssue {
                line: expected.line,
                ..issue.clone()
            };
            assert_eq!(&same, expected, "{text}");
        }
    }
    let headless = page(|page| page.magazine = one.into()).parse();
    assert_eq!(headless.magazine_issues.len(), 1);
    assert_eq!(headless.latest.len(), 2);
    assert_eq!(headless.warnings.len(), 1);
}

#[test]
fn issues_that_cannot_be_read() {
    for lines in [
        "VOL. 17, No. 21 (Jestha-32. 2081)",
        "VOL. 17, June 14, 2024",
        "VOL. 17, No. 21, June 31, 2024",
        "VOL. 17, No. 22-21, June 14, 2024",
        "VOL. 0, No. 21, June 14, 2024",
        "No. 21, June 14, 2024",
        "Cover Story: Ginger",
        "VOL. 99999999999, No. 1, June 14, 2024",
    ] {
        let broken = page(|page| page.magazine = format!("Latest Magazine\n\n{lines}"));
        let error = broken.try_parse().unwrap_err();
        assert!(
            matches!(error.reason, Reason::UnreadableIssue { .. }),
            "{lines}: {error}"
        );
        assert_eq!(broken.text().lines().nth(error.line - 1), Some(lines));
    }
    let read = page(|page| {
        page.magazine = "Latest Magazine\n\nVOL. 17, No. 21, June 14, 2024 (unknown)".into()
    })
    .parse();
    assert_eq!(read.warnings.len(), 1);
    assert_eq!(read.magazine_issues[0].bikram_sambat, None);
}
