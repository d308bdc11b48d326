//! `masthead generate`: a made-up magazine to measure by.

use serde_json::json;

use crate::harness::{Masthead, Server, Store, on_both_databases};

on_both_databases!(the_same_seed_makes_the_same_magazine);

const ASKED: &str = "{ latest(first: 40) { totalCount nodes { id slug headline publishedAt bylines { name kind } section { name } topics { slug } magazineIssue { citation } body { wordCount text } } }
  magazineIssues { totalCount } sections { slug articles { totalCount } } changes(first: 1) { nodes { nodeId } } }";

fn generate(store: &Store, seed: &str) -> crate::harness::Output {
    Masthead::new(["generate", "--articles", "300", "--seed", seed])
        .on(store)
        .run()
}

fn the_same_seed_makes_the_same_magazine(store: &Store) {
    let asked = |seed: &str| {
        let store = store.another();
        generate(&store, seed).succeeded();
        Server::start(&store).query(ASKED, json!({}))
    };
    let made = asked("7");
    assert_eq!(made["latest"]["totalCount"], 300);
    assert_eq!(made["magazineIssues"]["totalCount"], 480);
    assert_eq!(asked("7"), made);
    assert_ne!(asked("8")["latest"], made["latest"]);

    generate(store, "7").succeeded();
    let again = generate(store, "7");
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("holds articles already"), "{again:?}");
}
