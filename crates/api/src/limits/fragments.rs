//! Which fragments spread which.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Pos, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use super::LimitError;

/// The names of all fragments that are spread anywhere.
pub(crate) fn all_spreads(document: &ExecutableDocument) -> HashSet<&str> {
    let mut found = Vec::new();
    for (_, operation) in document.operations.iter() {
        collect_spreads(&operation.node.selection_set.node, &mut found);
    }
    for fragment in document.fragments.values() {
        collect_spreads(&fragment.node.selection_set.node, &mut found);
    }
    found.into_iter().collect()
}

fn collect_spreads<'a>(set: &'a SelectionSet, found: &mut Vec<&'a str>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_spreads(&field.node.selection_set.node, found),
            Selection::InlineFragment(inline) => {
                collect_spreads(&inline.node.selection_set.node, found);
            }
            Selection::FragmentSpread(spread) => {
                found.push(spread.node.fragment_name.node.as_str());
            }
        }
    }
}

/// The fragments, each after those that it spreads: Kahn's algorithm, so no chain of fragments can
/// use up the stack. Fails where fragments spread each other in a circle (GraphQL specification,
/// section 5.5.2.2).
pub(crate) fn in_order_of_use(
    document: &ExecutableDocument,
) -> Result<Vec<(&str, &Positioned<FragmentDefinition>)>, LimitError> {
    let mut waiting_for: HashMap<&str, usize> = HashMap::new();
    let mut spread_by: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, fragment) in &document.fragments {
        let mut spreads = Vec::new();
        collect_spreads(&fragment.node.selection_set.node, &mut spreads);
        let distinct: HashSet<&str> = spreads
            .into_iter()
            .filter(|spread| document.fragments.contains_key(*spread))
            .collect();
        waiting_for.insert(name.as_str(), distinct.len());
        for spread in distinct {
            spread_by.entry(spread).or_default().push(name.as_str());
        }
    }

    let mut ready: Vec<&str> = waiting_for
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| *name)
        .collect();
    let mut ordered = Vec::with_capacity(document.fragments.len());
    while let Some(name) = ready.pop() {
        waiting_for.remove(name);
        if let Some(fragment) = document.fragments.get(name) {
            ordered.push((name, fragment));
        }
        for user in spread_by.get(name).into_iter().flatten() {
            if let Some(count) = waiting_for.get_mut(user) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.push(user);
                }
            }
        }
    }
    if waiting_for.is_empty() {
        return Ok(ordered);
    }
    let mut circular: Vec<(Pos, &str)> = waiting_for
        .keys()
        .filter_map(|name| Some((document.fragments.get(*name)?.pos, *name)))
        .collect();
    circular.sort_unstable();
    let names: Vec<String> = circular
        .iter()
        .take(5)
        .map(|(_, name)| format!("\"{name}\""))
        .collect();
    Err(LimitError::Invalid {
        message: format!(
            "Fragments spread each other in a circle, or spread one that does: {}.",
            names.join(", ")
        ),
        locations: circular.into_iter().take(5).map(|(at, _)| at).collect(),
    })
}
