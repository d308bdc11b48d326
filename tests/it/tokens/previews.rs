//! Previews: one draft as it would be published, and nothing else.

use serde_json::{Value, json};

use super::{ARTICLE, SLUG, archive, draft, schedule, seen, serve};
use crate::harness::{Masthead, Output, Server, Store, on_both_databases, token};

on_both_databases!(
    a_preview_shows_one_draft_as_it_would_be_published,
    a_preview_ends
);

fn preview(store: &Store, arguments: &[&str]) -> Output {
    Masthead::new([&["token", "preview"], arguments].concat())
        .on(store)
        .run()
}

fn token_of(output: &Output) -> String {
    let token = output.out.trim_end();
    assert!(
        token.starts_with("mpv_") && token.len() == 47,
        "{output:#?}"
    );
    assert!(output.err.contains("ends at 20"), "{output:#?}");
    token.to_owned()
}

fn a_preview_shows_one_draft_as_it_would_be_published(store: &Store) {
    archive(store);
    // No key has to be configured for it.
    let server = serve(store, &[]);
    let link = token_of(&preview(store, &[SLUG]).succeeded());
    assert_eq!(seen(&server, &link), "PUBLISHED");
    assert_eq!(
        server.query(ARTICLE, json!({ "slug": SLUG }))["article"],
        Value::Null
    );
    let answer = server.query_as(
        &link,
        "{ latest { totalCount nodes { headline } } article(slug: \"ferry-timetable-agreed\") { status } }",
        json!({}),
    );
    assert_eq!(
        answer["latest"]["totalCount"], 1,
        "it stands in no list: {answer:#}"
    );
    assert_eq!(answer["article"]["status"], "PUBLISHED");
    schedule(store);
    assert_eq!(seen(&server, &link), "PUBLISHED");
    store.execute(&format!(
        "UPDATE article SET visible_from = NULL, withdrawn_at = published_at WHERE slug = '{SLUG}'"
    ));
    assert_eq!(seen(&server, &link), "PUBLISHED");

    // Another draft is not part of it.
    store.execute("UPDATE article SET visible_from = NULL, published_at = NULL WHERE slug = 'ferry-timetable-agreed'");
    let answer = server.query_as(&link, ARTICLE, json!({ "slug": "ferry-timetable-agreed" }));
    assert_eq!(answer["article"], Value::Null);
    // By its identity as by its slug.
    draft(store);
    let editors = Server::start(store);
    let answer = editors.query_as(
        &token("editor", &[]),
        "query($slug: String!) { article(slug: $slug) { id } }",
        json!({ "slug": SLUG }),
    );
    let id = answer["article"]["id"].as_str().unwrap();
    let by_id = token_of(&preview(store, &[id, "--ttl", "7d"]).succeeded());
    assert_eq!(seen(&server, &by_id), "PUBLISHED");
    // The token itself is nowhere in the database.
    let stored = store.number(&format!(
        "SELECT COUNT(*) FROM preview_token WHERE digest LIKE '%{}%'",
        &link[4..20]
    ));
    assert_eq!(stored, 0);
}

fn a_preview_ends(store: &Store) {
    archive(store);
    let server = Server::start(store);
    let ended = |link: &str| {
        let detail = server.refusal(link);
        assert!(detail.contains("preview"), "{detail}");
    };
    let link = token_of(&preview(store, &[SLUG, "--ttl", "2h"]).succeeded());
    assert_eq!(seen(&server, &link), "PUBLISHED");
    store.execute("UPDATE preview_token SET expires_at = expires_at - 7200000");
    ended(&link);

    let link = token_of(&preview(store, &[SLUG]).succeeded());
    assert_eq!(seen(&server, &link), "PUBLISHED");
    let output = Masthead::new(["token", "revoke", &link])
        .on(store)
        .run()
        .succeeded();
    assert!(output.out.contains("preview has ended"), "{output:#?}");
    ended(&link);

    let link = token_of(&preview(store, &[SLUG]).succeeded());
    store.execute(&format!("DELETE FROM article WHERE slug = '{SLUG}'"));
    ended(&link);
    for made_up in ["mpv_", "mpv_made-up", &link[..46], &link.to_uppercase()] {
        let detail = server.refusal(made_up);
        assert!(!detail.is_empty(), "{made_up}");
    }
}

#[test]
fn there_is_no_preview_of_nothing_nor_for_ever() {
    let store = Store::sqlite();
    archive(&store);
    for (arguments, expected) in [
        (&["no-such-article"][..], "'no-such-article'"),
        (&["QQAAAZ3nAb8k"], "'QQAAAZ3nAb8k'"),
        (&["not a slug"], "'not a slug'"),
        (&[], "<ARTICLE>"),
        (
            &[SLUG, "--ttl", "8d"],
            "--ttl: a preview is shown for at least a second and at most 7 days",
        ),
        (&[SLUG, "--ttl", "0s"], "--ttl"),
        (&[SLUG, "--ttl", "soon"], "--ttl"),
    ] {
        let output = preview(&store, arguments);
        assert_eq!(
            (output.code, output.out.as_str()),
            (Some(2), ""),
            "{output:#?}"
        );
        assert!(output.err.contains(expected), "{output:#?}");
    }
}
