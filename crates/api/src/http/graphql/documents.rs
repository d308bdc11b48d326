//! Documents that were parsed before: clients send the same few again and again.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{Variables, parser::types::ExecutableDocument};
use metrics::{Counter, counter, gauge};
use quick_cache::{Weighter, sync::Cache};

use crate::{
    graphql::{DocumentParts, Validation},
    limits::{self, LimitError, LimitSettings, SchemaTable},
};

/// Parsed documents by their text, the least used left out when there are too many.
#[derive(Clone)]
pub(crate) struct Documents {
    parsed: Option<Arc<Cache<Arc<str>, Document, ByText>>>,
    /// Those that clients can name at any time.
    trusted: Arc<HashMap<Arc<str>, Document>>,
    hits: Counter,
    misses: Counter,
}

/// A document that has been parsed.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) text: Arc<str>,
    pub(crate) parsed: Arc<ExecutableDocument>,
    /// Which parts of answers can be kept, once that has been asked for.
    parts: Arc<OnceLock<Arc<DocumentParts>>>,
    /// Whether it has been found to be within the limits, whatever its variables are.
    is_measured: Arc<AtomicBool>,
    /// Whether it has been found valid, too.
    pub(crate) validation: Validation,
}

impl Document {
    fn parse(text: &Arc<str>, settings: &LimitSettings) -> Result<Self, LimitError> {
        Ok(Self {
            text: text.clone(),
            parsed: Arc::new(limits::parse(text, settings)?),
            parts: Arc::default(),
            is_measured: Arc::default(),
            validation: Validation::default(),
        })
    }

    /// One that is known before anyone asks, within the limits on what clients ask for: they give its variables.
    pub(crate) fn of_the_operator(
        text: &str,
        settings: &LimitSettings,
    ) -> Result<Self, LimitError> {
        Self::parse(&text.into(), settings)
    }

    /// One that the server itself asks, which no limits on clients are for.
    pub(crate) fn of_the_server(text: &str) -> Result<Self, LimitError> {
        let document = Self::parse(&text.into(), &LimitSettings::default())?;
        document.is_measured.store(true, Ordering::Relaxed);
        Ok(document)
    }

    /// Measures it with a request's variables: the document itself once, where they make no difference.
    pub(crate) fn measure(
        &self,
        variables: &Variables,
        table: &SchemaTable,
        settings: &LimitSettings,
    ) -> Result<(), LimitError> {
        if self.is_measured.load(Ordering::Relaxed) {
            return limits::check_variables(variables, settings);
        }
        let cost = limits::measure(&self.parsed, variables, table, settings)?;
        self.is_measured.store(!cost.varies, Ordering::Relaxed);
        Ok(())
    }

    /// Which parts of its answers can be kept.
    pub(crate) fn parts(&self) -> Arc<DocumentParts> {
        self.parts
            .get_or_init(|| Arc::new(DocumentParts::of(&self.parsed)))
            .clone()
    }
}

#[derive(Clone)]
struct ByText;

impl<Value> Weighter<Arc<str>, Value> for ByText {
    fn weight(&self, text: &Arc<str>, _: &Value) -> u64 {
        u64::try_from(text.len()).unwrap_or(u64::MAX)
    }
}

impl Documents {
    /// Keeps the trusted documents, and others whose texts have so many bytes together; with 0, no others.
    pub(crate) fn new(
        bytes: u64,
        trusted: impl IntoIterator<Item = Arc<str>>,
        settings: &LimitSettings,
    ) -> Self {
        let documents = usize::try_from(bytes / 1_000).unwrap_or(usize::MAX).max(16);
        Self {
            parsed: (bytes > 0).then(|| Arc::new(Cache::with_weighter(documents, bytes, ByText))),
            // One that does not parse is refused whenever it is named.
            trusted: Arc::new(
                trusted
                    .into_iter()
                    .filter_map(|text| {
                        let document = Document::parse(&text, settings).ok()?;
                        Some((text, document))
                    })
                    .collect(),
            ),
            hits: counter!("document_cache_hits_total"),
            misses: counter!("document_cache_misses_total"),
        }
    }

    /// The document, parsed now or before.
    pub(crate) fn parse(
        &self,
        text: &Arc<str>,
        settings: &LimitSettings,
    ) -> Result<Document, LimitError> {
        if let Some(document) = self.trusted.get(text) {
            return Ok(document.clone());
        }
        let Some(kept) = &self.parsed else {
            return Document::parse(text, settings);
        };
        if let Some(document) = kept.get(text) {
            self.hits.increment(1);
            return Ok(document);
        }
        self.misses.increment(1);
        let document = Document::parse(text, settings)?;
        kept.insert(text.clone(), document.clone());
        Ok(document)
    }

    /// Sets the gauges of the metrics.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no cache comes near 2^52 bytes or entries"
    )]
    pub(crate) fn show(&self) {
        if let Some(parsed) = &self.parsed {
            gauge!("document_cache_entries").set(parsed.len() as f64);
            gauge!("document_cache_bytes").set(parsed.weight() as f64);
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
        let documents = Documents::new(1_000, [], &settings);
        let first = documents.parse(&"{ a }".into(), &settings).unwrap();
        assert!(Arc::ptr_eq(
            &first.parsed,
            &documents.parse(&"{ a }".into(), &settings).unwrap().parsed
        ));
        for number in 0..1000 {
            documents
                .parse(&format!("{{ a{number} }}").into(), &settings)
                .unwrap();
        }
        let parsed = documents.parsed.unwrap();
        assert!(parsed.weight() <= 1_000, "{}", parsed.weight());
    }

    #[test]
    fn a_document_whose_cost_varies_is_measured_each_time() {
        let settings = LimitSettings {
            complexity: 50,
            ..LimitSettings::default()
        };
        let table = SchemaTable::new(&crate::graphql::sdl(), &settings).unwrap();
        let measure = |document: &Document, variables: serde_json::Value| {
            document.measure(&Variables::from_json(variables), &table, &settings)
        };
        let varying = "query($first: Int) { latest(first: $first) { nodes { id } } }";
        let varying = Document::parse(&varying.into(), &settings).unwrap();
        assert!(measure(&varying, serde_json::json!({ "first": 2 })).is_ok());
        assert!(measure(&varying, serde_json::json!({ "first": 90 })).is_err());
        let fixed = "query($slug: String!) { article(slug: $slug) { id } }";
        let fixed = Document::parse(&fixed.into(), &settings).unwrap();
        assert!(measure(&fixed, serde_json::json!({ "slug": "a" })).is_ok());
        assert!(fixed.is_measured.load(Ordering::Relaxed));
        // What the variables hold is bounded all the same.
        let many: Vec<u64> = (0..20_000).collect();
        assert!(measure(&fixed, serde_json::json!({ "slug": many })).is_err());
    }

    #[test]
    fn what_is_refused_is_refused_again() {
        let settings = LimitSettings {
            tokens: 3,
            ..LimitSettings::default()
        };
        let documents = Documents::new(100, [], &settings);
        for _ in 0..2 {
            assert!(documents.parse(&"{ a b c }".into(), &settings).is_err());
            assert!(documents.parse(&"{".into(), &settings).is_err());
        }
        let off = Documents::new(0, [], &settings);
        assert!(off.parse(&"{ a }".into(), &settings).is_ok());
    }
}
