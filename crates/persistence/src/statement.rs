//! Statements written out, with their values bound, in the dialect of either database.

use sea_orm::{DbBackend, Statement, Value};

/// A statement in the making: text and values grow together, so that no value is ever part of the text.
#[derive(Debug)]
pub(crate) struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(backend: DbBackend, text: &str) -> Self {
        Self {
            backend,
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder for this value.
    pub(crate) fn value(&mut self, value: impl Into<Value>) -> &mut Self {
        use std::fmt::Write as _;

        self.values.push(value.into());
        if self.backend == DbBackend::Postgres {
            // Writing to a string does not fail.
            let _ = write!(self.text, "${}", self.values.len());
        } else {
            self.text.push('?');
        }
        self
    }

    /// Appends what stands for the rows of a list of numbers, as a table `alias` with a column `value`.
    ///
    /// The text is the same for any length, so the database prepares it once.
    pub(crate) fn numbers(
        &mut self,
        numbers: impl IntoIterator<Item = i64>,
        alias: &str,
    ) -> &mut Self {
        let json = json_array(numbers);
        if self.backend == DbBackend::Postgres {
            self.text("(SELECT value::int8 AS value FROM json_array_elements_text(")
                .value(json)
                .text("::json) AS element(value)) AS ")
                .text(alias)
        } else {
            self.text("json_each(")
                .value(json)
                .text(") AS ")
                .text(alias)
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    pub(crate) fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}

/// Numbers as a JSON array.
fn json_array(numbers: impl IntoIterator<Item = i64>) -> String {
    let mut json = String::from("[");
    for number in numbers {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&number.to_string());
    }
    json.push(']');
    json
}
