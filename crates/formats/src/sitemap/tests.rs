#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use chrono::TimeZone as _;
use proptest::prelude::*;
use quick_xml::{Reader, events::Event};

use super::*;

fn instant() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, 14, 2, 7, 0).unwrap()
}

fn page(url: &str) -> Page<'_> {
    Page {
        url,
        changed: instant(),
    }
}

/// The texts of a document's elements, each with its path.
fn texts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut reader = Reader::from_reader(bytes);
    let (mut path, mut texts) = (Vec::new(), Vec::new());
    let mut buffer = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event_into(&mut buffer).unwrap() {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                text.push_str(quick_xml::escape::resolve_predefined_entity(name).unwrap());
            }
            Event::End(_) => {
                if !text.trim().is_empty() {
                    texts.push((path.join("/"), text.clone()));
                }
                text.clear();
                path.pop();
            }
            Event::Eof => return texts,
            _ => {}
        }
        buffer.clear();
    }
}

fn pairs(texts: &[(String, String)]) -> Vec<(&str, &str)> {
    let pairs = texts.iter();
    pairs.map(|(path, text)| (&**path, &**text)).collect()
}

#[test]
fn an_index_names_sitemaps() {
    let written = write_index(["https://magazine.example/sitemaps/2024-06/1.xml"]);
    assert_eq!(
        pairs(&texts(&written)),
        [(
            "sitemapindex/sitemap/loc",
            "https://magazine.example/sitemaps/2024-06/1.xml"
        )]
    );
}

#[test]
fn a_sitemap_names_pages_with_their_changes() {
    let written = write_pages([page("https://magazine.example/a?b=1&c=2")]);
    assert_eq!(
        pairs(&texts(&written)),
        [
            ("urlset/url/loc", "https://magazine.example/a?b=1&c=2"),
            ("urlset/url/lastmod", "2024-06-14T02:07:00Z"),
        ]
    );
}

#[test]
fn news_have_a_title_a_time_and_a_language() {
    let written = write_news(
        "The Ridge & Co",
        [NewsPage {
            page: page("https://magazine.example/a"),
            title: "Rain < snow",
            language: "ne-NP",
            published: instant(),
        }],
    );
    let news = "urlset/url/news:news";
    assert_eq!(
        pairs(&texts(&written))[2..],
        [
            (
                &*format!("{news}/news:publication/news:name"),
                "The Ridge & Co"
            ),
            (&*format!("{news}/news:publication/news:language"), "ne"),
            (
                &*format!("{news}/news:publication_date"),
                "2024-06-14T02:07:00Z"
            ),
            (&*format!("{news}/news:title"), "Rain < snow"),
        ]
    );
    for (tag, written) in [
        ("en", "en"),
        ("zh", "zh-cn"),
        ("zh-Hant-TW", "zh-tw"),
        ("mai-Deva", "mai"),
    ] {
        assert_eq!(language(tag), written);
    }
}

proptest! {
    #[test]
    fn no_title_breaks_a_sitemap(title in any::<String>(), odd in "[\u{0}-\u{1f}\u{fffe}\\]>&<\"']{0,8}") {
        let title = format!("a{odd}{title}b");
        let news = NewsPage { page: page("https://magazine.example/a"), title: &title, language: "en", published: instant() };
        let texts = texts(&write_news(&title, [news]));
        let (_, read) = texts.last().unwrap();
        prop_assert_eq!(read.as_str(), one_line(&title));
    }
}
