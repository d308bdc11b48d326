#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use masthead_domain::{
    article::TimePrecision, contributor::ContributorKind, image::Image, web_url::WebUrl,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NewsArticle, PrintedIssue, Publication};

static LEAD: LazyLock<Image> = LazyLock::new(|| Image {
    url: WebUrl::parse("https://images.example/lead[1].png").unwrap(),
    alt: None,
    caption: Some("The river".to_owned()),
    credit: Some("A. Photographer".to_owned()),
    width: Some(640),
    height: Some(480),
});

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn article() -> NewsArticle<'static> {
    NewsArticle {
        identifier: "urn:uuid:00000000-0000-8041-8015-5d3e91a7c42b",
        url: "https://magazine.example/articles/a-river",
        headline: "A river",
        kicker: None,
        standfirst: None,
        dateline: None,
        language: "en",
        published: Some((at("2024-06-17T20:00:00Z"), TimePrecision::Minute)),
        modified_at: at("2024-06-18T02:07:00.120Z"),
        credits: Vec::new(),
        section: None,
        topics: Vec::new(),
        corrections: Vec::new(),
        lead_image: None,
        words: 7,
        is_free: true,
        printed_in: None,
        publication: Publication {
            title: "Magazine",
            url: "https://magazine.example/",
            publisher: None,
            time_zone: chrono_tz::Asia::Kathmandu,
        },
    }
}

fn read(article: &NewsArticle<'_>) -> Value {
    serde_json::from_str(&article.script().unwrap()).unwrap()
}

#[test]
fn all_that_an_article_has() {
    let article = NewsArticle {
        kicker: Some("Floods"),
        standfirst: Some("It rained."),
        dateline: Some("Kathmandu"),
        credits: vec![
            ("A. Writer", ContributorKind::Person),
            ("Agencies", ContributorKind::Agency),
            ("Our desk", ContributorKind::Desk),
        ],
        section: Some("International"),
        topics: vec!["Rivers", "Rain"],
        corrections: vec![(at("2024-06-18T02:07:00Z"), "It was three days.")],
        lead_image: Some(&LEAD),
        is_free: false,
        printed_in: Some(PrintedIssue {
            citation: "VOL. 17, No. 21-22",
            series: "New Magazine",
            volume: 17,
            number: 21,
            last_number: Some(22),
            cover_date: NaiveDate::from_ymd_opt(2024, 6, 14).unwrap(),
        }),
        publication: Publication {
            publisher: Some("Lake Press"),
            ..article().publication
        },
        ..article()
    };
    assert_eq!(
        read(&article),
        json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": "https://magazine.example/articles/a-river#article",
            "identifier": "urn:uuid:00000000-0000-8041-8015-5d3e91a7c42b",
            "mainEntityOfPage": { "@type": "WebPage", "@id": "https://magazine.example/articles/a-river" },
            "url": "https://magazine.example/articles/a-river",
            "headline": "A river",
            "alternativeHeadline": "Floods",
            "description": "It rained.",
            "dateline": "Kathmandu",
            "inLanguage": "en",
            "datePublished": "2024-06-18T01:45:00+05:45",
            "dateModified": "2024-06-18T07:52:00.120+05:45",
            "author": [
                { "@type": "Person", "name": "A. Writer" },
                { "@type": "Organization", "name": "Agencies" },
                { "@type": "Organization", "name": "Our desk", "url": "https://magazine.example/" },
            ],
            "publisher": {
                "@type": "NewsMediaOrganization", "name": "Magazine", "url": "https://magazine.example/",
                "parentOrganization": { "@type": "Organization", "name": "Lake Press" },
            },
            "articleSection": "International",
            "keywords": ["Rivers", "Rain"],
            "image": [{
                "@type": "ImageObject", "url": "https://images.example/lead%5B1%5D.png", "width": 640, "height": 480,
                "caption": "The river", "creditText": "A. Photographer",
            }],
            "wordCount": 7,
            "isAccessibleForFree": false,
            "correction": [{ "@type": "CorrectionComment", "text": "It was three days.", "datePublished": "2024-06-18T07:52:00+05:45" }],
            "isPartOf": {
                "@type": "PublicationIssue", "name": "VOL. 17, No. 21-22", "issueNumber": "21-22", "datePublished": "2024-06-14",
                "isPartOf": { "@type": "PublicationVolume", "volumeNumber": "17", "isPartOf": { "@type": "Periodical", "name": "New Magazine" } },
            },
        })
    );
}

#[test]
fn a_time_is_told_as_exactly_as_it_is_known() {
    let published = |precision| {
        let published = Some((at("2024-06-17T20:00:00Z"), precision));
        read(&NewsArticle {
            published,
            ..article()
        })["datePublished"]
            .clone()
    };
    assert_eq!(published(TimePrecision::Exact), "2024-06-18T01:45:00+05:45");
    // It was the eighteenth in Kathmandu.
    assert_eq!(published(TimePrecision::Day), "2024-06-18");
    let draft = read(&NewsArticle {
        published: None,
        ..article()
    });
    assert_eq!(draft["datePublished"], Value::Null);
}

#[test]
fn a_version_that_waited_for_its_time_is_not_older_than_it() {
    let article = read(&NewsArticle {
        modified_at: at("2024-06-01T00:00:00Z"),
        ..article()
    });
    assert_eq!(article["dateModified"], article["datePublished"]);
}

proptest! {
    /// No text ends the element that it stands in, or begins another, and each is read as it was.
    #[test]
    fn it_is_safe_inside_a_script(text in "(?s).{0,40}|.{0,5}(</script|<!--|]]>|&lt;|\u{2028}).{0,5}") {
        let script = NewsArticle {
            headline: &text,
            kicker: Some(&text),
            topics: vec![&text],
            credits: vec![(&text, ContributorKind::Person)],
            ..article()
        }
        .script()
        .unwrap();
        prop_assert!(!script.contains(['<', '>', '&', '\n']), "{}", script);
        let read: Value = serde_json::from_str(&script).unwrap();
        prop_assert_eq!(read["headline"].as_str(), Some(text.as_str()));
        prop_assert_eq!(read["author"][0]["name"].as_str(), Some(text.as_str()));
    }
}
