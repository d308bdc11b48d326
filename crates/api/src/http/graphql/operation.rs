//! Which operation of a document a request asks for.

use async_graphql::{
    Positioned,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};

/// The operation to execute, with its name (GraphQL specification, section 6.1.1). The error is a
/// message for the client.
pub(crate) fn select<'a>(
    document: &'a ExecutableDocument,
    operation_name: Option<&str>,
) -> Result<(Option<&'a str>, &'a Positioned<OperationDefinition>), String> {
    match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), None) => Ok((None, operation)),
        (DocumentOperations::Single(_), Some(_)) => Err(
            "operationName names an operation, but the document's only operation has no name."
                .to_owned(),
        ),
        (DocumentOperations::Multiple(operations), None) => {
            match operations.iter().next().filter(|_| operations.len() == 1) {
                Some((name, operation)) => Ok((Some(name.as_str()), operation)),
                None => Err(
                    "The document has several operations: name one in operationName.".to_owned(),
                ),
            }
        }
        (DocumentOperations::Multiple(operations), Some(wanted)) => operations
            .get_key_value(wanted)
            .map(|(name, operation)| (Some(name.as_str()), operation))
            .ok_or_else(|| {
                let wanted: String = wanted.chars().take(64).collect();
                format!("The document has no operation with the name \"{wanted}\".")
            }),
    }
}

/// The operation's type as a word.
pub(crate) const fn type_name(operation_type: OperationType) -> &'static str {
    match operation_type {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}
