//! Slugs: readable in any script, and found for ever.

use serde_json::{Value, json};

use crate::harness::{Page, Server, Store, import, on_both_databases};

on_both_databases!(
    a_slug_that_an_article_once_had_still_finds_it,
    a_slug_that_an_article_had_only_while_it_was_hidden_finds_nothing,
    headlines_in_any_script_get_readable_slugs,
    what_has_no_such_slug_is_null
);

fn a_slug_that_an_article_once_had_still_finds_it(store: &Store) {
    import(
        store,
        Page::new("Bridge To The Island Opens", "March 5, 2024, 6:30 p.m.").text(),
        &[],
    )
    .succeeded();
    let server = Server::forgetful(store);
    let document = "query($slug: String!) { article(slug: $slug) { id slug headline url } }";
    let by = |slug: &str| server.query(document, json!({ "slug": slug }))["article"].clone();
    let before = by("bridge-to-the-island-opens");
    store.execute(
        "INSERT INTO article_slug (slug, article_id, known_from) SELECT 'footbridge-opens', id, visible_from FROM article",
    );
    assert_eq!(
        by("footbridge-opens"),
        before,
        "the article, with its present slug"
    );

    // The present slug changes; the former ones stay behind.
    store.execute(
        "INSERT INTO article_slug (slug, article_id, known_from) SELECT 'island-bridge', id, visible_from FROM article;
         UPDATE article SET slug = 'island-bridge'",
    );
    for slug in [
        "bridge-to-the-island-opens",
        "footbridge-opens",
        "island-bridge",
    ] {
        let after = by(slug);
        assert_eq!(after["slug"], "island-bridge", "by {slug}");
        assert!(
            after["url"]
                .as_str()
                .unwrap()
                .ends_with("/articles/island-bridge"),
            "{after}"
        );
        assert_eq!(after["id"], before["id"]);
    }

    // A former slug is taken: another article of that headline gets a number.
    import(
        store,
        Page::new("Footbridge Opens", "March 9, 2024, 6:30 p.m.").text(),
        &[],
    )
    .succeeded();
    assert_eq!(by("footbridge-opens-2")["headline"], "Footbridge Opens");
    assert_eq!(by("footbridge-opens"), by("island-bridge"));
}

fn a_slug_that_an_article_had_only_while_it_was_hidden_finds_nothing(store: &Store) {
    let page = Page::new("Bridge To The Island Opens", "March 5, 2024, 6:30 p.m.");
    import(store, page.text(), &[]).succeeded();
    // One that it had as a draft, and one that it is to have from an hour of the year 2100. The present one finds
    // it in any case: whoever sees the article sees that.
    store.execute(
        "UPDATE article_slug SET known_from = NULL;
         INSERT INTO article_slug (slug, article_id) SELECT 'minister-opens-bridge', id FROM article;
         INSERT INTO article_slug (slug, article_id, known_from) SELECT 'bridge-of-the-century', id, 4102448400000 FROM article",
    );
    let answer = Server::start(store).query(
        "{ present: article(slug: \"bridge-to-the-island-opens\") { revision } draft: article(slug: \"minister-opens-bridge\") { id } later: article(slug: \"bridge-of-the-century\") { id } }",
        json!({}),
    );
    assert_eq!(
        answer,
        json!({ "present": { "revision": 1 }, "draft": null, "later": null })
    );
}

fn headlines_in_any_script_get_readable_slugs(store: &Store) {
    let cases = [
        ("सरकारको नयाँ योजना", "sarkarko-nayan-yojana"),
        ("काठमाडौंमा बाढी र पहिरो", "kathmadaunma-badhi-ra-pahiro"),
        (
            "Café Owner Returns To Pokhara",
            "cafe-owner-returns-to-pokhara",
        ),
        (
            "ढुङ्गे धारा: पानी कहाँबाट आउँछ?",
            "dhunge-dhara-pani-kahanbata-aunchha",
        ),
    ];
    for (index, (headline, _)) in cases.iter().enumerate() {
        import(
            store,
            Page::new(headline, &format!("March 5, 2024, {}:30 a.m.", 9 - index)).text(),
            &[],
        )
        .succeeded();
    }
    let server = Server::start(store);
    let answer = server.query("{ latest { nodes { headline slug } } }", json!({}));
    let expected: Vec<Value> = cases
        .iter()
        .map(|(headline, slug)| json!({ "headline": headline, "slug": slug }))
        .collect();
    assert_eq!(answer["latest"]["nodes"], json!(expected));
    for (headline, slug) in cases {
        let answer = server.query(
            "query($slug: String!) { article(slug: $slug) { headline } }",
            json!({ "slug": slug }),
        );
        assert_eq!(answer["article"]["headline"], headline);
    }
}

fn what_has_no_such_slug_is_null(store: &Store) {
    let server = Server::with_sample_content(store);
    let document = "query($slug: String!) { article(slug: $slug) { id } section(slug: $slug) { id } contributor(slug: $slug) { id } topic(slug: $slug) { id } }";
    let nothing = json!({ "article": null, "section": null, "contributor": null, "topic": null });
    for slug in [
        "no-such-slug",
        "",
        "Culture",
        "culture/",
        "' OR 1=1 --",
        "संस्कृति",
    ] {
        assert_eq!(
            server.query(document, json!({ "slug": slug })),
            nothing,
            "'{slug}'"
        );
    }
}
