//! The archived pages of feeds: every article once, and nothing new on them.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    FORMATS, PUBLIC_URL, generate, header, publish,
    reader::{Read, listed, read},
    serve, stems, text,
};
use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(
    archived_pages_hold_every_article_once,
    archived_pages_stay_as_they_are,
);

fn path(address: &str) -> String {
    let path = address.strip_prefix(PUBLIC_URL);
    path.unwrap_or_else(|| panic!("{address}")).to_owned()
}

/// The pages of a feed from the newest on, with their texts, in their order.
fn pages(server: &Server, first: &str) -> Vec<(String, String)> {
    let mut pages = vec![(first.to_owned(), text(server, first))];
    while let Some(older) = read(&pages.last().unwrap().1).link("prev-archive") {
        let older = path(older);
        assert!(pages.iter().all(|(path, _)| *path != older), "in a circle");
        let text = text(server, &older);
        pages.push((older, text));
    }
    pages
}

fn archived_pages_hold_every_article_once(store: &Store) {
    generate(store, "400");
    let server = serve(store);
    for (stem, of) in stems(&server) {
        let all = listed(&server, &of);
        for (extension, _) in FORMATS {
            let first = format!("{stem}.{extension}");
            let pages = pages(&server, &first);
            let read: Vec<(&str, Read)> = pages
                .iter()
                .map(|(path, text)| (path.as_str(), read(text)))
                .collect();
            let articles: Vec<_> = read
                .iter()
                .flat_map(|(_, page)| page.articles.clone())
                .collect();
            assert_eq!(articles.len(), all.len(), "{first}");
            assert_eq!(articles, all, "{first}");
            if stem == "/feeds/latest" {
                assert!(pages.len() > 10, "{}", pages.len());
            }
            if extension == "json" {
                continue;
            }
            for (place, (own, page)) in read.iter().enumerate().skip(1) {
                assert!(page.articles.len() <= 25, "{own}");
                assert_eq!(page.link("current").map(path), Some(first.clone()));
                assert_eq!(page.link("self").map(path).as_deref(), Some(*own));
                let newer = (place > 1).then(|| read[place - 1].0.to_owned());
                assert_eq!(page.link("next-archive").map(path), newer, "{own}");
            }
        }
    }
}

fn archived_pages_stay_as_they_are(store: &Store) {
    generate(store, "200");
    let server = serve(store);
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    for (extension, _) in FORMATS {
        let pages = pages(&server, &format!("/feeds/latest.{extension}"));
        // The newest of them is told once which page came after it.
        before.extend(pages.into_iter().skip(2));
    }
    assert!(before.len() > 9, "{}", before.len());
    for number in 0..30 {
        publish(&server, &format!("News {number}"));
    }
    for (path, text) in &before {
        let response = server.get(path);
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let _ = header(&response, "etag");
        assert_eq!(response.text().unwrap(), *text, "{path}");
    }
    for (extension, _) in FORMATS {
        let pages = pages(&server, &format!("/feeds/latest.{extension}"));
        let articles: usize = pages
            .iter()
            .map(|(_, text)| read(text).articles.len())
            .sum();
        assert_eq!(articles, listed(&server, &json!({})).len());
        // A page that new articles still come on is none of the archive.
        let newest = read(&pages[0].1).articles.len();
        assert!((25..50).contains(&newest), "{newest}");
    }
}
