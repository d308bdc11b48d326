//! What a surface beside GraphQL answers with.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The bytes of a feed, a list, a page, and what they are (RFC 9110, section 8): made of answers to GraphQL documents.
#[derive(Clone, Debug)]
pub(crate) struct Representation {
    pub(crate) content_type: HeaderValue,
    pub(crate) bytes: Bytes,
    pub(crate) headers: HeaderMap,
}

impl Representation {
    /// Bytes of a media type, in no content coding.
    pub(crate) fn new(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes: Bytes = bytes.into();
        Self {
            content_type: HeaderValue::from_static(content_type),
            // As large as they are: the room that they were written in is not kept.
            bytes: Bytes::copy_from_slice(&bytes),
            headers: HeaderMap::new(),
        }
    }

    /// The same with a further header, such as `Link`.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}
