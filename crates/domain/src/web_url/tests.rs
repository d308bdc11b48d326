#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

#[test]
fn web_addresses_are_written_in_one_way() {
    for (given, kept) in [
        ("https://example.org", "https://example.org/"),
        (" HTTP://EXAMPLE.org:80/A b \n", "http://example.org/A%20b"),
        ("//cdn.example.org/a.jpg", "https://cdn.example.org/a.jpg"),
        (
            "https://example.org/?q=`a`|b\\c",
            "https://example.org/?q=%60a%60%7Cb%5Cc",
        ),
        (
            "https://example.org/?q=\"'<>",
            "https://example.org/?q=%22%27%3C%3E",
        ),
        ("https://नेपाल.example/", "https://xn--l2bey1c2b.example/"),
    ] {
        assert_eq!(WebUrl::parse(given).unwrap().as_str(), kept, "{given}");
        assert_eq!(LinkTarget::parse(given).unwrap().as_str(), kept, "{given}");
    }
}

#[test]
fn links_may_lead_to_mail_telephone_and_this_site() {
    for (given, kept) in [
        ("mailto:desk@example.org", "mailto:desk@example.org"),
        (
            "mailto:a@b.example?subject=\"x\" y",
            "mailto:a@b.example?subject=%22x%22%20y",
        ),
        ("tel:+977-1-4000000", "tel:+977-1-4000000"),
        ("#sources", "#sources"),
        ("#a b\"<", "#a%20b%22%3C"),
        ("/2024/elections?page=2#top", "/2024/elections?page=2#top"),
        ("/a/../b", "/b"),
    ] {
        assert_eq!(LinkTarget::parse(given).unwrap().as_str(), kept, "{given}");
        assert!(WebUrl::parse(given).is_err(), "{given}");
    }
}

#[test]
fn what_runs_or_misleads_is_refused() {
    for given in [
        "",
        "  ",
        "#",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "java\rscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "\0javascript:alert(1)",
        "javascript&colon;alert(1)",
        "javascript\u{ff1a}alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "blob:https://example.org/1",
        "view-source:https://example.org/",
        "ftp://example.org/",
        "https://example.org@evil.example/",
        "https://user:secret@example.org/",
        "https://",
        "https://exa mple.org/",
        "story.html",
        "../story.html",
        "?page=2",
        "www.example.org",
        "/\\evil.example",
        "\\\\evil.example",
        "/..//evil.example",
        "/.//evil.example",
        "/\t/evil.example",
    ] {
        assert!(WebUrl::parse(given).is_err(), "{given:?}");
        assert!(LinkTarget::parse(given).is_err(), "{given:?}");
    }
    let long = format!("https://example.org/{}", "a".repeat(MAXIMUM_URL_LENGTH));
    assert_eq!(WebUrl::parse(&long), Err(WebUrlError::TooLong));
    // 4,000 characters that need three each.
    let encoded = format!("https://example.org/{}", " ".repeat(4000) + "x");
    assert_eq!(WebUrl::parse(&encoded), Err(WebUrlError::TooLong));
    assert!(serde_json::from_str::<WebUrl>("\"data:text/html,x\"").is_err());
    assert!(serde_json::from_str::<LinkTarget>("\"javascript:x\"").is_err());
}

#[test]
fn a_reference_is_read_as_the_page_reads_it() {
    let page = WebUrl::parse("https://example.org/2024/story").unwrap();
    assert_eq!(
        page.join("a.jpg").unwrap().as_str(),
        "https://example.org/2024/a.jpg"
    );
    assert_eq!(
        page.join("//b.example/a.jpg").unwrap().as_str(),
        "https://b.example/a.jpg"
    );
    assert!(matches!(
        page.join("javascript:x"),
        Err(WebUrlError::Scheme(_))
    ));
}

proptest! {
    /// What is kept reads back as itself, so that a stored address never stops being one.
    #[test]
    fn a_kept_address_is_kept_again(
        text in prop_oneof![
            any::<String>(),
            "(https?:|mailto:|tel:|#|/|//|HTTPS://a\\.example/)[ -~]{0,40}",
            "https://[a-z.]{1,12}/[ -~\u{80}-\u{2fff}]{0,30}",
        ],
    ) {
        if let Ok(target) = LinkTarget::parse(&text) {
            prop_assert_eq!(LinkTarget::parse(target.as_str()), Ok(target.clone()));
            prop_assert!(target.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(!target.as_str().contains(['"', '<', '>', '\\', '`']));
        }
        if let Ok(url) = WebUrl::parse(&text) {
            prop_assert_eq!(WebUrl::parse(url.as_str()), Ok(url.clone()));
            prop_assert!(url.as_str().starts_with("http://") || url.as_str().starts_with("https://"));
        }
    }
}
