//! The JSON Schema (2020-12) of what a selection is answered with.

use async_graphql::{
    Positioned,
    indexmap::IndexMap,
    parser::types::{
        BaseType, Directive, ExecutableDocument, Field, Selection, SelectionSet, Type,
    },
};
use serde_json::{Map, Value, json};

use super::schema_types::{SchemaTypes, inner_name, text};

/// Fragments spread each other no deeper than this: a document of a cycle is not valid, and is refused when it is asked.
const DEEPEST: usize = 64;

/// Describes what a document selects.
#[derive(Clone, Copy)]
pub(super) struct Answers<'a> {
    pub(super) document: &'a ExecutableDocument,
    pub(super) types: &'a SchemaTypes,
}

/// The fields of one name in an answer: they are one (GraphQL specification, section 6.3.2, `CollectFields`).
struct Collected<'a> {
    fields: Vec<&'a Field>,
    /// Whether a variable may leave it out.
    is_conditional: bool,
}

impl<'a> Answers<'a> {
    /// The schema of an object, an interface or a union of which this is selected.
    pub(super) fn of(&self, type_name: &str, selections: &[&'a SelectionSet]) -> Value {
        let mut objects: Vec<Value> = Vec::new();
        for object in self.types.possible_objects(type_name) {
            let schema = self.of_object(object, selections);
            if !objects.contains(&schema) {
                objects.push(schema);
            }
        }
        match objects.len() {
            1 => objects.remove(0),
            _ => json!({ "anyOf": objects }),
        }
    }

    fn of_object(&self, object: &str, selections: &[&'a SelectionSet]) -> Value {
        let mut collected = IndexMap::new();
        for set in selections {
            self.collect(object, set, false, &mut collected, 0);
        }
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (
            key,
            Collected {
                fields,
                is_conditional,
            },
        ) in collected
        {
            let Some(schema) = self.of_field(object, &fields) else {
                continue;
            };
            if !is_conditional {
                required.push(Value::from(key));
            }
            properties.insert(key.to_owned(), schema);
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }

    fn of_field(&self, object: &str, fields: &[&'a Field]) -> Option<Value> {
        let first = fields.first()?;
        let name = first.name.node.as_str();
        if name == "__typename" {
            return Some(json!({ "const": object }));
        }
        let definition = self.types.field(object, name)?;
        let below: Vec<&SelectionSet> = fields
            .iter()
            .map(|field| &field.selection_set.node)
            .collect();
        let mut schema = self.of_type(&definition.ty.node, &below);
        if let (Some(description), Some(schema)) = (
            text(definition.description.as_ref()),
            schema.as_object_mut(),
        ) {
            schema.insert("description".to_owned(), description.into());
        }
        Some(schema)
    }

    fn of_type(&self, ty: &Type, below: &[&'a SelectionSet]) -> Value {
        let schema = match &ty.base {
            BaseType::List(inner) => {
                json!({ "type": "array", "items": self.of_type(inner, below) })
            }
            BaseType::Named(name) => match value(name, self.types) {
                Some(schema) => schema,
                None => self.of(name, below),
            },
        };
        if ty.nullable { or_null(schema) } else { schema }
    }

    fn collect(
        &self,
        object: &str,
        set: &'a SelectionSet,
        is_conditional: bool,
        collected: &mut IndexMap<&'a str, Collected<'a>>,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let is_conditional = is_conditional || has_condition(&field.directives);
                    let entry = collected
                        .entry(field.response_key().node.as_str())
                        .or_insert(Collected {
                            fields: Vec::new(),
                            is_conditional: true,
                        });
                    entry.fields.push(field);
                    entry.is_conditional &= is_conditional;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let condition = fragment.type_condition.as_ref();
                    let applies = condition
                        .is_none_or(|condition| self.types.is_a(object, &condition.node.on.node));
                    if applies {
                        let is_conditional = is_conditional || has_condition(&fragment.directives);
                        let set = &fragment.selection_set.node;
                        self.collect(object, set, is_conditional, collected, depth + 1);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let spread = &spread.node;
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name.node)
                    else {
                        continue;
                    };
                    let fragment = &fragment.node;
                    if self
                        .types
                        .is_a(object, &fragment.type_condition.node.on.node)
                    {
                        let is_conditional = is_conditional || has_condition(&spread.directives);
                        let set = &fragment.selection_set.node;
                        self.collect(object, set, is_conditional, collected, depth + 1);
                    }
                }
            }
        }
    }
}

fn has_condition(directives: &[Positioned<Directive>]) -> bool {
    directives
        .iter()
        .any(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include"))
}

/// The schema of a scalar or of an enum; none of what has fields.
pub(super) fn value(name: &str, types: &SchemaTypes) -> Option<Value> {
    if let Some(values) = types.enum_values(name) {
        let names: Vec<&str> = values.iter().map(|(value, _)| *value).collect();
        return Some(json!({ "type": "string", "enum": names }));
    }
    Some(match name {
        "Int" => json!({ "type": "integer", "format": "int32" }),
        "Float" => json!({ "type": "number" }),
        "Boolean" => json!({ "type": "boolean" }),
        "String" | "ID" | "Html" => json!({ "type": "string" }),
        "DateTime" => json!({ "type": "string", "format": "date-time" }),
        "Date" => json!({ "type": "string", "format": "date" }),
        "Url" => json!({ "type": "string", "format": "uri" }),
        // Any JSON, of a scalar that is not known here.
        _ if types.is_scalar(name) => json!({}),
        _ => return None,
    })
}

/// The schema of what may be null, too.
pub(super) fn or_null(schema: Value) -> Value {
    let simple = schema
        .get("type")
        .and_then(Value::as_str)
        .map(str::to_owned);
    match (schema, simple) {
        (Value::Object(mut schema), Some(simple)) => {
            schema.insert("type".to_owned(), json!([simple, "null"]));
            if let Some(Value::Array(values)) = schema.get_mut("enum") {
                values.push(Value::Null);
            }
            Value::Object(schema)
        }
        (schema, _) => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// The schema of a value that is given; objects are named, since they may hold others of their own type.
pub(super) fn input(ty: &Type, types: &SchemaTypes) -> Value {
    let schema = match &ty.base {
        BaseType::List(inner) => json!({ "type": "array", "items": input(inner, types) }),
        BaseType::Named(name) => value(name, types)
            .unwrap_or_else(|| json!({ "$ref": format!("#/components/schemas/{name}") })),
    };
    if ty.nullable { or_null(schema) } else { schema }
}

/// The schemas of an input object and of all that it may hold, by name.
pub(super) fn input_objects(name: &str, types: &SchemaTypes, found: &mut Map<String, Value>) {
    let Some(object) = types.input_object(name) else {
        return;
    };
    if found.contains_key(name) {
        return;
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in &object.fields {
        let field = &field.node;
        let name = field.name.node.as_str();
        let mut schema = input(&field.ty.node, types);
        if let (Some(description), Some(schema)) =
            (text(field.description.as_ref()), schema.as_object_mut())
        {
            schema.insert("description".to_owned(), description.into());
        }
        if !field.ty.node.nullable && field.default_value.is_none() {
            required.push(name);
        }
        properties.insert(name.to_owned(), schema);
    }
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    found.insert(name.to_owned(), schema);
    for field in &object.fields {
        input_objects(inner_name(&field.node.ty.node), types, found);
    }
}
