//! Rows as they come back, whichever way they were read.

use sea_orm::{QueryResult, TryGetable};
use serde::Deserialize;

use crate::PersistenceError;

/// A row of a statement's result.
#[derive(Debug)]
pub(crate) enum Row {
    /// Read through SeaORM, or from PostgreSQL.
    Orm(QueryResult),
    /// Its columns: read from a SQLite file directly, or with other rows in one.
    Cells(Vec<Cell>),
}

/// A column of a row. No column of this schema holds anything else.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

/// What a column can be read as.
pub(crate) trait Readable: Sized + TryGetable {
    /// The value, unless the cell holds something else.
    fn of(cell: &Cell) -> Option<Self>;
}

impl Readable for i64 {
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Integer(number) => Some(*number),
            Cell::Null | Cell::Text(_) => None,
        }
    }
}

impl Readable for String {
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.clone()),
            Cell::Null | Cell::Integer(_) => None,
        }
    }
}

impl<Value: Readable> Readable for Option<Value>
where
    Self: TryGetable,
{
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => Value::of(cell).map(Some),
        }
    }
}

/// The text in a column, counted from 0, taken out of it.
pub(crate) fn take_text(row: &mut Row, index: usize) -> Result<Option<String>, PersistenceError> {
    if let Row::Cells(cells) = row
        && let Some(cell) = cells.get_mut(index)
        && matches!(cell, Cell::Text(_))
        && let Cell::Text(text) = std::mem::replace(cell, Cell::Null)
    {
        return Ok(Some(text));
    }
    column(row, index)
}

/// The value in a column, counted from 0.
pub(crate) fn column<Value: Readable>(row: &Row, index: usize) -> Result<Value, PersistenceError> {
    match row {
        Row::Orm(row) => row
            .try_get_by_index(index)
            .map_err(PersistenceError::Database),
        Row::Cells(cells) => cells.get(index).and_then(Value::of).ok_or_else(|| {
            PersistenceError::stored(format!("column {index}: {:?}", cells.get(index)))
        }),
    }
}
