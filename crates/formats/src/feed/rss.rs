//! RSS 2.0 (RSS Advisory Board, 2.0.11), with what good feeds add to it: `content:encoded` (RSS 1.0 module Content), `dc:creator`
//! (Dublin Core), `media:content` (Media RSS 1.5.1) and Atom's links (RFC 4287 and RFC 5005, appendix B).

use chrono::{DateTime, Utc};
use masthead_domain::image::Image;

use super::{Entry, Feed, date, escaped};
use crate::{
    picture::media_type,
    uri::uri,
    xml::{Attribute, Document, one_line},
};

const NAMESPACES: [Attribute<'static>; 6] = [
    ("version", "2.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:fh", "http://purl.org/syndication/history/1.0"),
    ("xmlns:media", "http://search.yahoo.com/mrss/"),
];

/// Minutes for which a reader may go on with what it has: a story is told of soon by the hub, and soon enough without.
const TIME_TO_LIVE: &str = "15";

/// Writes a feed.
pub(super) fn write(feed: &Feed<'_>) -> Vec<u8> {
    let mut document = Document::new();
    document.within("rss", &NAMESPACES, |rss| {
        rss.within("channel", &[], |channel| write_channel(channel, feed));
    });
    document.finish()
}

fn write_channel(channel: &mut Document, feed: &Feed<'_>) {
    channel.text("title", &[], &one_line(feed.title));
    channel.text("link", &[], feed.website);
    channel.text("description", &[], &escaped(feed.description));
    channel.text("language", &[], feed.language);
    channel.text("copyright", &[], feed.publisher);
    if !feed.entries.is_empty() || !feed.removed.is_empty() {
        channel.text("lastBuildDate", &[], &rfc_822(feed.updated()));
    }
    channel.text("generator", &[], "Masthead");
    channel.text("docs", &[], "https://www.rssboard.org/rss-specification");
    channel.text("ttl", &[], TIME_TO_LIVE);
    let mut link = |relation: &str, address: &str| {
        let mut attributes = vec![("rel", relation), ("href", address)];
        if !matches!(relation, "hub" | "license") {
            attributes.push(("type", "application/rss+xml"));
        }
        channel.empty("atom:link", &attributes);
    };
    link("self", feed.pages.this);
    if let Some(hub) = feed.hub {
        link("hub", hub);
    }
    if let Some(license) = feed.license {
        link("license", license);
    }
    if feed.pages.is_archive() {
        link("current", feed.pages.current);
    }
    if let Some(older) = feed.pages.older {
        link("next", older);
        link("prev-archive", older);
    }
    if let Some(newer) = feed.pages.newer {
        link("next-archive", newer);
    }
    if feed.pages.is_archive() {
        channel.empty("fh:archive", &[]);
    }
    for entry in &feed.entries {
        channel.within("item", &[], |item| write_item(item, entry));
    }
}

fn write_item(item: &mut Document, entry: &Entry<'_>) {
    item.text("title", &[], &one_line(entry.title));
    item.text("link", &[], &uri(entry.url));
    item.text("guid", &[("isPermaLink", "false")], &entry.id.uri());
    item.text("pubDate", &[], &rfc_822(entry.published));
    for author in &entry.authors {
        item.text("dc:creator", &[], author);
    }
    for category in &entry.categories {
        item.text("category", &[], category);
    }
    item.text("dc:language", &[], entry.language);
    item.text("atom:updated", &[], &date(entry.updated()));
    if let Some(summary) = entry.summary {
        // HTML, unlike a title (RSS Best Practices Profile).
        item.text("description", &[], &escaped(summary));
    }
    item.text("content:encoded", &[], &entry.content());
    if let Some(image) = entry.image {
        write_image(item, image);
    }
}

/// A picture, by Media RSS: an `enclosure` would have to say how many bytes it has, which nobody has counted.
fn write_image(item: &mut Document, image: &Image) {
    let width = image.width.map(|width| width.to_string());
    let height = image.height.map(|height| height.to_string());
    let address = uri(image.url.as_str());
    let mut attributes = vec![("url", &*address), ("medium", "image")];
    let more = [
        ("type", media_type(image)),
        ("width", width.as_deref()),
        ("height", height.as_deref()),
    ];
    attributes.extend(
        more.into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let about = [
        ("media:title", &image.alt),
        ("media:description", &image.caption),
        ("media:credit", &image.credit),
    ];
    item.within("media:content", &attributes, |content| {
        for (name, text) in about {
            if let Some(text) = text {
                content.text(name, &[], text);
            }
        }
    });
}

/// A date by RFC 822, with four digits of the year.
fn rfc_822(instant: DateTime<Utc>) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
