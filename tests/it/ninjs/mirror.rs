//! Partners' mirrors: they follow `/ninjs/changes` while a newsroom does whatever it can do and the server is stopped,
//! killed and pruned under them, and in the end hold what a full fetch gives.
//!
//! For some seconds; for longer with `MASTHEAD_MIRROR_SECONDS` in the environment. `MASTHEAD_MIRROR_SEED` has the
//! newsroom do the same once more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Desk, asks, embargo, input_of, read, schema::Ninjs, walk};
use crate::harness::{Masthead, Server, Store, now, on_both_databases, token};

on_both_databases!(a_partners_mirror_is_what_a_full_fetch_gives);

/// A number from the environment.
#[expect(clippy::disallowed_methods, reason = "a test has no settings file")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Numbers that look random (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        let place = self.throw(all.len() as u64);
        all[usize::try_from(place).unwrap()]
    }
}

/// Whoever follows, by what the documentation asks of a partner and nothing else.
struct Mirror {
    name: &'static str,
    /// Makes its token anew for each request: no token lasts for longer than an hour here.
    bearer: Option<fn() -> String>,
    pause: Duration,
    next: String,
    /// What may be shown or is withheld, by its URI.
    held: BTreeMap<String, Value>,
    /// What was told to be taken down and has not come again.
    canceled: BTreeSet<String>,
    pages: usize,
    items: usize,
    started_again: usize,
}

const START: &str = "/ninjs/changes?first=20";

impl Mirror {
    fn new(name: &'static str, bearer: Option<fn() -> String>, pause: Duration) -> Self {
        Self {
            name,
            bearer,
            pause,
            next: START.to_owned(),
            held: BTreeMap::new(),
            canceled: BTreeSet::new(),
            pages: 0,
            items: 0,
            started_again: 0,
        }
    }

    /// Asks; none where the server has died meanwhile.
    fn ask(&self, server: &RwLock<Server>, path: &str) -> Option<(u16, Value)> {
        let server = server.read().unwrap();
        let response = asks(
            server.request("GET", path),
            self.bearer.map(|token| token()).as_deref(),
        )
        .send();
        let response = response.ok()?;
        Some((response.status().as_u16(), response.json().ok()?))
    }

    /// Follows until there is no more; `false` where the server has died meanwhile.
    fn follow(&mut self, server: &RwLock<Server>, schema: &Ninjs) -> bool {
        loop {
            let Some((status, page)) = self.ask(server, &self.next) else {
                return false;
            };
            if status == 410 {
                assert_ne!(self.next, START, "the start says to start again");
                START.clone_into(&mut self.next);
                self.held.clear();
                self.canceled.clear();
                self.started_again += 1;
                continue;
            }
            assert_eq!(status, 200, "{} at {}: {page:#}", self.name, self.next);
            let members = |name: &str| page[name].as_array().cloned().unwrap_or_default();
            for item in members("items") {
                schema.assert_valid(&item);
                self.take(item);
            }
            for concept in members("concepts") {
                if !self.renew_what_names(server, &concept) {
                    // Told once more: to take an item twice does no harm.
                    return false;
                }
            }
            self.pages += 1;
            page["next"].as_str().unwrap().clone_into(&mut self.next);
            if page["hasNextPage"] == false {
                return true;
            }
        }
    }

    fn take(&mut self, item: Value) {
        self.items += 1;
        let uri = item["uri"].as_str().unwrap().to_owned();
        if item["pubStatus"] == "canceled" {
            for word in ["title", "headlines", "bodies", "descriptions", "slugline"] {
                assert_eq!(item[word], Value::Null, "{item:#}");
            }
            self.held.remove(&uri);
            self.canceled.insert(uri);
        } else {
            self.canceled.remove(&uri);
            self.held.insert(uri, item);
        }
    }

    /// Fetches anew what names something that is called otherwise now.
    fn renew_what_names(&mut self, server: &RwLock<Server>, concept: &Value) -> bool {
        let uri = concept["uri"].as_str().unwrap();
        let is_named = |item: &Value| {
            concept["type"] == "publication" || item.to_string().contains(&format!("\"{uri}\""))
        };
        let held = self.held.iter();
        let renewed: Vec<String> = held
            .filter(|(_, item)| is_named(item))
            .map(|(uri, _)| uri.clone())
            .collect();
        for uri in renewed {
            let Some((status, item)) = self.ask(server, &format!("/ninjs/items/{uri}")) else {
                return false;
            };
            match status {
                200 => self.take(item),
                // The log will tell why.
                404 => drop(self.held.remove(&uri)),
                _ => panic!("{uri} answered {status}: {item:#}"),
            }
        }
        true
    }

    /// Compares with a full fetch: with each item by itself, and with all that is listed.
    fn compare(&self, server: &Server, articles: &[String], schema: &Ninjs) {
        let bearer = self.bearer.map(|token| token());
        let bearer = bearer.as_deref();
        let mut fetched = BTreeMap::new();
        for id in articles {
            let path = format!("/ninjs/items/{id}");
            let response = asks(server.request("GET", &path), bearer).send().unwrap();
            let status = response.status().as_u16();
            let item: Value = response.json().unwrap();
            if status == 404 {
                continue;
            }
            assert_eq!(status, 200, "{item:#}");
            schema.assert_valid(&item);
            let uri = item["uri"].as_str().unwrap().to_owned();
            if item["pubStatus"] == "canceled" {
                assert!(!self.held.contains_key(&uri), "{} shows {uri}", self.name);
                continue;
            }
            fetched.insert(uri, item);
        }
        let settled = |items: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
            items
                .iter()
                .map(|(uri, item)| (uri.clone(), without_neighbours(item)))
                .collect()
        };
        let (held, fetched) = (settled(&self.held), settled(&fetched));
        let uris = |items: &BTreeMap<String, Value>| items.keys().cloned().collect::<Vec<_>>();
        assert_eq!(uris(&held), uris(&fetched), "held by {}", self.name);
        for (uri, item) in &held {
            assert_eq!(item, &fetched[uri], "held by {}", self.name);
        }
        let listed = walk(server, "/ninjs/latest?first=50", bearer, schema);
        let listed: BTreeSet<_> = listed
            .iter()
            .map(|item| item["uri"].as_str().unwrap().to_owned())
            .collect();
        let usable = held
            .iter()
            .filter(|(_, item)| item["pubStatus"] == "usable");
        let usable: BTreeSet<_> = usable.map(|(uri, _)| uri.clone()).collect();
        assert_eq!(usable, listed, "held by {}", self.name);
        assert!(self.canceled.iter().all(|uri| !listed.contains(uri)));
    }
}

/// An item without what an editor has put beside it: that one of those came or went is told of that one alone.
fn without_neighbours(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(associations) = item.get_mut("associations").and_then(Value::as_array_mut) {
        associations.retain(|one| one["rel"] != "related");
        if associations.is_empty() {
            item.as_object_mut().unwrap().remove("associations");
        }
    }
    item
}

/// One thing that a newsroom does, whatever comes of it.
fn act(desk: &Desk<'_>, dice: &mut Dice, articles: &mut Vec<String>) {
    let name = dice.one_of(&["one", "two", "three"]);
    let number = dice.throw(1000);
    let what = dice.throw(24);
    let creates = what < 4 || articles.is_empty();
    if creates {
        let input = json!({ "headline": format!("River {number}"), "body": { "text": format!("It rained {number}.") } });
        let payload = desk.attempt("createArticle", &input).unwrap();
        articles.extend(payload["article"]["id"].as_str().map(str::to_owned));
        return;
    }
    let (mutation, input) = match what {
        4 => (
            "saveSection",
            json!({ "slug": name, "name": format!("Section {number}") }),
        ),
        5 => {
            let kind = dice.one_of(&["PERSON", "AGENCY", "DESK"]);
            (
                "saveContributor",
                json!({ "slug": name, "name": format!("Someone {number}"), "kind": kind }),
            )
        }
        6 => (
            "saveTopic",
            json!({ "slug": name, "name": format!("Topic {number}") }),
        ),
        7 if number.is_multiple_of(3) => (
            "savePublication",
            json!({ "title": format!("Magazine {number}") }),
        ),
        7 if number % 3 == 1 => (
            "savePublication",
            json!({ "publisher": name, "url": format!("https://{name}.example/") }),
        ),
        7 => (
            "saveMagazineIssue",
            json!({ "volume": 1, "number": 1 + number % 3, "coverDate": "2024-06-14" }),
        ),
        _ => {
            let place = usize::try_from(dice.throw(articles.len() as u64)).unwrap();
            let answer = desk.0.query_as(
                &token("admin", &[]),
                "query($id: ID!) { node(id: $id) { ... on Article { id revision } } }",
                json!({ "id": articles[place] }),
            );
            let article = &answer["node"];
            if article.is_null() {
                return;
            }
            let other = &articles[(place + 1) % articles.len()];
            let soon = chrono::DateTime::from_timestamp_millis(
                now() * 1000 + 1_500 + i64::try_from(number).unwrap(),
            );
            let (mutation, more) = match what {
                8 => (
                    "scheduleArticle",
                    json!({ "publishAt": soon.unwrap().to_rfc3339() }),
                ),
                9 => ("unscheduleArticle", json!({})),
                10..=13 => ("publishArticle", json!({})),
                14 | 15 => (
                    "withdrawArticle",
                    json!({ "reason": format!("Reason {number}.") }),
                ),
                16 => (
                    "correctArticle",
                    json!({ "text": format!("It was {number}.") }),
                ),
                17 => ("deleteDraft", json!({})),
                18 => ("setRelatedArticles", json!({ "articles": [other] })),
                19 => (
                    "updateArticle",
                    json!({ "section": name, "topics": [name] }),
                ),
                20 => (
                    "updateArticle",
                    json!({ "bylines": [name], "dateline": name }),
                ),
                21 => (
                    "updateArticle",
                    json!({ "slug": format!("river-{number}") }),
                ),
                22 => ("restoreRevision", json!({ "restore": 1 + number % 3 })),
                _ => (
                    "updateArticle",
                    json!({ "headline": format!("Lake {number}"), "standfirst": "A lake." }),
                ),
            };
            (mutation, input_of(article, more))
        }
    };
    // What is refused changes nothing, which is as good a step as any.
    drop(desk.attempt(mutation, &input));
}

/// Stops the server in one way or the other, and starts another.
fn start_again(server: &RwLock<Server>, store: &Store, kills: bool) {
    let running = server.read().unwrap();
    if kills {
        running.signal_kill();
    } else {
        running.signal_stop();
    }
    drop(running);
    let mut server = server.write().unwrap();
    drop(server.wait_for_its_end());
    *server = Server::start(store);
}

fn a_partners_mirror_is_what_a_full_fetch_gives(store: &Store) {
    let schema = Ninjs::read();
    let lasts = Duration::from_secs(setting("MASTHEAD_MIRROR_SECONDS").unwrap_or(8));
    let seed = setting("MASTHEAD_MIRROR_SEED").unwrap_or_else(|| now().unsigned_abs());
    eprintln!("MASTHEAD_MIRROR_SEED={seed}");
    let mut dice = Dice(seed);
    let mut articles = Vec::new();
    let server = RwLock::new(Server::start(store));
    let is_over = AtomicBool::new(false);
    let mut mirrors = [
        Mirror::new("the public", None, Duration::from_millis(50)),
        Mirror::new("a partner", Some(embargo), Duration::from_millis(120)),
        Mirror::new("who seldom looks", None, Duration::from_millis(2_500)),
    ];
    let (mut acts, mut starts) = (0, 0);
    thread::scope(|scope| {
        for mirror in &mut mirrors {
            let (server, schema, is_over) = (&server, &schema, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    mirror.follow(server, schema);
                    thread::sleep(mirror.pause);
                }
            });
        }
        let ends = Over(&is_over);
        let until = Instant::now() + lasts;
        let mut next_start = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            act(&Desk(&server.read().unwrap()), &mut dice, &mut articles);
            acts += 1;
            if Instant::now() > next_start {
                starts += 1;
                start_again(&server, store, starts % 2 == 0);
                if starts % 3 == 0 {
                    let pruned = Masthead::new(["prune", "--older-than", "1s"])
                        .on(store)
                        .run();
                    assert_eq!(pruned.code, Some(0), "{pruned:?}");
                }
                next_start = Instant::now() + Duration::from_secs(1 + dice.throw(4));
            }
        }
        drop(ends);
    });
    // What is scheduled comes out within these.
    thread::sleep(Duration::from_secs(3));
    for mirror in &mut mirrors {
        assert!(mirror.follow(&server, &schema));
        let server = server.read().unwrap();
        mirror.compare(&server, &articles, &schema);
        eprintln!(
            "{} on {}: {} pages, {} items, started again {} times; holds {}, {} canceled",
            mirror.name,
            store.product(),
            mirror.pages,
            mirror.items,
            mirror.started_again,
            mirror.held.len(),
            mirror.canceled.len()
        );
        assert!(mirror.held.len() > 3 && mirror.pages > 1);
    }
    eprintln!(
        "{acts} acts on {} articles, {starts} starts",
        articles.len()
    );
    let empty = read(&server.read().unwrap(), &mirrors[0].next, None);
    assert_eq!(empty["items"], json!([]), "there is nothing more");
    assert_eq!(empty["hasNextPage"], false);
}

/// Says that it is over, also where something panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
