//! What a GraphQL document may cost, found out before it is validated or executed.
//!
//! The library below has limits of its own, but walks fragments each time they are spread before it
//! looks at them, and parses whatever it is given. So here, in this order: tokens and nesting are
//! counted in the text, the text is parsed once ([`parse`]), and the parsed document is measured
//! with each fragment looked at once ([`measure`]). Only then is it handed on, parsed.

mod cost;
mod error;
mod fragments;
mod lexer;
mod schema_table;
mod set_cost;
mod settings;
#[cfg(test)]
pub(crate) use self::tests::INTROSPECTION;
#[cfg(test)]
mod tests;

use async_graphql::{
    Value, Variables,
    parser::{parse_query, types::ExecutableDocument},
};

pub(crate) use self::schema_table::InputType;
pub use self::{
    cost::Cost,
    error::{Limit, LimitError},
    schema_table::{SchemaTable, SchemaTableError},
    settings::LimitSettings,
};

/// Parses a document whose text is within the limits.
///
/// What it answers depends on the text alone, so it can be kept.
///
/// # Errors
/// The first limit exceeded, or a syntax error.
pub fn parse(text: &str, settings: &LimitSettings) -> Result<ExecutableDocument, LimitError> {
    lexer::check_tokens(text, settings)?;
    let document = parse_query(text)?;
    let definitions = document
        .operations
        .iter()
        .len()
        .saturating_add(document.fragments.len());
    if definitions > settings.definitions {
        let allowed = settings.definitions;
        return Err(LimitError::exceeded(
            Limit::Definitions,
            allowed,
            definitions,
            None,
        ));
    }
    Ok(document)
}

/// Measures a parsed document.
///
/// `variables` are the request's, as sent: a connection's `first` may be one of them.
///
/// # Errors
/// The first limit exceeded, or fragments that spread each other in a circle.
pub fn measure(
    document: &ExecutableDocument,
    variables: &Variables,
    table: &SchemaTable,
    settings: &LimitSettings,
) -> Result<Cost, LimitError> {
    check_variables(variables, settings)?;
    cost::measure(document, variables, table, settings)
}

/// Measures the variables of a request alone.
///
/// A variable is copied and checked wherever the document uses it, so its size is bounded too.
pub(crate) fn check_variables(
    variables: &Variables,
    settings: &LimitSettings,
) -> Result<(), LimitError> {
    let mut waiting: Vec<&Value> = variables.values().collect();
    let mut found = 0_usize;
    while let Some(value) = waiting.pop() {
        found += 1;
        if found > settings.variable_values {
            let allowed = settings.variable_values;
            return Err(LimitError::exceeded(
                Limit::VariableValues,
                allowed,
                found,
                None,
            ));
        }
        match value {
            Value::List(values) => waiting.extend(values),
            Value::Object(fields) => waiting.extend(fields.values()),
            _ => {}
        }
    }
    Ok(())
}
