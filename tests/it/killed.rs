//! Killed in the middle of writes, again and again: what was acknowledged is there, no half of anything is, and
//! nothing is done twice.

mod worker;

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use masthead_domain::clock::Clock;
use serde_json::{Value, json};

use crate::{
    check::sound,
    harness::{Masthead, Server, Store, instant, list, on_both_databases, token},
};
use worker::{Random, Worker};

on_both_databases!(nothing_is_lost);

/// What all that is random follows from; another one is another test.
const SEED: u64 = 20_261_124;
const WORKERS: u64 = 4;
/// So many at least, and more while there is time.
const ROUNDS: u32 = 10;
const ENOUGH: Duration = Duration::from_secs(12);

/// Says what a failure followed from.
struct Seed;

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("all that was random followed from the seed {SEED}");
        }
    }
}

fn nothing_is_lost(store: &Store) {
    let _seed = Seed;
    let mut random = Random::new(SEED);
    let mut workers: Vec<Worker> = (0..WORKERS)
        .map(|number| Worker::new(SEED, number))
        .collect();
    let mut followers = [
        Follower::new(Some(token("publisher", &[]))),
        Follower::new(None),
    ];
    let begun = Instant::now();
    let (mut rounds, mut interrupted) = (0, 0);
    while rounds < ROUNDS || begun.elapsed() < ENOUGH {
        let server = Server::start(store);
        look(&server, &mut workers, &mut followers);
        let copy = write_until_killed(&server, store, &mut workers, &mut random, rounds % 3 == 2);
        drop(server);
        // No half of anything, as it lies there; and in a copy that was made meanwhile.
        sound(store);
        if let Some(copy) = copy {
            sound(&copy);
        }
        interrupted += workers.iter().filter(|worker| worker.waits()).count();
        rounds += 1;
    }
    let server = Server::start(store);
    look(&server, &mut workers, &mut followers);
    for worker in &workers {
        worker.compare_revisions(&server);
    }
    let done: usize = workers.iter().map(|worker| worker.done.len()).sum();
    let unheard: usize = workers.iter().map(|worker| worker.unheard).sum();
    eprintln!(
        "{rounds} kills in {:?}: {done} writes; {interrupted} without an answer, {unheard} of them carried out",
        begun.elapsed()
    );
    // Else it was no test: nothing was in the middle of anything.
    assert!(interrupted > 10 && done > 30, "{interrupted} of {done}");
}

/// Has all workers write at once until the server is killed under them; answers a copy that was made meanwhile.
fn write_until_killed(
    server: &Server,
    store: &Store,
    workers: &mut [Worker],
    random: &mut Random,
    with_copy: bool,
) -> Option<Store> {
    thread::scope(|scope| {
        for worker in workers {
            scope.spawn(move || worker.write_on(server));
        }
        let copied = (with_copy && matches!(store, Store::Sqlite(_))).then(|| {
            let copy = Store::sqlite();
            let file = PathBuf::from(copy.address().trim_start_matches("sqlite://"));
            Masthead::new(["backup"])
                .arg(&file)
                .on(store)
                .run()
                .succeeded();
            assert!(fs::metadata(&file).unwrap().len() > 0);
            copy
        });
        thread::sleep(Duration::from_millis(random.below(400)));
        server.signal_kill();
        copied
    })
}

/// Takes up what had no answer, and compares everything with what was acknowledged.
fn look(server: &Server, workers: &mut [Worker], followers: &mut [Follower; 2]) {
    for worker in workers.iter_mut() {
        worker.take_up(server);
        worker.compare(server);
    }
    let now = Clock::system().now();
    for follower in followers.iter_mut() {
        follower.follow(server);
    }
    let [newsroom, public] = followers;
    for worker in workers {
        worker.compare_changes(newsroom, now);
        for (id, at) in worker.scheduled() {
            let told = public.of(id);
            let expected: &[DateTime<Utc>] = if at <= now { &[at] } else { &[] };
            assert!(
                told == expected || (at > now && told == [at]),
                "{id} was published at {at}, and it is {now}: {told:?}"
            );
        }
    }
}

/// Someone who follows `changes` through all kills.
struct Follower {
    token: Option<String>,
    after: Value,
    /// What they were told: of what, and when it came about.
    told: Vec<(String, DateTime<Utc>)>,
    by_node: HashMap<String, Vec<DateTime<Utc>>>,
}

impl Follower {
    fn new(token: Option<String>) -> Self {
        Self {
            token,
            after: Value::Null,
            told: Vec::new(),
            by_node: HashMap::new(),
        }
    }

    fn follow(&mut self, server: &Server) {
        let document = "query($after: String) { changes(first: 100, after: $after) { nodes { nodeId at kind } pageInfo { hasNextPage endCursor } } }";
        loop {
            let variables = json!({ "after": self.after });
            let answer = match &self.token {
                Some(token) => server.query_as(token, document, variables),
                None => server.query(document, variables),
            };
            for change in list(&answer, "/changes/nodes") {
                let id = change["nodeId"].as_str().unwrap().to_owned();
                let at = instant(&change["at"]);
                self.by_node.entry(id.clone()).or_default().push(at);
                self.told.push((id, at));
            }
            self.after = answer["changes"]["pageInfo"]["endCursor"].clone();
            if answer["changes"]["pageInfo"]["hasNextPage"] == false {
                return;
            }
        }
    }

    /// When the changes of a node came about.
    fn of(&self, id: &str) -> &[DateTime<Utc>] {
        self.by_node.get(id).map_or(&[], Vec::as_slice)
    }
}
