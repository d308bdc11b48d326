//! What caches between server and client are told: entity tags, `Cache-Control`, the tags of what an answer depends
//! on; and that an answer is the same whichever way it is asked for.

use std::io::Read as _;

use axum::body::Body;
use flate2::read::GzDecoder;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{Answered, Node, ROOMY};
use crate::{
    harness::{Store, on_both_databases},
    newsroom::{Magazine, of, publisher, run},
};

on_both_databases!(
    an_answer_is_the_same_whichever_way_it_is_asked_for,
    an_unchanged_answer_is_not_sent_again,
    an_answer_says_for_how_long_it_may_be_kept,
    an_answer_bears_the_tags_of_what_a_change_purges,
    a_kept_answer_says_that_it_depends_on_the_origin,
    one_answer_is_made_for_many_who_wait
);

async fn published(magazine: &Magazine, headline: &str, more: Value) -> Value {
    let draft = magazine.draft(headline).await;
    let draft = magazine
        .write(&publisher(), "updateArticle", of(&draft, more))
        .await
        .unwrap();
    magazine
        .write(&publisher(), "publishArticle", of(&draft, json!({})))
        .await
        .unwrap()
}

fn url(query: &str) -> String {
    let query: String = form(query);
    format!("/graphql?query={query}")
}

pub(super) fn form(text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::new(), |mut form, byte| {
        write!(form, "%{byte:02X}").unwrap();
        form
    })
}

async fn get(node: &Node, query: &str, headers: &[(&str, &str)]) -> Answered {
    let mut request = Request::get(url(query));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    node.send(request.body(Body::empty()).unwrap()).await
}

fn header<'a>(answered: &'a Answered, name: &str) -> &'a str {
    answered
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap())
        .unwrap_or_default()
}

fn an_answer_is_the_same_whichever_way_it_is_asked_for(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        for number in 0..12 {
            published(
                &magazine,
                &format!("A long enough headline, number {number}"),
                json!({}),
            )
            .await;
        }
        let node = Node::new(&magazine.database, &magazine.clock, ROOMY);
        let query = "{ latest(first: 12) { nodes { headline slug id publishedAt } } }";
        let posted = node.ask(&json!({ "query": query })).await;
        assert!(posted.len() > 900);
        let spaced = node
            .ask(&json!({ "variables": {}, "query": query, "operationName": null }))
            .await;
        assert_eq!(posted, spaced);
        for _ in 0..3 {
            assert_eq!(get(&node, query, &[]).await.body, posted);
            let coded = get(&node, query, &[("accept-encoding", "gzip")]).await;
            assert_eq!(header(&coded, "content-encoding"), "gzip");
            let mut plain = Vec::new();
            GzDecoder::new(&coded.body[..])
                .read_to_end(&mut plain)
                .unwrap();
            assert_eq!(plain, posted);
            for (coding, least) in [("br", 4), ("zstd", 4)] {
                let coded = get(&node, query, &[("accept-encoding", coding)]).await;
                assert_eq!(header(&coded, "content-encoding"), coding);
                assert!(coded.body.len() * least < posted.len() * 3);
            }
            let typed = get(
                &node,
                query,
                &[("accept", "application/graphql-response+json")],
            )
            .await;
            assert_eq!(
                header(&typed, "content-type"),
                "application/graphql-response+json; charset=utf-8"
            );
            assert_eq!(typed.body, posted);
            assert_eq!(
                header(&typed, "vary"),
                "accept, accept-encoding, authorization"
            );
            assert_eq!(header(&typed, "x-content-type-options"), "nosniff");
            assert!(header(&typed, "x-request-id").len() == 32);
            let crossed = get(&node, query, &[("origin", "https://elsewhere.example")]).await;
            assert_eq!(crossed.body, posted);
        }
        assert_eq!(
            get(&node, query, &[("accept", "text/html")]).await.status,
            StatusCode::NOT_ACCEPTABLE
        );
        assert!(node.figure("response_cache_shortcuts_total ") > 3.0);
    });
}

fn an_unchanged_answer_is_not_sent_again(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let article = published(&magazine, "Rain", json!({})).await;
        let node = Node::new(&magazine.database, &magazine.clock, ROOMY);
        let query = "{ article(slug: \"rain\") { headline } }";
        let first = get(&node, query, &[]).await;
        let tag = header(&first, "etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 30, "strong: {tag}");
        for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let again = get(&node, query, &[("if-none-match", &known)]).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED);
            assert_eq!(header(&again, "etag"), tag);
            assert!(header(&again, "cache-control").contains("s-maxage"));
            assert!(again.body.is_empty());
        }
        let input = of(&article, json!({ "headline": "Hail" }));
        magazine
            .write(&publisher(), "updateArticle", input)
            .await
            .unwrap();
        let changed = get(&node, query, &[("if-none-match", &tag)]).await;
        assert_eq!(changed.status, StatusCode::OK);
        assert_ne!(header(&changed, "etag"), tag);
        // What is not the same for everyone bears none.
        let wrong = get(&node, "{ nothing }", &[]).await;
        assert_eq!(header(&wrong, "etag"), "");
        assert!(!header(&wrong, "cache-control").contains("public"));
    });
}

fn an_answer_says_for_how_long_it_may_be_kept(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        published(&magazine, "Rain", json!({})).await;
        let node = Node::new(&magazine.database, &magazine.clock, ROOMY);
        for (query, seconds) in [
            ("{ latest { nodes { headline } } }", 10),
            ("{ article(slug: \"rain\") { headline } }", 60),
            ("{ article(slug: \"none\") { headline } }", 10),
            ("{ magazineIssues { nodes { citation } } }", 300),
            ("{ publication { title } latest { totalCount } }", 10),
            ("{ changes { nodes { nodeId } } }", 1),
        ] {
            let answered = get(&node, query, &[]).await;
            assert_eq!(
                header(&answered, "cache-control"),
                format!("public, max-age=0, s-maxage={seconds}, stale-while-revalidate=30"),
                "{query}"
            );
        }
        let token = get(
            &node,
            "{ latest { totalCount } }",
            &[("authorization", "Bearer a")],
        )
        .await;
        assert_eq!(header(&token, "cache-control"), "private, no-cache");
        assert_eq!(header(&token, "surrogate-key"), "");
        let personal = get(&node, "{ viewer { subject } }", &[]).await;
        assert_eq!(header(&personal, "cache-control"), "no-cache");
    });
}

fn an_answer_bears_the_tags_of_what_a_change_purges(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let section = json!({ "slug": "culture", "name": "Culture" });
        magazine
            .write(&publisher(), "saveSection", section)
            .await
            .unwrap();
        let article = published(&magazine, "Rain", json!({ "section": "culture" })).await;
        let node = Node::new(&magazine.database, &magazine.clock, ROOMY);
        let row = format!("row-{}", article["id"].as_str().unwrap());
        for (query, tags) in [
            (
                "{ article(slug: \"rain\") { headline } }",
                vec![row.as_str()],
            ),
            (
                "{ article(slug: \"hail\") { headline } }",
                vec!["slug-hail"],
            ),
            (
                "{ latest { nodes { id } } }",
                vec![row.as_str(), "list-all"],
            ),
            (
                "{ latest(section: \"culture\") { nodes { id } } }",
                vec!["list-section-culture", "kind-section"],
            ),
            ("{ sections { name } }", vec!["kind-section"]),
            ("{ changes { nodes { nodeId } } }", vec!["everything"]),
        ] {
            let answered = get(&node, query, &[]).await;
            let borne: Vec<&str> = header(&answered, "surrogate-key").split(' ').collect();
            assert!(
                tags.iter().all(|tag| borne.contains(tag)),
                "{query}: {borne:?}"
            );
            assert_eq!(header(&answered, "cache-tag"), borne.join(","));
        }
    });
}

fn a_kept_answer_says_that_it_depends_on_the_origin(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        let node = Node::asked_from_elsewhere(&magazine.database, &magazine.clock);
        for _ in 0..3 {
            let answered = get(&node, "{ publication { title } }", &[]).await;
            let varies: Vec<_> = answered.headers.get_all("vary").iter().collect();
            assert!(
                varies
                    .iter()
                    .any(|value| value.to_str().unwrap().contains("origin")),
                "{varies:?}"
            );
        }
    });
}

fn one_answer_is_made_for_many_who_wait(store: &Store) {
    run(async {
        let magazine = Magazine::open(store).await;
        for number in 0..30 {
            published(&magazine, &format!("Number {number}"), json!({})).await;
        }
        let node = Node::new(&magazine.database, &magazine.clock, ROOMY);
        let question = json!({ "documentId": "latest", "variables": { "first": 30 } });
        let asked = (0..40).map(|_| node.ask(&question));
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| answer == &answers[0]));
        let made = node.figure("response_cache_misses_total ")
            - node.figure("response_cache_shared_total ");
        assert!(made < 40.0, "{made}");
    });
}
