//! Parts of answers that are kept as they were written: an article as a field shows it, a list at the root of a
//! query.
//!
//! Most of a page is the same on a thousand others: the latest, the issues, each article in a list. A part is kept
//! under its field of its document, the values of the variables in it, and the article that it shows, with what
//! was noted while it was made. [`DocumentParts`] tells of a document, once, which of its fields can be kept so.

mod document;

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context as TaskContext, Poll},
};

use async_graphql::{
    Context, ContextSelectionSet, Name, OutputType, Pos, Positioned, ServerResult, Value,
    Variables,
    parser::types::{ExecutableDocument, Field},
    registry::Registry,
};
use bytes::Bytes;
use masthead_domain::node_id::NodeId;

use super::{
    article::Article,
    connection::loaders,
    error::Result,
    json,
    loaders::{Loaders, Noted},
    plain::{self, AtHand, Fields, Shown},
};

pub use document::DocumentParts;
use document::RootSet;

/// Among a request's data: its document, and what its parts are kept under. With it the request needs no parsed query.
///
/// What of its answer is at hand, and merged with nothing, is then JSON already: `Value::Binary`.
#[derive(Clone, Debug)]
pub struct RequestParts {
    pub(crate) document: Arc<DocumentParts>,
    variables: Variables,
}

/// The name of a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PartName {
    document: u64,
    place: (usize, usize),
    /// What it shows, where the field shows several.
    node: Option<NodeId>,
    /// What it stands among, where it shows something of that.
    among: Option<Arc<str>>,
    /// The values of the variables in it, as JSON.
    variables: String,
}

impl RequestParts {
    /// Those of a document with these variables.
    pub const fn new(document: Arc<DocumentParts>, variables: Variables) -> Self {
        Self {
            document,
            variables,
        }
    }

    /// About how many bytes they take; the document is shared.
    pub(crate) fn bytes(&self) -> usize {
        let of_each = |(name, value): (&Name, &Value)| {
            // A name, a value and an entry of the map.
            150 + name.len()
                + match value {
                    Value::String(text) => text.len(),
                    _ => 0,
                }
        };
        size_of::<Self>() + self.variables.iter().map(of_each).sum::<usize>()
    }

    /// Whether a field is merged with no other of its name, wherever it stands.
    pub(crate) fn stands_alone(&self, place: Pos) -> bool {
        self.document.variables.contains_key(&place)
    }

    /// Whether a whole answer can be put together from parts.
    pub(crate) fn are_whole(&self) -> bool {
        !self.document.roots.is_empty()
    }

    /// The parts at the root of the answer, each with its name there; none where they are not all of it.
    pub(crate) fn roots(&self) -> Option<Vec<(&str, PartName)>> {
        let roots = &self.document.roots;
        if roots.is_empty() {
            return None;
        }
        roots
            .iter()
            .map(|(name, place)| Some((name.as_str(), self.name(*place, None, None)?)))
            .collect()
    }

    /// The parts at the root that are kept, and the document of those that are not; none where none is kept.
    pub(crate) fn open(&self, loaders: &Loaders) -> Option<Opened> {
        let mut missing: RootSet = 0;
        let roots: Vec<_> = self
            .roots()?
            .into_iter()
            .enumerate()
            .map(|(place, (field, name))| {
                let kept = loaders.kept_part(&name);
                if kept.is_none() {
                    missing |= 1 << place;
                }
                (Name::new(field), kept)
            })
            .collect();
        if roots.iter().all(|(_, kept)| kept.is_none()) {
            return None;
        }
        Some(Opened {
            document: self.document.with_only(missing),
            roots,
        })
    }

    fn name(&self, place: Pos, node: Option<NodeId>, among: Option<&Arc<str>>) -> Option<PartName> {
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
            document: self.document.number,
            place: (place.line, place.column),
            node,
            among: among.cloned(),
            variables,
        })
    }
}

/// An answer of which some roots are kept.
pub(crate) struct Opened {
    /// What is to be executed.
    pub(crate) document: Arc<ExecutableDocument>,
    roots: Vec<(Name, Option<Bytes>)>,
}

impl Opened {
    /// The whole answer, with what has been executed.
    pub(crate) fn close(self, executed: Value) -> Value {
        let Value::Object(mut executed) = executed else {
            return executed;
        };
        let root = |(name, kept): (Name, Option<Bytes>)| {
            let value = match kept {
                Some(part) => Value::Binary(part),
                None => executed.swap_remove(&name)?,
            };
            Some((name, value))
        };
        Value::Object(self.roots.into_iter().filter_map(root).collect())
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
        let Some(name) = name(context.data_opt(), context.item.pos, None, None) else {
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

/// An article, as its field shows it: kept, or made now.
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
        kept_or_made(
            context,
            field.pos,
            node,
            None,
            plain::resolve(context, field.pos, &self.0),
        )
        .await
    }
}

impl AtHand for ArticlePart {
    type Object = Article;

    fn write(
        &self,
        fields: &Fields<'_>,
        context: &ContextSelectionSet<'_>,
        json: &mut Vec<u8>,
    ) -> Option<()> {
        no_part_is_kept(context)?;
        fields.write(&self.0, context, json)
    }
}

impl Shown for ArticlePart {
    fn shown(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        plain::object(self, context, json)
    }
}

/// Something where no parts of answers are kept. Where they are, each is looked for before it is made.
pub(crate) fn no_part_is_kept(context: &ContextSelectionSet<'_>) -> Option<()> {
    let loaders = context.data_opt::<Arc<Loaders>>()?;
    (!loaders.keeps_parts()).then_some(())
}

/// What a field shows of a node: kept, or made now.
pub(crate) async fn kept_or_made(
    context: &ContextSelectionSet<'_>,
    place: Pos,
    node: NodeId,
    among: Option<&Arc<str>>,
    making: impl Future<Output = ServerResult<Value>>,
) -> ServerResult<Value> {
    let loaders = context
        .data_opt::<Arc<Loaders>>()
        .filter(|loaders| loaders.keeps_parts());
    let (Some(loaders), Some(name)) = (loaders, name(context.data_opt(), place, Some(node), among))
    else {
        return making.await;
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
    unmade.resolve(context, loaders, making).await
}

fn name(
    parts: Option<&RequestParts>,
    place: Pos,
    node: Option<NodeId>,
    among: Option<&Arc<str>>,
) -> Option<PartName> {
    parts?.name(place, node, among)
}
