#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::*;
use crate::telemetry::LogFormat;

type Environment<'a> = &'a [(&'a str, &'a str)];

/// Reads a configuration of these parts.
fn read(
    file: &str,
    environment: Environment<'_>,
    flags: &[(&'static str, &'static str, &str)],
) -> Result<Configuration, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("masthead.toml");
    fs::write(&path, file).unwrap();
    let look_up = |name: &str| {
        Ok(environment
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| (*text).to_owned()))
    };
    let flags: Vec<Flag> = flags
        .iter()
        .map(|(name, key, text)| Flag {
            name,
            key,
            text: (*text).to_owned(),
        })
        .collect();
    Configuration::read(Some(&path), look_up, &flags).map_err(|error| {
        error
            .to_string()
            .replace(&path.display().to_string(), "masthead.toml")
    })
}

#[test]
fn nothing_has_to_be_set() {
    let configuration = Configuration::read(None, |_| Ok(None), &[]).unwrap();
    assert_eq!(configuration, Configuration::default());
    assert_eq!(configuration.database.url, "sqlite://masthead.db");
    assert_eq!(configuration.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(configuration.log.format, LogFormat::Text);
    assert_eq!(
        configuration.database.settings(),
        DatabaseSettings::default()
    );
}

#[test]
fn a_section_of_which_nothing_is_set_is_as_if_it_were_not_there() {
    let default = Configuration::default();
    for section in default.sections().keys() {
        let read = read(&format!("[{section}]\n"), &[], &[]).unwrap();
        assert_eq!(read, default, "{section}");
    }
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = "[http]\nlisten = \"127.0.0.1:1001\"\nmax_batch = 3\n[database]\nurl = \"sqlite://file.db\"\n";
    let environment: Environment<'_> = &[
        ("MASTHEAD_LISTEN", "127.0.0.1:1002"),
        ("MASTHEAD_DATABASE_URL", "sqlite://environment.db"),
        ("MASTHEAD_HTTP_COMPRESSION", "false"),
        (
            "MASTHEAD_HTTP_CORS_ORIGINS",
            "https://a.example, https://b.example",
        ),
        ("MASTHEAD_LIMITS_DEPTH", "7"),
        ("MASTHEAD_LOG", "warn"),
    ];
    let flags = [
        ("--listen", "http.listen", "127.0.0.1:1003"),
        ("--log-format", "log.format", "json"),
    ];

    let of_file = read(file, &[], &[]).unwrap();
    assert_eq!(of_file.listen.port(), 1001);
    assert_eq!(of_file.http.max_batch, 3);
    assert_eq!(of_file.database.url, "sqlite://file.db");

    let of_environment = read(file, environment, &[]).unwrap();
    assert_eq!(of_environment.listen.port(), 1002);
    assert_eq!(of_environment.database.url, "sqlite://environment.db");
    assert_eq!(
        of_environment.http.cors_origins,
        ["https://a.example", "https://b.example"]
    );
    assert!(!of_environment.http.compression);
    assert_eq!(of_environment.limits.depth, 7);
    assert_eq!(of_environment.log.level, "warn");
    assert_eq!(of_environment.http.max_batch, 3);

    let of_flags = read(file, environment, &flags).unwrap();
    assert_eq!(of_flags.listen.port(), 1003);
    assert_eq!(of_flags.log.format, LogFormat::Json);
    assert_eq!(of_flags.database.url, "sqlite://environment.db");
}

#[test]
fn the_environment_names_the_file_unless_a_flag_does() {
    let folder = tempfile::tempdir().unwrap();
    let [of_environment, of_flag] =
        ["environment.toml", "flag.toml"].map(|name| folder.path().join(name));
    fs::write(&of_environment, "[limits]\ndepth = 3\n").unwrap();
    fs::write(&of_flag, "[limits]\ndepth = 4\n").unwrap();
    let look_up =
        |name: &str| Ok((name == FILE_VARIABLE).then(|| of_environment.display().to_string()));
    assert_eq!(
        Configuration::read(None, look_up, &[])
            .unwrap()
            .limits
            .depth,
        3
    );
    assert_eq!(
        Configuration::read(Some(&of_flag), look_up, &[])
            .unwrap()
            .limits
            .depth,
        4
    );

    let missing =
        Configuration::read(Some(&folder.path().join("missing.toml")), look_up, &[]).unwrap_err();
    let missing = missing.to_string();
    assert!(
        missing.starts_with("--config: the file '")
            && missing.contains("missing.toml' cannot be read"),
        "{missing}"
    );
    let look_up =
        |name: &str| Ok((name == FILE_VARIABLE).then(|| "/nowhere/masthead.toml".to_owned()));
    let missing = Configuration::read(None, look_up, &[])
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("MASTHEAD_CONFIG: the file '/nowhere/masthead.toml' cannot be read"),
        "{missing}"
    );
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_place() {
    let cases = [
        (
            "[http]\nmax_batch = 2\ncors_origin = \"*\"\n",
            "line 3, column 1: unknown field `cors_origin`, expected one of `cors_origins`",
        ),
        (
            "\n[http]\nlisten = \"localhost\"\n",
            "line 3, column 10: 'localhost' cannot be used: write IP address and port as a text, as in '127.0.0.1:8080'",
        ),
        (
            "[http]\nlisten = 8080\n",
            "line 2, column 10: write IP address and port as a text",
        ),
        (
            "[limit]\ndepth = 3\n",
            "line 1, column 2: unknown field `limit`, expected one of `access`, `database`, `http`, `limits`, `cache`, `cdn`, `outgoing`, `webhooks`, `websub`, `rate_limits`, `subscriptions`, `log`",
        ),
        (
            "[limits]\ndepth = \"deep\"\n",
            "line 2, column 9: invalid type: string \"deep\", expected a whole number",
        ),
        (
            "[limits]\ndepth = -1\n",
            "line 2, column 9: invalid value: integer `-1`, expected a whole number",
        ),
        (
            "[log]\nformat = \"xml\"\n",
            "line 2, column 10: unknown variant `xml`, expected `text` or `json`",
        ),
        ("[database\n", "line 1, column 10: "),
        (
            "[database]\nacquire_timeout_seconds = 0\n",
            "database.acquire_timeout_seconds: 0 cannot be used: write 1 or more",
        ),
        (
            "[log]\nlevel = \"chatty\"\n",
            "log.level: 'chatty' is no log level: write off, error, warn, info, debug or trace",
        ),
    ];
    for (file, expected) in cases {
        let error = read(file, &[], &[]).unwrap_err();
        assert!(
            error.starts_with(&format!("masthead.toml, {expected}")),
            "{file:?}: {error}"
        );
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn a_wrong_variable_or_flag_is_named_with_the_mend() {
    let variables = [
        (
            "MASTHEAD_LISTEN",
            "8080",
            "'8080' cannot be used: write IP address and port as a text, as in '127.0.0.1:8080'",
        ),
        (
            "MASTHEAD_LIMITS_DEPTH",
            "-1",
            "'-1' cannot be used: write a whole number from 0 on, as in '15'",
        ),
        (
            "MASTHEAD_DATABASE_CONNECTIONS",
            "5000000000",
            "'5000000000' cannot be used: ",
        ),
        (
            "MASTHEAD_DATABASE_ACQUIRE_TIMEOUT_SECONDS",
            "0",
            "0 cannot be used: write 1 or more",
        ),
        (
            "MASTHEAD_HTTP_COMPRESSION",
            "yes",
            "'yes' cannot be used: write 'true' or 'false'",
        ),
        (
            "MASTHEAD_LOG_FORMAT",
            "xml",
            "'xml' cannot be used: unknown variant `xml`, expected `text` or `json`",
        ),
        (
            "MASTHEAD_LOG",
            "chatty",
            "'chatty' is no log level: write off, error, warn, info, debug or trace",
        ),
    ];
    for (name, text, expected) in variables {
        let error = read("", &[(name, text)], &[]).unwrap_err();
        assert!(error.starts_with(&format!("{name}: {expected}")), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    for url in [
        "mysql://me:secret@host/name",
        "masthead.db",
        "postgres://",
        "sqlite:",
        "/srv/masthead.db",
    ] {
        let error = read("", &[("MASTHEAD_DATABASE_URL", url)], &[]).unwrap_err();
        let shown = url.replace(":secret", "");
        let expected = format!(
            "MASTHEAD_DATABASE_URL: '{shown}' is no database address: \
             write 'sqlite://masthead.db' or 'postgres://user@host/name'"
        );
        assert_eq!(error, expected);
    }
    let error = read("", &[], &[("--database-url", "database.url", "")]).unwrap_err();
    assert!(
        error.starts_with("--database-url: '' is no database address"),
        "{error}"
    );
    let error = read("", &[], &[("--listen", "http.listen", "nowhere")]).unwrap_err();
    assert!(
        error.starts_with("--listen: 'nowhere' cannot be used: write IP"),
        "{error}"
    );
}

#[test]
fn what_is_printed_can_be_read_again_without_passwords() {
    let mut configuration = Configuration::default();
    configuration
        .set("test", "http.listen", "[::1]:9000")
        .unwrap();
    configuration
        .set("test", "http.cors_origins", "https://a.example")
        .unwrap();
    configuration.set("test", "limits.tokens", "77").unwrap();
    let printed = configuration.to_toml();
    assert_eq!(
        Configuration::from_toml(&printed, "printed").unwrap(),
        configuration
    );
    for section in ["[database]", "[http]", "[limits]", "[log]", "[tokens]"] {
        assert!(printed.contains(section), "{printed}");
    }

    configuration
        .set("test", "database.url", "postgres://me:moonlight@host/name")
        .unwrap();
    let secret = "moonlight that nobody else shall see";
    configuration
        .set("test", "tokens.jwt_secret", secret)
        .unwrap();
    assert!(configuration.tokens.has_keys());
    assert!(!format!("{configuration:?}").contains(secret));
    let printed = configuration.to_toml();
    assert!(
        printed.contains("url = \"postgres://me@host/name\""),
        "{printed}"
    );
    assert!(!printed.contains("moonlight"), "{printed}");
}

#[test]
fn settings_of_tokens_are_checked() {
    let secret = "moonlight";
    let error = read("", &[("MASTHEAD_JWT_SECRET", secret)], &[]).unwrap_err();
    assert!(
        error.starts_with(
            "MASTHEAD_JWT_SECRET: a secret of 9 bytes can be guessed: write at least 32"
        ),
        "{error}"
    );
    assert!(!error.contains(secret), "{error}");
    let file = |line: &str| read(&format!("[tokens]\n{line}\n"), &[], &[]).unwrap_err();
    let error = file("jwt_secret = \"moonlight\"");
    assert!(
        error.starts_with("masthead.toml, tokens.jwt_secret: a secret of 9 bytes"),
        "{error}"
    );
    assert!(!error.contains(secret), "{error}");
    let error = file("jwt_secret = 1234567890");
    assert!(
        error.starts_with("masthead.toml, line 2, column 14: write the secret as a text"),
        "{error}"
    );
    assert!(!error.contains("1234567890"), "{error}");
    for claim in ["", "/", "//"] {
        let error = file(&format!("role_claim = \"{claim}\""));
        assert!(
            error.starts_with("masthead.toml, tokens.role_claim: "),
            "{error}"
        );
    }
    let error = file("leeway_seconds = 3601");
    assert_eq!(
        error,
        "masthead.toml, tokens.leeway_seconds: 3601 cannot be used: write 3600 or less"
    );

    let environment: Environment<'_> = &[
        ("MASTHEAD_TOKENS_PUBLIC_KEY_FILES", "a.pem b.pem"),
        ("MASTHEAD_TOKENS_ROLE_CLAIM", "/realm_access/roles"),
    ];
    let tokens = read("", environment, &[]).unwrap().tokens;
    assert_eq!(
        tokens.public_key_files,
        ["a.pem", "b.pem"].map(PathBuf::from)
    );
    assert_eq!(tokens.role_claim, "/realm_access/roles");
}

#[test]
fn every_key_has_one_variable() {
    let keys = Configuration::keys();
    for key in [
        "http.listen",
        "http.cors_origins",
        "limits.depth",
        "log.level",
        "database.url",
    ] {
        assert!(keys.iter().any(|known| known == key), "{key}");
    }
    let mut variables: Vec<String> = keys.iter().map(|key| variable(key)).collect();
    assert!(!variables.iter().any(|name| name == FILE_VARIABLE));
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), keys.len());
}

#[test]
fn passwords_are_left_out_of_addresses() {
    let cases = [
        ("sqlite://masthead.db", "sqlite://masthead.db"),
        ("sqlite::memory:", "sqlite::memory:"),
        ("postgres://host/name", "postgres://host/name"),
        ("postgres://me@host/name", "postgres://me@host/name"),
        (
            "postgres://me:secret@host:5432/name",
            "postgres://me@host:5432/name",
        ),
        ("postgres://me:secr?t@host/name", "postgres://me@host/name"),
        ("postgres://me:secr@t@host/name", "postgres://me@host/name"),
        (
            "postgres://host/name?user=me&password=secret&sslmode=require",
            "postgres://host/name?user=me&sslmode=require",
        ),
        (
            "postgres://host/name?password=secret",
            "postgres://host/name",
        ),
        ("mysql://me:secret@host/name", "mysql://me@host/name"),
    ];
    for (url, shown) in cases {
        assert_eq!(without_password(url), shown);
    }
}
