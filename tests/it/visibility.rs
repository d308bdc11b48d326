//! What is not published stands in no public answer: no list, no count, no lookup, no related list.

use serde_json::{Value, json};

use crate::harness::{Listed, Page, Server, Store, import, list, on_both_databases};

on_both_databases!(
    what_is_not_published_is_nowhere,
    what_is_dated_in_the_future_is_not_shown_before
);

const HIDDEN: &str = "Old Landing Gets A New Roof";
const SLUG: &str = "old-landing-gets-a-new-roof";

const EVERYWHERE: &str = r#"
query($id: ID!, $slug: String!) {
  article(slug: $slug) { headline }
  node(id: $id) { id }
  nodes(ids: [$id]) { id }
  latest { totalCount nodes { headline } }
  inSection: latest(section: "shore") { totalCount nodes { headline } }
  byContributor: latest(contributor: "mira-tamang") { totalCount nodes { headline } }
  newest: articles { totalCount nodes { headline } }
  oldest: articles(order: OLDEST_FIRST) { totalCount nodes { headline } }
  modified: articles(order: RECENTLY_MODIFIED) { totalCount nodes { headline } }
  published: articles(filter: { status: PUBLISHED }) { totalCount nodes { headline } }
  last: articles(last: 10) { totalCount nodes { headline } }
  section(slug: "shore") { articles { totalCount nodes { headline } } }
  contributor(slug: "mira-tamang") { articles { totalCount nodes { headline } } }
  other: article(slug: "ferry-timetable-agreed") {
    relatedLists { basis articles { totalCount nodes { headline } } }
    distinct: relatedLists(distinct: true) { basis articles { totalCount nodes { headline } } }
    relatedArticles(basis: BYLINE) { totalCount nodes { headline } }
    bySection: relatedArticles(basis: SECTION) { totalCount nodes { headline } }
  }
}"#;

/// Imports a page and the article to be hidden, of its byline and its section, and gives its identity.
fn archive(store: &Store) -> (Server, Value) {
    let page = Page::new("Ferry Timetable Agreed", "March 5, 2024, 6:30 p.m.")
        .byline("Mira Tamang")
        .section("Shore", [Listed::by(HIDDEN, "Mira Tamang", "Mar 4, 2024")]);
    import(store, page.text(), &[]).succeeded();
    let server = Server::forgetful(store);
    let answer = server.query(
        "query($slug: String!) { article(slug: $slug) { id } }",
        json!({ "slug": SLUG }),
    );
    let id = answer["article"]["id"].clone();
    assert!(id.is_string());
    (server, id)
}

#[track_caller]
fn is_nowhere(server: &Server, id: &Value) {
    let answer = server.query(EVERYWHERE, json!({ "id": id, "slug": SLUG }));
    let text = answer.to_string();
    assert!(!text.contains(HIDDEN), "{answer:#}");
    assert_eq!(
        (&answer["article"], &answer["node"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(answer["nodes"], json!([null]));
    for connection in [
        "/latest",
        "/inSection",
        "/byContributor",
        "/newest",
        "/oldest",
        "/modified",
        "/published",
        "/last",
        "/section/articles",
        "/contributor/articles",
    ] {
        let connection = answer
            .pointer(connection)
            .unwrap_or_else(|| panic!("no {connection}"));
        assert_eq!(connection["totalCount"], 1, "{answer:#}");
        assert_eq!(list(connection, "/nodes").len(), 1, "{answer:#}");
    }
    // The one article that leads nowhere any more has no list at all.
    assert_eq!(answer["other"]["relatedLists"], json!([]), "{answer:#}");
    assert_eq!(answer["other"]["distinct"], json!([]), "{answer:#}");
    for basis in ["relatedArticles", "bySection"] {
        assert_eq!(answer["other"][basis]["totalCount"], 0, "{answer:#}");
    }
}

fn what_is_not_published_is_nowhere(store: &Store) {
    let (server, id) = archive(store);
    let shown = server.query(EVERYWHERE, json!({ "id": id, "slug": SLUG }));
    assert_eq!(shown["latest"]["totalCount"], 2);
    assert_eq!(list(&shown, "/other/relatedLists").len(), 2);
    // As a draft and as a withdrawn article are stored.
    let copies = format!(
        "UPDATE article_byline SET visible_from = NULL WHERE article_id = (SELECT id FROM article WHERE slug = '{SLUG}')"
    );
    store.execute(&format!(
        "UPDATE article SET visible_from = NULL, withdrawn_at = published_at WHERE slug = '{SLUG}'; {copies}"
    ));
    is_nowhere(&server, &id);
    store.execute(&format!(
        "UPDATE article SET visible_from = NULL, withdrawn_at = NULL, published_at = NULL WHERE slug = '{SLUG}'"
    ));
    is_nowhere(&server, &id);
    // Scheduled for an hour of the year 2100.
    let later = 4_102_448_400_000_i64;
    store.execute(&format!(
        "UPDATE article SET visible_from = {later}, published_at = {later} WHERE slug = '{SLUG}';
         UPDATE article_byline SET visible_from = {later} WHERE article_id = (SELECT id FROM article WHERE slug = '{SLUG}')"
    ));
    is_nowhere(&server, &id);
}

fn what_is_dated_in_the_future_is_not_shown_before(store: &Store) {
    let page = Page::new("A Look Back At The Century", "March 5, 2098, 6:30 p.m.")
        .byline("Mira Tamang")
        .latest([Listed::by(
            "Ferry Timetable Agreed",
            "Mira Tamang",
            "Mar 5, 2024",
        )]);
    import(store, page.text(), &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ article(slug: \"a-look-back-at-the-century\") { id } latest { totalCount nodes { headline } } contributor(slug: \"mira-tamang\") { articles { totalCount } } }",
        json!({}),
    );
    let expected = json!({
        "article": null,
        "latest": { "totalCount": 1, "nodes": [{ "headline": "Ferry Timetable Agreed" }] },
        "contributor": { "articles": { "totalCount": 1 } },
    });
    assert_eq!(answer, expected);
}
