//! The newsroom, with its clock held: in this process, through the same schema, use cases and persistence that the
//! binary serves. Only so can a test stand one millisecond before an instant.

mod change_log;
mod clock;
mod idempotency;
mod inputs;
pub(crate) mod mirror;
mod revisions;
mod rules;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_graphql::{Request, Variables};
use chrono::{DateTime, Utc};
use masthead_api::graphql::{Archive, IdempotencyKey};
use masthead_domain::{
    clock::Clock,
    viewer::{Caller, Role, Scope, Viewer},
};
use masthead_persistence::{Database, DatabaseSettings};
use serde_json::{Value, json};

use crate::harness::Store;

/// 24 November 2026, 12:00 in UTC.
pub(crate) const NOON: i64 = 1_795_521_600_000;

/// A magazine with an empty database and a clock that stands until it is moved.
#[derive(Clone)]
pub(crate) struct Magazine {
    pub(crate) archive: Archive,
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) millisecond: Arc<AtomicI64>,
}

impl Magazine {
    /// On a database, at noon.
    pub(crate) async fn open(store: &Store) -> Self {
        let magazine = Self::node(store, &Arc::new(AtomicI64::new(NOON))).await;
        magazine.database.migrate().await.unwrap();
        magazine
    }

    /// Another node on the same database, with the same clock.
    pub(crate) async fn another_node(&self, store: &Store) -> Self {
        Self::node(store, &self.millisecond).await
    }

    /// Another node whose clock is ahead of this one's by so many milliseconds.
    pub(crate) async fn node_ahead(&self, store: &Store, by: i64) -> Self {
        let here = self.millisecond.clone();
        let clock = Clock::told_by(move || instant(here.load(Ordering::SeqCst) + by));
        let mut node = Self::node(store, &self.millisecond).await;
        node.archive = Archive::new(node.database.clone(), clock.clone());
        node.clock = clock;
        node
    }

    async fn node(store: &Store, millisecond: &Arc<AtomicI64>) -> Self {
        let told = millisecond.clone();
        let clock = Clock::told_by(move || instant(told.load(Ordering::SeqCst)));
        let settings = DatabaseSettings {
            url: store.address(),
            ..DatabaseSettings::default()
        };
        let database = Database::open(&settings).await.unwrap();
        Self {
            archive: Archive::new(database.clone(), clock.clone()),
            database,
            clock,
            millisecond: millisecond.clone(),
        }
    }

    /// Moves the clock.
    pub(crate) fn set(&self, millisecond: i64) {
        self.millisecond.store(millisecond, Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, milliseconds: i64) {
        self.millisecond.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The whole answer to a request.
    pub(crate) async fn raw(&self, caller: &Caller, document: &str, variables: Value) -> Value {
        self.keyed(caller, document, variables, None).await
    }

    /// The whole answer to a request that its client has named.
    pub(crate) async fn keyed(
        &self,
        caller: &Caller,
        document: &str,
        variables: Value,
        key: Option<&str>,
    ) -> Value {
        let mut request = Request::new(document).variables(Variables::from_json(variables));
        if let Some(key) = key {
            request = request.data(IdempotencyKey {
                key: key.to_owned(),
                place: 0,
            });
        }
        serde_json::to_value(self.archive.answer(request, caller).await.response).unwrap()
    }

    /// The data of an answer without errors.
    pub(crate) async fn ask(&self, caller: &Caller, document: &str, variables: Value) -> Value {
        let mut answer = self.raw(caller, document, variables).await;
        assert!(
            answer.get("errors").is_none(),
            "{document}\nanswered {:#}",
            answer["errors"]
        );
        answer["data"].take()
    }

    /// What a mutation of an article answers: the article, or the code of the first thing that went wrong.
    pub(crate) async fn write(
        &self,
        caller: &Caller,
        mutation: &str,
        input: Value,
    ) -> Result<Value, String> {
        let type_name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let selected = match mutation {
            "deleteDraft" => "deletedId",
            "saveSection" => "section { id slug name parent { slug } }",
            "saveContributor" => "contributor { id slug name kind biography }",
            "saveTopic" => "topic { id slug name }",
            "saveMagazineIssue" => "magazineIssue { id citation series publisher }",
            "savePublication" => "publication { id title url }",
            _ => {
                "article { id revision status slug headline publishedAt withdrawalReason modifiedAt corrections { at text } body { text } }"
            }
        };
        let document = format!(
            "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {selected} errors {{ code message path }} }} }}"
        );
        let answer = self.raw(caller, &document, json!({ "input": input })).await;
        if let Some(error) = answer["errors"].get(0) {
            return Err(error["extensions"]["code"]
                .as_str()
                .unwrap_or_else(|| panic!("no code in {error}"))
                .to_owned());
        }
        let payload = &answer["data"][mutation];
        if let Some(error) = payload["errors"].get(0) {
            assert!(error["message"].as_str().unwrap().len() > 10, "{error}");
            assert_eq!(error["path"][0], "input", "{error}");
            return Err(error["code"].as_str().unwrap().to_owned());
        }
        let mut fields = payload.as_object().unwrap().clone();
        fields.remove("errors");
        let (_, saved) = fields.into_iter().next().unwrap();
        assert!(!saved.is_null(), "{mutation} answered nothing: {answer}");
        Ok(saved)
    }

    /// A new draft.
    pub(crate) async fn draft(&self, headline: &str) -> Value {
        let input =
            json!({ "headline": headline, "body": { "text": "It rained for three days." } });
        self.write(&editor(), "createArticle", input).await.unwrap()
    }
}

pub(crate) fn instant(millisecond: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millisecond).unwrap()
}

pub(crate) fn bearer(role: Role, scopes: &[Scope]) -> Caller {
    let viewer = Viewer::new(format!("{}@magazine.example", role.name()), role);
    Caller::Viewer(viewer.with_scopes(scopes.iter().map(|scope| scope.name())))
}

pub(crate) fn editor() -> Caller {
    bearer(Role::Editor, &[])
}

pub(crate) fn publisher() -> Caller {
    bearer(Role::Publisher, &[])
}

pub(crate) fn admin() -> Caller {
    bearer(Role::Admin, &[])
}

pub(crate) fn partner() -> Caller {
    bearer(Role::Partner, &[Scope::ArticlesBody])
}

pub(crate) fn embargo_partner() -> Caller {
    bearer(Role::Partner, &[Scope::EmbargoRead])
}

/// The identity and the revision of an article, as inputs want them, with more fields.
pub(crate) fn of(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    let fields = input.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    input
}

/// Executes statements behind the product's back, from within a test that runs.
pub(crate) fn execute(store: &Store, statements: &str) {
    std::thread::scope(|scope| scope.spawn(|| store.execute(statements)).join().unwrap());
}

pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}
