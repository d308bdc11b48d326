#![allow(clippy::unwrap_used, reason = "tests")]

use masthead_domain::contributor::ContributorKind;

use super::{is_house_or_agency, is_personal, key, kind, names};

#[test]
fn splits_names() {
    for (byline, expected) in [
        ("", &[][..]),
        ("Agencies", &["Agencies"]),
        ("By Agencies", &["Agencies"]),
        ("By: Agencies", &["Agencies"]),
        ("— Agencies", &["Agencies"]),
        ("(Agencies)", &["Agencies"]),
        ("Asha Gurung And Bimal Rai", &["Asha Gurung", "Bimal Rai"]),
        ("Asha Gurung and Bimal Rai", &["Asha Gurung", "Bimal Rai"]),
        ("ASHA GURUNG AND BIMAL RAI", &["ASHA GURUNG", "BIMAL RAI"]),
        ("Asha Gurung & Bimal Rai", &["Asha Gurung", "Bimal Rai"]),
        (
            "Asha Gurung, Bimal Rai and Chet Thapa",
            &["Asha Gurung", "Bimal Rai", "Chet Thapa"],
        ),
        (
            "Asha Gurung, Bimal Rai, and Chet Thapa",
            &["Asha Gurung", "Bimal Rai", "Chet Thapa"],
        ),
        ("Asha Gurung/Bimal Rai", &["Asha Gurung", "Bimal Rai"]),
        ("RSS/AFP", &["RSS", "AFP"]),
        ("Reuters and AFP", &["Reuters", "AFP"]),
        (
            "Asha Gurung with inputs from Agencies",
            &["Asha Gurung", "Agencies"],
        ),
        (
            "Asha Gurung, Jr. and Bimal Rai, PhD",
            &["Asha Gurung, Jr.", "Bimal Rai, PhD"],
        ),
        ("News and Views Desk", &["News and Views Desk"]),
        ("News & Views Desk", &["News & Views Desk"]),
        (
            "Research and Policy Bureau",
            &["Research and Policy Bureau"],
        ),
        (
            "Foreign Affairs and Policy Desk",
            &["Foreign Affairs and Policy Desk"],
        ),
        (
            "Arts, Culture and Life Desk",
            &["Arts, Culture and Life Desk"],
        ),
        ("Asha Gurung and News Desk", &["Asha Gurung", "News Desk"]),
        (
            "Asha Gurung and News and Views Desk",
            &["Asha Gurung", "News and Views Desk"],
        ),
        (
            "Agencies and Staff Reporter",
            &["Agencies", "Staff Reporter"],
        ),
        ("Asha Gurung, Asha Gurung", &["Asha Gurung"]),
        ("आशा गुरुङ र विमल राई", &["आशा गुरुङ", "विमल राई"]),
        ("आशा गुरुङ तथा विमल राई", &["आशा गुरुङ", "विमल राई"]),
        ("Byron Rai", &["Byron Rai"]),
        ("Anders And", &["Anders And"]),
        ("Sandra Rand", &["Sandra Rand"]),
    ] {
        assert_eq!(names(byline), expected, "{byline}");
    }
}

#[test]
fn tells_persons_agencies_and_desks() {
    use ContributorKind::{Agency, Desk, Person};
    for (name, expected) in [
        ("Mira Tamang", Person),
        ("Asha Gurung", Person),
        ("आशा गुरुङ", Person),
        ("Ani Choying Lama", Person),
        ("A.P. Sharma", Person),
        ("Himal Sharma", Person),
        ("Agencies", Agency),
        ("AGENCIES", Agency),
        ("agencies", Agency),
        ("AFP", Agency),
        ("Reuters", Agency),
        ("Xinhua", Agency),
        ("RSS", Agency),
        ("RSS, Pokhara", Agency),
        ("ANI", Agency),
        ("PTI", Agency),
        ("NHK", Agency),
        ("AP", Agency),
        ("Koshi News Service", Agency),
        ("Mechi News Agency", Agency),
        ("एजेन्सी", Agency),
        ("रासस", Agency),
        ("राष्ट्रिय समाचार समिति", Agency),
        ("News Desk", Desk),
        ("HILL REVIEW ONLINE", Desk),
        ("Policy Bureau", Desk),
        ("Staff Correspondent", Desk),
        ("A Staff Reporter", Desk),
        ("Editorial", Desk),
        ("The Editor", Desk),
        ("Newsroom", Desk),
        ("Our Team", Desk),
        ("Hill Review", Desk),
        ("The Hill Review Pokhara", Desk),
        ("संवाददाता", Desk),
        ("समाचार डेस्क", Desk),
    ] {
        assert_eq!(kind(name, "The Hill Review"), expected, "{name}");
    }
    assert_eq!(kind("Himal", "Himal Magazine"), Desk, "a title of one word");
    assert_eq!(kind("Himal Sharma", "Himal Magazine"), Person);
    assert_eq!(kind("Anyone Here", ""), Person);
}

#[test]
fn a_headline_is_no_name() {
    for text in [
        "Heavy Rain",
        "Two Wickets",
        "Nepal's Win",
        "He did not elaborate",
        "The",
        "2030",
        "बैठक सकियो",
    ] {
        assert!(!is_personal(text, 1), "{text}");
    }
    for text in [
        "Mira Tamang",
        "K.C. Thapa",
        "Dr. Asha Gurung",
        "Ram van der Berg",
        "आशा गुरुङ",
        "Asha Gurung And Bimal Rai",
    ] {
        assert!(is_personal(text, 2), "{text}");
    }
    assert!(!is_house_or_agency("Rescue Team Reaches Site"));
    assert!(is_house_or_agency("Asha Gurung and Agencies"));
}

#[test]
fn a_key_is_the_same_for_what_reads_the_same() {
    assert_eq!(key("Hill  Review: Online!"), key("HILL REVIEW ONLINE"));
    assert_ne!(key("कमल"), key("कमला"));
    assert_eq!(key("—"), "—");
}
