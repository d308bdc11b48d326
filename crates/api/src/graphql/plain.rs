//! Fields that are answered where they stand: those that only show what is at hand.
//!
//! The library makes a future and a context of every field, some four thousand instructions each, and a value that is
//! looked through once more to be written. Most of a page only shows what has been read: a text of a row, the names
//! that were read beside it. [`Written`] and [`Rows`] write these right away, as the JSON that the answer ends as
//! (`Value::Binary`, as kept parts are), by the same resolvers. They leave the others to the library, and so whole
//! selections that have anything else about them: directives, the same name twice, fields that are merged with others.

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, Name, OutputType, Pos, Positioned,
    ServerError, ServerResult, Value,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::{resolve_container, resolve_list},
};
use futures_util::future::try_join_all;

use super::{json, parts::RequestParts};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// About how many bytes an object has that is written by itself.
const OBJECT_BYTES: usize = 256;

/// An object some fields of which only show what is at hand.
pub(crate) trait Plain: ContainerType {
    /// Writes the value of such a field; none for others, and what has been written of it is not meant.
    fn plain(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()>;
}

/// A resolver's result that can be written without waiting for anything.
pub(crate) trait Shown {
    /// Writes the value; none where something in it has to be waited for, or went wrong.
    fn shown(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()>;
}

/// What is shown as an object, and may be at hand as a whole.
pub(crate) trait AtHand: OutputType {
    /// The object that its fields are of.
    type Object: ContainerType;

    /// Writes these of its fields; none where one of them is not at hand.
    fn write(
        &self,
        fields: &Fields<'_>,
        context: &ContextSelectionSet<'_>,
        json: &mut Vec<u8>,
    ) -> Option<()>;
}

/// The fields of a selection that has nothing else about it.
pub(crate) struct Fields<'a>(Vec<&'a Positioned<Field>>);

/// Tells which fields of an object only show what is at hand: by the resolvers of these names. After `at hand` stand those
/// that may have to be waited for, each with what writes it where it need not.
macro_rules! plain {
    (
        $object:ty { $($name:literal => $resolver:ident),* $(,)? }
        $(at hand { $($named:literal => $write:ident),* $(,)? })?
    ) => {
        impl $crate::graphql::plain::Plain for $object {
            fn plain(&self, context: &async_graphql::Context<'_>, json: &mut Vec<u8>) -> Option<()> {
                match context.item.node.name.node.as_str() {
                    $($name => $crate::graphql::plain::Shown::shown(
                        &futures_util::FutureExt::now_or_never(self.$resolver(context))?.ok()?,
                        context,
                        json,
                    ),)*
                    $($($named => self.$write(context, json),)*)?
                    _ => None,
                }
            }
        }
    };
    ($object:ty, of its fields { $($name:literal => $field:ident),* $(,)? }) => {
        impl $crate::graphql::plain::Plain for $object {
            fn plain(&self, context: &async_graphql::Context<'_>, json: &mut Vec<u8>) -> Option<()> {
                match context.item.node.name.node.as_str() {
                    $($name => $crate::graphql::plain::Shown::shown(&self.$field, context, json),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use plain;

/// Tells that a type of these is shown as the library writes it.
macro_rules! shown {
    (scalars $($scalar:ty),*) => {$(
        impl $crate::graphql::plain::Shown for $scalar {
            fn shown(&self, _: &async_graphql::Context<'_>, json: &mut Vec<u8>) -> Option<()> {
                $crate::graphql::json::write(&async_graphql::ScalarType::to_value(self), json);
                Some(())
            }
        }
    )*};
    (enums $($name:ty),*) => {$(
        impl $crate::graphql::plain::Shown for $name {
            fn shown(&self, _: &async_graphql::Context<'_>, json: &mut Vec<u8>) -> Option<()> {
                let value = async_graphql::resolver_utils::enum_value(*self);
                $crate::graphql::json::write(&value, json);
                Some(())
            }
        }
    )*};
    (texts $($text:ty),*) => {$(
        impl $crate::graphql::plain::Shown for $text {
            fn shown(&self, _: &async_graphql::Context<'_>, json: &mut Vec<u8>) -> Option<()> {
                $crate::graphql::json::write_text(self.as_ref(), json);
                Some(())
            }
        }
    )*};
}
pub(crate) use shown;

shown!(scalars i32, bool);
shown!(texts & str, String);

impl Shown for ID {
    fn shown(&self, _: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        json::write_text(self, json);
        Some(())
    }
}

impl<Inner: Shown> Shown for Option<Inner> {
    fn shown(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        if let Some(inner) = self {
            return inner.shown(context, json);
        }
        json.extend_from_slice(b"null");
        Some(())
    }
}

impl<Inner: Shown> Shown for Vec<Inner> {
    fn shown(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        list(self, json, |inner, json| inner.shown(context, json))
    }
}

/// An object whose plain fields are answered right away.
#[derive(Clone)]
pub(crate) struct Written<Object>(pub(crate) Object);

/// A list whose rows are answered right away, where all that they show is at hand.
pub(crate) struct Rows<Row>(pub(crate) Vec<Row>);

impl<Object: Plain> AtHand for Written<Object> {
    type Object = Object;

    fn write(
        &self,
        fields: &Fields<'_>,
        context: &ContextSelectionSet<'_>,
        json: &mut Vec<u8>,
    ) -> Option<()> {
        fields.write(&self.0, context, json)
    }
}

/// Writes an object that may be at hand as a whole, as the field that it is.
pub(crate) fn object<Object: AtHand>(
    object: &Object,
    context: &Context<'_>,
    json: &mut Vec<u8>,
) -> Option<()> {
    let context = context.with_selection_set(&context.item.node.selection_set);
    let fields = Fields::of::<Object::Object>(&context)?;
    object.write(&fields, &context, json)
}

impl<Object: Plain> Shown for Written<Object> {
    fn shown(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        object(self, context, json)
    }
}

impl<Row: AtHand> Shown for Rows<Row> {
    fn shown(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        self.write(
            &context.with_selection_set(&context.item.node.selection_set),
            json,
        )
    }
}

impl<Object: Plain> OutputType for Written<Object> {
    fn type_name() -> Cow<'static, str> {
        Object::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Object::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve(context, field.pos, &self.0).await
    }
}

impl<Row: AtHand> OutputType for Rows<Row> {
    fn type_name() -> Cow<'static, str> {
        <Vec<Row> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<Row> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<Row> as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if stands_alone(context, field.pos) {
            let mut json = Vec::with_capacity(OBJECT_BYTES * (1 + self.0.len()));
            if self.write(context, &mut json).is_some() {
                return Ok(Value::Binary(json.into()));
            }
        }
        resolve_list(context, field, &self.0, Some(self.0.len())).await
    }
}

impl<Row: AtHand> Rows<Row> {
    fn write(&self, context: &ContextSelectionSet<'_>, json: &mut Vec<u8>) -> Option<()> {
        let fields = Fields::of::<Row::Object>(context)?;
        list(&self.0, json, |row, json| row.write(&fields, context, json))
    }
}

/// Writes a list; none where one of its items cannot be written.
fn list<Item>(
    items: &[Item],
    json: &mut Vec<u8>,
    write: impl Fn(&Item, &mut Vec<u8>) -> Option<()>,
) -> Option<()> {
    json.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        write(item, json)?;
    }
    json.push(b']');
    Some(())
}

/// Whether a field is merged with no other: only then can it be written before the answer is put together.
fn stands_alone(context: &ContextSelectionSet<'_>, place: Pos) -> bool {
    context
        .data_opt::<RequestParts>()
        .is_some_and(|parts| parts.stands_alone(place))
}

/// Resolves an object, which is the field at a place: its plain fields right away, its others as the library does.
pub(crate) async fn resolve<Object: Plain>(
    context: &ContextSelectionSet<'_>,
    place: Pos,
    object: &Object,
) -> ServerResult<Value> {
    let fields = stands_alone(context, place).then(|| Fields::of::<Object>(context));
    let Some(Fields(fields)) = fields.flatten() else {
        return resolve_container(context, object).await;
    };
    let mut json = Vec::with_capacity(OBJECT_BYTES);
    let mut waiting = Vec::new();
    json.push(b'{');
    for field in fields {
        name(field, &mut json);
        let place = json.len();
        if value(object, &context.with_field(field), &mut json).is_none() {
            json.truncate(place);
            let context = context.clone();
            waiting.push(Box::pin(async move {
                let context = context.with_field(field);
                let value = object.resolve_field(&context).await?;
                Ok::<_, ServerError>((place, value.unwrap_or_default()))
            }));
        }
    }
    json.push(b'}');
    if waiting.is_empty() {
        return Ok(Value::Binary(json.into()));
    }
    let waited = try_join_all(waiting).await?;
    let mut whole = Vec::with_capacity(json.len() + OBJECT_BYTES * waited.len());
    let mut rest = json.as_slice();
    let mut written = 0;
    for (place, value) in waited {
        let (before, after) = rest.split_at(place - written);
        whole.extend_from_slice(before);
        json::write(&value, &mut whole);
        (rest, written) = (after, place);
    }
    whole.extend_from_slice(rest);
    Ok(Value::Binary(whole.into()))
}

impl<'a> Fields<'a> {
    /// The fields of a selection of an object, also those of the fragments on its very type that are spread in it; none
    /// where these are not all that there is, or two of them have the same name in the answer.
    pub(crate) fn of<Object: ContainerType>(context: &ContextSelectionSet<'a>) -> Option<Self> {
        let set = &context.item.node;
        let mut fields = Vec::with_capacity(set.items.len());
        let is_all = flatten::<Object>(set, &context.query_env.fragments, &mut fields);
        (is_all && have_names_of_their_own(&fields)).then_some(Self(fields))
    }

    /// Writes an object with these fields; none where one of them is not at hand.
    pub(crate) fn write<Object: Plain>(
        &self,
        object: &Object,
        context: &ContextSelectionSet<'_>,
        json: &mut Vec<u8>,
    ) -> Option<()> {
        json.push(b'{');
        for field in &self.0 {
            name(field, json);
            value(object, &context.with_field(field), json)?;
        }
        json.push(b'}');
        Some(())
    }
}

fn have_names_of_their_own(fields: &[&Positioned<Field>]) -> bool {
    let mut rest = fields;
    while let [field, others @ ..] = rest {
        let name = &field.node.response_key().node;
        if others
            .iter()
            .any(|other| other.node.response_key().node == *name)
        {
            return false;
        }
        rest = others;
    }
    true
}

/// Writes the name of a field, after a comma where one stands before it.
fn name(field: &Positioned<Field>, json: &mut Vec<u8>) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    json::write_name(&field.node.response_key().node, json);
}

/// Writes the value of a field that is plain.
fn value<Object: Plain>(object: &Object, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
    let field = &context.item.node;
    if field.name.node == "__typename" {
        json::write_text(&Object::type_name(), json);
        return Some(());
    }
    if !field.arguments.is_empty() {
        return None;
    }
    object.plain(context, json)
}

/// Collects the fields of a selection, also of the fragments on the very type that are spread in it; answers
/// whether these are all.
fn flatten<'a, Object: ContainerType>(
    set: &'a SelectionSet,
    fragments: &'a Fragments,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            fields.push(field);
            field.node.directives.is_empty()
        }
        Selection::FragmentSpread(spread) => {
            // Documents in which fragments go round in a circle are refused before they are executed.
            spread.node.directives.is_empty()
                && fragments
                    .get(&spread.node.fragment_name.node)
                    .is_some_and(|fragment| {
                        fragment.node.type_condition.node.on.node == *Object::type_name()
                            && fragment.node.directives.is_empty()
                            && flatten::<Object>(
                                &fragment.node.selection_set.node,
                                fragments,
                                fields,
                            )
                    })
        }
        Selection::InlineFragment(_) => false,
    })
}
