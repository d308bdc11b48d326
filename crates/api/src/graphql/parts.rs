//! Parts of answers that are kept as they were written: an article as a field shows it, a list at the root of a
//! query.
//!
//! Most of a page is the same on a thousand others: the latest, the issues, each article in a list. A part is kept
//! under its field of its document, the values of the variables in it, and the article that it shows, with what
//! was noted while it was made. [`DocumentParts`] tells of a document, once, which of its fields can be kept so.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, HashSet},
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context as TaskContext, Poll},
};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Pos, Positioned, ServerResult, Value, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet,
    },
    registry::Registry,
};
use async_graphql_value::Value as DocumentValue;
use bytes::Bytes;
use masthead_domain::node_id::NodeId;

use super::{
    article::Article,
    connection::loaders,
    error::Result,
    json,
    loaders::{Loaders, Noted},
};

static NEXT_DOCUMENT: AtomicU64 = AtomicU64::new(0);

/// Which fields of a document can be kept as parts, and the variables that stand in each.
#[derive(Debug)]
pub struct DocumentParts {
    document: u64,
    variables: HashMap<Pos, Box<[String]>>,
    /// The fields at the root, each by its name in the answer, where all of them are plain fields that can be kept.
    roots: Vec<(String, Pos)>,
}

type Fragments = HashMap<async_graphql::Name, Positioned<FragmentDefinition>>;

impl DocumentParts {
    /// Looks through a document. Fields that are merged with others of the same name are none, nor is anything
    /// in them: what is merged has to be there as fields. A document with several operations, whose variables may
    /// have other values where they are left out, has none.
    pub(crate) fn of(document: &ExecutableDocument) -> Self {
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
            document: NEXT_DOCUMENT.fetch_add(1, Ordering::Relaxed),
            variables: search
                .variables
                .into_iter()
                .map(|(place, names)| (place, names.into_iter().collect()))
                .collect(),
        }
    }
}

/// The fields of a root, if all of them are plain fields that can be kept; else none.
fn roots(set: &SelectionSet, parts: &HashMap<Pos, BTreeSet<String>>) -> Vec<(String, Pos)> {
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
fn collect(value: &DocumentValue, names: &mut BTreeSet<String>) {
    match value {
        DocumentValue::Variable(name) => {
            names.insert(name.to_string());
        }
        DocumentValue::List(items) => items.iter().for_each(|item| collect(item, names)),
        DocumentValue::Object(fields) => fields.values().for_each(|field| collect(field, names)),
        _ => {}
    }
}

/// Among a request's data: what its parts are kept under.
#[derive(Clone, Debug)]
pub struct RequestParts {
    pub(crate) document: Arc<DocumentParts>,
    pub(crate) variables: Variables,
}

/// The name of a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PartName {
    document: u64,
    place: (usize, usize),
    /// What it shows, where the field shows several.
    node: Option<NodeId>,
    /// The values of the variables in it, as JSON.
    variables: String,
}

impl RequestParts {
    /// The parts at the root of the answer, each with its name there; none where they are not all of it.
    pub(crate) fn roots(&self) -> Option<Vec<(&str, PartName)>> {
        let roots = &self.document.roots;
        if roots.is_empty() {
            return None;
        }
        roots
            .iter()
            .map(|(name, place)| Some((name.as_str(), self.name(*place, None)?)))
            .collect()
    }

    fn name(&self, place: Pos, node: Option<NodeId>) -> Option<PartName> {
        let names = self.document.variables.get(&place)?;
        let mut variables = String::new();
        for name in names {
            // What is left out is told apart from null.
            match self.variables.get(name.as_str()) {
                Some(value) => variables.push_str(&serde_json::to_string(value).ok()?),
                None => variables.push('-'),
            }
            variables.push('\n');
        }
        Some(PartName {
            document: self.document.document,
            place: (place.line, place.column),
            node,
            variables,
        })
    }
}

/// What is noted while a part is made.
type Scope = Arc<Mutex<Noted>>;

thread_local! {
    /// The parts that are being made by what this thread is polling, the innermost last.
    static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

/// Has something noted of the innermost part that is being made; answers whether there is one.
pub(crate) fn note_in_scope(note: impl FnOnce(&mut Noted)) -> bool {
    SCOPES.with_borrow(|scopes| match scopes.last() {
        Some(scope) => {
            note(&mut scope.lock().unwrap_or_else(PoisonError::into_inner));
            true
        }
        None => false,
    })
}

/// A future in which what is read is noted of a part.
struct InScope<Making> {
    making: Pin<Box<Making>>,
    scope: Scope,
}

struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        SCOPES.with_borrow_mut(|scopes| drop(scopes.pop()));
    }
}

impl<Making: Future> Future for InScope<Making> {
    type Output = Making::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
        SCOPES.with_borrow_mut(|scopes| scopes.push(self.scope.clone()));
        let _entered = Entered;
        self.making.as_mut().poll(context)
    }
}

fn in_scope<Making: Future>(making: Making, scope: &Scope) -> InScope<Making> {
    InScope {
        making: Box::pin(making),
        scope: scope.clone(),
    }
}

/// A part that is being made.
pub(crate) struct Unmade {
    name: PartName,
    scope: Scope,
}

impl Unmade {
    fn new(name: PartName) -> Self {
        Self {
            name,
            scope: Scope::default(),
        }
    }

    /// Has its value made, and keeps it.
    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        loaders: &Loaders,
        making: impl Future<Output = ServerResult<Value>>,
    ) -> ServerResult<Value> {
        let value = in_scope(making, &self.scope).await?;
        let noted = std::mem::take(&mut *self.scope.lock().unwrap_or_else(PoisonError::into_inner));
        let failed = context
            .query_env
            .errors
            .lock()
            .is_ok_and(|errors| !errors.is_empty());
        if noted.is_personal() || failed {
            loaders.note_part(&noted);
            return Ok(value);
        }
        let mut part = Vec::with_capacity(1024);
        json::write(&value, &mut part);
        // As large as it is: the room that it was written in is not kept.
        let part = Bytes::copy_from_slice(&part);
        loaders.keep_part(self.name.clone(), part.clone(), noted);
        Ok(Value::Binary(part))
    }
}

/// A field at the root of a query: kept, or made now.
pub(crate) enum Part<Made> {
    Kept(Bytes),
    Made(Made, Option<Unmade>),
}

impl<Made> Part<Made> {
    /// The part that a field is, made by `make` where it is not kept.
    pub(crate) async fn of(
        context: &Context<'_>,
        make: impl Future<Output = Result<Made>>,
    ) -> Result<Self> {
        let Some(name) = name(context.data_opt(), context.item.pos, None) else {
            return Ok(Self::Made(make.await?, None));
        };
        let loaders = loaders(context)?;
        if let Some(part) = loaders.kept_part(&name) {
            return Ok(Self::Kept(part));
        }
        if !loaders.keeps_parts() {
            return Ok(Self::Made(make.await?, None));
        }
        let unmade = Unmade::new(name);
        let made = in_scope(make, &unmade.scope).await?;
        Ok(Self::Made(made, Some(unmade)))
    }
}

impl<Made> Part<Option<Made>> {
    /// The part of something that may not be there; none where it is not, which is noted of the whole.
    pub(crate) fn found(self, loaders: &Loaders) -> Option<Part<Made>> {
        match self {
            Self::Kept(part) => Some(Part::Kept(part)),
            Self::Made(Some(made), unmade) => Some(Part::Made(made, unmade)),
            Self::Made(None, unmade) => {
                if let Some(unmade) = unmade {
                    let noted = unmade.scope.lock().unwrap_or_else(PoisonError::into_inner);
                    loaders.note_part(&noted);
                }
                None
            }
        }
    }
}

impl<Made: OutputType> OutputType for Part<Made> {
    fn type_name() -> std::borrow::Cow<'static, str> {
        Made::type_name()
    }

    fn qualified_type_name() -> String {
        Made::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Made::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match (self, context.data_opt::<Arc<Loaders>>()) {
            (Self::Kept(part), _) => Ok(Value::Binary(part.clone())),
            (Self::Made(made, Some(unmade)), Some(loaders)) => {
                unmade
                    .resolve(context, loaders, made.resolve(context, field))
                    .await
            }
            (Self::Made(made, _), _) => made.resolve(context, field).await,
        }
    }
}

/// An article in a list or by itself, as its field shows it: kept, or made now.
pub(crate) struct ArticlePart(pub(crate) Article);

impl OutputType for ArticlePart {
    fn type_name() -> std::borrow::Cow<'static, str> {
        <Article as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Article as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let node = NodeId::Article(self.0.0.id);
        let loaders = context
            .data_opt::<Arc<Loaders>>()
            .filter(|loaders| loaders.keeps_parts());
        let name = name(context.data_opt(), field.pos, Some(node));
        let (Some(loaders), Some(name)) = (loaders, name) else {
            return self.0.resolve(context, field).await;
        };
        if let Some(part) = loaders.kept_part(&name) {
            return Ok(Value::Binary(part));
        }
        let unmade = Unmade::new(name);
        unmade
            .scope
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .node(node);
        unmade
            .resolve(context, loaders, self.0.resolve(context, field))
            .await
    }
}

fn name(parts: Option<&RequestParts>, place: Pos, node: Option<NodeId>) -> Option<PartName> {
    parts?.name(place, node)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use async_graphql::parser::parse_query;

    use super::*;

    /// The fields of a document that can be kept, by line, each with its variables.
    fn parts(document: &str) -> Vec<(usize, String)> {
        let parts = DocumentParts::of(&parse_query(document).unwrap());
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
