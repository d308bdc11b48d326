//! JSON-LD for the head of a page.

use serde_json::{Value, json};

use super::{Desk, input_of};
use crate::harness::{Server, Store, list, on_both_databases, token};

on_both_databases!(
    articles_are_news_articles,
    nothing_in_an_article_ends_the_script_element
);

/// The object in the text of a `script` element.
#[track_caller]
fn object_of(article: &Value) -> Value {
    let text = article["jsonLd"].as_str().unwrap();
    for character in ['<', '>', '&'] {
        assert!(!text.contains(character), "'{character}' stands in {text}");
    }
    serde_json::from_str(text).unwrap()
}

fn articles_are_news_articles(store: &Store) {
    let server = Server::with_sample_content(store);
    let answer = server.query(
        "{ publication { title } latest(first: 100) { nodes { headline url jsonLd publishedAtPrecision publishedAt
            bylines { name } section { name } topics { name } body { wordCount } magazineIssue { number citation } } } }",
        json!({}),
    );
    let articles = list(&answer, "/latest/nodes");
    assert!(articles.len() > 5);
    for article in articles {
        let object = object_of(article);
        assert_eq!(object["@context"], "https://schema.org");
        assert_eq!(object["@type"], "NewsArticle");
        for (ours, theirs) in [
            (&article["headline"], "/headline"),
            (&article["url"], "/url"),
            (&article["url"], "/mainEntityOfPage/@id"),
            (&article["section"]["name"], "/articleSection"),
            (&article["magazineIssue"]["citation"], "/isPartOf/name"),
            (&answer["publication"]["title"], "/publisher/name"),
            (&article["body"]["wordCount"], "/wordCount"),
        ] {
            let said = object.pointer(theirs).unwrap_or(&Value::Null);
            assert_eq!(said, ours, "{theirs} of {object:#}");
        }
        let named = |list: &Value| -> Vec<Value> {
            let members = list.as_array().into_iter().flatten();
            members.map(|one| one["name"].clone()).collect()
        };
        assert_eq!(named(&object["author"]), named(&article["bylines"]));
        let published = object["datePublished"].as_str().unwrap();
        if article["publishedAtPrecision"] == "DAY" {
            assert_eq!(published.len(), "2024-06-14".len(), "a day alone");
        } else {
            let instant = chrono::DateTime::parse_from_rfc3339(published).unwrap();
            let ours = crate::harness::instant(&article["publishedAt"]);
            assert_eq!(instant.to_utc(), ours);
        }
    }
}

fn nothing_in_an_article_ends_the_script_element(store: &Store) {
    let server = Server::start(store);
    let desk = Desk(&server);
    let headline = "</script><!-- <script>alert('A&B')</script> \u{2028}";
    let draft = desk.write(
        "createArticle",
        &json!({ "headline": headline, "standfirst": "]]> --> &lt;", "slug": "a-script", "body": { "text": "It rained." } }),
    );
    let document = "{ article(slug: \"a-script\") { headline standfirst jsonLd } }";
    let editor = token("editor", &[]);
    let answer = server.query_as(&editor, document, json!({}));
    assert_eq!(answer["article"]["jsonLd"], Value::Null, "it is a draft");
    let article = desk.step("publishArticle", &draft, json!({}));
    let shown = server.query(document, json!({}))["article"].clone();
    let object = object_of(&shown);
    assert_eq!(object["headline"], shown["headline"]);
    assert_eq!(object["description"], "]]> --> &lt;");

    // What stands in it is renewed with what it names.
    let section = json!({ "slug": "rivers", "name": "Rivers" });
    desk.attempt("saveSection", &section).unwrap();
    desk.write(
        "updateArticle",
        &input_of(&article, json!({ "section": "rivers" })),
    );
    let read = || server.query(document, json!({}))["article"].clone();
    assert_eq!(object_of(&read())["articleSection"], "Rivers");
    let section = json!({ "slug": "rivers", "name": "Lakes" });
    desk.attempt("saveSection", &section).unwrap();
    assert_eq!(object_of(&read())["articleSection"], "Lakes");
    let publication = json!({ "title": "The Lake" });
    desk.attempt("savePublication", &publication).unwrap();
    assert_eq!(object_of(&read())["publisher"]["name"], "The Lake");
}
