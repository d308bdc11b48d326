//! The change log under many writers, pruned, and filled from what was there before it.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use masthead_domain::{clock::Clock, viewer::Caller};
use masthead_newsroom::upkeep::prune_change_log;
use serde_json::{Value, json};

use super::{Magazine, admin, editor, embargo_partner, execute, of, publisher, run};
use crate::harness::{Page, Store, import, on_both_databases};

on_both_databases!(
    a_reader_never_misses_under_many_writers,
    a_removal_comes_also_for_what_was_never_fetched,
    what_has_been_pruned_says_start_again,
    cursors_are_of_their_own_reader,
    imports_and_what_was_there_before_are_in_it,
    a_moved_website_changes_every_article,
);

const CHANGES: &str = "query($after: String, $first: Int) { changes(after: $after, first: $first) {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { cursor nodeId kind at reason node { id } } } } }";

async fn changes(magazine: &Magazine, caller: &Caller, after: &Value, first: i32) -> Value {
    magazine
        .ask(caller, CHANGES, json!({ "after": after, "first": first }))
        .await["changes"]
        .take()
}

/// The number that a cursor of the log holds.
fn number(cursor: &Value) -> i64 {
    let bytes = URL_SAFE_NO_PAD.decode(cursor.as_str().unwrap()).unwrap();
    i64::from_be_bytes(bytes[2..10].try_into().unwrap())
}

async fn publish(magazine: &Magazine, headline: &str) -> Value {
    let draft = magazine.draft(headline).await;
    magazine
        .write(&publisher(), "publishArticle", of(&draft, json!({})))
        .await
        .unwrap()
}

async fn withdraw(magazine: &Magazine, article: &Value) -> Value {
    magazine
        .write(
            &publisher(),
            "withdrawArticle",
            of(article, json!({ "reason": "A mistake." })),
        )
        .await
        .unwrap()
}

fn a_reader_never_misses_under_many_writers(store: &Store) {
    const WRITERS: usize = 6;
    const EACH: usize = 12;
    run(async {
        let magazine = Magazine::open(store).await;
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let node = magazine.another_node(store).await;
            writers.push(tokio::spawn(async move {
                let mut published = BTreeSet::new();
                for number in 0..EACH {
                    let article = publish(&node, &format!("River {writer} {number}")).await;
                    if number % 3 == 0 {
                        withdraw(&node, &article).await;
                    }
                    published.insert(article["id"].as_str().unwrap().to_owned());
                }
                published
            }));
        }
        // Public and newsroom at once, while they write: each number follows the one before.
        let follow = |caller: Caller| {
            let magazine = magazine.clone();
            async move {
                let (mut after, mut last, mut seen, mut idle) =
                    (Value::Null, 0, BTreeSet::new(), 0);
                while idle < 40 {
                    let page = changes(&magazine, &caller, &after, 7).await;
                    let edges = page["edges"].as_array().unwrap();
                    for edge in edges {
                        assert_eq!(
                            number(&edge["cursor"]),
                            last + 1,
                            "a hole, or one that came late"
                        );
                        last += 1;
                        seen.insert(edge["node"]["nodeId"].as_str().unwrap().to_owned());
                    }
                    after = page["pageInfo"]["endCursor"].clone();
                    assert_eq!(number(&after), last);
                    if edges.is_empty() {
                        idle += 1;
                        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
                    } else {
                        idle = 0;
                    }
                }
                (seen, last)
            }
        };
        let (public, newsroom) = tokio::join!(
            tokio::spawn(follow(Caller::Public)),
            tokio::spawn(follow(editor()))
        );
        let mut written = BTreeSet::new();
        for writer in writers {
            written.extend(writer.await.unwrap());
        }
        let removals = WRITERS * EACH.div_ceil(3);
        let (seen, last) = public.unwrap();
        assert_eq!(seen, written);
        assert_eq!(last, i64::try_from(WRITERS * EACH + removals).unwrap());
        let (seen, last) = newsroom.unwrap();
        assert_eq!(seen, written);
        assert_eq!(last, i64::try_from(2 * WRITERS * EACH + removals).unwrap());
    });
}

fn a_removal_comes_also_for_what_was_never_fetched(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let empty = changes(&magazine, &Caller::Public, &Value::Null, 10).await;
        assert_eq!(empty["edges"], json!([]));
        let start = empty["pageInfo"]["endCursor"].clone();
        assert!(
            start.is_string(),
            "a cursor to go on from, though nothing has changed"
        );
        let article = publish(&magazine, "A river").await;
        withdraw(&magazine, &article).await;
        for after in [start, Value::Null] {
            let page = changes(&magazine, &Caller::Public, &after, 10).await;
            let last = page["edges"].as_array().unwrap().last().unwrap()["node"].clone();
            assert_eq!(
                (
                    &last["kind"],
                    &last["nodeId"],
                    &last["reason"],
                    &last["node"]
                ),
                (
                    &json!("REMOVED"),
                    &article["id"],
                    &json!("A mistake."),
                    &json!(null)
                )
            );
        }
        // To the newsroom it is there, withdrawn.
        let page = changes(&magazine, &editor(), &Value::Null, 10).await;
        let last = page["edges"].as_array().unwrap().last().unwrap()["node"].clone();
        assert_eq!(
            (&last["kind"], &last["node"]["id"]),
            (&json!("UPSERTED"), &article["id"])
        );
    });
}

fn what_has_been_pruned_says_start_again(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let code = async |caller: &Caller, after: &Value| {
            let answer = magazine
                .raw(caller, CHANGES, json!({ "after": after, "first": 2 }))
                .await;
            answer["errors"][0]["extensions"]["code"].clone()
        };
        let (kept, gone) = (
            publish(&magazine, "A river").await,
            publish(&magazine, "A lake").await,
        );
        let early =
            changes(&magazine, &Caller::Public, &Value::Null, 1).await["pageInfo"]["endCursor"]
                .take();
        magazine
            .write(
                &publisher(),
                "updateArticle",
                of(&kept, json!({ "kicker": "Water" })),
            )
            .await
            .unwrap();
        withdraw(&magazine, &gone).await;
        for name in ["one", "two", "three"] {
            magazine
                .write(
                    &editor(),
                    "saveTopic",
                    json!({ "slug": name, "name": name }),
                )
                .await
                .unwrap();
        }
        let present =
            changes(&magazine, &Caller::Public, &Value::Null, 100).await["pageInfo"]["endCursor"]
                .take();
        magazine.pass(10_000);
        assert!(
            prune_change_log(&magazine.database, &magazine.clock, TimeDelta::seconds(20))
                .await
                .unwrap()
                == 0
        );
        assert!(
            prune_change_log(&magazine.database, &magazine.clock, TimeDelta::seconds(5))
                .await
                .unwrap()
                > 0
        );
        assert_eq!(code(&Caller::Public, &early).await, "START_AGAIN");
        // Whoever stood at its end goes on.
        publish(&magazine, "A stream").await;
        assert_eq!(
            changes(&magazine, &Caller::Public, &present, 10).await["edges"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        // Whoever starts is told of all that is there, page by page, though the log is full of holes.
        let (mut after, mut told) = (Value::Null, Vec::new());
        loop {
            let page = changes(&magazine, &Caller::Public, &after, 1).await;
            told.extend(
                page["edges"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|edge| edge["node"]["node"]["id"].clone()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(told.len(), 5, "{told:?}");
        assert!(
            told.iter().all(Value::is_string),
            "nothing that is gone: {told:?}"
        );
        assert!(told.contains(&kept["id"]));
        // Whoever has begun before the next pruning begins again.
        let begun =
            changes(&magazine, &Caller::Public, &Value::Null, 1).await["pageInfo"]["endCursor"]
                .take();
        magazine.pass(10_000);
        prune_change_log(&magazine.database, &magazine.clock, TimeDelta::seconds(5))
            .await
            .unwrap();
        assert_eq!(code(&Caller::Public, &begun).await, "START_AGAIN");
    });
}

fn cursors_are_of_their_own_reader(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        publish(&magazine, "A river").await;
        magazine.draft("A secret").await;
        let of_newsroom =
            changes(&magazine, &editor(), &Value::Null, 10).await["pageInfo"]["endCursor"].take();
        for (caller, cursor, code) in [
            (Caller::Public, of_newsroom.clone(), "START_AGAIN"),
            (embargo_partner(), of_newsroom, "START_AGAIN"),
            // Ahead of the log, as after a backup was brought back.
            (Caller::Public, json!("Y3AAAAAAAAAAKg"), "START_AGAIN"),
            (Caller::Public, json!("made up"), "INVALID_CURSOR"),
        ] {
            let answer = magazine
                .raw(&caller, CHANGES, json!({ "after": cursor }))
                .await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{cursor}");
        }
    });
}

fn imports_and_what_was_there_before_are_in_it(store: &Store) {
    import(
        store,
        Page::new("Ferry Timetable Agreed", "March 5, 2024, 6:30 p.m.")
            .magazine(["VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080)"])
            .text(),
        &[],
    )
    .succeeded();
    run(async {
        let magazine = Magazine::open(store).await;
        // The import went by the machine's own clock.
        magazine.set(Clock::system().now().timestamp_millis() + 1_000);
        let told = async |caller: &Caller| -> Vec<String> {
            let page = changes(&magazine, caller, &Value::Null, 100).await;
            page["edges"]
                .as_array()
                .unwrap()
                .iter()
                .map(|edge| {
                    assert!(edge["node"]["node"].is_object(), "{edge}");
                    edge["node"]["nodeId"].as_str().unwrap().to_owned()
                })
                .collect()
        };
        let imported = told(&Caller::Public).await;
        // The publication, the agency, the volume, the issue, the article.
        assert_eq!(imported.len(), 5, "{imported:?}");
        magazine.draft("A secret").await;
        assert_eq!(told(&Caller::Public).await, imported);
        assert_eq!(told(&editor()).await.len(), 6);

        // A database of before there was a log: its steps are taken anew.
        execute(
            store,
            "DROP TABLE publication_due; DROP TABLE change_stream; DROP TABLE change; \
             DELETE FROM seaql_migrations WHERE version LIKE 'm20261124_000006%' OR version LIKE 'm20261125_000014%'",
        );
        assert_eq!(magazine.database.migrate().await.unwrap(), 2);
        let mut filled = told(&Caller::Public).await;
        filled.sort();
        let mut expected = imported.clone();
        expected.sort();
        assert_eq!(filled, expected);
        assert_eq!(told(&editor()).await.len(), 6);
    });
}

fn a_moved_website_changes_every_article(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        magazine
            .write(
                &admin(),
                "savePublication",
                json!({ "title": "A Magazine" }),
            )
            .await
            .unwrap();
        let article = publish(&magazine, "A river").await;
        magazine.draft("A secret").await;
        let before =
            changes(&magazine, &Caller::Public, &Value::Null, 100).await["pageInfo"]["endCursor"]
                .take();
        magazine
            .write(
                &admin(),
                "savePublication",
                json!({ "publisher": "A Press" }),
            )
            .await
            .unwrap();
        let page = changes(&magazine, &Caller::Public, &before, 100).await;
        assert_eq!(
            page["edges"].as_array().unwrap().len(),
            1,
            "the publication alone"
        );
        magazine
            .write(
                &admin(),
                "savePublication",
                json!({ "url": "https://magazine.example/" }),
            )
            .await
            .unwrap();
        let page = changes(
            &magazine,
            &Caller::Public,
            &page["pageInfo"]["endCursor"],
            100,
        )
        .await;
        let told: Vec<&Value> = page["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| &edge["node"]["nodeId"])
            .collect();
        assert_eq!(told.len(), 2, "{page:#}");
        assert!(told.contains(&&article["id"]));
        // Saved again as it is, nothing has changed.
        magazine
            .write(
                &admin(),
                "savePublication",
                json!({ "url": "https://magazine.example/" }),
            )
            .await
            .unwrap();
        assert_eq!(
            changes(
                &magazine,
                &Caller::Public,
                &page["pageInfo"]["endCursor"],
                100
            )
            .await["edges"],
            json!([])
        );
    });
}
