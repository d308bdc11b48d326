//! Feeds from outside: what readers subscribe to, and go on to when they want what is older.

mod archive;
mod reader;

use masthead_domain::node_id::NodeId;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use self::reader::{FORMATS, Read, listed, read};
use crate::harness::{Masthead, SECRET, Server, Store, on_both_databases, token};

on_both_databases!(
    every_feed_is_read_by_readers,
    a_feed_is_the_same_until_something_changes,
    what_not_everyone_may_see_is_in_no_feed,
    there_are_no_other_feeds,
    addresses_are_those_that_are_configured,
);

/// The address that the servers of these tests are told that they have.
pub(crate) const PUBLIC_URL: &str = "https://api.magazine.example";

pub(crate) fn serve(store: &Store) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(store)
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .env("MASTHEAD_HTTP_PUBLIC_URL", PUBLIC_URL)
        .env(
            "MASTHEAD_HTTP_LICENSE_URL",
            "https://magazine.example/license.xml",
        );
    Server::run(command)
}

pub(crate) fn generate(store: &Store, articles: &str) {
    Masthead::new(["generate", "--articles", articles, "--seed", "7"])
        .on(store)
        .run()
        .succeeded();
}

pub(crate) fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    let value = value.unwrap_or_else(|| panic!("no {name} in {response:?}"));
    value.to_str().unwrap().to_owned()
}

pub(crate) fn text(server: &Server, path: &str) -> String {
    let response = server.get(path);
    assert_eq!(response.status().as_u16(), 200, "{path}");
    response.text().unwrap()
}

/// Writes as a publisher, and answers the article.
pub(crate) fn write(server: &Server, mutation: &str, input: Value) -> Value {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {name}!) {{ {mutation}(input: $input) {{ article {{ id revision }} errors {{ message }} }} }}"
    );
    let answer = server.query_as(
        &token("publisher", &[]),
        &document,
        json!({ "input": input }),
    );
    assert_eq!(answer[mutation]["errors"], json!([]), "{answer}");
    answer[mutation]["article"].clone()
}

pub(crate) fn of(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

pub(crate) fn draft(server: &Server, headline: &str) -> Value {
    let input = json!({ "headline": headline, "body": { "text": format!("{headline} in full.") } });
    write(server, "createArticle", input)
}

pub(crate) fn publish(server: &Server, headline: &str) -> Value {
    write(
        server,
        "publishArticle",
        of(&draft(server, headline), json!({})),
    )
}

/// The stems of feeds of every kind: of the whole publication, and of what the latest article belongs to.
fn stems(server: &Server) -> Vec<(String, Value)> {
    let answer = server.query(
        "{ latest(first: 30) { nodes { section { slug } bylines { slug } topics { slug } } } }",
        json!({}),
    );
    let first = |pointer: &str| {
        let mut nodes = answer["latest"]["nodes"].as_array().unwrap().iter();
        nodes.find_map(|node| node.pointer(pointer)?.as_str().map(str::to_owned))
    };
    let mut stems = vec![("/feeds/latest".to_owned(), json!({}))];
    for (field, pointer) in [
        ("section", "/section/slug"),
        ("contributor", "/bylines/0/slug"),
        ("topic", "/topics/0/slug"),
    ] {
        let slug = first(pointer).unwrap_or_else(|| panic!("no {field} in {answer}"));
        stems.push((format!("/feeds/{field}s/{slug}"), json!({ field: slug })));
    }
    stems
}

fn every_feed_is_read_by_readers(store: &Store) {
    generate(store, "120");
    let server = serve(store);
    for (stem, of) in stems(&server) {
        let all = listed(&server, &of);
        for (extension, media_type) in FORMATS {
            let path = format!("{stem}.{extension}");
            let response = server.get(&path);
            assert_eq!(response.status().as_u16(), 200, "{path}");
            assert_eq!(header(&response, "content-type"), media_type);
            assert!(header(&response, "etag").starts_with('"'), "{response:?}");
            let cache_control = header(&response, "cache-control");
            assert!(!cache_control.contains("private"), "{cache_control}");
            let own = format!("<{PUBLIC_URL}{path}>; rel=\"self\"");
            assert!(header(&response, "link").starts_with(&own), "{response:?}");
            let length = header(&response, "content-length");
            let body = response.text().unwrap();
            let Read { articles, .. } = read(&body);
            assert!(articles.len() >= all.len().min(25), "{path}");
            assert_eq!(articles, all[..articles.len()], "{path}");

            let head = server.request("HEAD", &path).send().unwrap();
            assert_eq!(header(&head, "content-length"), length);
            assert_eq!(head.text().unwrap(), "");
        }
    }
}

fn a_feed_is_the_same_until_something_changes(store: &Store) {
    generate(store, "30");
    let server = serve(store);
    for (extension, _) in FORMATS {
        let path = format!("/feeds/latest.{extension}");
        let before = server.get(&path);
        let tag = header(&before, "etag");
        let before = before.text().unwrap();
        assert_eq!(text(&server, &path), before);
        // Made anew by another process it is the same to the byte.
        assert_eq!(text(&serve(store), &path), before);
        let conditional = |name: &str, value: &str| {
            let request = server.request("GET", &path).header(name, value);
            request.send().unwrap().status().as_u16()
        };
        assert_eq!(conditional("if-none-match", &tag), 304);

        // A change of the very second is not told by a time.
        std::thread::sleep(std::time::Duration::from_secs(3));
        let modified = header(&server.get(&path), "last-modified");
        assert_eq!(conditional("if-modified-since", &modified), 304);

        publish(&server, &format!("News of {extension}"));
        assert_eq!(conditional("if-none-match", &tag), 200);
        assert_eq!(conditional("if-modified-since", &modified), 200);
        let after = text(&server, &path);
        assert!(after.contains(&format!("News of {extension}")), "{after}");
    }
}

fn what_not_everyone_may_see_is_in_no_feed(store: &Store) {
    let server = serve(store);
    publish(&server, "Rain");
    let hidden = draft(&server, "Moonlight drafted");
    let scheduled = draft(&server, "Moonlight scheduled");
    let later = of(&scheduled, json!({ "publishAt": "2099-01-01T00:00:00Z" }));
    write(&server, "scheduleArticle", later);
    let withdrawn = publish(&server, "Moonlight withdrawn");
    for (extension, _) in FORMATS {
        let feed = text(&server, &format!("/feeds/latest.{extension}"));
        assert!(feed.contains("Moonlight withdrawn"), "{feed}");
    }
    let input = of(&withdrawn, json!({ "reason": "Sunshine" }));
    write(&server, "withdrawArticle", input);
    // A tombstone says that it is gone, and nothing of what it said.
    let atom: String = text(&server, "/feeds/latest.atom");
    let tombstones: Vec<&str> = atom.split("<at:deleted-entry ").skip(1).collect();
    let [tombstone] = tombstones.as_slice() else {
        panic!("one tombstone in {atom}")
    };
    let told = server.query("{ withdrawals { id at } }", json!({}));
    assert_eq!(told["withdrawals"][0]["id"], withdrawn["id"]);
    let at = told["withdrawals"][0]["at"].as_str().unwrap();
    let id = NodeId::decode(withdrawn["id"].as_str().unwrap()).unwrap();
    let expected = format!("ref=\"{}\" when=\"{at}\"/>", id.uri());
    assert!(tombstone.starts_with(&expected), "{tombstone}");
    assert!(atom.contains(&format!("<updated>{at}</updated>")), "{atom}");
    let ids = server.query_as(
        &token("editor", &[]),
        "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Article { slug } } }",
        json!({ "ids": [hidden["id"], scheduled["id"], withdrawn["id"]] }),
    );
    let slugs: Vec<&str> = ids["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["slug"].as_str().unwrap())
        .collect();
    for (extension, _) in FORMATS {
        let path = format!("/feeds/latest.{extension}");
        let as_editor = server
            .request("GET", &path)
            .bearer_auth(token("editor", &[]))
            .send()
            .unwrap();
        assert!(header(&as_editor, "cache-control").contains("private"));
        for feed in [text(&server, &path), as_editor.text().unwrap()] {
            assert!(feed.contains("Rain in full."), "{feed}");
            for word in ["oonlight", "Sunshine"].iter().chain(&slugs) {
                assert!(!feed.contains(word), "{word} in {feed}");
            }
        }
    }
}

fn there_are_no_other_feeds(store: &Store) {
    generate(store, "30");
    let server = serve(store);
    for path in [
        "/feeds",
        "/feeds/",
        "/feeds/latest",
        "/feeds/latest.xml",
        "/feeds/sections/there-is-none.rss",
        "/feeds/topics/There.rss",
        "/feeds/latest/2024-06/1000000000.rss",
        "/feeds/latest/4000000000/1.rss",
        "/feeds/latest/9999-12/1.atom",
        "/feeds/latest/0000-01/1.atom",
        "/feeds/latest/2024-06/4294967295.json",
    ] {
        let response = server.get(path);
        assert_eq!(response.status().as_u16(), 404, "{path}");
        assert_eq!(
            header(&response, "content-type"),
            "application/problem+json",
            "{path}"
        );
        let body: Value = response.json().unwrap();
        assert_eq!(body["code"], "NOT_FOUND");
    }
    let refused = server.post("/feeds/latest.rss").send().unwrap();
    assert_eq!(refused.status().as_u16(), 405);
    let unknown = server.request("GET", "/feeds/latest.rss");
    let unknown = unknown.bearer_auth("no.such.token").send().unwrap();
    assert_eq!(unknown.status().as_u16(), 401);
}

fn addresses_are_those_that_are_configured(store: &Store) {
    let lie = |server: &Server, extension: &str| {
        let request = server.request("GET", &format!("/feeds/latest.{extension}"));
        let request = request.header("host", "liar.example");
        request.send().unwrap().text().unwrap()
    };
    let configured = serve(store);
    let fallen_back = Server::start(store);
    for (extension, _) in FORMATS {
        let feed = lie(&configured, extension);
        assert!(!feed.contains("liar"), "{feed}");
        let own = format!("{PUBLIC_URL}/feeds/latest.{extension}");
        assert!(feed.contains(&own), "{feed}");
        let feed = lie(&fallen_back, extension);
        assert!(!feed.contains("liar"), "{feed}");
        // Of a publication that has been told no address.
        let own = format!("http://localhost:8080/feeds/latest.{extension}");
        assert!(feed.contains(&own), "{feed}");
    }
    for extension in ["rss", "atom"] {
        let feed = lie(&configured, extension);
        let license = "<atom:link rel=\"license\" href=\"https://magazine.example/license.xml\"/>"
            .replace("atom:", if extension == "rss" { "atom:" } else { "" });
        assert!(feed.contains(&license), "{feed}");
    }
    let wrong = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .on(store)
        .env("MASTHEAD_HTTP_PUBLIC_URL", "api.magazine.example")
        .run();
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.err.contains("http.public_url"), "{wrong:?}");
}
