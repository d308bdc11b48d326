//! The schema as the limits need it: what a field leads to and how many of it.
//!
//! Made once at start from the schema's SDL, so the limits know nothing of the Rust types behind it.

use std::collections::HashMap;

use async_graphql::parser::{
    self, parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
    },
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

/// The introspection types (GraphQL specification, section 4.2), which no SDL has.
const INTROSPECTION_SDL: &str = "
type __Schema {
  description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
  directives: [__Directive!]!
}
type __Type {
  kind: __TypeKind! name: String description: String specifiedByURL: String isOneOf: Boolean
  fields: [__Field!] interfaces: [__Type!] possibleTypes: [__Type!] enumValues: [__EnumValue!]
  inputFields: [__InputValue!] ofType: __Type
}
type __Field {
  name: String! description: String args: [__InputValue!]! type: __Type! isDeprecated: Boolean!
  deprecationReason: String
}
type __InputValue {
  name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean!
  deprecationReason: String
}
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive {
  name: String! description: String isRepeatable: Boolean! locations: [String!]! args: [__InputValue!]!
}";

const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

impl SchemaTable {
    /// Reads the SDL (GraphQL specification, section 3), with the list sizes of the settings.
    pub fn new(sdl: &str, settings: &LimitSettings) -> Result<Self, SchemaTableError> {
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
        table.add_definitions(sdl, settings)?;
        table.add_introspection(settings)?;
        Ok(table)
    }

    fn add_definitions(
        &mut self,
        sdl: &str,
        settings: &LimitSettings,
    ) -> Result<(), SchemaTableError> {
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    for (root, name) in [
                        (&mut self.query, schema.query),
                        (&mut self.mutation, schema.mutation),
                        (&mut self.subscription, schema.subscription),
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
                    self.add_type(name, definition.node.kind, one_of, settings);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(())
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
                let values = definition
                    .values
                    .into_iter()
                    .map(|value| value.node.value.node.to_string());
                self.inputs.insert(name, InputType::Enum(values.collect()));
                return;
            }
            TypeKind::InputObject(object) => {
                let fields = object
                    .fields
                    .into_iter()
                    .map(|field| input_field(field.node))
                    .collect();
                self.inputs
                    .insert(name, InputType::Object { fields, one_of });
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

    /// Adds the introspection types, their lists as long as they are on average in this schema.
    fn add_introspection(&mut self, settings: &LimitSettings) -> Result<(), SchemaTableError> {
        let count_types = self.outputs.len() + self.inputs.len();
        let fields: usize = self
            .outputs
            .values()
            .map(|output| output.fields.len())
            .sum();
        let (mut input_fields, mut enum_values) = (0, 0);
        for input in self.inputs.values() {
            match input {
                InputType::Scalar => {}
                InputType::Enum(values) => enum_values += values.len(),
                InputType::Object { fields, .. } => input_fields += fields.len(),
            }
        }

        self.add_definitions(INTROSPECTION_SDL, settings)?;
        let list = |total: usize, among: usize| {
            let average = total.div_ceil(among.max(1)).max(1);
            Multiplicity::List(u64::try_from(average).unwrap_or(u64::MAX))
        };
        for (type_name, field, multiplicity) in [
            ("__Schema", "types", list(count_types, 1)),
            ("__Schema", "directives", list(8, 1)),
            ("__Type", "fields", list(fields, count_types)),
            ("__Type", "inputFields", list(input_fields, count_types)),
            ("__Type", "enumValues", list(enum_values, count_types)),
            ("__Type", "interfaces", list(2, 1)),
            ("__Type", "possibleTypes", list(2, 1)),
            ("__Field", "args", list(2, 1)),
            ("__Directive", "args", list(2, 1)),
        ] {
            let output = self.outputs.get_mut(type_name);
            if let Some(field) = output.and_then(|output| output.fields.get_mut(field)) {
                field.multiplicity = multiplicity;
            }
        }
        if let Some(query) = self.outputs.get_mut(&self.query) {
            for (field, type_name) in [("__schema", "__Schema"), ("__type", "__Type")] {
                let definition = OutputField {
                    type_name: type_name.to_owned(),
                    multiplicity: Multiplicity::One,
                };
                query.fields.insert(field.to_owned(), definition);
            }
        }
        Ok(())
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
    let has_argument = |name: &str| {
        field
            .arguments
            .iter()
            .any(|argument| argument.node.name.node == name)
    };
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
