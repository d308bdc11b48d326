//! A query that is read without a transaction may have to be executed once more, in one.

use async_graphql::{
    Extensions, Request, Variables,
    parser::types::{ExecutableDocument, OperationType},
};

use super::{Unshared, Validation, datum};
use crate::graphql::RequestParts;

/// What a query is made of, so that it can be executed once more.
pub(super) struct Again {
    text: String,
    operation_name: Option<String>,
    variables: Variables,
    extensions: Extensions,
    parts: Option<RequestParts>,
    validation: Option<Validation>,
    is_unshared: bool,
}

impl Again {
    /// That of a request, unless it writes: nothing is written twice.
    pub(super) fn of(request: &mut Request) -> Option<Self> {
        let only_reads = |document: &ExecutableDocument| {
            document
                .operations
                .iter()
                .all(|(_, operation)| operation.node.ty == OperationType::Query)
        };
        let with_parts =
            datum::<RequestParts>(request).map(|parts| only_reads(parts.document.whole()));
        let is_query = match with_parts {
            Some(is_query) => is_query,
            None => request.parsed_query().is_ok_and(only_reads),
        };
        is_query.then(|| Self {
            text: request.query.clone(),
            operation_name: request.operation_name.clone(),
            variables: request.variables.clone(),
            extensions: request.extensions.clone(),
            parts: datum(request).cloned(),
            validation: datum(request).cloned(),
            is_unshared: datum::<Unshared>(request).is_some(),
        })
    }

    pub(super) fn request(self) -> Request {
        let mut request = Request::new(self.text).variables(self.variables);
        request.operation_name = self.operation_name;
        request.extensions = self.extensions;
        if let Some(parts) = self.parts {
            request = request.data(parts);
        }
        if let Some(validation) = self.validation {
            request = request.data(validation);
        }
        if self.is_unshared {
            request = request.data(Unshared);
        }
        request
    }
}
