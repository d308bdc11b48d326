//! What is known already is known again: the same page twice, and an article first seen in a list.

use serde_json::{Value, json};

use crate::harness::{Listed, Page, Server, Store, import, list, on_both_databases};

on_both_databases!(
    the_same_page_twice_changes_nothing,
    an_article_known_from_a_list_is_the_same_when_its_own_page_comes,
    a_list_takes_nothing_from_an_article_whose_page_is_there,
    a_page_with_one_thing_new_changes_that_alone,
    the_page_of_an_article_settles_whose_it_is,
    two_articles_of_a_page_are_never_one_in_store,
);

const EVERYTHING: &str = r"
{
  latest(first: 100) {
    nodes {
      id
      slug
      headline
      publishedAt
      publishedAtPrecision
      modifiedAt
      revision
      section { id name }
      bylines { id name }
      body { text wordCount }
    }
  }
  magazineIssues { nodes { id citation publisher } }
  contributors { nodes { id name } }
  sections { id name }
}";

fn page() -> Page {
    Page::new(
        "Lighthouse Keeper Starts A Library",
        "March 5, 2024, 6:30 p.m.",
    )
    .byline_list([Listed::new("Old Landing Gets A New Roof", "Mar 4, 2024")])
    .section(
        "Shore",
        [Listed::by(
            "Heron Colony Counted Again",
            "Mira Tamang",
            "5 days, 1 hour ago",
        )],
    )
    .latest([Listed::by(
        "Tea Stall Opens Before Sunrise",
        "Mira Tamang",
        "Mar 5, 2024",
    )])
    .magazine(["VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080)"])
}

fn with_headline<'a>(answer: &'a Value, headline: &str) -> &'a Value {
    list(answer, "/latest/nodes")
        .iter()
        .find(|node| node["headline"] == headline)
        .unwrap_or_else(|| panic!("no '{headline}' in {answer:#}"))
}

fn the_same_page_twice_changes_nothing(store: &Store) {
    let text = page().text();
    import(store, &text, &[]).succeeded();
    let server = Server::start(store);
    let before = server.query(EVERYTHING, json!({}));
    assert_eq!(list(&before, "/latest/nodes").len(), 4);
    let again = import(store, &text, &[]).succeeded();
    assert!(again.out.contains("Nothing changed."), "{again:#?}");
    assert_eq!(
        (
            again.count("articles", "new"),
            again.count("articles", "changed")
        ),
        (0, 0)
    );
    assert_eq!(again.count("articles", "unchanged"), 4);
    assert_eq!(again.count("magazine issues", "unchanged"), 1);
    assert_eq!(server.query(EVERYTHING, json!({})), before);
}

fn an_article_known_from_a_list_is_the_same_when_its_own_page_comes(store: &Store) {
    import(store, page().text(), &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(EVERYTHING, json!({}));
    let before = with_headline(&answer, "Tea Stall Opens Before Sunrise");
    assert_eq!(before["body"], json!({ "text": "", "wordCount": 0 }));
    assert_eq!(before["publishedAtPrecision"], "DAY");
    assert_eq!(before["revision"], 1);

    let own = Page::new("Tea Stall Opens Before Sunrise", "March 5, 2024, 5:10 a.m.")
        .byline("Mira Tamang")
        .paragraphs(&[
            "The kettle is on at four, long before the first boat, and the bench is never empty.",
        ])
        .section("Food", []);
    let output = import(store, own.text(), &[]).succeeded();
    assert_eq!(
        (
            output.count("articles", "new"),
            output.count("articles", "changed")
        ),
        (0, 1)
    );

    server.hear_of_other_processes();
    let answer = server.query(EVERYTHING, json!({}));
    assert_eq!(list(&answer, "/latest/nodes").len(), 4);
    let after = with_headline(&answer, "Tea Stall Opens Before Sunrise");
    for kept in ["id", "slug", "bylines"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(after["publishedAt"], "2024-03-04T23:25:00Z");
    assert_eq!(after["publishedAtPrecision"], "MINUTE");
    assert_eq!(after["section"]["name"], "Food");
    assert_eq!(after["body"]["wordCount"], 17);
    assert_eq!(after["revision"], 2);
    assert!(after["modifiedAt"].as_str() > before["modifiedAt"].as_str());
}

fn a_list_takes_nothing_from_an_article_whose_page_is_there(store: &Store) {
    let own = Page::new("Tea Stall Opens Before Sunrise", "March 5, 2024, 5:10 a.m.")
        .byline("Mira Tamang")
        .section("Food", []);
    import(store, own.text(), &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(EVERYTHING, json!({}));
    let before = with_headline(&answer, "Tea Stall Opens Before Sunrise").clone();
    let output = import(store, page().text(), &[]).succeeded();
    assert_eq!(output.count("articles", "new"), 3);
    assert_eq!(output.count("articles", "unchanged"), 1);
    let answer = server.query(EVERYTHING, json!({}));
    assert_eq!(
        with_headline(&answer, "Tea Stall Opens Before Sunrise"),
        &before
    );
}

fn a_page_with_one_thing_new_changes_that_alone(store: &Store) {
    import(store, page().text(), &[]).succeeded();
    let server = Server::start(store);
    let before = server.query(EVERYTHING, json!({}));
    let edited = page().paragraphs(&[
        "The keeper's shelves hold forty books now, and a visitor may take one for another.",
    ]);
    let output = import(store, edited.text(), &[]).succeeded();
    assert_eq!(output.count("articles", "changed"), 1);
    assert_eq!(output.count("articles", "unchanged"), 3);
    assert!(!output.out.contains("Nothing changed."), "{output:#?}");
    server.hear_of_other_processes();
    let after = server.query(EVERYTHING, json!({}));
    for (was, is) in list(&before, "/latest/nodes")
        .iter()
        .zip(list(&after, "/latest/nodes"))
    {
        if was["headline"] == "Lighthouse Keeper Starts A Library" {
            assert_eq!((&is["id"], &is["revision"]), (&was["id"], &json!(2)));
            assert_eq!(
                is["body"]["text"].as_str().unwrap().trim(),
                "The keeper's shelves hold forty books now, and a visitor may take one for another."
            );
        } else {
            assert_eq!(is, was);
        }
    }
}

/// A list stands under several names; the article's own page tells which of them, or who else, wrote it.
fn the_page_of_an_article_settles_whose_it_is(store: &Store) {
    let listing = page()
        .byline("Mira Tamang and Hari Gurung")
        .byline_list([Listed::new("Old Landing Gets A New Roof", "Mar 4, 2024")]);
    import(store, listing.text(), &[]).succeeded();
    let server = Server::start(store);
    let before = server.query(EVERYTHING, json!({}));
    let listed = with_headline(&before, "Old Landing Gets A New Roof");

    let own =
        Page::new("Old Landing Gets A New Roof", "March 4, 2024, 9:15 a.m.").byline("Sona Lama");
    let report = import(store, own.text(), &[]).succeeded();
    assert_eq!(report.count("articles", "new"), 0, "{report:#?}");
    server.hear_of_other_processes();
    let after = server.query(EVERYTHING, json!({}));
    let whole = with_headline(&after, "Old Landing Gets A New Roof");
    assert_eq!(whole["id"], listed["id"]);
    assert_eq!(whole["bylines"][0]["name"], "Sona Lama");
    assert_eq!(whole["bylines"].as_array().unwrap().len(), 1);
    assert_eq!(whole["publishedAt"], "2024-03-04T03:30:00Z");
}

/// Two articles under one headline on one day, by different names, where only one was known: the page is taken
/// in, with both.
fn two_articles_of_a_page_are_never_one_in_store(store: &Store) {
    let listing = page()
        .byline("Mira Tamang and Hari Gurung")
        .byline_list([Listed::new("Letters From The Shore", "Mar 4, 2024")]);
    import(store, listing.text(), &[]).succeeded();
    let both = page()
        .byline_list([])
        .section(
            "Shore",
            [Listed::by(
                "Letters From The Shore",
                "Mira Tamang",
                "Mar 4, 2024",
            )],
        )
        .latest([Listed::by(
            "Letters From The Shore",
            "Hari Gurung",
            "Mar 4, 2024",
        )]);
    import(store, both.text(), &[]).succeeded();
    let answer = Server::start(store).query(EVERYTHING, json!({}));
    let letters = list(&answer, "/latest/nodes")
        .iter()
        .filter(|node| node["headline"] == "Letters From The Shore")
        .count();
    assert_eq!(letters, 2, "{answer:#}");
}
