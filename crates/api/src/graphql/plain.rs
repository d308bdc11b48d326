//! Fields that are answered where they stand: those that only show what is already there.
//!
//! The library makes a future and a context of every field, some four thousand instructions each, which is most of
//! what a page costs that is made from the database. Most fields of a page only show a text of a row that has been
//! read. [`Written`] and [`WrittenAll`] answer these right away, by the same resolvers, and leave the others to the
//! library, and so whole selections that have anything else about them: directives, arguments, the same name twice.

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, Name, OutputType, Positioned, ServerError,
    ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::{resolve_container, resolve_list},
};
use futures_util::future::try_join_all;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// An object some fields of which only show what is already there.
pub(crate) trait Plain: ContainerType {
    /// The value of such a field; none for others.
    fn plain(&self, context: &Context<'_>) -> Option<Value>;
}

/// A resolver's result that can be shown without waiting for anything.
pub(crate) trait Shown {
    /// The value; none where something in it has to be waited for, or went wrong.
    fn shown(self, context: &Context<'_>) -> Option<Value>;
}

/// Tells which fields of an object only show what is already there: by the resolvers of these names.
macro_rules! plain {
    ($object:ty { $($name:literal => $resolver:ident),* $(,)? }) => {
        impl $crate::graphql::plain::Plain for $object {
            fn plain(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> Option<async_graphql::Value> {
                match context.item.node.name.node.as_str() {
                    $($name => $crate::graphql::plain::Shown::shown(
                        futures_util::FutureExt::now_or_never(self.$resolver(context))?.ok()?,
                        context,
                    ),)*
                    _ => None,
                }
            }
        }
    };
    ($object:ty, of its fields { $($name:literal => $field:ident),* $(,)? }) => {
        impl $crate::graphql::plain::Plain for $object {
            fn plain(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> Option<async_graphql::Value> {
                match context.item.node.name.node.as_str() {
                    $($name => $crate::graphql::plain::Shown::shown(self.$field.clone(), context),)*
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
            fn shown(self, _: &async_graphql::Context<'_>) -> Option<async_graphql::Value> {
                Some(async_graphql::ScalarType::to_value(&self))
            }
        }
    )*};
    (enums $($name:ty),*) => {$(
        impl $crate::graphql::plain::Shown for $name {
            fn shown(self, _: &async_graphql::Context<'_>) -> Option<async_graphql::Value> {
                Some(async_graphql::resolver_utils::enum_value(self))
            }
        }
    )*};
}
pub(crate) use shown;

shown!(scalars i32, bool, String, ID);

impl Shown for &str {
    fn shown(self, _: &Context<'_>) -> Option<Value> {
        Some(Value::String(self.to_owned()))
    }
}

impl<Inner: Shown> Shown for Option<Inner> {
    fn shown(self, context: &Context<'_>) -> Option<Value> {
        match self {
            Some(inner) => inner.shown(context),
            None => Some(Value::Null),
        }
    }
}

impl<Object: Plain> Shown for Written<Object> {
    fn shown(self, context: &Context<'_>) -> Option<Value> {
        object(
            &self.0,
            &context.with_selection_set(&context.item.node.selection_set),
        )
    }
}

/// An object whose plain fields are answered right away.
#[derive(Clone)]
pub(crate) struct Written<Object>(pub(crate) Object);

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
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve(context, &self.0).await
    }
}

/// Objects whose plain fields are answered right away.
pub(crate) struct WrittenAll<Object>(pub(crate) Vec<Object>);

impl<Object: Plain> OutputType for WrittenAll<Object> {
    fn type_name() -> Cow<'static, str> {
        <Vec<Object> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<Object> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<Object> as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let objects: Option<Vec<Value>> = self.0.iter().map(|one| object(one, context)).collect();
        match objects {
            Some(objects) => Ok(Value::List(objects)),
            None => resolve_list(context, field, &self.0, Some(self.0.len())).await,
        }
    }
}

/// Resolves an object: its plain fields right away, its others as the library does.
pub(crate) async fn resolve<Object: Plain>(
    context: &ContextSelectionSet<'_>,
    object: &Object,
) -> ServerResult<Value> {
    let Some(fields) = fields::<Object>(context) else {
        return resolve_container(context, object).await;
    };
    let mut values = IndexMap::with_capacity(fields.len());
    let mut waiting = Vec::new();
    for field in fields {
        let place = values.len();
        let value = value(object, &context.with_field(field));
        if value.is_none() {
            let context = context.clone();
            waiting.push(Box::pin(async move {
                let context = context.with_field(field);
                let value = object.resolve_field(&context).await?;
                Ok::<_, ServerError>((place, value.unwrap_or_default()))
            }));
        }
        let name = field.node.response_key().node.clone();
        if values.insert(name, value.unwrap_or_default()).is_some() {
            return resolve_container(context, object).await;
        }
    }
    for (place, value) in try_join_all(waiting).await? {
        if let Some((_, slot)) = values.get_index_mut(place) {
            *slot = value;
        }
    }
    Ok(Value::Object(values))
}

/// An object all of whose fields are plain; none if some are not.
fn object<Object: Plain>(object: &Object, context: &ContextSelectionSet<'_>) -> Option<Value> {
    let fields = fields::<Object>(context)?;
    let mut values = IndexMap::with_capacity(fields.len());
    for field in fields {
        let value = value(object, &context.with_field(field))?;
        let name = field.node.response_key().node.clone();
        if values.insert(name, value).is_some() {
            return None;
        }
    }
    Some(Value::Object(values))
}

/// The value of a field that is plain.
fn value<Object: Plain>(object: &Object, context: &Context<'_>) -> Option<Value> {
    let field = &context.item.node;
    if field.name.node == "__typename" {
        return Some(Value::String(Object::type_name().into_owned()));
    }
    if !field.arguments.is_empty() {
        return None;
    }
    object.plain(context)
}

/// The fields of a selection, where these are all that there is.
fn fields<'a, Object: Plain>(
    context: &ContextSelectionSet<'a>,
) -> Option<Vec<&'a Positioned<Field>>> {
    let set = &context.item.node;
    let mut fields = Vec::with_capacity(set.items.len());
    flatten::<Object>(set, &context.query_env.fragments, &mut fields).then_some(fields)
}

/// Collects the fields of a selection, also of the fragments on the very type that are spread in it; answers
/// whether these are all.
fn flatten<'a, Object: Plain>(
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
