//! The page that the product answers to: every fact of it comes back over one GraphQL query.
//!
//! It is read from beside the project and is no part of it; where it is absent, the tests say so and pass.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::harness::{Masthead, Server, Store, headlines, instant, list, on_both_databases};

on_both_databases!(comes_back_whole_and_a_second_import_changes_nothing);

const QUERY: &str = r"
query Page($slug: String!) {
  publication { timeZone }
  article(slug: $slug) {
    id
    headline
    slug
    publishedAt
    publishedAtPrecision
    section { name }
    bylines { name kind }
    body { blocks { __typename ... on Paragraph { text } } }
    relatedLists {
      basis
      title
      articles(first: 20) { nodes { id headline } }
    }
  }
  latest(first: 50) {
    totalCount
    nodes { id headline publishedAt modifiedAt revision bylines { name kind } }
  }
  magazineIssues(first: 10) {
    totalCount
    nodes {
      volumeNumber
      number
      coverDate
      coverDateBikramSambat { year month day }
      citation
      publisher
      editor
      registrationNumber
    }
  }
}";

fn comes_back_whole_and_a_second_import_changes_nothing(store: &Store) {
    let Some(seed) = seed() else { return };
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(seed.join("expected.json")).unwrap())
            .unwrap();
    let page = seed.join("article-page.txt");
    let import = || {
        Masthead::new([
            "import",
            "--time-zone",
            expected["timeZone"].as_str().unwrap(),
        ])
        .arg(&page)
        .on(store)
        .run()
        .succeeded()
    };

    let first = import();
    let articles = expected["articleCount"].as_u64().unwrap();
    let issues = expected["magazineIssues"].as_array().unwrap();
    assert_eq!(
        (first.count("pages", "read"), first.count("pages", "failed")),
        (1, 0)
    );
    assert_eq!(first.count("articles", "new"), articles);
    assert_eq!(first.count("magazine issues", "new"), issues.len() as u64);
    assert!(!first.out.contains("Nothing changed."), "{first:#?}");

    let server = Server::start(store);
    let variables = json!({ "slug": expected["article"]["slug"] });
    let answer = server.query(QUERY, variables.clone());
    assert_eq!(answer["publication"]["timeZone"], expected["timeZone"]);
    article_is(
        &answer["article"],
        &expected["article"],
        &std::fs::read_to_string(&page).unwrap(),
    );
    related_lists_are(
        &answer["article"],
        expected["relatedLists"].as_array().unwrap(),
    );
    assert_eq!(answer["latest"]["totalCount"], expected["articleCount"]);
    assert_eq!(list(&answer, "/latest/nodes").len() as u64, articles);
    latest_is(&answer, expected["latest"].as_array().unwrap());
    issues_are(&answer, issues, &expected["magazineIssueFacts"]);
    capture_is_bounded(&answer, &expected["relatedLists"][1]["firstHeadlines"][0]);
    is_plain_json_as_well(&server, &answer, variables["slug"].as_str().unwrap());

    let second = import();
    assert!(second.out.contains("Nothing changed."), "{second:#?}");
    for (row, total) in [
        ("articles", articles),
        ("magazine issues", issues.len() as u64),
    ] {
        assert_eq!(
            (second.count(row, "new"), second.count(row, "changed")),
            (0, 0),
            "{row}"
        );
        assert_eq!(second.count(row, "unchanged"), total, "{row}");
    }
    // Identities, revisions and times of change among it.
    assert_eq!(server.query(QUERY, variables), answer);
}

/// `/v1/articlePage` is the same page, for whoever knows no GraphQL.
fn is_plain_json_as_well(server: &Server, answer: &Value, slug: &str) {
    let page = server
        .request("GET", "/v1/articlePage")
        .query(&[("slug", slug)])
        .send()
        .unwrap();
    assert_eq!(page.status(), 200);
    let page: Value = page.json().unwrap();
    for field in ["id", "headline", "publishedAt", "publishedAtPrecision"] {
        assert_eq!(page["article"][field], answer["article"][field], "{field}");
    }
    assert_eq!(
        page["article"]["section"]["name"],
        answer["article"]["section"]["name"]
    );
    for list in ["relatedLists", "bylines"] {
        let length = |of: &Value| of["article"][list].as_array().unwrap().len();
        assert_eq!(length(&page), length(answer), "{list}");
    }
    // As many of each list as the page shows.
    for (pointer, most) in [("/latest/nodes", 6), ("/magazineIssues/nodes", 4)] {
        let shown = list(&page, pointer);
        let all = list(answer, pointer);
        assert_eq!(shown.len(), all.len().min(most), "{pointer}");
        for (shown, all) in shown.iter().zip(all) {
            for field in [
                "headline",
                "publishedAt",
                "citation",
                "coverDate",
                "registrationNumber",
            ] {
                assert_eq!(shown[field], all[field], "{pointer}/{field}");
            }
        }
    }
    for (shown, all) in list(&page, "/article/relatedLists")
        .iter()
        .zip(list(answer, "/article/relatedLists"))
    {
        assert_eq!(
            (&shown["basis"], &shown["title"]),
            (&all["basis"], &all["title"])
        );
        let shown = list(shown, "/articles/edges")
            .iter()
            .map(|edge| &edge["node"]["headline"]);
        let all = list(all, "/articles/nodes")
            .iter()
            .map(|node| &node["headline"]);
        assert!(shown.eq(all.take(6)), "{page:#}");
    }
}

fn article_is(article: &Value, expected: &Value, page: &str) {
    for field in ["headline", "slug", "publishedAt", "publishedAtPrecision"] {
        assert_eq!(article[field], expected[field], "{field}");
    }
    assert_eq!(article["section"]["name"], expected["section"]);
    assert_eq!(article["bylines"], expected["bylines"]);
    let blocks = list(article, "/body/blocks");
    assert_eq!(
        blocks.len() as u64,
        expected["bodyParagraphs"].as_u64().unwrap()
    );
    for block in blocks {
        assert_eq!(block["__typename"], "Paragraph");
        let text = block["text"].as_str().unwrap();
        assert!(
            page.lines().any(|line| line.trim() == text),
            "'{text}' is no line of the page"
        );
    }
}

fn related_lists_are(article: &Value, expected: &[Value]) {
    let lists = list(article, "/relatedLists");
    assert_eq!(lists.len(), expected.len());
    for (found, expected) in lists.iter().zip(expected) {
        assert_eq!(found["basis"], expected["basis"]);
        assert_eq!(found["title"], expected["title"]);
        let first: Vec<&str> = list(expected, "/firstHeadlines")
            .iter()
            .map(|headline| headline.as_str().unwrap())
            .collect();
        let found_headlines = headlines(found, "/articles/nodes");
        assert_eq!(
            found_headlines
                .get(..first.len())
                .unwrap_or(&found_headlines),
            first
        );
        assert!(
            list(found, "/articles/nodes")
                .iter()
                .all(|other| other["id"] != article["id"])
        );
    }
}

fn latest_is(answer: &Value, expected: &[Value]) {
    let nodes = list(answer, "/latest/nodes");
    let places: Vec<usize> = expected
        .iter()
        .map(|expected| {
            let place = nodes
                .iter()
                .position(|node| node["headline"] == expected["headline"]);
            let place = place.unwrap_or_else(|| panic!("{expected} is not there"));
            let byline = json!([{ "name": expected["byline"], "kind": expected["kind"] }]);
            assert_eq!(nodes[place]["bylines"], byline, "{expected}");
            place
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    // 2024-06-18 begins in Nepal at this instant.
    let day: DateTime<Utc> = "2024-06-17T18:15:00Z".parse().unwrap();
    let last = *places.last().unwrap();
    for (place, node) in nodes.iter().enumerate() {
        let earlier_day = instant(&node["publishedAt"]) < day;
        assert!(
            !earlier_day || place > last,
            "{node} stands above the latest"
        );
    }
}

fn issues_are(answer: &Value, expected: &[Value], facts: &Value) {
    let nodes = list(answer, "/magazineIssues/nodes");
    assert_eq!(answer["magazineIssues"]["totalCount"], expected.len());
    assert_eq!(nodes.len(), expected.len());
    for (node, expected) in nodes.iter().zip(expected) {
        for field in ["volumeNumber", "number", "coverDate"] {
            assert_eq!(node[field], expected[field], "{field}");
        }
        assert_eq!(node["coverDateBikramSambat"], expected["bikramSambat"]);
        if let Some(citation) = expected.get("citation") {
            assert_eq!(&node["citation"], citation);
        }
        for field in ["publisher", "editor", "registrationNumber"] {
            assert_eq!(node[field], facts[field], "{field}");
        }
    }
}

/// The capture was between 14:00 and the end of 18 June in Nepal; the section's first, then 14 hours and 45
/// minutes old, appeared between 23:15 on the day before and 9:15.
fn capture_is_bounded(answer: &Value, headline: &Value) {
    let aged = list(answer, "/latest/nodes")
        .iter()
        .find(|node| &node["headline"] == headline)
        .expect("the article of the section's list");
    let published = instant(&aged["publishedAt"]);
    let bound = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    assert!(
        (bound("2024-06-17T17:29:00Z")..=bound("2024-06-18T03:30:00Z")).contains(&published),
        "{aged}"
    );
}

/// The seed's folder, beside the workspace.
fn seed() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seed");
    let folder = folder
        .canonicalize()
        .ok()
        .filter(|folder| folder.join("expected.json").is_file());
    if folder.is_none() {
        eprintln!("SKIPPED: the seed page is not there ('../shared/seed' beside the project)");
    }
    folder
}
