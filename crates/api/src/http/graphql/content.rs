//! The bytes of an answer, in each content coding, and how a request for them is answered: with them, or with word
//! that it has them already.

use std::sync::OnceLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    coding::Coding,
    preconditions::{self, Validators},
};
use crate::{digest::sha256, http::HttpSettings};

/// Bytes, and their coded forms, each made once.
#[derive(Debug)]
pub(crate) struct Content {
    plain: Bytes,
    /// Empty where the coding failed.
    coded: [OnceLock<Bytes>; 3],
    digest: OnceLock<String>,
}

/// How content is to be sent.
pub(crate) struct Sending<'a> {
    pub(crate) content_type: HeaderValue,
    /// The coding that the request takes.
    pub(crate) coding: Option<Coding>,
    /// Whether the method is one whose answers caches keep: GET or HEAD.
    pub(crate) is_safe: bool,
    /// The request's headers: its preconditions are among them.
    pub(crate) request: &'a HeaderMap,
    /// The time of the content's last change, where it is told.
    pub(crate) last_modified: Option<DateTime<Utc>>,
    pub(crate) settings: &'a HttpSettings,
}

impl Content {
    pub(crate) fn new(plain: Bytes) -> Self {
        Self {
            plain,
            coded: Default::default(),
            digest: OnceLock::new(),
        }
    }

    /// The bytes in no coding.
    pub(crate) const fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// How many bytes they are in all codings by now.
    pub(crate) fn bytes(&self) -> usize {
        let coded = self.coded.iter().filter_map(OnceLock::get);
        self.plain.len() + coded.map(Bytes::len).sum::<usize>()
    }

    /// Whether it has been brought into a coding already.
    pub(crate) fn has(&self, coding: Coding) -> bool {
        self.coded
            .get(coding as usize)
            .is_some_and(|coded| coded.get().is_some())
    }

    /// Whether it is brought into codings at all.
    fn is_coded(&self, settings: &HttpSettings) -> bool {
        settings.compression
            && u64::try_from(self.plain.len()).unwrap_or(u64::MAX) >= settings.compression_min_bytes
    }

    /// Its bytes in a coding, made once.
    fn coded(&self, coding: Coding) -> Option<&Bytes> {
        let coded = self.coded.get(coding as usize)?.get_or_init(|| {
            match coding.encode(&self.plain) {
                Ok(coded) => Bytes::copy_from_slice(&coded),
                Err(error) => {
                    tracing::error!(%error, coding = coding.token(), "an answer could not be compressed");
                    Bytes::new()
                }
            }
        });
        (!coded.is_empty()).then_some(coded)
    }

    /// The strong entity tag of a coding (RFC 9110, section 8.8.3): each coding has bytes of its own.
    fn entity_tag(&self, coding: Option<Coding>) -> Option<HeaderValue> {
        let digest = self.digest.get_or_init(|| {
            let mut digest = sha256(&self.plain);
            digest.truncate(32);
            digest
        });
        let suffix = coding.map_or("", Coding::token);
        HeaderValue::from_str(&format!("\"{digest}{suffix}\"")).ok()
    }

    /// The response that sends it; `complete` adds the headers that tell caches of it, which go with a 304 too (RFC
    /// 9110, section 15.4.5).
    pub(crate) fn response(
        &self,
        sending: &Sending<'_>,
        complete: impl FnOnce(&mut HeaderMap),
    ) -> http::Response<Bytes> {
        let coding = sending.coding.filter(|_| self.is_coded(sending.settings));
        let (body, coding) = match coding.and_then(|coding| Some((self.coded(coding)?, coding))) {
            Some((coded, coding)) => (coded.clone(), Some(coding)),
            None => (self.plain.clone(), None),
        };
        let mut response = http::Response::new(body);
        let headers = response.headers_mut();
        headers.reserve(10);
        headers.insert(header::CONTENT_TYPE, sending.content_type.clone());
        if let Some(coding) = coding {
            headers.insert(
                header::CONTENT_ENCODING,
                HeaderValue::from_static(coding.token()),
            );
        }
        if !sending.is_safe {
            return response;
        }
        let validators = Validators {
            entity_tag: self.entity_tag(coding),
            last_modified: sending.last_modified,
        };
        let is_known = preconditions::is_known(sending.request, &validators);
        validators.write(headers);
        complete(headers);
        if is_known {
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_ENCODING);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Bytes::new();
        }
        response
    }
}
