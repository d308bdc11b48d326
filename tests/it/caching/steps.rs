//! Step by step, with the clock held: after each of random mutations and moves of the clock, random questions are
//! answered by a node that keeps what it answers, and by one that keeps nothing.

use masthead_api::cache::CacheSettings;
use proptest::{
    prelude::{any, prop},
    test_runner::{Config, TestRunner},
};

use super::{Node, ROOMY, question};
use crate::{
    harness::{Store, on_both_databases},
    newsroom::{Magazine, mirror::act},
};

on_both_databases!(what_is_kept_is_what_would_be_made_now);

fn what_is_kept_is_what_would_be_made_now(store: &Store) {
    let cases = if store.product() == "SQLite" { 20 } else { 3 };
    let steps = prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 30..90);
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let telemetry = masthead_api::http::Telemetry::install().unwrap();
    runner
        .run(&steps, |steps| {
            let store = store.another();
            runtime.block_on(async {
                let magazine = Magazine::open(&store).await;
                let nodes = [
                    Node::new(&magazine.database, &magazine.clock, ROOMY),
                    // One that keeps what it reads, but no answers; and one that has hardly room.
                    Node::new(
                        &magazine.database,
                        &magazine.clock,
                        CacheSettings {
                            responses: false,
                            ..ROOMY
                        },
                    ),
                    Node::new(
                        &magazine.database,
                        &magazine.clock,
                        CacheSettings::of(50_000),
                    ),
                ];
                let forgetful = Node::forgetful(&magazine.database, &magazine.clock);
                let mut articles = Vec::new();
                for (place, step) in steps.iter().enumerate() {
                    act(&magazine, &mut articles, *step).await;
                    // Questions come again, so that most are answered with what is kept.
                    for asked in 0..6 {
                        let (_, which, how) = steps[(place * 3 + asked) % steps.len()];
                        let question = question(which % 16 + how % 2, how % 32, &articles);
                        let made_now = forgetful.ask(&question).await;
                        for node in &nodes {
                            for _ in 0..2 {
                                let kept = node.ask(&question).await;
                                assert_eq!(
                                    String::from_utf8_lossy(&kept),
                                    String::from_utf8_lossy(&made_now),
                                    "{question}"
                                );
                            }
                        }
                    }
                }
                magazine.database.clone().close().await.unwrap();
            });
            Ok(())
        })
        .unwrap();
    let figures = telemetry.render();
    let figure = |name: &str| -> f64 {
        figures
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
            .unwrap_or_default()
    };
    let [hits, dropped, needlessly] = [
        "response_cache_hits_total ",
        "response_cache_dropped_total ",
        "response_cache_dropped_needlessly_total ",
    ]
    .map(figure);
    assert!(hits > 100.0 && dropped > 10.0, "{figures}");
    eprintln!(
        "{}: {hits} answers were kept ones; {dropped} were dropped, {:.0} % of them without need",
        store.product(),
        100.0 * needlessly / dropped
    );
}
