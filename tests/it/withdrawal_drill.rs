//! The drill: an article is withdrawn, and a second later every surface is read, on every node. No trace is left.
//!
//! A surface that comes later is to be added to [`paths`], or to [`DOCUMENTS`]; a way of delivering, to [`delivered`].

mod delivered;

use std::{thread, time::Duration};

use masthead_domain::node_id::NodeId;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};

use self::delivered::Delivered;
use crate::{
    feeds::PUBLIC_URL,
    harness::{Masthead, SECRET, Server, Store, on_both_databases, token},
    subscriptions::told_from_the_start,
};

on_both_databases!(a_withdrawal_leaves_no_trace_after_a_second);

/// It stands in everything that the article says, and nowhere else.
const TRACE: &str = "zyxodrill";
const WITHIN: Duration = Duration::from_secs(1);

/// Whatever lists, finds, counts or relates articles.
const DOCUMENTS: [&str; 6] = [
    "query($id: ID!, $slug: String!) { node(id: $id) { ... on Article { headline } } nodes(ids: [$id]) { ... on Article { slug } }
       article(slug: $slug) { headline body { html text markdown } } }",
    "{ latest { totalCount nodes { headline slug standfirst body { text } bylines { name } } } }",
    "{ articles(order: RECENTLY_MODIFIED) { nodes { headline url } } oldest: articles(order: OLDEST_FIRST) { nodes { slug } } }",
    "{ section(slug: \"crafts\") { articles { nodes { headline } } } topic(slug: \"water\") { articles { nodes { headline } } }
       contributor(slug: \"asha-udaharan\") { articles { nodes { headline } } } }",
    "{ neighbour: latest(section: \"crafts\", first: 50) { nodes { relatedLists { articles { nodes { headline } } }
       chosen: relatedArticles(basis: CURATED) { nodes { headline } } } } }",
    "{ changes(first: 100) { nodes { node { ... on Article { headline slug } } } } }",
];

/// What has a feed and holds the article.
const LISTS: [&str; 4] = [
    "latest",
    "sections/crafts",
    "topics/water",
    "contributors/asha-udaharan",
];

/// The paths that answer something of the article beside `/graphql`.
fn paths(article: &Value) -> Vec<String> {
    let feeds = LISTS
        .iter()
        .flat_map(|list| ["rss", "atom", "json"].map(|format| format!("/feeds/{list}.{format}")));
    let text = |field: &str| article[field].as_str().unwrap().to_owned();
    let others = [
        "/sitemap-news.xml".to_owned(),
        "/ninjs/latest".to_owned(),
        "/ninjs/changes?first=100".to_owned(),
        format!("/ninjs/items/{}", text("id")),
        format!("/v1/articlePage?slug={}", text("slug")),
        "/v1/latest".to_owned(),
    ];
    feeds.chain(others).collect()
}

/// What all parts of the sitemap say.
fn sitemap(server: &Server) -> String {
    let index = server.get("/sitemap.xml").text().unwrap();
    let parts = index.split("/sitemaps/").skip(1);
    parts
        .map(|rest| {
            let part = rest.split('<').next().unwrap();
            server.get(&format!("/sitemaps/{part}")).text().unwrap()
        })
        .collect()
}

fn serve(store: &Store) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"]);
    let command = [
        ("MASTHEAD_JWT_SECRET", SECRET),
        ("MASTHEAD_HTTP_PUBLIC_URL", PUBLIC_URL),
        ("MASTHEAD_OUTGOING_PLAIN_HTTP", "true"),
        ("MASTHEAD_OUTGOING_OPEN_NETWORKS", "127.0.0.0/8"),
        ("MASTHEAD_WEBHOOKS_FIRST_RETRY_MILLISECONDS", "200"),
        ("MASTHEAD_WEBHOOKS_LONGEST_RETRY_SECONDS", "1"),
    ]
    .into_iter()
    .fold(command, |command, (name, value)| command.env(name, value));
    Server::run(command.on(store))
}

#[track_caller]
fn write(server: &Server, mutation: &str, input: &Value) -> Value {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {name}!) {{ {mutation}(input: $input) {{ article {{ id revision slug }} errors {{ message }} }} }}"
    );
    let publisher = token("publisher", &[]);
    let answer = server.query_as(&publisher, &document, json!({ "input": input }));
    assert_eq!(answer[mutation]["errors"], json!([]), "{answer}");
    answer[mutation]["article"].clone()
}

/// What each surface says, by its name; of a path, with the entity tag. A path may answer that there is nothing.
fn read(server: &Server, article: &Value) -> Vec<(String, String, Option<String>)> {
    let readers = [None, Some(token("partner", &["embargo:read"]))];
    let mut said = Vec::new();
    for document in DOCUMENTS {
        let variables = if document.starts_with("query") {
            json!({ "id": article["id"], "slug": article["slug"] })
        } else {
            json!({})
        };
        for reader in &readers {
            let answer = match reader {
                None => server.query(document, variables.clone()),
                Some(token) => server.query_as(token, document, variables.clone()),
            };
            said.push((document.to_owned(), answer.to_string(), None));
        }
    }
    for path in paths(article) {
        let response = server.get(&path);
        let tag = response.headers().get(ETAG);
        let tag = tag.map(|tag| tag.to_str().unwrap().to_owned());
        let is_missing = response.status().as_u16() == 404;
        let mut text = response.text().unwrap();
        if is_missing {
            // That there is nothing is said with the slug that was asked for.
            text = text.replace(article["slug"].as_str().unwrap(), "…");
        }
        said.push((path, text, tag));
    }
    said.push(("/sitemap.xml".to_owned(), sitemap(server), None));
    for reader in &readers {
        let heard = told_from_the_start(server, reader.as_deref());
        said.push(("subscription".to_owned(), heard, None));
    }
    said
}

fn a_withdrawal_leaves_no_trace_after_a_second(store: &Store) {
    let first = serve(store);
    let delivered = Delivered::by(&first);
    let nodes = [first, serve(store)];
    let neighbour = nodes[0].query(
        "{ latest(section: \"crafts\", first: 1) { nodes { id revision } } }",
        json!({}),
    );
    let neighbour = &neighbour["latest"]["nodes"][0];
    let draft = write(
        &nodes[0],
        "createArticle",
        &json!({
            "headline": "Zyxodrill at the mill", "kicker": "Zyxodrill", "standfirst": "A zyxodrill in brief.",
            "section": "crafts", "bylines": ["asha-udaharan"], "topics": ["water"],
            "body": { "markdown": "The **zyxodrill** itself." },
        }),
    );
    let of = |article: &Value| json!({ "id": article["id"], "revision": article["revision"] });
    let article = write(&nodes[0], "publishArticle", &of(&draft));
    let mut chosen = of(neighbour);
    chosen["articles"] = json!([article["id"]]);
    write(&nodes[0], "setRelatedArticles", &chosen);
    thread::sleep(WITHIN);
    let before: Vec<_> = nodes.iter().map(|node| read(node, &article)).collect();
    for (surface, said, _) in before.iter().flatten() {
        assert!(
            said.to_lowercase().contains(TRACE),
            "{surface} does not show it to begin with: {said}"
        );
    }
    delivered.show_it();

    let mut withdrawal = of(&article);
    withdrawal["reason"] = json!("A mistake.");
    write(&nodes[0], "withdrawArticle", &withdrawal);
    thread::sleep(WITHIN);
    let after_a_second = delivered.so_far();
    delivered.has_late_one_answer();
    let uri = NodeId::decode(article["id"].as_str().unwrap())
        .unwrap()
        .uri();
    for (node, before) in nodes.iter().zip(&before) {
        for (surface, said, _) in read(node, &article) {
            assert!(
                !said.to_lowercase().contains(TRACE),
                "{surface} still shows it: {said}"
            );
        }
        // Nor is anyone told that what they hold is as it was.
        for (path, _, tag) in before {
            let Some(tag) = tag else { continue };
            let asked = node
                .request("GET", path)
                .header(IF_NONE_MATCH, tag.as_str());
            let status = asked.send().unwrap().status().as_u16();
            assert!([200, 404, 410].contains(&status), "{path}: {status}");
        }
        for list in LISTS {
            let feed = node.get(&format!("/feeds/{list}.atom")).text().unwrap();
            let tombstone = format!("<at:deleted-entry ref=\"{uri}\" when=\"");
            assert!(feed.contains(&tombstone), "{list}: {feed}");
        }
        let told = node.query(
            "{ changes(first: 100) { nodes { kind nodeId reason } } }",
            json!({}),
        );
        let removal = json!({ "kind": "REMOVED", "nodeId": article["id"], "reason": "A mistake." });
        assert!(
            told["changes"]["nodes"]
                .as_array()
                .unwrap()
                .contains(&removal),
            "{told}"
        );
    }
    delivered.tell_of_the_withdrawal(&nodes[1], &article, &after_a_second);
}
