//! The sample magazine that a new database is filled with.

use serde_json::json;

use crate::harness::{Page, Server, Store, import, list, on_both_databases};

on_both_databases!(
    a_new_database_is_filled_once,
    an_archive_that_holds_articles_is_left_alone
);

const EVERYTHING: &str = r"
{
  publication { title url timeZone language }
  sections { name articles { totalCount } }
  contributors { nodes { kind } }
  topics { totalCount }
  magazineIssues { totalCount nodes { citation articles { totalCount } } }
  magazineVolumes { totalCount }
  latest(first: 100) {
    totalCount
    nodes { id slug revision language headline status section { name } bylines { name } body { html text wordCount readingMinutes blocks { __typename } } }
  }
}";

fn a_new_database_is_filled_once(store: &Store) {
    let server = Server::with_sample_content(store);
    let answer = server.query(EVERYTHING, json!({}));
    assert_eq!(answer["latest"]["totalCount"], 44);
    assert_eq!(answer["magazineIssues"]["totalCount"], 4);
    assert_eq!(answer["magazineVolumes"]["totalCount"], 2);
    assert!(list(&answer, "/sections").len() >= 3);
    let kinds: Vec<&str> = list(&answer, "/contributors/nodes")
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert!(
        ["PERSON", "AGENCY", "DESK"]
            .iter()
            .all(|kind| kinds.contains(kind)),
        "{kinds:?}"
    );
    let nodes = list(&answer, "/latest/nodes");
    assert!(
        nodes.iter().filter(|node| node["language"] == "ne").count() >= 5,
        "some in Nepali"
    );
    for node in nodes {
        assert_eq!(node["status"], "PUBLISHED");
        assert!(
            !node["section"].is_null() && !list(node, "/bylines").is_empty(),
            "{node}"
        );
        let body = &node["body"];
        assert!(body["wordCount"].as_u64().unwrap() > 50, "{node}");
        assert!(body["readingMinutes"].as_u64().unwrap() >= 1, "{node}");
        assert!(body["html"].as_str().unwrap().contains("<p>"), "{node}");
        assert!(node["slug"].as_str().unwrap().is_ascii(), "{node}");
    }
    drop(server);
    let again = Server::with_sample_content(store).query(EVERYTHING, json!({}));
    assert_eq!(again, answer);
}

fn an_archive_that_holds_articles_is_left_alone(store: &Store) {
    import(
        store,
        Page::new("Regatta Postponed", "June 18, 2024, 7:52 a.m.").text(),
        &[],
    )
    .succeeded();
    let answer = Server::with_sample_content(store).query(EVERYTHING, json!({}));
    assert_eq!(answer["latest"]["totalCount"], 1);
    assert_eq!(answer["topics"]["totalCount"], 0);
    assert_eq!(answer["magazineIssues"]["totalCount"], 0);
}
