//! What inputs are refused with, and what a change leaves alone.

use masthead_domain::viewer::Caller;
use serde_json::{Value, json};

use super::{Magazine, NOON, admin, editor, instant, of, publisher, run};
use crate::harness::{Store, on_both_databases};

on_both_databases!(
    faults_name_their_place,
    a_change_leaves_alone_what_it_does_not_name,
    chosen_articles_stand_in_their_order,
    sections_do_not_stand_in_a_circle,
    issues_are_known_by_their_numbers,
);

/// The codes and the paths of what an input is refused with.
async fn faults(magazine: &Magazine, mutation: &str, input: Value) -> Vec<(String, String)> {
    let type_name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ errors {{ code path message }} }} }}"
    );
    let answer = magazine
        .ask(&admin(), &document, json!({ "input": input }))
        .await;
    answer[mutation]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            let path: Vec<&str> = error["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part.as_str().unwrap())
                .collect();
            (error["code"].as_str().unwrap().to_owned(), path.join("."))
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "an input after the other")]
fn faults_name_their_place(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let taken = magazine.draft("A river").await;
        let body = json!({ "text": "It rained." });
        let long = "x".repeat(501);
        let nobody = "QQAAAAAAAAAq";
        let draft = magazine.draft("A lake").await;
        for (mutation, input, expected) in [
            (
                "createArticle",
                json!({ "headline": " ", "slug": "Not A Slug", "body": body, "bylines": ["nobody", "no one"], "section": "nowhere", "topics": ["nothing"], "language": "no language!", "magazineIssue": nobody, "leadImage": { "url": "javascript:alert(1)" } }),
                vec![
                    ("REQUIRED", "input.headline"),
                    ("INVALID", "input.language"),
                    ("INVALID", "input.leadImage.url"),
                    ("INVALID", "input.slug"),
                    ("NOT_FOUND", "input.bylines.0"),
                    ("NOT_FOUND", "input.bylines.1"),
                    ("NOT_FOUND", "input.topics.0"),
                    ("NOT_FOUND", "input.section"),
                    ("NOT_FOUND", "input.magazineIssue"),
                ],
            ),
            (
                "createArticle",
                json!({ "headline": long, "slug": taken["slug"], "body": body }),
                vec![("TOO_LONG", "input.headline"), ("TAKEN", "input.slug")],
            ),
            (
                "createArticle",
                json!({ "headline": "A\u{0}B", "body": body }),
                vec![("INVALID", "input.headline")],
            ),
            (
                "updateArticle",
                json!({ "id": nobody, "revision": 1 }),
                vec![("NOT_FOUND", "input.id")],
            ),
            (
                "updateArticle",
                json!({ "id": "made up", "revision": 1 }),
                vec![("INVALID", "input.id")],
            ),
            (
                "updateArticle",
                of(
                    &draft,
                    json!({ "headline": null, "slug": null, "language": null }),
                ),
                vec![
                    ("REQUIRED", "input.headline"),
                    ("REQUIRED", "input.language"),
                    ("REQUIRED", "input.slug"),
                ],
            ),
            (
                "scheduleArticle",
                of(&draft, json!({ "publishAt": instant(NOON) })),
                vec![("INVALID", "input.publishAt")],
            ),
            (
                "publishArticle",
                of(&draft, json!({ "publishedAt": instant(NOON + 1) })),
                vec![("INVALID", "input.publishedAt")],
            ),
            (
                "publishArticle",
                of(&draft, json!({ "publishedAt": "0099-01-01T00:00:00Z" })),
                vec![("INVALID", "input.publishedAt")],
            ),
            (
                "withdrawArticle",
                of(&draft, json!({ "reason": " " })),
                vec![("REQUIRED", "input.reason")],
            ),
            (
                "correctArticle",
                of(&draft, json!({ "text": "" })),
                vec![("REQUIRED", "input.text")],
            ),
            (
                "setRelatedArticles",
                of(
                    &draft,
                    json!({ "articles": [draft["id"], nobody, taken["id"], taken["id"], "x"] }),
                ),
                vec![
                    ("INVALID", "input.articles.0"),
                    ("INVALID", "input.articles.3"),
                    ("INVALID", "input.articles.4"),
                    ("NOT_FOUND", "input.articles.1"),
                ],
            ),
            (
                "restoreRevision",
                of(&draft, json!({ "restore": 9 })),
                vec![("NOT_FOUND", "input.restore")],
            ),
            (
                "saveSection",
                json!({ "slug": "-", "name": "", "parent": "nowhere" }),
                vec![
                    ("INVALID", "input.slug"),
                    ("REQUIRED", "input.name"),
                    ("NOT_FOUND", "input.parent"),
                ],
            ),
            (
                "saveContributor",
                json!({ "slug": "a b", "name": "A", "kind": "PERSON" }),
                vec![("INVALID", "input.slug")],
            ),
            (
                "saveTopic",
                json!({ "slug": "water", "name": "\t" }),
                vec![("REQUIRED", "input.name")],
            ),
            (
                "saveMagazineIssue",
                json!({ "volume": 0, "number": 2, "lastNumber": 2, "coverDate": "1700-01-01" }),
                vec![
                    ("INVALID", "input.volume"),
                    ("INVALID", "input.lastNumber"),
                    ("INVALID", "input.coverDate"),
                ],
            ),
            (
                "savePublication",
                json!({ "title": "", "url": "ftp://magazine.example/", "timeZone": "Asia/Katmandoo", "language": "?", "articlePath": "articles" }),
                vec![
                    ("REQUIRED", "input.title"),
                    ("INVALID", "input.url"),
                    ("INVALID", "input.articlePath"),
                    ("INVALID", "input.timeZone"),
                    ("INVALID", "input.language"),
                ],
            ),
        ] {
            let found = faults(&magazine, mutation, input.clone()).await;
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(code, path)| (code.as_str(), path.as_str()))
                .collect();
            assert_eq!(found, expected, "{mutation} {input}");
        }
    });
}

#[expect(clippy::too_many_lines, reason = "a change after the other")]
fn a_change_leaves_alone_what_it_does_not_name(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let editor = editor();
        magazine
            .write(
                &editor,
                "saveSection",
                json!({ "slug": "shore", "name": "Shore" }),
            )
            .await
            .unwrap();
        magazine
            .write(
                &editor,
                "saveTopic",
                json!({ "slug": "water", "name": "Water" }),
            )
            .await
            .unwrap();
        magazine.write(&editor, "saveContributor", json!({ "slug": "mira", "name": "Mira Tamang", "kind": "PERSON", "biography": "Writes." })).await.unwrap();
        let input = json!({
            "headline": "A river", "kicker": "Water", "standfirst": "It rose.", "dateline": "Lakeside",
            "body": { "markdown": "It **rained**." }, "bylines": ["mira"], "section": "shore", "topics": ["water"],
            "leadImage": { "url": "https://magazine.example/river.jpg", "alt": "A river", "width": 640 },
        });
        let draft = magazine
            .write(&editor, "createArticle", input)
            .await
            .unwrap();
        let fields = "headline slug kicker standfirst dateline language body { html } bylines { slug } section { slug } topics { slug } leadImage { url alt width }";
        let document = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on Article {{ {fields} revision }} }} }}"
        );
        let read = async || {
            magazine
                .ask(&editor, &document, json!({ "id": draft["id"] }))
                .await["node"]
                .take()
        };
        let mut whole = read().await;
        assert_eq!(whole["body"]["html"], "<p>It <strong>rained</strong>.</p>");
        assert_eq!(whole["slug"], "a-river");

        // A variable that is left out is no null: nothing but the kicker changes.
        let partial = "mutation($id: ID!, $revision: Int!, $kicker: String, $standfirst: String) {
          updateArticle(input: { id: $id, revision: $revision, kicker: $kicker, standfirst: $standfirst }) { article { kicker standfirst } errors { code } } }";
        let answer = magazine
            .ask(
                &editor,
                partial,
                json!({ "id": draft["id"], "revision": 1, "kicker": "Flood" }),
            )
            .await;
        assert_eq!(
            answer["updateArticle"]["article"],
            json!({ "kicker": "Flood", "standfirst": "It rose." })
        );
        whole["kicker"] = json!("Flood");
        whole["revision"] = json!(2);
        assert_eq!(read().await, whole);

        // Null empties, and a change of nothing is no revision.
        let emptied = of(
            &read_as_input(&draft, 2),
            json!({ "standfirst": null, "section": null, "topics": null, "leadImage": null }),
        );
        magazine
            .write(&editor, "updateArticle", emptied.clone())
            .await
            .unwrap();
        for (field, value) in [
            ("standfirst", json!(null)),
            ("section", json!(null)),
            ("topics", json!([])),
            ("leadImage", json!(null)),
            ("revision", json!(3)),
        ] {
            whole[field] = value;
        }
        assert_eq!(read().await, whole);
        let same = of(
            &read_as_input(&draft, 3),
            json!({ "standfirst": null, "headline": "A  river " }),
        );
        assert_eq!(
            magazine
                .write(&editor, "updateArticle", same)
                .await
                .unwrap()["revision"],
            3
        );

        // Saving a contributor without a biography leaves it; with null it goes.
        let save = |more: Value| {
            let mut input = json!({ "slug": "mira", "name": "Mira Tamang", "kind": "PERSON" });
            input
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            input
        };
        assert_eq!(
            magazine
                .write(&editor, "saveContributor", save(json!({})))
                .await
                .unwrap()["biography"],
            "Writes."
        );
        assert_eq!(
            magazine
                .write(
                    &editor,
                    "saveContributor",
                    save(json!({ "biography": null }))
                )
                .await
                .unwrap()["biography"],
            json!(null)
        );
    });
}

fn read_as_input(draft: &Value, revision: i32) -> Value {
    json!({ "id": draft["id"], "revision": revision })
}

fn chosen_articles_stand_in_their_order(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let publisher = publisher();
        let mut published = Vec::new();
        for number in 0..4 {
            let draft = magazine.draft(&format!("River {number}")).await;
            published.push(
                magazine
                    .write(&publisher, "publishArticle", of(&draft, json!({})))
                    .await
                    .unwrap(),
            );
        }
        let hidden = magazine.draft("A secret river").await;
        let ids = json!([
            published[3]["id"],
            hidden["id"],
            published[1]["id"],
            published[2]["id"]
        ]);
        magazine
            .write(
                &publisher,
                "setRelatedArticles",
                of(&published[0], json!({ "articles": ids })),
            )
            .await
            .unwrap();
        let document = "query($slug: String!, $after: String) { article(slug: $slug) {
          relatedArticles(basis: CURATED, first: 2, after: $after) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor reasons node { headline } } }
          last: relatedArticles(basis: CURATED, last: 1) { nodes { headline } }
          relatedLists { basis title articles { totalCount nodes { headline } } } } }";
        let page = magazine
            .ask(&Caller::Public, document, json!({ "slug": "river-0" }))
            .await["article"]
            .take();
        let first = &page["relatedArticles"];
        assert_eq!(first["totalCount"], 3);
        assert_eq!(first["edges"][0]["node"]["headline"], "River 3");
        assert_eq!(
            first["edges"][0]["reasons"],
            json!(["Chosen by the editors"])
        );
        assert_eq!(first["edges"][1]["node"]["headline"], "River 1");
        assert_eq!(first["pageInfo"]["hasNextPage"], true);
        assert_eq!(page["last"]["nodes"], json!([{ "headline": "River 2" }]));
        assert_eq!(page["relatedLists"][0]["basis"], "CURATED");
        assert_eq!(page["relatedLists"][0]["articles"]["totalCount"], 3);
        let after = first["pageInfo"]["endCursor"].clone();
        let second = magazine
            .ask(
                &Caller::Public,
                document,
                json!({ "slug": "river-0", "after": after }),
            )
            .await["article"]["relatedArticles"]
            .take();
        assert_eq!(second["edges"].as_array().unwrap().len(), 1);
        assert_eq!(second["edges"][0]["node"]["headline"], "River 2");
        assert_eq!(second["pageInfo"]["hasNextPage"], false);
        assert_eq!(second["pageInfo"]["hasPreviousPage"], true);
    });
}

fn sections_do_not_stand_in_a_circle(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let save = async |slug: &str, parent: Value| {
            magazine
                .write(
                    &editor(),
                    "saveSection",
                    json!({ "slug": slug, "name": slug, "parent": parent }),
                )
                .await
        };
        save("world", json!(null)).await.unwrap();
        save("asia", json!("world")).await.unwrap();
        assert_eq!(
            save("nepal", json!("asia")).await.unwrap()["parent"]["slug"],
            "asia"
        );
        for parent in ["world", "asia", "nepal"] {
            assert_eq!(
                save("world", json!(parent)).await,
                Err("INVALID".to_owned()),
                "{parent}"
            );
        }
        let untouched = magazine
            .write(
                &editor(),
                "saveSection",
                json!({ "slug": "asia", "name": "Asia" }),
            )
            .await
            .unwrap();
        assert_eq!(untouched["parent"]["slug"], "world");
    });
}

fn issues_are_known_by_their_numbers(store: &Store) {
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
        let save = async |more: Value| {
            let mut input = json!({ "volume": 17, "number": 21, "coverDate": "2024-06-14" });
            input
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            magazine.write(&editor(), "saveMagazineIssue", input).await
        };
        let first = save(json!({ "lastNumber": 22, "publisher": "A Press" }))
            .await
            .unwrap();
        assert_eq!(first["series"], "A Magazine");
        assert_eq!(
            first["citation"],
            "VOL. 17, No. 21-22, June 14, 2024 (Jestha 32, 2081)"
        );
        let again = save(json!({ "editor": "Asha" })).await.unwrap();
        assert_eq!(
            (&again["id"], &again["publisher"]),
            (&first["id"], &json!("A Press"))
        );
        assert_eq!(save(json!({ "number": 22 })).await, Err("TAKEN".to_owned()));
        let other = save(json!({ "series": "Another Title" })).await.unwrap();
        assert_ne!(other["id"], first["id"]);
    });
}
