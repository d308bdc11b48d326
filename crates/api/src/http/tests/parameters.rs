//! The parameters of requests, by GET, by POST and in batches.

use serde_json::json;

use super::*;

#[tokio::test]
async fn malformed_parameters_are_named() {
    let client = Client::new();
    for (body, expected) in [
        (json!({ "qeury": "{ greeting }" }), "\"query\" is missing."),
        (json!({ "query": null }), "\"query\" is missing."),
        (
            json!({ "query": 0 }),
            "\"query\" is a number, but has to be a string.",
        ),
        (
            json!({ "query": { "a": 1 } }),
            "\"query\" is an object, but has to be a string.",
        ),
        (
            json!({ "query": "{ greeting }", "operationName": false }),
            "\"operationName\" is a boolean, but has to be a string or null.",
        ),
        (
            json!({ "query": "{ greeting }", "variables": [7] }),
            "\"variables\" is an array, but has to be an object or null.",
        ),
        (
            json!({ "query": "{ greeting }", "variables": "x" }),
            "\"variables\" is a string, but has to be an object or null.",
        ),
        (
            json!({ "query": "{ greeting }", "extensions": 1 }),
            "\"extensions\" is a number, but has to be an object or null.",
        ),
        (
            json!("x"),
            "The body is a string, but has to be an object with a \"query\".",
        ),
        (
            json!([{ "query": "{ greeting }" }, { "query": 1 }]),
            "\"[1].query\" is a number, but has to be a string.",
        ),
        (
            json!([[]]),
            "[0] is an array, but has to be an object with a \"query\".",
        ),
    ] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let answer = client.post_accepting(Some(accept), body.to_string()).await;
            assert_eq!(answer.problem(ErrorCode::BadRequest), expected);
        }
    }
    for body in [
        "",
        "{ \"not",
        "nonsense",
        "{\"query\": \"{ greeting }\", \"variables\": {\"n\": 1e999}}",
    ] {
        client.post(body).await.problem(ErrorCode::BadRequest);
    }
}

#[tokio::test]
async fn nulls_and_empty_names_are_as_if_left_out() {
    let body = json!({ "query": "{ greeting }", "operationName": null, "variables": null, "extensions": null });
    let client = Client::new();
    assert_eq!(client.post(body.to_string()).await.status, StatusCode::OK);
    let body = json!({ "query": "{ greeting }", "operationName": "", "variables": {}, "extensions": { "a": 1 } });
    assert_eq!(client.post(body.to_string()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_json_in_utf_8_is_taken() {
    let client = Client::new();
    let send = async |content_type: Option<&str>| {
        let mut request = Request::post("/graphql");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        client
            .send(
                request
                    .body(Body::from(r#"{"query":"{ greeting }"}"#))
                    .unwrap(),
            )
            .await
    };
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ] {
        assert_eq!(
            send(Some(content_type)).await.status,
            StatusCode::OK,
            "{content_type}"
        );
    }
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json; charset=iso-8859-1"),
        Some("nonsense"),
        Some(""),
    ] {
        let answer = send(content_type).await;
        answer.problem(ErrorCode::UnsupportedMediaType);
        assert_eq!(answer.header("accept"), Some("application/json"));
    }
}

#[tokio::test]
async fn queries_go_by_get_and_mutations_do_not() {
    let client = Client::new();
    let answer = client
        .get("/graphql?query=%7B%20greeting(name%3A%20%22Run%F0%9F%8F%83%22)%20%7D")
        .await;
    assert_eq!(
        answer.json(),
        json!({ "data": { "greeting": "Hello Run🏃" } })
    );
    let answer = client
        .get("/graphql?query=query+A($n:Int!){double(number:$n)}query+B{greeting}&operationName=A&variables=%7B%22n%22:4%7D&extensions=%7B%7D")
        .await;
    assert_eq!(answer.json(), json!({ "data": { "double": 8 } }));

    for uri in [
        "/graphql?query=mutation%20%7B%20publish%20%7D",
        "/graphql?query=query%20A%7Bgreeting%7D%20mutation%20B%7Bpublish%7D&operationName=B",
    ] {
        let answer = client.get(uri).await;
        answer.problem(ErrorCode::MethodNotAllowed);
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    let answer = client
        .get("/graphql?query=query%20A%7Bgreeting%7D%20mutation%20B%7Bpublish%7D&operationName=A")
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        client.query("mutation { publish }").await.json(),
        json!({ "data": { "publish": true } })
    );

    for (uri, detail) in [
        ("/graphql", "\"query\" is missing."),
        ("/graphql?variables=%7B%7D", "\"query\" is missing."),
        (
            "/graphql?query=%7Bgreeting%7D&query=%7Bgreeting%7D",
            "\"query\" stands twice in the URL.",
        ),
        (
            "/graphql?query=%7Bgreeting%7D&variables=%5B%5D",
            "\"variables\" is an array, but has to be an object or null.",
        ),
    ] {
        assert_eq!(client.get(uri).await.problem(ErrorCode::BadRequest), detail);
    }
    client
        .get("/graphql?query=%7Bgreeting%7D&variables=x")
        .await
        .problem(ErrorCode::BadRequest);
    assert_eq!(
        client
            .get("/graphql?query=%7Bgreeting%7D&operationName=&variables=")
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn batches_are_answered_in_order() {
    let client = Client::new();
    let body = json!([
        { "query": "{ double(number: 1) }" },
        { "query": "{ unknown }" },
        { "query": "mutation { publish }" },
        { "query": "query($n: Int!) { double(number: $n) }", "variables": { "n": 2 } },
    ]);
    let answer = client.post(body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let responses = answer.json();
    assert_eq!(responses[0], json!({ "data": { "double": 2 } }));
    assert_eq!(
        responses[1]["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(responses[1].get("data"), None);
    assert_eq!(responses[2], json!({ "data": { "publish": true } }));
    assert_eq!(responses[3], json!({ "data": { "double": 4 } }));

    client.post("[]").await.problem(ErrorCode::BatchSize);
    let many = vec![json!({ "query": "{ greeting }" }); 6];
    let detail = client
        .post(json!(many).to_string())
        .await
        .problem(ErrorCode::BatchSize);
    assert_eq!(
        detail,
        "The batch holds 6 requests, but at most 5 are taken at once."
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_one_time_limit() {
    let slow = vec![json!({ "query": "{ slow }" }); 5];
    let started = tokio::time::Instant::now();
    let answer = Client::new().post(json!(slow).to_string()).await;
    assert!(started.elapsed() < Duration::from_secs(11));
    assert_eq!(
        answer.json()[4]["errors"][0]["extensions"]["code"],
        "TIMEOUT"
    );
}
