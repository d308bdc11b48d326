//! Writes values as JSON: those that were executed now, and parts that were written before.

use async_graphql::Value;
use serde::Serialize;

/// Appends a value as JSON. `Binary` is a part of an answer that is JSON already; no field has such a value
/// otherwise.
pub(crate) fn write(value: &Value, json: &mut Vec<u8>) {
    match value {
        Value::Null => json.extend_from_slice(b"null"),
        Value::Number(number) => write_plain(number, json),
        Value::String(text) => write_text(text, json),
        Value::Boolean(truth) => write_plain(truth, json),
        Value::Binary(part) => json.extend_from_slice(part),
        Value::Enum(name) => write_plain(name.as_str(), json),
        Value::List(items) => {
            json.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    json.push(b',');
                }
                write(item, json);
            }
            json.push(b']');
        }
        Value::Object(fields) => {
            json.push(b'{');
            for (place, (name, field)) in fields.iter().enumerate() {
                if place > 0 {
                    json.push(b',');
                }
                write_name(name, json);
                write(field, json);
            }
            json.push(b'}');
        }
    }
}

/// Appends a text as JSON.
pub(crate) fn write_text(text: &str, json: &mut Vec<u8>) {
    write_plain(text, json);
}

/// Appends the name of a field and what stands after it.
pub(crate) fn write_name(name: &str, json: &mut Vec<u8>) {
    // Names are letters, digits and underscores (GraphQL, October 2021, section 2.1.9).
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}

fn write_plain(value: &(impl Serialize + ?Sized), json: &mut Vec<u8>) {
    // Strings, numbers and truth values can be written, and a vector takes all bytes.
    if serde_json::to_writer(&mut *json, value).is_err() {
        json.extend_from_slice(b"null");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use async_graphql::value;

    use super::*;

    #[test]
    fn values_are_written_as_serde_writes_them() {
        let whole = value!({
            "a": ["line\nbreak \"quoted\" \u{1F3D4} \u{7}", 1, -2.5, true, null, {}],
            "b_2": { "list": [], "deep": [[1], [{ "c": "d" }]] },
            "big": 9_007_199_254_740_993_i64,
        });
        let mut json = Vec::new();
        write(&whole, &mut json);
        assert_eq!(json, serde_json::to_vec(&whole).unwrap());
    }

    #[test]
    fn a_part_is_taken_over_as_it_is() {
        let mut json = Vec::new();
        let parts = Value::List(vec![Value::Binary("{\"a\":1}".into()), Value::Null]);
        write(&parts, &mut json);
        assert_eq!(json, b"[{\"a\":1},null]");
    }
}
