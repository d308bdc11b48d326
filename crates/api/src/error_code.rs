//! The one table of error codes.
//!
//! A code stands in `extensions.code` of a GraphQL error and in `code` of a problem document. Codes
//! are stable: one is never renamed, and never used for something else. The enum, the HTTP status,
//! the title and the documentation are all made from the table below.

use http::StatusCode;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $status:ident, $title:literal;)+) => {
        /// What went wrong, in a form that programs can rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ErrorCode {
            /// Every code there is, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is written in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status of a response that consists of this error.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// A short summary, the same at every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// When it occurs and what to do, for the documentation.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_start(),)+ }
            }
        }
    };
}

error_codes! {
    /// The request is not a well-formed GraphQL-over-HTTP request. The message names the part to mend.
    BadRequest = "BAD_REQUEST", BAD_REQUEST, "Malformed request";
    /// The batch holds no request, or more than the server takes at once. Split it.
    BatchSize = "BATCH_SIZE", BAD_REQUEST, "Batch empty or too large";
    /// The request carries a token that is not taken, or carries none and needs one. `detail` says why, and
    /// `WWW-Authenticate` says it to libraries.
    Unauthenticated = "UNAUTHENTICATED", UNAUTHORIZED, "Token needed";
    /// The token does not permit this. Ask the publication for the role or scope that does.
    Forbidden = "FORBIDDEN", FORBIDDEN, "Not permitted";
    /// There is nothing at this path.
    NotFound = "NOT_FOUND", NOT_FOUND, "Not found";
    /// The path does not take this method; `Allow` lists those it takes. Mutations go by POST.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED, "Method not allowed";
    /// No media type in `Accept` can be produced. Accept `application/graphql-response+json` or `application/json`.
    NotAcceptable = "NOT_ACCEPTABLE", NOT_ACCEPTABLE, "No acceptable media type";
    /// The request's body did not arrive in time.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT, "Request arrived too slowly";
    /// The body is larger than the server takes, as sent or once decompressed.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE, "Request body too large";
    /// The body's media type or content coding is not taken. Send `application/json`, plain or in gzip, br or zstd.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type or content coding";
    /// The client asks more often than it may. Wait for as many seconds as `Retry-After` says; `RateLimit` tells beforehand.
    TooManyRequests = "TOO_MANY_REQUESTS", TOO_MANY_REQUESTS, "Too many requests";
    /// Pages of this origin may not open a WebSocket connection. The setting `http.cors_origins` names those that may.
    OriginNotAllowed = "ORIGIN_NOT_ALLOWED", FORBIDDEN, "Origin not allowed";
    /// As many streams of events, or operations on a connection, are open as may be. Close one, or try again shortly.
    TooManyStreams = "TOO_MANY_STREAMS", SERVICE_UNAVAILABLE, "Too many streams";
    /// Nothing of what was sent on a stream was read for too long. Connect again, and go on from the last cursor.
    ReaderTooSlow = "READER_TOO_SLOW", REQUEST_TIMEOUT, "Reader too slow";
    /// A fault of the server. Quote the request id when reporting it.
    InternalServerError = "INTERNAL_SERVER_ERROR", INTERNAL_SERVER_ERROR, "Internal error";
    /// The server is starting, stopping, or cannot reach what it depends on. Try again shortly.
    ServiceUnavailable = "SERVICE_UNAVAILABLE", SERVICE_UNAVAILABLE, "Not ready";
    /// The request was stopped at the execution time limit. Ask for less at once.
    Timeout = "TIMEOUT", GATEWAY_TIMEOUT, "Execution took too long";

    /// The document is not GraphQL; the location says where.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", BAD_REQUEST, "Syntax error";
    /// The document does not fit the schema or breaks a validation rule of the GraphQL specification.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", BAD_REQUEST, "Validation failed";
    /// There is no trusted document of that name or digest. See what the server's folder of documents holds.
    DocumentNotFound = "DOCUMENT_NOT_FOUND", NOT_FOUND, "No such trusted document";
    /// The server executes trusted documents alone. Name one by `documentId`.
    TrustedDocumentsOnly = "TRUSTED_DOCUMENTS_ONLY", FORBIDDEN, "Trusted documents only";
    /// No document is kept under that hash yet. Send it once with the hash beside it, as Apollo's clients do.
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND", NOT_FOUND, "Persisted query not found";
    /// The server keeps no documents that clients send. Send the query itself, or name a trusted document.
    PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED", BAD_REQUEST, "Persisted queries not supported";
    /// The hash is not that of the query beside it: SHA-256 of its UTF-8 text, in lowercase hexadecimal.
    PersistedQueryHashMismatch = "PERSISTED_QUERY_HASH_MISMATCH", BAD_REQUEST, "Hash of another query";
    /// Which operation to run cannot be told: name one of the document's in `operationName`.
    OperationResolutionFailure = "OPERATION_RESOLUTION_FAILURE", BAD_REQUEST, "Operation not found";
    /// A variable or an argument has a value that its type does not take.
    BadUserInput = "BAD_USER_INPUT", BAD_REQUEST, "Invalid value";
    /// A cursor is none of the list that it was given to. Pass on cursors from that list's own answers as they are.
    InvalidCursor = "INVALID_CURSOR", BAD_REQUEST, "Cursor of no such list";
    /// The changes after this cursor are not kept any more, or it is of another reader's log. Drop what you hold and follow `changes` from the start.
    StartAgain = "START_AGAIN", GONE, "Changes not kept so far back";
    /// The `Idempotency-Key` was given to another request before. Use a new one for each request, and the same one only to repeat it.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", UNPROCESSABLE_ENTITY, "Idempotency key of another request";
    /// A subscription has many answers: accept `text/event-stream`, or connect by WebSocket (`graphql-transport-ws`).
    SubscriptionNotSupported = "SUBSCRIPTION_NOT_SUPPORTED", BAD_REQUEST, "Subscription over plain HTTP";

    /// The document's text is too long. Pass large values as variables.
    DocumentTooLarge = "DOCUMENT_TOO_LARGE", BAD_REQUEST, "Document too large";
    /// The document has too many tokens. Split it.
    TooManyTokens = "TOO_MANY_TOKENS", BAD_REQUEST, "Too many tokens";
    /// A name in the document is too long.
    NameTooLong = "NAME_TOO_LONG", BAD_REQUEST, "Name too long";
    /// Brackets, or selection sets with their fragments filled in, nest too deep.
    NestingTooDeep = "NESTING_TOO_DEEP", BAD_REQUEST, "Nesting too deep";
    /// The document defines too many operations and fragments. Send only what the operation uses.
    TooManyDefinitions = "TOO_MANY_DEFINITIONS", BAD_REQUEST, "Too many definitions";
    /// The operation defines too many variables.
    TooManyVariables = "TOO_MANY_VARIABLES", BAD_REQUEST, "Too many variables";
    /// The variables hold too many values. Send long lists in parts.
    VariablesTooLarge = "VARIABLES_TOO_LARGE", BAD_REQUEST, "Variables too large";
    /// Fields are selected too many levels deep.
    QueryTooDeep = "QUERY_TOO_DEEP", BAD_REQUEST, "Query too deep";
    /// The query could return too much; a list counts its `first` or `last`. Ask for smaller pages or fewer fields.
    QueryTooComplex = "QUERY_TOO_COMPLEX", BAD_REQUEST, "Query too complex";
    /// Too many fields have an alias, fragments counted each time they are spread.
    TooManyAliases = "TOO_MANY_ALIASES", BAD_REQUEST, "Too many aliases";
    /// Too many directives are applied, fragments counted each time they are spread.
    TooManyDirectives = "TOO_MANY_DIRECTIVES", BAD_REQUEST, "Too many directives";
    /// The operation selects too many fields at its root. Send several requests.
    TooManyRootFields = "TOO_MANY_ROOT_FIELDS", BAD_REQUEST, "Too many root fields";
    /// Filled in wherever they are spread, the fragments make the document too large.
    TooManySelections = "TOO_MANY_SELECTIONS", BAD_REQUEST, "Fragments expand to too much";
    /// Checking which fields may be merged would take too long: fewer fields with arguments, less spreading.
    ValidationTooCostly = "VALIDATION_TOO_COSTLY", BAD_REQUEST, "Validation too costly";
    /// The introspection query walks from type to field to type too often or too deep.
    IntrospectionTooDeep = "INTROSPECTION_TOO_DEEP", BAD_REQUEST, "Introspection too deep";
    /// The introspection query could return too much. The SDL is at `/schema.graphql`.
    IntrospectionTooComplex = "INTROSPECTION_TOO_COMPLEX", BAD_REQUEST, "Introspection too complex";
}

impl ErrorCode {
    /// The code written so, if it is one of the table.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|entry| entry.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ErrorCode;

    #[test]
    fn codes_are_distinct_constants_with_a_sentence_each() {
        let distinct: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(distinct.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!(
                code.as_str()
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c == '_')
            );
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(code.description().ends_with('.'), "{code:?}");
            assert_eq!(ErrorCode::from_code(code.as_str()), Some(*code));
        }
    }
}
