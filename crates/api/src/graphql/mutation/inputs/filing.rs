//! What articles are filed under and printed in: sections, contributors, topics, issues; and the publication itself.

use async_graphql::{InputObject, MaybeUndefined};
use masthead_newsroom::{classification, magazine, publication};

use super::{articles::ImageInput, edit};
use crate::graphql::{
    classification::ContributorKind,
    scalars::{Date, Url},
};

/// A section, known by its slug and made where there is none.
#[derive(InputObject)]
pub(crate) struct SaveSectionInput {
    /// Its name in URLs.
    slug: String,
    /// Its name as printed.
    name: String,
    /// The slug of the section that it is a part of. Left out it stays as it is.
    parent: MaybeUndefined<String>,
}

impl From<SaveSectionInput> for classification::SectionInput {
    fn from(input: SaveSectionInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
            parent: edit(input.parent),
        }
    }
}

/// A contributor, known by their slug and made where there is none.
#[derive(InputObject)]
pub(crate) struct SaveContributorInput {
    /// Their name in URLs.
    slug: String,
    /// The name as credited.
    name: String,
    /// What they are.
    kind: ContributorKind,
    /// A few lines about them. Left out they stay as they are.
    biography: MaybeUndefined<String>,
}

impl From<SaveContributorInput> for classification::ContributorInput {
    fn from(input: SaveContributorInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
            kind: input.kind.into(),
            biography: edit(input.biography),
        }
    }
}

/// A topic, known by its slug and made where there is none.
#[derive(InputObject)]
pub(crate) struct SaveTopicInput {
    /// Its name in URLs.
    slug: String,
    /// Its name as printed.
    name: String,
}

impl From<SaveTopicInput> for classification::TopicInput {
    fn from(input: SaveTopicInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
        }
    }
}

/// An issue, known by series, volume and number and made where there is none. What is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct SaveMagazineIssueInput {
    /// The title as registered; the publication's title where it is not given.
    series: Option<String>,
    /// Its volume's number, from 1 on.
    volume: i32,
    /// Its number within the volume, from 1 on.
    number: i32,
    /// Of a double issue, the second number.
    last_number: MaybeUndefined<i32>,
    /// The day it bears.
    cover_date: Date,
    /// Who published it.
    publisher: MaybeUndefined<String>,
    /// Who edited it.
    editor: MaybeUndefined<String>,
    /// The number under which it was registered.
    registration_number: MaybeUndefined<String>,
    /// A picture of its cover.
    cover: MaybeUndefined<ImageInput>,
}

impl From<SaveMagazineIssueInput> for magazine::MagazineIssueInput {
    fn from(input: SaveMagazineIssueInput) -> Self {
        Self {
            series: input.series,
            volume: input.volume,
            number: input.number,
            last_number: edit(input.last_number),
            cover_date: input.cover_date.0,
            publisher: edit(input.publisher),
            editor: edit(input.editor),
            registration_number: edit(input.registration_number),
            cover: edit(input.cover).map(Into::into),
        }
    }
}

/// The publication's facts. What is left out stays; null takes publisher, editor or registration number away.
#[derive(InputObject)]
pub(crate) struct SavePublicationInput {
    /// The title.
    title: Option<String>,
    /// The address of the website.
    url: Option<Url>,
    /// Where the website shows an article: a path with {slug} in it.
    article_path: Option<String>,
    /// The time zone in which its days begin, by its IANA name.
    time_zone: Option<String>,
    /// The language that it is written in (BCP 47 tag).
    language: Option<String>,
    /// Who publishes it.
    publisher: MaybeUndefined<String>,
    /// Who edits it.
    editor: MaybeUndefined<String>,
    /// The number under which it is registered with the authorities.
    registration_number: MaybeUndefined<String>,
}

impl From<SavePublicationInput> for publication::PublicationInput {
    fn from(input: SavePublicationInput) -> Self {
        Self {
            title: input.title,
            url: input.url.map(|url| url.0),
            article_path: input.article_path,
            time_zone: input.time_zone,
            language: input.language,
            publisher: edit(input.publisher),
            editor: edit(input.editor),
            registration_number: edit(input.registration_number),
        }
    }
}
