//! The schema, as a running server tells it by introspection.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::harness::Server;

const INTROSPECTION: &str = "
{
  __schema {
    queryType { name }
    mutationType { name }
    types {
      kind
      name
      isOneOf
      fields(includeDeprecated: true) {
        name
        args { name defaultValue type { ...reference } }
        type { ...reference }
      }
      inputFields { name defaultValue type { ...reference } }
      enumValues(includeDeprecated: true) { name }
      possibleTypes { name }
    }
  }
}
fragment reference on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// All types, by their names.
pub(super) struct Schema {
    /// The name of the type that holds what can be asked for.
    pub(super) query: String,
    /// The name of the type that holds what can be done.
    pub(super) mutation: Option<String>,
    types: BTreeMap<String, Type>,
}

/// A type.
pub(super) struct Type {
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
    pub(super) input_fields: Vec<Argument>,
    /// Whether exactly one of its input fields is given.
    pub(super) one_of: bool,
    /// Of an enum.
    pub(super) values: Vec<String>,
    /// Of an interface or a union.
    pub(super) possible: Vec<String>,
}

/// What a type is, as far as it matters to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Enum,
    Input,
    Object,
    /// An interface or a union.
    Abstract,
}

/// A field of an object or an interface.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    /// The type of what it holds, lists and non-null taken off.
    pub(super) type_name: String,
    /// Its whole type: two fields of one name in one answer must agree in it.
    pub(super) signature: String,
}

/// An argument, or a field of an input object.
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) type_name: String,
    /// Whether nothing can be asked without it.
    pub(super) required: bool,
    /// What it is where it is left out.
    pub(super) default: Option<String>,
}

impl Schema {
    /// Asks a server for its schema.
    pub(super) fn of(server: &Server) -> Self {
        let answer = server.query(INTROSPECTION, json!({}));
        let schema = &answer["__schema"];
        Self {
            query: text(&schema["queryType"]["name"]),
            mutation: schema["mutationType"]["name"].as_str().map(str::to_owned),
            types: members(&schema["types"])
                .map(|one| (text(&one["name"]), read_type(one)))
                .collect(),
        }
    }

    pub(super) fn get(&self, name: &str) -> &Type {
        self.types
            .get(name)
            .unwrap_or_else(|| panic!("the schema has no type {name}"))
    }

    /// Whether a type has fields to select.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        matches!(self.get(name).kind, Kind::Object | Kind::Abstract)
    }

    /// Whether something of this type can be looked up by an identity of its own; what cannot is a part of
    /// something else: a connection, a body, a picture.
    pub(super) fn is_entity(&self, name: &str) -> bool {
        self.get(name).fields.iter().any(|field| field.name == "id")
    }

    /// The objects that a type stands for: itself, or all that an interface or a union may be.
    pub(super) fn objects<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.get(name).kind {
            Kind::Object => vec![name],
            Kind::Abstract => self.get(name).possible.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Every object that an answer can hold, in the order of its distance from the query.
    pub(super) fn reachable(&self) -> Vec<&str> {
        let mut found = vec![self.query.as_str()];
        let mut known: BTreeSet<&str> = found.iter().copied().collect();
        let mut queue: VecDeque<&str> = found.iter().copied().collect();
        while let Some(name) = queue.pop_front() {
            for field in &self.get(name).fields {
                for object in self.objects(&field.type_name) {
                    if known.insert(object) {
                        found.push(object);
                        queue.push_back(object);
                    }
                }
            }
        }
        found
    }
}

fn read_type(one: &Value) -> Type {
    let kind = match text(&one["kind"]).as_str() {
        "SCALAR" => Kind::Scalar,
        "ENUM" => Kind::Enum,
        "INPUT_OBJECT" => Kind::Input,
        "OBJECT" => Kind::Object,
        "INTERFACE" | "UNION" => Kind::Abstract,
        other => panic!("a type of kind {other}, which the walk does not know"),
    };
    let names = |list: &Value| members(list).map(|one| text(&one["name"])).collect();
    Type {
        kind,
        fields: members(&one["fields"])
            .map(|field| Field {
                name: text(&field["name"]),
                arguments: members(&field["args"]).map(read_argument).collect(),
                type_name: innermost(&field["type"]),
                signature: signature(&field["type"]),
            })
            .collect(),
        input_fields: members(&one["inputFields"]).map(read_argument).collect(),
        one_of: one["isOneOf"] == true,
        values: names(&one["enumValues"]),
        possible: names(&one["possibleTypes"]),
    }
}

fn read_argument(argument: &Value) -> Argument {
    Argument {
        name: text(&argument["name"]),
        type_name: innermost(&argument["type"]),
        required: argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null(),
        default: argument["defaultValue"].as_str().map(str::to_owned),
    }
}

fn innermost(reference: &Value) -> String {
    match &reference["ofType"] {
        Value::Null => text(&reference["name"]),
        inner => innermost(inner),
    }
}

fn signature(reference: &Value) -> String {
    match &reference["ofType"] {
        Value::Null => text(&reference["name"]),
        inner => format!("{}({})", text(&reference["kind"]), signature(inner)),
    }
}

fn members(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}
