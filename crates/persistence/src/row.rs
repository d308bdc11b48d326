//! Rows as they come back, whichever way they were read.

use sea_orm::{QueryResult, TryGetable};

use crate::{PersistenceError, record::Record};

/// A row of a statement's result.
#[derive(Debug)]
pub(crate) enum Row {
    /// Read through SeaORM.
    Orm(QueryResult),
    /// Its columns: read from a SQLite file.
    Cells(Vec<Cell>),
    /// A record of PostgreSQL's.
    Record(Record),
}

/// A column of a row. No column of this schema holds anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

/// A column of a row, where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellIn<'row> {
    Null,
    Integer(i64),
    Text(&'row str),
}

impl Cell {
    fn as_it_stands(&self) -> CellIn<'_> {
        match self {
            Self::Null => CellIn::Null,
            Self::Integer(number) => CellIn::Integer(*number),
            Self::Text(text) => CellIn::Text(text),
        }
    }
}

/// What a column can be read as.
pub(crate) trait Readable: Sized + TryGetable {
    /// The value, unless the cell holds something else.
    fn of(cell: CellIn<'_>) -> Option<Self>;
}

impl Readable for i64 {
    fn of(cell: CellIn<'_>) -> Option<Self> {
        match cell {
            CellIn::Integer(number) => Some(number),
            CellIn::Null | CellIn::Text(_) => None,
        }
    }
}

impl Readable for String {
    fn of(cell: CellIn<'_>) -> Option<Self> {
        match cell {
            CellIn::Text(text) => Some(text.to_owned()),
            CellIn::Null | CellIn::Integer(_) => None,
        }
    }
}

impl<Value: Readable> Readable for Option<Value>
where
    Self: TryGetable,
{
    fn of(cell: CellIn<'_>) -> Option<Self> {
        match cell {
            CellIn::Null => Some(None),
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
    let cell = match row {
        Row::Orm(row) => {
            return row
                .try_get_by_index(index)
                .map_err(PersistenceError::Database);
        }
        Row::Cells(cells) => cells.get(index).map(Cell::as_it_stands),
        Row::Record(record) => Some(record.cell(index)?),
    };
    cell.and_then(Value::of)
        .ok_or_else(|| PersistenceError::stored(format!("column {index}: {cell:?}")))
}

/// The rows in a column, which was selected as an array of records. Only PostgreSQL has such.
pub(crate) fn rows(row: &Row, index: usize) -> Result<Vec<Row>, PersistenceError> {
    match row {
        Row::Record(record) => Ok(record
            .records(index)?
            .into_iter()
            .map(Row::Record)
            .collect()),
        Row::Orm(_) | Row::Cells(_) => Err(PersistenceError::stored(format!("column {index}"))),
    }
}

/// The numbers in a column, which was selected as an array of them; none where there is no array. Only PostgreSQL has
/// such.
pub(crate) fn numbers(row: &Row, index: usize) -> Result<Vec<i64>, PersistenceError> {
    match row {
        Row::Record(record) => record.numbers(index),
        Row::Orm(_) | Row::Cells(_) => Err(PersistenceError::stored(format!("column {index}"))),
    }
}
