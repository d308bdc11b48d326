//! Several statements as one: what a query reads at the same time is sent to PostgreSQL together.
//!
//! A statement that finds ten rows costs as much to send, to take in and to begin as to execute. So the statements
//! that wait for the connection at the same time are joined, each row as JSON beside the place of the statement that
//! it answers.

use std::fmt::{self, Write as _};

use sea_orm::{DbBackend, Statement, Value, Values};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use crate::{
    PersistenceError,
    row::{Cell, Row, column},
};

/// The most statements that are joined: those of a page, and a bound on how many joined ones are kept prepared.
pub(crate) const MOST: usize = 12;

/// Joins statements whose values are numbered from 1 each.
pub(crate) fn join(statements: &[Statement]) -> Statement {
    let mut text = String::with_capacity(2_048);
    let mut values: Vec<Value> = Vec::new();
    for (place, statement) in statements.iter().enumerate() {
        if place > 0 {
            text.push_str(" UNION ALL ");
        }
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "SELECT {place}::int8 AS place, row_to_json(answer)::text AS cells FROM ("
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
pub(crate) fn part(rows: &[Row], statements: usize) -> Result<Vec<Vec<Row>>, PersistenceError> {
    let mut parts: Vec<Vec<Row>> = (0..statements).map(|_| Vec::new()).collect();
    for row in rows {
        let place: i64 = column(row, 0)?;
        let cells: String = column(row, 1)?;
        let Cells(cells) = serde_json::from_str(&cells)
            .map_err(|error| PersistenceError::stored(format!("row: {error}")))?;
        usize::try_from(place)
            .ok()
            .and_then(|place| parts.get_mut(place))
            .ok_or_else(|| PersistenceError::stored(format!("statement {place}")))?
            .push(Row::Cells(cells));
    }
    Ok(parts)
}

/// The columns of a row, by their order: names may stand twice.
struct Cells(Vec<Cell>);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Cells;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a row")
            }

            fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<Cells, Map::Error> {
                let mut cells = Vec::with_capacity(24);
                while map.next_key::<IgnoredAny>()?.is_some() {
                    cells.push(map.next_value()?);
                }
                Ok(Cells(cells))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
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
            statement("SELECT $1, $2::json", vec![1_i64.into(), "[]".into()]),
            statement("SELECT 1 LIMIT $1", vec![7_i64.into()]),
        ]);
        assert!(
            joined
                .sql
                .contains("FROM (SELECT $1, $2::json) AS answer UNION ALL")
        );
        assert!(joined.sql.ends_with("FROM (SELECT 1 LIMIT $3) AS answer"));
        assert_eq!(joined.values.unwrap().0.len(), 3);
    }

    #[test]
    fn a_row_is_read_by_the_order_of_its_columns() {
        let Cells(cells) =
            serde_json::from_str(r#"{"id":9223372036854775807,"id":null,"text":"a\"b\n"}"#)
                .unwrap();
        assert_eq!(
            cells,
            [
                Cell::Integer(i64::MAX),
                Cell::Null,
                Cell::Text("a\"b\n".to_owned())
            ]
        );
    }
}
