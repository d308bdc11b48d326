//! The hot paths, each with its preparations outside of what is counted.

use std::{hint::black_box, path::Path, sync::Arc};

use async_graphql::{Request, Response, Variables};
use axum::body::Body;
use chrono::{DateTime, TimeZone as _, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use masthead_api::{
    cache::{CacheSettings, Follower},
    graphql::{
        Answer, Archive, DocumentParts, EventStream, RequestParts, SubscriptionRequest, Validation,
        sdl,
    },
    http::{
        Api, Authenticator, GraphqlExecutor, HttpService, HttpSettings, NotReady, Problem,
        Readiness, Telemetry, response_body, router,
    },
    limits::{LimitSettings, parse},
};
use masthead_domain::{clock::Clock, viewer::Caller};
use masthead_newsroom::generated::{Size, generate};
use masthead_persistence::{Database, DatabaseSettings};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

/// How often a path is gone and counted.
pub(crate) const TIMES: usize = 8;
/// How often it is gone before, so that what is made once is there.
const BEFORE: usize = 3;

/// The paths' names.
pub(crate) const NAMES: &[&str] = &[
    "parse",
    "execute",
    "execute-kept",
    "serialise",
    "page-kept-in-parts",
    "response-cache-hit",
    "keyset-page",
];

const PAGE: &str = include_str!("../../../operations/articlePage.graphql");
const LATEST: &str = include_str!("../../../operations/latest.graphql");
const ARTICLES: u32 = 500;
/// About the middle of the archive.
const MIDDLE: usize = 250;

const ENTITIES_KEPT: CacheSettings = CacheSettings {
    responses: false,
    ..ALL_KEPT
};
const ALL_KEPT: CacheSettings = CacheSettings::of(32 << 20);

/// Makes the archive that all paths are gone in: the same each time.
pub(crate) fn make_archive(file: &Path) {
    runtime().block_on(async {
        let database = open(file).await;
        database.migrate().await.unwrap();
        let size = Size {
            articles: ARTICLES,
            seed: 1,
        };
        generate(&database, &clock(), size, |_| {}).await.unwrap();
        database.close().await.unwrap();
    });
}

/// Goes a path a few times, and has callgrind count each.
pub(crate) fn go(path: &str, file: &Path) {
    let runtime = runtime();
    let database = runtime.block_on(open(file));
    match path {
        "parse" => {
            let limits = LimitSettings::default();
            repeat(|| (), |()| parse(black_box(PAGE), &limits).unwrap());
        }
        "execute" => {
            let asking = Asking::new(runtime, database, &CacheSettings::NOTHING);
            let page = asking.page();
            repeat(|| page.request(), |request| asking.answer(request));
        }
        "execute-kept" => {
            // The page of another article each time: what is shared with others is kept, what is its own is not.
            let asking = Asking::new(runtime, database, &ENTITIES_KEPT);
            let mut pages = asking.pages().into_iter();
            repeat(
                || pages.next().unwrap(),
                |page| asking.answer(page.request()),
            );
        }
        "serialise" => {
            let asking = Asking::new(runtime, database, &CacheSettings::NOTHING);
            let response = asking.answer(asking.page().request());
            repeat(|| (), |()| response_body(black_box(&response)).unwrap());
        }
        "page-kept-in-parts" => {
            let asking = Asking::new(runtime, database, &ENTITIES_KEPT);
            let body = asking.page().body();
            repeat(|| post(&body), |request| asking.send(request));
        }
        "response-cache-hit" => {
            let asking = Asking::new(runtime, database, &ALL_KEPT);
            let body = asking.page().body();
            repeat(|| post(&body), |request| asking.send(request));
        }
        "keyset-page" => {
            let asking = Asking::new(runtime, database, &CacheSettings::NOTHING);
            let (_, cursor) = asking.middle();
            let page = Question::new(LATEST, json!({ "first": 20, "after": cursor }));
            repeat(|| page.request(), |request| asking.answer(request));
        }
        _ => panic!("there is no path {path}"),
    }
}

/// What comes of a path is given up within what is counted too: that is part of what it costs.
fn repeat<Prepared, Made>(
    mut prepare: impl FnMut() -> Prepared,
    mut path: impl FnMut(Prepared) -> Made,
) {
    for _ in 0..BEFORE {
        drop(black_box(path(prepare())));
    }
    for _ in 0..TIMES {
        let mut prepared = Some(prepare());
        only_this_is_counted(&mut || {
            if let Some(prepared) = prepared.take() {
                drop(black_box(path(prepared)));
            }
        });
    }
}

/// Callgrind counts what happens in here. It knows it by its name.
#[inline(never)]
fn only_this_is_counted(path: &mut dyn FnMut()) {
    path();
    // Nothing can be left out or put elsewhere, so that the function stays one.
    black_box(());
}

/// One thread, so that all is done where it is counted.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A day after the last article.
fn clock() -> Clock {
    Clock::fixed(now())
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 2, 0, 0, 0).unwrap()
}

async fn open(file: &Path) -> Database {
    let settings = DatabaseSettings {
        url: format!("sqlite://{}", file.display()),
        ..DatabaseSettings::default()
    };
    Database::open(&settings).await.unwrap()
}

/// A question with its document parsed and found valid, as the server has it from the second time on.
#[derive(Clone)]
struct Question {
    text: &'static str,
    variables: Value,
    parts: Arc<DocumentParts>,
    validation: Validation,
}

impl Question {
    fn new(text: &'static str, variables: Value) -> Self {
        let parsed = parse(text, &LimitSettings::default()).unwrap();
        Self {
            text,
            variables,
            parts: Arc::new(DocumentParts::of(&Arc::new(parsed))),
            validation: Validation::default(),
        }
    }

    /// The same with other variables.
    fn with(&self, variables: Value) -> Self {
        Self {
            variables,
            ..self.clone()
        }
    }

    /// As the server asks it.
    fn request(&self) -> Request {
        let variables = Variables::from_json(self.variables.clone());
        Request::new(self.text)
            .variables(variables.clone())
            .data(self.validation.clone())
            .data(RequestParts::new(self.parts.clone(), variables))
    }

    /// The body of a POST.
    fn body(&self) -> String {
        json!({ "query": self.text, "variables": self.variables }).to_string()
    }
}

fn post(body: &str) -> http::Request<Body> {
    http::Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// An archive to ask, and its HTTP face.
struct Asking {
    runtime: Runtime,
    archive: Archive,
    service: HttpService,
}

impl Asking {
    fn new(runtime: Runtime, database: Database, cache: &CacheSettings) -> Self {
        let follower = Arc::new(Follower::new(database.clone(), clock()));
        let archive = Archive::new(database, clock());
        let archive = if *cache == CacheSettings::NOTHING {
            archive
        } else {
            archive.keeping(follower.clone(), cache)
        };
        let mut api = Api::new(
            AskedByThePublic(archive.clone()),
            Everyone,
            sdl(),
            Everyone,
            Telemetry::install().unwrap(),
        );
        api.follower = Some(follower);
        api.cache = *cache;
        let service = router(api, &HttpSettings::default(), &LimitSettings::default()).unwrap();
        Self {
            runtime,
            archive,
            service,
        }
    }

    fn answer(&self, request: Request) -> Response {
        let answer = self.archive.answer(request, &Caller::Public);
        let response = self.runtime.block_on(answer).response;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response
    }

    /// The bytes of the answer over HTTP.
    fn send(&self, request: http::Request<Body>) -> axum::body::Bytes {
        self.runtime.block_on(async {
            let response = self.service.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            response.into_body().collect().await.unwrap().to_bytes()
        })
    }

    /// The page of an article in the middle of the archive.
    fn page(&self) -> Question {
        self.pages().swap_remove(0)
    }

    /// The pages of the articles from the middle of the archive on, of one document.
    fn pages(&self) -> Vec<Question> {
        let (_, after) = self.middle();
        let (slugs, _) = self.slugs(BEFORE + TIMES, json!(after));
        let page = Question::new(PAGE, Value::Null);
        let of = |slug| page.with(json!({ "slug": slug }));
        slugs.into_iter().map(of).collect()
    }

    /// The slug of the article in the middle of the archive, and the cursor after it.
    fn middle(&self) -> (String, String) {
        let (mut slugs, cursor) = self.slugs(MIDDLE, Value::Null);
        (slugs.swap_remove(MIDDLE - 1), cursor)
    }

    /// The slugs of so many articles after a cursor, and the cursor after them.
    fn slugs(&self, many: usize, mut after: Value) -> (Vec<String>, String) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut slugs = Vec::new();
        while slugs.len() < many {
            let step = 50.min(many - slugs.len());
            let question = Question::new(LATEST, json!({ "first": step, "after": after }));
            let body = response_body(&self.answer(question.request())).unwrap();
            let answer: Value = serde_json::from_slice(&body).unwrap();
            let latest = &answer["data"]["latest"];
            let nodes = latest["nodes"].as_array().unwrap();
            slugs.extend(nodes.iter().map(|node| text(&node["slug"])));
            after = latest["pageInfo"]["endCursor"].clone();
        }
        (slugs, text(&after))
    }
}

struct AskedByThePublic(Archive);

impl GraphqlExecutor for AskedByThePublic {
    fn execute(&self, request: Request) -> BoxFuture<'_, Answer> {
        async move { self.0.answer(request, &Caller::Public).await }.boxed()
    }

    fn subscribe(
        &self,
        request: SubscriptionRequest,
    ) -> BoxFuture<'_, Result<EventStream, Response>> {
        self.0.subscribe(request)
    }
}

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
