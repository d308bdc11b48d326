//! Published by the clock: at the instant, never early, never late, whatever runs beside it.

use chrono::{NaiveDate, TimeZone as _};
use masthead_domain::viewer::Caller;
use masthead_persistence::check;
use serde_json::{Value, json};

use super::{Magazine, NOON, editor, embargo_partner, instant, of, partner, publisher, run};
use crate::harness::{Store, on_both_databases};

on_both_databases!(
    an_article_is_there_at_its_instant,
    a_schedule_that_is_moved_or_taken_back_leaves_no_trace,
    what_the_clock_published_is_noted_once_by_whichever_node,
    a_node_whose_clock_is_behind_is_told_when_its_own_has_come,
    what_another_node_has_noted_already_is_taken_back_from_everyone,
);

const EVERYWHERE: &str = r#"query($id: ID!) {
  node(id: $id) { id }
  article(slug: "a-river") { id status publishedAt }
  latest { totalCount nodes { id } }
  modified: articles(order: RECENTLY_MODIFIED) { totalCount nodes { id } }
  section(slug: "shore") { articles { totalCount nodes { id } } }
  changes(first: 100) { nodes { nodeId at kind node { id } } }
}"#;

/// Whether an article is seen: everywhere, or nowhere.
async fn is_seen(magazine: &Magazine, caller: &Caller, id: &Value) -> bool {
    let answer = magazine.ask(caller, EVERYWHERE, json!({ "id": id })).await;
    let text = answer.to_string();
    let seen = text.contains(id.as_str().unwrap());
    let lists = ["/latest", "/modified", "/section/articles"];
    for list in lists {
        let list = answer.pointer(list).unwrap();
        assert_eq!(list["totalCount"], i32::from(seen), "{answer:#}");
    }
    assert_eq!(answer["node"].is_null(), !seen, "{answer:#}");
    assert_eq!(answer["article"].is_null(), !seen, "{answer:#}");
    let changes = answer["changes"]["nodes"].as_array().unwrap();
    assert_eq!(
        changes
            .iter()
            .any(|change| change["nodeId"] == *id && !change["node"].is_null()),
        seen,
        "{answer:#}"
    );
    seen
}

async fn scheduled(magazine: &Magazine, at: i64) -> Value {
    magazine
        .write(
            &editor(),
            "saveSection",
            json!({ "slug": "shore", "name": "Shore" }),
        )
        .await
        .unwrap();
    let input =
        json!({ "headline": "A river", "section": "shore", "body": { "text": "It rained." } });
    let draft = magazine
        .write(&editor(), "createArticle", input)
        .await
        .unwrap();
    magazine
        .write(
            &publisher(),
            "scheduleArticle",
            of(&draft, json!({ "publishAt": instant(at) })),
        )
        .await
        .unwrap()
}

fn an_article_is_there_at_its_instant(store: &Store) {
    run(async {
        // Midnight in Kathmandu, at +05:45, of the day after.
        let midnight = chrono_tz::Asia::Kathmandu
            .from_local_datetime(
                &NaiveDate::from_ymd_opt(2026, 11, 25)
                    .unwrap()
                    .and_hms_opt(0, 0, 0)
                    .unwrap(),
            )
            .unwrap()
            .timestamp_millis();
        assert_eq!(instant(midnight).to_rfc3339(), "2026-11-24T18:15:00+00:00");
        let magazine = Magazine::open(store).await;
        let article = scheduled(&magazine, midnight).await;
        for (moment, seen) in [
            (NOON, false),
            (midnight - 1, false),
            (midnight, true),
            (midnight + 1, true),
        ] {
            magazine.set(moment);
            for caller in [Caller::Public, partner()] {
                assert_eq!(
                    is_seen(&magazine, &caller, &article["id"]).await,
                    seen,
                    "at {moment}"
                );
            }
            let of_status = "query($id: ID!, $status: ArticleStatus!) { node(id: $id) { ... on Article { status publishedAt } } articles(filter: { status: $status }) { totalCount nodes { id } } }";
            for caller in [embargo_partner(), editor()] {
                let status = if seen { "PUBLISHED" } else { "SCHEDULED" };
                let answer = magazine
                    .ask(
                        &caller,
                        of_status,
                        json!({ "id": article["id"], "status": status }),
                    )
                    .await;
                assert_eq!(
                    answer["node"],
                    json!({ "status": status, "publishedAt": "2026-11-24T18:15:00Z" })
                );
                assert_eq!(
                    answer["articles"],
                    json!({ "totalCount": 1, "nodes": [{ "id": article["id"] }] })
                );
            }
        }
        // The log tells the instant itself, not when someone looked.
        let changes = magazine
            .ask(
                &Caller::Public,
                "{ changes(first: 100) { nodes { at nodeId } } }",
                json!({}),
            )
            .await;
        let change = changes["changes"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|change| change["nodeId"] == article["id"])
            .unwrap()
            .clone();
        assert_eq!(change["at"], "2026-11-24T18:15:00Z");
    });
}

fn a_schedule_that_is_moved_or_taken_back_leaves_no_trace(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let publisher = publisher();
        let article = scheduled(&magazine, NOON + 1_000).await;
        let moved = magazine
            .write(
                &publisher,
                "scheduleArticle",
                of(&article, json!({ "publishAt": instant(NOON + 5_000) })),
            )
            .await
            .unwrap();
        magazine.set(NOON + 1_000);
        assert!(!is_seen(&magazine, &Caller::Public, &article["id"]).await);
        magazine.set(NOON + 4_999);
        let draft = magazine
            .write(&publisher, "unscheduleArticle", of(&moved, json!({})))
            .await
            .unwrap();
        assert_eq!(
            (&draft["status"], &draft["publishedAt"]),
            (&json!("DRAFT"), &json!(null))
        );
        magazine.set(NOON + 5_000);
        assert!(!is_seen(&magazine, &Caller::Public, &article["id"]).await);
        // Whoever may see schedules is told that it is gone.
        let changes = magazine
            .ask(
                &embargo_partner(),
                "{ changes(first: 100) { nodes { kind nodeId node { id } reason } } }",
                json!({}),
            )
            .await;
        let last = changes["changes"]["nodes"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert_eq!(
            last,
            json!({ "kind": "REMOVED", "nodeId": article["id"], "node": null, "reason": null })
        );
        // At its very instant it cannot be taken back any more.
        let again = magazine
            .write(
                &publisher,
                "scheduleArticle",
                of(&draft, json!({ "publishAt": instant(NOON + 6_000) })),
            )
            .await
            .unwrap();
        magazine.set(NOON + 6_000);
        assert_eq!(
            magazine
                .write(&publisher, "unscheduleArticle", of(&again, json!({})))
                .await,
            Err("WRONG_STATUS".to_owned())
        );
        assert!(is_seen(&magazine, &Caller::Public, &article["id"]).await);
    });
}

/// How often the public log tells of a node.
async fn times_told(magazine: &Magazine, id: &Value) -> usize {
    let answer = magazine
        .ask(
            &Caller::Public,
            "{ changes(first: 100) { nodes { nodeId } } }",
            json!({}),
        )
        .await;
    answer["changes"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["nodeId"] == *id)
        .count()
}

fn what_the_clock_published_is_noted_once_by_whichever_node(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let article = scheduled(&magazine, NOON + 1_000).await;
        let mut nodes = vec![magazine.clone()];
        for _ in 0..3 {
            nodes.push(magazine.another_node(store).await);
        }
        magazine.set(NOON + 1_000);
        // All at once: those that follow the clock, a reader of the log, and a writer.
        let noting = nodes.iter().map(|node| async {
            node.database
                .note_publications(&node.clock)
                .await
                .map(|_| ())
        });
        let reading = times_told(&nodes[1], &article["id"]);
        let writing = nodes[2].draft("A lake");
        let (noted, told, _) =
            tokio::join!(futures_util::future::join_all(noting), reading, writing);
        assert!(noted.iter().all(Result::is_ok), "{noted:?}");
        assert_eq!(told, 1);
        for node in &nodes {
            assert_eq!(times_told(node, &article["id"]).await, 1);
        }
        // A writer alone, with every background task dead, notes it before what it writes itself.
        let other = magazine.draft("Another river").await;
        magazine
            .write(
                &publisher(),
                "scheduleArticle",
                of(&other, json!({ "publishAt": instant(NOON + 2_000) })),
            )
            .await
            .unwrap();
        magazine.set(NOON + 2_500);
        magazine
            .write(
                &editor(),
                "saveTopic",
                json!({ "slug": "water", "name": "Water" }),
            )
            .await
            .unwrap();
        let answer = magazine
            .ask(
                &Caller::Public,
                "{ changes(first: 100) { nodes { at nodeId } } }",
                json!({}),
            )
            .await;
        let nodes = answer["changes"]["nodes"].as_array().unwrap().clone();
        let [.., published, topic] = nodes.as_slice() else {
            panic!("{nodes:?}")
        };
        assert_eq!(published["nodeId"], other["id"]);
        assert_eq!(published["at"], "2026-11-24T12:00:02Z");
        assert_eq!(topic["at"], "2026-11-24T12:00:02.500Z");
    });
}

fn a_node_whose_clock_is_behind_is_told_when_its_own_has_come(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let ahead = magazine.node_ahead(store, 300).await;
        let article = scheduled(&magazine, NOON + 1_000).await;
        magazine.set(NOON + 900);
        // The other node's clock says that the instant has come, and it writes so.
        assert_eq!(times_told(&ahead, &article["id"]).await, 1);
        // Here it has not, and nothing says so.
        assert!(!is_seen(&magazine, &Caller::Public, &article["id"]).await);
        assert_eq!(times_told(&magazine, &article["id"]).await, 0);
        magazine.set(NOON + 1_000);
        assert!(is_seen(&magazine, &Caller::Public, &article["id"]).await);
        assert_eq!(times_told(&magazine, &article["id"]).await, 1);
    });
}

fn what_another_node_has_noted_already_is_taken_back_from_everyone(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let ahead = magazine.node_ahead(store, 300).await;
        let article = scheduled(&magazine, NOON + 1_000).await;
        magazine.set(NOON + 900);
        assert_eq!(times_told(&ahead, &article["id"]).await, 1);
        // On this node's clock there is still time to change it, which makes no second publication of it,
        let edited = magazine
            .write(
                &publisher(),
                "updateArticle",
                of(&article, json!({ "headline": "A lake" })),
            )
            .await
            .unwrap();
        let checked = check(&store.address(), &ahead.clock).await.unwrap();
        assert_eq!(checked.findings, []);
        // and to take it back: then those must be told who were told of it.
        magazine
            .write(&publisher(), "unscheduleArticle", of(&edited, json!({})))
            .await
            .unwrap();
        magazine.set(NOON + 2_000);
        let answer = magazine
            .ask(
                &Caller::Public,
                "{ changes(first: 100) { nodes { kind nodeId } } }",
                json!({}),
            )
            .await;
        let last = answer["changes"]["nodes"].as_array().unwrap().last();
        assert_eq!(
            last,
            Some(&json!({ "kind": "REMOVED", "nodeId": article["id"] }))
        );
        let checked = check(&store.address(), &magazine.clock).await.unwrap();
        assert_eq!(checked.findings, []);
    });
}
