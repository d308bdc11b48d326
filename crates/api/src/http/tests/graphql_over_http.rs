//! Media types, status codes and errors.

use serde_json::json;

use super::*;
use crate::http::media_type::ResponseMediaType;

fn negotiate(accept: &[&str]) -> Option<ResponseMediaType> {
    let mut headers = HeaderMap::new();
    for accept in accept {
        headers.append(header::ACCEPT, accept.parse().unwrap());
    }
    ResponseMediaType::negotiate(&headers).ok()
}

#[test]
fn accept_chooses_the_media_type() {
    use ResponseMediaType::{GraphqlResponse, Json};
    for (accept, expected) in [
        (&[][..], Some(Json)),
        (&["*/*"], Some(Json)),
        (&["application/*"], Some(Json)),
        (&["application/json"], Some(Json)),
        (
            &["application/graphql-response+json"],
            Some(GraphqlResponse),
        ),
        (
            &["APPLICATION/GraphQL-Response+JSON; Charset=\"UTF-8\""],
            Some(GraphqlResponse),
        ),
        (
            &["application/json, application/graphql-response+json"],
            Some(GraphqlResponse),
        ),
        (
            &["application/graphql-response+json, application/json;q=0.9"],
            Some(GraphqlResponse),
        ),
        (
            &["application/graphql-response+json;q=0.8, application/json;q=0.9"],
            Some(Json),
        ),
        (
            &[
                "application/json;q=0.5",
                "application/graphql-response+json",
            ],
            Some(GraphqlResponse),
        ),
        (&["application/json, multipart/mixed"], Some(Json)),
        (&["text/html, application/xhtml+xml, */*;q=0.8"], Some(Json)),
        (
            &["application/graphql-response+json, */*;q=0.1"],
            Some(GraphqlResponse),
        ),
        (&["*/*, application/json;q=0"], Some(GraphqlResponse)),
        (&["application/json;q=0"], None),
        (&["*/*;q=0"], None),
        (&["text/html"], None),
        (&["application/json; charset=iso-8859-1"], None),
        (&["nonsense"], None),
        (&["application/json;q=2"], None),
    ] {
        assert_eq!(negotiate(accept), expected, "{accept:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_accepted_is_not_executed() {
    let answer = Client::new()
        .post_accepting(
            Some("text/html"),
            json!({ "query": "{ greeting }" }).to_string(),
        )
        .await;
    answer.problem(ErrorCode::NotAcceptable);
    assert_eq!(
        answer.header("vary"),
        Some("accept, accept-encoding, authorization")
    );
}

#[tokio::test]
async fn data_is_answered_in_both_media_types() {
    let client = Client::new();
    let body = json!({ "query": "{ greeting(name: \"Asha\") }" }).to_string();
    for (accept, content_type) in [
        (None, JSON),
        (Some("*/*"), JSON),
        (Some("application/json"), JSON),
        (Some("application/graphql-response+json"), GRAPHQL_RESPONSE),
    ] {
        let answer = client.post_accepting(accept, body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert_eq!(
            answer.header("vary"),
            Some("accept, accept-encoding, authorization")
        );
        assert_eq!(
            answer.json(),
            json!({ "data": { "greeting": "Hello Asha" } })
        );
    }
}

#[tokio::test]
async fn request_errors_are_400_without_data_or_200_in_json() {
    let client = Client::new();
    for (body, code) in [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ 8f31403d }" }), "GRAPHQL_PARSE_FAILED"),
        (
            json!({ "query": "{ unknown }" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            json!({ "query": "{ double(number: \"x\") }" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            json!({ "query": "{ ...F } fragment F on Query { ...F }" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            json!({ "query": "{ greeting }", "operationName": "X" }),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            json!({ "query": "query X { greeting }", "operationName": "Y" }),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            json!({ "query": "query X { greeting } query Y { greeting }" }),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            json!({ "query": "fragment F on Query { greeting }" }),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            json!({ "query": "query($n: Int!) { double(number: $n) }" }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($n: Int!) { double(number: $n) }", "variables": { "n": null } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($n: Int!) { double(number: $n) }", "variables": { "n": 1.5 } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($n: Int!) { double(number: $n) }", "variables": { "n": 3_000_000_000_u64 } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($n: Int!) { double(number: $n) }", "variables": { "n": u64::MAX } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($id: ID!) { greeting }", "variables": { "id": null } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($r: RangeInput!) { length(range: $r) }", "variables": { "r": { "until": 1 } } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($r: RangeInput!) { length(range: $r) }", "variables": { "r": { "from": 1, "x": 1 } } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "subscription { x }" }),
            "SUBSCRIPTION_NOT_SUPPORTED",
        ),
    ] {
        let answer = client.post(body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some(GRAPHQL_RESPONSE));
        assert_eq!(answer.error_code(), code, "{body}: {answer:?}");
        assert_eq!(answer.json().get("data"), None, "{body}");

        let answer = client
            .post_accepting(Some("application/json"), body.to_string())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
        assert_eq!(answer.error_code(), code, "{body}");
        assert_eq!(answer.json().get("data"), None, "{body}");
    }
}

#[tokio::test]
async fn variables_name_the_place_that_does_not_fit() {
    let answer = Client::new()
        .post(
            json!({
                "query": "query($r: RangeInput!) { length(range: $r) }",
                "variables": { "r": { "from": "one" } }
            })
            .to_string(),
        )
        .await;
    let error = &answer.json()["errors"][0];
    assert_eq!(
        error["message"],
        "Variable \"$r.from\" is not a value of type \"Int\"."
    );
    assert_eq!(error["locations"], json!([{ "line": 1, "column": 7 }]));
}

#[tokio::test]
async fn an_omitted_variable_is_not_null_and_a_default_counts() {
    let answer = Client::new()
        .query("query($n: Int! = 4, $name: String) { double(number: $n) greeting(name: $name) }")
        .await;
    assert_eq!(
        answer.json(),
        json!({ "data": { "double": 8, "greeting": "Hello " } })
    );
}

#[tokio::test]
async fn partial_answers_are_200() {
    let answer = Client::new().query("{ coded greeting }").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.error_code(), "INVALID_CURSOR");
    let body = answer.json();
    assert_eq!(body["errors"][0]["path"], json!(["coded"]));
    assert_eq!(body["data"], json!({ "coded": null, "greeting": "Hello " }));
}

#[tokio::test]
async fn a_null_that_reaches_the_root_is_an_answer() {
    let answer = Client::new().query("{ leakyRoot greeting }").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json().get("data"), Some(&Value::Null));
}

#[tokio::test]
async fn internals_stay_inside() {
    let client = Client::new();
    for query in ["{ leaky }", "{ leakyRoot }"] {
        let answer = client.query(query).await;
        assert_eq!(answer.error_code(), "INTERNAL_SERVER_ERROR");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        for internal in ["SELECT", "drafts", "/var", "10.0.0.7"] {
            assert!(!text.contains(internal), "{text}");
        }
        assert!(text.contains(answer.header("x-request-id").unwrap()));
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_that_says_nothing() {
    let answer = Client::new().query("{ panics }").await;
    let detail = answer.problem(ErrorCode::InternalServerError);
    assert!(!detail.contains("secret"));
}

#[tokio::test(start_paused = true)]
async fn execution_is_stopped_in_time() {
    let client = Client::new();
    let answer = client.query("{ slow }").await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(answer.error_code(), "TIMEOUT");
    assert_eq!(answer.json().get("data"), None);

    let body = json!({ "query": "{ slow }" }).to_string();
    let answer = client.post_accepting(Some("application/json"), body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.error_code(), "TIMEOUT");
}

#[tokio::test]
async fn the_context_function_tells_who_is_asking() {
    let client = Client::new();
    let send = async |token: &str| {
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", token)
            .body(Body::from(r#"{"query":"{ reader }"}"#))
            .unwrap();
        client.send(request).await
    };
    assert_eq!(
        send("asha").await.json(),
        json!({ "data": { "reader": "asha" } })
    );
    send("wrong").await.problem(ErrorCode::Unauthenticated);
    assert_eq!(
        client.query("{ reader }").await.json(),
        json!({ "data": { "reader": null } })
    );
}

#[tokio::test]
async fn errors_are_bounded_in_number_and_length() {
    let arguments = (0..60)
        .map(|n| format!("a{n}: double(number: \"x\") "))
        .collect::<Vec<_>>()
        .concat();
    // More root fields than the limit would be refused before: these are nested in one fragment.
    let answer = Client::new().query(&format!("{{ {} }}", &arguments)).await;
    assert_eq!(answer.error_code(), "TOO_MANY_ROOT_FIELDS");
    let arguments = (0..45)
        .map(|n| format!("a{n}: double(number: \"x\", b: 1) "))
        .collect::<Vec<_>>()
        .concat();
    let answer = Client::new().query(&format!("{{ {arguments} }}")).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 50);
}
