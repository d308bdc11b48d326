//! A cache that keeps every answer for ever and purges what the tags of each change name is never old: an answer that
//! a mutation or the clock makes another bore at least one of the tags.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Request, StatusCode};
use masthead_domain::viewer::Caller;
use proptest::{
    prelude::{any, prop},
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{Answered, Node, ROOMY, headers::form, question};
use crate::{
    harness::{Store, on_both_databases},
    newsroom::{Magazine, mirror::act},
};

on_both_databases!(what_tags_do_not_purge_is_what_would_be_answered_now);

/// How many answers the cache holds: each is compared after each step.
const ROOM: usize = 24;

/// A cache between server and client.
#[derive(Default)]
struct Cache {
    answers: BTreeMap<String, (Vec<u8>, BTreeSet<String>)>,
    /// How far it has followed the changes.
    after: Value,
}

impl Cache {
    /// Purges what changed since it did so last.
    async fn purge(&mut self, magazine: &Magazine) -> usize {
        let held = self.answers.len();
        loop {
            let answer = magazine
                .raw(
                    &Caller::Public,
                    "query($after: String) { changes(after: $after, first: 100) {
                       pageInfo { hasNextPage endCursor } nodes { cacheTags } } }",
                    json!({ "after": self.after }),
                )
                .await;
            if let Some(error) = answer["errors"].get(0) {
                assert_eq!(error["extensions"]["code"], "START_AGAIN", "{answer}");
                self.after = Value::Null;
                self.answers.clear();
                continue;
            }
            let page = &answer["data"]["changes"];
            for change in page["nodes"].as_array().unwrap() {
                let tags = change["cacheTags"].as_array().unwrap();
                assert!(!tags.contains(&json!("everything")), "{change}");
                self.answers.retain(|_, (_, borne)| {
                    !tags.iter().any(|tag| borne.contains(tag.as_str().unwrap()))
                });
            }
            self.after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return held - self.answers.len();
            }
        }
    }

    /// Compares what is left with what would be answered now.
    async fn compare(&self, node: &Node) -> usize {
        for (url, (kept, borne)) in &self.answers {
            let now = get(node, url).await;
            assert_eq!(
                String::from_utf8_lossy(kept),
                String::from_utf8_lossy(&now.body),
                "{url} bore {borne:?}"
            );
        }
        self.answers.len()
    }

    async fn keep(&mut self, node: &Node, url: String) {
        let answered = get(node, &url).await;
        assert_eq!(answered.status, StatusCode::OK, "{url}");
        let header = |name: &str| {
            let value = answered.headers.get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        if !header("cache-control").starts_with("public") {
            return;
        }
        let tags = header("surrogate-key");
        assert!(
            !tags.is_empty() && tags.len() <= 4_000,
            "{url} bore {tags:?}"
        );
        let tags: BTreeSet<String> = tags.split(' ').map(str::to_owned).collect();
        assert!(tags.contains("everything"), "{url} bore {tags:?}");
        if self.answers.len() >= ROOM {
            self.answers.pop_first();
        }
        self.answers.insert(url, (answered.body, tags));
    }
}

async fn get(node: &Node, url: &str) -> Answered {
    node.send(Request::get(url).body(Body::empty()).unwrap())
        .await
}

/// The address that asks a question by GET.
fn url(question: &Value) -> String {
    let parameters = question.as_object().unwrap().iter().map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", form(&text))
    });
    format!("/graphql?{}", parameters.collect::<Vec<_>>().join("&"))
}

fn what_tags_do_not_purge_is_what_would_be_answered_now(store: &Store) {
    let cases = if store.product() == "SQLite" { 24 } else { 6 };
    let steps = prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 30..90);
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (purged, held) = (
        std::sync::atomic::AtomicUsize::new(0),
        std::sync::atomic::AtomicUsize::new(0),
    );
    runner
        .run(&steps, |steps| {
            let store = store.another();
            runtime.block_on(async {
                let magazine = Magazine::open(&store).await;
                let node = Node::new(&magazine.database, &magazine.clock, ROOMY);
                let (mut articles, mut cache) = (Vec::new(), Cache::default());
                for (place, step) in steps.iter().enumerate() {
                    let mut step = *step;
                    if step.0 % 20 == 10 {
                        // Pruning is no change, so it purges nothing: a CDN keeps a page of the log for a second.
                        step.0 += 1;
                    }
                    act(&magazine, &mut articles, step).await;
                    let gone = cache.purge(&magazine).await;
                    let left = cache.compare(&node).await;
                    purged.fetch_add(gone, std::sync::atomic::Ordering::Relaxed);
                    held.fetch_add(left, std::sync::atomic::Ordering::Relaxed);
                    for asked in 0..6 {
                        let (_, which, how) = steps[(place * 3 + asked) % steps.len()];
                        let question = question(which % 16 + how % 2, how % 32, &articles);
                        cache.keep(&node, url(&question)).await;
                    }
                }
                magazine.database.clone().close().await.unwrap();
            });
            Ok(())
        })
        .unwrap();
    let (purged, held) = (purged.into_inner(), held.into_inner());
    assert!(
        purged > 100 && held > 100,
        "{purged} were purged, {held} held"
    );
    eprintln!(
        "{}: {purged} answers were purged, {held} held",
        store.product()
    );
}
