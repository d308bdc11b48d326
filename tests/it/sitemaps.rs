//! What crawlers are given: sitemaps, the news of two days, `robots.txt`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::clock::Clock;
use serde_json::json;

use crate::{
    feeds::{PUBLIC_URL, draft, generate, header, of, publish, serve, text, write},
    harness::{Server, Store, list, on_both_databases},
};

on_both_databases!(
    sitemaps_name_every_page_once,
    old_sitemaps_stay_as_they_are,
    news_are_of_two_days,
    robots_are_told_where_to_look,
);

/// The texts of all elements of a name, in a document whose texts hold no markup.
fn texts(document: &str, name: &str) -> Vec<String> {
    assert!(
        document.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>"),
        "{document}"
    );
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let parts = document.split(&start).skip(1);
    parts
        .map(|part| part.split(&end).next().unwrap().replace("&amp;", "&"))
        .collect()
}

/// The sitemaps that the index names, by their paths.
fn sitemaps(server: &Server) -> BTreeMap<String, String> {
    let index = text(server, "/sitemap.xml");
    assert!(index.contains("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"));
    let addresses = texts(&index, "loc").into_iter();
    let read = addresses.map(|address| {
        let path = address.strip_prefix(PUBLIC_URL).unwrap().to_owned();
        let text = text(server, &path);
        (path, text)
    });
    read.collect()
}

/// Every page that everyone may see, with the time from which it is as it is.
fn pages(server: &Server) -> BTreeMap<String, DateTime<Utc>> {
    let mut pages = BTreeMap::new();
    let mut after = json!(null);
    loop {
        let document = "query($after: String) { latest(first: 100, after: $after) {
          nodes { url publishedAt modifiedAt } pageInfo { endCursor hasNextPage } } }";
        let answer = server.query(document, json!({ "after": after }));
        for node in list(&answer, "/latest/nodes") {
            let time = |key: &str| {
                node[key]
                    .as_str()
                    .unwrap()
                    .parse::<DateTime<Utc>>()
                    .unwrap()
            };
            let url = node["url"].as_str().unwrap().to_owned();
            pages.insert(url, time("publishedAt").max(time("modifiedAt")));
        }
        let info = &answer["latest"]["pageInfo"];
        if info["hasNextPage"] == json!(false) {
            return pages;
        }
        after = info["endCursor"].clone();
    }
}

fn sitemaps_name_every_page_once(store: &Store) {
    generate(store, "1300");
    let server = serve(store);
    let all = pages(&server);
    let sitemaps = sitemaps(&server);
    assert!(sitemaps.len() > 1, "{:?}", sitemaps.keys());
    let mut named = Vec::new();
    for (path, sitemap) in &sitemaps {
        let (locations, changed) = (texts(sitemap, "loc"), texts(sitemap, "lastmod"));
        assert!((1..=1_000).contains(&locations.len()), "{path}");
        assert_eq!(locations.len(), changed.len());
        named.extend(
            locations.into_iter().zip(
                changed
                    .iter()
                    .map(|at| at.parse::<DateTime<Utc>>().unwrap()),
            ),
        );
    }
    assert_eq!(named.len(), all.len());
    assert_eq!(named.into_iter().collect::<BTreeMap<_, _>>(), all);

    let response = server.get("/sitemap.xml");
    assert_eq!(
        header(&response, "content-type"),
        "application/xml; charset=utf-8"
    );
    let tag = header(&response, "etag");
    let again = server
        .request("GET", "/sitemap.xml")
        .header("if-none-match", tag);
    assert_eq!(again.send().unwrap().status().as_u16(), 304);
    for path in [
        "/sitemaps/2024-06/0.xml",
        "/sitemaps/2024-06/01.xml",
        "/sitemaps/1871-06/1.xml",
        "/sitemaps/2024-06/99999999999999999999.xml",
        "/sitemaps/2024-06/18446744073709551615.xml",
        "/sitemaps/june/1.xml",
        "/sitemaps/2024-06/1",
    ] {
        let response = server.get(path);
        assert_eq!(response.status().as_u16(), 404, "{path}");
        assert_eq!(
            header(&response, "content-type"),
            "application/problem+json"
        );
    }
}

fn old_sitemaps_stay_as_they_are(store: &Store) {
    generate(store, "120");
    let server = serve(store);
    let before = sitemaps(&server);
    let now = Clock::system()
        .now()
        .format("/sitemaps/%Y-%m/1.xml")
        .to_string();
    publish(&server, "News");
    let after = sitemaps(&server);
    for (path, sitemap) in &before {
        if *path != now {
            assert_eq!(after[path], *sitemap, "{path}");
        }
    }
    assert!(
        after[&now].contains("/articles/news</loc>"),
        "{:?}",
        after[&now]
    );
    // What is not there any more, or not yet, is in none.
    let withdrawn = publish(&server, "Moonlight");
    assert!(sitemaps(&server)[&now].contains("moonlight"));
    write(
        &server,
        "withdrawArticle",
        of(&withdrawn, json!({ "reason": "Sunshine" })),
    );
    let scheduled = draft(&server, "Moonlight to come");
    let later = of(&scheduled, json!({ "publishAt": "2099-01-01T00:00:00Z" }));
    write(&server, "scheduleArticle", later);
    draft(&server, "Moonlight drafted");
    assert_eq!(sitemaps(&server), after);
}

fn news_are_of_two_days(store: &Store) {
    let server = serve(store);
    let nothing = text(&server, "/sitemap-news.xml");
    assert_eq!(texts(&nothing, "loc"), [""; 0]);
    let ago = |hours: i64| {
        let at = Clock::system().now() - TimeDelta::hours(hours);
        json!({ "publishedAt": at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true) })
    };
    for (headline, hours) in [("Of three days & more", 72), ("Of yesterday & more", 30)] {
        let draft = draft(&server, headline);
        write(&server, "publishArticle", of(&draft, ago(hours)));
    }
    publish(&server, "Of today & more");
    let news = text(&server, "/sitemap-news.xml");
    assert_eq!(
        texts(&news, "news:title"),
        ["Of today & more", "Of yesterday & more"]
    );
    assert_eq!(texts(&news, "news:language"), ["en", "en"]);
    assert_eq!(texts(&news, "news:name"), ["Untitled magazine"; 2]);
    let published = texts(&news, "news:publication_date");
    assert!(
        published
            .iter()
            .all(|at| at.parse::<DateTime<Utc>>().is_ok()),
        "{published:?}"
    );
    assert!(news.contains("xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\""));
    assert_eq!(text(&server, "/sitemap-news.xml"), news);
}

fn robots_are_told_where_to_look(store: &Store) {
    let response = serve(store).get("/robots.txt");
    assert_eq!(
        header(&response, "content-type"),
        "text/plain; charset=utf-8"
    );
    assert_eq!(
        response.text().unwrap(),
        format!(
            "User-agent: *\nDisallow:\n\nLicense: https://magazine.example/license.xml\nSitemap: {PUBLIC_URL}/sitemap.xml\nSitemap: {PUBLIC_URL}/sitemap-news.xml\n"
        )
    );
    let unlicensed = text(&Server::start(store), "/robots.txt");
    assert_eq!(
        unlicensed,
        "User-agent: *\nDisallow:\n\nSitemap: http://localhost:8080/sitemap.xml\nSitemap: http://localhost:8080/sitemap-news.xml\n"
    );
}
