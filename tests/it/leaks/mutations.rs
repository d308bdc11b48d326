//! Mutations as an oracle: whoever may not write learns nothing by trying.
//!
//! Every mutation of the schema is tried on what is hidden, on what is public and on what never was: each is refused
//! with the same words. One that is added without asking who calls it fails here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    desk::KEY,
    exchange::{Answer, Asking},
    schema::{Argument, Kind, Schema},
    selection::{Extent, Selections, called},
};

/// What a mutation may be refused with: all else tells something, or does something.
const REFUSALS: [&str; 2] = ["UNAUTHENTICATED", "FORBIDDEN"];

/// What a mutation names.
pub(super) struct Subject {
    /// An article's identity.
    pub(super) id: String,
    /// A slug, for every argument that is a text.
    pub(super) slug: String,
}

/// How much of an input is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fullness {
    Required,
    Everything,
}

/// Tries every mutation on every subject, the first of which never was, and answers how many there are.
pub(super) fn try_all(
    asking: &mut Asking<'_>,
    selections: &mut Selections<'_>,
    subjects: &[Subject],
) -> usize {
    let schema = selections.schema;
    let mutations = schema
        .mutation
        .as_ref()
        .map_or(&[][..], |name| &schema.get(name).fields);
    for mutation in mutations {
        let selection = selections.of(&mutation.type_name, Extent::Brief);
        for fullness in [Fullness::Required, Fullness::Everything] {
            let mut first: Option<Answer> = None;
            for subject in subjects {
                let arguments = mutation
                    .arguments
                    .iter()
                    .filter(|argument| argument.required || fullness == Fullness::Everything);
                let given: BTreeMap<&str, String> = arguments
                    .map(|argument| {
                        let value = literal(schema, argument, subject, fullness);
                        (argument.name.as_str(), value)
                    })
                    .collect();
                let document = format!(
                    "mutation {{ {} {selection} }}",
                    called(&mutation.name, &given)
                );
                let answer = try_one(asking, &document, None);
                let expected = first.get_or_insert_with(|| answer.clone());
                assert_eq!(
                    *expected, answer,
                    "what was never there is refused in other words than this:\n{document}"
                );
            }
        }
    }
    // What the newsroom was answered under its key is nobody else's to hear again.
    let document = r#"mutation { createArticle(input: { headline: "Any", body: { text: "Any" } }) { article { id } } }"#;
    try_one(asking, document, Some(KEY));
    mutations.len()
}

fn try_one(asking: &mut Asking<'_>, document: &str, key: Option<&str>) -> Answer {
    let mut request = asking
        .server
        .post("/graphql")
        .header("accept", "application/graphql-response+json")
        .json(&serde_json::json!({ "query": document }));
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = asking.exchange(format!("POST, with the key {key:?}, {document}"), request);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let refused = !errors.is_empty()
        && errors.iter().all(|error| {
            let code = error["extensions"]["code"].as_str();
            code.is_some_and(|code| REFUSALS.contains(&code))
        });
    assert!(
        refused && body["data"].is_null(),
        "{} may not write, and is not refused with one of {REFUSALS:?} before anything is looked at:\n{document}\n\
         answered\n{body:#}",
        asking.viewer.name
    );
    answer
}

fn literal(schema: &Schema, argument: &Argument, subject: &Subject, fullness: Fullness) -> String {
    let kind = schema.get(&argument.type_name);
    match kind.kind {
        Kind::Enum => kind.values[0].clone(),
        Kind::Input => {
            let mut fields: Vec<&Argument> = kind.input_fields.iter().collect();
            if kind.one_of {
                fields.truncate(1);
            } else if fullness == Fullness::Required {
                fields.retain(|field| field.required);
            }
            let fields: Vec<String> = fields
                .into_iter()
                .map(|field| {
                    let value = literal(schema, field, subject, fullness);
                    format!("{}: {value}", field.name)
                })
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        // A single value stands for a list of it.
        _ => match argument.type_name.as_str() {
            "ID" => format!("{:?}", subject.id),
            "String" => format!("{:?}", subject.slug),
            "Int" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "Date" => "\"2100-01-01\"".to_owned(),
            "DateTime" => "\"2100-01-01T01:00:00Z\"".to_owned(),
            "Url" => "\"https://magazine.example/one\"".to_owned(),
            other => panic!(
                "a mutation takes a {other} in '{}', and tests/it/leaks/mutations.rs has no value of that type",
                argument.name
            ),
        },
    }
}
