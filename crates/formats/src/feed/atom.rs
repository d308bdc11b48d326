//! Atom (RFC 4287), in archived pages (RFC 5005, section 4), with an entry's tombstone once it has been taken down
//! (RFC 6721).

use super::{Entry, Feed, date};
use crate::{
    picture::media_type,
    uri::uri,
    xml::{Document, one_line},
};

const OWN: Option<&str> = Some("application/atom+xml");

/// Writes a feed.
pub(super) fn write(feed: &Feed<'_>) -> Vec<u8> {
    let mut document = Document::new();
    let attributes = [
        ("xmlns", "http://www.w3.org/2005/Atom"),
        ("xmlns:at", "http://purl.org/atompub/tombstones/1.0"),
        ("xmlns:fh", "http://purl.org/syndication/history/1.0"),
        ("xml:lang", feed.language),
    ];
    document.within("feed", &attributes, |document| write_feed(document, feed));
    document.finish()
}

fn write_feed(document: &mut Document, feed: &Feed<'_>) {
    document.text("id", &[], feed.id);
    document.text("title", &[], &one_line(feed.title));
    document.text("subtitle", &[], feed.description);
    document.text("updated", &[], &date(feed.updated()));
    write_author(document, feed.publisher);
    document.text("rights", &[], feed.publisher);
    document.text("generator", &[], "Masthead");
    let mut link = |relation: &str, media_type: Option<&str>, address: &str| {
        let mut attributes = vec![("rel", relation), ("href", address)];
        attributes.extend(media_type.map(|media_type| ("type", media_type)));
        document.empty("link", &attributes);
    };
    link("alternate", Some("text/html"), feed.website);
    link("self", OWN, feed.pages.this);
    if let Some(hub) = feed.hub {
        link("hub", None, hub);
    }
    if let Some(license) = feed.license {
        link("license", None, license);
    }
    if feed.pages.is_archive() {
        link("current", OWN, feed.pages.current);
    }
    if let Some(older) = feed.pages.older {
        link("next", OWN, older);
        link("prev-archive", OWN, older);
    }
    if let Some(newer) = feed.pages.newer {
        link("next-archive", OWN, newer);
    }
    if feed.pages.is_archive() {
        document.empty("fh:archive", &[]);
    }
    for removed in &feed.removed {
        let attributes = [("ref", &*removed.id.uri()), ("when", &*date(removed.at))];
        document.empty("at:deleted-entry", &attributes);
    }
    for entry in &feed.entries {
        let language = [("xml:lang", entry.language)];
        let language: &[_] = if entry.language == feed.language {
            &[]
        } else {
            &language
        };
        document.within("entry", language, |document| write_entry(document, entry));
    }
}

fn write_entry(document: &mut Document, entry: &Entry<'_>) {
    document.text("id", &[], &entry.id.uri());
    document.text("title", &[], &one_line(entry.title));
    document.text("published", &[], &date(entry.published));
    document.text("updated", &[], &date(entry.updated()));
    for author in &entry.authors {
        write_author(document, author);
    }
    let url = uri(entry.url);
    let link = [("rel", "alternate"), ("href", &*url), ("type", "text/html")];
    document.empty("link", &link);
    if let Some(image) = entry.image {
        let address = uri(image.url.as_str());
        let mut link = vec![("rel", "enclosure"), ("href", &*address)];
        link.extend(media_type(image).map(|media_type| ("type", media_type)));
        link.extend(image.alt.as_deref().map(|alt| ("title", alt)));
        document.empty("link", &link);
    }
    for category in &entry.categories {
        document.empty("category", &[("term", category)]);
    }
    if let Some(summary) = entry.summary {
        document.text("summary", &[], summary);
    }
    document.text("content", &[("type", "html")], &entry.content());
}

fn write_author(document: &mut Document, name: &str) {
    document.within("author", &[], |author| author.text("name", &[], name));
}
