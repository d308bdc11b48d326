//! Repeating a request with its key answers as the first did, and does nothing twice.

use masthead_domain::viewer::{Caller, Role, Viewer};
use serde_json::{Value, json};

use super::{Magazine, editor, execute, of, publisher, run};
use crate::harness::{Store, on_both_databases};

on_both_databases!(
    a_repeated_request_is_answered_as_the_first_was,
    a_request_whose_answer_was_lost_is_not_carried_out_again,
    a_key_is_of_one_request_and_of_one_client,
    at_once_it_is_carried_out_once,
    an_answer_is_not_repeated_to_who_may_not_read_it_any_more,
);

const CREATE: &str = "mutation($headline: String!) {
  first: createArticle(input: { headline: $headline, body: { text: \"It rained.\" } }) { article { id slug revision } errors { code } }
  second: createArticle(input: { headline: $headline, body: { text: \"It poured.\" } }) { article { id slug revision } errors { code } }
}";

async fn drafts(magazine: &Magazine) -> Value {
    magazine
        .ask(
            &editor(),
            "{ articles(filter: { status: DRAFT }) { totalCount } }",
            json!({}),
        )
        .await["articles"]["totalCount"]
        .take()
}

fn a_repeated_request_is_answered_as_the_first_was(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let ask = async || {
            magazine
                .keyed(
                    &editor(),
                    CREATE,
                    json!({ "headline": "A river" }),
                    Some("one"),
                )
                .await
        };
        let first = ask().await;
        assert_eq!(first["data"]["second"]["article"]["slug"], "a-river-2");
        // Another edit in between does not show in the repeated answer.
        let article = first["data"]["first"]["article"].clone();
        magazine
            .write(
                &editor(),
                "updateArticle",
                of(&article, json!({ "slug": "a-stream" })),
            )
            .await
            .unwrap();
        assert_eq!(ask().await, first);
        assert_eq!(drafts(&magazine).await, 2);
        // A refusal is repeated too: the second attempt is not taken for a new one.
        let publish = "mutation($input: PublishArticleInput!) { publishArticle(input: $input) { article { status } errors { code } } }";
        let stale = json!({ "input": { "id": article["id"], "revision": 1 } });
        let refused = magazine
            .keyed(&publisher(), publish, stale.clone(), Some("two"))
            .await;
        assert_eq!(
            refused["data"]["publishArticle"]["errors"],
            json!([{ "code": "STALE_REVISION" }])
        );
        assert_eq!(
            magazine
                .keyed(&publisher(), publish, stale, Some("two"))
                .await,
            refused
        );
        // After a day it is forgotten.
        magazine.pass(24 * 3_600_000);
        assert_ne!(ask().await, first);
        assert_eq!(drafts(&magazine).await, 4);
    });
}

fn a_request_whose_answer_was_lost_is_not_carried_out_again(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let ask = async || {
            magazine
                .keyed(
                    &editor(),
                    CREATE,
                    json!({ "headline": "A river" }),
                    Some("one"),
                )
                .await
        };
        let first = ask().await;
        // As a process leaves it that is killed after its writes, before its answer.
        execute(store, "UPDATE idempotent_request SET answer = NULL");
        assert_eq!(ask().await, first);
        // And between its two writes: the first is there, the second is made now.
        let id = first["data"]["second"]["article"].clone();
        magazine
            .write(&editor(), "deleteDraft", of(&id, json!({})))
            .await
            .unwrap();
        execute(
            store,
            "UPDATE idempotent_request SET answer = NULL, outcomes = REPLACE(outcomes, '\"second\"', '\"other\"')",
        );
        let again = ask().await;
        assert_eq!(again["data"]["first"], first["data"]["first"]);
        assert_ne!(again["data"]["second"]["article"]["id"], id["id"]);
        assert_eq!(drafts(&magazine).await, 2);
    });
}

fn a_key_is_of_one_request_and_of_one_client(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        magazine
            .keyed(
                &editor(),
                CREATE,
                json!({ "headline": "A river" }),
                Some("one"),
            )
            .await;
        let other = magazine
            .keyed(
                &editor(),
                CREATE,
                json!({ "headline": "A lake" }),
                Some("one"),
            )
            .await;
        assert_eq!(
            other["errors"][0]["extensions"]["code"],
            "IDEMPOTENCY_KEY_REUSED"
        );
        assert_eq!(drafts(&magazine).await, 2);
        // Someone else's key of the same name is another key.
        let theirs = magazine
            .keyed(
                &publisher(),
                CREATE,
                json!({ "headline": "A lake" }),
                Some("one"),
            )
            .await;
        assert!(theirs.get("errors").is_none(), "{theirs}");
        assert_eq!(drafts(&magazine).await, 4);
    });
}

fn at_once_it_is_carried_out_once(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let attempts = (0..6).map(|_| {
            let magazine = magazine.clone();
            tokio::spawn(async move {
                magazine
                    .keyed(
                        &editor(),
                        CREATE,
                        json!({ "headline": "A river" }),
                        Some("one"),
                    )
                    .await
            })
        });
        let answers: Vec<Value> = futures_util::future::join_all(attempts)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{answers:#?}"
        );
        assert_eq!(drafts(&magazine).await, 2);
    });
}

fn an_answer_is_not_repeated_to_who_may_not_read_it_any_more(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let as_one_is = async |role| {
            let caller = Caller::Viewer(Viewer::new("someone@magazine.example", role));
            let variables = json!({ "headline": "A secret" });
            magazine
                .keyed(&caller, CREATE, variables, Some("one"))
                .await
        };
        let first = as_one_is(Role::Editor).await;
        assert_eq!(first["data"]["first"]["article"]["slug"], "a-secret");
        let later = as_one_is(Role::Partner).await;
        assert_eq!(
            later["errors"][0]["extensions"]["code"],
            "IDEMPOTENCY_KEY_REUSED"
        );
        assert!(!later.to_string().contains("a-secret"), "{later}");
        assert_eq!(as_one_is(Role::Editor).await, first);
        assert_eq!(drafts(&magazine).await, 2);
    });
}
