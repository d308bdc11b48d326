//! The query component of a request, as the variables of a document.
//!
//! A scalar or a value of an enum is written as it is, a list of them by giving its parameter once for each entry; an object,
//! and a list of objects, as JSON. A parameter that is left out is a variable that is not given, so its default holds.

use async_graphql::{
    Name, Value, Variables,
    indexmap::IndexMap,
    parser::types::{BaseType, Type},
};
use url::form_urlencoded::parse;

use super::{
    document::{NamedDocument, Parameter},
    schema_types::SchemaTypes,
};
use crate::{error_code::ErrorCode, graphql::scalars, http::problem::Problem};

/// What is repeated of a wrong value, at most.
const SHOWN: usize = 64;

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

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn value(parameter: &Parameter, given: &[String], types: &SchemaTypes) -> Result<Value, String> {
    let name = &parameter.name;
    match (&parameter.ty.base, given) {
        (BaseType::List(inner), entries) if parameter.is_repeated(types) => entries
            .iter()
            .map(|entry| single(name, inner, entry, types))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (_, [only]) => single(name, &parameter.ty, only, types),
        _ => Err(format!("'{name}' is given more than once: give it once.")),
    }
}

fn single(name: &str, ty: &Type, text: &str, types: &SchemaTypes) -> Result<Value, String> {
    let value = match &ty.base {
        BaseType::List(_) => json(text).filter(|value| matches!(value, Value::List(_))),
        BaseType::Named(type_name) => named(type_name, text, types),
    };
    value.ok_or_else(|| {
        format!(
            "'{name}' is '{}': give {}.",
            shown(text),
            expected(ty, types)
        )
    })
}

fn named(type_name: &str, text: &str, types: &SchemaTypes) -> Option<Value> {
    match type_name {
        "Int" => text.parse::<i32>().ok().map(Value::from),
        "Float" => {
            let number = text.parse::<f64>().ok()?;
            serde_json::Number::from_f64(number).map(Value::Number)
        }
        "Boolean" => text.parse::<bool>().ok().map(Value::from),
        _ if types.input_object(type_name).is_some() => {
            json(text).filter(|value| matches!(value, Value::Object(_)))
        }
        _ => {
            let value = Value::String(text.to_owned());
            let is_one = types.enum_values(type_name).map_or_else(
                || scalars::takes(type_name, value.clone()),
                |values| values.iter().any(|(name, _)| *name == text),
            );
            is_one.then_some(value)
        }
    }
}

fn json(text: &str) -> Option<Value> {
    let value = serde_json::from_str::<serde_json::Value>(text).ok()?;
    Value::from_json(value).ok()
}

/// What a value has to be, in words.
fn expected(ty: &Type, types: &SchemaTypes) -> String {
    match &ty.base {
        BaseType::List(_) => "a list as JSON".to_owned(),
        BaseType::Named(name) => match name.as_str() {
            "Int" => "a whole number of 32 bits".to_owned(),
            "Float" => "a number".to_owned(),
            "Boolean" => "'true' or 'false'".to_owned(),
            "ID" => "an identity, as 'id' gives it".to_owned(),
            "String" => "a text".to_owned(),
            "DateTime" => "an instant, as in 2024-06-18T02:07:00Z".to_owned(),
            "Date" => "a day, as in 2024-06-14".to_owned(),
            "Url" => "an address, as in https://magazine.example".to_owned(),
            name if types.input_object(name).is_some() => {
                format!("an object of type {name} as JSON")
            }
            name => match types.enum_values(name) {
                Some(values) => {
                    let values: Vec<&str> = values.into_iter().map(|(value, _)| value).collect();
                    format!("one of {}", values.join(", "))
                }
                None => format!("a value of type {name}"),
            },
        },
    }
}
