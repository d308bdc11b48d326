//! Metrics for Prometheus.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use async_graphql::Response as GraphqlResponse;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;

use super::graphql::errors::code_of;
use crate::error_code::ErrorCode;

/// Seconds. From an answer out of a cache to the execution limit.
const LATENCY_BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Clients choose the names of operations, and each is a time series in Prometheus: the first so
/// many are told apart, the rest are "other".
const MAX_OPERATION_NAMES: usize = 100;

static INSTALLED: OnceLock<Result<PrometheusHandle, TelemetryError>> = OnceLock::new();

/// The metrics of this process cannot be collected.
#[derive(Clone, Debug, Error)]
#[error("metrics cannot be collected: {0}")]
pub struct TelemetryError(Arc<BuildError>);

type Collector = Box<dyn Fn() + Send + Sync>;

/// Collects this process's metrics, all that the `metrics` crate's macros record, and shows them.
#[derive(Clone)]
pub struct Telemetry {
    handle: PrometheusHandle,
    operation_names: Arc<Mutex<HashSet<String>>>,
    collectors: Arc<Mutex<Vec<Collector>>>,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

impl Telemetry {
    /// Begins to collect. There is one collector in a process: further calls join it.
    pub fn install() -> Result<Self, TelemetryError> {
        let handle = INSTALLED
            .get_or_init(|| {
                let handle = PrometheusBuilder::new()
                    .set_buckets(&LATENCY_BUCKETS)
                    .and_then(PrometheusBuilder::install_recorder)
                    .map_err(|error| TelemetryError(Arc::new(error)))?;
                describe();
                Ok(handle)
            })
            .clone()?;
        Ok(Self {
            handle,
            operation_names: Arc::default(),
            collectors: Arc::default(),
        })
    }

    /// Has a function called before each showing: it sets gauges that are read off something, such as
    /// a pool's connections.
    pub fn on_scrape(&self, collector: impl Fn() + Send + Sync + 'static) {
        self.collectors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(collector));
    }

    /// All metrics in Prometheus' text format, version 0.0.4.
    pub fn render(&self) -> String {
        for collector in self
            .collectors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            collector();
        }
        self.handle.render()
    }

    /// Folds what histograms have gathered, so that it stays bounded when nobody scrapes. To be called
    /// every few seconds; [`serve`](super::serve) does.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// The label for an operation's name. Only a document that was executed may bring a new name, so
    /// that nonsense does not use up the set.
    fn operation_label(&self, name: Option<&str>, executed: bool) -> String {
        let Some(name) = name else {
            return "anonymous".to_owned();
        };
        let mut names = self
            .operation_names
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if executed && names.len() < MAX_OPERATION_NAMES {
            names.insert(name.to_owned());
        }
        if names.contains(name) { name } else { "other" }.to_owned()
    }

    pub(crate) fn observe_graphql(&self) -> GraphqlObservation {
        gauge!("graphql_requests_in_flight").increment(1.0);
        GraphqlObservation {
            telemetry: self.clone(),
            started: Instant::now(),
            operation_name: None,
            operation_type: None,
            outcome: "cancelled",
        }
    }
}

/// What the hub tells of itself.
fn describe_websub() {
    describe_gauge!("websub_subscriptions", "Subscriptions to feeds.");
    describe_counter!(
        "websub_verifications_total",
        "Callbacks asked whether they want what was asked for in their name, by outcome."
    );
    describe_counter!(
        "websub_deliveries_total",
        "Feeds delivered to subscribers, by outcome."
    );
}

fn describe() {
    describe_streams();
    describe_websub();
    describe_counter!(
        "http_requests_total",
        "HTTP requests by route, method and status."
    );
    describe_histogram!(
        "http_request_duration_seconds",
        "Seconds to a response's head, by route."
    );
    describe_gauge!("http_requests_in_flight", "HTTP requests being answered.");
    describe_counter!("http_problems_total", "Problem documents sent, by code.");
    describe_counter!(
        "graphql_requests_total",
        "GraphQL requests by operation, type and outcome."
    );
    describe_histogram!(
        "graphql_request_duration_seconds",
        "Seconds of GraphQL requests, by operation and type."
    );
    describe_gauge!(
        "graphql_requests_in_flight",
        "GraphQL requests being answered."
    );
    describe_counter!(
        "document_cache_hits_total",
        "GraphQL documents that had been parsed before."
    );
    describe_counter!(
        "document_cache_misses_total",
        "GraphQL documents that had to be parsed."
    );
    describe_gauge!("document_cache_entries", "Parsed documents that are kept.");
    describe_gauge!(
        "document_cache_bytes",
        "Bytes of text of the parsed documents that are kept."
    );
    describe_counter!(
        "response_cache_hits_total",
        "Answers that were kept and still held."
    );
    describe_counter!(
        "response_cache_shortcuts_total",
        "Those of them that were found by the request's bytes, with no log line and no other figure."
    );
    describe_counter!(
        "response_cache_misses_total",
        "Answers that had to be made."
    );
    describe_counter!(
        "response_cache_dropped_total",
        "Those of them that had been kept, until a change touched what they depend on."
    );
    describe_counter!(
        "response_cache_dropped_needlessly_total",
        "Those of the dropped that turned out the same when they were made anew."
    );
    describe_counter!(
        "response_cache_shared_total",
        "Answers that somebody else's request was making already."
    );
    describe_gauge!("response_cache_entries", "Answers that are kept.");
    describe_gauge!(
        "response_cache_bytes",
        "Bytes of the answers that are kept."
    );
    describe_counter!(
        "entity_cache_hits_total",
        "Articles, lists and lookups that were kept and still held."
    );
    describe_counter!("entity_cache_misses_total", "Those that had to be read.");
    describe_gauge!(
        "entity_cache_entries",
        "Articles, lists and lookups that are kept."
    );
    describe_gauge!("entity_cache_bytes", "Bytes of what is kept of them.");
    describe_counter!(
        "cdn_purge_requests_total",
        "Requests to the CDN to purge tags that it took."
    );
    describe_counter!("cdn_purged_tags_total", "Tags that they named.");
    describe_counter!(
        "cdn_purge_failures_total",
        "Times that telling the CDN broke off, to be tried again."
    );
    describe_gauge!(
        "cdn_purge_tags_waiting",
        "Tags of changes that the CDN has still to be told."
    );
    describe_partners();
    describe_counter!("graphql_errors_total", "GraphQL errors sent, by code.");
}

fn describe_partners() {
    describe_counter!(
        "partner_requests_total",
        "HTTP requests with a partner's token, by the partner's name."
    );
    describe_counter!(
        "partner_requests_refused_total",
        "Those of them that came too often."
    );
    describe_counter!(
        "partner_sent_bytes_total",
        "Bytes of the bodies that partners were sent, as they were sent."
    );
}

fn describe_streams() {
    describe_gauge!(
        "streams_open",
        "WebSocket connections and event streams that are open, by transport."
    );
    describe_counter!(
        "streams_cut_off_total",
        "Streams that were cut off, by transport and reason."
    );
    describe_counter!(
        "subscription_events_sent_total",
        "Results sent on streams, by transport."
    );
    describe_counter!(
        "subscription_events_made_total",
        "Events that were executed; those that many ask for, once."
    );
}

/// Measures one GraphQL request; counts it when dropped, so also when the client has gone.
pub(crate) struct GraphqlObservation {
    telemetry: Telemetry,
    started: Instant,
    operation_name: Option<String>,
    operation_type: Option<&'static str>,
    outcome: &'static str,
}

impl GraphqlObservation {
    /// Notes which operation it is.
    pub(crate) fn operation(&mut self, name: Option<&str>, operation_type: &'static str) {
        self.operation_name = name.map(str::to_owned);
        self.operation_type = Some(operation_type);
        let span = tracing::Span::current();
        span.record("operation", name.unwrap_or("anonymous"));
        span.record("operation_type", operation_type);
    }

    /// Notes a refusal by a problem document.
    pub(crate) fn refuse(&mut self, code: ErrorCode) {
        self.outcome = "refused";
        tracing::debug!(code = code.as_str(), "a GraphQL request was refused");
    }

    /// Notes that it was executed without an error, now or for an earlier request.
    pub(crate) fn succeed(&mut self) {
        self.outcome = "ok";
    }

    /// Notes the response: "ok"; "partial" (executed, with errors); "error" (nothing executed).
    pub(crate) fn finish(&mut self, response: &GraphqlResponse) {
        self.outcome = if response.errors.is_empty() {
            "ok"
        } else if super::graphql::errors::is_request_error(response) {
            "error"
        } else {
            "partial"
        };
        for error in &response.errors {
            let code = code_of(error).unwrap_or("UNKNOWN").to_owned();
            counter!("graphql_errors_total", "code" => code).increment(1);
        }
    }
}

impl Drop for GraphqlObservation {
    fn drop(&mut self) {
        gauge!("graphql_requests_in_flight").decrement(1.0);
        let executed = matches!(self.outcome, "ok" | "partial");
        let name = match self.operation_type {
            Some(_) => self
                .telemetry
                .operation_label(self.operation_name.as_deref(), executed),
            None => "unknown".to_owned(),
        };
        let operation_type = self.operation_type.unwrap_or("unknown");
        counter!(
            "graphql_requests_total",
            "operation" => name.clone(), "type" => operation_type, "outcome" => self.outcome
        )
        .increment(1);
        histogram!(
            "graphql_request_duration_seconds",
            "operation" => name, "type" => operation_type
        )
        .record(self.started.elapsed().as_secs_f64());
    }
}
