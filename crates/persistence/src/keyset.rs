//! Keysets: what every page is read with, on either database.
//!
//! A page lies between two positions and is walked to along an index; rows of many parents are walked to in
//! one statement. Nothing is skipped over, and nothing is counted to find a place.

use masthead_domain::paging::{PageRequest, Position};
use sea_orm::DbBackend;

use crate::{PersistenceError, Reader, row::Row, row::column, statement::Sql};

/// The open interval of positions that a page lies in.
pub(crate) struct Between {
    pub(crate) low: Position,
    pub(crate) high: Position,
}

impl Between {
    pub(crate) fn of(page: &PageRequest, descending: bool) -> Self {
        let (low, high) = if descending {
            (page.before, page.after)
        } else {
            (page.after, page.before)
        };
        Self {
            low: low.unwrap_or(Position::MIN),
            high: high.unwrap_or(Position::MAX),
        }
    }

    /// Only what is published by now, which the end of the interval says just as well.
    pub(crate) fn published(mut self, reader: &Reader<'_>) -> Self {
        self.high = self.high.min(Position::end_of(reader.now()));
        self
    }

    /// Only what is still to be published.
    pub(crate) fn scheduled(mut self, reader: &Reader<'_>) -> Self {
        self.low = self.low.max(Position::end_of(reader.now()));
        self
    }
}

/// Parents and the interval asked of each, as the JSON that a statement takes them in.
#[derive(Default)]
pub(crate) struct Parents {
    rows: Vec<[i64; 5]>,
    /// The key that asked for each row.
    places: Vec<usize>,
}

impl Parents {
    pub(crate) fn add(&mut self, place: usize, parent: i64, between: &Between) {
        let Between { low, high } = between;
        self.rows
            .push([parent, high.value, high.id, low.value, low.id]);
        self.places.push(place);
    }

    /// The place of the key that asked for the row with this index.
    pub(crate) fn place(&self, index: i64) -> Option<usize> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.places.get(index))
            .copied()
    }

    /// Appends, to the selected columns of `target`, the index of the asking row and the tables that give
    /// each parent's first or last members, read along the index on `(parent, value, id)` of `table`.
    pub(crate) fn walk(
        &self,
        sql: &mut Sql,
        table: &str,
        (parent, value, id): (&str, &str, &str),
        size: u16,
        from_the_end: bool,
        target: &str,
    ) {
        let target_table = if target == "issue" {
            "magazine_issue AS issue"
        } else {
            target
        };
        let postgres = sql.backend() == DbBackend::Postgres;
        let field = |index: u8| {
            let cast = if postgres { "::int8" } else { "" };
            format!("(asked.value->>{index}){cast}")
        };
        let members = |sql: &mut Sql| {
            sql.text(&format!("SELECT member.{id} AS id FROM {table} AS member"));
            sql.along(&format!("{table}_by_{parent}_{value}_{id}"));
            sql.text(&format!(
                " WHERE member.{parent} = {} \
                 AND (member.{value}, member.{id}) < ({}, {}) AND (member.{value}, member.{id}) > ({}, {})",
                field(0),
                field(1),
                field(2),
                field(3),
                field(4),
            ));
            order_by(
                sql,
                &format!("member.{value}"),
                &format!("member.{id}"),
                !from_the_end,
            );
            sql.text(" LIMIT ").value(i64::from(size) + 1);
        };
        if postgres {
            sql.text(", (asked.ordinality - 1)::int8 FROM json_array_elements(")
                .value(self.json())
                .text("::json) WITH ORDINALITY AS asked(value, ordinality) CROSS JOIN LATERAL (");
            members(sql);
            sql.text(&format!(
                ") AS listed JOIN {target_table} ON {target}.id = listed.id"
            ));
        } else {
            // SQLite has no lateral join; a correlated list of row numbers is walked just as well.
            sql.text(", asked.key FROM json_each(").value(self.json());
            sql.text(&format!(
                ") AS asked CROSS JOIN {target_table} ON {target}.id IN ("
            ));
            members(sql);
            sql.text(")");
        }
    }

    fn json(&self) -> String {
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|[parent, high, high_id, low, low_id]| {
                format!("[{parent},{high},{high_id},{low},{low_id}]")
            })
            .collect();
        format!("[{}]", rows.join(","))
    }
}

/// Appends the condition that a row lies between two positions: row values, which both databases walk to.
pub(crate) fn range(sql: &mut Sql, time: &str, id: &str, between: &Between) {
    for (comparison, position) in [("<", between.high), (">", between.low)] {
        sql.text(&format!(" AND ({time}, {id}) {comparison} ("))
            .value(position.value)
            .text(", ")
            .value(position.id)
            .text(")");
    }
}

pub(crate) fn order_by(sql: &mut Sql, time: &str, id: &str, descending: bool) {
    let direction = if descending { "DESC" } else { "ASC" };
    sql.text(&format!(" ORDER BY {time} {direction}, {id} {direction}"));
}

pub(crate) fn count(row: Option<&Row>) -> Result<u64, PersistenceError> {
    row.map_or(Ok(0), |row| Ok(number(column(row, 0)?)))
}

/// A count, which no database gives below zero.
pub(crate) fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
