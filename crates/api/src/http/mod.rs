//! HTTP: the routes, what surrounds them, and how they are served.
//!
//! | path | what |
//! | --- | --- |
//! | `/graphql` | GraphQL over HTTP, by POST and GET |
//! | `/feeds/…` | RSS, Atom and JSON Feed |
//! | `/websub` | the hub: subscriptions to feeds |
//! | `/sitemap.xml`, `/sitemaps/…`, `/sitemap-news.xml`, `/robots.txt` | for crawlers |
//! | `/v1`, `/v1/{name}` | the trusted documents as plain JSON; `/v1/openapi.json` describes them |
//! | `/healthz` | the process is alive |
//! | `/readyz` | requests are welcome |
//! | `/metrics` | Prometheus |
//! | `/schema.graphql` | the schema's SDL |
//! | `/ninjs/latest`, `/ninjs/items/{id}`, `/ninjs/changes` | articles as IPTC's News in JSON, for partners |
//! | `/errors` | the table of [error codes](crate::error_code) |
//!
//! Errors outside GraphQL are [problem documents](problem). Before the routes stand rate limits and the short way to
//! answers that are kept ([`HttpService`]). Layers of the routes, from the outside: observation (id, log, metrics), CORS,
//! compression, problem documents and panics, bounds and decompression of the body.

mod asking;
mod authentication;
mod body;
mod cdn_settings;
mod client_address;
mod cors;
mod error_page;
mod feeds;
pub mod graphql;
mod health;
pub mod media_type;
mod month;
mod named_documents;
mod ninjs;
mod observe;
pub mod problem;
mod problems;
mod public_address;
mod rate_limits;
mod representation;
mod request_id;
mod router;
mod serve;
mod service;
mod settings;
mod sitemaps;
mod streams;
mod telemetry;
#[cfg(test)]
mod tests;
mod websub;

pub use self::{
    authentication::Authenticator,
    cdn_settings::CdnSettings,
    client_address::ProxyError,
    cors::CorsError,
    graphql::{GraphqlExecutor, response_body},
    health::{NotReady, Readiness, StopFlag},
    problem::Problem,
    public_address::PublicAddressError,
    rate_limits::RateLimitSettings,
    request_id::{RequestId, X_REQUEST_ID},
    router::{Api, RouterError, router},
    serve::{Stopped, serve},
    service::HttpService,
    settings::HttpSettings,
    streams::SubscriptionSettings,
    telemetry::{Telemetry, TelemetryError},
};
pub(crate) use problems::internal_error;
pub(crate) use representation::Representation;
