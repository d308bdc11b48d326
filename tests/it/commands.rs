//! The commands beside serving and importing, and what each says of itself.

use std::path::Path;

use serde_json::json;

use crate::harness::{Masthead, Output, Page, Server, Store, import, on_both_databases};

on_both_databases!(
    the_publication_is_set_and_shown,
    a_wrong_publication_is_refused,
    the_schema_is_brought_up_to_date
);

const COMMANDS: [&str; 12] = [
    "serve",
    "import",
    "backup",
    "check",
    "migrate",
    "schema",
    "publication",
    "prune",
    "generate",
    "completions",
    "settings",
    "token",
];

fn run(arguments: &[&str]) -> Output {
    Masthead::new(arguments).run()
}

#[test]
fn help_is_worth_reading() {
    let overview = run(&["--help"]).succeeded();
    for command in COMMANDS {
        assert!(
            overview.out.contains(&format!("  {command}")),
            "no '{command}' in {}",
            overview.out
        );
        let help = run(&[command, "--help"]).succeeded();
        assert_eq!(help.err, "", "{command}");
        assert!(
            help.out.contains("Usage: masthead"),
            "{command}: {}",
            help.out
        );
        // An example to copy: the command with something behind it, on a line of its own.
        let example = help.out.lines().any(|line| {
            line.trim_start_matches([' ', '$'])
                .starts_with(&format!("masthead {command}"))
        });
        assert!(example, "no example in {}", help.out);
        assert!(help.out.lines().count() > 8, "{command}: {}", help.out);
    }
    let version = run(&["--version"]).succeeded();
    assert!(version.out.starts_with("masthead 0."), "{version:#?}");
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = run(&["completions", shell]).succeeded();
        for command in COMMANDS {
            assert!(
                completions.out.contains(command),
                "no '{command}' for {shell}"
            );
        }
        assert!(
            completions.out.contains("captured-at"),
            "{shell}: no options"
        );
    }
    let mut bash = std::process::Command::new("bash");
    let script = run(&["completions", "bash"]).out;
    if let Ok(checked) = bash.args(["-n", "-c", &script]).status() {
        assert!(checked.success(), "bash does not read its completions");
    }
}

#[test]
fn the_schema_is_the_one_in_the_project() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema.graphql");
    let printed = run(&["schema"]).succeeded();
    assert_eq!(
        printed.out,
        std::fs::read_to_string(file).unwrap(),
        "export it again: masthead schema > schema.graphql"
    );
}

fn the_publication_is_set_and_shown(store: &Store) {
    let publication = |arguments: &[&str]| {
        Masthead::new([&["publication"], arguments].concat())
            .on(store)
            .run()
    };
    let set = [
        "--title",
        "The Lake Post",
        "--url",
        "https://lake.example/en",
        "--article-path",
        "/stories/{slug}",
        "--time-zone",
        "Europe/Zurich",
        "--language",
        "ne",
        "--publisher",
        "Sunita Example",
        "--editor",
        "Mira Tamang",
        "--registration-number",
        "EX 12/080-81",
    ];
    publication(&set).succeeded();
    // Shown without anything to set; the environment gives the database.
    let shown = Masthead::new(["publication"])
        .env("MASTHEAD_DATABASE_URL", &store.address())
        .run()
        .succeeded();
    for value in [
        "The Lake Post",
        "https://lake.example/en",
        "/stories/{slug}",
        "Europe/Zurich",
        "ne",
        "Sunita Example",
        "Mira Tamang",
        "EX 12/080-81",
    ] {
        assert!(
            shown
                .out
                .lines()
                .any(|line| line.ends_with(&format!(": {value}"))),
            "no {value} in {}",
            shown.out
        );
    }
    let json: serde_json::Value =
        serde_json::from_str(&publication(&["--json"]).succeeded().out).unwrap();
    assert!(
        json.as_object()
            .unwrap()
            .values()
            .any(|value| value == "The Lake Post"),
        "{json}"
    );

    // An empty value clears what may be empty; the rest stays.
    publication(&["--editor", ""]).succeeded();
    import(
        store,
        Page::new("Regatta Postponed", "June 18, 2024, 7:52 a.m.").text(),
        &[],
    )
    .succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ publication { title url timeZone language publisher editor registrationNumber } latest { nodes { url publishedAt } } }",
        json!({}),
    );
    let expected = json!({
        "publication": {
            "title": "The Lake Post",
            "url": "https://lake.example/en",
            "timeZone": "Europe/Zurich",
            "language": "ne",
            "publisher": "Sunita Example",
            "editor": null,
            "registrationNumber": "EX 12/080-81",
        },
        // Read in the publication's time zone, at the publication's addresses.
        "latest": { "nodes": [{ "url": "https://lake.example/en/stories/regatta-postponed", "publishedAt": "2024-06-18T05:52:00Z" }] },
    });
    assert_eq!(answer, expected);

    // What is running sees what is set.
    publication(&["--title", "The Lake Evening Post"]).succeeded();
    let answer = server.query("{ publication { title } }", json!({}));
    assert_eq!(answer["publication"]["title"], "The Lake Evening Post");
}

fn a_wrong_publication_is_refused(store: &Store) {
    let publication = |arguments: &[&str]| {
        Masthead::new([&["publication"], arguments].concat())
            .on(store)
            .run()
    };
    publication(&["--title", "The Lake Post", "--time-zone", "Europe/Zurich"]).succeeded();
    for (arguments, named) in [
        (["--time-zone", "Nepal/Nowhere"], "Nepal/Nowhere"),
        (["--url", "not an address"], "not an address"),
        (["--article-path", "stories"], "stories"),
        (["--language", "no language"], "no language"),
        (["--title", ""], "title"),
    ] {
        let refused = publication(&arguments);
        assert_eq!(refused.code, Some(2), "{refused:#?}");
        assert!(
            refused.err.contains(named) && !refused.err.contains("panicked"),
            "{refused:#?}"
        );
    }
    let after =
        Server::start(store).query("{ publication { title timeZone language } }", json!({}));
    assert_eq!(
        after["publication"],
        json!({ "title": "The Lake Post", "timeZone": "Europe/Zurich", "language": "en" })
    );
}

fn the_schema_is_brought_up_to_date(store: &Store) {
    let check = || Masthead::new(["migrate", "--check"]).on(store).run();
    let before = check();
    assert_eq!(before.code, Some(1), "{before:#?}");
    assert!(
        before.out.len() + before.err.len() > 20,
        "it says what to do: {before:#?}"
    );
    Masthead::new(["migrate"]).on(store).run().succeeded();
    check().succeeded();
    // A second time there is nothing to do, and no harm.
    Masthead::new(["migrate"]).on(store).run().succeeded();
    check().succeeded();
    assert_eq!(store.number("SELECT COUNT(*) FROM article"), 0);
}
