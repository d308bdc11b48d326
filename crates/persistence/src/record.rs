//! Records as PostgreSQL sends them: rows of any columns, each value with its type, and arrays of such rows.
//!
//! PostgreSQL writes no text and this reads none: a number is eight bytes, a text its own
//! (`record_send` and `array_send` in PostgreSQL's source; the documentation of the binary format is there).

use std::ops::Range;

use bytes::Bytes;

use crate::{PersistenceError, row::CellIn};

/// PostgreSQL's numbers of types: `int8`, `int4`, `text`, `varchar`.
const INT8: u32 = 20;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const VARCHAR: u32 = 1043;

/// A row, as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    bytes: Bytes,
    fields: Vec<Field>,
}

/// The type of a field, and where its value stands; nowhere where there is none.
#[derive(Clone, Debug)]
struct Field {
    kind: u32,
    place: Option<Range<usize>>,
}

impl Record {
    /// Finds the fields of a record.
    pub(crate) fn read(bytes: Bytes) -> Result<Self, PersistenceError> {
        let mut reading = Reading {
            bytes: &bytes,
            at: 0,
        };
        let count = reading.count()?;
        let mut fields = Vec::with_capacity(count.min(bytes.len()));
        for _ in 0..count {
            fields.push(Field {
                kind: reading.number()?,
                place: reading.value()?,
            });
        }
        Ok(Self { bytes, fields })
    }

    /// The value of a field, counted from 0.
    pub(crate) fn cell(&self, index: usize) -> Result<CellIn<'_>, PersistenceError> {
        let field = self.field(index)?;
        let Some(value) = self.value(field) else {
            return Ok(CellIn::Null);
        };
        let cell = match field.kind {
            INT8 => value
                .try_into()
                .ok()
                .map(i64::from_be_bytes)
                .map(CellIn::Integer),
            INT4 => value
                .try_into()
                .ok()
                .map(|bytes| CellIn::Integer(i32::from_be_bytes(bytes).into())),
            TEXT | VARCHAR => std::str::from_utf8(value).ok().map(CellIn::Text),
            _ => None,
        };
        cell.ok_or_else(|| PersistenceError::stored(format!("field of type {}", field.kind)))
    }

    /// The records in a field that holds an array of them.
    pub(crate) fn records(&self, index: usize) -> Result<Vec<Self>, PersistenceError> {
        self.elements(index)?
            .into_iter()
            .map(|place| Self::read(self.bytes.slice(place)))
            .collect()
    }

    /// The numbers in a field that holds an array of them.
    pub(crate) fn numbers(&self, index: usize) -> Result<Vec<i64>, PersistenceError> {
        self.elements(index)?
            .into_iter()
            .map(|place| {
                let number = self
                    .bytes
                    .get(place)
                    .and_then(|bytes| bytes.try_into().ok());
                number.map(i64::from_be_bytes).ok_or_else(malformed)
            })
            .collect()
    }

    /// Where the elements of a field stand that holds an array without nulls.
    fn elements(&self, index: usize) -> Result<Vec<Range<usize>>, PersistenceError> {
        let Some(Range { start, end }) = self.field(index)?.place.clone() else {
            return Ok(Vec::new());
        };
        let mut reading = Reading {
            bytes: self.bytes.get(..end).ok_or_else(malformed)?,
            at: start,
        };
        let dimensions = reading.count()?;
        let (_has_nulls, _kind) = (reading.number()?, reading.number()?);
        if dimensions == 0 {
            return Ok(Vec::new());
        }
        if dimensions != 1 {
            return Err(malformed());
        }
        let (count, _lower_bound) = (reading.count()?, reading.number()?);
        // Each takes four bytes at least.
        let mut elements = Vec::with_capacity(count.min((end - start) / 4));
        for _ in 0..count {
            elements.push(reading.value()?.ok_or_else(malformed)?);
        }
        Ok(elements)
    }

    fn field(&self, index: usize) -> Result<&Field, PersistenceError> {
        self.fields.get(index).ok_or_else(malformed)
    }

    fn value(&self, field: &Field) -> Option<&[u8]> {
        self.bytes.get(field.place.clone()?)
    }
}

/// What is read from its start on.
struct Reading<'bytes> {
    bytes: &'bytes [u8],
    at: usize,
}

impl Reading<'_> {
    /// The next four bytes.
    fn number(&mut self) -> Result<u32, PersistenceError> {
        let bytes = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        let number = u32::from_be_bytes(*bytes.ok_or_else(malformed)?);
        self.at += 4;
        Ok(number)
    }

    /// How many come.
    fn count(&mut self) -> Result<usize, PersistenceError> {
        usize::try_from(self.number()?).map_err(|_| malformed())
    }

    /// A length, and where so many bytes stand; nowhere for a null, whose length is minus one.
    fn value(&mut self) -> Result<Option<Range<usize>>, PersistenceError> {
        let length = self.number()?;
        if length == u32::MAX {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| malformed())?;
        let end = self.at.checked_add(length).ok_or_else(malformed)?;
        if end > self.bytes.len() {
            return Err(malformed());
        }
        let place = self.at..end;
        self.at = end;
        Ok(Some(place))
    }
}

fn malformed() -> PersistenceError {
    PersistenceError::stored("a record that is cut short")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn field(kind: u32, value: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        match value {
            Some(value) => {
                bytes.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
                bytes.extend(value);
            }
            None => bytes.extend(u32::MAX.to_be_bytes()),
        }
        bytes
    }

    fn record(fields: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(fields.len()).unwrap().to_be_bytes();
        [count.to_vec(), fields.concat()].concat()
    }

    #[test]
    fn a_record_is_read_by_the_order_of_its_fields() {
        let inner = record(&[field(INT4, Some(&7_i32.to_be_bytes()))]);
        let length = u32::try_from(inner.len()).unwrap();
        let header = [1_u32, 0, 2249, 1, 1, length];
        let array = [header.map(u32::to_be_bytes).concat(), inner].concat();
        let nothing = [0_u32, 0, 2249].map(u32::to_be_bytes).concat();
        let numbers = [
            [1_u32, 0, INT8, 2, 1, 8].map(u32::to_be_bytes).concat(),
            3_i64.to_be_bytes().to_vec(),
            8_u32.to_be_bytes().to_vec(),
            i64::MIN.to_be_bytes().to_vec(),
        ]
        .concat();
        let read = Record::read(
            record(&[
                field(INT8, Some(&i64::MAX.to_be_bytes())),
                field(TEXT, None),
                field(TEXT, Some("a\"b\n".as_bytes())),
                field(2287, Some(&array)),
                field(2287, Some(&nothing)),
                field(1016, Some(&numbers)),
            ])
            .into(),
        )
        .unwrap();
        assert_eq!(read.cell(0).unwrap(), CellIn::Integer(i64::MAX));
        assert_eq!(read.cell(1).unwrap(), CellIn::Null);
        assert_eq!(read.cell(2).unwrap(), CellIn::Text("a\"b\n"));
        let inner = read.records(3).unwrap();
        assert_eq!(inner.len(), 1);
        assert_eq!(inner[0].cell(0).unwrap(), CellIn::Integer(7));
        assert!(read.records(4).unwrap().is_empty());
        assert_eq!(read.numbers(5).unwrap(), [3, i64::MIN]);
        assert!(read.numbers(1).unwrap().is_empty());
        assert!(read.numbers(3).is_err());
        assert!(read.cell(6).is_err());
    }

    /// Whatever is cut off, nothing panics.
    #[test]
    fn a_record_that_is_cut_short_is_refused() {
        let whole = record(&[
            field(INT8, Some(&1_i64.to_be_bytes())),
            field(TEXT, Some(b"text")),
        ]);
        for length in 0..whole.len() {
            assert!(Record::read(whole[..length].to_vec().into()).is_err());
        }
    }
}
