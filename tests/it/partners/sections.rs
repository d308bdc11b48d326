//! A partner that is told of some sections alone is told of nothing else, wherever it asks.

use serde_json::{Value, json};

use super::{bound, save, serve};
use crate::harness::{Server, Store, on_both_databases, token};

on_both_databases!(
    a_partner_is_told_of_its_sections_and_those_beneath,
    what_leaves_its_sections_is_removed,
    a_cursor_of_other_sections_says_start_again,
    a_withdrawal_elsewhere_is_not_told,
);

/// A magazine of `land` with `land-north` beneath it, and `sea`; the same names and topics stand in all of them.
pub(super) struct Magazine {
    pub(super) server: Server,
}

impl Magazine {
    fn open(store: &Store) -> Self {
        Self::open_with(store, &[])
    }

    pub(super) fn open_with(store: &Store, settings: &[(&str, &str)]) -> Self {
        let magazine = Self {
            server: serve(store, settings),
        };
        for (slug, parent) in [
            ("land", Value::Null),
            ("land-north", json!("land")),
            ("sea", Value::Null),
        ] {
            magazine.write(
                "saveSection",
                &json!({ "slug": slug, "name": slug, "parent": parent }),
            );
        }
        magazine.write(
            "saveContributor",
            &json!({ "slug": "mira", "name": "Mira", "kind": "PERSON" }),
        );
        magazine.write("saveTopic", &json!({ "slug": "water", "name": "Water" }));
        magazine.write(
            "saveMagazineIssue",
            &json!({ "series": "Lake", "volume": 1, "number": 1, "coverDate": "2026-01-01" }),
        );
        magazine
    }

    /// A mutation of a publisher's, which has no faults.
    #[track_caller]
    pub(super) fn write(&self, mutation: &str, input: &Value) -> Value {
        let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let selected = if mutation.ends_with("Article") || mutation == "setRelatedArticles" {
            "article { id revision slug }"
        } else {
            ""
        };
        let document = format!(
            "mutation($input: {name}!) {{ done: {mutation}(input: $input) {{ {selected} errors {{ message path }} }} }}"
        );
        let publisher = token("publisher", &[]);
        let mut answer = self
            .server
            .query_as(&publisher, &document, json!({ "input": input }));
        assert_eq!(answer["done"]["errors"], json!([]), "{mutation} {input}");
        answer["done"]["article"].take()
    }

    /// A published article.
    #[track_caller]
    fn publish(&self, headline: &str, section: &str) -> Value {
        let issue = self
            .server
            .query("{ magazineIssue(volume: 1, number: 1) { id } }", json!({}));
        let draft = self.write(
            "createArticle",
            &json!({
                "headline": headline, "section": section, "bylines": ["mira"], "topics": ["water"],
                "magazineIssue": issue["magazineIssue"]["id"], "body": { "text": "Text." },
            }),
        );
        self.write("publishArticle", &step(&draft, json!({})))
    }

    fn changes(&self, token: &str, after: &Value) -> (Vec<(Value, Value)>, Value) {
        let answer = self.server.query_as(
            token,
            "query($after: String) { changes(after: $after, first: 100) { pageInfo { endCursor } \
             nodes { kind nodeId reason cacheTags node { id } } } }",
            json!({ "after": after }),
        );
        let nodes = answer["changes"]["nodes"].as_array().unwrap();
        let of_articles = nodes
            .iter()
            .filter(|change| {
                change["nodeId"].as_str().unwrap().starts_with("QQ") || change["node"].is_null()
            })
            .inspect(|change| {
                assert_eq!(
                    change["kind"] == "REMOVED",
                    change["node"].is_null(),
                    "{change}"
                );
            })
            .map(|change| (change["kind"].clone(), change["nodeId"].clone()))
            .collect();
        (
            of_articles,
            answer["changes"]["pageInfo"]["endCursor"].clone(),
        )
    }
}

/// An article at the revision at which it stands, with more.
pub(super) fn step(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// Everything that lists, counts, finds and relates articles.
const EVERYTHING: &str = "query($ids: [ID!]!) {
  latest { totalCount pageInfo { hasNextPage endCursor } nodes { ...told } }
  inSea: latest(section: \"sea\") { totalCount nodes { ...told } }
  byName: latest(contributor: \"mira\") { totalCount nodes { ...told } }
  articles(order: RECENTLY_MODIFIED, filter: { topic: \"water\" }) { totalCount nodes { ...told } }
  oldest: articles(order: OLDEST_FIRST, first: 1) { totalCount pageInfo { hasNextPage } nodes { ...told } }
  last: latest(last: 1) { pageInfo { hasPreviousPage } nodes { ...told } }
  nodes(ids: $ids) { id ... on Article { headline } }
  sections { slug articles { totalCount nodes { headline } } }
  contributor(slug: \"mira\") { articles { totalCount nodes { headline } } }
  topic(slug: \"water\") { articles { totalCount nodes { headline } } }
  magazineIssue(volume: 1, number: 1) { articles { totalCount nodes { headline } } }
}
fragment told on Article {
  headline section { slug }
  relatedLists { basis articles { totalCount nodes { headline } } }
  distinct: relatedLists(distinct: true) { basis articles { totalCount nodes { headline } } }
}";

fn a_partner_is_told_of_its_sections_and_those_beneath(store: &Store) {
    let magazine = Magazine::open(store);
    let server = &magazine.server;
    let lake = magazine.publish("Land one", "land");
    let peak = magazine.publish("Land two", "land-north");
    let partner = save(
        server,
        &json!({ "name": "Land Agency", "scopes": ["articles:body", "embargo:read"], "sections": ["land"] }),
    );
    let token_of_land = bound(&partner, &[]);
    let viewer = server.query_as(&token_of_land, super::VIEWER, json!({}));
    assert_eq!(
        viewer["viewer"]["partner"]["sections"],
        json!([{ "slug": "land" }])
    );
    let ids = json!([lake["id"], peak["id"]]);
    let before = server.query_as(&token_of_land, EVERYTHING, json!({ "ids": ids }));
    assert_eq!(before["latest"]["totalCount"], 2);
    assert_eq!(before["contributor"]["articles"]["totalCount"], 2);

    // What comes elsewhere changes nothing of that.
    let wave = magazine.publish("Zyxowave", "sea");
    let shell = magazine.publish("Zyxoshell", "sea");
    let none = magazine.write(
        "createArticle",
        &json!({ "headline": "Zyxonowhere", "body": { "text": "T." } }),
    );
    let none = magazine.write("publishArticle", &step(&none, json!({})));
    let due = magazine.write(
        "createArticle",
        &json!({ "headline": "Zyxodue", "section": "sea", "body": { "text": "T." } }),
    );
    let due = magazine.write(
        "scheduleArticle",
        &step(&due, json!({ "publishAt": "2100-01-01T00:00:00Z" })),
    );
    let own_due = magazine.write(
        "createArticle",
        &json!({ "headline": "Land to come", "section": "land", "body": { "text": "T." } }),
    );
    magazine.write(
        "scheduleArticle",
        &step(&own_due, json!({ "publishAt": "2100-01-01T00:00:00Z" })),
    );
    let reply = server.query_raw_as(&token_of_land, EVERYTHING, json!({ "ids": ids }));
    assert!(!reply.body.to_string().contains("Zyxo"), "{reply:#?}");
    let after: Value = reply.body.clone();
    for field in [
        "latest",
        "inSea",
        "byName",
        "oldest",
        "sections",
        "contributor",
        "topic",
        "magazineIssue",
    ] {
        assert_eq!(after["data"][field], before[field], "{field}");
    }
    // That there is a public which sees them all.
    let public = server.query_raw(EVERYTHING, json!({ "ids": ids }));
    assert!(public.body.to_string().contains("Zyxowave"), "{public:#?}");

    // Each of them as if it were not there, by whatever it is asked for.
    for article in [&wave, &shell, &none, &due] {
        let found = server.query_as(
            &token_of_land,
            "query($id: ID!, $slug: String!) { node(id: $id) { id } article(slug: $slug) { id } }",
            json!({ "id": article["id"], "slug": article["slug"] }),
        );
        assert_eq!(found, json!({ "node": null, "article": null }), "{article}");
    }
    let scheduled = server.query_as(
        &token_of_land,
        "{ articles(filter: { status: SCHEDULED }) { totalCount nodes { headline } } }",
        json!({}),
    );
    assert_eq!(
        scheduled["articles"],
        json!({ "totalCount": 1, "nodes": [{ "headline": "Land to come" }] })
    );
    no_cursor_tells_of_others(server, &token_of_land);
    let related = json!({ "articles": [wave["id"], peak["id"]] });
    let after_choice = magazine.write("setRelatedArticles", &step(&lake, related));
    let chosen = server.query_as(
        &token_of_land,
        "query($slug: String!) { article(slug: $slug) { relatedArticles(basis: CURATED) { totalCount nodes { headline } } } }",
        json!({ "slug": after_choice["slug"] }),
    );
    assert_eq!(
        chosen["article"]["relatedArticles"],
        json!({ "totalCount": 1, "nodes": [{ "headline": "Land two" }] })
    );
    let (changes, _) = magazine.changes(&token_of_land, &Value::Null);
    let told: Vec<&Value> = changes.iter().map(|(_, id)| id).collect();
    for article in [&wave, &shell, &none, &due] {
        assert!(!told.contains(&&article["id"]), "{changes:?}");
    }
    assert!(
        told.contains(&&lake["id"]) && told.contains(&&peak["id"]),
        "{changes:?}"
    );
}

/// A cursor of an article that a partner is not told of gives it away no more than any other.
#[track_caller]
fn no_cursor_tells_of_others(server: &Server, partner: &str) {
    let public = server.query(
        "{ latest { edges { cursor node { headline } } } }",
        json!({}),
    );
    for edge in public["latest"]["edges"].as_array().unwrap() {
        let page = server.query_raw_as(
            partner,
            "query($after: String) { latest(after: $after) { totalCount nodes { headline } pageInfo { startCursor } } }",
            json!({ "after": edge["cursor"] }),
        );
        assert_eq!(page.status, 200);
        assert!(!page.body.to_string().contains("Zyxo"), "{page:#?}");
    }
}

fn what_leaves_its_sections_is_removed(store: &Store) {
    let magazine = Magazine::open(store);
    let partner = save(
        &magazine.server,
        &json!({ "name": "Land Agency", "sections": ["land"] }),
    );
    let token = bound(&partner, &[]);
    let moved = magazine.publish("Moving", "land-north");
    let stays = magazine.publish("Staying", "land");
    let (changes, cursor) = magazine.changes(&token, &Value::Null);
    assert_eq!(
        changes,
        [
            (json!("UPSERTED"), moved["id"].clone()),
            (json!("UPSERTED"), stays["id"].clone())
        ]
    );
    let late = cursor.clone();

    let sea = magazine.publish("Elsewhere", "sea");
    let moved = magazine.write("updateArticle", &step(&moved, json!({ "section": "sea" })));
    let (changes, cursor) = magazine.changes(&token, &cursor);
    assert_eq!(changes, [(json!("REMOVED"), moved["id"].clone())]);
    // What becomes of it there is nothing to the partner, its withdrawal least of all.
    let moved = magazine.write(
        "updateArticle",
        &step(&moved, json!({ "kicker": "At sea" })),
    );
    let moved = magazine.write(
        "withdrawArticle",
        &step(&moved, json!({ "reason": "Zyxoreason" })),
    );
    magazine.write(
        "withdrawArticle",
        &step(&sea, json!({ "reason": "Zyxoreason" })),
    );
    let (changes, next) = magazine.changes(&token, &cursor);
    assert_eq!(changes, []);
    assert_eq!(
        next, cursor,
        "a cursor that moves tells that something happened"
    );
    // Who has read nothing since is told that it is gone.
    let (changes, _) = magazine.changes(&token, &late);
    assert_eq!(changes, [(json!("REMOVED"), moved["id"].clone())]);

    // What is withdrawn in its sections is removed with its reason, also where it moves on from there.
    magazine.write(
        "withdrawArticle",
        &step(&stays, json!({ "reason": "Wrong." })),
    );
    let answer = magazine.server.query_as(
        &token,
        "query($after: String) { changes(after: $after) { nodes { kind nodeId reason } } }",
        json!({ "after": cursor }),
    );
    assert_eq!(
        answer["changes"]["nodes"],
        json!([{ "kind": "REMOVED", "nodeId": stays["id"], "reason": "Wrong." }])
    );
    let stays = magazine.server.query_as(
        &super::token("editor", &[]),
        "query($id: ID!) { node(id: $id) { ... on Article { id revision } } }",
        json!({ "id": stays["id"] }),
    )["node"]
        .take();
    magazine.write("updateArticle", &step(&stays, json!({ "section": "sea" })));
    let (changes, _) = magazine.changes(&token, &cursor);
    assert_eq!(changes, [(json!("REMOVED"), stays["id"].clone())]);
    let check = crate::harness::Masthead::new(["check"]).on(store).run();
    check.succeeded();
}

fn a_cursor_of_other_sections_says_start_again(store: &Store) {
    let magazine = Magazine::open(store);
    magazine.publish("Land one", "land");
    let partner = save(
        &magazine.server,
        &json!({ "name": "Land Agency", "sections": ["land-north"] }),
    );
    let token = bound(&partner, &[]);
    let (changes, cursor) = magazine.changes(&token, &Value::Null);
    assert_eq!(changes, []);
    let start_again = |cursor: &Value| {
        let document = "query($after: String) { changes(after: $after) { nodes { nodeId } } }";
        let reply = magazine
            .server
            .query_raw_as(&token, document, json!({ "after": cursor }));
        reply.body.to_string().contains("START_AGAIN")
    };
    assert!(!start_again(&cursor));
    // More than before, all of it, and the public's own.
    for sections in [json!(["land"]), Value::Null] {
        save(
            &magazine.server,
            &json!({ "id": partner["id"], "sections": sections }),
        );
        assert!(start_again(&cursor), "{sections}");
    }
    let public = magazine
        .server
        .query("{ changes { pageInfo { endCursor } } }", json!({}));
    let public = &public["changes"]["pageInfo"]["endCursor"];
    assert!(!start_again(public));
    save(
        &magazine.server,
        &json!({ "id": partner["id"], "sections": ["land-north"] }),
    );
    assert!(start_again(public));
    assert!(!start_again(&cursor));
    // A section that is put beneath brings articles that no change tells of.
    magazine.write(
        "saveSection",
        &json!({ "slug": "sea", "name": "sea", "parent": "land-north" }),
    );
    assert!(start_again(&cursor));
}

fn a_withdrawal_elsewhere_is_not_told(store: &Store) {
    let magazine = Magazine::open(store);
    let server = &magazine.server;
    let partner = save(
        server,
        &json!({ "name": "Land Agency", "scopes": ["articles:body"], "sections": ["land"] }),
    );
    let token_of_land = bound(&partner, &[]);
    let withdrawn = |headline: &str, section: &str| {
        let article = magazine.publish(headline, section);
        magazine.write(
            "withdrawArticle",
            &step(&article, json!({ "reason": "Wrong." })),
        )
    };
    let (land, sea) = (withdrawn("Land", "land-north"), withdrawn("Sea", "sea"));
    for (article, told) in [(&land, json!("Wrong.")), (&sea, Value::Null)] {
        let id = json!({ "id": article["id"] });
        let document = "query($id: ID!) { withdrawal(id: $id) { reason } }";
        let answer = server.query_as(&token_of_land, document, id.clone());
        assert_eq!(answer["withdrawal"]["reason"], told);
        assert_eq!(server.query(document, id)["withdrawal"]["reason"], "Wrong.");
        // Of an article that it is not told of, there is no item, not even a canceled one.
        let path = format!("/ninjs/items/{}", article["id"].as_str().unwrap());
        let item = server
            .request("GET", &path)
            .bearer_auth(&token_of_land)
            .send()
            .unwrap();
        assert_eq!(item.status(), if told.is_null() { 404 } else { 200 });
    }
    let all = |token: &str| {
        server.query_as(token, "{ withdrawals { id } }", json!({}))["withdrawals"].clone()
    };
    assert_eq!(all(&token_of_land), json!([{ "id": land["id"] }]));
    let both = json!([{ "id": sea["id"] }, { "id": land["id"] }]);
    assert_eq!(all(&token("editor", &[])), both);
    let feed = server.request("GET", "/feeds/latest.atom");
    let feed = feed.bearer_auth(&token_of_land).send().unwrap();
    let feed = feed.text().unwrap();
    assert_eq!(feed.matches("<at:deleted-entry ").count(), 1, "{feed}");
}
