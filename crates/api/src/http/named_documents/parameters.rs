//! The query component of a request, as the variables of a document.
//!
//! A scalar or a value of an enum is written as it is, a list of them by giving its parameter once for each entry; an object,
//! and a list of objects, as JSON. A parameter that is left out is a variable that is not given, so its default holds.

use async_graphql::{Name, Value, Variables, indexmap::IndexMap, parser::types::BaseType};
use url::form_urlencoded::parse;

use super::{
    document::{NamedDocument, Parameter},
    schema_types::SchemaTypes,
    values::{expected, read_value, shown},
};
use crate::{error_code::ErrorCode, http::problem::Problem};

/// Reads it.
///
/// # Errors
/// When a parameter is none of the document's, is given twice, is missing, or has a value that its type does not take.
pub(super) fn read(
    query: &str,
    document: &NamedDocument,
    types: &SchemaTypes,
) -> Result<Variables, Problem> {
    let mut given: IndexMap<&str, Vec<String>> = IndexMap::new();
    for (name, value) in parse(query.as_bytes()) {
        let Some(parameter) = document.parameters.iter().find(|one| one.name == name) else {
            return Err(wrong(unknown(&name, document)));
        };
        given
            .entry(&parameter.name)
            .or_default()
            .push(value.into_owned());
    }
    let mut variables = Variables::default();
    for parameter in &document.parameters {
        let value = match given.get(parameter.name.as_str()) {
            Some(values) => value(parameter, values, types).map_err(wrong)?,
            None if parameter.is_required() => {
                return Err(wrong(format!(
                    "'{}' is missing: give {}.",
                    parameter.name,
                    expected(&parameter.ty, types)
                )));
            }
            None => continue,
        };
        variables.insert(Name::new(&parameter.name), value);
    }
    Ok(variables)
}

fn wrong(detail: String) -> Problem {
    Problem::new(ErrorCode::BadUserInput, detail)
}

fn unknown(name: &str, document: &NamedDocument) -> String {
    let shown = shown(name);
    let names: Vec<&str> = document
        .parameters
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    if names.is_empty() {
        format!("There is no parameter '{shown}' here, nor any other.")
    } else {
        format!(
            "There is no parameter '{shown}' here. There are: {}.",
            names.join(", ")
        )
    }
}

fn value(parameter: &Parameter, given: &[String], types: &SchemaTypes) -> Result<Value, String> {
    let name = &parameter.name;
    match (&parameter.ty.base, given) {
        (BaseType::List(inner), entries) if parameter.is_repeated(types) => entries
            .iter()
            .map(|entry| read_value(name, inner, entry, types))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (_, [only]) => read_value(name, &parameter.ty, only, types),
        _ => Err(format!("'{name}' is given more than once: give it once.")),
    }
}
