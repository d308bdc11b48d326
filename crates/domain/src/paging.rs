//! How every list is cut into pages: a keyset on a position that the cursor carries whole.
//!
//! A position is the value that the list is ordered by together with the identity that breaks ties.
//! A page is asked for between positions, never by a number of rows to skip and never through the
//! row that a cursor was made from, so rows may come, go or be dated anew while a client reads on.

use chrono::{DateTime, Utc};

/// Where something stands in a list ordered by time or date, then by identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// What the list is ordered by: Unix milliseconds, or days since 1970-01-01 for cover dates.
    pub value: i64,
    /// The identity's number, for those with equal values.
    pub id: i64,
}

impl Position {
    /// Before every position there is.
    pub const MIN: Self = Self {
        value: -(1 << 62),
        id: -1,
    };
    /// After every position there is.
    pub const MAX: Self = Self {
        value: 1 << 62,
        id: i64::MAX,
    };

    /// The last position of an instant.
    pub fn end_of(instant: DateTime<Utc>) -> Self {
        Self {
            value: instant.timestamp_millis(),
            id: i64::MAX,
        }
    }
}

/// Which end of a list a page is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The first rows, in the list's order.
    First,
    /// The last rows, in the list's order.
    Last,
}

/// A page as it is asked for: so many rows from one end of what lies between two positions,
/// both themselves left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest<Key = Position> {
    /// How many rows at most.
    pub size: u16,
    /// From which end they are counted.
    pub end: End,
    /// Only what comes after this in the list's order.
    pub after: Option<Key>,
    /// Only what comes before this in the list's order.
    pub before: Option<Key>,
}

/// The most rows that a page may have.
pub const LARGEST_PAGE: u16 = 100;
/// How many rows a page has when nobody says.
pub const DEFAULT_PAGE: u16 = 20;

impl<Key> PageRequest<Key> {
    /// The first rows of a list.
    pub const fn first(size: u16) -> Self {
        Self {
            size,
            end: End::First,
            after: None,
            before: None,
        }
    }

    /// Cuts a page out of rows that were read in the list's order with one row more than asked for.
    pub fn cut<Row>(&self, mut rows: Vec<Row>) -> Page<Row> {
        let size = usize::from(self.size);
        let beyond = match (self.end, rows.len().checked_sub(size)) {
            (_, None | Some(0)) => None,
            (End::First, Some(_)) => rows.drain(size..).next(),
            (End::Last, Some(spare)) => rows.drain(..spare).next_back(),
        };
        Page { rows, beyond }
    }
}

/// A page's rows in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<Row> {
    /// The rows.
    pub rows: Vec<Row>,
    /// The next row beyond the end that was counted towards, within the asked range; none if none lies there.
    pub beyond: Option<Row>,
}

impl<Row> Page<Row> {
    /// The same page of something else.
    pub fn map<Other>(self, mut change: impl FnMut(Row) -> Other) -> Page<Other> {
        Page {
            rows: self.rows.into_iter().map(&mut change).collect(),
            beyond: self.beyond.map(change),
        }
    }

    /// Whether more rows lie beyond the end that was counted towards.
    pub const fn more(&self) -> bool {
        self.beyond.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_at_the_end_it_is_counted_towards() {
        let request = PageRequest::<Position>::first(2);
        assert_eq!(
            request.cut(vec![1, 2, 3]),
            Page {
                rows: vec![1, 2],
                beyond: Some(3)
            }
        );
        assert_eq!(
            request.cut(vec![1, 2]),
            Page {
                rows: vec![1, 2],
                beyond: None
            }
        );
        let last = PageRequest {
            end: End::Last,
            ..request
        };
        assert_eq!(
            last.cut(vec![1, 2, 3]),
            Page {
                rows: vec![2, 3],
                beyond: Some(1)
            }
        );
        assert_eq!(
            last.cut(vec![1]),
            Page {
                rows: vec![1],
                beyond: None
            }
        );
    }
}
