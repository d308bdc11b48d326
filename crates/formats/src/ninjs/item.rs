//! A ninjs item, as the JSON Schema of version 3.1 has it: those of its properties that this API has something to say in.
//!
//! What is none or empty is left out. Every text is borrowed from what the item is made of, where it can be.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// A news object.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a> {
    /// Of an association only: what it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    /// Of an association only: what it is to the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rel: Option<&'static str>,
    /// Its identity, the same for ever; for a picture, its address.
    pub uri: String,
    /// Which standard this is. The items within an item say nothing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<Standard>,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub news_type: NewsType,
    /// Whether all that there is to say is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representation_type: Option<RepresentationType>,
    /// What its content is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<&'static str>,
    /// How often it has been changed, from 1 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When its first version came out.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    pub first_created: Option<DateTime<Utc>>,
    /// When this version came out, or was made where it has not come out yet.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    pub version_created: Option<DateTime<Utc>>,
    /// Of when its content is.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    pub content_created: Option<DateTime<Utc>>,
    /// Before when no version of it may be published.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    pub embargoed_until: Option<DateTime<Utc>>,
    /// Whether it may be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pub_status: Option<PublicationStatus>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright_holder: Option<Cow<'a, str>>,
    /// What those who receive it have to know and readers have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ed_note: Option<Cow<'a, str>>,
    /// Its language (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Cow<'a, str>>,
    /// A short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Cow<'a, str>>,
    /// Its name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slugline: Option<Cow<'a, str>>,
    /// The byline, as it is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Cow<'a, str>>,
    /// The dateline, as it is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub located: Option<Cow<'a, str>>,
    /// What stands over it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headlines: Vec<Text<'a>>,
    /// What is said of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Text<'a>>,
    /// Its text, in more than one form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<Body<'a>>,
    /// The persons who are credited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Related<'a>>,
    /// The agencies and desks that are credited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organisations: Vec<Related<'a>>,
    /// Places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Related<'a>>,
    /// What it is about, and its section.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Related<'a>>,
    /// All who are credited, in printed order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub info_sources: Vec<InfoSource<'a>>,
    /// Other identities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alt_ids: Vec<AlternativeId>,
    /// Where it is to be had in other forms.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renditions: Vec<Rendition<'a>>,
    /// What goes with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub associations: Vec<Item<'a>>,
}

/// Which standard an item follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Standard {
    name: &'static str,
    version: &'static str,
    schema: &'static str,
}

/// ninjs 3.1.
pub const NINJS_3_1: Standard = Standard {
    name: "ninjs",
    version: "3.1",
    schema: "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
};

/// The kinds of things that stand in this API's items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NewsType {
    /// An article.
    #[default]
    Text,
    /// A picture.
    Picture,
    /// A printed issue.
    Composite,
}

/// Whether an item says all that there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RepresentationType {
    /// It does.
    Full,
    /// It does not: the rest needs another token, or is an item of its own.
    Partial,
}

/// Whether an item may be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicationStatus {
    /// It may.
    Usable,
    /// Not yet.
    Withheld,
    /// No more: take it down.
    Canceled,
}

/// A headline or a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Text<'a> {
    /// Which one.
    pub role: &'static str,
    /// What it says, as plain text.
    pub value: Cow<'a, str>,
}

/// The text of an item in one form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Body<'a> {
    /// Which form.
    pub role: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// How many characters it has without mark-up and captions.
    pub char_count: usize,
    /// How many words it has without captions.
    pub word_count: u32,
    /// The text.
    pub value: &'a str,
}

/// Someone or something that an item is about or comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the item is to it.
    pub rel: &'static str,
    /// Its identity, where it is a thing of this API's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub literal: Option<&'a str>,
}

/// Someone who is credited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfoSource<'a> {
    /// The name.
    pub name: &'a str,
    /// What they are.
    pub role: &'static str,
    /// Their identity.
    pub uri: String,
    /// Their name in URLs.
    pub literal: &'a str,
}

/// Another identity of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlternativeId {
    /// Which one.
    pub role: &'static str,
    /// The identity.
    pub value: String,
}

/// Where an item is to be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendition<'a> {
    /// Which one.
    pub name: &'static str,
    /// Where.
    pub href: Cow<'a, str>,
    /// Its media type, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<&'static str>,
    /// Its width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Its height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// As RFC 3339 has it, in UTC, to the millisecond where it has any.
#[expect(clippy::ref_option, reason = "serde hands the field in as it stands")]
fn instant<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => serializer.serialize_none(),
    }
}
