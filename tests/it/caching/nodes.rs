//! Two nodes over one PostgreSQL, by the real clock: many clients ask both, while articles are written, published
//! and scheduled through either.
//!
//! What a node answers is compared with what is made anew, whenever the archive stood still meanwhile: nothing was
//! committed and nothing fell due. What the other node wrote may be missing for a second.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use masthead_domain::clock::Clock;
use masthead_persistence::{Database, DatabaseSettings, Edition};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;

use super::{Node, ROOMY, question};
use crate::{
    harness::Store,
    newsroom::{Magazine, mirror::act, run},
};

const CLIENTS: u64 = 6;
const LASTS: Duration = Duration::from_secs(12);
/// What a node may not know of the other.
const BEHIND: Duration = Duration::from_secs(1);

/// When something was last written through each node.
type LastWritten = Arc<Mutex<[Instant; 2]>>;

async fn edition(database: &Database) -> Edition {
    database.snapshot().edition().await.unwrap().unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "writers and readers side by side")]
fn two_nodes_never_answer_what_is_old() {
    let store = Store::postgres();
    run(async move {
        let clock = Clock::system();
        let open = async || {
            let mut magazine = Magazine::open(&store).await;
            magazine.clock = clock.clone();
            magazine.archive =
                masthead_api::graphql::Archive::new(magazine.database.clone(), clock.clone());
            magazine
        };
        let magazines = [open().await, open().await];
        let nodes = [0, 1].map(|place: usize| {
            Node::new(&magazines[place].database, &magazines[place].clock, ROOMY)
        });
        let settings = DatabaseSettings {
            url: store.address(),
            ..DatabaseSettings::default()
        };
        let aside = Database::open(&settings).await.unwrap();
        let forgetful = Node::forgetful(&aside, &clock);
        let following: Vec<_> = nodes
            .iter()
            .map(|node| {
                let follower = node.follower.clone();
                tokio::spawn(async move { follower.follow().await })
            })
            .collect();
        let last_written: LastWritten = Arc::new(Mutex::new([Instant::now(); 2]));
        let articles = Arc::new(tokio::sync::Mutex::new(Vec::new()));
        let (stop, compared, behind) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
        );
        let writing = {
            let (last_written, articles, stop) =
                (last_written.clone(), articles.clone(), stop.clone());
            let magazines = magazines.clone();
            tokio::spawn(async move {
                let mut random = StdRng::seed_from_u64(4);
                while !stop.load(Ordering::SeqCst) {
                    let place = random.random_range(0..2);
                    let mut step: (u8, u8, u8) = random.random();
                    if step.0 % 20 == 10 {
                        // The log is not pruned behind its readers here.
                        step.0 += 1;
                    }
                    // It is committed at some time in between.
                    last_written.lock().unwrap()[place] = Instant::now();
                    act(&magazines[place], &mut *articles.lock().await, step).await;
                    last_written.lock().unwrap()[place] = Instant::now();
                    // Mostly one after the other, and now and then a rest long enough for the other node.
                    let rest = if random.random_ratio(1, 12) {
                        1_300
                    } else {
                        25
                    };
                    tokio::time::sleep(Duration::from_millis(rest)).await;
                }
            })
        };
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (nodes, forgetful, aside, clock) = (
                    nodes.clone(),
                    forgetful.clone(),
                    aside.clone(),
                    clock.clone(),
                );
                let (last_written, articles, stop, compared, behind) = (
                    last_written.clone(),
                    articles.clone(),
                    stop.clone(),
                    compared.clone(),
                    behind.clone(),
                );
                tokio::spawn(async move {
                    let mut random = StdRng::seed_from_u64(100 + client);
                    while !stop.load(Ordering::SeqCst) {
                        let place = random.random_range(0..2);
                        let ids = articles.lock().await.clone();
                        let question = question(random.random(), random.random_range(0..32), &ids);
                        let written_elsewhere = last_written.lock().unwrap()[1 - place];
                        let before = edition(&aside).await;
                        let asked = Instant::now();
                        let answer = nodes[place].ask(&question).await;
                        let made_now = forgetful.ask(&question).await;
                        let after = edition(&aside).await;
                        let stood_still = before == after
                            && after.next_publication.is_none_or(|at| at > clock.now());
                        if !stood_still {
                            continue;
                        }
                        if answer == made_now {
                            compared.fetch_add(1, Ordering::SeqCst);
                            continue;
                        }
                        assert!(
                            asked.duration_since(written_elsewhere) < BEHIND,
                            "{question}\nanswered {}\nnow {}",
                            String::from_utf8_lossy(&answer),
                            String::from_utf8_lossy(&made_now)
                        );
                        behind.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        tokio::time::sleep(LASTS).await;
        stop.store(true, Ordering::SeqCst);
        for client in clients {
            client.await.unwrap();
        }
        writing.await.unwrap();
        following.iter().for_each(tokio::task::JoinHandle::abort);
        let figure = |name: &str| nodes[0].figure(name);
        let (hits, dropped, needlessly) = (
            figure("response_cache_hits_total "),
            figure("response_cache_dropped_total "),
            figure("response_cache_dropped_needlessly_total "),
        );
        let compared = compared.load(Ordering::SeqCst);
        eprintln!(
            "{compared} answers were what is made anew, {} a moment behind the other node; {hits} were kept ones, \
             {dropped} were dropped, {:.0} % of them without need",
            behind.load(Ordering::SeqCst),
            100.0 * needlessly / dropped
        );
        assert!(compared > 50 && hits > 10.0 && dropped > 5.0);
    });
}

/// A write through one node is seen through the other within a second, whether the database tells of it or not.
#[test]
fn another_node_sees_a_write_within_a_second() {
    let store = Store::postgres();
    run(async move {
        let magazine = Magazine::open(&store).await;
        let other = magazine.another_node(&store).await;
        // Nothing wakes this one: it looks when it is asked, if it has not for a while.
        let node = Node::new(&other.database, &other.clock, ROOMY);
        let question = json!({ "documentId": "latest" });
        for number in 0..3 {
            node.ask(&question).await;
            let draft = magazine.draft(&format!("Number {number}")).await;
            let input = json!({ "id": draft["id"], "revision": draft["revision"] });
            magazine
                .write(&crate::newsroom::publisher(), "publishArticle", input)
                .await
                .unwrap();
            let written = Instant::now();
            let seen = loop {
                let answer = node.ask(&question).await;
                if String::from_utf8_lossy(&answer).contains(&format!("Number {number}")) {
                    break written.elapsed();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            assert!(seen < BEHIND, "{seen:?}");
        }
    });
}
