#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(
    clippy::unused_async,
    clippy::disallowed_methods,
    clippy::diverging_sub_expression,
    unreachable_code,
    reason = "resolvers are async, fail in any way, and one of them panics"
)]

mod bodies;
mod graphql_over_http;
mod hostile;
mod parameters;
mod routes;
mod serving;

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Context, EmptySubscription, Error, ErrorExtensions, InputObject, Object, Schema, SimpleObject,
};
use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use masthead_domain::viewer::{Caller, Role, Viewer};

use super::{
    Api, Authenticator, HttpService, HttpSettings, NotReady, Problem, Readiness, Telemetry, router,
};
use crate::{error_code::ErrorCode, limits::LimitSettings};

pub(super) const GRAPHQL_RESPONSE: &str = "application/graphql-response+json; charset=utf-8";
pub(super) const JSON: &str = "application/json; charset=utf-8";

struct Query;

#[derive(SimpleObject)]
#[graphql(complex)]
struct Article {
    headline: String,
}

#[async_graphql::ComplexObject]
impl Article {
    async fn section(&self) -> Section {
        Section {
            name: "Culture".to_owned(),
        }
    }
}

#[derive(SimpleObject)]
#[graphql(complex)]
struct Section {
    name: String,
}

#[async_graphql::ComplexObject]
impl Section {
    async fn parent(&self) -> Option<Section> {
        None
    }
}

#[derive(SimpleObject)]
struct ArticleConnection {
    nodes: Vec<Article>,
}

#[derive(InputObject)]
struct RangeInput {
    from: i32,
    until: Option<i32>,
}

#[Object]
impl Query {
    async fn greeting(&self, name: Option<String>) -> String {
        format!("Hello {}", name.unwrap_or_default())
    }

    async fn double(&self, number: i32) -> i32 {
        number.saturating_mul(2)
    }

    async fn length(&self, range: RangeInput) -> Option<i32> {
        range.until.map(|until| until.saturating_sub(range.from))
    }

    async fn latest(&self, #[graphql(default = 20)] first: i32) -> ArticleConnection {
        let article = |number| Article {
            headline: format!("Article {number}"),
        };
        ArticleConnection {
            nodes: (0..first).map(article).collect(),
        }
    }

    async fn reader(&self, context: &Context<'_>) -> Option<String> {
        let viewer = context.data_opt::<Caller>()?.viewer()?;
        Some(viewer.subject.clone())
    }

    /// Fails as a database would, nullable.
    async fn leaky(&self) -> Option<Result<i32, Error>> {
        Some(Err(std::io::Error::other(
            "SELECT secret FROM drafts at /var/lib/db",
        )
        .into()))
    }

    /// Fails with a message only, not nullable.
    async fn leaky_root(&self) -> Result<i32, Error> {
        Err(Error::new("connection to 10.0.0.7 refused"))
    }

    /// Fails with a code of its own.
    async fn coded(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("The cursor is not one of ours.")
            .extend_with(|_, extensions| {
                extensions.set("code", "INVALID_CURSOR");
            })))
    }

    async fn panics(&self) -> i32 {
        panic!("the secret of the panic")
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        1
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn publish(&self) -> bool {
        true
    }
}

/// Takes the `authorization` header for the reader's name.
struct ByName;

impl Authenticator for ByName {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Caller, Problem>> {
        let name = headers.get(header::AUTHORIZATION);
        let caller = match name.map(|value| value.to_str().unwrap()) {
            None => Ok(Caller::Public),
            Some("wrong") => Err(Problem::new(
                ErrorCode::Unauthenticated,
                "The token is not valid.",
            )),
            Some(name) => Ok(Caller::Viewer(Viewer::new(name, Role::Partner))),
        };
        Box::pin(std::future::ready(caller))
    }
}

/// Ready or not.
struct Fixed(Result<(), NotReady>);

impl Readiness for Fixed {
    fn check(&self) -> BoxFuture<'_, Result<(), NotReady>> {
        Box::pin(async { self.0.clone() })
    }
}

pub(super) fn api() -> Api {
    let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
    let sdl = schema.sdl();
    let telemetry = Telemetry::install().unwrap();
    Api::new(schema, ByName, sdl, Fixed(Ok(())), telemetry)
}

/// A client of a router of its own.
pub(super) struct Client(pub(super) HttpService);

/// A response that has been read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: impl AsRef<str>) -> Option<&str> {
        self.headers
            .get(name.as_ref())
            .map(|value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    /// The code of the first GraphQL error.
    pub(super) fn error_code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Asserts that it is a problem document of this code, and returns its `detail`.
    pub(super) fn problem(&self, code: ErrorCode) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        assert_eq!(self.status, code.status(), "{self:?}");
        let document = self.json();
        assert_eq!(document["code"], code.as_str());
        assert_eq!(document["status"], self.status.as_u16());
        assert_eq!(document["title"], code.title());
        assert_eq!(document["type"], format!("/errors#{}", code.as_str()));
        assert_eq!(document["request_id"].as_str(), self.header("x-request-id"));
        document["detail"].as_str().unwrap().to_owned()
    }
}

impl Client {
    pub(super) fn new() -> Self {
        Self::with(&HttpSettings::default())
    }

    pub(super) fn with(settings: &HttpSettings) -> Self {
        Self(router(api(), settings, &LimitSettings::default()).unwrap())
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.0.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(super) async fn get(&self, uri: &str) -> Answer {
        self.send(Request::get(uri).body(Body::empty()).unwrap())
            .await
    }

    /// Posts JSON and accepts `application/graphql-response+json`.
    pub(super) async fn post(&self, body: impl Into<Body>) -> Answer {
        self.post_accepting(Some("application/graphql-response+json"), body)
            .await
    }

    pub(super) async fn post_accepting(
        &self,
        accept: Option<&str>,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::post("/graphql").header("content-type", "application/json");
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn query(&self, query: &str) -> Answer {
        self.post(json!({ "query": query }).to_string()).await
    }
}
