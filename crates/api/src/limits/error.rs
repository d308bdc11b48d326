//! Why a document is refused before it is validated and executed.

use async_graphql::{Pos, ServerError, parser};
use thiserror::Error;

use crate::error_code::ErrorCode;

/// One of the limits, with what to say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `document_bytes`
    DocumentBytes,
    /// `tokens`
    Tokens,
    /// The bytes of a name, a constant.
    NameBytes,
    /// `nesting`
    Nesting,
    /// `definitions`
    Definitions,
    /// `variables`
    Variables,
    /// `variable_values`
    VariableValues,
    /// `depth`
    Depth,
    /// `complexity`
    Complexity,
    /// `aliases`
    Aliases,
    /// `directives`
    Directives,
    /// `root_fields`
    RootFields,
    /// `selections`
    Selections,
    /// `merge_checks`
    MergeChecks,
    /// `introspection_depth`
    IntrospectionDepth,
    /// `introspection_lists`
    IntrospectionLists,
    /// `introspection_complexity`
    IntrospectionComplexity,
}

impl Limit {
    /// The code that its refusal carries.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::DocumentBytes => ErrorCode::DocumentTooLarge,
            Self::Tokens => ErrorCode::TooManyTokens,
            Self::NameBytes => ErrorCode::NameTooLong,
            Self::Nesting => ErrorCode::NestingTooDeep,
            Self::Definitions => ErrorCode::TooManyDefinitions,
            Self::Variables => ErrorCode::TooManyVariables,
            Self::VariableValues => ErrorCode::VariablesTooLarge,
            Self::Depth => ErrorCode::QueryTooDeep,
            Self::Complexity => ErrorCode::QueryTooComplex,
            Self::Aliases => ErrorCode::TooManyAliases,
            Self::Directives => ErrorCode::TooManyDirectives,
            Self::RootFields => ErrorCode::TooManyRootFields,
            Self::Selections => ErrorCode::TooManySelections,
            Self::MergeChecks => ErrorCode::ValidationTooCostly,
            Self::IntrospectionDepth | Self::IntrospectionLists => ErrorCode::IntrospectionTooDeep,
            Self::IntrospectionComplexity => ErrorCode::IntrospectionTooComplex,
        }
    }

    const fn subject(self) -> &'static str {
        match self {
            Self::DocumentBytes => "bytes in the document",
            Self::Tokens => "tokens in the document",
            Self::NameBytes => "bytes in a name",
            Self::Nesting => "levels of nesting, fragments filled in",
            Self::Definitions => "operations and fragments",
            Self::Variables => "variables in an operation",
            Self::VariableValues => "values in the variables",
            Self::Depth => "levels of fields",
            Self::Complexity => "fields that the answer may hold",
            Self::Aliases => "aliases, fragments filled in",
            Self::Directives => "directives, fragments filled in",
            Self::RootFields => "fields at the root",
            Self::Selections => "selections, fragments filled in",
            Self::MergeChecks => "comparisons to validate the document",
            Self::IntrospectionDepth => "levels of fields in introspection",
            Self::IntrospectionLists => {
                "levels of fields, inputFields, interfaces and possibleTypes in introspection"
            }
            Self::IntrospectionComplexity => "fields that the introspection may return",
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::DocumentBytes => "Pass large values as variables.",
            Self::Tokens | Self::Definitions => "Send only the operation and fragments needed.",
            Self::NameBytes => "Use shorter names.",
            Self::Nesting | Self::Depth => "Select fewer levels, or ask in two steps.",
            Self::Variables => "Gather values in input objects, or split the operation.",
            Self::VariableValues => "Send long lists in parts.",
            Self::Complexity => "Ask for smaller pages or for fewer fields in long lists.",
            Self::Aliases | Self::RootFields => "Send several requests.",
            Self::Directives => "Leave fields out of the document instead of skipping them.",
            Self::Selections | Self::MergeChecks => "Spread large fragments in fewer places.",
            Self::IntrospectionDepth | Self::IntrospectionLists | Self::IntrospectionComplexity => {
                "Use the usual introspection query, or read the SDL at /schema.graphql."
            }
        }
    }
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LimitError {
    /// A limit is exceeded.
    #[error(
        "{found} {}{}, but at most {allowed} are allowed. {}",
        limit.subject(), place(*at), limit.remedy()
    )]
    Exceeded {
        /// Which.
        limit: Limit,
        /// What the configuration allows.
        allowed: u64,
        /// What was found. Counting may stop at the first that is too many.
        found: u64,
        /// Where it is exceeded.
        at: Option<Pos>,
    },
    /// The text is not a GraphQL document.
    #[error("Syntax error{}: {message}", place(*at))]
    Syntax {
        /// What the parser expected.
        message: String,
        /// Where.
        at: Option<Pos>,
    },
    /// The document holds no operation.
    #[error("The document holds no operation, so there is nothing to execute.")]
    NoOperation,
    /// The document breaks a rule of GraphQL that has to hold before it can be measured.
    #[error("{message}")]
    Invalid {
        /// Which rule.
        message: String,
        /// Where it is broken.
        locations: Vec<Pos>,
    },
}

fn place(at: Option<Pos>) -> String {
    at.map_or_else(String::new, |at| {
        format!(" at line {}, column {}", at.line, at.column)
    })
}

impl LimitError {
    /// Its stable code.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Exceeded { limit, .. } => limit.code(),
            Self::Syntax { .. } => ErrorCode::GraphqlParseFailed,
            Self::NoOperation => ErrorCode::OperationResolutionFailure,
            Self::Invalid { .. } => ErrorCode::GraphqlValidationFailed,
        }
    }

    /// The places in the document that it is about.
    pub fn locations(&self) -> Vec<Pos> {
        match self {
            Self::Exceeded { at, .. } | Self::Syntax { at, .. } => at.iter().copied().collect(),
            Self::NoOperation => Vec::new(),
            Self::Invalid { locations, .. } => locations.clone(),
        }
    }

    pub(crate) fn exceeded(
        limit: Limit,
        allowed: impl TryInto<u64>,
        found: impl TryInto<u64>,
        at: Option<Pos>,
    ) -> Self {
        Self::Exceeded {
            limit,
            allowed: allowed.try_into().unwrap_or(u64::MAX),
            found: found.try_into().unwrap_or(u64::MAX),
            at,
        }
    }
}

impl From<&LimitError> for ServerError {
    fn from(error: &LimitError) -> Self {
        let mut server_error = Self::new(error.to_string(), None);
        server_error.locations = error.locations();
        server_error
            .extensions
            .get_or_insert_default()
            .set("code", error.code().as_str());
        server_error
    }
}

impl From<parser::Error> for LimitError {
    fn from(error: parser::Error) -> Self {
        let locations: Vec<Pos> = error.positions().collect();
        match error {
            // The parser's message draws the source line, which may be long: keep its last line only.
            parser::Error::Syntax { message, start, .. } => Self::Syntax {
                message: message
                    .lines()
                    .last()
                    .map(|line| line.trim_start_matches([' ', '=']).to_owned())
                    .unwrap_or_default(),
                at: Some(start),
            },
            parser::Error::MissingOperation => Self::NoOperation,
            parser::Error::MultipleOperations { .. } => Self::Invalid {
                message: "An operation without a name must be the document's only one.".to_owned(),
                locations,
            },
            parser::Error::OperationDuplicated { operation, .. } => Self::Invalid {
                message: format!("There are two operations with the name \"{operation}\"."),
                locations,
            },
            parser::Error::FragmentDuplicated { fragment, .. } => Self::Invalid {
                message: format!("There are two fragments with the name \"{fragment}\"."),
                locations,
            },
            other => Self::Syntax {
                message: other.to_string(),
                at: locations.first().copied(),
            },
        }
    }
}
