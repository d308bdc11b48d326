//! Sitemaps (sitemaps.org protocol 0.9), and Google's extension of them for news (0.9).

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    uri::uri,
    xml::{Document, one_line},
};

#[cfg(test)]
mod tests;

const NAMESPACE: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");

/// A page of the website.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Its address.
    pub url: &'a str,
    /// When it last became other than it was.
    pub changed: DateTime<Utc>,
}

/// A recent article.
#[derive(Clone, Copy, Debug)]
pub struct NewsPage<'a> {
    /// Its page.
    pub page: Page<'a>,
    /// The headline.
    pub title: &'a str,
    /// The language that it is in, as a BCP 47 tag.
    pub language: &'a str,
    /// When it was published.
    pub published: DateTime<Utc>,
}

/// Writes an index of sitemaps, by their addresses. It may have 50,000.
pub fn write_index<'a>(sitemaps: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut document = Document::new();
    document.within("sitemapindex", &[NAMESPACE], |index| {
        for address in sitemaps {
            index.within("sitemap", &[], |sitemap| sitemap.text("loc", &[], address));
        }
    });
    document.finish()
}

/// Writes a sitemap. It may have 50,000 pages and 50 MB.
pub fn write_pages<'a>(pages: impl IntoIterator<Item = Page<'a>>) -> Vec<u8> {
    let mut document = Document::new();
    document.within("urlset", &[NAMESPACE], |set| {
        for page in pages {
            set.within("url", &[], |url| write_page(url, page));
        }
    });
    document.finish()
}

/// Writes a sitemap of what a publication has published in the last two days, of which it may have 1,000.
pub fn write_news<'a>(publication: &str, pages: impl IntoIterator<Item = NewsPage<'a>>) -> Vec<u8> {
    let mut document = Document::new();
    let namespaces = [
        NAMESPACE,
        (
            "xmlns:news",
            "http://www.google.com/schemas/sitemap-news/0.9",
        ),
    ];
    document.within("urlset", &namespaces, |set| {
        for news in pages {
            set.within("url", &[], |url| {
                write_page(url, news.page);
                url.within("news:news", &[], |about| {
                    about.within("news:publication", &[], |of| {
                        of.text("news:name", &[], &one_line(publication));
                        of.text("news:language", &[], language(news.language));
                    });
                    about.text("news:publication_date", &[], &date(news.published));
                    about.text("news:title", &[], &one_line(news.title));
                });
            });
        }
    });
    document.finish()
}

fn write_page(url: &mut Document, page: Page<'_>) {
    url.text("loc", &[], &uri(page.url));
    url.text("lastmod", &[], &date(page.changed));
}

/// A date and a time (W3C Date and Time Formats).
fn date(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A language as Google has it: ISO 639, and Chinese by its script.
fn language(tag: &str) -> &str {
    let lower = tag.to_ascii_lowercase();
    if lower.starts_with("zh") {
        let is_traditional = ["hant", "-tw", "-hk", "-mo"]
            .iter()
            .any(|part| lower.contains(part));
        return if is_traditional { "zh-tw" } else { "zh-cn" };
    }
    tag.split('-').next().unwrap_or(tag)
}
