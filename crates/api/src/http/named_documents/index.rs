//! `/v1`: which documents there are.

use serde::Serialize;

use super::{OPEN_API, document::NamedDocument, schema_types::SchemaTypes};

#[derive(Serialize)]
struct Index<'a> {
    documents: Vec<Entry<'a>>,
    openapi: &'static str,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// A URI template (RFC 6570).
    href: String,
    parameters: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    /// As GraphQL writes it.
    r#type: String,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Those of an enum.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<&'a str>>,
}

pub(super) fn write<'a>(
    documents: impl Iterator<Item = &'a NamedDocument>,
    types: &'a SchemaTypes,
) -> Vec<u8> {
    let index = Index {
        documents: documents.map(|document| entry(document, types)).collect(),
        openapi: OPEN_API,
    };
    serde_json::to_vec_pretty(&index).unwrap_or_default()
}

fn entry<'a>(document: &'a NamedDocument, types: &'a SchemaTypes) -> Entry<'a> {
    let names: Vec<String> = document
        .parameters
        .iter()
        .map(|parameter| {
            let explode = if parameter.is_repeated(types) {
                "*"
            } else {
                ""
            };
            format!("{}{explode}", parameter.name)
        })
        .collect();
    let template = if names.is_empty() {
        String::new()
    } else {
        format!("{{?{}}}", names.join(","))
    };
    Entry {
        name: &document.name,
        description: document.description.as_deref(),
        href: format!("/v1/{}{template}", document.name),
        parameters: document
            .parameters
            .iter()
            .map(|parameter| Listed {
                name: &parameter.name,
                r#type: parameter.ty.to_string(),
                required: parameter.is_required(),
                default: parameter.default.as_ref(),
                description: parameter.description.as_deref(),
                values: types
                    .enum_values(super::schema_types::inner_name(&parameter.ty))
                    .map(|values| values.into_iter().map(|(value, _)| value).collect()),
            })
            .collect(),
    }
}
