//! `masthead check`: what the product saves is sound, and whatever is not as it has to be is named.

mod flaws;
mod outgoing;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use chrono::TimeDelta;
use masthead_domain::clock::Clock;
use masthead_newsroom::upkeep::prune_change_log;
use masthead_persistence::{Database, DatabaseSettings};
use serde_json::{Value, json};

use crate::harness::{
    Listed, Masthead, Output, Page, Server, Store, import, on_both_databases, token,
};

on_both_databases!(
    what_was_saved_is_sound,
    a_server_may_write_meanwhile,
    a_schema_of_another_version_is_one_finding,
);

pub(crate) fn check(store: &Store) -> Output {
    Masthead::new(["check"]).on(store).run()
}

/// Asserts that a database is sound.
#[track_caller]
pub(crate) fn sound(store: &Store) -> Output {
    let output = check(store).succeeded();
    assert!(
        output.out.starts_with("The database is sound: ") && output.out.lines().count() == 1,
        "{output:#?}"
    );
    output
}

/// What a mutation saved, by a publisher.
#[track_caller]
fn save(server: &Server, mutation: &str, input: Value) -> Value {
    let answer = answer(server, mutation, input);
    assert!(!answer["saved"].is_null(), "{mutation}: {answer}");
    answer["saved"].clone()
}

/// What a mutation answers to a publisher.
#[track_caller]
fn answer(server: &Server, mutation: &str, input: Value) -> Value {
    let type_name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let selected = match mutation {
        "deleteDraft" => "saved: deletedId",
        "saveSection" => "saved: section { id }",
        "saveContributor" => "saved: contributor { id }",
        "saveTopic" => "saved: topic { id }",
        "saveMagazineIssue" => "saved: magazineIssue { id }",
        _ => "saved: article { id revision slug }",
    };
    let document = format!(
        "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {selected} errors {{ code message path }} }} }}"
    );
    let variables = json!({ "input": input });
    server.query_as(&token("publisher", &[]), &document, variables)[mutation].clone()
}

fn of(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    input
}

fn draft(server: &Server, headline: &str) -> Value {
    let input = json!({
        "headline": headline, "body": { "text": "It rained for three days." },
        "section": "inlet", "bylines": ["one", "two"], "topics": ["rain", "wind"],
    });
    save(server, "createArticle", input)
}

fn published(server: &Server, headline: &str) -> Value {
    save(
        server,
        "publishArticle",
        of(&draft(server, headline), json!({})),
    )
}

/// A magazine with something of everything, served by a server that runs.
fn magazine(store: &Store) -> Server {
    let server = Server::with_sample_content(store);
    let page = |headline: &str| {
        Page::new(headline, "March 5, 2024, 6:30 p.m.")
            .latest([Listed::by("Heron Colony", "Mira Tamang", "Mar 3, 2024")])
            .magazine(["VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080)"])
            .text()
    };
    import(store, page("Ferry Crossed"), &[]).succeeded();
    import(store, page("Heron Colony"), &[]).succeeded();

    for (slug, parent) in [("shore", Value::Null), ("inlet", json!("shore"))] {
        let input = json!({ "slug": slug, "name": slug, "parent": parent });
        save(&server, "saveSection", input);
    }
    for slug in ["one", "two"] {
        let input = json!({ "slug": slug, "name": slug, "kind": "PERSON" });
        save(&server, "saveContributor", input);
    }
    for slug in ["rain", "wind"] {
        save(&server, "saveTopic", json!({ "slug": slug, "name": slug }));
    }
    for (number, day) in [(1, "2024-06-07"), (2, "2024-06-14")] {
        let input = json!({ "volume": 90, "number": number, "coverDate": day });
        save(&server, "saveMagazineIssue", input);
    }

    draft(&server, "Drafted");
    let gone = draft(&server, "Gone");
    let river = published(&server, "Published");
    let river = save(
        &server,
        "updateArticle",
        of(&river, json!({ "slug": "a-river" })),
    );
    let mut river = save(
        &server,
        "setRelatedArticles",
        of(&river, json!({ "articles": [gone["id"]] })),
    );
    for text in ["It was two days.", "It was four days."] {
        river = save(
            &server,
            "correctArticle",
            of(&river, json!({ "text": text })),
        );
    }
    save(&server, "deleteDraft", of(&gone, json!({})));
    let withdrawn = save(
        &server,
        "withdrawArticle",
        of(
            &published(&server, "Withdrawn"),
            json!({ "reason": "Wrong." }),
        ),
    );
    save(
        &server,
        "updateArticle",
        of(&withdrawn, json!({ "slug": "taken-down" })),
    );
    let back = save(
        &server,
        "withdrawArticle",
        of(&published(&server, "Back"), json!({ "reason": "Wrong." })),
    );
    save(
        &server,
        "publishArticle",
        of(&back, json!({ "publishedAt": "2020-01-01T00:00:00Z" })),
    );
    schedule(
        &server,
        &draft(&server, "Scheduled"),
        "2099-01-01T00:00:00Z",
    );
    let unscheduled = schedule(
        &server,
        &draft(&server, "Unscheduled"),
        "2099-01-01T00:00:00Z",
    );
    save(&server, "unscheduleArticle", of(&unscheduled, json!({})));
    server
}

fn schedule(server: &Server, article: &Value, at: &str) -> Value {
    save(
        server,
        "scheduleArticle",
        of(article, json!({ "publishAt": at })),
    )
}

fn soon(milliseconds: i64) -> String {
    (Clock::system().now() + TimeDelta::milliseconds(milliseconds)).to_rfc3339()
}

fn what_was_saved_is_sound(store: &Store) {
    let server = magazine(store);
    let said = sound(store).out;
    let articles = store.number("SELECT COUNT(*) FROM article");
    let changes = store.number("SELECT COUNT(*) FROM change");
    assert_eq!(
        said,
        format!("The database is sound: {articles} articles, {changes} changes checked.\n")
    );
    // What the clock has published and nobody has noted: also where no server runs.
    let article = draft(&server, "Soon");
    schedule(&server, &article, &soon(1_500));
    drop(server);
    sound(store);
    thread::sleep(Duration::from_millis(1_500));
    assert_eq!(store.number("SELECT COUNT(*) FROM publication_due"), 2);
    sound(store);

    prune(store, TimeDelta::days(365));
    sound(store);
    prune(store, TimeDelta::zero());
    assert!(store.number("SELECT COUNT(*) FROM change") < changes);
    sound(store);
}

/// Prunes the change log, as a server does once an hour.
fn prune(store: &Store, older_than: TimeDelta) {
    let settings = DatabaseSettings {
        url: store.address(),
        ..DatabaseSettings::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = Database::open(&settings).await.unwrap();
        prune_change_log(&database, &Clock::system(), older_than)
            .await
            .unwrap();
        database.close().await.unwrap();
    });
}

fn a_server_may_write_meanwhile(store: &Store) {
    let server = magazine(store);
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed) {
                    // On a busy machine the instant may have passed, which is refused.
                    let input = of(&draft(&server, "Soon"), json!({ "publishAt": soon(50) }));
                    answer(&server, "scheduleArticle", input);
                    let wrong = published(&server, "Wrong");
                    save(
                        &server,
                        "withdrawArticle",
                        of(&wrong, json!({ "reason": "Wrong." })),
                    );
                }
            });
        }
        let outputs: Vec<Output> = (0..12).map(|_| check(store)).collect();
        enough.store(true, Ordering::Relaxed);
        for output in outputs {
            output.succeeded();
        }
    });
    sound(store);
}

fn a_schema_of_another_version_is_one_finding(store: &Store) {
    let one = |expected: &str| {
        let output = check(store);
        assert_eq!(output.code, Some(1), "{output:#?}");
        let lines: Vec<&str> = output.out.lines().collect();
        assert!(lines[0].contains(expected), "{output:#?}");
        assert_eq!(lines[1..], ["1 finding."], "{output:#?}");
    };
    if let Store::Sqlite(_) = store {
        fs::write(file_of(store), "").unwrap();
    }
    let steps = steps_of_the_schema();
    one(&format!(
        "the schema lacks {steps} steps; run 'masthead migrate'"
    ));
    if let Store::Sqlite(_) = store {
        assert_eq!(fs::read(file_of(store)).unwrap(), b"", "it was written to");
    }
    Masthead::new(["migrate"]).on(store).run().succeeded();
    sound(store);
    store.execute("INSERT INTO seaql_migrations VALUES ('m29991231_000001_times_to_come', 0)");
    one("the schema is of a later version");
}

/// How many there are: each is a file of its own.
fn steps_of_the_schema() -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/src");
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("m20")).count()
}

fn file_of(store: &Store) -> PathBuf {
    PathBuf::from(store.address().trim_start_matches("sqlite://"))
}

#[test]
fn nothing_is_changed_and_nothing_made() {
    let store = Store::sqlite();
    let missing = check(&store);
    assert_eq!(missing.code, Some(2), "{missing:#?}");
    assert!(
        missing.err.contains("there is no database") && missing.err.lines().count() == 1,
        "{missing:#?}"
    );
    assert!(!file_of(&store).exists());
    drop(magazine(&store));
    let copy = Store::sqlite();
    Masthead::new(["backup"])
        .arg(file_of(&copy))
        .on(&store)
        .run()
        .succeeded();
    let before = fs::read(file_of(&copy)).unwrap();
    sound(&copy);
    assert!(before == fs::read(file_of(&copy)).unwrap());
    assert_eq!(
        fs::read_dir(file_of(&copy).parent().unwrap())
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn what_cannot_be_checked_is_refused() {
    for (address, code, named) in [
        ("sqlite::memory:", 2, "in memory"),
        ("sqlite://missing.db", 2, "no database 'missing.db'"),
        ("mysql://me:secret@host/name", 2, "mysql://"),
        ("postgres://me:secret@localhost:1/name", 1, "postgres://"),
        ("sqlite://letter.db", 1, "not a database"),
    ] {
        let refused = Masthead::new(["check", "--database-url", address])
            .file("letter.db", "Dear editor, ".repeat(500))
            .run();
        assert_eq!(refused.code, Some(code), "{refused:#?}");
        assert!(
            refused.err.contains(named) && !refused.err.contains("secret"),
            "{refused:#?}"
        );
        assert_eq!(refused.out, "");
    }
}
