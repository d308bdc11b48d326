//! Documents that were parsed before: clients send the same few again and again.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use metrics::{counter, gauge};
use moka::sync::Cache;

use crate::limits::{self, LimitError, LimitSettings};

/// Parsed documents by their text, the least used left out when there are too many.
#[derive(Clone)]
pub(crate) struct Documents {
    parsed: Option<Cache<Arc<str>, Arc<ExecutableDocument>>>,
}

impl Documents {
    /// Keeps documents whose texts have so many bytes together; with 0, none.
    pub(crate) fn new(bytes: u64) -> Self {
        let parsed = (bytes > 0).then(|| {
            Cache::builder()
                .max_capacity(bytes)
                .weigher(|text: &Arc<str>, _| u32::try_from(text.len()).unwrap_or(u32::MAX))
                .build()
        });
        Self { parsed }
    }

    /// The document, parsed now or before.
    pub(crate) fn parse(
        &self,
        text: &str,
        settings: &LimitSettings,
    ) -> Result<Arc<ExecutableDocument>, LimitError> {
        let Some(parsed) = &self.parsed else {
            return Ok(Arc::new(limits::parse(text, settings)?));
        };
        if let Some(document) = parsed.get(text) {
            counter!("document_cache_hits_total").increment(1);
            return Ok(document);
        }
        counter!("document_cache_misses_total").increment(1);
        let document = Arc::new(limits::parse(text, settings)?);
        parsed.insert(Arc::from(text), document.clone());
        Ok(document)
    }

    /// Sets the gauges of the metrics.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no cache comes near 2^52 bytes or entries"
    )]
    pub(crate) fn show(&self) {
        if let Some(parsed) = &self.parsed {
            parsed.run_pending_tasks();
            gauge!("document_cache_entries").set(parsed.entry_count() as f64);
            gauge!("document_cache_bytes").set(parsed.weighted_size() as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn a_document_is_parsed_once_and_kept_within_bounds() {
        let settings = LimitSettings::default();
        let documents = Documents::new(100);
        let first = documents.parse("{ a }", &settings).unwrap();
        assert!(Arc::ptr_eq(
            &first,
            &documents.parse("{ a }", &settings).unwrap()
        ));
        for number in 0..1000 {
            documents
                .parse(&format!("{{ a{number} }}"), &settings)
                .unwrap();
        }
        let parsed = documents.parsed.unwrap();
        parsed.run_pending_tasks();
        assert!(parsed.weighted_size() <= 100, "{}", parsed.weighted_size());
    }

    #[test]
    fn what_is_refused_is_refused_again() {
        let documents = Documents::new(100);
        let settings = LimitSettings {
            tokens: 3,
            ..LimitSettings::default()
        };
        for _ in 0..2 {
            assert!(documents.parse("{ a b c }", &settings).is_err());
            assert!(documents.parse("{", &settings).is_err());
        }
        let off = Documents::new(0);
        assert!(off.parse("{ a }", &settings).is_ok());
    }
}
