//! Several at once: servers that start on one database, imports that run side by side.

use std::thread;

use serde_json::json;

use crate::harness::{Listed, Masthead, Page, Server, Store, import, list, on_both_databases};

on_both_databases!(
    servers_start_on_one_empty_database_at_once,
    the_same_page_imported_at_once_is_there_once,
    pages_imported_at_once_are_all_there,
    many_reads_of_the_change_log_in_one_document_do_not_wait_for_each_other,
);

fn servers_start_on_one_empty_database_at_once(store: &Store) {
    let start = || {
        let command =
            Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"]).on(store);
        Server::run(command)
    };
    let servers: Vec<Server> = thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(start));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for server in &servers {
        let answer = server.query(
            "{ latest { totalCount } magazineIssues { totalCount } }",
            json!({}),
        );
        let expected =
            json!({ "latest": { "totalCount": 44 }, "magazineIssues": { "totalCount": 4 } });
        assert_eq!(answer, expected);
    }
}

/// A page that shares its section, its byline, one listed article and its issue with all others.
fn page(number: usize) -> String {
    Page::new(
        &format!("Ferry {number} Crossed The Lake"),
        "March 5, 2024, 6:30 p.m.",
    )
    .byline_list([Listed::new("Old Landing Gets A New Roof", "Mar 4, 2024")])
    .section(
        "Shore",
        [Listed::by(
            "Heron Colony Counted Again",
            "Mira Tamang",
            "Mar 3, 2024",
        )],
    )
    .magazine(["VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080)"])
    .text()
}

fn import_at_once(store: &Store, pages: impl IntoIterator<Item = String>) {
    Masthead::new(["migrate"]).on(store).run().succeeded();
    thread::scope(|scope| {
        for page in pages {
            scope.spawn(move || import(store, page, &[]).succeeded());
        }
    });
}

const COUNTS: &str = "{ latest { totalCount } contributors { totalCount } sections { articles { totalCount } } magazineIssues { totalCount } magazineVolumes { totalCount } }";

fn the_same_page_imported_at_once_is_there_once(store: &Store) {
    import_at_once(store, (0..4).map(|_| page(1)));
    let answer = Server::start(store).query(COUNTS, json!({}));
    let expected = json!({
        "latest": { "totalCount": 3 },
        "contributors": { "totalCount": 2 },
        "sections": [{ "articles": { "totalCount": 2 } }],
        "magazineIssues": { "totalCount": 1 },
        "magazineVolumes": { "totalCount": 1 },
    });
    assert_eq!(answer, expected);
}

fn pages_imported_at_once_are_all_there(store: &Store) {
    import_at_once(store, (0..6).map(page));
    let server = Server::start(store);
    let answer = server.query(COUNTS, json!({}));
    let expected = json!({
        "latest": { "totalCount": 8 },
        "contributors": { "totalCount": 2 },
        "sections": [{ "articles": { "totalCount": 7 } }],
        "magazineIssues": { "totalCount": 1 },
        "magazineVolumes": { "totalCount": 1 },
    });
    assert_eq!(answer, expected);
    let answer = server.query("{ latest { nodes { body { wordCount } } } }", json!({}));
    let with_body = list(&answer, "/latest/nodes")
        .iter()
        .filter(|node| node["body"]["wordCount"].as_u64().unwrap() > 0);
    assert_eq!(with_body.count(), 6);
}

/// Between waves of reads, where a query that reads by itself waits for a connection that its own wave cannot get.
fn many_reads_of_the_change_log_in_one_document_do_not_wait_for_each_other(store: &Store) {
    let server = Server::with_sample_content(store);
    let fields: Vec<String> = (1..=24)
        .map(|size| {
            format!(
                "c{size}: changes(first: {size}) {{ nodes {{ nodeId }} }} l{size}: latest(first: {size}) {{ totalCount nodes {{ id }} }}"
            )
        })
        .collect();
    let document = format!("{{ {} }}", fields.join(" "));
    for _ in 0..10 {
        let answer = server.query(&document, json!({}));
        assert_eq!(list(&answer, "/c24/nodes").len(), 24);
        assert_eq!(list(&answer, "/l24/nodes").len(), 24);
    }
}
