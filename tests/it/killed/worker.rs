//! One who writes, with what they know to have been saved.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use masthead_domain::clock::Clock;
use serde_json::{Value, json};

use super::Follower;
use crate::harness::{Server, list, token};

/// Numbers that follow from a seed alone (`SplitMix64`).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// An article as its worker knows it to be.
#[derive(Clone)]
struct Known {
    id: String,
    /// The headline at each revision.
    headlines: Vec<String>,
    status: &'static str,
    /// The instant at which the clock publishes it.
    due: Option<DateTime<Utc>>,
}

impl Known {
    fn revision(&self) -> usize {
        self.headlines.len()
    }
}

/// A request, and what its worker knows once it has been carried out.
struct Write {
    mutation: &'static str,
    input: Value,
    key: Option<String>,
    /// Which article is changed; none is made new, or nothing is an article.
    article: Option<usize>,
    /// The article after it, its identity left out where it is new.
    after: Option<Known>,
}

/// One who writes what nobody else writes, so that they know what is there.
pub(crate) struct Worker {
    number: u64,
    random: Random,
    count: u64,
    articles: Vec<Known>,
    section: (String, String),
    pending: Option<Write>,
    /// How many writes were carried out whose answer was lost.
    pub(crate) unheard: usize,
    /// The identity of what each write saved, in their order.
    pub(crate) done: Vec<String>,
    token: String,
}

impl Worker {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        Self {
            number,
            random: Random::new(seed.wrapping_add(number + 1)),
            count: 0,
            articles: Vec::new(),
            section: (String::new(), String::new()),
            pending: None,
            unheard: 0,
            done: Vec::new(),
            token: token("publisher", &[]),
        }
    }

    /// Whether a request of theirs has had no answer.
    pub(crate) fn waits(&self) -> bool {
        self.pending.is_some()
    }

    /// Writes until there is no answer.
    pub(crate) fn write_on(&mut self, server: &Server) {
        while self.pending.is_none() {
            let write = self.next();
            match self.send(server, &write) {
                Some(payload) => self.acknowledge(write, &payload),
                None => self.pending = Some(write),
            }
        }
    }

    fn next(&mut self) -> Write {
        self.count += 1;
        let text = format!("Killed {} {}", self.number, self.count);
        let key = (self.random.below(2) == 0).then(|| format!("{}-{}", self.number, self.count));
        let free: Vec<usize> = (0..self.articles.len())
            .filter(|index| self.articles[*index].due.is_none())
            .collect();
        let chosen = match free.len() {
            0 => None,
            some => Some(free[usize::try_from(self.random.below(some as u64)).unwrap()]),
        };
        let Some(index) = chosen.filter(|_| self.random.below(4) > 0) else {
            return create(text, key);
        };
        let known = self.articles[index].clone();
        let mut input = json!({ "id": known.id, "revision": known.revision() });
        let mut after = Known {
            headlines: [
                known.headlines.clone(),
                vec![known.headlines[known.revision() - 1].clone()],
            ]
            .concat(),
            ..known
        };
        let mutation = match (known.status, self.random.below(5)) {
            ("DRAFT" | "WITHDRAWN", 0 | 1) => {
                after.status = "PUBLISHED";
                "publishArticle"
            }
            ("DRAFT", 2) => {
                let within = i64::try_from(100 + self.random.below(1_200)).unwrap();
                let at = (Clock::system().now() + TimeDelta::milliseconds(within)).trunc_subsecs(3);
                input["publishAt"] = json!(at);
                after.due = Some(at);
                "scheduleArticle"
            }
            ("PUBLISHED", 0 | 1) => {
                input["reason"] = json!("It was not so.");
                after.status = "WITHDRAWN";
                "withdrawArticle"
            }
            (_, 4) => {
                let input = json!({ "slug": format!("killed-{}", self.number), "name": text });
                return Write {
                    mutation: "saveSection",
                    input,
                    key,
                    article: None,
                    after: None,
                };
            }
            _ => {
                input["headline"] = json!(text);
                input["body"] = json!({ "text": format!("{text} said.") });
                let last = after.headlines.len() - 1;
                after.headlines[last] = text;
                "updateArticle"
            }
        };
        Write {
            mutation,
            input,
            key,
            article: Some(index),
            after: Some(after),
        }
    }

    /// The payload of an answer; none where none came.
    fn send(&self, server: &Server, write: &Write) -> Option<Value> {
        let mutation = write.mutation;
        let type_name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let selected = match mutation {
            "saveSection" => "saved: section { id name }",
            _ => "saved: article { id headline revision status }",
        };
        let document = format!(
            "mutation($input: {type_name}!) {{ payload: {mutation}(input: $input) {{ {selected} errors {{ code message }} }} }}"
        );
        let mut request = server
            .post("/graphql")
            .bearer_auth(&self.token)
            .json(&json!({ "query": document, "variables": { "input": write.input } }));
        if let Some(key) = &write.key {
            request = request.header("idempotency-key", key);
        }
        let answer: Value = request.send().ok()?.json().ok()?;
        assert!(answer.get("errors").is_none(), "{mutation}: {answer}");
        Some(answer["data"]["payload"].clone())
    }

    /// Takes down what a write has saved, and asserts that it is what was asked for.
    fn acknowledge(&mut self, write: Write, payload: &Value) {
        if refused_as_too_late(&write, payload) {
            return;
        }
        let saved = &payload["saved"];
        assert!(!saved.is_null(), "{}: {payload}", write.mutation);
        let id = saved["id"].as_str().unwrap().to_owned();
        if let Some(mut after) = write.after {
            assert_eq!(saved["revision"], after.revision(), "{payload}");
            assert_eq!(saved["headline"], after.headlines[after.revision() - 1]);
            after.id.clone_from(&id);
            match write.article {
                Some(index) => self.articles[index] = after,
                None => self.articles.push(after),
            }
        } else {
            assert_eq!(saved["name"], write.input["name"]);
            self.section = (id.clone(), saved["name"].as_str().unwrap().to_owned());
        }
        self.done.push(id);
    }

    /// Finds out what became of a request without an answer: repeats it where it has a key, else looks.
    pub(crate) fn take_up(&mut self, server: &Server) {
        let Some(write) = self.pending.take() else {
            return;
        };
        // Whatever the killed server has still under way in PostgreSQL ends before another can write.
        let topic =
            "mutation($input: SaveTopicInput!) { saveTopic(input: $input) { errors { message } } }";
        let input = json!({ "slug": "barrier", "name": "Barrier" });
        server.query_as(&self.token, topic, json!({ "input": input }));
        let carried_out = self.carried_out(server, &write);
        self.unheard += usize::from(carried_out.is_some());
        if write.key.is_some() {
            let payload = self.send(server, &write).expect("an answer");
            let again = self.send(server, &write).expect("an answer");
            assert_eq!(payload, again, "answered in another way the second time");
            self.acknowledge(write, &payload);
        } else if let Some(saved) = carried_out {
            self.acknowledge(write, &json!({ "saved": saved }));
        }
    }

    /// What a request without a key has saved, if it was carried out.
    fn carried_out(&self, server: &Server, write: &Write) -> Option<Value> {
        const FIELDS: &str = "id headline revision status";
        let Some(after) = &write.after else {
            let document = "query($slug: String!) { section(slug: $slug) { id name } }";
            let variables = json!({ "slug": write.input["slug"] });
            let section = server.query(document, variables)["section"].take();
            return Some(section).filter(|section| section["name"] == write.input["name"]);
        };
        let article = match write.article {
            Some(_) => {
                let document = format!(
                    "query($id: ID!) {{ node(id: $id) {{ ... on Article {{ {FIELDS} }} }} }}"
                );
                server.query_as(&self.token, &document, json!({ "id": after.id }))["node"].take()
            }
            None => self.by_slug(server, &slug_of(&after.headlines[0])),
        };
        Some(article).filter(|article| article["revision"] == after.revision())
    }

    fn by_slug(&self, server: &Server, slug: &str) -> Value {
        let document =
            "query($slug: String!) { article(slug: $slug) { id headline revision status } }";
        server.query_as(&self.token, document, json!({ "slug": slug }))["article"].take()
    }

    /// Compares what is there with what was acknowledged.
    pub(crate) fn compare(&self, server: &Server) {
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Article { id headline revision status body { text } } } }";
        for some in self.articles.chunks(50) {
            let ids: Vec<&String> = some.iter().map(|known| &known.id).collect();
            let asked = Clock::system().now();
            let answer = server.query_as(&self.token, document, json!({ "ids": ids }));
            for (known, found) in some.iter().zip(list(&answer, "/nodes")) {
                let headline = &known.headlines[known.revision() - 1];
                assert_eq!(found["revision"], known.revision(), "{found}");
                assert_eq!(found["headline"], *headline, "{found}");
                assert_eq!(
                    found["body"]["text"],
                    format!("{headline} said."),
                    "{found}"
                );
                match known.due {
                    Some(at) if at <= asked => assert_eq!(found["status"], "PUBLISHED", "{found}"),
                    Some(_) => {}
                    None => assert_eq!(found["status"], known.status, "{found}"),
                }
            }
        }
        // None was made twice: the second would have had the slug with a number.
        for known in self.articles.iter().rev().take(3) {
            let slug = format!("{}-2", slug_of(&known.headlines[0]));
            assert_eq!(self.by_slug(server, &slug), Value::Null);
        }
        if !self.section.0.is_empty() {
            let document = "query($id: ID!) { node(id: $id) { ... on Section { name } } }";
            let answer = server.query(document, json!({ "id": self.section.0 }));
            assert_eq!(answer["node"]["name"], self.section.1);
        }
    }

    /// Compares the revisions of every article with the headlines that were acknowledged.
    pub(crate) fn compare_revisions(&self, server: &Server) {
        let document = "query($id: ID!) { node(id: $id) { ... on Article { revisions(first: 100) { totalCount nodes { number changes { field before after } } } } } }";
        for known in self.articles.iter().filter(|known| known.revision() > 1) {
            let answer = server.query_as(&self.token, document, json!({ "id": known.id }));
            let revisions = &answer["node"]["revisions"];
            assert_eq!(revisions["totalCount"], known.revision());
            for revision in list(revisions, "/nodes") {
                let number = usize::try_from(revision["number"].as_u64().unwrap()).unwrap();
                if number < 2 {
                    continue;
                }
                let (before, after) = (&known.headlines[number - 2], &known.headlines[number - 1]);
                let told = list(revision, "/changes")
                    .iter()
                    .find(|change| change["field"] == "HEADLINE");
                match told {
                    Some(change) => {
                        assert_eq!(
                            (&change["before"], &change["after"]),
                            (&json!(before), &json!(after))
                        );
                    }
                    None => assert_eq!(before, after, "{revision}"),
                }
            }
        }
    }

    /// The articles that the clock publishes, with their instants.
    pub(crate) fn scheduled(&self) -> impl Iterator<Item = (&str, DateTime<Utc>)> {
        self.articles
            .iter()
            .filter_map(|known| Some((known.id.as_str(), known.due?)))
    }

    /// Compares what the newsroom was told with what was acknowledged: each write once, in the order in which they
    /// were, and what the clock published once.
    pub(crate) fn compare_changes(&self, newsroom: &Follower, now: DateTime<Utc>) {
        let own: HashSet<&String> = self.done.iter().collect();
        let due: HashMap<&str, DateTime<Utc>> = self.scheduled().collect();
        let mut published = Vec::new();
        let mut written = Vec::new();
        for (id, at) in newsroom.told.iter().filter(|(id, _)| own.contains(id)) {
            if due.get(id.as_str()) == Some(at) {
                published.push(id.as_str());
            } else {
                written.push(id);
            }
        }
        assert_eq!(written, self.done.iter().collect::<Vec<_>>());
        for (id, at) in &due {
            let times = published.iter().filter(|told| told == &id).count();
            assert!(
                times == 1 || (times == 0 && *at > now),
                "{id}, due at {at}, was told of {times} times by {now}"
            );
        }
    }
}

fn slug_of(headline: &str) -> String {
    headline.to_lowercase().replace(' ', "-")
}

/// Whether a schedule that had not been carried out came too late when it was repeated.
fn refused_as_too_late(write: &Write, payload: &Value) -> bool {
    let due = write.after.as_ref().and_then(|after| after.due);
    due.is_some_and(|at| at <= Clock::system().now()) && payload["saved"].is_null()
}

fn create(text: String, key: Option<String>) -> Write {
    Write {
        mutation: "createArticle",
        input: json!({ "headline": text, "body": { "text": format!("{text} said.") } }),
        key,
        article: None,
        after: Some(Known {
            id: String::new(),
            headlines: vec![text],
            status: "DRAFT",
            due: None,
        }),
    }
}
