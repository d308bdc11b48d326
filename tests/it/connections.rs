//! Every connection of the schema, walked from end to end in both directions.

use serde_json::{Value, json};

use crate::harness::{Server, Store, list, on_both_databases};

on_both_databases!(
    every_list_is_walked_from_both_ends,
    a_page_may_be_cut_from_between_two_cursors,
    impossible_pages_are_refused,
    cursors_of_other_lists_are_refused,
    cursors_outlive_their_rows,
    filters_are_counted,
    text_that_no_database_holds_is_found_nowhere,
);

/// A connection: how the query gets there, with its arguments in place of `ARGUMENTS`.
struct List {
    name: &'static str,
    query: &'static str,
    /// Where the connection is in the answer.
    pointer: &'static str,
    /// How many rows the sample magazine has there, where it is known.
    total: Option<u64>,
}

const LISTS: &[List] = &[
    List {
        name: "latest",
        query: "latest(ARGUMENTS) ",
        pointer: "/latest",
        total: Some(44),
    },
    List {
        name: "latest of a section",
        query: "latest(section: \"culture\", ARGUMENTS) ",
        pointer: "/latest",
        total: None,
    },
    List {
        name: "latest of a contributor",
        query: "latest(contributor: \"asha-example\", ARGUMENTS) ",
        pointer: "/latest",
        total: None,
    },
    List {
        name: "latest of a topic",
        query: "latest(topic: \"farming\", ARGUMENTS) ",
        pointer: "/latest",
        total: None,
    },
    List {
        name: "latest in Nepali",
        query: "latest(language: \"ne\", ARGUMENTS) ",
        pointer: "/latest",
        total: None,
    },
    List {
        name: "newest first",
        query: "articles(order: NEWEST_FIRST, ARGUMENTS) ",
        pointer: "/articles",
        total: Some(44),
    },
    List {
        name: "oldest first",
        query: "articles(order: OLDEST_FIRST, ARGUMENTS) ",
        pointer: "/articles",
        total: Some(44),
    },
    List {
        name: "recently modified",
        query: "articles(order: RECENTLY_MODIFIED, ARGUMENTS) ",
        pointer: "/articles",
        total: Some(44),
    },
    List {
        name: "contributors",
        query: "contributors(ARGUMENTS) ",
        pointer: "/contributors",
        total: None,
    },
    List {
        name: "topics",
        query: "topics(ARGUMENTS) ",
        pointer: "/topics",
        total: None,
    },
    List {
        name: "a section's articles",
        query: "section(slug: \"culture\") { articles(ARGUMENTS) ",
        pointer: "/section/articles",
        total: None,
    },
    List {
        name: "a contributor's articles",
        query: "contributor(slug: \"asha-example\") { articles(ARGUMENTS) ",
        pointer: "/contributor/articles",
        total: None,
    },
    List {
        name: "a topic's articles",
        query: "topic(slug: \"farming\") { articles(ARGUMENTS) ",
        pointer: "/topic/articles",
        total: None,
    },
    List {
        name: "issues",
        query: "magazineIssues(ARGUMENTS) ",
        pointer: "/magazineIssues",
        total: Some(4),
    },
    List {
        name: "volumes",
        query: "magazineVolumes(ARGUMENTS) ",
        pointer: "/magazineVolumes",
        total: Some(2),
    },
    List {
        name: "issues of a volume number",
        query: "magazineIssues(volume: 3, ARGUMENTS) ",
        pointer: "/magazineIssues",
        total: Some(2),
    },
    List {
        name: "an issue's articles",
        query: "magazineIssue(volume: 2, number: 23) { articles(ARGUMENTS) ",
        pointer: "/magazineIssue/articles",
        total: None,
    },
    List {
        name: "a volume's issues",
        query: "magazineIssue(volume: 2, number: 23) { volume { issues(ARGUMENTS) ",
        pointer: "/magazineIssue/volume/issues",
        total: Some(2),
    },
];

/// A page of a list as it was answered.
struct Answered {
    cursors: Vec<String>,
    ids: Vec<String>,
    has_next_page: bool,
    has_previous_page: bool,
}

impl List {
    fn document(&self, arguments: &str, selection: &str) -> String {
        let opened = self.query.replace("ARGUMENTS", arguments);
        let closing = "}".repeat(opened.matches('{').count());
        format!("{{ {opened} {{ {selection} }} {closing} }}")
    }

    fn page(&self, server: &Server, arguments: &str) -> Answered {
        let selection = "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
        let answer = server.query(&self.document(arguments, selection), json!({}));
        let connection = answer.pointer(self.pointer).unwrap();
        let edges = list(connection, "/edges");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let cursors: Vec<String> = edges.iter().map(|edge| text(&edge["cursor"])).collect();
        let ids: Vec<String> = edges.iter().map(|edge| text(&edge["node"]["id"])).collect();
        let nodes: Vec<String> = list(connection, "/nodes")
            .iter()
            .map(|node| text(&node["id"]))
            .collect();
        assert_eq!(nodes, ids, "{}", self.name);
        let info = &connection["pageInfo"];
        assert_eq!(
            info["startCursor"].as_str(),
            cursors.first().map(String::as_str),
            "{}",
            self.name
        );
        assert_eq!(
            info["endCursor"].as_str(),
            cursors.last().map(String::as_str),
            "{}",
            self.name
        );
        Answered {
            cursors,
            ids,
            has_next_page: info["hasNextPage"].as_bool().unwrap(),
            has_previous_page: info["hasPreviousPage"].as_bool().unwrap(),
        }
    }
}

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

/// Whether an article passes a filter.
type Passes<'test> = &'test dyn Fn(&Value) -> bool;

fn filters_are_counted(store: &Store) {
    let server = Server::with_sample_content(store);
    let answer = server.query(
        "{ articles(first: 100) { nodes { id publishedAt language section { slug } bylines { slug } topics { slug } magazineIssue { id } } } }",
        json!({}),
    );
    let nodes = list(&answer, "/articles/nodes");
    let with_issue = nodes
        .iter()
        .find(|node| !node["magazineIssue"].is_null())
        .expect("an article of an issue");
    let issue = &with_issue["magazineIssue"]["id"];
    let instant = nodes[20]["publishedAt"].as_str().unwrap();
    let names = |node: &Value, field: &str, slug: &str| {
        list(node, field).iter().any(|one| one["slug"] == slug)
    };
    let cases: [(Value, Passes<'_>); 8] = [
        (json!({ "section": "culture" }), &|node| {
            node["section"]["slug"] == "culture"
        }),
        (json!({ "contributor": "asha-example" }), &|node| {
            names(node, "/bylines", "asha-example")
        }),
        (json!({ "topic": "farming" }), &|node| {
            names(node, "/topics", "farming")
        }),
        (json!({ "language": "ne" }), &|node| {
            node["language"] == "ne"
        }),
        (json!({ "magazineIssue": issue }), &|node| {
            &node["magazineIssue"]["id"] == issue
        }),
        (json!({ "publishedFrom": instant }), &|node| {
            node["publishedAt"].as_str().unwrap() >= instant
        }),
        (json!({ "publishedUntil": instant }), &|node| {
            node["publishedAt"].as_str().unwrap() < instant
        }),
        (
            json!({ "section": "culture", "language": "ne", "publishedUntil": instant }),
            &|node| {
                node["section"]["slug"] == "culture"
                    && node["language"] == "ne"
                    && node["publishedAt"].as_str().unwrap() < instant
            },
        ),
    ];
    for (filter, passes) in cases {
        let expected: Vec<&Value> = nodes
            .iter()
            .filter(|node| passes(node))
            .map(|node| &node["id"])
            .collect();
        let found = server.query(
            "query($filter: ArticleFilter) { articles(filter: $filter, first: 100) { totalCount nodes { id } } }",
            json!({ "filter": filter }),
        );
        let ids: Vec<&Value> = list(&found, "/articles/nodes")
            .iter()
            .map(|node| &node["id"])
            .collect();
        assert_eq!(ids, expected, "{filter}");
        assert_eq!(found["articles"]["totalCount"], expected.len(), "{filter}");
    }
    for filter in [
        json!({ "section": "no-such-section" }),
        json!({ "topic": "no-such-topic" }),
        json!({ "contributor": "'; DROP TABLE article; --" }),
    ] {
        let found = server.query("query($filter: ArticleFilter) { articles(filter: $filter) { totalCount nodes { id } } }", json!({ "filter": filter }));
        assert_eq!(
            found["articles"],
            json!({ "totalCount": 0, "nodes": [] }),
            "{filter}"
        );
    }
    for status in ["DRAFT", "SCHEDULED", "WITHDRAWN"] {
        let code = server.error_code(
            &format!("{{ articles(filter: {{ status: {status} }}) {{ nodes {{ id }} }} }}"),
            json!({}),
        );
        assert_eq!(code, "UNAUTHENTICATED", "{status}");
    }
}

/// A zero stands in no text that PostgreSQL takes: asked for, it is an answer like any other.
fn text_that_no_database_holds_is_found_nowhere(store: &Store) {
    let server = Server::with_sample_content(store);
    let answer = server.query(
        "query($text: String!) {
           article(slug: $text) { id }
           section(slug: $text) { id }
           latest(section: $text, contributor: $text, topic: $text, language: $text) { nodes { id } totalCount }
           magazineIssue(volume: 3, number: 1, series: $text) { id }
         }",
        json!({ "text": "cul\u{0}ture" }),
    );
    assert_eq!(
        answer,
        json!({
            "article": null,
            "section": null,
            "latest": { "nodes": [], "totalCount": 0 },
            "magazineIssue": null,
        })
    );
}
