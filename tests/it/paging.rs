//! While articles come, go and are dated anew, a client that pages through the latest feed sees each article
//! that was there all the time exactly once and in order: forwards and backwards, ties in time included.

use std::collections::{HashMap, HashSet};

use proptest::{
    prelude::{Strategy, any, prop_oneof},
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::harness::{Listed, Masthead, Page, Server, Store, list, on_both_databases};

on_both_databases!(a_client_sees_what_was_there_all_the_time_exactly_once);

/// How often the property is tried on each database.
const CASES: u32 = 5;

/// Far more rows than a case has.
const MOST_SEEN: usize = 400;

/// An article's time: few hours of few days, so that many are equal.
#[derive(Clone, Copy, Debug)]
struct Time {
    day: u32,
    hour: u32,
}

/// A page to import: its own article's time, and the days of the articles in its latest list.
#[derive(Clone, Debug)]
struct Import {
    time: Time,
    listed: Vec<u32>,
}

/// What happens between two pages that a client reads.
#[derive(Clone, Debug)]
enum Event {
    Nothing,
    /// A page is imported.
    Import(Import),
    /// The row that the forward cursor was made from is deleted.
    DeleteCursorRow,
    /// The row that the backward cursor was made from moves to another time.
    RedateCursorRow(Time),
    /// Some row of what was there is deleted.
    Delete(usize),
}

#[derive(Clone, Debug)]
struct Case {
    initial: Vec<Import>,
    /// What happens, and how many rows are asked for after it.
    steps: Vec<(Event, u8)>,
}

fn times() -> impl Strategy<Value = Time> {
    (10..14_u32, 7..9_u32).prop_map(|(day, hour)| Time { day, hour })
}

fn imports() -> impl Strategy<Value = Import> {
    (times(), proptest::collection::vec(10..14_u32, 0..4)).prop_map(|(time, mut listed)| {
        // As a latest list stands: the newest day first.
        listed.sort_unstable_by(|one, other| other.cmp(one));
        Import { time, listed }
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let event = prop_oneof![
        3 => proptest::strategy::Just(Event::Nothing),
        4 => imports().prop_map(Event::Import),
        1 => proptest::strategy::Just(Event::DeleteCursorRow),
        1 => times().prop_map(Event::RedateCursorRow),
        1 => any::<usize>().prop_map(Event::Delete),
    ];
    let steps = proptest::collection::vec((event, 1..6_u8), 4..8);
    (proptest::collection::vec(imports(), 4..10), steps)
        .prop_map(|(initial, steps)| Case { initial, steps })
}

fn a_client_sees_what_was_there_all_the_time_exactly_once(store: &Store) {
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        // A case starts processes: few tries at making a failing one smaller.
        max_shrink_iters: 30,
        failure_persistence: None,
        ..Config::default()
    });
    let property = |case: Case| {
        run(&store.another(), &case);
        Ok(())
    };
    if let Err(failure) = runner.run(&cases(), property) {
        panic!("{failure}");
    }
}

/// One client that reads page by page in one direction.
struct Client {
    forwards: bool,
    cursor: Option<String>,
    /// The article that the cursor was made from.
    at: Option<String>,
    seen: Vec<String>,
    done: bool,
}

impl Client {
    const fn new(forwards: bool) -> Self {
        Self {
            forwards,
            cursor: None,
            at: None,
            seen: Vec::new(),
            done: false,
        }
    }

    fn read(&mut self, server: &Server, size: u8) {
        if self.done {
            return;
        }
        let (arguments, page) = if self.forwards {
            ("first: $size, after: $cursor", "endCursor")
        } else {
            ("last: $size, before: $cursor", "startCursor")
        };
        let document = format!(
            "query($size: Int, $cursor: String) {{ latest({arguments}) {{
               edges {{ cursor node {{ id publishedAt }} }}
               pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = server.query(&document, json!({ "size": size, "cursor": self.cursor }));
        let mut edges: Vec<&Value> = list(&answer, "/latest/edges").iter().collect();
        assert!(edges.len() <= usize::from(size));
        assert!(
            edges.is_sorted_by(|above, below| above["node"]["publishedAt"].as_str()
                >= below["node"]["publishedAt"].as_str()),
            "{answer:#}"
        );
        if !self.forwards {
            edges.reverse();
        }
        self.seen.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()),
        );
        assert!(
            self.seen.len() < MOST_SEEN,
            "the list does not come to an end: {answer:#}"
        );
        let info = &answer["latest"]["pageInfo"];
        let more = if self.forwards {
            &info["hasNextPage"]
        } else {
            &info["hasPreviousPage"]
        };
        self.done = more == &json!(false);
        if let Some(last) = edges.last() {
            assert_eq!(info[page], last["cursor"]);
            self.cursor = last["cursor"].as_str().map(str::to_owned);
            self.at = last["node"]["id"].as_str().map(str::to_owned);
        } else {
            assert!(
                self.done,
                "an empty page that has more beyond it: {answer:#}"
            );
        }
    }
}

/// The database as the test changes it.
struct Archive<'store> {
    store: &'store Store,
    server: Server,
    written: usize,
    /// Articles that were deleted or dated anew.
    touched: HashSet<String>,
}

impl Archive<'_> {
    fn page(&mut self, import: &Import) -> String {
        self.written += 1;
        let number = self.written;
        let Time { day, hour } = import.time;
        let listed = import.listed.iter().enumerate().map(|(place, day)| {
            Listed::by(
                &format!("Post {number} Brought Parcel {place} Ashore"),
                "Mira Tamang",
                &format!("May {day}, 2024"),
            )
        });
        Page::new(
            &format!("Ferry {number} Crossed The Lake"),
            &format!("May {day}, 2024, {hour}:00 a.m."),
        )
        .latest(listed)
        .text()
    }

    fn import(&mut self, imports: &[Import]) {
        let mut command = Masthead::new(["import", "pages"]).on(self.store);
        for (index, import) in imports.iter().enumerate() {
            let page = self.page(import);
            command = command.file(&format!("pages/{index:03}.txt"), page);
        }
        command.run().succeeded();
    }

    /// Identities as clients hold them are opaque: a row is found by its slug.
    fn slug(&self, id: &str) -> Option<String> {
        let answer = self.server.query(
            "query($id: ID!) { node(id: $id) { ... on Article { slug } } }",
            json!({ "id": id }),
        );
        answer["node"]["slug"].as_str().map(str::to_owned)
    }

    fn delete(&mut self, id: &str) {
        if let Some(slug) = self.slug(id) {
            self.store
                .execute(&format!("DELETE FROM article WHERE slug = '{slug}'"));
            self.touched.insert(id.to_owned());
        }
    }

    fn redate(&mut self, id: &str, Time { day, hour }: Time) {
        if let Some(slug) = self.slug(id) {
            let at = chrono::NaiveDate::from_ymd_opt(2024, 5, day)
                .unwrap()
                .and_hms_opt(hour, 0, 0)
                .unwrap();
            let at = at.and_utc().timestamp_millis();
            self.store.execute(&format!(
                "UPDATE article_byline SET visible_from = {at} WHERE article_id = (SELECT id FROM article WHERE slug = '{slug}');
                 UPDATE article SET published_at = {at}, visible_from = {at} WHERE slug = '{slug}'"
            ));
            self.touched.insert(id.to_owned());
        }
    }

    fn all(&self) -> Vec<String> {
        let answer = self.server.query(
            "{ latest(first: 100) { totalCount nodes { id } } }",
            json!({}),
        );
        let ids: Vec<String> = list(&answer, "/latest/nodes")
            .iter()
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(answer["latest"]["totalCount"], ids.len());
        ids
    }
}

fn run(store: &Store, case: &Case) {
    let mut archive = Archive {
        store,
        server: Server::forgetful(store),
        written: 0,
        touched: HashSet::new(),
    };
    archive.import(&case.initial);
    let initial = archive.all();
    let (mut forwards, mut backwards) = (Client::new(true), Client::new(false));
    let mut steps = case.steps.iter();
    while !forwards.done || !backwards.done {
        // When nothing more happens, the rest is read in small pages.
        let (event, size) = steps
            .next()
            .map_or((&Event::Nothing, 3), |(event, size)| (event, *size));
        match event {
            Event::Nothing => {}
            Event::Import(import) => archive.import(std::slice::from_ref(import)),
            Event::DeleteCursorRow => {
                if let Some(id) = forwards.at.clone() {
                    archive.delete(&id);
                }
            }
            Event::RedateCursorRow(time) => {
                if let Some(id) = backwards.at.clone() {
                    archive.redate(&id, *time);
                }
            }
            Event::Delete(index) => archive.delete(&initial[index % initial.len()]),
        }
        forwards.read(&archive.server, size);
        backwards.read(&archive.server, size);
    }
    backwards.seen.reverse();
    let there_all_the_time: Vec<&String> = initial
        .iter()
        .filter(|id| !archive.touched.contains(*id))
        .collect();
    for (direction, client) in [("forwards", &forwards), ("backwards", &backwards)] {
        let seen: Vec<&String> = client
            .seen
            .iter()
            .filter(|id| there_all_the_time.contains(id))
            .collect();
        assert_eq!(seen, there_all_the_time, "{direction}");
        // What came in between may be seen or not, but not twice either; only a row that moved may.
        let mut times: HashMap<&String, usize> = HashMap::new();
        for id in client
            .seen
            .iter()
            .filter(|id| !archive.touched.contains(*id))
        {
            *times.entry(id).or_default() += 1;
        }
        assert!(
            times.values().all(|times| *times == 1),
            "{direction}: {times:?}"
        );
    }
}
