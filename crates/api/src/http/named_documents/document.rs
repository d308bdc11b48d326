//! A named document: what it asks for, and with which variables.

use async_graphql::{
    Value as ConstValue,
    parser::types::{
        BaseType, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
        Type,
    },
};
use async_graphql_value::Value;

use super::schema_types::{SchemaTypes, inner_name, text};
use crate::http::asking::OwnDocument;

/// A query that is served by its name.
pub(super) struct NamedDocument {
    pub(super) name: String,
    /// The comment that it begins with.
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) document: OwnDocument,
    /// The root field that looks something up: the only one of the document's that may be null. Its name in the answer.
    pub(super) lookup: Option<String>,
}

/// A variable of the document.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) default: Option<ConstValue>,
    pub(super) description: Option<String>,
}

impl Parameter {
    /// Whether it has to be given.
    pub(super) const fn is_required(&self) -> bool {
        !self.ty.nullable && self.default.is_none()
    }

    /// Whether it is given once for each entry.
    pub(super) fn is_repeated(&self, types: &SchemaTypes) -> bool {
        matches!(self.ty.base, BaseType::List(_)) && !self.is_json(types)
    }

    /// Whether its value is written as JSON.
    pub(super) fn is_json(&self, types: &SchemaTypes) -> bool {
        types.input_object(inner_name(&self.ty)).is_some()
    }
}

impl NamedDocument {
    /// A document's one operation; none where that is no query.
    pub(super) fn new(
        name: &str,
        text: &str,
        document: OwnDocument,
        types: &SchemaTypes,
    ) -> Option<Self> {
        let parsed = document.parsed();
        let (_, operation) = parsed.operations.iter().next()?;
        let operation = &operation.node;
        if operation.ty != OperationType::Query {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            description: leading_comment(text),
            parameters: parameters(operation, parsed, types),
            lookup: lookup(operation, parsed, types),
            document,
        })
    }
}

/// The comment at the top of a document, as one line.
fn leading_comment(text: &str) -> Option<String> {
    let lines: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .skip_while(|line| line.trim().is_empty())
        .map_while(|line| line.trim_start().strip_prefix('#'))
        .map(str::trim)
        .collect();
    let comment = lines.join(" ");
    let comment = comment.trim();
    (!comment.is_empty()).then(|| comment.to_owned())
}

fn parameters(
    operation: &OperationDefinition,
    document: &ExecutableDocument,
    types: &SchemaTypes,
) -> Vec<Parameter> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| {
            let definition = &definition.node;
            let name = definition.name.node.as_str();
            let usage = Usage {
                variable: name,
                document,
                types,
            };
            Parameter {
                name: name.to_owned(),
                ty: definition.var_type.node.clone(),
                default: definition
                    .default_value
                    .as_ref()
                    .map(|value| value.node.clone()),
                description: usage
                    .in_selections(&operation.selection_set.node, types.query(), 0)
                    .map(ToOwned::to_owned),
            }
        })
        .collect()
}

/// Fragments spread each other no deeper than this: a document of a cycle is not valid, and is refused when it is asked.
const DEEPEST: usize = 64;

/// Looks for the argument that a variable is the value of: what that is, the variable is.
struct Usage<'a> {
    variable: &'a str,
    document: &'a ExecutableDocument,
    types: &'a SchemaTypes,
}

impl<'a> Usage<'a> {
    fn in_selections(
        &self,
        selections: &'a SelectionSet,
        type_name: &'a str,
        depth: usize,
    ) -> Option<&'a str> {
        if depth > DEEPEST {
            return None;
        }
        selections
            .items
            .iter()
            .find_map(|selection| match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let definition = self.types.field(type_name, &field.name.node)?;
                    field
                        .arguments
                        .iter()
                        .find_map(|(name, value)| {
                            let argument = definition
                                .arguments
                                .iter()
                                .find(|argument| argument.node.name.node == name.node)?;
                            let argument = &argument.node;
                            self.in_value(
                                &value.node,
                                &argument.ty.node,
                                text(argument.description.as_ref()),
                            )
                        })
                        .or_else(|| {
                            let inner = inner_name(&definition.ty.node);
                            self.in_selections(&field.selection_set.node, inner, depth + 1)
                        })
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let type_name =
                        condition.map_or(type_name, |condition| condition.node.on.node.as_str());
                    self.in_selections(&fragment.node.selection_set.node, type_name, depth + 1)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self
                        .document
                        .fragments
                        .get(&spread.node.fragment_name.node)?;
                    let type_name = fragment.node.type_condition.node.on.node.as_str();
                    self.in_selections(&fragment.node.selection_set.node, type_name, depth + 1)
                }
            })
    }

    fn in_value(&self, value: &Value, ty: &'a Type, described: Option<&'a str>) -> Option<&'a str> {
        match value {
            Value::Variable(name) => described.filter(|_| name == self.variable),
            Value::List(values) => {
                let is_among = values
                    .iter()
                    .any(|value| matches!(value, Value::Variable(name) if name == self.variable));
                described.filter(|_| is_among)
            }
            Value::Object(given) => {
                let object = self.types.input_object(inner_name(ty))?;
                given.iter().find_map(|(name, value)| {
                    let field = object
                        .fields
                        .iter()
                        .find(|field| field.node.name.node == *name)?;
                    let field = &field.node;
                    self.in_value(value, &field.ty.node, text(field.description.as_ref()))
                })
            }
            _ => None,
        }
    }
}

/// The only root field that may be null.
fn lookup(
    operation: &OperationDefinition,
    document: &ExecutableDocument,
    types: &SchemaTypes,
) -> Option<String> {
    let mut nullable = Vec::new();
    let selections = &operation.selection_set.node;
    nullable_roots(selections, document, types, &mut nullable, 0);
    nullable.sort_unstable();
    nullable.dedup();
    match nullable.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    }
}

fn nullable_roots<'a>(
    selections: &'a SelectionSet,
    document: &'a ExecutableDocument,
    types: &SchemaTypes,
    found: &mut Vec<&'a str>,
    depth: usize,
) {
    if depth > DEEPEST {
        return;
    }
    for selection in &selections.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                let definition = types.field(types.query(), &field.name.node);
                if definition.is_some_and(|definition| definition.ty.node.nullable) {
                    found.push(&field.response_key().node);
                }
            }
            Selection::InlineFragment(fragment) => {
                let selections = &fragment.node.selection_set.node;
                nullable_roots(selections, document, types, found, depth + 1);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name) {
                    let selections = &fragment.node.selection_set.node;
                    nullable_roots(selections, document, types, found, depth + 1);
                }
            }
        }
    }
}
