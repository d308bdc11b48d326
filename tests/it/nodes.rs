//! Identities: `node` and `nodes` find everything that has one (Relay's global object identification).

use serde_json::{Value, json};

use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(
    every_type_is_found_by_its_identity,
    what_is_not_there_is_null_and_what_is_no_identity_is_an_error,
    many_are_found_in_the_order_asked_for,
);

const ONE_OF_EACH: &str = r"
{
  latest(first: 1) { nodes { __typename id headline } }
  sections { __typename id name }
  contributors(first: 1) { nodes { __typename id name } }
  topics(first: 1) { nodes { __typename id name } }
  magazineIssues(first: 1) { nodes { __typename id citation } }
  magazineVolumes(first: 1) { nodes { __typename id series number } }
  publication { __typename id title }
}";

const FIELDS: &str = r"
  __typename
  id
  ... on Article { headline }
  ... on Section { name }
  ... on Contributor { name }
  ... on Topic { name }
  ... on MagazineIssue { citation }
  ... on MagazineVolume { series number }
  ... on Publication { title }";

/// One thing of each type, as its own field answers it.
fn one_of_each(server: &Server) -> Vec<Value> {
    let answer = server.query(ONE_OF_EACH, json!({}));
    let first = |pointer: &str| {
        answer
            .pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer}"))
            .clone()
    };
    [
        "/latest/nodes/0",
        "/sections/0",
        "/contributors/nodes/0",
        "/topics/nodes/0",
        "/magazineIssues/nodes/0",
        "/magazineVolumes/nodes/0",
        "/publication",
    ]
    .map(first)
    .to_vec()
}

fn every_type_is_found_by_its_identity(store: &Store) {
    let server = Server::with_sample_content(store);
    let all = one_of_each(&server);
    let types: Vec<&str> = all
        .iter()
        .map(|one| one["__typename"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "Article",
            "Section",
            "Contributor",
            "Topic",
            "MagazineIssue",
            "MagazineVolume",
            "Publication"
        ]
    );
    for one in &all {
        let answer = server.query(
            &format!("query($id: ID!) {{ node(id: $id) {{ {FIELDS} }} }}"),
            json!({ "id": one["id"] }),
        );
        assert_eq!(&answer["node"], one);
    }
    // Every type that the schema calls a node is among them.
    let schema = server.query(
        "{ __type(name: \"Node\") { possibleTypes { name } } }",
        json!({}),
    );
    let mut nodes: Vec<&str> = schema["__type"]["possibleTypes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    nodes.sort_unstable();
    let mut found = types.clone();
    found.sort_unstable();
    assert_eq!(nodes, found);
}

fn what_is_not_there_is_null_and_what_is_no_identity_is_an_error(store: &Store) {
    let server = Server::with_sample_content(store);
    let document = "query($id: ID!) { node(id: $id) { id } }";
    let article = one_of_each(&server)[0].clone();
    // Well formed, and of nothing: the identity of an article that is deleted.
    store.execute(&format!(
        "DELETE FROM article WHERE headline = '{}'",
        article["headline"].as_str().unwrap().replace('\'', "''")
    ));
    assert_eq!(
        server.query(document, json!({ "id": article["id"] }))["node"],
        Value::Null
    );
    for id in [
        "",
        "0",
        "made-up",
        // 'Article:12', as other servers write it.
        "QXJ0aWNsZToxMg==",
        "'; DROP TABLE article; --",
        "लेख",
    ] {
        assert_eq!(
            server.error_code(document, json!({ "id": id })),
            "BAD_USER_INPUT",
            "'{id}'"
        );
    }
}

fn many_are_found_in_the_order_asked_for(store: &Store) {
    let server = Server::with_sample_content(store);
    let mut all = one_of_each(&server);
    all.reverse();
    all.push(all[2].clone());
    let ids: Vec<&Value> = all.iter().map(|one| &one["id"]).collect();
    let document = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {FIELDS} }} }}");
    let answer = server.query(&document, json!({ "ids": ids }));
    assert_eq!(answer["nodes"], json!(all));
    assert_eq!(
        server.query(&document, json!({ "ids": [] }))["nodes"],
        json!([])
    );

    // One that is none leaves a null, and says so; the others are there.
    let reply = server.query_raw(&document, json!({ "ids": [ids[0], "made-up", ids[1]] }));
    assert_eq!(
        reply.body["data"]["nodes"],
        json!([all[0], null, all[1]]),
        "{reply:#?}"
    );
    let error = &reply.body["errors"][0];
    assert_eq!(error["path"], json!(["nodes", 1]));
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(reply.body["errors"].as_array().unwrap().len(), 1);

    let too_many = vec![ids[0]; 101];
    assert_eq!(
        server.error_code(&document, json!({ "ids": too_many })),
        "BAD_USER_INPUT"
    );
}
