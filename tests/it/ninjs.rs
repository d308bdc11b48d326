//! ninjs 3.1 as partners read it, and JSON-LD as a page has it: valid by the published schema, true to what GraphQL
//! shows the same reader, and without a word of what has been taken down.

mod items;
mod json_ld;
mod mirror;
mod requests;
#[path = "../ninjs_schema.rs"]
mod schema;

use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use self::schema::Ninjs;
use crate::harness::{Server, token};

/// What a partner sees who is told of what is to come.
fn embargo() -> String {
    token(
        "partner",
        &["embargo:read", "changes:read", "articles:body"],
    )
}

/// Who asks, as a header.
fn asks(request: RequestBuilder, bearer: Option<&str>) -> RequestBuilder {
    match bearer {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

fn get(server: &Server, path: &str, bearer: Option<&str>) -> Response {
    asks(server.request("GET", path), bearer).send().unwrap()
}

/// What is answered with 200, as JSON.
#[track_caller]
fn read(server: &Server, path: &str, bearer: Option<&str>) -> Value {
    let response = get(server, path, bearer);
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = response.json().unwrap();
    assert_eq!(status, 200, "{path} answered {body:#}");
    body
}

/// The code of a refusal, which has to be a problem document (RFC 9457) of this status.
#[track_caller]
fn problem(server: &Server, path: &str, bearer: Option<&str>) -> (u16, String) {
    let response = get(server, path, bearer);
    let status = response.status().as_u16();
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json",
        "{path}"
    );
    let body: Value = response.json().unwrap();
    assert_eq!(body["status"], status, "{body}");
    assert!(body["detail"].as_str().unwrap().len() > 20, "{body}");
    (status, body["code"].as_str().unwrap().to_owned())
}

/// All items along the links of a list, each valid.
#[track_caller]
fn walk(server: &Server, path: &str, bearer: Option<&str>, schema: &Ninjs) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = read(server, &next, bearer);
        for item in page["items"].as_array().unwrap() {
            schema.assert_valid(item);
            items.push(item.clone());
        }
        if page["hasNextPage"] == false {
            return items;
        }
        page["next"].as_str().unwrap().clone_into(&mut next);
    }
}

/// The newsroom's writes, by someone who may do everything.
struct Desk<'a>(&'a Server);

impl Desk<'_> {
    /// The payload of a mutation; none where it is refused as a whole.
    fn attempt(&self, mutation: &str, input: &Value) -> Option<Value> {
        let type_name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let saved = match mutation {
            "deleteDraft" => "deletedId",
            "saveSection" => "section { id }",
            "saveContributor" => "contributor { id }",
            "saveTopic" => "topic { id }",
            "saveMagazineIssue" => "magazineIssue { id }",
            "savePublication" => "publication { title }",
            _ => "article { id revision slug }",
        };
        let document = format!(
            "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {saved} errors {{ code message path }} }} }}"
        );
        let reply = self
            .0
            .query_raw_as(&token("admin", &[]), &document, json!({ "input": input }));
        let payload = reply.body["data"][mutation].clone();
        payload.is_object().then_some(payload)
    }

    /// What a mutation has made of an article, which must not be refused.
    #[track_caller]
    fn write(&self, mutation: &str, input: &Value) -> Value {
        let payload = self.attempt(mutation, input).unwrap_or_default();
        assert_eq!(payload["errors"], json!([]), "{mutation} of {input}");
        payload["article"].clone()
    }

    /// The same of an article at the revision at which it stands.
    #[track_caller]
    fn step(&self, mutation: &str, article: &Value, more: Value) -> Value {
        self.write(mutation, &input_of(article, more))
    }
}

/// An input that names an article at its revision.
fn input_of(article: &Value, more: Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    let more = more.as_object().into_iter().flatten();
    for (name, value) in more {
        input[name] = value.clone();
    }
    input
}
