//! A client that starts empty and follows `changes` has, at every point, exactly what the API would have shown it
//! at that point: tried with random sequences of every mutation, for everyone who can follow.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use masthead_domain::viewer::Caller;
use masthead_newsroom::upkeep::prune_change_log;
use masthead_persistence::check;
use proptest::{
    prelude::{any, prop},
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{Magazine, admin, editor, embargo_partner, instant, of, publisher};
use crate::harness::{Store, on_both_databases};

on_both_databases!(a_mirror_is_what_it_mirrors);

const FIELDS: &str = "__typename id
  ... on Article { slug url headline kicker standfirst body { text } bylines { id } section { id } topics { id } language leadImage { url }
    publishedAt publishedAtPrecision modifiedAt status revision magazineIssue { id } corrections { at text } withdrawalReason }
  ... on Section { slug name parent { id } }
  ... on Contributor { slug name kind biography }
  ... on Topic { slug name }
  ... on MagazineVolume { series number firstCoverDate lastCoverDate }
  ... on MagazineIssue { series volumeNumber number lastNumber coverDate citation publisher editor }
  ... on Publication { title url publisher }";

/// Whoever follows, and what they hold.
struct Mirror {
    caller: Caller,
    after: Value,
    held: BTreeMap<String, Value>,
}

impl Mirror {
    fn new(caller: Caller) -> Self {
        Self {
            caller,
            after: Value::Null,
            held: BTreeMap::new(),
        }
    }

    /// Follows to the log's end in pages of this size.
    async fn follow(&mut self, magazine: &Magazine, size: i32, known: &mut BTreeSet<String>) {
        let document = format!(
            "query($after: String, $first: Int) {{ changes(after: $after, first: $first) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ kind nodeId node {{ {FIELDS} }} }} }} }}"
        );
        loop {
            let variables = json!({ "after": self.after, "first": size });
            let answer = magazine.raw(&self.caller, &document, variables).await;
            if let Some(error) = answer["errors"].get(0) {
                assert_eq!(error["extensions"]["code"], "START_AGAIN", "{answer}");
                assert!(!self.after.is_null(), "the start says to start again");
                (self.after, self.held) = (Value::Null, BTreeMap::new());
                continue;
            }
            let page = &answer["data"]["changes"];
            for change in page["nodes"].as_array().unwrap() {
                let id = change["nodeId"].as_str().unwrap().to_owned();
                known.insert(id.clone());
                if change["kind"] == "UPSERTED" && change["node"].is_object() {
                    self.held.insert(id, change["node"].clone());
                } else {
                    self.held.remove(&id);
                }
            }
            self.after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return;
            }
        }
    }

    /// Compares with what the API shows of everything that anyone has heard of.
    async fn compare(&self, magazine: &Magazine, known: &BTreeSet<String>) {
        let document = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {FIELDS} }} }}");
        let ids: Vec<&String> = known.iter().collect();
        let mut shown = BTreeMap::new();
        for some in ids.chunks(100) {
            let answer = magazine
                .ask(&self.caller, &document, json!({ "ids": some }))
                .await;
            for (id, node) in some.iter().zip(answer["nodes"].as_array().unwrap()) {
                if !node.is_null() {
                    shown.insert((*id).clone(), node.clone());
                }
            }
        }
        assert_eq!(self.held, shown, "held, and shown, by {:?}", self.caller);
    }
}

/// Does one of everything that can be done, picked by three numbers.
#[expect(clippy::too_many_lines, reason = "a mutation after the other")]
pub(crate) async fn act(
    magazine: &Magazine,
    articles: &mut Vec<String>,
    (act, which, how): (u8, u8, u8),
) {
    let (which, how) = (usize::from(which), i64::from(how));
    let name = ["one", "two", "three"][which % 3];
    let id = articles.get(which % articles.len().max(1)).cloned();
    let present = match &id {
        Some(id) => {
            let answer = magazine
                .ask(
                    &editor(),
                    "query($id: ID!) { node(id: $id) { ... on Article { id revision } } }",
                    json!({ "id": id }),
                )
                .await;
            answer["node"].clone()
        }
        None => Value::Null,
    };
    let (mutation, input) = match act % 20 {
        0..=2 => (
            "createArticle",
            json!({ "headline": format!("River {how}"), "body": { "text": "It rained." } }),
        ),
        3 => (
            "saveSection",
            json!({ "slug": name, "name": format!("Section {}", how % 3), "parent": if which % 2 == 0 { json!(null) } else { json!("one") } }),
        ),
        4 => (
            "saveContributor",
            json!({ "slug": name, "name": format!("Someone {}", how % 3), "kind": "PERSON" }),
        ),
        5 => (
            "saveTopic",
            json!({ "slug": name, "name": format!("Topic {}", how % 3) }),
        ),
        6 => (
            "saveMagazineIssue",
            json!({ "volume": 1 + which % 2, "number": 1 + how % 3, "coverDate": format!("2024-06-{:02}", 1 + how % 28) }),
        ),
        7 if how % 4 == 0 => (
            "savePublication",
            json!({ "title": format!("Magazine {}", how % 3), "url": format!("https://{name}.example/") }),
        ),
        7 => ("savePublication", json!({ "publisher": name })),
        8 | 9 => {
            magazine.pass(how * 20);
            return;
        }
        10 if how % 8 == 0 => {
            prune_change_log(
                &magazine.database,
                &magazine.clock,
                TimeDelta::milliseconds(how * 40),
            )
            .await
            .unwrap();
            return;
        }
        _ if present.is_null() => return,
        10 | 11 => (
            "updateArticle",
            of(
                &present,
                match how % 5 {
                    0 => json!({ "headline": format!("Lake {how}") }),
                    1 => json!({ "slug": format!("lake-{how}") }),
                    2 => json!({ "section": name }),
                    3 => json!({ "bylines": [name], "topics": [name] }),
                    _ => json!({ "kicker": format!("{how}"), "standfirst": null }),
                },
            ),
        ),
        12 => (
            "scheduleArticle",
            of(
                &present,
                json!({ "publishAt": instant(magazine.now().timestamp_millis() + 1 + how * 10) }),
            ),
        ),
        13 => ("unscheduleArticle", of(&present, json!({}))),
        14 => ("publishArticle", of(&present, json!({}))),
        15 => (
            "publishArticle",
            of(
                &present,
                json!({ "publishedAt": instant(1_600_000_000_000 + how) }),
            ),
        ),
        16 => (
            "withdrawArticle",
            of(&present, json!({ "reason": "A mistake." })),
        ),
        17 => (
            "correctArticle",
            of(&present, json!({ "text": format!("It was {how}.") })),
        ),
        18 => ("deleteDraft", of(&present, json!({}))),
        _ if how % 2 == 0 => (
            "restoreRevision",
            of(&present, json!({ "restore": 1 + how % 3 })),
        ),
        _ => {
            let other = articles[(which + 1) % articles.len()].clone();
            (
                "setRelatedArticles",
                of(&present, json!({ "articles": [other] })),
            )
        }
    };
    // What is refused changes nothing, which is as good a step as any.
    if let Ok(saved) = magazine
        .write(
            &if mutation == "savePublication" {
                admin()
            } else {
                publisher()
            },
            mutation,
            input,
        )
        .await
        && mutation == "createArticle"
    {
        articles.push(saved["id"].as_str().unwrap().to_owned());
    }
}

fn a_mirror_is_what_it_mirrors(store: &Store) {
    let cases = if store.product() == "SQLite" { 24 } else { 8 };
    let steps = prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 20..70);
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
    runner
        .run(&steps, |steps| {
            let store = store.another();
            runtime.block_on(async {
                let magazine = Magazine::open(&store).await;
                let (mut articles, mut known) = (Vec::new(), BTreeSet::new());
                let mut mirrors = [Caller::Public, embargo_partner(), editor()].map(Mirror::new);
                for step in steps {
                    act(&magazine, &mut articles, step).await;
                    // The newsroom hears of everything, so that nothing is left out of the comparison.
                    for (place, mirror) in mirrors.iter_mut().enumerate().rev() {
                        if place == 2 || (usize::from(step.2) >> place) % 2 == 0 {
                            mirror
                                .follow(&magazine, 1 + i32::from(step.1 % 5), &mut known)
                                .await;
                            mirror.compare(&magazine, &known).await;
                        }
                    }
                }
                for mirror in &mut mirrors {
                    mirror.follow(&magazine, 3, &mut known).await;
                    mirror.compare(&magazine, &known).await;
                }
                magazine.database.clone().close().await.unwrap();
                let checked = check(&store.address(), &magazine.clock).await.unwrap();
                assert_eq!(checked.findings, [], "{}", store.address());
            });
            Ok(())
        })
        .unwrap();
}
