//! The limits' configuration.

use serde::{Deserialize, Serialize};

/// What one GraphQL document may ask for. The limits of the HTTP request around it (body, batch,
/// time) are in [`HttpSettings`](crate::http::HttpSettings).
///
/// Unless said otherwise a limit holds for each operation of a document, chosen or not, with its
/// fragments counted each time they are spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// The document's text, in bytes. Large values belong in variables.
    pub document_bytes: usize,
    /// Lexical tokens of the document (GraphQL specification, section 2.1.6). The usual introspection query has about 300.
    pub tokens: usize,
    /// Levels of brackets in the text, and of selection sets once fragments are filled in. At most 60:
    /// the parser stops at 64.
    pub nesting: usize,
    /// Operations and fragments of the document.
    pub definitions: usize,
    /// Variables that one operation defines.
    pub variables: usize,
    /// Values in the request's variables: each number, string, list, object and so on is one.
    pub variable_values: usize,
    /// Levels of fields.
    pub depth: usize,
    /// Fields that the answer may hold at most. A connection counts its items `first` or `last` times.
    pub complexity: u64,
    /// How many items a list without `first` is taken to have.
    pub list_size: u64,
    /// How many items a connection has when neither `first` nor `last` is given.
    pub default_page_size: u64,
    /// The most items that `first` and `last` count as: what is above is refused by the field itself.
    pub max_page_size: u64,
    /// Fields with an alias.
    pub aliases: usize,
    /// Directives.
    pub directives: usize,
    /// Fields at the operation's root.
    pub root_fields: usize,
    /// Fields, spreads and inline fragments of the whole document, fragments filled in.
    pub selections: usize,
    /// Pairs of fields and arguments that validation may have to compare in the whole document.
    pub merge_checks: usize,
    /// Levels of fields under `__schema` and `__type`.
    pub introspection_depth: usize,
    /// Levels of `fields`, `inputFields`, `interfaces` and `possibleTypes` inside each other, as in graphql-js.
    pub introspection_lists: usize,
    /// Fields that an introspection answer may hold, with lists as long as this schema's are on average.
    pub introspection_complexity: u64,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            document_bytes: 256 * 1024,
            tokens: 5_000,
            nesting: 50,
            definitions: 200,
            variables: 100,
            variable_values: 10_000,
            depth: 15,
            complexity: 100_000,
            list_size: 5,
            default_page_size: 20,
            max_page_size: 100,
            aliases: 100,
            directives: 50,
            root_fields: 50,
            selections: 10_000,
            merge_checks: 50_000,
            introspection_depth: 20,
            introspection_lists: 2,
            introspection_complexity: 250_000,
        }
    }
}
