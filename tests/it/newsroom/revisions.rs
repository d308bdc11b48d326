//! Revisions: who, when, what changed; and back again. Former slugs, known to those who may.

use masthead_domain::viewer::Caller;
use serde_json::{Value, json};

use super::{Magazine, NOON, editor, execute, of, partner, publisher, run};
use crate::harness::{Store, on_both_databases};

on_both_databases!(
    every_save_keeps_what_was_before,
    a_former_revision_is_brought_back,
    a_slug_that_only_drafts_bore_is_the_newsrooms,
    what_was_saved_before_there_were_revisions_is_kept_from_then_on,
);

const REVISIONS: &str = "query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Article { revisions(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { number at author purpose changes { field before after } } } } } }";

async fn revisions(magazine: &Magazine, id: &Value) -> Value {
    magazine
        .ask(&editor(), REVISIONS, json!({ "id": id }))
        .await["node"]["revisions"]
        .take()
}

fn every_save_keeps_what_was_before(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        magazine
            .write(
                &editor(),
                "saveSection",
                json!({ "slug": "shore", "name": "Shore" }),
            )
            .await
            .unwrap();
        let draft = magazine.draft("A river").await;
        magazine.pass(1_000);
        let edited = magazine.write(&editor(), "updateArticle", of(&draft, json!({ "headline": "Two rivers", "section": "shore", "body": { "text": "It rained for two days." } }))).await.unwrap();
        magazine.pass(1_000);
        let published = magazine
            .write(&publisher(), "publishArticle", of(&edited, json!({})))
            .await
            .unwrap();
        magazine.pass(1_000);
        let corrected = magazine.write(&editor(), "correctArticle", of(&published, json!({ "text": "It was one day.", "body": { "text": "It rained for one day." } }))).await.unwrap();
        assert_eq!(
            corrected["corrections"],
            json!([{ "at": "2026-11-24T12:00:03Z", "text": "It was one day." }])
        );
        magazine.pass(1_000);
        magazine
            .write(
                &publisher(),
                "withdrawArticle",
                of(&corrected, json!({ "reason": "There was no rain." })),
            )
            .await
            .unwrap();

        let kept = revisions(&magazine, &draft["id"]).await;
        assert_eq!(kept["totalCount"], 5);
        let change = |field: &str, before: Value, after: Value| json!({ "field": field, "before": before, "after": after });
        assert_eq!(
            kept["nodes"],
            json!([
                { "number": 5, "at": "2026-11-24T12:00:04Z", "author": "publisher@magazine.example", "purpose": "WITHDRAW", "changes": [change("WITHDRAWAL", json!(null), json!("There was no rain."))] },
                { "number": 4, "at": "2026-11-24T12:00:03Z", "author": "editor@magazine.example", "purpose": "CORRECT", "changes": [
                    change("BODY", json!("It rained for two days."), json!("It rained for one day.")), change("CORRECTIONS", json!(null), json!("It was one day."))] },
                { "number": 3, "at": "2026-11-24T12:00:02Z", "author": "publisher@magazine.example", "purpose": "PUBLISH", "changes": [change("PUBLISHED_AT", json!(null), json!("2026-11-24T12:00:02Z"))] },
                { "number": 2, "at": "2026-11-24T12:00:01Z", "author": "editor@magazine.example", "purpose": "UPDATE", "changes": [
                    change("HEADLINE", json!("A river"), json!("Two rivers")), change("BODY", json!("It rained for three days."), json!("It rained for two days.")), change("SECTION", json!(null), json!("shore"))] },
                { "number": 1, "at": "2026-11-24T12:00:00Z", "author": "editor@magazine.example", "purpose": "CREATE", "changes": [] },
            ])
        );
        // Page by page, and to nobody else.
        let page = magazine
            .ask(
                &editor(),
                REVISIONS,
                json!({ "id": draft["id"], "first": 2 }),
            )
            .await["node"]["revisions"]
            .take();
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        let rest = magazine
            .ask(
                &editor(),
                REVISIONS,
                json!({ "id": draft["id"], "first": 5, "after": page["pageInfo"]["endCursor"] }),
            )
            .await["node"]["revisions"]
            .take();
        assert_eq!(rest["nodes"].as_array().unwrap().len(), 3);
        let shown = magazine.draft("A lake").await;
        magazine
            .write(&publisher(), "publishArticle", of(&shown, json!({})))
            .await
            .unwrap();
        for (caller, code) in [
            (Caller::Public, "UNAUTHENTICATED"),
            (partner(), "FORBIDDEN"),
        ] {
            let answer = magazine
                .raw(&caller, REVISIONS, json!({ "id": shown["id"] }))
                .await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], code);
            assert_eq!(
                answer["data"]["node"],
                json!({ "revisions": null }),
                "the rest of the answer stays"
            );
        }
    });
}

fn a_former_revision_is_brought_back(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let draft = magazine.draft("A river").await;
        let edited = magazine.write(&editor(), "updateArticle", of(&draft, json!({ "headline": "Two rivers", "slug": "two-rivers", "body": { "text": "Another text." } }))).await.unwrap();
        let published = magazine
            .write(&publisher(), "publishArticle", of(&edited, json!({})))
            .await
            .unwrap();
        let restored = magazine
            .write(
                &publisher(),
                "restoreRevision",
                of(&published, json!({ "restore": 1 })),
            )
            .await
            .unwrap();
        for (field, value) in [
            ("headline", json!("A river")),
            ("slug", json!("a-river")),
            ("status", json!("PUBLISHED")),
            ("revision", json!(4)),
            ("publishedAt", published["publishedAt"].clone()),
        ] {
            assert_eq!(restored[field], value, "{field}");
        }
        assert_eq!(restored["body"]["text"], "It rained for three days.");
        let kept = revisions(&magazine, &draft["id"]).await;
        assert_eq!(kept["nodes"][0]["purpose"], "RESTORE");
        // What was restored over is kept as well.
        let back = magazine
            .write(
                &publisher(),
                "restoreRevision",
                of(&restored, json!({ "restore": 3 })),
            )
            .await
            .unwrap();
        assert_eq!(
            (&back["headline"], &back["slug"]),
            (&json!("Two rivers"), &json!("two-rivers"))
        );
    });
}

fn a_slug_that_only_drafts_bore_is_the_newsrooms(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let by_slug = async |caller: &Caller, slug: &str| {
            magazine
                .ask(
                    caller,
                    "query($slug: String!) { article(slug: $slug) { slug } }",
                    json!({ "slug": slug }),
                )
                .await["article"]["slug"]
                .take()
        };
        let draft = magazine.draft("A secret merger").await;
        let renamed = magazine
            .write(
                &editor(),
                "updateArticle",
                of(&draft, json!({ "slug": "a-scheduled-merger" })),
            )
            .await
            .unwrap();
        // One that it bears while it is scheduled, and loses before its instant.
        let scheduled = magazine
            .write(
                &publisher(),
                "scheduleArticle",
                of(
                    &renamed,
                    json!({ "publishAt": super::instant(NOON + 1_000) }),
                ),
            )
            .await
            .unwrap();
        let renamed = magazine
            .write(
                &publisher(),
                "updateArticle",
                of(&scheduled, json!({ "slug": "a-merger" })),
            )
            .await
            .unwrap();
        magazine.set(NOON + 1_000);
        let renamed = magazine
            .write(
                &publisher(),
                "updateArticle",
                of(&renamed, json!({ "slug": "the-merger" })),
            )
            .await
            .unwrap();
        for slug in ["the-merger", "a-merger"] {
            assert_eq!(by_slug(&Caller::Public, slug).await, "the-merger", "{slug}");
        }
        for slug in ["a-secret-merger", "a-scheduled-merger"] {
            assert_eq!(by_slug(&Caller::Public, slug).await, json!(null), "{slug}");
            assert_eq!(by_slug(&editor(), slug).await, "the-merger", "{slug}");
        }
        // Withdrawn and edited, then published again: what was known stays known, what was not stays so.
        let withdrawn = magazine
            .write(
                &publisher(),
                "withdrawArticle",
                of(&renamed, json!({ "reason": "Too early." })),
            )
            .await
            .unwrap();
        let renamed = magazine
            .write(
                &editor(),
                "updateArticle",
                of(&withdrawn, json!({ "slug": "a-failed-merger" })),
            )
            .await
            .unwrap();
        let renamed = magazine
            .write(
                &editor(),
                "updateArticle",
                of(&renamed, json!({ "slug": "the-merger" })),
            )
            .await
            .unwrap();
        magazine
            .write(&publisher(), "publishArticle", of(&renamed, json!({})))
            .await
            .unwrap();
        assert_eq!(by_slug(&Caller::Public, "a-merger").await, "the-merger");
        assert_eq!(
            by_slug(&Caller::Public, "a-failed-merger").await,
            json!(null)
        );
    });
}

fn what_was_saved_before_there_were_revisions_is_kept_from_then_on(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let draft = magazine.draft("A river").await;
        execute(store, "DELETE FROM article_revision");
        assert_eq!(revisions(&magazine, &draft["id"]).await["nodes"], json!([]));
        magazine
            .write(
                &editor(),
                "updateArticle",
                of(&draft, json!({ "headline": "Two rivers" })),
            )
            .await
            .unwrap();
        let kept = revisions(&magazine, &draft["id"]).await;
        assert_eq!(
            kept["nodes"][1],
            json!({ "number": 1, "at": "2026-11-24T12:00:00Z", "author": null, "purpose": null, "changes": [] })
        );
        assert_eq!(
            kept["nodes"][0]["changes"],
            json!([{ "field": "HEADLINE", "before": "A river", "after": "Two rivers" }])
        );
    });
}
