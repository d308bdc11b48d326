//! The routes, and the layers around them.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    response::IntoResponse,
    routing::get,
};
use http::{HeaderValue, header};
use masthead_domain::clock::Clock;
use thiserror::Error;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use masthead_domain::audience::PublicAccess;

use super::{
    Authenticator, CdnSettings, GraphqlExecutor, HttpSettings, RateLimitSettings, Readiness,
    StopFlag, SubscriptionSettings, Telemetry,
    asking::Asking,
    body,
    client_address::{Proxies, ProxyError},
    cors::{self, CorsError},
    error_page, feeds,
    graphql::{self, DocumentSources, Documents, GraphqlService, Responses, Shortcut},
    health::{self, ReadinessState},
    named_documents::NamedDocuments,
    ninjs,
    observe::observe,
    problem::Problem,
    problems::write_problems,
    public_address::{PublicAddress, PublicAddressError},
    rate_limits::{self, RateLimits},
    service::HttpService,
    sitemaps,
    streams::Streams,
    websub,
};
use crate::{
    bookkeeping::Ledger,
    cache::{CacheSettings, Follower},
    error_code::ErrorCode,
    limits::{LimitError, LimitSettings, SchemaTable, SchemaTableError},
    trusted_documents::{TrustedDocumentError, TrustedDocuments},
    websub::Hub,
};

/// What the API is made of. Build one with [`Api::new`] and set what differs.
#[derive(Clone)]
pub struct Api {
    /// Executes GraphQL requests.
    pub executor: Arc<dyn GraphqlExecutor>,
    /// The schema's SDL, shown at `/schema.graphql` and read by the limits.
    pub sdl: String,
    /// Tells who is asking.
    pub authenticator: Arc<dyn Authenticator>,
    /// Asked by `/readyz`.
    pub readiness: Arc<dyn Readiness>,
    /// Raised by [`serve`](super::serve) when the server stops.
    pub stop: StopFlag,
    /// Collects and shows metrics.
    pub telemetry: Telemetry,
    /// Follows the change log, for what is kept; none where nothing is.
    pub follower: Option<Arc<Follower>>,
    /// How much is kept.
    pub cache: CacheSettings,
    /// What everyone may have without asking; the executor is to know the same.
    pub access: PublicAccess,
    /// What a CDN is told.
    pub cdn: CdnSettings,
    /// How often clients may ask.
    pub rate_limits: RateLimitSettings,
    /// How subscriptions are served.
    pub subscriptions: SubscriptionSettings,
    /// What partners ask for is noted in it.
    pub ledger: Ledger,
    /// Tells subscribers of changes in feeds; none where there is no hub. It makes feeds by the routes that are made.
    pub hub: Option<Arc<Hub>>,
    /// Further routes, such as the explorer's, that get the same layers.
    pub pages: Router,
}

impl Api {
    /// An API with no further pages.
    pub fn new(
        executor: impl GraphqlExecutor,
        authenticator: impl Authenticator,
        sdl: impl Into<String>,
        readiness: impl Readiness,
        telemetry: Telemetry,
    ) -> Self {
        Self {
            executor: Arc::new(executor),
            sdl: sdl.into(),
            authenticator: Arc::new(authenticator),
            readiness: Arc::new(readiness),
            stop: StopFlag::default(),
            telemetry,
            follower: None,
            cache: CacheSettings::default(),
            access: PublicAccess::default(),
            cdn: CdnSettings::default(),
            rate_limits: RateLimitSettings::default(),
            subscriptions: SubscriptionSettings::default(),
            ledger: Ledger::new(Clock::system()),
            hub: None,
            pages: Router::new(),
        }
    }
}

/// The API cannot be set up.
#[derive(Debug, Error)]
pub enum RouterError {
    /// A wrong setting.
    #[error(transparent)]
    Cors(#[from] CorsError),
    /// A wrong setting of proxies.
    #[error(transparent)]
    Proxies(#[from] ProxyError),
    /// A wrong setting of an address.
    #[error(transparent)]
    Address(#[from] PublicAddressError),
    /// A document of the server's own is none.
    #[error("a document of the server's own is none: {0:?}")]
    OwnDocument(LimitError),
    /// The schema is not readable.
    #[error(transparent)]
    Schema(#[from] SchemaTableError),
    /// A trusted document cannot be taken.
    #[error(transparent)]
    Document(#[from] TrustedDocumentError),
}

/// All routes with their layers, and what comes before them.
pub fn router(
    api: Api,
    settings: &HttpSettings,
    limits: &LimitSettings,
) -> Result<HttpService, RouterError> {
    let addresses = Arc::new(PublicAddress::read(settings)?);
    let follower = api.follower.as_ref();
    let clock = follower.map_or_else(Clock::system, |follower| follower.clock());
    let hub = api.hub.clone();
    let read_timeout = Duration::from_secs(settings.read_timeout_seconds);
    router_with(api, settings, limits, |asking| {
        let routes = surfaces(asking, &addresses, clock, hub.as_ref())?;
        Ok(match &hub {
            Some(hub) => routes.merge(websub::routes(hub, asking, read_timeout)),
            None => routes,
        })
    })
}

/// What asks as `/graphql` does.
fn surfaces(
    asking: &Asking,
    addresses: &Arc<PublicAddress>,
    clock: Clock,
    hub: Option<&Arc<Hub>>,
) -> Result<Router, RouterError> {
    let own = RouterError::OwnDocument;
    let feeds = feeds::routes(asking, addresses, hub.is_some()).map_err(own)?;
    if let Some(hub) = hub {
        hub.make_feeds_by(feeds.clone());
    }
    Ok(Router::new()
        .merge(feeds)
        .merge(sitemaps::routes(asking, addresses, clock).map_err(own)?)
        .merge(ninjs::routes(asking).map_err(own)?))
}

/// The same with other surfaces.
pub(super) fn router_with(
    api: Api,
    settings: &HttpSettings,
    limits: &LimitSettings,
    surfaces: impl FnOnce(&Asking) -> Result<Router, RouterError>,
) -> Result<HttpService, RouterError> {
    let cors = cors::layer(settings)?;
    let proxies = Proxies::new(settings)?;
    let Api {
        executor,
        sdl,
        authenticator,
        readiness,
        stop,
        telemetry,
        follower,
        cache,
        access,
        cdn,
        rate_limits,
        subscriptions,
        ledger,
        hub: _,
        pages,
    } = api;
    let folder = Some(Path::new(&settings.documents_folder));
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let trusted = TrustedDocuments::load(folder, limits)?;
    let named_documents = NamedDocuments::read(&trusted, &sdl, limits)?;
    let documents = Documents::new(settings.document_cache_bytes, trusted.texts(), limits);
    let sources = DocumentSources::new(
        trusted,
        settings.trusted_documents_only,
        settings.persisted_query_bytes,
    );
    let shown = documents.clone();
    telemetry.on_scrape(move || shown.show());
    let responses = follower.and_then(|follower| Responses::new(cache.for_responses(), follower));
    if let Some(responses) = responses.clone() {
        telemetry.on_scrape(move || responses.show());
    }
    let graphql = GraphqlService {
        streams: Streams::new(subscriptions, authenticator.clone(), stop.clone(), settings),
        executor,
        authenticator,
        table: Arc::new(SchemaTable::new(&sdl, limits)?),
        documents,
        sources,
        limits: Arc::new(limits.clone()),
        settings: Arc::new(settings.clone()),
        cdn: Arc::new(cdn),
        responses,
        access,
        keeps_parts: cache.for_entities() > 0,
        telemetry: telemetry.clone(),
        ledger: ledger.clone(),
    };
    let short = Shortcut::new(graphql.clone());
    let asking = Asking::new(graphql.clone());
    let mut router = Router::new()
        .route(
            "/graphql",
            get(graphql::handle)
                .post(graphql::handle)
                .with_state(graphql),
        )
        .route("/healthz", get(health::live))
        .route(
            "/readyz",
            get(health::ready).with_state(ReadinessState { readiness, stop }),
        )
        .merge(plain_texts(telemetry, sdl))
        .route("/errors", get(error_page::show))
        .merge(named_documents.routes(&asking))
        .merge(surfaces(&asking)?)
        .merge(pages)
        .fallback(async || {
            Problem::new(ErrorCode::NotFound, "There is nothing at this path.").into_response()
        })
        .layer(tower::layer::layer_fn(body::decompress))
        .layer(from_fn_with_state(settings.max_body_bytes, body::bound))
        .layer(from_fn(rate_limits::refuse))
        .layer(from_fn(write_problems));
    if settings.compression {
        router = router.layer(compression(settings.compression_min_bytes));
    }
    if let Some(cors) = cors {
        router = router.layer(cors);
    }
    let rate_limits = RateLimits::new(&rate_limits, proxies, ledger);
    let routes = router.layer(from_fn(observe));
    Ok(HttpService::new(short, rate_limits, routes))
}

/// What is plain text.
fn plain_texts(telemetry: Telemetry, sdl: String) -> Router {
    let text =
        |content_type: &'static str| (header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let metrics = {
        let headers = [text("text/plain; version=0.0.4; charset=utf-8"), no_store];
        move || async move { (headers, telemetry.render()) }
    };
    let schema = {
        let headers = [text("text/plain; charset=utf-8")];
        let sdl: bytes::Bytes = sdl.into();
        move || async move { (headers, sdl) }
    };
    Router::new()
        .route("/metrics", get(metrics))
        .route("/schema.graphql", get(schema))
}

/// Level 4 of each coding: most of what can be gained, at a fraction of the highest level's time.
fn compression(min_bytes: u64) -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(
            SizeAbove::new(min_bytes)
                .and(NotForContentType::IMAGES)
                .and(NotForContentType::SSE)
                .and(NotForContentType::const_new("font/")),
        )
}
