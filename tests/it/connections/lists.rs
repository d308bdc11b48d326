//! Every list of the schema, and its pages as they are answered.

use serde_json::{Value, json};

use crate::harness::{Server, list};

/// A connection: how the query gets there, with its arguments in place of `ARGUMENTS`.
pub(super) struct List {
    pub(super) name: &'static str,
    query: &'static str,
    /// Where the connection is in the answer.
    pub(super) pointer: &'static str,
    /// How many rows the sample magazine has there, where it is known.
    pub(super) total: Option<u64>,
}

pub(super) const LISTS: &[List] = &[
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
pub(super) struct Answered {
    pub(super) cursors: Vec<String>,
    pub(super) ids: Vec<String>,
    pub(super) has_next_page: bool,
    pub(super) has_previous_page: bool,
}

impl List {
    pub(super) fn document(&self, arguments: &str, selection: &str) -> String {
        let opened = self.query.replace("ARGUMENTS", arguments);
        let closing = "}".repeat(opened.matches('{').count());
        format!("{{ {opened} {{ {selection} }} {closing} }}")
    }

    pub(super) fn page(&self, server: &Server, arguments: &str) -> Answered {
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
