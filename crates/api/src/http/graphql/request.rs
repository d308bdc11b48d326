//! Reads GraphQL requests from HTTP requests (GraphQL over HTTP, section "Request").

use async_graphql::{Name, Value, Variables};

use crate::{error_code::ErrorCode, http::problem::Problem};

/// Where the document of a request comes from.
#[derive(Debug, PartialEq)]
pub(crate) enum DocumentSource {
    /// The request itself.
    Text(String),
    /// The server's trusted documents, by what names it (`documentId`).
    Named(String),
    /// An earlier request, by the SHA-256 of its text in hexadecimal, or this one, to be kept under it (Apollo's
    /// automatic persisted queries).
    Hashed {
        digest: String,
        text: Option<String>,
    },
}

/// The parameters of one GraphQL request.
#[derive(Debug, PartialEq)]
pub(crate) struct Parameters {
    pub(crate) document: DocumentSource,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
    pub(crate) extensions: async_graphql::Extensions,
}

/// One request, or several in a JSON array.
#[derive(Debug, PartialEq)]
pub(crate) enum Requests {
    Single(Box<Parameters>),
    Batch(Vec<Parameters>),
}

impl Requests {
    /// Reads a JSON body.
    pub(crate) fn from_json(body: &[u8], max_batch: usize) -> Result<Self, Problem> {
        if body.is_empty() {
            return Err(malformed(
                "The body is empty: send a JSON object with a \"query\".",
            ));
        }
        let text = std::str::from_utf8(body).map_err(|error| {
            malformed(format!(
                "The body is not UTF-8 from byte {} on.",
                error.valid_up_to()
            ))
        })?;
        match parse_json(text)
            .map_err(|error| malformed(format!("The body is not JSON: {error}.")))?
        {
            Value::List(entries) if entries.is_empty() => {
                Err(Problem::new(ErrorCode::BatchSize, "The batch is empty."))
            }
            Value::List(entries) if entries.len() > max_batch => Err(Problem::new(
                ErrorCode::BatchSize,
                format!(
                    "The batch holds {} requests, but at most {max_batch} are taken at once.",
                    entries.len()
                ),
            )),
            Value::List(entries) => entries
                .into_iter()
                .enumerate()
                .map(|(index, entry)| Parameters::from_value(entry, &format!("[{index}]")))
                .collect::<Result<_, _>>()
                .map(Self::Batch),
            value => Ok(Self::Single(Box::new(Parameters::from_value(value, "")?))),
        }
    }

    /// Reads the query component of a URL. An empty `operationName`, `variables` or `extensions` is
    /// the same as none.
    pub(crate) fn from_query_string(query_string: &str) -> Result<Self, Problem> {
        let mut fields = [
            ("query", None),
            ("documentId", None),
            ("operationName", None),
            ("variables", None),
            ("extensions", None),
        ];
        for (name, value) in url::form_urlencoded::parse(query_string.as_bytes()) {
            if let Some((_, field)) = fields.iter_mut().find(|(field, _)| *field == name) {
                if field.is_some() {
                    return Err(malformed(format!("\"{name}\" stands twice in the URL.")));
                }
                *field = Some(value.into_owned());
            }
        }
        let [
            (_, query),
            (_, document_id),
            (_, operation_name),
            (_, variables),
            (_, extensions),
        ] = fields;
        let json = |name: &str, text: Option<String>| {
            text.filter(|text| !text.is_empty())
                .map_or(Ok(Value::Null), |text| {
                    parse_json(&text).map_err(|error| {
                        malformed(format!("\"{name}\" in the URL is not JSON: {error}."))
                    })
                })
        };
        let mut parameters = async_graphql::indexmap::IndexMap::new();
        for (name, value) in [
            ("query", query.map_or(Value::Null, Value::String)),
            ("documentId", document_id.map_or(Value::Null, Value::String)),
            (
                "operationName",
                operation_name.map_or(Value::Null, Value::String),
            ),
            ("variables", json("variables", variables)?),
            ("extensions", json("extensions", extensions)?),
        ] {
            parameters.insert(Name::new(name), value);
        }
        Ok(Self::Single(Box::new(Parameters::from_value(
            Value::Object(parameters),
            "",
        )?)))
    }
}

impl Parameters {
    /// `place` is where the value stands in the body, for messages.
    pub(in crate::http) fn from_value(value: Value, place: &str) -> Result<Self, Problem> {
        let prefix = if place.is_empty() {
            String::new()
        } else {
            format!("{place}.")
        };
        let Value::Object(mut fields) = value else {
            let place = if place.is_empty() { "The body" } else { place };
            return Err(malformed(format!(
                "{place} is {}, but has to be an object with a \"query\".",
                kind(&value)
            )));
        };
        let mut take = |name: &str| fields.swap_remove(name).unwrap_or(Value::Null);
        let wrong = |name: &str, value: &Value, expected: &str| {
            malformed(format!(
                "\"{prefix}{name}\" is {}, but has to be {expected}.",
                kind(value)
            ))
        };
        let query = match take("query") {
            Value::String(query) => Some(query),
            Value::Null => None,
            other => return Err(wrong("query", &other, "a string")),
        };
        let document_id = match take("documentId") {
            Value::String(id) => Some(id),
            Value::Null => None,
            other => return Err(wrong("documentId", &other, "a string or null")),
        };
        let operation_name = match take("operationName") {
            Value::String(name) => Some(name).filter(|name| !name.is_empty()),
            Value::Null => None,
            other => return Err(wrong("operationName", &other, "a string or null")),
        };
        let variables = match take("variables") {
            Value::Null => Variables::default(),
            variables @ Value::Object(_) => Variables::from_value(variables),
            other => return Err(wrong("variables", &other, "an object or null")),
        };
        let extensions = match take("extensions") {
            Value::Null => async_graphql::Extensions::default(),
            Value::Object(extensions) => async_graphql::Extensions(
                extensions
                    .into_iter()
                    .map(|(name, value)| (name.to_string(), value))
                    .collect(),
            ),
            other => return Err(wrong("extensions", &other, "an object or null")),
        };
        let document = match (query, document_id, persisted_query(&extensions, &prefix)?) {
            (None, Some(id), None) => DocumentSource::Named(id),
            (_, Some(_), _) => {
                return Err(malformed(format!(
                    "\"{prefix}documentId\" stands beside another way of naming a document: send one of them."
                )));
            }
            (text, None, Some(digest)) => DocumentSource::Hashed { digest, text },
            (Some(text), None, None) => DocumentSource::Text(text),
            (None, None, None) => {
                return Err(malformed(format!("\"{prefix}query\" is missing.")));
            }
        };
        Ok(Self {
            document,
            operation_name,
            variables,
            extensions,
        })
    }
}

/// The digest by which Apollo's protocol names a document: version 1, `sha256Hash` in hexadecimal.
fn persisted_query(
    extensions: &async_graphql::Extensions,
    prefix: &str,
) -> Result<Option<String>, Problem> {
    let place = format!("\"{prefix}extensions.persistedQuery\"");
    let named = match extensions.0.get("persistedQuery") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(named)) => named,
        Some(other) => {
            return Err(malformed(format!(
                "{place} is {}, but has to be an object with \"version\" and \"sha256Hash\".",
                kind(other)
            )));
        }
    };
    if named.get("version") != Some(&Value::from(1)) {
        return Err(malformed(format!("{place} is not of version 1.")));
    }
    match named.get("sha256Hash") {
        Some(Value::String(digest))
            if digest.len() == 64
                && digest
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) =>
        {
            Ok(Some(digest.clone()))
        }
        _ => Err(malformed(format!(
            "{place} has no \"sha256Hash\" of 64 lowercase hexadecimal digits."
        ))),
    }
}

/// JSON as GraphQL values. Numbers out of range and nesting beyond 128 levels are errors.
fn parse_json(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(ErrorCode::BadRequest, detail)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Number(_) => "a number",
        Value::Boolean(_) => "a boolean",
        Value::List(_) => "an array",
        Value::Object(_) => "an object",
        Value::String(_) | Value::Enum(_) | Value::Binary(_) => "a string",
    }
}
