//! Every connection of the schema, walked from end to end in both directions.

mod filters;
mod lists;

use serde_json::json;

use self::lists::LISTS;
use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(
    every_list_is_walked_from_both_ends,
    a_page_may_be_cut_from_between_two_cursors,
    impossible_pages_are_refused,
    cursors_of_other_lists_are_refused,
    cursors_outlive_their_rows,
);

fn every_list_is_walked_from_both_ends(store: &Store) {
    let server = Server::with_sample_content(store);
    for list in LISTS {
        let name = list.name;
        let whole = list.page(&server, "first: 100");
        let total = server.query(&list.document("first: 0", "totalCount"), json!({}));
        let total = total.pointer(list.pointer).unwrap()["totalCount"]
            .as_u64()
            .unwrap();
        assert_eq!(total, whole.ids.len() as u64, "{name}");
        assert!(total >= 2, "{name}: too short to say anything");
        if let Some(expected) = list.total {
            assert_eq!(total, expected, "{name}");
        }
        assert!(!whole.has_next_page && !whole.has_previous_page, "{name}");

        for size in [1, 3, 7] {
            let (mut ids, mut place) = (Vec::new(), String::new());
            loop {
                let page = list.page(&server, &format!("first: {size}{place}"));
                assert_eq!(
                    page.has_previous_page,
                    !ids.is_empty(),
                    "{name}, {} rows before",
                    ids.len()
                );
                ids.extend(page.ids);
                assert_eq!(
                    page.has_next_page,
                    ids.len() < whole.ids.len(),
                    "{name}, after {} rows",
                    ids.len()
                );
                if !page.has_next_page {
                    break;
                }
                place = format!(", after: \"{}\"", page.cursors.last().unwrap());
            }
            assert_eq!(ids, whole.ids, "{name} forwards by {size}");

            let (mut ids, mut place) = (Vec::new(), String::new());
            loop {
                let mut page = list.page(&server, &format!("last: {size}{place}"));
                assert_eq!(
                    page.has_next_page,
                    !ids.is_empty(),
                    "{name}, {} rows after",
                    ids.len()
                );
                page.ids.append(&mut ids);
                ids = page.ids;
                assert_eq!(
                    page.has_previous_page,
                    ids.len() < whole.ids.len(),
                    "{name}, before {} rows",
                    ids.len()
                );
                if !page.has_previous_page {
                    break;
                }
                place = format!(", before: \"{}\"", page.cursors.first().unwrap());
            }
            assert_eq!(ids, whole.ids, "{name} backwards by {size}");
        }
    }
}

fn a_page_may_be_cut_from_between_two_cursors(store: &Store) {
    let server = Server::with_sample_content(store);
    let list = &LISTS[0];
    let whole = list.page(&server, "first: 20");
    let between = format!(
        "after: \"{}\", before: \"{}\"",
        whole.cursors[3], whole.cursors[10]
    );
    for (size, expected) in [
        ("first: 3", 4..7),
        ("first: 6", 4..10),
        ("last: 2", 8..10),
        ("first: 50", 4..10),
    ] {
        let page = list.page(&server, &format!("{size}, {between}"));
        assert_eq!(page.ids, whole.ids[expected.clone()], "{size}");
        assert!(
            page.has_next_page && page.has_previous_page,
            "{size}: the list goes on at both ends"
        );
    }
    // Nothing lies between two neighbours, and more beyond both.
    let empty = list.page(
        &server,
        &format!(
            "first: 5, after: \"{}\", before: \"{}\"",
            whole.cursors[3], whole.cursors[4]
        ),
    );
    assert_eq!(empty.ids, Vec::<String>::new());
    let none = list.page(&server, "first: 0");
    assert_eq!(none.ids, Vec::<String>::new());
    assert!(none.has_next_page);
    let usual = list.page(&server, "section: null");
    assert_eq!(usual.ids.len(), 20, "20 where nothing is said");
}

fn impossible_pages_are_refused(store: &Store) {
    let server = Server::with_sample_content(store);
    for list in LISTS {
        for arguments in [
            "first: 101",
            "last: 101",
            "first: -1",
            "last: -1",
            "first: 1, last: 1",
        ] {
            let code = server.error_code(&list.document(arguments, "nodes { id }"), json!({}));
            assert_eq!(code, "BAD_USER_INPUT", "{}({arguments})", list.name);
        }
        list.page(&server, "first: 100");
        list.page(&server, "last: 100");
    }
}

fn cursors_of_other_lists_are_refused(store: &Store) {
    let server = Server::with_sample_content(store);
    let cursor = |index: usize| LISTS[index].page(&server, "first: 1").cursors.remove(0);
    let find = |name: &str| LISTS.iter().position(|list| list.name == name).unwrap();
    let (latest, modified, contributors, issues) = (
        find("latest"),
        find("recently modified"),
        find("contributors"),
        find("issues"),
    );
    for (list, foreign) in [
        (latest, modified),
        (latest, contributors),
        (latest, issues),
        (modified, latest),
        (contributors, latest),
        (issues, latest),
    ] {
        for argument in ["after", "before"] {
            let document = LISTS[list].document(
                &format!("first: 1, {argument}: \"{}\"", cursor(foreign)),
                "nodes { id }",
            );
            assert_eq!(
                server.error_code(&document, json!({})),
                "INVALID_CURSOR",
                "{document}"
            );
        }
    }
    for made_up in ["", "x", "MTA=", "eyJpZCI6MX0", "not base64 at all!", "लेख"] {
        for list in [latest, contributors, issues] {
            let document =
                LISTS[list].document(&format!("first: 1, after: \"{made_up}\""), "nodes { id }");
            assert_eq!(
                server.error_code(&document, json!({})),
                "INVALID_CURSOR",
                "{document}"
            );
        }
    }
}

fn cursors_outlive_their_rows(store: &Store) {
    let server = Server::with_sample_content(store);
    let list = &LISTS[0];
    let whole = list.page(&server, "first: 12");
    let slug = |index: usize| {
        let answer = server.query(
            "query($id: ID!) { node(id: $id) { ... on Article { slug } } }",
            json!({ "id": whole.ids[index] }),
        );
        answer["node"]["slug"].as_str().unwrap().to_owned()
    };
    let (deleted, moved) = (slug(4), slug(7));
    // 2001-09-09, older than everything.
    let at = 1_000_000_000_000_i64;
    store.execute(&format!(
        "DELETE FROM article WHERE slug = '{deleted}';
         UPDATE article SET published_at = {at}, visible_from = {at} WHERE slug = '{moved}'"
    ));
    let after = |index: usize| {
        list.page(
            &server,
            &format!("first: 2, after: \"{}\"", whole.cursors[index]),
        )
        .ids
    };
    let before = |index: usize| {
        list.page(
            &server,
            &format!("last: 2, before: \"{}\"", whole.cursors[index]),
        )
        .ids
    };
    let rows = |indexes: [usize; 2]| indexes.map(|index| whole.ids[index].clone()).to_vec();
    assert_eq!(after(4), rows([5, 6]));
    assert_eq!(before(4), rows([2, 3]));
    assert_eq!(after(7), rows([8, 9]));
    assert_eq!(before(7), rows([5, 6]));
    let total = server.query("{ latest { totalCount } }", json!({}));
    assert_eq!(total["latest"]["totalCount"], 43);
}
