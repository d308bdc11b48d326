//! Every mutation by everyone on an article of every status.

use masthead_domain::{
    article::ArticleStatus,
    identifier::ArticleId,
    viewer::{Caller, Role},
};
use serde_json::{Value, json};

use super::{Magazine, NOON, admin, editor, embargo_partner, instant, of, partner, publisher, run};
use crate::harness::{Store, on_both_databases};

on_both_databases!(
    every_mutation_by_everyone_on_every_status,
    what_everyone_may_save,
    another_edit_in_between_changes_nothing,
);

const STATUSES: [ArticleStatus; 4] = ArticleStatus::ALL;

/// A new article of a status.
async fn article(magazine: &Magazine, status: ArticleStatus, number: usize) -> Value {
    let draft = magazine.draft(&format!("River {number}")).await;
    let publish = |draft: Value| async move {
        magazine
            .write(&publisher(), "publishArticle", of(&draft, json!({})))
            .await
            .unwrap()
    };
    let article = match status {
        ArticleStatus::Draft => draft,
        ArticleStatus::Scheduled => {
            let input = of(&draft, json!({ "publishAt": instant(NOON + 3_600_000) }));
            magazine
                .write(&publisher(), "scheduleArticle", input)
                .await
                .unwrap()
        }
        ArticleStatus::Published => publish(draft).await,
        ArticleStatus::Withdrawn => {
            let published = publish(draft).await;
            let input = of(&published, json!({ "reason": "It was another river." }));
            magazine
                .write(&publisher(), "withdrawArticle", input)
                .await
                .unwrap()
        }
    };
    assert_eq!(article["status"], status.name());
    article
}

/// What a mutation leads to: the status after it, or the code of the refusal.
fn expected(
    mutation: &str,
    status: ArticleStatus,
    role: Option<Role>,
) -> Result<&'static str, &'static str> {
    use ArticleStatus::{Draft, Published, Scheduled, Withdrawn};
    let changes = matches!(
        mutation,
        "updateArticle" | "setRelatedArticles" | "restoreRevision"
    );
    let needs = match mutation {
        "correctArticle" | "deleteDraft" => Role::Editor,
        _ if changes => match status {
            Draft | Withdrawn => Role::Editor,
            Scheduled | Published => Role::Publisher,
        },
        _ => Role::Publisher,
    };
    match role {
        None => return Err("UNAUTHENTICATED"),
        Some(role) if role < needs => return Err("FORBIDDEN"),
        Some(_) => {}
    }
    if changes {
        return Ok(status.name());
    }
    match (mutation, status) {
        ("scheduleArticle", Draft | Scheduled) => Ok("SCHEDULED"),
        ("unscheduleArticle", Scheduled) => Ok("DRAFT"),
        ("publishArticle", Draft | Scheduled | Withdrawn) | ("correctArticle", Published) => {
            Ok("PUBLISHED")
        }
        ("withdrawArticle", Published) => Ok("WITHDRAWN"),
        ("deleteDraft", Draft) => Ok("gone"),
        _ => Err("WRONG_STATUS"),
    }
}

fn everyone() -> Vec<(Option<Role>, Caller)> {
    vec![
        (None, Caller::Public),
        (None, Caller::Preview(ArticleId::from_number(1))),
        (Some(Role::Partner), partner()),
        (Some(Role::Partner), embargo_partner()),
        (Some(Role::Editor), editor()),
        (Some(Role::Publisher), publisher()),
        (Some(Role::Admin), admin()),
    ]
}

fn every_mutation_by_everyone_on_every_status(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let beside = magazine.draft("A lake").await;
        let mutations = [
            ("updateArticle", json!({ "headline": "Another headline" })),
            (
                "scheduleArticle",
                json!({ "publishAt": instant(NOON + 7_200_000) }),
            ),
            ("unscheduleArticle", json!({})),
            ("publishArticle", json!({})),
            ("withdrawArticle", json!({ "reason": "A mistake." })),
            (
                "correctArticle",
                json!({ "text": "It rained for two days." }),
            ),
            ("setRelatedArticles", json!({ "articles": [beside["id"]] })),
            ("restoreRevision", json!({ "restore": 1 })),
            ("deleteDraft", json!({})),
        ];
        let mut number = 0;
        for status in STATUSES {
            for (mutation, more) in &mutations {
                for (role, caller) in everyone() {
                    number += 1;
                    let before = article(&magazine, status, number).await;
                    let answer = magazine
                        .write(&caller, mutation, of(&before, more.clone()))
                        .await;
                    let after = magazine
                        .ask(&editor(), "query($id: ID!) { node(id: $id) { ... on Article { id revision status slug headline publishedAt withdrawalReason modifiedAt corrections { at text } body { text } } } }", json!({ "id": before["id"] }))
                        .await["node"]
                        .take();
                    let place = format!("{mutation} of a {} article by {role:?}", status.name());
                    match expected(mutation, status, role) {
                        Ok("gone") => {
                            assert_eq!(answer, Ok(before["id"].clone()), "{place}");
                            assert_eq!(after, Value::Null, "{place}");
                        }
                        Ok(reached) => {
                            let answer = answer.unwrap_or_else(|code| panic!("{place}: {code}"));
                            assert_eq!(answer["status"], reached, "{place}");
                            assert_eq!(answer, after, "{place}");
                            // Restoring what an article says already changes nothing.
                            if *mutation != "restoreRevision" {
                                assert_eq!(
                                    after["revision"].as_i64().unwrap(),
                                    before["revision"].as_i64().unwrap() + 1,
                                    "{place}"
                                );
                            }
                        }
                        Err(code) => {
                            assert_eq!(answer, Err(code.to_owned()), "{place}");
                            assert_eq!(after, before, "{place} changed something");
                        }
                    }
                }
            }
        }
    });
}

fn what_everyone_may_save(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let saves = [
            (
                "createArticle",
                Role::Editor,
                json!({ "headline": "A river", "body": { "text": "It rained." } }),
            ),
            (
                "saveSection",
                Role::Editor,
                json!({ "slug": "shore", "name": "Shore" }),
            ),
            (
                "saveContributor",
                Role::Editor,
                json!({ "slug": "lakeside-wire", "name": "Lakeside Wire", "kind": "AGENCY" }),
            ),
            (
                "saveTopic",
                Role::Editor,
                json!({ "slug": "water", "name": "Water" }),
            ),
            (
                "saveMagazineIssue",
                Role::Editor,
                json!({ "volume": 4, "number": 9, "coverDate": "2024-03-01" }),
            ),
            (
                "savePublication",
                Role::Admin,
                json!({ "title": "A Magazine" }),
            ),
        ];
        for (mutation, needs, input) in saves {
            for (role, caller) in everyone() {
                let answer = magazine.write(&caller, mutation, input.clone()).await;
                match role {
                    None => assert_eq!(answer, Err("UNAUTHENTICATED".to_owned()), "{mutation}"),
                    Some(role) if role < needs => {
                        assert_eq!(
                            answer,
                            Err("FORBIDDEN".to_owned()),
                            "{mutation} by {role:?}"
                        );
                    }
                    Some(_) => assert!(answer.is_ok(), "{mutation} by {role:?}: {answer:?}"),
                }
            }
        }
        let viewer = "{ viewer { subject role scopes } }";
        assert_eq!(
            magazine.ask(&embargo_partner(), viewer, json!({})).await["viewer"],
            json!({ "subject": "partner@magazine.example", "role": "PARTNER", "scopes": ["embargo:read"] })
        );
        assert_eq!(
            magazine.ask(&Caller::Public, viewer, json!({})).await["viewer"],
            Value::Null
        );
    });
}

fn another_edit_in_between_changes_nothing(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let draft = magazine.draft("A river").await;
        let edit = |headline: &str| of(&draft, json!({ "headline": headline }));
        // A race: of many edits on one revision, one is made.
        let edits = (0..8).map(|number| {
            let (magazine, input) = (magazine.clone(), edit(&format!("River {number}")));
            tokio::spawn(async move { magazine.write(&editor(), "updateArticle", input).await })
        });
        let answers: Vec<_> = futures_util::future::join_all(edits).await;
        let made: Vec<_> = answers
            .into_iter()
            .map(Result::unwrap)
            .filter_map(|answer| match answer {
                Ok(article) => Some(article),
                Err(code) => {
                    assert_eq!(code, "STALE_REVISION");
                    None
                }
            })
            .collect();
        let [made] = made.as_slice() else {
            panic!("{made:#?}")
        };
        assert_eq!(made["revision"], 2);
        for mutation in ["scheduleArticle", "publishArticle", "deleteDraft"] {
            let mut input = of(&draft, json!({}));
            if mutation == "scheduleArticle" {
                input["publishAt"] = json!(instant(NOON + 1_000));
            }
            let answer = magazine.write(&publisher(), mutation, input).await;
            assert_eq!(answer, Err("STALE_REVISION".to_owned()), "{mutation}");
        }
        let there = magazine
            .ask(
                &editor(),
                "query($id: ID!) { node(id: $id) { ... on Article { headline revision } } }",
                json!({ "id": draft["id"] }),
            )
            .await;
        assert_eq!(there["node"]["headline"], made["headline"]);
        assert_eq!(there["node"]["revision"], 2);
    });
}
