//! The types of the schema, as its own language defines them: with their descriptions, and what may stand for what.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, FieldDefinition, InputObjectType, Type, TypeDefinition, TypeKind,
            TypeSystemDefinition,
        },
    },
};

use crate::limits::SchemaTableError;

/// Types by name.
pub(super) struct SchemaTypes {
    types: HashMap<Name, TypeDefinition>,
    query: Name,
}

impl SchemaTypes {
    /// Reads the schema's SDL.
    pub(super) fn new(sdl: &str) -> Result<Self, SchemaTableError> {
        let mut types = HashMap::new();
        let mut query = Name::new("Query");
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    if let Some(name) = schema.node.query {
                        query = name.node;
                    }
                }
                TypeSystemDefinition::Type(definition) => {
                    types.insert(definition.node.name.node.clone(), definition.node);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(Self { types, query })
    }

    /// The name of the type at whose fields every query begins.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    fn find(&self, name: &str) -> Option<&TypeDefinition> {
        self.types.get(name)
    }

    /// Whether it is a scalar.
    pub(super) fn is_scalar(&self, name: &str) -> bool {
        matches!(
            self.find(name).map(|definition| &definition.kind),
            Some(TypeKind::Scalar)
        )
    }

    /// A field of an object or interface.
    pub(super) fn field(&self, type_name: &str, field: &str) -> Option<&FieldDefinition> {
        let fields = match &self.find(type_name)?.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            _ => return None,
        };
        fields
            .iter()
            .map(|definition| &definition.node)
            .find(|definition| definition.name.node == field)
    }

    /// An input object.
    pub(super) fn input_object(&self, name: &str) -> Option<&InputObjectType> {
        match &self.find(name)?.kind {
            TypeKind::InputObject(object) => Some(object),
            _ => None,
        }
    }

    /// The values of an enum, each with its description.
    pub(super) fn enum_values(&self, name: &str) -> Option<Vec<(&str, Option<&str>)>> {
        match &self.find(name)?.kind {
            TypeKind::Enum(definition) => Some(
                definition
                    .values
                    .iter()
                    .map(|value| {
                        let value = &value.node;
                        (value.value.node.as_str(), text(value.description.as_ref()))
                    })
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The objects that a value of a type may be, by name: of an object type itself alone.
    pub(super) fn possible_objects(&self, name: &str) -> Vec<&str> {
        let mut objects: Vec<&str> = self
            .types
            .values()
            .filter(|definition| matches!(definition.kind, TypeKind::Object(_)))
            .map(|definition| definition.name.node.as_str())
            .filter(|object| self.is_a(object, name))
            .collect();
        objects.sort_unstable();
        objects
    }

    /// Whether an object type is this type, implements it, or is a member of it (GraphQL specification, section 6.3.2,
    /// `DoesFragmentTypeApply`).
    pub(super) fn is_a(&self, object: &str, name: &str) -> bool {
        let names =
            |names: &[Positioned<Name>], name: &str| names.iter().any(|one| one.node == name);
        object == name
            || match self.find(name).map(|definition| &definition.kind) {
                Some(TypeKind::Union(union)) => names(&union.members, object),
                Some(TypeKind::Interface(_)) => {
                    matches!(self.find(object).map(|definition| &definition.kind),
                        Some(TypeKind::Object(object)) if names(&object.implements, name))
                }
                _ => false,
            }
    }
}

/// A description; none where it says nothing.
pub(super) fn text(description: Option<&Positioned<String>>) -> Option<&str> {
    description
        .map(|description| description.node.trim())
        .filter(|description| !description.is_empty())
}

/// The name inside of all lists.
pub(super) fn inner_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => inner_name(inner),
    }
}
