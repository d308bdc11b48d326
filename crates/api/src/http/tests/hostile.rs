//! Documents made to cost much. Each test ends at once, or it does not end at all.

use std::fmt::Write;

use serde_json::json;

use super::*;

async fn refusal(query: &str) -> String {
    let answer = Client::new().query(query).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.len() < 20_000, "{}", answer.body.len());
    answer.error_code()
}

#[tokio::test]
async fn doubling_fragments() {
    let mut bomb = "{ latest { nodes { section { ...F0 } } } }".to_owned();
    for level in 0..25 {
        write!(
            bomb,
            " fragment F{level} on Section {{ parent {{ ...F{n} ...F{n} }} }}",
            n = level + 1
        )
        .unwrap();
    }
    bomb.push_str(" fragment F25 on Section { name }");
    assert!(bomb.len() < 2_000);
    assert_eq!(refusal(&bomb).await, "NESTING_TOO_DEEP");
    let flat = bomb.replace("parent { ", "").replace(" } }", " }");
    assert!(!refusal(&flat).await.is_empty());
}

#[tokio::test]
async fn aliases_tokens_directives_nesting() {
    let aliases = |times| {
        (0..times).fold(String::new(), |mut text, n| {
            let _ = write!(text, "a{n}: greeting ");
            text
        })
    };
    assert_eq!(
        refusal(&format!("{{ {} }}", aliases(1_000))).await,
        "TOO_MANY_ROOT_FIELDS"
    );
    assert_eq!(
        refusal(&format!("{{ {} }}", aliases(2_500))).await,
        "TOO_MANY_TOKENS"
    );
    assert_eq!(
        refusal(&format!("{{ {} }}", "a:a ".repeat(50_000))).await,
        "TOO_MANY_TOKENS"
    );
    assert_eq!(
        refusal(&format!(
            "{{ latest {{ {} }} }}",
            "a: nodes { headline } ".repeat(500)
        ))
        .await,
        "TOO_MANY_ALIASES"
    );
    let directives = "@include(if: true) ".repeat(700);
    assert_eq!(
        refusal(&format!("{{ greeting {directives} }}")).await,
        "TOO_MANY_DIRECTIVES"
    );
    assert_eq!(refusal(&"{a".repeat(10_000)).await, "NESTING_TOO_DEEP");
    assert_eq!(refusal(&"[".repeat(100_000)).await, "NESTING_TOO_DEEP");
    assert_eq!(refusal(&",".repeat(300_000)).await, "DOCUMENT_TOO_LARGE");
    assert_eq!(
        refusal(&"#\n".repeat(120_000)).await,
        "GRAPHQL_PARSE_FAILED"
    );
    assert_eq!(
        refusal("{ latest(first: 100) { nodes { section { parent { parent { parent { parent { parent { parent { parent { parent { parent { parent { parent { parent { name } } } } } } } } } } } } } } } }").await,
        "QUERY_TOO_DEEP"
    );
}

#[tokio::test]
async fn hundred_thousand_aliases_do_not_fit_a_body_or_a_document() {
    let aliases = "a:a ".repeat(100_000);
    assert_eq!(
        refusal(&format!("{{ {aliases} }}")).await,
        "DOCUMENT_TOO_LARGE"
    );
    let aliases = "aaaaaaaaaaa:a ".repeat(100_000);
    let answer = Client::new().query(&format!("{{ {aliases} }}")).await;
    answer.problem(ErrorCode::PayloadTooLarge);
}

#[tokio::test]
async fn deep_and_wide_variables() {
    let deep = format!(
        r#"{{"query":"{{ greeting }}","variables":{{"a":{}{}}}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let detail = Client::new()
        .post(deep)
        .await
        .problem(ErrorCode::BadRequest);
    assert!(detail.contains("recursion limit"), "{detail}");

    let wide = json!({ "query": "{ greeting }", "variables": { "a": vec![0; 100_000] } });
    let answer = Client::new().post(wide.to_string()).await;
    assert_eq!(answer.error_code(), "VARIABLES_TOO_LARGE");
}

#[tokio::test]
async fn conflicts_are_not_multiplied_by_fragments() {
    let conflicts: String = (0..300)
        .map(|n| {
            if n % 2 == 0 {
                "x: name "
            } else {
                "x: parent { name } "
            }
        })
        .collect();
    let places = "section { ...F } ".repeat(300);
    let bomb =
        format!("{{ latest {{ nodes {{ {places} }} }} }} fragment F on Section {{ {conflicts} }}");
    let code = refusal(&bomb).await;
    assert!(
        [
            "VALIDATION_TOO_COSTLY",
            "TOO_MANY_ALIASES",
            "TOO_MANY_SELECTIONS"
        ]
        .contains(&code.as_str()),
        "{code}"
    );
}

#[tokio::test]
async fn usual_introspection_is_executed() {
    let answer = Client::new().query(crate::limits::INTROSPECTION).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json().get("errors"),
        None,
        "{:?}",
        answer.json()["errors"]
    );
    assert_eq!(
        answer.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
}
