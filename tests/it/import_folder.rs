//! Folders and files: what is imported, what fails, and how it is told.

use serde_json::json;

use crate::harness::{Listed, Masthead, Page, Server, Store, headlines, import, on_both_databases};

on_both_databases!(
    a_folder_goes_on_past_a_bad_file,
    a_page_is_imported_whole_or_not_at_all,
    what_is_no_page_is_refused_with_its_line,
    many_paths_are_taken_in_their_order,
);

fn latest(store: &Store) -> Vec<String> {
    let answer =
        Server::start(store).query("{ latest(first: 100) { nodes { headline } } }", json!({}));
    headlines(&answer, "/latest/nodes")
}

fn a_folder_goes_on_past_a_bad_file(store: &Store) {
    let page = |headline: &str, hour: u8| {
        Page::new(headline, &format!("June 18, 2024, {hour}:30 a.m.")).text()
    };
    let undated = "A Page Without A Date\n\nIt has a paragraph, and nobody knows of which day.\n";
    let output = Masthead::new(["import", "pages"])
        .on(store)
        .file("pages/a.txt", page("Apples Ripen Early", 7))
        .file("pages/b.txt", undated)
        .file("pages/c.txt", page("Cherries Ripen Late", 8))
        .file("pages/deep/er/d.txt", page("Damsons Do Not Ripen", 9))
        .file("pages/notes.md", "not a page at all")
        .run();
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert_eq!(
        (
            output.count("pages", "read"),
            output.count("pages", "failed")
        ),
        (4, 1)
    );
    assert_eq!(output.count("articles", "new"), 3);
    let failure = |text: &str| {
        text.lines()
            .map(str::trim_start)
            .any(|line| line.starts_with("pages/b.txt:1: ") && line.contains("date"))
    };
    assert!(
        failure(&output.out),
        "file, line and reason on standard output: {output:#?}"
    );
    assert!(
        failure(&output.err),
        "file, line and reason on standard error: {output:#?}"
    );
    assert_eq!(
        latest(store),
        [
            "Damsons Do Not Ripen",
            "Cherries Ripen Late",
            "Apples Ripen Early"
        ]
    );
}

fn a_page_is_imported_whole_or_not_at_all(store: &Store) {
    // Its last line is bad: thirteen lines above it would have been good.
    let page = Page::new("Ferry Timetable Agreed", "March 5, 2024, 6:30 p.m.")
        .byline_list([Listed::new("Old Landing Gets A New Roof", "Mar 4, 2024")])
        .section(
            "Shore",
            [Listed::by(
                "Heron Colony Counted Again",
                "Mira Tamang",
                "5 days, 1 hour ago",
            )],
        )
        .magazine([
            "VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080)",
            "VOL. 4, No. 8, February.31,2024 (Falgun-4. 2080)",
        ])
        .text();
    let line = page.lines().count();
    let output = import(store, &page, &[]);
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert_eq!(
        (
            output.count("pages", "failed"),
            output.count("articles", "new")
        ),
        (1, 0)
    );
    assert!(
        output.err.contains(&format!("page.txt:{line}: ")),
        "{output:#?}"
    );
    let server = Server::start(store);
    let answer = server.query(
        "{ latest { totalCount } magazineIssues { totalCount } magazineVolumes { totalCount } contributors { totalCount } sections { id } }",
        json!({}),
    );
    let nothing = json!({
        "latest": { "totalCount": 0 },
        "magazineIssues": { "totalCount": 0 },
        "magazineVolumes": { "totalCount": 0 },
        "contributors": { "totalCount": 0 },
        "sections": [],
    });
    assert_eq!(answer, nothing);
}

fn what_is_no_page_is_refused_with_its_line(store: &Store) {
    let good = Page::new("Good Page", "June 18, 2024, 7:52 a.m.");
    let impossible = Page::new("Good Page", "June 31, 2024, 7:52 a.m.").text();
    let undated = good
        .clone()
        .latest([Listed::by("A Line Without A Day", "Mira Tamang", "")])
        .text();
    let undated_line = undated.lines().count();
    let cases: [(&str, Vec<u8>, usize); 5] = [
        ("an empty file", Vec::new(), 1),
        (
            "a day that is not in the calendar",
            impossible.into_bytes(),
            3,
        ),
        (
            "an undated line in a list",
            undated.into_bytes(),
            undated_line,
        ),
        (
            "bytes that are no UTF-8",
            [&b"Headline \xff\xfe\n\nJune 18, 2024, 7:52 a.m.\n"[..]].concat(),
            1,
        ),
        (
            "a web page's source",
            b"<!DOCTYPE html>\n<html><body><h1>Good Page</h1></body></html>\n".to_vec(),
            1,
        ),
    ];
    for (name, page, line) in cases {
        let output = import(store, page, &[]);
        assert_eq!(output.code, Some(1), "{name}: {output:#?}");
        let told = output
            .err
            .lines()
            .any(|text| text.starts_with(&format!("page.txt:{line}: ")) && text.len() > 30);
        assert!(told, "{name}, line {line}: {output:#?}");
        assert!(!output.err.contains("panicked"), "{name}: {output:#?}");
    }
    assert_eq!(latest(store), Vec::<String>::new());
}

fn many_paths_are_taken_in_their_order(store: &Store) {
    let page = |headline: &str| Page::new(headline, "June 18, 2024, 7:30 a.m.").text();
    let output = Masthead::new(["import", "two.txt", "folder", "-"])
        .on(store)
        .file("two.txt", page("Second Boat Leaves"))
        .file("folder/one.txt", page("First Boat Leaves"))
        .input(page("Third Boat Leaves"))
        .run()
        .succeeded();
    assert_eq!(
        (
            output.count("pages", "read"),
            output.count("articles", "new")
        ),
        (3, 3)
    );
    // All of one minute: what came later stands above.
    assert_eq!(
        latest(store),
        [
            "Third Boat Leaves",
            "First Boat Leaves",
            "Second Boat Leaves"
        ]
    );
}
