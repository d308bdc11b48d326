#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fs;

use masthead_persistence::DatabaseSettings;

use super::*;

#[tokio::test]
async fn a_bad_file_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("1.txt"), b"Caf\xE9").unwrap();
    fs::write(path("2.txt"), "BAD").unwrap();
    let sources = page_file::sources(&[folder.path().to_owned()]).unwrap();
    // Gone between the look into the folder and its turn.
    let sources = [sources, vec![Source::File(path("3.txt"))]].concat();

    let settings = DatabaseSettings {
        url: "sqlite::memory:".to_owned(),
        ..DatabaseSettings::default()
    };
    let database = Database::open(&settings).await.unwrap();
    database.migrate().await.unwrap();
    let import = Import {
        time_zone: None,
        captured_at: None,
        publication_title: None,
        paths: Vec::new(),
    };
    let report = import.import(&database, &Clock::system(), &sources).await;

    assert!(report.has_failures());
    let text = report.to_string();
    assert!(
        text.contains("| pages           |    3 |   0 |       0 |         0 |      3 |"),
        "{text}"
    );
    assert!(text.contains("\nNothing changed.\n"), "{text}");
    let (_, failures) = text.split_once("Failed:\n").unwrap();
    let failures: Vec<&str> = failures.lines().collect();
    assert_eq!(failures.len(), 3, "{text}");
    let expected = format!(
        "{}:1: byte 4 (0xE9) is not UTF-8: save the page as text in UTF-8",
        path("1.txt").display()
    );
    assert_eq!(failures.first(), Some(&expected.as_str()));
    assert!(
        failures
            .iter()
            .any(|line| line.starts_with(&format!("{}:", path("2.txt").display()))),
        "{text}"
    );
    let missing = format!("{}: it cannot be read: ", path("3.txt").display());
    assert!(
        failures.iter().any(|line| line.starts_with(&missing)),
        "{text}"
    );
}

#[test]
fn a_moment_has_an_offset() {
    let moment = parse_moment("2024-06-14T09:30:00+05:45").unwrap();
    assert_eq!(moment.to_rfc3339(), "2024-06-14T03:45:00+00:00");
    for text in ["2024-06-14", "2024-06-14T09:30:00", "yesterday", ""] {
        assert!(
            parse_moment(text)
                .unwrap_err()
                .contains("such as '2024-06-14T09:30:00+05:45'"),
            "{text}"
        );
    }
}
