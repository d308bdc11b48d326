//! Gives every GraphQL error a code, and hides what clients must not see.

use async_graphql::{Response, ServerError, Value};

use crate::{error_code::ErrorCode, http::request_id::RequestId};

/// Validation reports every fault it finds; more than this many help nobody.
const MAX_ERRORS: usize = 50;
const MAX_MESSAGE_CHARS: usize = 1_000;

/// An error with a code of the table.
pub(crate) fn error(code: ErrorCode, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    set_code(&mut error, code);
    error
}

fn set_code(error: &mut ServerError, code: ErrorCode) {
    error
        .extensions
        .get_or_insert_default()
        .set("code", code.as_str());
}

/// The code that an error carries, if it does.
pub(crate) fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(code),
        _ => None,
    }
}

/// Whether nothing was executed: no error stands at a field and there is no data.
///
/// The library below answers `data: null` for errors of the request and for a null that reached the
/// root alike; GraphQL tells them apart by leaving `data` out (specification, section 7.1).
pub(crate) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Completes the errors of a response: a code on each, internals only in the log.
pub(crate) fn complete(response: &mut Response, request_id: &RequestId) {
    let request_error = is_request_error(response);
    for error in &mut response.errors {
        if code_of(error).is_none() {
            let code = classify(error, request_error);
            set_code(error, code);
        }
        if code_of(error) == Some(ErrorCode::InternalServerError.as_str()) {
            hide(error, request_id);
        }
        if let Some((end, _)) = error.message.char_indices().nth(MAX_MESSAGE_CHARS) {
            error.message.truncate(end);
            error.message.push('…');
        }
    }
    response.errors.truncate(MAX_ERRORS);
}

/// What an error without a code is. Our own errors have one, so this is the library's own error or
/// some other that a resolver let through, of which nothing may be shown.
fn classify(error: &ServerError, request_error: bool) -> ErrorCode {
    if error.source.is_some() {
        return ErrorCode::InternalServerError;
    }
    // What async_graphql says of arguments and input values that do not fit their type.
    let is_input_error = ["Failed to parse \"", "Expected input type \"", "Variable "]
        .iter()
        .any(|start| error.message.starts_with(start));
    if is_input_error {
        ErrorCode::BadUserInput
    } else if request_error {
        ErrorCode::GraphqlValidationFailed
    } else {
        ErrorCode::InternalServerError
    }
}

/// Logs an internal error and puts a sentence that says nothing in its place.
fn hide(error: &mut ServerError, request_id: &RequestId) {
    let path = serde_json::to_string(&error.path).unwrap_or_default();
    tracing::error!(
        error = error.message,
        path,
        request_id = request_id.as_str(),
        "a field failed with an internal error"
    );
    error.message = format!(
        "Something went wrong in the server. Quote the request id {} when you report it.",
        request_id.as_str()
    );
    error.source = None;
    error.extensions = None;
    set_code(error, ErrorCode::InternalServerError);
}
