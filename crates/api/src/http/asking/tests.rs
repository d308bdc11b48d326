#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
//! A surface over a real archive: two documents made into a text.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use async_graphql::Request as GraphqlRequest;
use axum::{Router, extract::Request, routing::get};
use chrono::DateTime;
use futures_util::{FutureExt as _, future::BoxFuture};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use masthead_domain::{
    clock::Clock,
    viewer::{Role, Viewer},
};
use masthead_persistence::{Database, DatabaseSettings};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::{
    cache::{CacheSettings, Follower},
    graphql::{Answer, Archive, EventStream, SubscriptionRequest, sdl},
    http::{
        Api, Authenticator, GraphqlExecutor, HttpService, HttpSettings, NotReady, Readiness,
        Telemetry, router::router_with,
    },
    limits::LimitSettings,
};

/// "editor" is an editor, "nobody" nobody.
struct ByName;

impl Authenticator for ByName {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Caller, Problem>> {
        let caller = match headers
            .get(header::AUTHORIZATION)
            .map(HeaderValue::as_bytes)
        {
            Some(b"editor") => Ok(caller(Role::Editor)),
            Some(_) => Err(Problem::new(ErrorCode::Unauthenticated, "No such token.")),
            None => Ok(Caller::Public),
        };
        std::future::ready(caller).boxed()
    }
}

impl Readiness for ByName {
    fn check(&self) -> BoxFuture<'_, Result<(), NotReady>> {
        std::future::ready(Ok(())).boxed()
    }
}

fn caller(role: Role) -> Caller {
    Caller::Viewer(Viewer::new("someone", role))
}

struct Asked(Archive);

impl GraphqlExecutor for Asked {
    fn execute(&self, request: GraphqlRequest) -> BoxFuture<'_, Answer> {
        let caller = request
            .data
            .get(&std::any::TypeId::of::<Caller>())
            .and_then(|caller| caller.downcast_ref::<Caller>())
            .cloned()
            .unwrap();
        async move { self.0.answer(request, &caller).await }.boxed()
    }

    fn subscribe(
        &self,
        request: SubscriptionRequest,
    ) -> BoxFuture<'_, Result<EventStream, async_graphql::Response>> {
        self.0.subscribe(request)
    }
}

struct Magazine {
    archive: Archive,
    service: HttpService,
    /// How often the surface's bytes were made.
    made: Arc<AtomicUsize>,
    now: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

#[derive(Deserialize)]
struct Sections {
    sections: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Publication {
    publication: Titled,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

async fn write(archive: &Archive, mutation: &str, input: Value) {
    let mut type_name = mutation.to_owned();
    type_name.replace_range(..1, "S");
    let text = format!(
        "mutation($input: {type_name}Input!) {{ {mutation}(input: $input) {{ errors {{ message }} }} }}"
    );
    let request =
        GraphqlRequest::new(text).variables(Variables::from_json(json!({ "input": input })));
    let answer = archive.answer(request, &caller(Role::Admin)).await;
    let errors = answer.response.errors;
    assert!(errors.is_empty(), "{errors:?}");
}

async fn show(
    archive: Archive,
    asking: Asking,
    documents: [OwnDocument; 2],
    made: Arc<AtomicUsize>,
    request: Request,
) -> Response {
    let inquiry = match asking.inquire(request).await {
        Ok(inquiry) => inquiry,
        Err(problem) => return problem.into_response(),
    };
    let parameters = inquiry.parts().uri.query().unwrap_or_default().to_owned();
    inquiry
        .represent("/names", &parameters, |answers| {
            let (documents, archive, parameters) =
                (documents.clone(), archive.clone(), parameters.clone());
            let is_first = made.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                let [sections, publication] = &documents;
                let Sections { sections } = answers.ask(sections, Variables::default()).await?;
                if parameters == "between" && is_first {
                    let art = json!({ "slug": "art", "name": "Art" });
                    write(&archive, "saveSection", art).await;
                    let title = json!({ "title": "The Ridge" });
                    write(&archive, "savePublication", title).await;
                }
                let reply = answers.reply(publication, Variables::default()).await?;
                assert!(reply.json()?.starts_with("{\"publication\":{\"title\":"));
                let title = reply.data::<Publication>()?.publication.title;
                if parameters == "none" {
                    return Err(Problem::new(
                        ErrorCode::NotFound,
                        "There are no such names.",
                    ));
                }
                let names: Vec<_> = sections.into_iter().map(|section| section.name).collect();
                let text = format!("{title}: {}. {}", names.join(", "), "x".repeat(2_000));
                Ok(Representation::new("text/plain; charset=utf-8", text)
                    .with_header(header::LINK, HeaderValue::from_static("</>; rel=\"self\"")))
            }
        })
        .await
}

impl Magazine {
    async fn open(cache: CacheSettings, settings: HttpSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("magazine.db");
        let database = Database::open(&DatabaseSettings {
            url: format!("sqlite://{}", file.display()),
            ..DatabaseSettings::default()
        })
        .await
        .unwrap();
        database.migrate().await.unwrap();
        let now = Arc::new(AtomicI64::new(1_800_000_000_500));
        let clock = Clock::told_by({
            let now = now.clone();
            move || DateTime::from_timestamp_millis(now.load(Ordering::Relaxed)).unwrap()
        });
        let follower = Arc::new(Follower::new(database.clone(), clock.clone()));
        let archive = Archive::new(database, clock);
        let archive = if cache == CacheSettings::NOTHING {
            archive
        } else {
            archive.keeping(follower.clone(), &cache)
        };
        let telemetry = Telemetry::install().unwrap();
        let mut api = Api::new(Asked(archive.clone()), ByName, sdl(), ByName, telemetry);
        api.follower = Some(follower);
        api.cache = cache;
        let made = Arc::new(AtomicUsize::new(0));
        let documents = [
            OwnDocument::new("{ sections { name } }").unwrap(),
            OwnDocument::new("{ publication { title } }").unwrap(),
        ];
        let (count, written) = (made.clone(), archive.clone());
        let service = router_with(api, &settings, &LimitSettings::default(), move |asking| {
            let asking = asking.clone();
            let handle = move |request: Request| {
                show(
                    written.clone(),
                    asking.clone(),
                    documents.clone(),
                    count.clone(),
                    request,
                )
            };
            Ok(Router::new().route("/names", get(handle)))
        })
        .unwrap();
        let magazine = Self {
            archive,
            service,
            made,
            now,
            _folder: folder,
        };
        magazine
            .write("savePublication", json!({ "title": "The Ridge" }))
            .await;
        magazine.save_section("culture", "Culture").await;
        magazine
    }

    async fn write(&self, mutation: &str, input: Value) {
        write(&self.archive, mutation, input).await;
    }

    async fn save_section(&self, slug: &str, name: &str) {
        self.write("saveSection", json!({ "slug": slug, "name": name }))
            .await;
    }

    async fn send(&self, method: &str, uri: &str, fields: &[(&str, &str)]) -> Got {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Got {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    async fn get(&self, fields: &[(&str, &str)]) -> Got {
        self.send("GET", "/names", fields).await
    }

    fn times_made(&self) -> usize {
        self.made.swap(0, Ordering::Relaxed)
    }

    fn wait(&self, milliseconds: i64) {
        self.now.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    fn begins_with(&self, text: &str) -> bool {
        self.body.starts_with(text.as_bytes())
    }
}

const ROOMY: CacheSettings = CacheSettings::of(32 << 20);

#[tokio::test]
async fn what_is_made_is_kept_until_something_changes_that_it_was_made_of() {
    let magazine = Magazine::open(ROOMY, HttpSettings::default()).await;
    let first = magazine.get(&[]).await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(first.begins_with("The Ridge: Culture."), "{first:?}");
    assert_eq!(first.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(first.header("link"), "</>; rel=\"self\"");
    assert_eq!(first.header("vary"), "accept-encoding, authorization");
    assert!(
        first
            .header("cache-control")
            .starts_with("public, max-age=0, s-maxage=")
    );
    let tags: Vec<&str> = first.header("surrogate-key").split(' ').collect();
    for tag in ["everything", "kind-section"] {
        assert!(tags.contains(&tag), "{tags:?}");
    }
    assert!(tags.iter().any(|tag| tag.starts_with("row-")), "{tags:?}");
    assert_eq!(magazine.times_made(), 1);

    magazine
        .write("saveTopic", json!({ "slug": "tea", "name": "Tea" }))
        .await;
    assert_eq!(magazine.get(&[]).await.body, first.body);
    assert_eq!(magazine.times_made(), 0, "a topic is none of its matters");
    magazine.save_section("art", "Art").await;
    let second = magazine.get(&[]).await;
    assert!(second.begins_with("The Ridge: Art, Culture."), "{second:?}");
    magazine
        .write("savePublication", json!({ "title": "The Lake" }))
        .await;
    assert!(
        magazine
            .get(&[])
            .await
            .begins_with("The Lake: Art, Culture.")
    );
    assert_eq!(magazine.times_made(), 2);
    // What is named otherwise is another thing.
    magazine.send("GET", "/names?other", &[]).await;
    assert_eq!(magazine.times_made(), 1);
}

#[tokio::test]
async fn what_a_client_has_already_is_not_sent_again() {
    let magazine = Magazine::open(ROOMY, HttpSettings::default()).await;
    let coded = ("accept-encoding", "gzip");
    let first = magazine.get(&[coded]).await;
    assert_eq!(first.header("content-encoding"), "gzip");
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with("gzip\""), "{tag}");
    for (fields, status) in [
        (
            vec![coded, ("if-none-match", &*tag)],
            StatusCode::NOT_MODIFIED,
        ),
        (vec![("if-none-match", &*tag)], StatusCode::OK),
        (vec![coded, ("if-none-match", "\"other\"")], StatusCode::OK),
    ] {
        let got = magazine.get(&fields).await;
        assert_eq!(got.status, status, "{fields:?}");
        assert_eq!(got.body.is_empty(), status == StatusCode::NOT_MODIFIED);
        assert_eq!(got.header("link"), "</>; rel=\"self\"");
        assert_eq!(got.header("cache-control"), first.header("cache-control"));
    }
    let head = magazine.send("HEAD", "/names", &[]).await;
    let plain = magazine.get(&[]).await;
    assert!(head.body.is_empty());
    assert_eq!(head.header("etag"), plain.header("etag"));
    assert_eq!(head.header("content-length"), plain.body.len().to_string());
    let wrong = magazine.send("POST", "/names", &[]).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// The time of a change is told only once no other change can have the same second.
#[tokio::test]
async fn a_time_tells_one_state_from_the_next() {
    let magazine = Magazine::open(ROOMY, HttpSettings::default()).await;
    assert_eq!(magazine.get(&[]).await.header("last-modified"), "");
    magazine.wait(2_000);
    let first = magazine.get(&[]).await.header("last-modified").to_owned();
    assert_eq!(first, "Fri, 15 Jan 2027 08:00:00 GMT");
    let since = [("if-modified-since", &*first)];
    assert_eq!(magazine.get(&since).await.status, StatusCode::NOT_MODIFIED);
    magazine.wait(100);
    magazine.save_section("art", "Art").await;
    assert_eq!(magazine.get(&since).await.status, StatusCode::OK);
    magazine.wait(5_000);
    let second = magazine.get(&since).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(
        second.header("last-modified"),
        "Fri, 15 Jan 2027 08:00:02 GMT"
    );
    // Made anew without a difference, it has not been modified.
    magazine.save_section("art", "Art").await;
    magazine.save_section("art", "Arts").await;
    magazine.save_section("art", "Art").await;
    magazine.wait(5_000);
    let third = magazine.get(&[]).await;
    assert_eq!(
        third.header("last-modified"),
        second.header("last-modified")
    );
    assert_eq!(magazine.times_made(), 3);
}

#[tokio::test]
async fn who_sees_more_than_everyone_is_answered_alone() {
    let magazine = Magazine::open(ROOMY, HttpSettings::default()).await;
    let token = ("authorization", "editor");
    for _ in 0..2 {
        let got = magazine.get(&[token]).await;
        assert_eq!(got.header("cache-control"), "private, no-cache");
        assert_eq!(got.header("surrogate-key"), "");
        assert!(got.begins_with("The Ridge: Culture."));
        let tag = got.header("etag").to_owned();
        let again = magazine.get(&[token, ("if-none-match", &*tag)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }
    assert_eq!(magazine.times_made(), 4, "nothing of it is kept");
    let refused = magazine.get(&[("authorization", "nobody")]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_and_not_kept() {
    let magazine = Magazine::open(ROOMY, HttpSettings::default()).await;
    for _ in 0..2 {
        let got = magazine.send("GET", "/names?none", &[]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        let problem: Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!(problem["detail"], "There are no such names.");
        assert_eq!(got.header("cache-control"), "no-store");
    }
    assert_eq!(magazine.times_made(), 2);
}

#[tokio::test]
async fn limits_on_clients_and_a_cache_that_is_off_change_nothing_of_it() {
    let settings = HttpSettings {
        trusted_documents_only: true,
        document_cache_bytes: 0,
        ..HttpSettings::default()
    };
    let magazine = Magazine::open(CacheSettings::NOTHING, settings).await;
    for times in 1..=2 {
        let got = magazine.get(&[("accept-encoding", "br")]).await;
        assert_eq!(got.header("content-encoding"), "br");
        assert_eq!(got.header("cache-control"), "no-cache");
        let tag = got.header("etag").to_owned();
        let fields = [("accept-encoding", "br"), ("if-none-match", &*tag)];
        assert_eq!(magazine.get(&fields).await.status, StatusCode::NOT_MODIFIED);
        assert_eq!(magazine.made.load(Ordering::Relaxed), 2 * times);
    }
}

/// Two answers of two editions are not made into one thing.
#[tokio::test]
async fn what_is_made_is_of_one_edition() {
    let magazine = Magazine::open(ROOMY, HttpSettings::default()).await;
    let got = magazine.send("GET", "/names?between", &[]).await;
    assert!(got.begins_with("The Ridge: Art, Culture."), "{got:?}");
    assert_eq!(magazine.times_made(), 2);
    magazine.send("GET", "/names?between", &[]).await;
    assert_eq!(magazine.times_made(), 0);
}
