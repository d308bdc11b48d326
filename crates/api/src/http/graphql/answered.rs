//! An answer that is the same for everyone who asks the same: its bytes, in each coding, and its headers.

use std::sync::OnceLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    cache_control,
    coding::Coding,
    content::{Content, Sending},
    responses::Question,
};
use crate::{
    cache::{Dependencies, Holding},
    cache_tags,
    graphql::{Provenance, RequestParts},
    http::{CdnSettings, Representation, authentication::is_personal},
};

/// An answer without errors to a query of what everyone may see, or what was made of such answers.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) holding: Holding,
    content: Content,
    tags: OnceLock<Vec<String>>,
    question: Question,
    /// Of an answer that can be put together from parts: what they are kept under.
    parts: Option<RequestParts>,
    /// Of what was made of answers: what it is sent with.
    made: Option<Made>,
}

/// What something that was made of answers is sent with.
#[derive(Debug)]
struct Made {
    content_type: HeaderValue,
    headers: HeaderMap,
    last_modified: Option<DateTime<Utc>>,
}

impl Answered {
    pub(crate) fn new(
        question: Question,
        plain: Bytes,
        provenance: Provenance,
        parts: Option<RequestParts>,
    ) -> Self {
        let holding = Holding::new(provenance.dependencies, provenance.edition)
            .with_log_from(provenance.pruned_through);
        Self {
            holding,
            content: Content::new(plain),
            tags: OnceLock::new(),
            question,
            parts,
            made: None,
        }
    }

    /// What was made of answers that hold as long as this, which nothing has changed since then.
    pub(crate) fn of_representation(
        question: Question,
        representation: Representation,
        holding: Holding,
        last_modified: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            holding,
            content: Content::new(representation.bytes),
            tags: OnceLock::new(),
            question,
            parts: None,
            made: Some(Made {
                content_type: representation.content_type,
                headers: representation.headers,
                last_modified,
            }),
        }
    }

    /// The answer to the same question of a later edition.
    pub(crate) fn renewed(&self, plain: Bytes, provenance: Provenance) -> Self {
        let (question, parts) = (self.question.clone(), self.parts.clone());
        Self::new(question, plain, provenance, parts)
    }

    /// What its parts are kept under, where it can be put together from them.
    pub(crate) fn parts(&self) -> Option<&RequestParts> {
        self.parts.as_ref()
    }

    /// About how many bytes it takes by now.
    pub(crate) fn bytes(&self) -> usize {
        let parts = self.parts.as_ref().map_or(0, RequestParts::bytes);
        self.content.bytes() + parts + self.holding.dependencies.bytes() + size_of::<Self>()
    }

    /// Its bytes, in no coding.
    pub(crate) const fn plain(&self) -> &Bytes {
        self.content.plain()
    }

    /// What was asked.
    pub(crate) fn question(&self) -> &Question {
        &self.question
    }

    /// Whether both have the same bytes.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        self.plain() == other.plain()
    }

    /// Of what was made of answers: the media type.
    pub(crate) fn content_type(&self) -> Option<&HeaderValue> {
        self.made.as_ref().map(|made| &made.content_type)
    }

    /// Of what was made of answers: a time since which nothing has changed it.
    pub(crate) fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.made.as_ref()?.last_modified
    }

    /// Whether it has been brought into a coding already.
    pub(crate) fn has(&self, coding: Coding) -> bool {
        self.content.has(coding)
    }

    /// Through which number of the public stream it tells of the change log, where it does.
    pub(crate) fn told_through(&self) -> Option<i64> {
        self.dependencies().told_through()
    }

    fn dependencies(&self) -> &Dependencies {
        &self.holding.dependencies
    }

    /// The response that sends it.
    pub(crate) fn response(
        &self,
        sending: &Sending<'_>,
        cdn: &CdnSettings,
    ) -> http::Response<Bytes> {
        self.content.response(sending, |headers| {
            let is_personal = is_personal(sending.request);
            let cache_control = cache_control::of(self.dependencies(), is_personal, cdn);
            headers.insert(header::CACHE_CONTROL, cache_control);
            if !is_personal {
                self.write_tags(headers, cdn);
            }
            if let Some(made) = &self.made {
                headers.extend(made.headers.clone());
            }
        })
    }

    fn write_tags(&self, headers: &mut HeaderMap, cdn: &CdnSettings) {
        let tags = self
            .tags
            .get_or_init(|| cache_tags::of(self.dependencies(), cdn.tag_bytes));
        for name in &cdn.tag_headers {
            if let (Ok(name), Some(value)) = (
                HeaderName::try_from(name.as_str()),
                cache_tags::header_value(name, tags),
            ) {
                headers.insert(name, value);
            }
        }
    }
}
