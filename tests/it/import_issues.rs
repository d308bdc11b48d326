//! 'Latest Magazine': issues with their cover dates in two calendars.

use serde_json::{Value, json};

use crate::harness::{Page, Server, Store, import, list, on_both_databases};

on_both_databases!(
    issues_are_read_however_they_are_spaced,
    where_the_calendars_disagree_the_gregorian_day_is_kept_and_a_warning_names_both,
    months_in_either_calendar_are_spelled_in_many_ways,
    a_double_issue_has_two_numbers,
    what_a_later_page_adds_is_kept,
    a_magazine_registered_anew_starts_again_at_volume_1,
);

const ISSUES: &str = r"
{
  magazineIssues(first: 50) {
    totalCount
    nodes {
      id
      series
      volumeNumber
      number
      lastNumber
      coverDate
      coverDateBikramSambat { year month day text }
      citation
      publisher
      editor
      registrationNumber
      volume { number firstCoverDate lastCoverDate }
    }
  }
  magazineVolumes { totalCount nodes { series number issues { totalCount nodes { number } } } }
}";

fn page(lines: impl IntoIterator<Item = &'static str>) -> String {
    Page::new("The Magazine Rack Is Full", "June 18, 2024, 7:52 a.m.")
        .magazine(lines)
        .text()
}

fn issues(store: &Store) -> Value {
    Server::start(store).query(ISSUES, json!({}))
}

fn issues_are_read_however_they_are_spaced(store: &Store) {
    const FACTS: &str = "Publisher and Editor: Sunita Example Online Register Number: EX 12/080-81";
    let clean = [
        format!("VOL. 17, No. 21, June.14,2024 (Jestha-32. 2081) {FACTS}"),
        format!("VOL. 17, No. 20, May.24,2024 (Jestha-11. 2081) {FACTS}"),
        format!("VOL. 17, No. 19, May.10,2024 (Baishak,28. 2081) {FACTS}"),
    ];
    let base = Page::new("The Magazine Rack Is Full", "June 18, 2024, 7:52 a.m.");
    let variants = [
        ("one a line", base.clone().magazine(clean.clone()).text()),
        ("all glued together", base.clone().magazine([clean.concat()]).text()),
        ("two on one line", base.clone().magazine([format!("{} {}", clean[0], clean[1]), clean[2].clone()]).text()),
        ("wide spacing", base.clone().magazine(clean.clone().map(|line| line.replace(", ", " ,  "))).text()),
        (
            "no blanks and other signs",
            base.clone()
                .magazine([
                    "Vol.17,No.21,June 14, 2024(Jestha 32, 2081)Publisher and Editor:Sunita Example Online Register Number:EX 12/080-81",
                    "VOL 17 No 20 May-24-2024 (Jestha.11.2081) Publisher and Editor : Sunita Example Online Register Number : EX 12/080-81",
                    "Vol. 17 , No. 19 , May. 10 , 2024 ( Baishak 28 2081 ) Publisher and Editor: Sunita Example Online Register Number: EX 12/080-81",
                ])
                .text(),
        ),
        (
            "a line a part",
            base.magazine(clean.iter().map(|line| line.replace(" Publisher", "\nPublisher").replace(" Online", "\nOnline"))).text(),
        ),
    ];
    for (name, text) in variants {
        let store = store.another();
        let output = import(&store, &text, &[]).succeeded();
        assert!(!output.err.contains("warning"), "{name}: {output:#?}");
        let answer = issues(&store);
        assert_eq!(answer["magazineIssues"]["totalCount"], 3, "{name}");
        let nodes = list(&answer, "/magazineIssues/nodes");
        let citations: Vec<&str> = nodes
            .iter()
            .map(|node| node["citation"].as_str().unwrap())
            .collect();
        let expected = [
            "VOL. 17, No. 21, June 14, 2024 (Jestha 32, 2081)",
            "VOL. 17, No. 20, May 24, 2024 (Jestha 11, 2081)",
            "VOL. 17, No. 19, May 10, 2024 (Baishak 28, 2081)",
        ];
        assert_eq!(citations, expected, "{name}");
        for node in nodes {
            assert_eq!(node["publisher"], "Sunita Example", "{name}");
            assert_eq!(node["editor"], "Sunita Example", "{name}");
            assert_eq!(node["registrationNumber"], "EX 12/080-81", "{name}");
            let volume = json!({ "number": 17, "firstCoverDate": "2024-05-10", "lastCoverDate": "2024-06-14" });
            assert_eq!(node["volume"], volume, "{name}");
        }
        assert_eq!(answer["magazineVolumes"]["totalCount"], 1, "{name}");
    }
}

fn where_the_calendars_disagree_the_gregorian_day_is_kept_and_a_warning_names_both(store: &Store) {
    let text = page([
        "VOL. 17, No. 21, June.14,2024 (Jestha-31. 2081)",
        "VOL. 17, No. 20, May.24,2024 (Jestha-11. 2081)",
    ]);
    let line = text
        .lines()
        .position(|line| line.contains("No. 21"))
        .unwrap()
        + 1;
    let output = import(store, &text, &[]).succeeded();
    let warnings: Vec<&str> = output
        .err
        .lines()
        .filter(|line| line.contains("warning"))
        .collect();
    let [warning] = warnings.as_slice() else {
        panic!("one warning expected: {output:#?}")
    };
    assert!(
        warning.starts_with(&format!("page.txt:{line}: warning: ")),
        "{warning}"
    );
    for named in [
        "June 14, 2024",
        "Jestha-31. 2081",
        "Jestha 32, 2081",
        "No. 21",
    ] {
        assert!(warning.contains(named), "'{named}' in '{warning}'");
    }
    let answer = issues(store);
    let issue = &answer["magazineIssues"]["nodes"][0];
    assert_eq!(issue["coverDate"], "2024-06-14");
    let day = json!({ "year": 2081, "month": 2, "day": 32, "text": "Jestha 32, 2081" });
    assert_eq!(issue["coverDateBikramSambat"], day);
    assert_eq!(
        issue["citation"],
        "VOL. 17, No. 21, June 14, 2024 (Jestha 32, 2081)"
    );
    // A second time there is nothing new, and still the same doubt.
    let again = import(store, &text, &[]).succeeded();
    assert!(again.out.contains("Nothing changed."), "{again:#?}");
}

fn months_in_either_calendar_are_spelled_in_many_ways(store: &Store) {
    let output = import(
        store,
        page([
            "VOL. 16, No. 1, Jun. 14, 2024 (Jeth 32, 2081)",
            "VOL. 16, No. 2, June 14, 2024 (Jesth-32. 2081)",
            "VOL. 16, No. 3, May. 10, 2024 (Baisakh 28, 2081)",
            "VOL. 16, No. 4, May 10, 2024 (Vaishakh 28, 2081)",
            "VOL. 16, No. 5, Feb. 9, 2024 (Magh 26, 2080)",
        ]),
        &[],
    )
    .succeeded();
    assert!(!output.err.contains("warning"), "{output:#?}");
    let answer = issues(store);
    let mut found: Vec<(u64, &str, u64, &str)> = list(&answer, "/magazineIssues/nodes")
        .iter()
        .map(|node| {
            let day = &node["coverDateBikramSambat"];
            let text = day["text"].as_str().unwrap();
            (
                node["number"].as_u64().unwrap(),
                node["coverDate"].as_str().unwrap(),
                day["month"].as_u64().unwrap(),
                text,
            )
        })
        .collect();
    found.sort_unstable();
    let expected = [
        (1, "2024-06-14", 2, "Jeth 32, 2081"),
        (2, "2024-06-14", 2, "Jesth 32, 2081"),
        (3, "2024-05-10", 1, "Baisakh 28, 2081"),
        (4, "2024-05-10", 1, "Vaishakh 28, 2081"),
        (5, "2024-02-09", 10, "Magh 26, 2080"),
    ];
    assert_eq!(found, expected);
}

fn a_double_issue_has_two_numbers(store: &Store) {
    import(
        store,
        page(["VOL. 3, No. 7-8, June.14,2024 (Jestha-32. 2081)"]),
        &[],
    )
    .succeeded();
    let answer = issues(store);
    let issue = &answer["magazineIssues"]["nodes"][0];
    assert_eq!(
        (&issue["number"], &issue["lastNumber"]),
        (&json!(7), &json!(8))
    );
    assert_eq!(
        issue["citation"],
        "VOL. 3, No. 7-8, June 14, 2024 (Jestha 32, 2081)"
    );
}

fn what_a_later_page_adds_is_kept(store: &Store) {
    let bare = page(["VOL. 17, No. 21, June.14,2024 (Jestha-32. 2081)"]);
    let full = page([
        "VOL. 17, No. 21, June.14,2024 (Jestha-32. 2081) Publisher and Editor: Sunita Example Online Register Number: EX 12/080-81",
    ]);
    import(store, &bare, &[]).succeeded();
    let server = Server::start(store);
    let before = server.query(ISSUES, json!({}));
    assert_eq!(
        before["magazineIssues"]["nodes"][0]["publisher"],
        Value::Null
    );

    let output = import(store, &full, &[]).succeeded();
    assert_eq!(output.count("magazine issues", "changed"), 1);
    server.hear_of_other_processes();
    let after = server.query(ISSUES, json!({}));
    let (was, is) = (
        &before["magazineIssues"]["nodes"][0],
        &after["magazineIssues"]["nodes"][0],
    );
    assert_eq!(is["publisher"], "Sunita Example");
    assert_eq!(is["registrationNumber"], "EX 12/080-81");
    assert_eq!(is["id"], was["id"]);
    assert_eq!(after["magazineIssues"]["totalCount"], 1);

    // A page that says less takes nothing away.
    let output = import(store, &bare, &[]).succeeded();
    assert!(output.out.contains("Nothing changed."), "{output:#?}");
    assert_eq!(server.query(ISSUES, json!({})), after);
}

fn a_magazine_registered_anew_starts_again_at_volume_1(store: &Store) {
    let old = page([
        "VOL. 1, No. 2, May.20,2005 Publisher and Editor: Sunita Example Online Register Number: EX 1/060",
        "VOL. 1, No. 1, May.6,2005 Publisher and Editor: Sunita Example Online Register Number: EX 1/060",
    ]);
    let new = page([
        "VOL. 1, No. 2, June.14,2024 (Jestha-32. 2081) Publisher and Editor: Sunita Example Online Register Number: EX 12/080-81",
        "VOL. 1, No. 1, May.24,2024 (Jestha-11. 2081) Publisher and Editor: Sunita Example Online Register Number: EX 12/080-81",
    ]);
    import(store, old, &[]).succeeded();
    import(store, new, &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(ISSUES, json!({}));
    let dates: Vec<&str> = list(&answer, "/magazineIssues/nodes")
        .iter()
        .map(|issue| issue["coverDate"].as_str().unwrap())
        .collect();
    assert_eq!(
        dates,
        ["2024-06-14", "2024-05-24", "2005-05-20", "2005-05-06"]
    );
    let volumes = list(&answer, "/magazineVolumes/nodes");
    assert_eq!(volumes.len(), 2);
    assert_ne!(volumes[0]["series"], volumes[1]["series"]);
    for volume in volumes {
        assert_eq!(volume["number"], 1);
        assert_eq!(
            volume["issues"],
            json!({ "totalCount": 2, "nodes": [{ "number": 2 }, { "number": 1 }] })
        );
    }

    // Without a series: the newer; with one: that series'.
    let document = "query($series: String) { magazineIssue(volume: 1, number: 2, series: $series) { coverDate } }";
    let newer = server.query(document, json!({ "series": null }));
    assert_eq!(newer["magazineIssue"]["coverDate"], "2024-06-14");
    let older = server.query(document, json!({ "series": volumes[1]["series"] }));
    assert_eq!(older["magazineIssue"]["coverDate"], "2005-05-20");
    let none = server.query(document, json!({ "series": "No Such Magazine" }));
    assert_eq!(none["magazineIssue"], Value::Null);
    let numbered = server.query("{ magazineIssues(volume: 1) { totalCount } of2: magazineIssues(volume: 2) { totalCount } }", json!({}));
    assert_eq!(
        numbered,
        json!({ "magazineIssues": { "totalCount": 4 }, "of2": { "totalCount": 0 } })
    );
}
