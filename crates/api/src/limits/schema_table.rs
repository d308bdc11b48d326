//! The schema as the limits need it: what a field leads to and how many of it.
//!
//! Made once at start from the schema's SDL, so the limits know nothing of the Rust types behind it.

use std::collections::HashMap;

use async_graphql::parser::{
    self, parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};
use thiserror::Error;

use super::LimitSettings;

/// The SDL cannot be read.
#[derive(Debug, Error)]
#[error("the schema's SDL cannot be read: {0}")]
pub struct SchemaTableError(#[from] parser::Error);

/// Types by name, with the roots of the three operation types.
#[derive(Clone, Debug)]
pub struct SchemaTable {
    outputs: HashMap<String, OutputType>,
    inputs: HashMap<String, InputType>,
    query: String,
    mutation: String,
    subscription: String,
}

/// An object, interface or union, by its fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputType {
    pub(crate) name: String,
    pub(crate) fields: HashMap<String, OutputField>,
    /// Unions and leaf types have no fields of their own, so nothing can be said of a field of them.
    pub(crate) has_fields: bool,
}

/// A field of an output type.
#[derive(Clone, Debug)]
pub(crate) struct OutputField {
    pub(crate) type_name: String,
    pub(crate) multiplicity: Multiplicity,
}

/// How many values a field returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Multiplicity {
    /// One or none.
    One,
    /// A list, by an estimate.
    List(u64),
    /// A connection: one, whose items are as many as `first` or `last` says.
    Connection,
    /// The items of a connection: `edges` and `nodes`.
    Items,
}

/// A type that a variable can have.
#[derive(Clone, Debug)]
pub(crate) enum InputType {
    /// A scalar.
    Scalar,
    /// An enum with its values.
    Enum(Vec<String>),
    /// An input object.
    Object {
        fields: HashMap<String, InputField>,
        /// Exactly one field is to be given (`@oneOf`).
        one_of: bool,
    },
}

/// A field of an input object.
#[derive(Clone, Debug)]
pub(crate) struct InputField {
    pub(crate) ty: Type,
    pub(crate) required: bool,
}

const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

impl SchemaTable {
    /// Reads the SDL (GraphQL specification, section 3), with the list sizes of the settings.
    pub fn new(sdl: &str, settings: &LimitSettings) -> Result<Self, SchemaTableError> {
        let document = parse_schema(sdl)?;
        let mut table = Self {
            outputs: HashMap::new(),
            inputs: BUILT_IN_SCALARS
                .iter()
                .map(|name| ((*name).to_owned(), InputType::Scalar))
                .collect(),
            query: "Query".to_owned(),
            mutation: "Mutation".to_owned(),
            subscription: "Subscription".to_owned(),
        };
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    for (root, name) in [
                        (&mut table.query, schema.query),
                        (&mut table.mutation, schema.mutation),
                        (&mut table.subscription, schema.subscription),
                    ] {
                        if let Some(name) = name {
                            *root = name.node.to_string();
                        }
                    }
                }
                TypeSystemDefinition::Type(definition) => {
                    let one_of = definition
                        .node
                        .directives
                        .iter()
                        .any(|directive| directive.node.name.node == "oneOf");
                    let name = definition.node.name.node.to_string();
                    table.add_type(name, definition.node.kind, one_of, settings);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        table.add_introspection();
        Ok(table)
    }

    fn add_type(&mut self, name: String, kind: TypeKind, one_of: bool, settings: &LimitSettings) {
        let fields = match kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Union(_) => Vec::new(),
            TypeKind::Scalar => {
                self.inputs.insert(name, InputType::Scalar);
                return;
            }
            TypeKind::Enum(definition) => {
                let values = definition.values.into_iter().map(|value| value.node.value.node.to_string());
                self.inputs.insert(name, InputType::Enum(values.collect()));
                return;
            }
            TypeKind::InputObject(object) => {
                let fields = object.fields.into_iter().map(|field| input_field(field.node)).collect();
                self.inputs.insert(name, InputType::Object { fields, one_of });
                return;
            }
        };
        let is_connection = name.ends_with("Connection");
        // `extend type` adds to what is there.
        let output = self.outputs.entry(name.clone()).or_default();
        output.name = name;
        output.has_fields |= !fields.is_empty();
        for field in fields {
            let field = field.node;
            let multiplicity = multiplicity(&field, is_connection, settings);
            output.fields.insert(
                field.name.node.to_string(),
                OutputField {
                    type_name: named_type(&field.ty.node).to_owned(),
                    multiplicity,
                },
            );
        }
    }

    /// The introspection types (GraphQL specification, section 4.2), their lists as long as they are
    /// on average in this schema.
    fn add_introspection(&mut self) {
        let average = |total: usize, count: usize| {
            u64::try_from(total.div_ceil(count.max(1))).unwrap_or(u64::MAX).max(1)
        };
        let types = self.outputs.len() + self.inputs.len() + 8;
        let fields: usize = self.outputs.values().map(|output| output.fields.len()).sum();
        let (mut input_fields, mut enum_values) = (0, 0);
        for input in self.inputs.values() {
            match input {
                InputType::Scalar => {}
                InputType::Enum(values) => enum_values += values.len(),
                InputType::Object { fields, .. } => input_fields += fields.len(),
            }
        }
        let fields = Multiplicity::List(average(fields, types));
        let input_fields = Multiplicity::List(average(input_fields, types));
        let enum_values = Multiplicity::List(average(enum_values, types));
        let few = Multiplicity::List(2);
        let one = Multiplicity::One;
        let introspection: [(&str, &[(&str, &str, Multiplicity)]); 6] = [
            (
                "__Schema",
                &[
                    ("description", "String", one),
                    ("types", "__Type", Multiplicity::List(average(types, 1))),
                    ("queryType", "__Type", one),
                    ("mutationType", "__Type", one),
                    ("subscriptionType", "__Type", one),
                    ("directives", "__Directive", Multiplicity::List(8)),
                ],
            ),
            (
                "__Type",
                &[
                    ("kind", "__TypeKind", one),
                    ("name", "String", one),
                    ("description", "String", one),
                    ("specifiedByURL", "String", one),
                    ("isOneOf", "Boolean", one),
                    ("fields", "__Field", fields),
                    ("interfaces", "__Type", few),
                    ("possibleTypes", "__Type", few),
                    ("enumValues", "__EnumValue", enum_values),
                    ("inputFields", "__InputValue", input_fields),
                    ("ofType", "__Type", one),
                ],
            ),
            (
                "__Field",
                &[
                    ("name", "String", one),
                    ("description", "String", one),
                    ("args", "__InputValue", few),
                    ("type", "__Type", one),
                    ("isDeprecated", "Boolean", one),
                    ("deprecationReason", "String", one),
                ],
            ),
            (
                "__InputValue",
                &[
                    ("name", "String", one),
                    ("description", "String", one),
                    ("type", "__Type", one),
                    ("defaultValue", "String", one),
                    ("isDeprecated", "Boolean", one),
                    ("deprecationReason", "String", one),
                ],
            ),
            (
                "__EnumValue",
                &[
                    ("name", "String", one),
                    ("description", "String", one),
                    ("isDeprecated", "Boolean", one),
                    ("deprecationReason", "String", one),
                ],
            ),
            (
                "__Directive",
                &[
                    ("name", "String", one),
                    ("description", "String", one),
                    ("locations", "__DirectiveLocation", few),
                    ("args", "__InputValue", few),
                    ("isRepeatable", "Boolean", one),
                ],
            ),
        ];
        let as_field = |&(name, type_name, multiplicity): &(&str, &str, Multiplicity)| {
            let type_name = type_name.to_owned();
            (name.to_owned(), OutputField { type_name, multiplicity })
        };
        for (name, fields) in introspection {
            let output = OutputType {
                name: name.to_owned(),
                fields: fields.iter().map(as_field).collect(),
                has_fields: true,
            };
            self.outputs.insert(name.to_owned(), output);
        }
        if let Some(query) = self.outputs.get_mut(&self.query) {
            query.fields.extend([("__schema", "__Schema", one), ("__type", "__Type", one)].iter().map(as_field));
        }
    }

    pub(crate) fn output(&self, name: &str) -> Option<&OutputType> {
        self.outputs.get(name)
    }

    pub(crate) fn input(&self, name: &str) -> Option<&InputType> {
        self.inputs.get(name)
    }

    pub(crate) fn root(&self, operation: parser::types::OperationType) -> Option<&OutputType> {
        self.output(match operation {
            parser::types::OperationType::Query => &self.query,
            parser::types::OperationType::Mutation => &self.mutation,
            parser::types::OperationType::Subscription => &self.subscription,
        })
    }
}

fn input_field(field: InputValueDefinition) -> (String, InputField) {
    let required = !field.ty.node.nullable && field.default_value.is_none();
    let ty = field.ty.node;
    (field.name.node.to_string(), InputField { ty, required })
}

fn multiplicity(
    field: &FieldDefinition,
    in_connection: bool,
    settings: &LimitSettings,
) -> Multiplicity {
    let is_list = matches!(field.ty.node.base, BaseType::List(_));
    let has_argument = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
    if is_list {
        if in_connection && matches!(field.name.node.as_str(), "edges" | "nodes") {
            Multiplicity::Items
        } else {
            Multiplicity::List(settings.list_size)
        }
    } else if has_argument("first") || has_argument("last") {
        Multiplicity::Connection
    } else {
        Multiplicity::One
    }
}

/// The name inside all lists.
pub(crate) fn named_type(ty: &Type) -> &str {
    let mut ty = ty;
    loop {
        match &ty.base {
            BaseType::Named(name) => return name.as_str(),
            BaseType::List(inner) => ty = inner,
        }
    }
}
