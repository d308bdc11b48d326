//! Settings: flags beat the environment, which beats the file; a wrong one is one clear sentence and exit
//! code 2.

use serde_json::json;

use crate::harness::{Masthead, Output, Page, Server, Store};

/// Asserts that a command refused a setting in one sentence that names it.
#[track_caller]
fn refused(mut command: Masthead, named: &[&str]) -> Output {
    let output = command.run();
    assert_eq!(output.code, Some(2), "{output:#?}");
    assert_eq!(output.out, "", "{output:#?}");
    for word in named {
        assert!(
            output.err.contains(word),
            "'{word}' is not named: {output:#?}"
        );
    }
    for internal in [
        "panicked",
        "RUST_BACKTRACE",
        "thread '",
        "Caused by",
        "src/",
        "ErrorKind",
    ] {
        assert!(!output.err.contains(internal), "{output:#?}");
    }
    output
}

#[track_caller]
fn refused_in_one_line(command: Masthead, named: &[&str]) {
    let output = refused(command, named);
    assert_eq!(
        output
            .err
            .lines()
            .filter(|line| !line.trim().is_empty())
            .count(),
        1,
        "one sentence: {output:#?}"
    );
}

#[test]
fn a_wrong_database_address_is_one_sentence() {
    for address in ["mysql://localhost/archive", "archive.db", ""] {
        for command in ["serve", "migrate", "publication"] {
            let command = Masthead::new([command, "--database-url", address]);
            let output = refused(command, &[]);
            assert!(output.err.len() > 20, "{address}: {output:#?}");
        }
    }
    refused_in_one_line(
        Masthead::new(["serve", "--database-url", "mysql://localhost/archive"]),
        &["mysql://localhost/archive", "sqlite://"],
    );
    refused_in_one_line(
        Masthead::new(["serve"]).env("MASTHEAD_DATABASE_URL", "mysql://localhost/archive"),
        &["mysql://localhost/archive"],
    );
    // A password is nobody's to read in a log.
    let output = refused(
        Masthead::new([
            "serve",
            "--database-url",
            "mysql://desk:moonlight@localhost/archive",
        ]),
        &["mysql://"],
    );
    assert!(!output.err.contains("moonlight"), "{output:#?}");
}

#[test]
fn a_database_that_cannot_be_reached_is_told() {
    for address in [
        "sqlite:///no/such/folder/archive.db",
        "postgres://desk:moonlight@127.0.0.1:1/archive",
    ] {
        let output = Masthead::new([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            address,
        ])
        .run();
        assert!(
            output.code == Some(2) || output.code == Some(1),
            "{output:#?}"
        );
        assert_eq!(output.out, "", "it is not ready: {output:#?}");
        assert!(
            output.err.len() > 20
                && !output.err.contains("panicked")
                && !output.err.contains("moonlight"),
            "{output:#?}"
        );
    }
}

#[test]
fn a_wrong_address_to_listen_on_is_refused() {
    for listen in ["nowhere", "127.0.0.1", "127.0.0.1:99999", ":"] {
        refused(Masthead::new(["serve", "--listen", listen]), &[listen]);
        refused(
            Masthead::new(["serve"]).env("MASTHEAD_LISTEN", listen),
            &[listen],
        );
    }
}

#[test]
fn where_somebody_else_listens_it_does_not_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Masthead::new(["serve", "--log-level", "off", "--listen", &address]).run();
    assert!(
        output.code == Some(1) || output.code == Some(2),
        "{output:#?}"
    );
    assert_eq!(output.out, "", "it is not ready: {output:#?}");
    assert_eq!(output.err.lines().count(), 1, "{output:#?}");
    assert!(output.err.contains(&address), "{output:#?}");
}

#[test]
fn an_import_is_refused_for_what_is_not_there() {
    refused_in_one_line(
        Masthead::new(["import", "no-such-page.txt"]),
        &["no-such-page.txt"],
    );
    refused(Masthead::new(["import"]), &["PATH"]);
    let page = || {
        Masthead::new(["import", "page.txt"]).file(
            "page.txt",
            Page::new("A Page", "June 18, 2024, 7:52 a.m.").text(),
        )
    };
    refused(
        page().arg("--time-zone").arg("Nepal/Nowhere"),
        &["Nepal/Nowhere"],
    );
    refused(page().arg("--captured-at").arg("yesterday"), &["yesterday"]);
    refused(page().arg("--no-such-option"), &["--no-such-option"]);
    // One unknown path among good ones: nothing is begun.
    let mut command = page().arg("no-such-page.txt");
    let output = command.run();
    assert_eq!(output.code, Some(2), "{output:#?}");
    assert!(
        !command.folder().join("masthead.db").exists(),
        "no database was made for it"
    );
}

#[test]
fn a_file_of_settings_is_read_and_checked() {
    let file = |text: &str| {
        Masthead::new(["settings", "--config", "masthead.toml"]).file("masthead.toml", text)
    };
    let shown = file("[http]\nlisten = \"127.0.0.1:9999\"\n")
        .run()
        .succeeded();
    assert!(shown.out.contains("127.0.0.1:9999"), "{shown:#?}");
    let toml: toml::Table = shown.out.parse().unwrap();
    for section in ["database", "http", "limits", "log", "tokens"] {
        assert!(
            toml.contains_key(section),
            "no [{section}] in {}",
            shown.out
        );
    }
    for limit in [
        "depth",
        "complexity",
        "alias",
        "directive",
        "token",
        "bytes",
        "batch",
    ] {
        assert!(
            shown.out.contains(limit),
            "no limit of '{limit}' in {}",
            shown.out
        );
    }
    // What is shown can be read again, and says the same.
    let again = file(&shown.out).run().succeeded();
    assert_eq!(again.out, shown.out);

    refused(
        Masthead::new(["serve", "--config", "no-such-file.toml"]),
        &["no-such-file.toml"],
    );
    refused(
        file("[http]\nlissten = \"127.0.0.1:9999\"\n"),
        &["masthead.toml", "lissten", "2"],
    );
    refused(file("[htttp]\nlisten = \"127.0.0.1:9999\"\n"), &["htttp"]);
    refused(
        file("[limits]\ndepth = \"deep\"\n"),
        &["masthead.toml", "line 2", "deep"],
    );
    refused(file("this is no TOML"), &["masthead.toml"]);
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let file = "[http]\nlisten = \"127.0.0.1:1001\"\n[database]\nurl = \"sqlite://file.db\"\n";
    let command = || {
        Masthead::new(["settings"])
            .file("masthead.toml", file)
            .env("MASTHEAD_CONFIG", "masthead.toml")
    };
    let url = |output: &Output| {
        output.out.parse::<toml::Table>().unwrap()["database"]["url"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(url(&command().run().succeeded()), "sqlite://file.db");
    let environment = || command().env("MASTHEAD_DATABASE_URL", "sqlite://environment.db");
    assert_eq!(
        url(&environment().run().succeeded()),
        "sqlite://environment.db"
    );
    let flag = environment()
        .arg("--database-url")
        .arg("sqlite://flag.db")
        .run()
        .succeeded();
    assert_eq!(url(&flag), "sqlite://flag.db");
    let password = command()
        .arg("--database-url")
        .arg("postgres://desk:moonlight@db.example/archive")
        .run()
        .succeeded();
    assert!(
        password.out.contains("db.example") && !password.out.contains("moonlight"),
        "{password:#?}"
    );
}

#[test]
fn a_default_database_is_made_in_the_working_folder() {
    let command = Masthead::new(["serve"]).env("MASTHEAD_LISTEN", "127.0.0.1:0");
    let file = command.folder().join("masthead.db");
    let server = Server::run(command);
    assert!(
        server.ready_line().ends_with("/ (SQLite)"),
        "{}",
        server.ready_line()
    );
    assert_eq!(
        server.query("{ latest { totalCount } }", json!({}))["latest"]["totalCount"],
        0
    );
    assert!(file.is_file());
}

#[test]
fn without_migration_an_empty_database_is_not_served_as_ready() {
    let store = Store::sqlite();
    Masthead::new(["migrate"]).on(&store).run().succeeded();
    let server = Server::with(&store, &["--no-migrate"]);
    assert_eq!(server.get("/readyz").status().as_u16(), 200);
}

#[test]
fn logs_are_json_on_request_and_never_on_standard_output() {
    let page = || Page::new("A Page", "June 18, 2024, 7:52 a.m.").text();
    let output = Masthead::new(["import", "page.txt", "--log-format", "json"])
        .file("page.txt", page())
        .run()
        .succeeded();
    let lines: Vec<&str> = output
        .err
        .lines()
        .filter(|line| line.starts_with('{'))
        .collect();
    assert!(!lines.is_empty(), "a line a file, at info: {output:#?}");
    for line in lines {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            record.get("level").is_some() && record.get("timestamp").is_some(),
            "{record}"
        );
    }
    let quiet = Masthead::new(["import", "page.txt", "--log-level", "off"])
        .file("page.txt", page())
        .run()
        .succeeded();
    assert_eq!(quiet.err, "");
    assert!(quiet.out.contains("articles"), "{quiet:#?}");
    refused(
        Masthead::new(["import", "page.txt", "--log-format", "xml"]).file("page.txt", page()),
        &["xml"],
    );
}
