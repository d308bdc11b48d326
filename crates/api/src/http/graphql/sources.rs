//! Where documents come from: the request, the trusted documents, or an earlier request.

use std::sync::Arc;

use async_graphql::ServerError;
use quick_cache::{Weighter, sync::Cache};

use super::{errors::error, request::DocumentSource};
use crate::{digest::sha256, error_code::ErrorCode, trusted_documents::TrustedDocuments};

/// What Apollo's clients look for in an answer, to the letter.
const NOT_FOUND: &str = "PersistedQueryNotFound";
const NOT_SUPPORTED: &str = "PersistedQueryNotSupported";

/// The documents that clients can name.
#[derive(Clone)]
pub(crate) struct DocumentSources {
    trusted: Arc<TrustedDocuments>,
    trusted_only: bool,
    /// By their digests, the least used left out when there are too many.
    persisted: Option<Arc<Cache<String, Arc<str>, ByLength>>>,
}

/// The text of a request's document.
#[derive(Debug)]
pub(crate) struct SourceText {
    pub(crate) text: Arc<str>,
    /// The digest under which it is to be kept once it has been parsed.
    keep: Option<String>,
}

#[derive(Clone)]
struct ByLength;

impl Weighter<String, Arc<str>> for ByLength {
    fn weight(&self, digest: &String, text: &Arc<str>) -> u64 {
        u64::try_from(digest.len() + text.len()).unwrap_or(u64::MAX)
    }
}

impl DocumentSources {
    /// With these trusted documents and room for so many bytes of persisted ones; with 0, there are none.
    pub(crate) fn new(trusted: TrustedDocuments, trusted_only: bool, bytes: u64) -> Self {
        let documents = usize::try_from(bytes / 1_000).unwrap_or(usize::MAX).max(16);
        let persisted = (bytes > 0 && !trusted_only)
            .then(|| Arc::new(Cache::with_weighter(documents, bytes, ByLength)));
        Self {
            trusted: Arc::new(trusted),
            trusted_only,
            persisted,
        }
    }

    /// The text of the document that a request names or brings.
    pub(crate) fn text(&self, source: DocumentSource) -> Result<SourceText, ServerError> {
        let found = |text: Arc<str>| Ok(SourceText { text, keep: None });
        match source {
            DocumentSource::Text(text) => {
                self.check_trust(&text)?;
                found(text.into())
            }
            DocumentSource::Named(id) => self.trusted.find(&id).map_or_else(
                || {
                    let id: String = id.chars().take(100).collect();
                    Err(error(
                        ErrorCode::DocumentNotFound,
                        format!("There is no trusted document \"{id}\"."),
                    ))
                },
                found,
            ),
            DocumentSource::Hashed { digest, text: None } => {
                if let Some(text) = self.trusted.by_digest(&digest) {
                    return found(text);
                }
                match &self.persisted {
                    None => Err(error(ErrorCode::PersistedQueryNotSupported, NOT_SUPPORTED)),
                    Some(persisted) => persisted.get(&digest).map_or_else(
                        || Err(error(ErrorCode::PersistedQueryNotFound, NOT_FOUND)),
                        found,
                    ),
                }
            }
            DocumentSource::Hashed {
                digest,
                text: Some(text),
            } => {
                if sha256(&text) != digest {
                    return Err(error(
                        ErrorCode::PersistedQueryHashMismatch,
                        "The hash in \"persistedQuery\" is not that of the query beside it.",
                    ));
                }
                self.check_trust(&text)?;
                Ok(SourceText {
                    text: text.into(),
                    keep: Some(digest),
                })
            }
        }
    }

    /// Keeps a document that was sent to be kept, and could be parsed.
    pub(crate) fn keep(&self, source: &SourceText) {
        if let (Some(persisted), Some(digest)) = (&self.persisted, &source.keep) {
            persisted.insert(digest.clone(), source.text.clone());
        }
    }

    fn check_trust(&self, text: &str) -> Result<(), ServerError> {
        if self.trusted_only && !self.trusted.holds(text) {
            return Err(error(
                ErrorCode::TrustedDocumentsOnly,
                "This server takes trusted documents alone: name one by \"documentId\".",
            ));
        }
        Ok(())
    }
}
