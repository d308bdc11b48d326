//! Several statements as one: what a query reads at the same time is sent to PostgreSQL together.
//!
//! A statement that finds ten rows costs as much to send, to take in and to begin as to execute. So the statements
//! that wait for the connection at the same time are joined, each row as a record beside the place of the statement that
//! it answers: rows of a union are all of one type, and a record may have any columns.

use std::fmt::Write as _;

use bytes::Bytes;
use sea_orm::{DbBackend, Statement, Value, Values};
use sqlx::{Row as _, postgres::PgRow};

use crate::{PersistenceError, record::Record, row::Row};

/// The most statements that are joined: those of a page, and a bound on how many joined ones are kept prepared.
pub(crate) const MOST: usize = 12;

/// Joins statements whose values are numbered from 1 each.
pub(crate) fn join(statements: &[&Statement]) -> Statement {
    let mut text = String::with_capacity(2_048);
    let mut values: Vec<Value> = Vec::new();
    for (place, statement) in statements.iter().enumerate() {
        if place > 0 {
            text.push_str(" UNION ALL ");
        }
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "SELECT {place}::int8 AS place, answer AS cells FROM ("
        );
        renumber(&statement.sql, values.len(), &mut text);
        text.push_str(") AS answer");
        if let Some(Values(own)) = &statement.values {
            values.extend_from_slice(own);
        }
    }
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// Appends a statement with its placeholders moved on by so many. Nothing else in a statement has a `$`.
fn renumber(sql: &str, by: usize, text: &mut String) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        let number = number.parse::<usize>().unwrap_or_default() + by;
        let _ = write!(text, "${number}");
        text.push_str(rest);
    }
}

/// The rows of each of the joined statements, in its order.
pub(crate) fn part(rows: &[PgRow], statements: usize) -> Result<Vec<Vec<Row>>, PersistenceError> {
    let unreadable = |error: sqlx::Error| PersistenceError::stored(format!("row: {error}"));
    let mut parts: Vec<Vec<Row>> = (0..statements).map(|_| Vec::new()).collect();
    for row in rows {
        let place: i64 = row.try_get(0).map_err(unreadable)?;
        let cells = row.try_get_raw(1).map_err(unreadable)?;
        let cells = cells
            .as_bytes()
            .map_err(|error| PersistenceError::stored(error.to_string()))?;
        usize::try_from(place)
            .ok()
            .and_then(|place| parts.get_mut(place))
            .ok_or_else(|| PersistenceError::stored(format!("statement {place}")))?
            .push(Row::Record(Record::read(Bytes::copy_from_slice(cells))?));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn statement(sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
    }

    #[test]
    fn placeholders_go_on_from_one_statement_to_the_next() {
        let joined = join(&[
            &statement("SELECT $1, $2::json", vec![1_i64.into(), "[]".into()]),
            &statement("SELECT 1 LIMIT $1", vec![7_i64.into()]),
        ]);
        assert!(
            joined
                .sql
                .contains("FROM (SELECT $1, $2::json) AS answer UNION ALL")
        );
        assert!(joined.sql.ends_with("FROM (SELECT 1 LIMIT $3) AS answer"));
        assert_eq!(joined.values.unwrap().0.len(), 3);
    }
}
