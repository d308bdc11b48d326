//! What of one schema a client would miss in another.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};

/// How the types of fields and arguments are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// As a client needs it: an answer may be promised more firmly, an argument asked less firmly.
    Compatible,
    /// To the letter.
    SameTypes,
}

/// Something that a client relies on and that is gone or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Where: 'Article', 'Article.slug', 'Query.latest.first'.
    pub(crate) place: String,
    what: String,
}

impl Change {
    /// The type that it belongs to.
    pub(crate) fn type_name(&self) -> &str {
        self.place.split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.what)
    }
}

/// A type as a client sees it.
#[derive(Debug, Default)]
struct Shape {
    kind: &'static str,
    fields: BTreeMap<String, Field>,
    /// Enum values, union members and interfaces.
    names: BTreeSet<String>,
}

#[derive(Debug)]
struct Field {
    ty: Type,
    arguments: BTreeMap<String, Input>,
    /// Of an input object's field.
    default: Option<String>,
}

#[derive(Debug)]
struct Input {
    ty: Type,
    default: Option<String>,
}

fn shapes(sdl: &str) -> BTreeMap<String, Shape> {
    let document = parse_schema(sdl).expect("the schema parses");
    document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some((
                definition.node.name.node.to_string(),
                shape(definition.node),
            )),
            _ => None,
        })
        .collect()
}

fn shape(definition: TypeDefinition) -> Shape {
    let (kind, fields, names) = match definition.kind {
        TypeKind::Scalar => ("scalar", Vec::new(), Vec::new()),
        TypeKind::Object(object) => ("type", object.fields, object.implements),
        TypeKind::Interface(interface) => ("interface", interface.fields, interface.implements),
        TypeKind::Union(union) => ("union", Vec::new(), union.members),
        TypeKind::Enum(values) => {
            let values = values
                .values
                .into_iter()
                .map(|value| value.node.value)
                .collect();
            ("enum", Vec::new(), values)
        }
        TypeKind::InputObject(input) => {
            let fields = input.fields.into_iter().map(|field| {
                let field = field.node;
                let default = field.default_value.map(|value| value.node.to_string());
                (
                    field.name.node.to_string(),
                    Field {
                        ty: field.ty.node,
                        arguments: BTreeMap::new(),
                        default,
                    },
                )
            });
            return Shape {
                kind: "input",
                fields: fields.collect(),
                names: BTreeSet::new(),
            };
        }
    };
    let fields = fields.into_iter().map(|field| {
        let field = field.node;
        let arguments = field.arguments.into_iter().map(|argument| {
            let argument = argument.node;
            let default = argument.default_value.map(|value| value.node.to_string());
            (
                argument.name.node.to_string(),
                Input {
                    ty: argument.ty.node,
                    default,
                },
            )
        });
        (
            field.name.node.to_string(),
            Field {
                ty: field.ty.node,
                arguments: arguments.collect(),
                default: None,
            },
        )
    });
    Shape {
        kind,
        fields: fields.collect(),
        names: names
            .into_iter()
            .map(|name| name.node.to_string())
            .collect(),
    }
}

/// All types and fields, as places.
pub(crate) fn places(sdl: &str) -> BTreeSet<String> {
    shapes(sdl)
        .into_iter()
        .flat_map(|(name, shape)| {
            let fields: Vec<String> = shape
                .fields
                .keys()
                .map(|field| format!("{name}.{field}"))
                .collect();
            fields.into_iter().chain([name])
        })
        .collect()
}

/// The types that can be reached from `Query` without going through one of these places.
pub(crate) fn reachable_types(sdl: &str, without: &[&str]) -> BTreeSet<String> {
    let shapes = shapes(sdl);
    let mut reached = BTreeSet::new();
    let mut open = vec!["Query".to_owned()];
    while let Some(name) = open.pop() {
        let Some(shape) = shapes.get(&name) else {
            continue;
        };
        if without.contains(&name.as_str()) || !reached.insert(name.clone()) {
            continue;
        }
        for (field_name, field) in &shape.fields {
            if without.contains(&format!("{name}.{field_name}").as_str()) {
                continue;
            }
            open.push(base(&field.ty));
            open.extend(field.arguments.values().map(|argument| base(&argument.ty)));
        }
        open.extend(shape.names.iter().cloned());
        // Whoever implements an interface can stand wherever it stands.
        open.extend(
            shapes
                .iter()
                .filter(|(_, other)| other.kind == "type" && other.names.contains(&name))
                .map(|(other, _)| other.clone()),
        );
    }
    reached
}

fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

/// What of `before` a client would miss in `after`.
pub(crate) fn breaking_changes(before: &str, after: &str, strictness: Strictness) -> Vec<Change> {
    let (before, after) = (shapes(before), shapes(after));
    let mut changes = Vec::new();
    for (name, old) in &before {
        let mut report = |place: String, what: String| changes.push(Change { place, what });
        let Some(new) = after.get(name) else {
            report(name.clone(), format!("the {} is gone", old.kind));
            continue;
        };
        if old.kind != new.kind {
            report(
                name.clone(),
                format!("was a {}, is a {}", old.kind, new.kind),
            );
            continue;
        }
        for missing in old.names.difference(&new.names) {
            report(format!("{name}.{missing}"), "is gone".to_owned());
        }
        let is_input = old.kind == "input";
        for (field_name, old_field) in &old.fields {
            let place = format!("{name}.{field_name}");
            let Some(new_field) = new.fields.get(field_name) else {
                report(place, "is gone".to_owned());
                continue;
            };
            let fits = match strictness {
                Strictness::SameTypes => old_field.ty == new_field.ty,
                Strictness::Compatible if is_input => accepts(&new_field.ty, &old_field.ty),
                Strictness::Compatible => accepts(&old_field.ty, &new_field.ty),
            };
            if !fits {
                report(
                    place.clone(),
                    format!("was {}, is {}", old_field.ty, new_field.ty),
                );
            }
            if old_field.default != new_field.default {
                report(place.clone(), "has another default".to_owned());
            }
            for (argument_name, old_argument) in &old_field.arguments {
                let place = format!("{place}.{argument_name}");
                let Some(new_argument) = new_field.arguments.get(argument_name) else {
                    report(place, "the argument is gone".to_owned());
                    continue;
                };
                let fits = match strictness {
                    Strictness::SameTypes => old_argument.ty == new_argument.ty,
                    Strictness::Compatible => accepts(&new_argument.ty, &old_argument.ty),
                };
                if !fits {
                    report(
                        place.clone(),
                        format!("was {}, is {}", old_argument.ty, new_argument.ty),
                    );
                }
                if old_argument.default != new_argument.default {
                    report(place, "has another default".to_owned());
                }
            }
            for (argument_name, argument) in &new_field.arguments {
                if !old_field.arguments.contains_key(argument_name)
                    && !argument.ty.nullable
                    && argument.default.is_none()
                {
                    report(
                        format!("{place}.{argument_name}"),
                        "a new argument is required".to_owned(),
                    );
                }
            }
        }
        for (field_name, field) in &new.fields {
            if is_input
                && !old.fields.contains_key(field_name)
                && !field.ty.nullable
                && field.default.is_none()
            {
                report(
                    format!("{name}.{field_name}"),
                    "a new field is required".to_owned(),
                );
            }
        }
    }
    changes
}

/// Whether every value of `given` is one of `wanted`.
fn accepts(wanted: &Type, given: &Type) -> bool {
    (wanted.nullable || !given.nullable)
        && match (&wanted.base, &given.base) {
            (BaseType::Named(wanted), BaseType::Named(given)) => wanted == given,
            (BaseType::List(wanted), BaseType::List(given)) => accepts(wanted, given),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str =
        "interface Node { id: ID! } type Query { a(x: Int, y: Int! = 1): [String!] b: E! u: U }
        enum E { ONE TWO } type A implements Node { id: ID! } type B { id: ID! } union U = A | B
        input I { x: Int y: String! }";

    fn changed(after: &str) -> Vec<String> {
        breaking_changes(BEFORE, after, Strictness::Compatible)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_only_adds_or_promises_more_breaks_nobody() {
        let after = BEFORE
            .replace("): [String!]", ", z: Int): [String!]!")
            .replace("ONE TWO", "ONE TWO THREE")
            .replace(
                "input I { x: Int y: String! }",
                "input I { x: Int y: String z: Int }",
            );
        assert_eq!(changed(&after), Vec::<String>::new());
    }

    #[test]
    fn each_way_to_break_a_client_is_named_with_its_place() {
        for (from, to, place) in [
            ("b: E!", "b: E", "Query.b: was E!, is E"),
            ("b: E!", "c: E!", "Query.b: is gone"),
            ("x: Int, y", "x: Int!, y", "Query.a.x: was Int, is Int!"),
            ("x: Int, y", "y", "Query.a.x: the argument is gone"),
            (
                "y: Int! = 1",
                "y: Int! = 2",
                "Query.a.y: has another default",
            ),
            (
                "y: Int! = 1",
                "y: Int! = 1, z: Int!",
                "Query.a.z: a new argument is required",
            ),
            (
                "[String!]",
                "[String]",
                "Query.a: was [String!], is [String]",
            ),
            ("ONE TWO", "ONE", "E.TWO: is gone"),
            ("U = A | B", "U = A", "U.B: is gone"),
            ("A implements Node", "A", "A.Node: is gone"),
            (
                "type B { id: ID! } union U = A | B",
                "union U = A",
                "B: the type is gone",
            ),
            (
                "y: String! }",
                "y: String! z: Int! }",
                "I.z: a new field is required",
            ),
            (
                "input I { x: Int",
                "input I { x: Int!",
                "I.x: was Int, is Int!",
            ),
            ("type B {", "input B {", "B: was a type, is a input"),
        ] {
            assert!(BEFORE.contains(from), "{from}");
            let changes = changed(&BEFORE.replacen(from, to, 1));
            assert!(
                changes.iter().any(|change| change == place),
                "{place}: {changes:?}"
            );
        }
    }

    #[test]
    fn what_is_left_out_is_not_reached() {
        let types = reachable_types(BEFORE, &["Query.u"]);
        assert_eq!(types, BTreeSet::from(["Query".to_owned(), "E".to_owned()]));
    }
}
