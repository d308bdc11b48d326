//! An article as a ninjs item.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::ArticleStatus,
    contributor::{ContributorKind, credit_line},
    identifier::ArticleId,
    image::Image,
    node_id::NodeId,
    reading::word_count,
};

use super::item::{
    AlternativeId, Body, InfoSource, Item, NINJS_3_1, NewsType, PublicationStatus, Related,
    Rendition, RepresentationType, Text,
};
use crate::{picture::media_type, uri::uri};

/// What an item says of an article.
#[derive(Clone, Debug)]
pub struct Article<'a> {
    /// Its identity.
    pub id: ArticleId,
    /// Its present name in URLs.
    pub slug: &'a str,
    /// Its address on the publication's website.
    pub url: &'a str,
    /// The headline.
    pub headline: &'a str,
    /// The short line above the headline.
    pub kicker: Option<&'a str>,
    /// The lines under the headline.
    pub standfirst: Option<&'a str>,
    /// Where it was written.
    pub dateline: Option<&'a str>,
    /// Its language.
    pub language: &'a str,
    /// Where it is between draft and archive.
    pub status: ArticleStatus,
    /// When it was or will be published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub modified_at: DateTime<Utc>,
    /// How often it has been changed.
    pub revision: i32,
    /// Who is credited, in printed order.
    pub credits: Vec<Credit<'a>>,
    /// The section it stands in.
    pub section: Option<Named<'a>>,
    /// What it is about.
    pub topics: Vec<Named<'a>>,
    /// What was corrected, oldest first.
    pub corrections: Vec<&'a str>,
    /// The picture that stands for it.
    pub lead_image: Option<&'a Image>,
    /// The text; none where its reader may not have it.
    pub text: Option<FullText<'a>>,
    /// What an editor has put beside it.
    pub related: Vec<RelatedArticle<'a>>,
    /// The issue it was printed in, and how that is cited.
    pub printed_in: Option<(NodeId, &'a str)>,
    /// The publication's title.
    pub publication: &'a str,
    /// Who publishes it.
    pub publisher: Option<&'a str>,
}

/// A section or a topic.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// Its identity.
    pub node: NodeId,
    /// Its name in URLs.
    pub slug: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// Someone who is credited.
#[derive(Clone, Copy, Debug)]
pub struct Credit<'a> {
    /// Who.
    pub named: Named<'a>,
    /// What they are.
    pub kind: ContributorKind,
}

/// The whole text.
#[derive(Clone, Debug)]
pub struct FullText<'a> {
    /// As HTML.
    pub html: &'a str,
    /// As plain text: pictures stand in it by caption and credit.
    pub plain: &'a str,
    /// How many words it has, captions included.
    pub words: u32,
    /// The pictures in it, in reading order.
    pub pictures: Vec<&'a Image>,
}

/// An article beside another.
#[derive(Clone, Copy, Debug)]
pub struct RelatedArticle<'a> {
    /// Its identity.
    pub node: NodeId,
    /// Its headline.
    pub headline: &'a str,
}

/// What is left of an article that has been taken down, or that a reader can see no more.
#[derive(Clone, Copy, Debug)]
pub struct Removed<'a> {
    /// Which.
    pub id: ArticleId,
    /// With which revision it was taken down; none where it was never public.
    pub revision: Option<i32>,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Option<&'a str>,
}

impl<'a> From<&Removed<'a>> for Item<'a> {
    /// Says that it is to be taken down and not a word of what it said.
    fn from(removed: &Removed<'a>) -> Self {
        let node = NodeId::Article(removed.id);
        Self {
            uri: node.uri(),
            standard: Some(NINJS_3_1),
            version: removed.revision.map(|revision| revision.to_string()),
            version_created: Some(removed.at),
            pub_status: Some(PublicationStatus::Canceled),
            ed_note: removed.reason.map(Cow::Borrowed),
            alt_ids: own_id(node),
            ..Self::default()
        }
    }
}

impl<'a> Article<'a> {
    /// The item; none for an article that has been taken down, of which a [`Removed`] is to be written.
    pub fn item(&self) -> Option<Item<'a>> {
        let is_published = match self.status {
            ArticleStatus::Withdrawn => return None,
            ArticleStatus::Published => true,
            ArticleStatus::Draft | ArticleStatus::Scheduled => false,
        };
        let node = NodeId::Article(self.id);
        let names: Vec<&str> = self
            .credits
            .iter()
            .map(|credit| credit.named.name)
            .collect();
        let out = self.published_at.filter(|_| is_published);
        let associations = self.associations();
        let has_pictures = associations
            .iter()
            .any(|item| item.news_type == NewsType::Picture);
        Some(Item {
            uri: node.uri(),
            standard: Some(NINJS_3_1),
            representation_type: Some(match self.text {
                Some(_) => RepresentationType::Full,
                None => RepresentationType::Partial,
            }),
            profile: Some(if has_pictures {
                "text-photo"
            } else {
                "text-only"
            }),
            version: Some(self.revision.to_string()),
            first_created: out,
            // A version that waited for its time came out at it.
            version_created: Some(out.map_or(self.modified_at, |out| out.max(self.modified_at))),
            content_created: out,
            embargoed_until: self.published_at.filter(|_| !is_published),
            pub_status: Some(if is_published {
                PublicationStatus::Usable
            } else {
                PublicationStatus::Withheld
            }),
            copyright_holder: self.copyright_holder().map(Cow::Borrowed),
            ed_note: self
                .corrections
                .last()
                .map(|text| format!("Correction: {text}").into()),
            language: Some(self.language.into()),
            title: Some(self.headline.into()),
            slugline: Some(self.slug.into()),
            by: (!names.is_empty()).then(|| credit_line(&names).into()),
            located: self.dateline.map(Cow::Borrowed),
            headlines: texts([("main", Some(self.headline)), ("kicker", self.kicker)]),
            descriptions: {
                let mut descriptions = texts([("summary", self.standfirst)]);
                let corrections = self.corrections.iter();
                descriptions.extend(texts(corrections.map(|text| ("correction", Some(*text)))));
                descriptions
            },
            bodies: self.text.as_ref().map(FullText::bodies).unwrap_or_default(),
            people: self.credited(|kind| kind == ContributorKind::Person),
            organisations: self.credited(|kind| kind != ContributorKind::Person),
            places: self.places(),
            subjects: self.subjects(),
            info_sources: self.info_sources(),
            alt_ids: own_id(node),
            renditions: vec![Rendition {
                name: "web",
                href: uri(self.url),
                content_type: Some("text/html"),
                width: None,
                height: None,
            }],
            associations,
            ..Item::default()
        })
    }

    /// Who holds the copyright: nobody whom this API could name, where all that is credited is agencies.
    fn copyright_holder(&self) -> Option<&'a str> {
        let agencies = self
            .credits
            .iter()
            .filter(|credit| credit.kind == ContributorKind::Agency);
        let is_theirs = !self.credits.is_empty() && agencies.count() == self.credits.len();
        (!is_theirs).then(|| self.publisher.unwrap_or(self.publication))
    }

    fn credited(&self, of_kind: impl Fn(ContributorKind) -> bool) -> Vec<Related<'a>> {
        let credits = self.credits.iter().filter(|credit| of_kind(credit.kind));
        credits
            .map(|credit| credit.named.related(role(credit.kind)))
            .collect()
    }

    fn info_sources(&self) -> Vec<InfoSource<'a>> {
        self.credits
            .iter()
            .map(|Credit { named, kind }| InfoSource {
                name: named.name,
                role: role(*kind),
                uri: named.node.uri(),
                literal: named.slug,
            })
            .collect()
    }

    fn subjects(&self) -> Vec<Related<'a>> {
        let section = self.section.iter().map(|named| named.related("section"));
        let topics = self.topics.iter().map(|named| named.related("about"));
        section.chain(topics).collect()
    }

    fn places(&self) -> Vec<Related<'a>> {
        let place = |name| Related {
            name,
            rel: "dateline",
            uri: None,
            literal: None,
        };
        self.dateline.map(place).into_iter().collect()
    }

    fn associations(&self) -> Vec<Item<'a>> {
        let lead = self
            .lead_image
            .map(|image| picture(image, "leadImage", "Lead image".into()));
        let in_text = self
            .text
            .iter()
            .flat_map(|text| text.pictures.iter().copied());
        let in_text = in_text
            .zip(1..)
            .map(|(image, number)| picture(image, "picture", format!("Picture {number}").into()));
        let related = self.related.iter().map(|related| Item {
            name: Some(related.headline.into()),
            rel: Some("related"),
            uri: related.node.uri(),
            representation_type: Some(RepresentationType::Partial),
            alt_ids: own_id(related.node),
            ..Item::default()
        });
        let issue = self.printed_in.map(|(node, citation)| Item {
            name: Some(citation.into()),
            rel: Some("printedIn"),
            uri: node.uri(),
            news_type: NewsType::Composite,
            representation_type: Some(RepresentationType::Partial),
            alt_ids: own_id(node),
            ..Item::default()
        });
        lead.into_iter()
            .chain(in_text)
            .chain(related)
            .chain(issue)
            .collect()
    }
}

impl<'a> Named<'a> {
    fn related(&self, rel: &'static str) -> Related<'a> {
        Related {
            name: self.name,
            rel,
            uri: Some(self.node.uri()),
            literal: Some(self.slug),
        }
    }
}

/// A picture among what goes with an article.
fn picture<'a>(image: &'a Image, rel: &'static str, name: Cow<'a, str>) -> Item<'a> {
    let address = uri(image.url.as_str());
    Item {
        name: Some(name),
        rel: Some(rel),
        uri: address.clone().into_owned(),
        news_type: NewsType::Picture,
        by: image.credit.as_deref().map(Cow::Borrowed),
        descriptions: texts([
            ("caption", image.caption.as_deref()),
            ("alternativeText", image.alt.as_deref()),
        ]),
        renditions: vec![Rendition {
            name: "main",
            content_type: media_type(image),
            href: address,
            width: image.width,
            height: image.height,
        }],
        ..Item::default()
    }
}

impl<'a> FullText<'a> {
    fn bodies(&self) -> Vec<Body<'a>> {
        let (char_count, word_count) = self.counts();
        let body = |role, content_type, value| Body {
            role,
            content_type,
            char_count,
            word_count,
            value,
        };
        vec![
            body("html", "text/html", self.html),
            body("text", "text/plain", self.plain),
        ]
    }

    /// How many characters and words there are without captions, which the standard does not count.
    fn counts(&self) -> (usize, u32) {
        let lines = self
            .pictures
            .iter()
            .filter_map(|image| image.caption_line());
        let (mut characters, mut words) = (self.plain.chars().count(), self.words);
        for line in lines {
            // Each stands by itself, with an empty line between it and the next block.
            let line_and_space = line.chars().count() + 2;
            characters = characters.saturating_sub(line_and_space);
            words = words.saturating_sub(word_count(&line));
        }
        (characters, words)
    }
}

/// What someone who is credited is to an article.
pub(super) const fn role(kind: ContributorKind) -> &'static str {
    match kind {
        ContributorKind::Person => "author",
        ContributorKind::Agency => "agency",
        ContributorKind::Desk => "desk",
    }
}

fn own_id(node: NodeId) -> Vec<AlternativeId> {
    vec![AlternativeId {
        role: "id",
        value: node.encode(),
    }]
}

fn texts<'a>(texts: impl IntoIterator<Item = (&'static str, Option<&'a str>)>) -> Vec<Text<'a>> {
    let texts = texts.into_iter().filter_map(|(role, value)| {
        Some(Text {
            role,
            value: value?.into(),
        })
    });
    texts.collect()
}
