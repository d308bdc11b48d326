//! What the routes answer with: an article through its life, and all of a magazine.

use serde_json::{Value, json};

use super::{Desk, embargo, get, problem, read, schema::Ninjs, walk};
use crate::harness::{Masthead, SECRET, Server, Store, on_both_databases, texts, token};

on_both_databases!(
    all_of_a_magazine_is_valid_and_the_same_by_every_way,
    an_article_is_followed_through_its_life,
    a_page_of_one_section_has_that_alone,
    whoever_may_not_read_the_text_is_sent_none,
    a_closed_change_log_is_for_those_with_the_scope,
);

fn all_of_a_magazine_is_valid_and_the_same_by_every_way(store: &Store) {
    let schema = Ninjs::read();
    let server = Server::with_sample_content(store);
    let latest = walk(&server, "/ninjs/latest?first=7", None, &schema);
    let answer = server.query(
        "{ latest(first: 100) { totalCount nodes { id slug headline } } }",
        json!({}),
    );
    assert_eq!(latest.len(), answer["latest"]["totalCount"], "items");
    let headlines: Vec<&Value> = latest.iter().map(|item| &item["title"]).collect();
    let shown = answer["latest"]["nodes"].as_array().unwrap();
    for (item, article) in latest.iter().zip(shown) {
        assert_eq!(item["title"], article["headline"], "{headlines:?}");
        assert_eq!(item["pubStatus"], "usable");
        assert_eq!(item["altIds"][0]["value"], article["id"]);
        for name in [&article["id"], &article["slug"], &item["uri"]] {
            let path = format!("/ninjs/items/{}", name.as_str().unwrap());
            assert_eq!(&read(&server, &path, None), item, "{path}");
        }
    }
    // Something of each kind is told by some article, or it would not be tested here.
    for place in [
        "/bodies/0/value",
        "/by",
        "/located",
        "/language",
        "/subjects/0/uri",
        "/places/0/name",
        "/renditions/0/href",
        "/associations/0/renditions/0/href",
        "/people/0/name",
    ] {
        assert!(
            latest.iter().any(|item| item.pointer(place).is_some()),
            "no article of the sample has {place}"
        );
    }

    let mut changed = walk(&server, "/ninjs/changes?first=11", None, &schema);
    let mut latest = latest;
    let by_uri = |item: &Value| item["uri"].as_str().unwrap().to_owned();
    changed.sort_by_key(by_uri);
    latest.sort_by_key(by_uri);
    assert_eq!(changed, latest);
    if !schema.is_there() {
        eprintln!("the items were not held to the schema");
    }
}

fn a_page_of_one_section_has_that_alone(store: &Store) {
    let schema = Ninjs::read();
    let server = Server::with_sample_content(store);
    let answer = server.query(
        "{ sections { slug articles(first: 100) { totalCount } } }",
        json!({}),
    );
    let mut found = 0;
    for slug in texts(&answer, "/sections", "slug") {
        let path = format!("/ninjs/latest?section={slug}&first=3");
        let items = walk(&server, &path, None, &schema);
        for item in &items {
            assert_eq!(item["subjects"][0]["rel"], "section", "{item:#}");
        }
        let sections = answer["sections"].as_array().unwrap();
        let section = sections.iter().find(|section| section["slug"] == slug);
        assert_eq!(items.len(), section.unwrap()["articles"]["totalCount"]);
        found += items.len();
    }
    assert!(found > 5, "the sample's articles stand in sections");
    let none = read(&server, "/ninjs/latest?section=there-is-none", None);
    assert_eq!(none["items"], json!([]));
}

fn an_article_is_followed_through_its_life(store: &Store) {
    let schema = Ninjs::read();
    let server = Server::start(store);
    let desk = Desk(&server);
    let partner = embargo();
    let partner = Some(partner.as_str());
    let draft = desk.write(
        "createArticle",
        &json!({ "headline": "Zyxo rises", "slug": "zyxo-rises", "standfirst": "Zyxo stood.", "dateline": "Zyxotown",
            "body": { "text": "Zyxo rained." } }),
    );
    let path = format!("/ninjs/items/{}", draft["id"].as_str().unwrap());
    let by_slug = "/ninjs/items/zyxo-rises";
    let not_found = (404, "NOT_FOUND".to_owned());
    for (path, who) in [(path.as_str(), None), (by_slug, None), (&path, partner)] {
        assert_eq!(problem(&server, path, who), not_found, "a draft");
    }
    let valid = |who| {
        let item = read(&server, &path, who);
        schema.assert_valid(&item);
        item
    };

    let article = desk.step(
        "scheduleArticle",
        &draft,
        json!({ "publishAt": "2100-01-01T01:00:00Z" }),
    );
    assert_eq!(problem(&server, &path, None), not_found, "of a schedule");
    assert_eq!(problem(&server, by_slug, None), not_found, "of a schedule");
    assert_eq!(read(&server, "/ninjs/latest", None)["items"], json!([]));
    assert_eq!(read(&server, "/ninjs/changes", None)["items"], json!([]));
    let withheld = valid(partner);
    assert_eq!(withheld["pubStatus"], "withheld");
    assert_eq!(withheld["embargoedUntil"], "2100-01-01T01:00:00Z");
    assert_eq!(withheld["firstCreated"], Value::Null, "it has not come out");
    let told = read(&server, "/ninjs/changes", partner);
    assert_eq!(told["items"], json!([withheld]));

    let article = desk.step("publishArticle", &article, json!({}));
    let usable = valid(None);
    assert_eq!(usable, valid(partner));
    assert_eq!(usable["pubStatus"], "usable");
    assert_eq!(usable["located"], "Zyxotown");
    assert_eq!(usable["embargoedUntil"], Value::Null);

    let article = desk.step(
        "correctArticle",
        &article,
        json!({ "text": "Zyxo had not." }),
    );
    let corrected = valid(None);
    assert_eq!(
        corrected["descriptions"][1],
        json!({ "role": "correction", "value": "Zyxo had not." })
    );
    let version = |item: &Value| -> i32 { item["version"].as_str().unwrap().parse().unwrap() };
    assert_eq!(version(&corrected), version(&usable) + 1);

    let article = desk.step(
        "withdrawArticle",
        &article,
        json!({ "reason": "By a court's order." }),
    );
    let canceled = valid(None);
    assert_eq!(canceled["pubStatus"], "canceled");
    assert_eq!(canceled["edNote"], "By a court's order.");
    assert_eq!(canceled["uri"], usable["uri"]);
    assert_eq!(version(&canceled), version(&corrected) + 1);
    // What the newsroom goes on doing with it is no version of it.
    let article = desk.step(
        "updateArticle",
        &article,
        json!({ "headline": "Zyxo fell" }),
    );
    for who in [None, partner] {
        assert_eq!(valid(who), canceled);
        assert_eq!(problem(&server, by_slug, who), not_found);
        let changes = read(&server, "/ninjs/changes", who);
        assert_eq!(changes["items"], json!([canceled]));
        for path in [path.as_str(), by_slug, "/ninjs/latest", "/ninjs/changes"] {
            let response = get(&server, path, who);
            let said = format!("{:?}", response.headers()).to_lowercase();
            let said = said + &response.text().unwrap().to_lowercase();
            assert!(!said.contains("zyxo"), "{path} still says {said}");
        }
    }

    desk.step("publishArticle", &article, json!({}));
    let again = valid(None);
    assert_eq!(
        (&again["pubStatus"], &again["title"]),
        (&json!("usable"), &json!("Zyxo fell"))
    );
    assert_eq!(
        read(&server, "/ninjs/changes", None)["items"],
        json!([again])
    );
}

/// A server that gives everyone less than all, with the sample magazine.
fn keeping_something(store: &Store, setting: &str) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env(setting, "false");
    Server::run(command)
}

fn whoever_may_not_read_the_text_is_sent_none(store: &Store) {
    let schema = Ninjs::read();
    let server = keeping_something(store, "MASTHEAD_ACCESS_PUBLIC_FULL_TEXT");
    let partner = token("partner", &["articles:body"]);
    // What is kept of one is not given to the other.
    for _ in 0..2 {
        let whole = walk(&server, "/ninjs/latest?first=50", Some(&partner), &schema);
        let parts = walk(&server, "/ninjs/latest?first=50", None, &schema);
        assert_eq!(whole.len(), parts.len());
        let texts = whole.iter().filter(|item| item["bodies"].is_array());
        assert!(texts.count() > 5, "the partner reads the texts");
        for item in &parts {
            assert_eq!(item["bodies"], Value::Null, "{item:#}");
            assert_eq!(item["representationType"], "partial");
        }
    }
    let answer = server.query("{ latest(first: 1) { nodes { jsonLd } } }", json!({}));
    let script = answer["latest"]["nodes"][0]["jsonLd"].as_str().unwrap();
    let object: Value = serde_json::from_str(script).unwrap();
    assert_eq!(object["isAccessibleForFree"], false);
}

fn a_closed_change_log_is_for_those_with_the_scope(store: &Store) {
    let server = keeping_something(store, "MASTHEAD_ACCESS_PUBLIC_CHANGES");
    let (status, _) = problem(&server, "/ninjs/changes", None);
    assert_eq!(status, 401);
    let without = token("partner", &["articles:body"]);
    let (status, _) = problem(&server, "/ninjs/changes", Some(&without));
    assert_eq!(status, 403);
    let partner = token("partner", &["changes:read"]);
    let page = read(&server, "/ninjs/changes?first=100", Some(&partner));
    assert!(!page["items"].as_array().unwrap().is_empty());
}
