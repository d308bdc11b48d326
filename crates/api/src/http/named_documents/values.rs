//! A value of a parameter: read as its type has it, or refused in words that name the place and what belongs there.

use async_graphql::{
    Value,
    indexmap::IndexMap,
    parser::types::{BaseType, InputObjectType, Type},
};

use super::schema_types::SchemaTypes;
use crate::graphql::scalars;

/// What is repeated of a wrong value, at most.
const SHOWN: usize = 64;

/// Reads one.
///
/// # Errors
/// Says what is wrong, and where: also inside of an object or a list.
pub(super) fn read_value(
    place: &str,
    ty: &Type,
    text: &str,
    types: &SchemaTypes,
) -> Result<Value, String> {
    let value = match &ty.base {
        BaseType::List(_) => json(text).filter(|value| matches!(value, Value::List(_))),
        BaseType::Named(name) if types.input_object(name).is_some() => {
            json(text).filter(|value| matches!(value, Value::Object(_)))
        }
        BaseType::Named(name) => plain(name, text),
    };
    let value = value.ok_or_else(|| wrong(place, text, ty, types))?;
    check(place, ty, &value, types)?;
    Ok(value)
}

/// What is repeated of a text that came from outside.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// What is written without JSON around it.
fn plain(type_name: &str, text: &str) -> Option<Value> {
    match type_name {
        "Int" => text.parse::<i32>().ok().map(Value::from),
        "Float" => {
            let number = text.parse::<f64>().ok()?;
            serde_json::Number::from_f64(number).map(Value::Number)
        }
        "Boolean" => text.parse::<bool>().ok().map(Value::from),
        _ => Some(Value::String(text.to_owned())),
    }
}

fn json(text: &str) -> Option<Value> {
    let value = serde_json::from_str::<serde_json::Value>(text).ok()?;
    Value::from_json(value).ok()
}

fn wrong(place: &str, given: &str, ty: &Type, types: &SchemaTypes) -> String {
    format!(
        "'{place}' is '{}': give {}.",
        shown(given),
        expected(ty, types)
    )
}

/// Whether a value is one of its type, to its last member (GraphQL specification, section 3.12).
fn check(place: &str, ty: &Type, value: &Value, types: &SchemaTypes) -> Result<(), String> {
    let is_one = match (&ty.base, value) {
        (_, Value::Null) => ty.nullable,
        (BaseType::List(inner), Value::List(entries)) => {
            for (index, entry) in entries.iter().enumerate() {
                check(&format!("{place}[{index}]"), inner, entry, types)?;
            }
            true
        }
        // One that stands for a list of it alone.
        (BaseType::List(inner), single) => return check(place, inner, single, types),
        (BaseType::Named(name), Value::Object(members)) => match types.input_object(name) {
            Some(object) => return check_members(place, object, members, types),
            None => false,
        },
        (BaseType::Named(name), value) => is_leaf(name, value, types),
    };
    if is_one {
        return Ok(());
    }
    let given = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Err(wrong(place, &given, ty, types))
}

fn check_members(
    place: &str,
    object: &InputObjectType,
    members: &IndexMap<async_graphql::Name, Value>,
    types: &SchemaTypes,
) -> Result<(), String> {
    let fields = || object.fields.iter().map(|field| &field.node);
    if let Some(unknown) = members
        .keys()
        .find(|member| fields().all(|field| field.name.node != **member))
    {
        let names: Vec<&str> = fields().map(|field| field.name.node.as_str()).collect();
        return Err(format!(
            "There is no '{place}.{}'. There are: {}.",
            shown(unknown),
            names.join(", ")
        ));
    }
    for field in fields() {
        let (ty, place) = (&field.ty.node, format!("{place}.{}", field.name.node));
        match members.get(&field.name.node) {
            Some(value) => check(&place, ty, value, types)?,
            None if ty.nullable || field.default_value.is_some() => {}
            None => {
                return Err(format!(
                    "'{place}' is missing: give {}.",
                    expected(ty, types)
                ));
            }
        }
    }
    Ok(())
}

/// Whether it is a scalar, or a value of an enum, of this name.
fn is_leaf(type_name: &str, value: &Value, types: &SchemaTypes) -> bool {
    match (type_name, value) {
        (_, Value::List(_)) => false,
        ("Int", value) => {
            matches!(value, Value::Number(number) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()))
        }
        ("Float", value) => matches!(value, Value::Number(_)),
        ("Boolean", value) => matches!(value, Value::Boolean(_)),
        ("ID", Value::Number(number)) => number.is_i64(),
        ("String" | "ID", value) => matches!(value, Value::String(_)),
        (name, value) => match (types.enum_values(name), value) {
            (Some(values), Value::String(given)) => values.iter().any(|(name, _)| name == given),
            (Some(_), _) => false,
            (None, value) => {
                types.input_object(name).is_none() && scalars::takes(name, value.clone())
            }
        },
    }
}

/// What a value has to be, in words.
pub(super) fn expected(ty: &Type, types: &SchemaTypes) -> String {
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
