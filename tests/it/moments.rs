//! An answer is of one moment, whoever writes meanwhile and however many statements it takes.
//!
//! In this process, through the same schema and persistence that the binary serves: a test from outside could not
//! tell whether anything was written between two statements of an answer.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_graphql::Request;
use masthead_api::{
    cache::{CacheSettings, Follower},
    graphql::Archive,
};
use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision},
    audience::Audience,
    body::Body,
    clock::Clock,
    contributor::{Contributor, ContributorKind},
    identifier::{ArticleId, ContributorId, SectionId, TopicId},
    language::LanguageTag,
    publication::Publication,
    revision::{Author, RevisionPurpose},
    section::Section,
    slug::Slug,
    topic::Topic,
    viewer::Caller,
};
use masthead_persistence::{Database, DatabaseSettings};
use serde_json::Value;

use crate::{
    harness::{Store, on_both_databases},
    newsroom,
};

on_both_databases!(an_answer_is_of_one_moment_while_someone_writes);

/// Whoever gives up reading, at whatever moment, leaves no connection in a transaction: the next to be lent it would read
/// what was there then.
#[test]
fn a_read_that_is_given_up_leaves_no_transaction_behind() {
    let store = Store::postgres();
    newsroom::run(async {
        let settings = DatabaseSettings {
            url: store.address(),
            connections: Some(1),
            ..DatabaseSettings::default()
        };
        let database = Database::open(&settings).await.unwrap();
        database.migrate().await.unwrap();
        let clock = Clock::system();
        for polls in (1..10).cycle().take(90) {
            let reader = database.snapshot().reader(Audience::Newsroom, clock.now());
            let mut reading = Box::pin(reader.has_articles());
            for _ in 0..polls {
                if futures_util::poll!(&mut reading).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(reading);
            drop(reader);
            // One that is not in a snapshot: it would be what holds a transaction to its moment.
            let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'masthead' AND state LIKE 'idle in transaction%'";
            let reader = database.reader(Audience::Newsroom, &clock);
            assert!(!reader.has_articles().await.unwrap());
            drop(reader);
            let open =
                std::thread::scope(|scope| scope.spawn(|| store.number(open)).join().unwrap());
            assert_eq!(open, 0, "after {polls} polls");
        }
    });
}

/// How many answers are asked for while someone writes.
const ANSWERS: usize = 400;

/// Everything that a write changes, read in several waves.
const QUERY: &str = "query ofOneMoment { article(slug: \"moment\") {
    headline bylines { name } topics { name } corrections { text }
    section { name parent { name articles(first: 1) { nodes { headline bylines { name } } } }
        articles(first: 1) { nodes { headline section { name } topics { name } } } } } }";

struct Magazine {
    section: Section,
    parent: Section,
    contributor: Contributor,
    topic: Topic,
    stories: [Story; 2],
}

impl Magazine {
    fn new(clock: &Clock) -> Self {
        let now = clock.now();
        let (parent, section) = (SectionId::new(now), SectionId::new(now));
        let (contributor, topic) = (ContributorId::new(now), TopicId::new(now));
        let story = |slug: &str, section| Story {
            article: Article {
                id: ArticleId::new(now),
                slug: Slug::from_title(slug),
                headline: String::new(),
                kicker: None,
                standfirst: None,
                dateline: None,
                section: Some(section),
                magazine_issue: None,
                language: LanguageTag::english(),
                lead_image: None,
                published_at: Some(now - chrono::Duration::days(1)),
                published_at_precision: TimePrecision::Exact,
                published_between: None,
                withdrawal: None,
                modified_at: now,
                revision: 1,
                word_count: 0,
            },
            body: Body::default(),
            bylines: vec![contributor],
            topics: vec![topic],
            related: Vec::new(),
            corrections: Vec::new(),
        };
        let named = |id, slug: &str, parent| Section {
            id,
            slug: Slug::from_title(slug),
            name: String::new(),
            parent,
        };
        Self {
            parent: named(parent, "parent", None),
            section: named(section, "section", Some(parent)),
            contributor: Contributor {
                id: contributor,
                slug: Slug::from_title("contributor"),
                name: String::new(),
                kind: ContributorKind::Person,
                biography: None,
            },
            topic: Topic {
                id: topic,
                slug: Slug::from_title("topic"),
                name: String::new(),
            },
            stories: [story("moment", section), story("of the parent", parent)],
        }
    }

    /// Has everything say this number, in one transaction.
    async fn write(&mut self, database: &Database, clock: &Clock, number: i32) {
        let transaction = database.write(clock, Author::Import).await.unwrap();
        let name = number.to_string();
        if number == 1 {
            transaction
                .save_publication(&Publication::default())
                .await
                .unwrap();
        }
        self.parent.name.clone_from(&name);
        self.section.name.clone_from(&name);
        self.contributor.name.clone_from(&name);
        self.topic.name.clone_from(&name);
        transaction.save_section(&self.parent).await.unwrap();
        transaction.save_section(&self.section).await.unwrap();
        transaction
            .save_contributor(&self.contributor)
            .await
            .unwrap();
        transaction.save_topic(&self.topic).await.unwrap();
        for story in &mut self.stories {
            let before = story.clone();
            story.article.headline.clone_from(&name);
            story.article.revision = number;
            story.corrections = vec![Correction {
                at: clock.now(),
                text: name.clone(),
            }];
            if number == 1 {
                transaction.insert_story(story).await.unwrap();
            } else {
                transaction
                    .update_story(&before, story, RevisionPurpose::Update)
                    .await
                    .unwrap();
            }
        }
        transaction.commit().await.unwrap();
    }
}

/// Every text in an answer.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        Value::String(text) => found.push(text.clone()),
        other => panic!("{other} in an answer"),
    }
}

fn an_answer_is_of_one_moment_while_someone_writes(store: &Store) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let settings = DatabaseSettings {
            url: store.address(),
            ..DatabaseSettings::default()
        };
        let clock = Clock::system();
        let unobserved = Database::open(&settings).await.unwrap();
        unobserved.migrate().await.unwrap();
        let mut magazine = Magazine::new(&clock);
        magazine.write(&unobserved, &clock, 1).await;
        // Statements that were not asked for in one transaction say of which state they were.
        let (light, steady) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (of_light, of_steady) = (light.clone(), steady.clone());
        let database = unobserved.clone().observed(move |statement| {
            let text = statement.text();
            if text.contains("FROM article_slug") {
                let kind = if text.contains("change_stream") {
                    &of_light
                } else {
                    &of_steady
                };
                kind.fetch_add(1, Ordering::SeqCst);
            }
        });
        let is_over = Arc::new(AtomicBool::new(false));
        let writer = {
            let (database, clock, is_over) = (unobserved.clone(), clock.clone(), is_over.clone());
            tokio::spawn(async move {
                for number in 2.. {
                    if is_over.load(Ordering::SeqCst) {
                        return number;
                    }
                    magazine.write(&database, &clock, number).await;
                }
                0
            })
        };
        let kept = CacheSettings::default();
        let follower = || Arc::new(Follower::new(unobserved.clone(), clock.clone()));
        let archives = [
            Archive::new(database.clone(), clock.clone()).following(follower()),
            Archive::new(database.clone(), clock.clone()).keeping(follower(), &kept),
        ];
        let seen: Mutex<Vec<String>> = Mutex::default();
        for _ in 0..ANSWERS {
            for archive in &archives {
                let answer = archive.answer(Request::new(QUERY), &Caller::Public).await;
                let response = answer.response;
                assert!(response.errors.is_empty(), "{:?}", response.errors);
                let mut said = Vec::new();
                texts(&response.data.into_json().unwrap(), &mut said);
                assert_eq!(said.len(), 11, "{said:?}");
                assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
                seen.lock().unwrap().push(said.swap_remove(0));
            }
        }
        is_over.store(true, Ordering::SeqCst);
        let written = writer.await.unwrap();
        let mut seen = seen.into_inner().unwrap();
        seen.dedup();
        eprintln!(
            "{written} writes, {} of them seen; {} answers begun without a transaction, {} of one",
            seen.len(),
            light.load(Ordering::SeqCst),
            steady.load(Ordering::SeqCst)
        );
        assert!(seen.len() > 10, "hardly anything was written meanwhile");
        if database.kind() == "PostgreSQL" {
            assert!(light.load(Ordering::SeqCst) >= ANSWERS);
            assert!(
                steady.load(Ordering::SeqCst) > 0,
                "nothing was ever written between two statements of an answer"
            );
        }
    });
}
