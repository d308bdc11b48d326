//! Statements written out, with their values bound, in the dialect of either database.

use sea_orm::{DbBackend, Statement, Value};

/// A statement in the making: text and values grow together, so that no value is ever part of the text.
#[derive(Debug)]
pub(crate) struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
    reads_many: bool,
}

impl Sql {
    pub(crate) fn new(backend: DbBackend, text: &str) -> Self {
        Self {
            backend,
            text: text.to_owned(),
            values: Vec::new(),
            reads_many: false,
        }
    }

    /// Says that it reads many rows, to count them: it takes its time.
    pub(crate) fn counts(&mut self) -> &mut Self {
        self.reads_many = true;
        self
    }

    pub(crate) fn reads_many(&self) -> bool {
        self.reads_many
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder for this value.
    pub(crate) fn value(&mut self, value: impl Into<Value>) -> &mut Self {
        use std::fmt::Write as _;

        let mut value = value.into();
        if let Value::String(Some(text)) = &mut value
            && text.contains('\0')
        {
            // PostgreSQL takes no text with a zero in it, so none is stored and none is equal to it. What
            // stands for one is equal to nothing either.
            *text = text.replace('\0', "\u{FFFD}");
        }
        self.values.push(value);
        if self.backend == DbBackend::Postgres {
            // Writing to a string does not fail.
            let _ = write!(self.text, "${}", self.values.len());
        } else {
            self.text.push('?');
        }
        self
    }

    /// Appends, after a table, along which of its indexes SQLite walks. Once a database has been analysed,
    /// SQLite takes an index on few values for a better start than the one that is in the list's order,
    /// and sorts; PostgreSQL weighs the order too, and has no such words.
    pub(crate) fn along(&mut self, index: &str) -> &mut Self {
        if self.backend == DbBackend::Sqlite {
            self.text(" INDEXED BY ").text(index);
        }
        self
    }

    /// Appends the rows of a list of numbers as a table `wanted` with a column `value`, to be joined with
    /// the table and the condition that follow.
    ///
    /// The text is the same for any length, so the database prepares it once.
    pub(crate) fn each_wanted(&mut self, numbers: impl IntoIterator<Item = i64>) -> &mut Self {
        let json = json_array(numbers);
        if self.backend == DbBackend::Postgres {
            self.text("(SELECT value::int8 AS value FROM json_array_elements_text(")
                .value(json)
                .text("::json) AS element(value)) AS wanted JOIN ")
        } else {
            // SQLite takes a cross join in the order in which it is written.
            self.text("json_each(")
                .value(json)
                .text(") AS wanted CROSS JOIN ")
        }
    }

    /// Appends the condition that an expression is one of these numbers. The text is the same for any length.
    pub(crate) fn among(
        &mut self,
        expression: &str,
        numbers: impl IntoIterator<Item = i64>,
    ) -> &mut Self {
        let json = json_array(numbers);
        self.text(expression);
        if self.backend == DbBackend::Postgres {
            self.text(" = ANY(ARRAY(SELECT element.value::int8 FROM json_array_elements_text(")
                .value(json)
                .text("::json) AS element(value)))")
        } else {
            self.text(" IN (SELECT value FROM json_each(")
                .value(json)
                .text("))")
        }
    }

    /// Appends a join that is made in the order in which it is written: SQLite would begin with the smaller
    /// table, and sort.
    pub(crate) fn then_join(&mut self, table_and_condition: &str) -> &mut Self {
        let join = if self.backend == DbBackend::Sqlite {
            " CROSS JOIN "
        } else {
            " JOIN "
        };
        self.text(join).text(table_and_condition)
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
