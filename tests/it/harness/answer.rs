//! Reading answers.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// The members of a list in an answer, by its JSON pointer.
#[track_caller]
pub(crate) fn list<'a>(answer: &'a Value, pointer: &str) -> &'a [Value] {
    answer
        .pointer(pointer)
        .and_then(Value::as_array)
        .unwrap_or_else(|| panic!("no list at {pointer} in {answer:#}"))
}

/// One text field of each member of a list.
#[track_caller]
pub(crate) fn texts(answer: &Value, pointer: &str, field: &str) -> Vec<String> {
    list(answer, pointer)
        .iter()
        .map(|member| {
            member[field]
                .as_str()
                .unwrap_or_else(|| panic!("no {field} in {member}"))
                .to_owned()
        })
        .collect()
}

/// The headlines of a list of articles.
#[track_caller]
pub(crate) fn headlines(answer: &Value, pointer: &str) -> Vec<String> {
    texts(answer, pointer, "headline")
}

/// A text field that holds an instant.
#[track_caller]
pub(crate) fn instant(value: &Value) -> DateTime<Utc> {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("no instant: {value}"));
    assert!(text.ends_with('Z'), "'{text}' is not in UTC");
    text.parse()
        .unwrap_or_else(|error| panic!("'{text}' is no instant: {error}"))
}
