//! Reading answers whose shape is told by their `__typename`s alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::selection::CLASHING;

/// All values under a name.
pub(super) fn find<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => match members.get(name) {
            Some(value) => found.push(value),
            None => members.values().for_each(|value| find(value, name, found)),
        },
        Value::Array(members) => members.iter().for_each(|value| find(value, name, found)),
        _ => {}
    }
}

/// Notes which fields of which types have a value somewhere in an answer.
pub(super) fn note_answered(value: &Value, answered: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let owner = members.get("__typename").and_then(Value::as_str);
                if let (Some(owner), false) = (owner, value.is_null() || name == "__typename") {
                    let field = name.split_once(CLASHING).filter(|(one, _)| *one == owner);
                    let field = field.map_or(name.as_str(), |(_, field)| field);
                    answered.insert((owner.to_owned(), field.to_owned()));
                }
                note_answered(value, answered);
            }
        }
        Value::Array(members) => members
            .iter()
            .for_each(|value| note_answered(value, answered)),
        _ => {}
    }
}
