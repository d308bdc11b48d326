//! A subscription has one field at its root (GraphQL, September 2025, section 5.2.4.1), which may stand in fragments.
//!
//! The library neither asks for that nor looks into fragments there, so the field is found here.

use async_graphql::{
    Pos, Positioned, ServerError,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    },
};

/// The document with the one field right at the root of its operation; none where it stands there already.
pub(super) fn with_one_field(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
) -> Result<Option<ExecutableDocument>, ServerError> {
    let Some(operation) = operation(document, operation_name) else {
        return Ok(None);
    };
    let root = &operation.node.selection_set;
    let mut found = Found::default();
    found.collect(document, &root.node)?;
    let Some(field) = found.field else {
        return Err(ServerError::new(
            "A subscription selects one field at its root, and this one selects none.",
            Some(operation.pos),
        ));
    };
    if let [only] = root.node.items.as_slice()
        && matches!(only.node, Selection::Field(_))
    {
        return Ok(None);
    }
    let root = Positioned::new(
        SelectionSet {
            items: vec![Positioned::new(Selection::Field(field), root.pos)],
        },
        root.pos,
    );
    let mut document = document.clone();
    let operation = match &mut document.operations {
        DocumentOperations::Single(operation) => Some(operation),
        DocumentOperations::Multiple(operations) => match operation_name {
            Some(name) => operations.get_mut(name),
            None => operations.values_mut().next(),
        },
    };
    if let Some(operation) = operation {
        operation.node.selection_set = root;
    }
    Ok(Some(document))
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a Positioned<OperationDefinition>> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) => operations.values().next(),
    }
}

#[derive(Default)]
struct Found {
    field: Option<Positioned<Field>>,
}

impl Found {
    /// Fragments do not spread each other in a circle: the document has been measured.
    fn collect(
        &mut self,
        document: &ExecutableDocument,
        selections: &SelectionSet,
    ) -> Result<(), ServerError> {
        for selection in &selections.items {
            let conditional =
                selection.node.directives().iter().any(|directive| {
                    matches!(directive.node.name.node.as_str(), "skip" | "include")
                });
            if conditional {
                return Err(ServerError::new(
                    "The root field of a subscription stands under no @skip and no @include.",
                    Some(selection.pos),
                ));
            }
            match &selection.node {
                Selection::Field(field) => self.add(field, selection.pos)?,
                Selection::InlineFragment(fragment) => {
                    self.collect(document, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    // One that is not there is told of by validation.
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node)
                    {
                        self.collect(document, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, field: &Positioned<Field>, at: Pos) -> Result<(), ServerError> {
        match &mut self.field {
            None => self.field = Some(field.clone()),
            // The same field once more: validation has found that they can be merged.
            Some(found) if found.node.response_key().node == field.node.response_key().node => {
                let more = field.node.selection_set.node.items.iter().cloned();
                found.node.selection_set.node.items.extend(more);
            }
            Some(_) => {
                return Err(ServerError::new(
                    "A subscription selects one field at its root: begin one for each.",
                    Some(at),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use async_graphql::parser::parse_query;

    use super::*;

    fn root_of(document: &str) -> Result<Option<String>, String> {
        let document = parse_query(document).unwrap();
        let changed = with_one_field(&document, None).map_err(|error| error.message)?;
        Ok(changed.map(|changed| {
            let operation = operation(&changed, None).unwrap();
            let [root] = operation.node.selection_set.node.items.as_slice() else {
                panic!("not one field")
            };
            let Selection::Field(field) = &root.node else {
                panic!("not a field")
            };
            let selected: Vec<String> = field
                .node
                .selection_set
                .node
                .items
                .iter()
                .map(|selection| match &selection.node {
                    Selection::Field(field) => field.node.name.node.to_string(),
                    _ => "...".to_owned(),
                })
                .collect();
            format!("{} {{ {} }}", field.node.name.node, selected.join(" "))
        }))
    }

    #[test]
    fn the_one_field_is_found_wherever_it_stands() {
        assert_eq!(root_of("subscription { changes { cursor } }"), Ok(None));
        assert_eq!(
            root_of("subscription { ...A } fragment A on Subscription { changes { cursor } }"),
            Ok(Some("changes { cursor }".to_owned()))
        );
        assert_eq!(
            root_of(
                "subscription { changes { cursor } ... on Subscription { ...A } } \
                 fragment A on Subscription { changes { at } }"
            ),
            Ok(Some("changes { cursor at }".to_owned()))
        );
    }

    #[test]
    fn none_or_several_or_one_on_a_condition_are_refused() {
        for document in [
            "subscription { ... on Subscription { ...A } } fragment A on Subscription { ...B } \
             fragment B on Subscription { ... { ... { ...C } } }",
            "subscription { changes { cursor } latest { id } }",
            "subscription { a: changes { cursor } b: changes { cursor } }",
            "subscription { changes { cursor } ...A } fragment A on Subscription { latest { id } }",
            "subscription($a: Boolean!) { changes @skip(if: $a) { cursor } }",
            "subscription { ...A @include(if: true) } fragment A on Subscription { changes { cursor } }",
        ] {
            assert!(root_of(document).is_err(), "{document}");
        }
    }
}
