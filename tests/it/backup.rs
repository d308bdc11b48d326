//! Copies of a database that others are writing to: whole, and never over another file.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::json;

use crate::harness::{Listed, Masthead, Output, Page, Server, Store, import, list};

/// How many articles each page brings: its own, and those that it lists.
const ARTICLES_OF_A_PAGE: usize = 12;

/// A page whose articles all have its number in their headlines.
fn page(number: usize) -> String {
    let listed = (1..ARTICLES_OF_A_PAGE).map(|place| {
        let headline = format!("Crossing {number} Leg {place}");
        Listed::by(
            &headline,
            "Mira Tamang",
            &format!("Mar {}, 2024", 30 - place),
        )
    });
    Page::new(
        &format!("Crossing {number} Leg 0"),
        "March 31, 2024, 6:30 p.m.",
    )
    .latest(listed)
    .text()
}

fn file_of(store: &Store) -> PathBuf {
    PathBuf::from(store.address().trim_start_matches("sqlite://"))
}

fn back_up(store: &Store, target: &Path) -> Output {
    Masthead::new(["backup"]).arg(target).on(store).run()
}

#[test]
fn a_copy_of_a_database_that_is_written_to_is_whole() {
    let store = Store::sqlite();
    let server = Server::start(&store);
    import(&store, page(0), &[]).succeeded();
    let acknowledged = AtomicUsize::new(1);
    let enough = AtomicBool::new(false);
    let copies = thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..500 {
                if enough.load(Ordering::Relaxed) {
                    break;
                }
                import(&store, page(number), &[]).succeeded();
                acknowledged.store(number + 1, Ordering::Relaxed);
            }
        });
        // As many as it takes until several imports have come in between, on a busy machine too.
        let copies: Vec<(Store, usize)> = (0..200)
            .take_while(|made| *made < 4 || acknowledged.load(Ordering::Relaxed) < 5)
            .map(|_| {
                let copy = Store::sqlite();
                let before = acknowledged.load(Ordering::Relaxed);
                let said = back_up(&store, &file_of(&copy)).succeeded();
                assert_eq!(said.out.lines().count(), 1, "{said:#?}");
                assert!(
                    said.out.contains(" articles, ") && said.err.is_empty(),
                    "{said:#?}"
                );
                // Those who wrote and read meanwhile were not kept from it.
                let query = "{ latest(first: 1) { nodes { headline } } }";
                server.query(query, json!({}));
                (copy, before)
            })
            .collect();
        enough.store(true, Ordering::Relaxed);
        copies
    });
    let last = acknowledged.load(Ordering::Relaxed);
    for (copy, acknowledged_before) in &copies {
        let articles = usize::try_from(copy.number("SELECT COUNT(*) FROM article")).unwrap();
        assert_eq!(articles % ARTICLES_OF_A_PAGE, 0, "a page in part");
        let pages = articles / ARTICLES_OF_A_PAGE;
        assert!(
            (*acknowledged_before..=last).contains(&pages),
            "{acknowledged_before} pages had been acknowledged, {pages} were copied"
        );
        for page in 0..pages {
            let of_it = format!("headline LIKE 'Crossing {page} Leg %'");
            let count = copy.number(&format!("SELECT COUNT(*) FROM article WHERE {of_it}"));
            assert_eq!(usize::try_from(count).unwrap(), ARTICLES_OF_A_PAGE);
        }
    }
    let (copy, _) = copies.last().unwrap();
    let folder = file_of(copy).parent().unwrap().to_owned();
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .filter(|name| !name.to_string_lossy().starts_with("archive.db"))
        .collect();
    assert!(files.is_empty(), "left behind: {files:?}");

    // A copy is a database like any other: it is served, and written to.
    let articles = copy.number("SELECT COUNT(*) FROM article");
    let serving = Server::start(copy);
    let answer = serving.query(
        "{ latest(first: 100) { totalCount nodes { headline } } }",
        json!({}),
    );
    assert_eq!(answer["latest"]["totalCount"], articles);
    assert_eq!(
        i64::try_from(list(&answer, "/latest/nodes").len()).unwrap(),
        articles.min(100)
    );
    import(copy, page(1_000), &[]).succeeded();
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let store = Store::sqlite();
    import(&store, page(0), &[]).succeeded();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    back_up(&store, &target).succeeded();
    let first = fs::read(&target).unwrap();
    import(&store, page(1), &[]).succeeded();
    let refused = back_up(&store, &target);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(
        refused.err.contains("copy.db")
            && refused.err.contains("not written over")
            && refused.err.contains("another name"),
        "{refused:#?}"
    );
    assert_eq!(fs::read(&target).unwrap(), first);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left behind"
    );
}

#[test]
fn whoever_may_not_read_the_database_may_not_read_its_copy() {
    let store = Store::sqlite();
    import(&store, page(0), &[]).succeeded();
    fs::set_permissions(file_of(&store), fs::Permissions::from_mode(0o600)).unwrap();
    let copy = Store::sqlite();
    back_up(&store, &file_of(&copy)).succeeded();
    let mode = fs::metadata(file_of(&copy)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_cannot_be_copied_is_refused_with_what_to_do() {
    let store = Store::sqlite();
    import(&store, page(0), &[]).succeeded();
    let file = file_of(&store);
    let refused = |address: &str, target: &str| {
        let mut command = Masthead::new(["backup", target, "--database-url", address]);
        let folder = command.folder().to_owned();
        let output = command.run();
        let left: Vec<_> = fs::read_dir(folder).unwrap().collect();
        assert!(left.is_empty(), "{address}: left behind: {left:?}");
        assert!(
            output.err.starts_with("error: ") && output.err.lines().count() == 1,
            "{output:#?}"
        );
        assert_eq!(output.out, "");
        (output.code, output.err)
    };
    let sqlite = format!("sqlite://{}", file.display());
    for (address, target, code, named) in [
        ("sqlite::memory:", "copy.db", 2, "in memory"),
        (
            "sqlite://missing.db",
            "copy.db",
            2,
            "no database 'missing.db'",
        ),
        ("mysql://me:secret@host/name", "copy.db", 2, "mysql://"),
        (
            &sqlite,
            "no/such/folder/copy.db",
            1,
            "its folder must exist",
        ),
        (&sqlite, "/", 2, "'/' exists"),
    ] {
        let (given, said) = refused(address, target);
        assert_eq!(given, Some(code), "{said}");
        assert!(said.contains(named) && !said.contains("secret"), "{said}");
    }
    // What is no database is no backup either.
    fs::write(
        file.with_file_name("letter.db"),
        "Dear editor, ".repeat(500),
    )
    .unwrap();
    let (code, said) = refused(&sqlite.replace("archive.db", "letter.db"), "copy.db");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("not a database"), "{said}");
}

#[test]
fn postgresql_has_its_own_backup() {
    let refused = Masthead::new(["backup", "copy.db"])
        .on(&Store::postgres())
        .run();
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.err.contains("pg_dump"), "{refused:#?}");
}
