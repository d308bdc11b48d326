#![allow(clippy::unwrap_used, reason = "tests")]

mod introspection;
mod nesting;

use std::fmt::Write;

use async_graphql::{Pos, Value, Variables, value};

use super::{Cost, LimitError, LimitSettings, SchemaTable, measure, parse};
use crate::error_code::ErrorCode;

pub(crate) use introspection::INTROSPECTION;

const SDL: &str = r"
schema { query: Query mutation: Mutation }
interface Node { id: ID! }
type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  latest(first: Int, after: String, last: Int, before: String): ArticleConnection!
  sections: [Section!]!
}
type Mutation { rename(input: RenameInput!): Section }
input RenameInput { id: ID! name: String! }
type Article implements Node {
  id: ID!
  headline: String!
  bylines: [Contributor!]!
  section: Section
  related(first: Int, after: String): ArticleConnection!
}
type ArticleConnection { edges: [ArticleEdge!]! nodes: [Article!]! totalCount: Int! pageInfo: PageInfo! }
type ArticleEdge { cursor: String! node: Article! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Contributor { name: String! }
type Section implements Node { id: ID! name: String! parent: Section articles(first: Int): ArticleConnection! }
";

fn variables(value: Value) -> Variables {
    Variables::from_value(value)
}

/// Parses and measures a document, as a request's is.
fn check(
    text: &str,
    variables: &Variables,
    table: &SchemaTable,
    settings: &LimitSettings,
) -> Result<Cost, LimitError> {
    measure(&parse(text, settings)?, variables, table, settings)
}

fn cost_with(text: &str, sent: Value, settings: &LimitSettings) -> Result<Cost, LimitError> {
    let table = SchemaTable::new(SDL, settings).unwrap();
    check(text, &variables(sent), &table, settings)
}

fn cost(text: &str) -> Result<Cost, LimitError> {
    cost_with(text, value!({}), &LimitSettings::default())
}

fn complexity(text: &str, sent: Value) -> u64 {
    cost_with(text, sent, &LimitSettings::default())
        .unwrap()
        .complexity
}

fn code(text: &str) -> Option<ErrorCode> {
    cost(text).err().map(|error| error.code())
}

#[test]
fn lists_count_their_items() {
    // A connection, its nodes' two fields each, and one field beside.
    let query = "query($n: Int) { latest(first: $n) { nodes { id headline } totalCount } }";
    assert_eq!(complexity(query, value!({ "n": 10 })), 1 + 10 * 3 + 1);
    assert_eq!(complexity(query, value!({ "n": 100 })), 1 + 100 * 3 + 1);
    assert_eq!(
        complexity(query, value!({ "n": 1_000_000 })),
        1 + 100 * 3 + 1,
        "clamped"
    );
    assert_eq!(complexity(query, value!({ "n": -5 })), 1 + 3 + 1);
    assert_eq!(complexity(query, value!({ "n": null })), 1 + 20 * 3 + 1);
    assert_eq!(complexity(query, value!({ "n": "ten" })), 1 + 100 * 3 + 1);
    assert_eq!(complexity(query, value!({})), 1 + 20 * 3 + 1);
    assert_eq!(
        complexity(
            "query($n: Int = 7) { latest(last: $n) { nodes { id } } }",
            value!({})
        ),
        1 + 7 * 2
    );
    assert_eq!(
        complexity(
            "{ latest(first: 2) { edges { cursor node { id } } } }",
            value!({})
        ),
        1 + 2 * (1 + 1 + 1 + 1)
    );
    assert_eq!(complexity("{ sections { id } }", value!({})), 1 + 5);
    assert_eq!(
        complexity("{ nodes(ids: [1, 2, 3]) { id } }", value!({})),
        1 + 3
    );
    assert_eq!(
        complexity(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            value!({ "ids": ["a", "b"] })
        ),
        1 + 2
    );
}

#[test]
fn connections_in_connections_multiply() {
    let error = cost(
        "{ latest(first: 100) { nodes {\n related(first: 100) { nodes { section { articles { nodes { id } } } } } } } }",
    )
    .unwrap_err();
    assert_eq!(error.code(), ErrorCode::QueryTooComplex);
    assert_eq!(error.locations(), [Pos { line: 1, column: 3 }]);
    assert!(error.to_string().contains("at most 100000"), "{error}");
    assert!(error.to_string().contains("line 1, column 3"), "{error}");
}

#[test]
fn fragments_cost_what_they_are_spread_to() {
    let spread = "query($n: Int = 3) { latest(first: $n) { ...Page } }
        fragment Page on ArticleConnection { nodes { ...Card } totalCount }
        fragment Card on Article { id ... on Node { id } section { name } }";
    let inline =
        "query($n: Int = 3) { latest(first: $n) { nodes { id id section { name } } totalCount } }";
    assert_eq!(
        complexity(spread, value!({})),
        complexity(inline, value!({}))
    );
    assert_eq!(complexity(spread, value!({})), 1 + 3 * (1 + 2 + 2) + 1);
    assert_eq!(cost(spread).unwrap().depth, 4);
    assert_eq!(cost(inline).unwrap().depth, 4);
}

#[test]
fn depth_is_bounded_and_located() {
    let nested = |levels: usize| {
        format!(
            "{{ node(id: 1) {{ ... on Section {{ {} id {} }} }} }}",
            "parent {".repeat(levels),
            "}".repeat(levels)
        )
    };
    assert_eq!(cost(&nested(13)).unwrap().depth, 15);
    assert_eq!(code(&nested(14)), Some(ErrorCode::QueryTooDeep));
    let error = cost(&nested(14)).unwrap_err();
    assert!(
        matches!(
            error,
            LimitError::Exceeded {
                found: 16,
                allowed: 15,
                at: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
    // Fragments do not hide it.
    let hidden = format!(
        "{{ sections {{ ...A }} }} fragment A on Section {{ {} ...B {} }} fragment B on Section {{ {} id {} }}",
        "parent {".repeat(8),
        "}".repeat(8),
        "parent {".repeat(8),
        "}".repeat(8)
    );
    assert_eq!(code(&hidden), Some(ErrorCode::QueryTooDeep));
}

#[test]
fn fragments_that_double_are_counted_not_walked() {
    let mut bomb = "{ sections { ...F0 } }".to_owned();
    for level in 0..25 {
        write!(
            bomb,
            " fragment F{level} on Section {{ ...F{n} ...F{n} }}",
            n = level + 1
        )
        .unwrap();
    }
    bomb.push_str(" fragment F25 on Section { id }");
    let refused = code(&bomb).unwrap();
    assert!(
        matches!(
            refused,
            ErrorCode::TooManySelections | ErrorCode::ValidationTooCostly
        ),
        "{refused:?}"
    );

    // Also where no operation spreads them: validation walks them nevertheless.
    let unused = bomb.replace("...F0", "id");
    assert!(code(&unused).is_some());
    // And where the numbers leave 64 bits behind.
    let mut enormous = "{ sections { ...F0 } }".to_owned();
    for level in 0..100 {
        write!(
            enormous,
            " fragment F{level} on Section {{ {} }}",
            format!("parent {{ ...F{} }} ", level + 1).repeat(4)
        )
        .unwrap();
    }
    enormous.push_str(" fragment F100 on Section { id }");
    assert!(code(&enormous).is_some());
}

#[test]
fn circles_of_fragments_are_named() {
    for text in [
        "{ sections { ...A } } fragment A on Section { ...A }",
        "{ sections { id } } fragment A on Section { parent { ...B } } fragment B on Section { ...A }",
        "{ sections { ...A } } fragment A on Section { ...B ...B } fragment B on Section { ...A ...A }",
    ] {
        let error = cost(text).unwrap_err();
        assert_eq!(error.code(), ErrorCode::GraphqlValidationFailed);
        assert!(error.to_string().contains("\"A\""), "{error}");
        assert!(!error.locations().is_empty());
    }
    // A fragment that is not defined is validation's to report.
    assert!(cost("{ sections { ...Missing } }").is_ok());
}

#[test]
fn counts_are_bounded() {
    let many = |part: &str, times: usize| format!("{{ sections {{ {} }} }}", part.repeat(times));
    assert_eq!(code(&many("id ", 100)), None);
    assert_eq!(code(&many("a: id ", 100)), None);
    assert_eq!(code(&many("a: id ", 101)), Some(ErrorCode::TooManyAliases));
    assert_eq!(
        code(&many("a: id ", 100_000)),
        Some(ErrorCode::DocumentTooLarge)
    );
    assert_eq!(code(&many("a:id ", 50_000)), Some(ErrorCode::TooManyTokens));
    assert_eq!(
        code(&many("id @include(if: true) ", 51)),
        Some(ErrorCode::TooManyDirectives)
    );
    assert_eq!(
        code(&format!(
            "{{ sections {{ id {} }} }}",
            "@include(if: true) ".repeat(500)
        )),
        Some(ErrorCode::TooManyDirectives)
    );
    assert_eq!(
        code(&format!("{{ {} }}", "sections { id } ".repeat(51))),
        Some(ErrorCode::TooManyRootFields)
    );
    assert_eq!(
        code(&format!(
            "{{ ...R }} fragment R on Query {{ {} }}",
            "sections { id } ".repeat(51)
        )),
        Some(ErrorCode::TooManyRootFields)
    );
    assert_eq!(
        code(&format!(
            "{{ sections {{ ...A ...A }} }} fragment A on Section {{ {} }}",
            "a: id ".repeat(60)
        )),
        Some(ErrorCode::TooManyAliases)
    );
    let operations = (0..201)
        .map(|n| format!("query Q{n} {{ sections {{ id }} }}"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(code(&operations), Some(ErrorCode::TooManyDefinitions));
    let definitions = (0..101)
        .map(|n| format!("$v{n}: Int "))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(
        code(&format!("query({definitions}) {{ sections {{ id }} }}")),
        Some(ErrorCode::TooManyVariables)
    );
    assert_eq!(
        code(&format!("{{ {} }}", "x".repeat(10_000))),
        Some(ErrorCode::NameTooLong)
    );
}

#[test]
fn variables_are_bounded_in_number_and_nesting() {
    let list = Value::List(vec![Value::from(1); 10_001]);
    let refused = cost_with(
        "{ sections { id } }",
        value!({ "ids": list }),
        &LimitSettings::default(),
    );
    assert_eq!(refused.unwrap_err().code(), ErrorCode::VariablesTooLarge);
}

#[test]
fn comparing_fields_is_bounded() {
    // 400 selection sets that each hold the same 300 fields.
    let spread = format!(
        "{{ {} }} fragment F on Section {{ {} }}",
        "sections { ...F } ".repeat(40),
        "id ".repeat(300)
    );
    assert!(cost(&spread).is_err());
    let arguments = (0..200)
        .map(|n| format!("a{n}: 1 "))
        .collect::<Vec<_>>()
        .concat();
    let repeated = format!(
        "{{ sections {{ {} }} }}",
        format!("id({arguments}) ").repeat(2)
    );
    assert_eq!(code(&repeated), Some(ErrorCode::ValidationTooCostly));
}

#[test]
fn many_unknown_fields_are_refused_together() {
    let fields = (0..500)
        .map(|n| format!("unknown{n} "))
        .collect::<Vec<_>>()
        .concat();
    let error = cost(&format!("{{ sections {{ {fields} }} }}")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::GraphqlValidationFailed);
    assert!(
        error.to_string().contains("\"unknown0\" on \"Section\""),
        "{error}"
    );
    // A few are validation's to report, with suggestions.
    assert!(cost("{ sections { unknown } }").is_ok());
}

#[test]
fn operations_that_are_not_chosen_count_too() {
    let deep = format!(
        "query Deep {{ sections {{ {}id{} }} }}",
        "parent {".repeat(20),
        "}".repeat(20)
    );
    assert_eq!(
        code(&format!("query Flat {{ sections {{ id }} }} {deep}")),
        Some(ErrorCode::QueryTooDeep)
    );
    // A variable's default of another operation does not make this one cheaper.
    let two = "query A($n: Int = 1) { ...F } query B($n: Int = 100) { ...F }
        fragment F on Query { latest(first: $n) { nodes { id } } }";
    assert_eq!(complexity(two, value!({})), 1 + 100 * 2);
}

#[test]
fn syntax_errors_say_where_without_repeating_the_document() {
    let error = cost(&format!("{{ a(b: \"{}\")\n ) }}", "x".repeat(5_000))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::GraphqlParseFailed);
    assert_eq!(error.locations(), [Pos { line: 2, column: 2 }]);
    assert!(error.to_string().len() < 300, "{error}");
    for text in [
        "",
        "{",
        "}",
        "{ a(b: \"",
        "nonsense",
        "{ a(b: 1e99999) }",
        "query Q",
        "\u{0}",
    ] {
        assert_eq!(code(text), Some(ErrorCode::GraphqlParseFailed), "{text:?}");
    }
    assert_eq!(
        code("fragment F on Section { id }"),
        Some(ErrorCode::OperationResolutionFailure)
    );
    for text in [
        "{ sections { id } } { sections { id } }",
        "query A { __typename } query A { __typename }",
    ] {
        assert_eq!(
            code(text),
            Some(ErrorCode::GraphqlValidationFailed),
            "{text:?}"
        );
    }
}

#[test]
fn settings_refuse_what_they_do_not_know() {
    let settings: LimitSettings = serde_json::from_str(r#"{"depth": 3}"#).unwrap();
    assert_eq!(
        settings,
        LimitSettings {
            depth: 3,
            ..LimitSettings::default()
        }
    );
    assert!(serde_json::from_str::<LimitSettings>(r#"{"dept": 3}"#).is_err());
}
