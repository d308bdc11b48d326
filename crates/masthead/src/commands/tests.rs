#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use clap::CommandFactory as _;

use super::*;
use crate::configuration::variable;

fn refusal(arguments: &[&str]) -> String {
    match end_of_parsing(&parse(arguments).unwrap_err()) {
        Err(Failure::Setting(sentence)) => sentence,
        other => panic!("{arguments:?} is not refused: {other:?}"),
    }
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_explained_with_an_example() {
    let mut cli = Cli::command();
    cli.build();
    let overview = cli.render_long_help().to_string();
    let unwrapped = overview.split_whitespace().collect::<Vec<_>>().join(" ");
    for variable in [
        "MASTHEAD_DATABASE_URL",
        "MASTHEAD_CONFIG",
        "MASTHEAD_LOG_FORMAT",
        "MASTHEAD_LOG",
    ] {
        assert!(
            unwrapped.contains(&format!("[environment: {variable}]")),
            "{variable}"
        );
    }
    for command in cli.get_subcommands_mut() {
        let name = command.get_name().to_owned();
        let help = command.render_long_help().to_string();
        assert!(help.contains("\nExample"), "{name} has no example");
        assert!(
            help.contains(&format!("masthead {name}")) || help.contains(" masthead "),
            "{name}"
        );
        assert!(
            overview.contains(&format!("  {name} ")),
            "{name} is not in the overview"
        );
        let undocumented = command
            .get_arguments()
            .filter(|argument| argument.get_help().is_none());
        assert_eq!(
            undocumented.map(clap::Arg::get_id).collect::<Vec<_>>(),
            [&""; 0],
            "{name}"
        );
    }
}

#[test]
fn flags_set_the_keys_that_they_say() {
    let cli = parse([
        "masthead",
        "serve",
        "--listen",
        "[::1]:0",
        "--cors-origin",
        "https://a.example",
        "--cors-origin",
        "https://b.example",
    ])
    .unwrap();
    let Command::Serve(serve) = &cli.command else {
        panic!("{cli:?}")
    };
    let configuration = Configuration::read(None, |_| Ok(None), &serve.flags()).unwrap();
    assert_eq!(configuration.listen.to_string(), "[::1]:0");
    assert_eq!(
        configuration.http.cors_origins,
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(variable("http.cors_origins"), "MASTHEAD_HTTP_CORS_ORIGINS");

    let cli = parse([
        "masthead",
        "migrate",
        "--check",
        "--log-format",
        "json",
        "--database-url",
        "sqlite://a.db",
    ])
    .unwrap();
    assert_eq!(cli.options.log_format, Some(LogFormat::Json));
    assert_eq!(cli.options.database_url.as_deref(), Some("sqlite://a.db"));
}

#[test]
fn a_wrong_argument_is_one_sentence() {
    let cases: [(&[&str], &str); 6] = [
        (
            &["masthead", "server"],
            "unrecognized subcommand 'server'; tip: a similar subcommand exists: 'serve'",
        ),
        (
            &["masthead", "import"],
            "the following required arguments were not provided: <PATH>...",
        ),
        (
            &["masthead", "import", "--time-zone", "Asia/Nowhere", "-"],
            "invalid value 'Asia/Nowhere' for '--time-zone <NAME>': 'Asia/Nowhere' is no time zone: \
             write its name in the IANA database, such as 'Asia/Kathmandu'",
        ),
        (
            &["masthead", "import", "--captured-at", "today", "-"],
            "invalid value 'today' for '--captured-at <MOMENT>': 'today' is no moment",
        ),
        (
            &["masthead", "serve", "--log-format", "xml"],
            "invalid value 'xml' for '--log-format <FORMAT>' [possible values: text, json]",
        ),
        (
            &["masthead", "publication", "--language", "not a tag"],
            "invalid value 'not a tag' for '--language <TAG>': 'not a tag' is not a language tag: write it as BCP 47",
        ),
    ];
    for (arguments, expected) in cases {
        let sentence = refusal(arguments);
        assert!(sentence.starts_with(expected), "{sentence}");
        assert!(
            !sentence.contains('\n') && sentence.ends_with("(--help tells more)"),
            "{sentence}"
        );
    }
}

#[test]
fn help_and_version_are_no_failures() {
    for arguments in [["masthead", "--help"], ["masthead", "--version"]] {
        let error = parse(arguments).unwrap_err();
        assert!(matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ));
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_is_a_wrong_setting() {
    let cases = [
        (
            "postgres://me:secret@host:port/name",
            "--database-url: 'postgres://…@host:port/name' is no database address: write",
        ),
        (
            "sqlite:///nowhere/at/all/masthead.db",
            "--database-url: 'sqlite:///nowhere/at/all/masthead.db': the database cannot be opened",
        ),
    ];
    for (url, expected) in cases {
        let mut configuration = Configuration::default();
        configuration.database.url = url.to_owned();
        match open_database(&configuration).await {
            Err(Failure::Setting(sentence)) => {
                assert!(sentence.starts_with(expected), "{sentence}");
                assert!(
                    !sentence.contains("secret") && !sentence.contains('\n'),
                    "{sentence}"
                );
            }
            other => panic!("{url}: {other:?}"),
        }
    }
}
