//! Which fields of a document can be kept as parts, found out once.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

static NEXT_DOCUMENT: AtomicU64 = AtomicU64::new(0);

/// A document with more fields at its root than this has none that are told apart.
const MOST_ROOTS: usize = 32;

/// The fields at a document's root that are meant, as bits.
pub(super) type RootSet = u32;

/// A document, which of its fields can be kept as parts, and the variables that stand in each.
#[derive(Debug)]
pub struct DocumentParts {
    pub(super) number: u64,
    document: Arc<ExecutableDocument>,
    /// The document with some of its roots alone.
    reduced: Mutex<HashMap<RootSet, Arc<ExecutableDocument>>>,
    pub(super) variables: HashMap<Pos, Box<[String]>>,
    /// The fields at the root, each by its name in the answer, where all of them are plain fields that can be kept.
    pub(super) roots: Vec<(String, Pos)>,
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

impl DocumentParts {
    /// Looks through a document. Fields that are merged with others of the same name are none, nor is anything
    /// in them: what is merged has to be there as fields. A document with several operations, whose variables may
    /// have other values where they are left out, has none.
    pub fn of(document: &Arc<ExecutableDocument>) -> Self {
        let mut search = Search {
            fragments: &document.fragments,
            variables: HashMap::new(),
            merged: HashSet::new(),
            is_endless: false,
        };
        let mut operations = document.operations.iter();
        if let (Some((_, operation)), None) = (operations.next(), operations.next()) {
            search.set(&[&operation.node.selection_set.node], false, 0);
        }
        if search.is_endless
            || matches!(&document.operations, DocumentOperations::Multiple(all) if all.len() > 1)
        {
            search.variables.clear();
        }
        search
            .variables
            .retain(|place, _| !search.merged.contains(place));
        let roots = document
            .operations
            .iter()
            .next()
            .map_or_else(Vec::new, |(_, operation)| {
                roots(&operation.node.selection_set.node, &search.variables)
            });
        Self {
            roots,
            number: NEXT_DOCUMENT.fetch_add(1, Ordering::Relaxed),
            document: document.clone(),
            reduced: Mutex::default(),
            variables: search
                .variables
                .into_iter()
                .map(|(place, names)| (place, names.into_iter().collect()))
                .collect(),
        }
    }
}

impl DocumentParts {
    /// The whole document.
    pub(crate) fn whole(&self) -> &ExecutableDocument {
        &self.document
    }

    /// The document with these of its roots alone: less to copy, to look through and to execute.
    pub(super) fn with_only(&self, roots: RootSet) -> Arc<ExecutableDocument> {
        let mut reduced = self.reduced.lock().unwrap_or_else(PoisonError::into_inner);
        reduced
            .entry(roots)
            .or_insert_with(|| Arc::new(with_only(&self.document, roots)))
            .clone()
    }
}

/// A document of one operation with these of the fields at its root, and the fragments that are spread in them.
fn with_only(document: &ExecutableDocument, roots: RootSet) -> ExecutableDocument {
    let mut reduced = document.clone();
    let operation = match &mut reduced.operations {
        DocumentOperations::Single(operation) => Some(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().next(),
    };
    let mut spread = HashSet::new();
    if let Some(operation) = operation {
        let set = &mut operation.node.selection_set.node;
        let mut place = 0;
        set.items.retain(|_| {
            place += 1;
            roots & (1 << (place - 1)) != 0
        });
        collect_spread(set, &document.fragments, &mut spread);
    }
    reduced.fragments.retain(|name, _| spread.contains(name));
    reduced
}

fn collect_spread(set: &SelectionSet, fragments: &Fragments, spread: &mut HashSet<Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                collect_spread(&field.node.selection_set.node, fragments, spread);
            }
            Selection::InlineFragment(fragment) => {
                collect_spread(&fragment.node.selection_set.node, fragments, spread);
            }
            Selection::FragmentSpread(one) => {
                let name = &one.node.fragment_name.node;
                if spread.insert(name.clone())
                    && let Some(fragment) = fragments.get(name)
                {
                    collect_spread(&fragment.node.selection_set.node, fragments, spread);
                }
            }
        }
    }
}

/// The fields of a root, if all of them are plain fields that can be kept; else none.
fn roots(set: &SelectionSet, parts: &HashMap<Pos, BTreeSet<String>>) -> Vec<(String, Pos)> {
    if set.items.len() > MOST_ROOTS {
        return Vec::new();
    }
    let root = |selection: &Positioned<Selection>| match &selection.node {
        Selection::Field(field) if field.node.directives.is_empty() => {
            let name = field.node.response_key().node.to_string();
            parts.contains_key(&field.pos).then_some((name, field.pos))
        }
        _ => None,
    };
    let roots: Option<Vec<_>> = set.items.iter().map(root).collect();
    roots.unwrap_or_default()
}

/// Deeper than any document that is executed.
const DEEPEST: u32 = 64;

struct Search<'a> {
    fragments: &'a Fragments,
    variables: HashMap<Pos, BTreeSet<String>>,
    merged: HashSet<Pos>,
    /// Whether fragments go round in a circle, which validation refuses.
    is_endless: bool,
}

impl<'a> Search<'a> {
    /// Looks through the fields of selection sets that are executed as one; answers the variables in them.
    fn set(&mut self, sets: &[&'a SelectionSet], is_merged: bool, depth: u32) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if depth > DEEPEST {
            self.is_endless = true;
            return names;
        }
        let mut fields: Vec<(&str, Vec<&'a Positioned<Field>>)> = Vec::new();
        let mut seen = HashSet::new();
        for set in sets {
            self.flatten(set, &mut fields, &mut seen, &mut names);
        }
        for (_, same) in fields {
            let is_merged = is_merged || same.len() > 1;
            for field in same {
                names.extend(self.field(field, is_merged, depth));
            }
        }
        names
    }

    fn flatten(
        &mut self,
        set: &'a SelectionSet,
        fields: &mut Vec<(&'a str, Vec<&'a Positioned<Field>>)>,
        seen: &mut HashSet<&'a str>,
        names: &mut BTreeSet<String>,
    ) {
        for selection in &set.items {
            let (directives, inner) = match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    match fields.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, same)) => same.push(field),
                        None => fields.push((key, vec![field])),
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => (
                    &fragment.node.directives,
                    Some(&fragment.node.selection_set.node),
                ),
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let fragment = self.fragments.get(name);
                    let is_new = seen.insert(name);
                    let set = fragment.map(|fragment| &fragment.node.selection_set.node);
                    (&spread.node.directives, set.filter(|_| is_new))
                }
            };
            for directive in directives {
                for (_, value) in &directive.node.arguments {
                    collect(&value.node, names);
                }
            }
            if let Some(inner) = inner {
                self.flatten(inner, fields, seen, names);
            }
        }
    }

    fn field(
        &mut self,
        field: &'a Positioned<Field>,
        is_merged: bool,
        depth: u32,
    ) -> BTreeSet<String> {
        let known = self.variables.get(&field.pos);
        let is_known_as_merged = self.merged.contains(&field.pos);
        if let Some(names) = known.filter(|_| is_known_as_merged || !is_merged) {
            return names.clone();
        }
        if is_merged {
            self.merged.insert(field.pos);
        }
        let mut names = BTreeSet::new();
        for (_, value) in &field.node.arguments {
            collect(&value.node, &mut names);
        }
        for directive in &field.node.directives {
            for (_, value) in &directive.node.arguments {
                collect(&value.node, &mut names);
            }
        }
        names.extend(self.set(&[&field.node.selection_set.node], is_merged, depth + 1));
        self.variables.insert(field.pos, names.clone());
        names
    }
}

/// Collects the variables in an argument's value.
fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Variable(name) => {
            names.insert(name.to_string());
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use async_graphql::parser::parse_query;

    use super::*;

    /// The fields of a document that can be kept, by line, each with its variables.
    fn parts(document: &str) -> Vec<(usize, String)> {
        let parts = DocumentParts::of(&Arc::new(parse_query(document).unwrap()));
        let mut lines: Vec<(usize, String)> = parts
            .variables
            .iter()
            .map(|(place, names)| (place.line, names.join(" ")))
            .collect();
        lines.sort();
        lines
    }

    fn line(number: usize, names: &str) -> (usize, String) {
        (number, names.to_owned())
    }

    #[test]
    fn a_part_knows_the_variables_in_it() {
        let document = "query($a: Int, $b: Boolean!, $c: String) {
            latest(first: $a) {
                nodes @include(if: $b) {
                    ...row
                }
            }
            sections {
                name
            }
        }
        fragment row on Article {
            bylines {
                articles(after: $c) {
                    totalCount
                }
            }
        }";
        assert_eq!(
            parts(document),
            [
                line(2, "a b c"),
                line(3, "b c"),
                line(7, ""),
                line(8, ""),
                line(12, "c"),
                line(13, "c"),
                line(14, "")
            ]
        );
    }

    #[test]
    fn what_is_merged_is_no_part() {
        let document = "{
            latest { nodes { id } }
            ...more
            other: latest { totalCount }
        }
        fragment more on Query {
            latest { nodes { slug } }
            publication { title }
        }";
        let lines: HashSet<usize> = parts(document).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, HashSet::from([4, 8]));
        // Nor where the same fragment is merged in one place and stands alone in another.
        let document = "{
            a { ...f }
            a { x }
            b { ...f }
        }
        fragment f on T {
            x { y }
        }";
        let lines: HashSet<usize> = parts(document).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, HashSet::from([4]));
    }

    #[test]
    fn circles_and_several_operations_have_no_parts() {
        use std::fmt::Write as _;

        assert_eq!(parts("{ ...f } fragment f on Query { a { ...f } }"), []);
        assert_eq!(parts("query a { x } query b { y }"), []);
        // Nor does one take its time that spreads much.
        let mut document = "{ ...f0 }".to_owned();
        for number in 0..40 {
            let _ = write!(
                document,
                " fragment f{number} on T {{ a{number}: x {{ ...f{} }} b{number}: x {{ ...f{} }} }}",
                number + 1,
                number + 1
            );
        }
        parts(&document);
    }
}
