//! What tools ask of a schema is answered, and more than that is not.

use std::path::Path;

use async_graphql::{Variables, value};

use super::{LimitSettings, SDL, SchemaTable, check, code, cost_with};
use crate::error_code::ErrorCode;

/// The query that explorers, code generators and other tools send, as the graphql-js library words it
/// with all of its options.
pub(crate) const INTROSPECTION: &str = "
query IntrospectionQuery {
  __schema {
    description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}";

#[test]
fn introspection_passes_and_its_excesses_do_not() {
    let table = SchemaTable::new(SDL, &LimitSettings::default()).unwrap();
    let settings = LimitSettings::default();
    let cost = check(INTROSPECTION, &Variables::default(), &table, &settings).unwrap();
    assert_eq!(cost.complexity, 1, "introspection has its own scale");

    assert_eq!(
        code("{ __schema { types { fields { type { fields { name } } } } } }"),
        None
    );
    assert_eq!(
        code("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"),
        Some(ErrorCode::IntrospectionTooDeep)
    );
    assert_eq!(
        code(
            "{ __type(name: \"Query\") { ...A } } fragment A on __Type { fields { type { ...B } } }
              fragment B on __Type { interfaces { possibleTypes { name } } }"
        ),
        Some(ErrorCode::IntrospectionTooDeep)
    );
    assert_eq!(
        code(&format!(
            "{{ __type(name: \"Query\") {{ {}name{} }} }}",
            "ofType {".repeat(25),
            "}".repeat(25)
        )),
        Some(ErrorCode::IntrospectionTooDeep)
    );
    let settings = LimitSettings {
        introspection_complexity: 5_000,
        ..LimitSettings::default()
    };
    let types = "types { fields { name type { fields { name } } } } ".repeat(40);
    let refused = cost_with(
        &format!("{{ __schema {{ {types} }} }}"),
        value!({}),
        &settings,
    );
    assert_eq!(
        refused.unwrap_err().code(),
        ErrorCode::IntrospectionTooComplex
    );
}

#[test]
fn introspection_of_the_whole_contract_passes() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/design/contract.graphql");
    let Ok(sdl) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: there is no {}", path.display());
        return;
    };
    let settings = LimitSettings::default();
    let table = SchemaTable::new(&sdl, &settings).unwrap();
    let empty = Variables::default();
    assert!(check(INTROSPECTION, &empty, &table, &settings).is_ok());
    let article = "id slug url headline kicker standfirst dateline language publishedAt status revision
        body { html text markdown wordCount readingMinutes blocks { ... on Paragraph { html text } ... on Heading { level text } } }
        bylines { id slug name kind } section { id slug name parent { id name } } topics { id slug name }
        leadImage { url alt caption credit width height } corrections { at text }
        magazineIssue { id series volumeNumber number coverDate coverDateBikramSambat { text } citation }";
    let latest = format!(
        "{{ latest(first: 100) {{ nodes {{ {article} }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}"
    );
    let cost = check(&latest, &empty, &table, &settings).unwrap();
    assert!(cost.complexity > 5_000, "{cost:?}");
    let page = format!(
        "{{ article(slug: \"a\") {{ {article} relatedLists {{ basis title articles(first: 5) {{ edges {{ reasons node {{ slug headline bylines {{ name }} publishedAt }} }} }} }} }}
           latest(first: 10) {{ nodes {{ slug headline bylines {{ name }} publishedAt }} }}
           magazineIssues(first: 4) {{ nodes {{ citation publisher editor registrationNumber coverDateBikramSambat {{ text }} }} }} }}"
    );
    assert!(check(&page, &empty, &table, &settings).is_ok());
}
