//! What is kept is never old: no answer is older than what this node has acknowledged, nor than a second of what
//! another has, and every one that is kept is what would be made now, byte for byte.

mod headers;
mod nodes;
mod purged;
mod steps;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::{FutureExt as _, future::BoxFuture};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use masthead_api::{
    cache::{CacheSettings, Follower},
    graphql::{Answer, Archive, Provenance, RequestParts, sdl},
    http::{
        Api, Authenticator, GraphqlExecutor, HttpService, HttpSettings, NotReady, Problem,
        Readiness, Telemetry, router,
    },
    limits::LimitSettings,
};
use masthead_domain::{audience::Audience, clock::Clock, viewer::Caller};
use masthead_persistence::Database;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// Everyone is the public.
struct Everyone;

impl Authenticator for Everyone {
    fn authenticate<'a>(&'a self, _: &'a HeaderMap) -> BoxFuture<'a, Result<Caller, Problem>> {
        std::future::ready(Ok(Caller::Public)).boxed()
    }
}

impl Readiness for Everyone {
    fn check(&self) -> BoxFuture<'_, Result<(), NotReady>> {
        std::future::ready(Ok(())).boxed()
    }
}

struct AskedByThePublic(Archive);

impl GraphqlExecutor for AskedByThePublic {
    fn execute(&self, request: async_graphql::Request) -> BoxFuture<'_, Answer> {
        async move { self.0.answer(request, &Caller::Public).await }.boxed()
    }

    fn assemble(&self, parts: &RequestParts, audience: &Audience) -> Option<(Bytes, Provenance)> {
        self.0.assemble(parts, audience)
    }

    fn subscribe(
        &self,
        request: masthead_api::graphql::SubscriptionRequest,
    ) -> futures_util::future::BoxFuture<
        '_,
        Result<masthead_api::graphql::EventStream, async_graphql::Response>,
    > {
        self.0.subscribe(request)
    }
}

/// A node's HTTP face, in this process.
#[derive(Clone)]
pub(crate) struct Node {
    service: HttpService,
    pub(crate) follower: Arc<Follower>,
    pub(crate) telemetry: Telemetry,
}

/// What a node answered.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Node {
    /// Keeps what it answers, within these bounds.
    pub(crate) fn new(database: &Database, clock: &Clock, cache: CacheSettings) -> Self {
        let follower = Arc::new(Follower::new(database.clone(), clock.clone()));
        let archive =
            Archive::new(database.clone(), clock.clone()).keeping(follower.clone(), &cache);
        Self::of(archive, follower, cache, &HttpSettings::default())
    }

    /// The same, and lets the pages of one website ask.
    pub(crate) fn asked_from_elsewhere(database: &Database, clock: &Clock) -> Self {
        let follower = Arc::new(Follower::new(database.clone(), clock.clone()));
        let archive =
            Archive::new(database.clone(), clock.clone()).keeping(follower.clone(), &ROOMY);
        let settings = HttpSettings {
            cors_origins: vec!["https://magazine.example".to_owned()],
            ..HttpSettings::default()
        };
        Self::of(archive, follower, ROOMY, &settings)
    }

    /// Keeps nothing.
    pub(crate) fn forgetful(database: &Database, clock: &Clock) -> Self {
        let follower = Arc::new(Follower::new(database.clone(), clock.clone()));
        let archive = Archive::new(database.clone(), clock.clone());
        Self::of(
            archive,
            follower,
            CacheSettings::NOTHING,
            &HttpSettings::default(),
        )
    }

    fn of(
        archive: Archive,
        follower: Arc<Follower>,
        cache: CacheSettings,
        settings: &HttpSettings,
    ) -> Self {
        let telemetry = Telemetry::install().unwrap();
        let mut api = Api::new(
            AskedByThePublic(archive),
            Everyone,
            sdl(),
            Everyone,
            telemetry.clone(),
        );
        api.follower = Some(follower.clone());
        api.cache = cache;
        let limits = LimitSettings::default();
        Self {
            service: router(api, settings, &limits).unwrap(),
            follower,
            telemetry,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answered {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    /// The bytes of an answer to a POST.
    pub(crate) async fn ask(&self, question: &Value) -> Vec<u8> {
        let body = question.to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len())
            .body(Body::from(body))
            .unwrap();
        let answered = self.send(request).await;
        assert_eq!(answered.status, StatusCode::OK, "{question}");
        answered.body
    }

    /// A figure of the metrics, all of its series together.
    pub(crate) fn figure(&self, name: &str) -> f64 {
        self.telemetry
            .render()
            .lines()
            .filter_map(|line| {
                line.strip_prefix(name)?
                    .rsplit(' ')
                    .next()?
                    .parse::<f64>()
                    .ok()
            })
            .sum()
    }
}

/// Enough for all that a test asks.
pub(crate) const ROOMY: CacheSettings = CacheSettings::of(32 << 20);

/// Any of the questions that clients ask, picked by two numbers; articles by the slugs and identities that the
/// mutations of the mirror's test give them.
pub(crate) fn question(which: u8, how: u8, ids: &[String]) -> Value {
    let name = ["one", "two", "three"][usize::from(how) % 3];
    let slug = match how % 4 {
        0 => format!("river-{}", how / 4),
        1 => format!("lake-{}", how / 4),
        2 => format!("river-{}-2", how / 4),
        _ => "nothing-has-this-slug".to_owned(),
    };
    let id = ids.get(usize::from(how) % ids.len().max(1)).cloned();
    let row = "id slug headline publishedAt modifiedAt bylines { name slug } section { name } topics { name }";
    let page = "pageInfo { hasNextPage hasPreviousPage endCursor } totalCount";
    let size = how % 5;
    let text = |query: String| json!({ "query": query });
    match which % 16 {
        0 | 1 => json!({ "documentId": "articlePage", "variables": { "slug": slug } }),
        2 => json!({ "documentId": "latest", "variables": { "first": size } }),
        3 => text(format!("{{ latest(section: \"{name}\", first: {size}) {{ {page} nodes {{ {row} }} }} }}")),
        4 => text(format!("{{ latest(contributor: \"{name}\", last: {size}) {{ {page} nodes {{ {row} }} }} }}")),
        5 => text(format!("{{ latest(topic: \"{name}\", language: \"en\") {{ nodes {{ {row} }} }} }}")),
        6 => text(format!("{{ articles(order: RECENTLY_MODIFIED, first: {size}) {{ pageInfo {{ hasNextPage }} nodes {{ {row} }} }} }}")),
        7 => text(format!("{{ articles(order: OLDEST_FIRST, first: {size}) {{ pageInfo {{ hasNextPage }} nodes {{ {row} }} }} }}")),
        8 => text(format!("{{ section(slug: \"{name}\") {{ name parent {{ name }} articles(first: {size}) {{ {page} nodes {{ {row} }} }} }} sections {{ name }} }}")),
        9 => text(format!("{{ contributor(slug: \"{name}\") {{ name articles(first: {size}) {{ nodes {{ {row} }} }} }} contributors {{ totalCount nodes {{ name }} }} }}")),
        10 => text("{ topics { nodes { name articles(first: 2) { nodes { headline } } } } }".to_owned()),
        11 => text("{ magazineIssues { nodes { citation coverDate articles { totalCount } } } magazineVolumes { nodes { number lastCoverDate } } }".to_owned()),
        12 => text(format!("{{ article(slug: \"{slug}\") {{ {row} relatedArticles(basis: CURATED) {{ totalCount nodes {{ headline }} }} corrections {{ text }} body {{ text }} url }} }}")),
        13 => json!({ "query": format!("query($id: ID!) {{ node(id: $id) {{ __typename ... on Article {{ {row} }} }} }}"), "variables": { "id": id.unwrap_or_else(|| "UAAAAAAAAAAB".to_owned()) } }),
        14 => text(format!("{{ article(slug: \"{slug}\") {{ relatedLists(distinct: true) {{ title articles(first: 2) {{ {page} edges {{ reasons node {{ headline }} }} }} }} }} }}")),
        _ => text(format!("{{ changes(first: {size}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ kind nodeId at }} }} publication {{ title url publisher }} }}")),
    }
}
