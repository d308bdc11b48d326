//! `/v1/openapi.json`: the documents as OpenAPI 3.1.1 describes them.

use serde_json::{Map, Value, json};

use super::{
    JSON,
    document::{NamedDocument, Parameter},
    schema_types::{SchemaTypes, inner_name},
    selection::{self, Answers},
};
use crate::http::problem::PROBLEM_JSON;

/// Writes it.
pub(super) fn write<'a>(
    documents: impl Iterator<Item = &'a NamedDocument>,
    types: &'a SchemaTypes,
) -> Vec<u8> {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    schemas.insert("Problem".to_owned(), problem());
    for document in documents {
        for parameter in &document.parameters {
            selection::input_objects(inner_name(&parameter.ty), types, &mut schemas);
        }
        let path = format!("/v1/{}", document.name);
        paths.insert(path, json!({ "get": operation(document, types) }));
    }
    let description = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "The magazine's named documents",
            "summary": "What the magazine's GraphQL API answers to the documents that it knows by name, as plain JSON.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": "/" }],
        "security": [{}, { "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
            },
        },
    });
    serde_json::to_vec_pretty(&description).unwrap_or_default()
}

fn operation(document: &NamedDocument, types: &SchemaTypes) -> Value {
    let parsed = document.document.parsed();
    let answers = Answers {
        document: parsed,
        types,
    };
    let mut schema = json!({});
    if let Some((_, operation)) = parsed.operations.iter().next() {
        schema = answers.of(types.query(), &[&operation.node.selection_set.node]);
    }
    // Where that is null, the answer is 404.
    if let Some(lookup) = &document.lookup
        && let Some(found) = schema.pointer_mut(&format!("/properties/{lookup}"))
    {
        without_null(found);
    }
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({
            "description": "The answer.",
            "headers": {
                "ETag": {
                    "description": "Names these bytes (RFC 9110, section 8.8.3).",
                    "schema": { "type": "string" },
                },
            },
            "content": { JSON: { "schema": schema } },
        }),
    );
    responses.insert(
        "304".to_owned(),
        json!({ "description": "The bytes that 'If-None-Match' names are those of now." }),
    );
    let mut problems = vec![
        (
            "400",
            "A parameter is missing, unknown, or has a value that it does not take.",
        ),
        ("401", "The token is not taken."),
        ("default", "Any other problem."),
    ];
    if document.lookup.is_some() {
        problems.push(("404", "There is none, or none that may be seen."));
    }
    for (status, description) in problems {
        responses.insert(
            status.to_owned(),
            json!({
                "description": description,
                "content": { PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/Problem" } } },
            }),
        );
    }
    let parameters: Vec<Value> = document
        .parameters
        .iter()
        .map(|parameter| described(parameter, types))
        .collect();
    let mut operation = json!({
        "operationId": document.name,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(description) = &document.description {
        operation["description"] = description.as_str().into();
    }
    operation
}

fn described(parameter: &Parameter, types: &SchemaTypes) -> Value {
    let mut ty = parameter.ty.clone();
    // What is left out is not given; there is no way to write null.
    ty.nullable = false;
    let mut schema = selection::input(&ty, types);
    let default = parameter
        .default
        .as_ref()
        .and_then(|value| value.clone().into_json().ok())
        // Null is what it is anyway, where it is not given.
        .filter(|default| !default.is_null());
    if let (Some(default), Some(schema)) = (default, schema.as_object_mut()) {
        schema.insert("default".to_owned(), default);
    }
    let mut described = json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required(),
    });
    if let Some(description) = &parameter.description {
        described["description"] = description.as_str().into();
    }
    if parameter.is_json(types) {
        described["content"] = json!({ JSON: { "schema": schema } });
    } else {
        described["schema"] = schema;
    }
    described
}

/// Takes away that a value may be null.
fn without_null(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|ty| ty != "null");
    }
    if let Some(Value::Array(schemas)) = object.get_mut("anyOf") {
        schemas.retain(|schema| *schema != json!({ "type": "null" }));
    }
}

/// The members of RFC 9457, section 3.1, with those of our own.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": { "type": "string", "description": "Stable: /errors has the table of them." },
            "request_id": { "type": "string" },
        },
        "required": ["type", "title", "status", "detail", "code"],
    })
}
