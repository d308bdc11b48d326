#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
//! What is written is read again by other people's readers.

use std::sync::LazyLock;

use chrono::TimeZone as _;
use masthead_domain::{identifier::ArticleId, web_url::WebUrl};
use proptest::prelude::*;

use super::*;

const HOST: &str = "https://magazine.example";

fn instant(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, day, 2, 7, 0).unwrap()
}

static RAIN: LazyLock<Image> = LazyLock::new(|| Image {
    url: WebUrl::parse("https://magazine.example/rain.JPG?size=[large]").unwrap(),
    alt: Some("Rain".to_owned()),
    caption: Some("It rains".to_owned()),
    credit: Some("Asha Rai".to_owned()),
    width: Some(1200),
    height: None,
});

fn entry<'a>(title: &'a str, html: &'a str) -> Entry<'a> {
    Entry {
        id: NodeId::Article(ArticleId::from_number(7)),
        url: "https://magazine.example/articles/rain?a=1&b=2",
        title,
        summary: Some("It rained on < half > of us & more"),
        html,
        authors: vec!["Asha Rai", "The Desk"],
        categories: vec!["Politics", "Weather & climate"],
        language: "ne",
        published: instant(14),
        modified: instant(15),
        image: Some(&RAIN),
    }
}

fn feed<'a>(title: &'a str, entries: Vec<Entry<'a>>) -> Feed<'a> {
    Feed {
        id: "urn:uuid:00000000-0000-8053-8001-5d3e91a7c42b",
        title,
        description: title,
        language: "en",
        website: HOST,
        publisher: "The House",
        license: Some("https://magazine.example/license.xml"),
        pages: Pages {
            this: "https://magazine.example/feeds/latest.x",
            current: "https://magazine.example/feeds/latest.x",
            older: Some("https://magazine.example/feeds/latest/2024-05/3.x"),
            newer: None,
        },
        hub: Some("https://magazine.example/websub"),
        entries,
        removed: vec![Removed {
            id: NodeId::Article(ArticleId::from_number(8)),
            at: instant(16),
        }],
    }
}

fn archived<'a>() -> Feed<'a> {
    let mut feed = feed("Archive", vec![entry("Rain", "<p>It rained.</p>")]);
    feed.pages.this = "https://magazine.example/feeds/latest/2024-06/1.x";
    feed.pages.newer = Some("https://magazine.example/feeds/latest/2024-06/2.x");
    feed
}

fn text(feed: &Feed<'_>, format: Format) -> String {
    String::from_utf8(feed.write(format).unwrap()).unwrap()
}

#[test]
fn rss_is_read_as_it_was_written() {
    let feed = feed(
        "A & B",
        vec![entry("Rain <b>", "<p>It rained &amp; rained.</p>")],
    );
    let channel = rss::read(&text(&feed, Format::Rss));
    assert_eq!(channel.title(), "A & B");
    assert_eq!(channel.link(), HOST);
    assert_eq!(channel.language(), Some("en"));
    assert_eq!(channel.ttl(), Some("15"));
    // A function of what is in it: of the removal, which came last.
    assert_eq!(
        channel.last_build_date(),
        Some("Sun, 16 Jun 2024 02:07:00 GMT")
    );
    let [item] = channel.items() else {
        panic!("one item")
    };
    assert_eq!(item.title(), Some("Rain <b>"));
    assert_eq!(
        item.link(),
        Some("https://magazine.example/articles/rain?a=1&b=2")
    );
    assert_eq!(item.content(), Some("<p>It rained &amp; rained.</p>"));
    assert_eq!(
        item.description(),
        Some("It rained on &lt; half &gt; of us &amp; more")
    );
    assert_eq!(item.pub_date(), Some("Fri, 14 Jun 2024 02:07:00 GMT"));
    let guid = item.guid().unwrap();
    assert!(!guid.is_permalink());
    assert!(guid.value().starts_with("urn:uuid:"), "{}", guid.value());
    let creators = item.dublin_core_ext().unwrap().creators();
    assert_eq!(creators, ["Asha Rai", "The Desk"]);
    let categories: Vec<_> = item
        .categories()
        .iter()
        .map(::rss::Category::name)
        .collect();
    assert_eq!(categories, ["Politics", "Weather & climate"]);
    let media = &item.extensions()["media"]["content"][0];
    assert_eq!(media.attrs()["type"], "image/jpeg");
    assert_eq!(media.attrs()["width"], "1200");
    assert!(!media.attrs().contains_key("height"));
    let links = channel.atom_ext().unwrap().links();
    let of = |relation: &str| {
        let mut links = links.iter().filter(|link| link.rel() == relation);
        links.next().map(|link| link.href().to_owned())
    };
    assert_eq!(of("self").as_deref(), Some(feed.pages.this));
    assert_eq!(of("hub").as_deref(), feed.hub);
    assert_eq!(of("license").as_deref(), feed.license);
    assert_eq!(of("next").as_deref(), feed.pages.older);
    assert_eq!(of("prev-archive").as_deref(), feed.pages.older);
    assert_eq!(of("current"), None);
}

/// Helpers of the tests that have the name of the crate that they use.
mod rss {
    pub(super) fn read(text: &str) -> ::rss::Channel {
        text.parse().unwrap()
    }
}

#[test]
fn atom_is_read_as_it_was_written() {
    let feed = feed(
        "A & B",
        vec![entry("Rain <b>", "<p>It rained &amp; rained.</p>")],
    );
    let text = text(&feed, Format::Atom);
    let read: atom_syndication::Feed = text.parse().unwrap();
    assert_eq!(read.id(), feed.id);
    assert_eq!(read.title().as_str(), "A & B");
    assert_eq!(read.updated().to_rfc3339(), "2024-06-16T02:07:00+00:00");
    assert_eq!(read.authors()[0].name(), "The House");
    let [entry] = read.entries() else {
        panic!("one entry")
    };
    assert_eq!(entry.title().as_str(), "Rain <b>");
    assert!(entry.id().starts_with("urn:uuid:"));
    assert_eq!(entry.updated().to_rfc3339(), "2024-06-15T02:07:00+00:00");
    assert_eq!(
        entry.published().unwrap().to_rfc3339(),
        "2024-06-14T02:07:00+00:00"
    );
    let names: Vec<_> = entry
        .authors()
        .iter()
        .map(atom_syndication::Person::name)
        .collect();
    assert_eq!(names, ["Asha Rai", "The Desk"]);
    assert_eq!(entry.categories()[1].term(), "Weather & climate");
    let content = entry.content().unwrap();
    assert_eq!(content.content_type(), Some("html"));
    assert_eq!(content.value(), Some("<p>It rained &amp; rained.</p>"));
    assert_eq!(
        entry.summary().unwrap().as_str(),
        "It rained on < half > of us & more"
    );
    let deleted = &read.extensions()["at"]["deleted-entry"][0];
    assert_eq!(deleted.attrs()["ref"], feed.removed[0].id.uri());
    assert_eq!(deleted.attrs()["when"], "2024-06-16T02:07:00Z");
    assert!(!text.contains("fh:archive"), "{text}");
}

#[test]
fn archived_pages_say_that_they_are() {
    for format in [Format::Rss, Format::Atom] {
        let text = text(&archived(), format);
        assert!(text.contains("<fh:archive/>"), "{text}");
        for relation in ["self", "current", "prev-archive", "next-archive"] {
            assert!(text.contains(&format!("rel=\"{relation}\"")), "{text}");
        }
    }
}

#[test]
fn json_feed_has_what_the_others_have() {
    let feed = feed("A & B", vec![entry("Rain <b>", "<p>It rained.</p>")]);
    let read: serde_json::Value =
        serde_json::from_slice(&feed.write(Format::Json).unwrap()).unwrap();
    assert_eq!(read["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(read["next_url"], feed.pages.older.unwrap());
    assert_eq!(read["hubs"][0]["type"], "WebSub");
    let item = &read["items"][0];
    assert_eq!(item["title"], "Rain <b>");
    assert_eq!(item["content_html"], "<p>It rained.</p>");
    assert_eq!(item["date_published"], "2024-06-14T02:07:00Z");
    assert_eq!(item["date_modified"], "2024-06-15T02:07:00Z");
    assert_eq!(item["authors"][0]["name"], "Asha Rai");
    assert_eq!(item["tags"][1], "Weather & climate");
    assert_eq!(item["language"], "ne");
}

#[test]
fn whoever_may_not_read_the_text_has_the_lines_under_the_headline() {
    let feed = feed("A", vec![entry("Rain", "")]);
    for format in Format::ALL {
        let read = feed_rs::parser::parse(feed.write(format).unwrap().as_slice()).unwrap();
        let content = read.entries[0].content.as_ref().unwrap();
        assert_eq!(
            content.body.as_deref(),
            Some("<p>It rained on &lt; half &gt; of us &amp; more</p>"),
            "{format:?}"
        );
    }
}

#[test]
fn an_empty_feed_is_one_too() {
    let mut feed = feed("Nothing", Vec::new());
    feed.removed.clear();
    for format in Format::ALL {
        let bytes = feed.write(format).unwrap();
        let read = feed_rs::parser::parse(bytes.as_slice()).unwrap();
        assert_eq!(read.title.unwrap().content, "Nothing");
        assert!(read.entries.is_empty());
        assert_eq!(bytes, feed.write(format).unwrap());
    }
}

/// What is left of a text in XML, with its edges cut as readers do.
fn left(text: &str) -> String {
    crate::xml::one_line(text).trim().to_owned()
}

proptest! {
    #[test]
    fn no_text_breaks_a_feed(title in any::<String>(), html in any::<String>(), odd in "[\u{0}-\u{20}\u{7f}-\u{9f}\u{fffe}\u{ffff}\\]>&<\"'a]{0,12}") {
        let title = format!("{odd}{title}");
        let html = format!("{html}{odd}");
        let mut entry = entry(&title, &html);
        entry.authors = vec![&odd, "B"];
        entry.categories = vec![&odd];
        entry.summary = Some(&odd);
        let mut feed = feed(&title, vec![entry]);
        feed.publisher = &odd;
        for format in Format::ALL {
            let bytes = feed.write(format).unwrap();
            let read = feed_rs::parser::parse(bytes.as_slice());
            prop_assert!(read.is_ok(), "{format:?}: {read:?}");
            prop_assert_eq!(read.unwrap().entries.len(), 1);
        }
        let read: atom_syndication::Feed = text(&feed, Format::Atom).parse().unwrap();
        prop_assert_eq!(read.entries()[0].title().as_str().trim(), left(&title));
        let content = read.entries()[0].content().unwrap().value().unwrap_or_default().trim();
        let written = feed.entries[0].content();
        let written = crate::xml::characters(&written);
        prop_assert_eq!(content, written.trim());
        let channel = rss::read(&text(&feed, Format::Rss));
        prop_assert_eq!(channel.items()[0].title().unwrap_or_default().trim(), left(&title));
        let read: serde_json::Value = serde_json::from_slice(&feed.write(Format::Json).unwrap()).unwrap();
        prop_assert_eq!(read["items"][0]["title"].as_str(), Some(title.as_str()));
    }
}
