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
    /// Of rows that are asked of several parents together, all of these.
    together: Vec<Vec<i64>>,
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

    /// Asks for the members of several parents as of one. Only what [`Parents::walk_together`] reads is added so.
    pub(crate) fn add_together(&mut self, place: usize, parents: &[i64], between: &Between) {
        self.add(place, 0, between);
        self.together.push(parents.to_vec());
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

    /// The same on PostgreSQL of what was asked of several parents together: each parent's first or last members,
    /// and of all these the first or last, each once. Whatever hangs on the others need not be read.
    pub(crate) fn walk_together(
        &self,
        sql: &mut Sql,
        table: &str,
        (parent, value, id): (&str, &str, &str),
        size: u16,
        from_the_end: bool,
        target: &str,
    ) {
        let limit = i64::from(size) + 1;
        sql.text(", (asked.ordinality - 1)::int8 FROM json_array_elements(")
            .value(self.json())
            .text(&format!(
                "::json) WITH ORDINALITY AS asked(value, ordinality) CROSS JOIN LATERAL (\
                 SELECT DISTINCT walked.value, walked.id \
                 FROM json_array_elements_text(asked.value->0) AS parent(number) CROSS JOIN LATERAL (\
                 SELECT member.{value} AS value, member.{id} AS id FROM {table} AS member \
                 WHERE member.{parent} = parent.number::int8 \
                 AND (member.{value}, member.{id}) < ((asked.value->>1)::int8, (asked.value->>2)::int8) \
                 AND (member.{value}, member.{id}) > ((asked.value->>3)::int8, (asked.value->>4)::int8)"
            ));
        let (value, id) = (format!("member.{value}"), format!("member.{id}"));
        order_by(sql, &value, &id, !from_the_end);
        sql.text(" LIMIT ").value(limit).text(") AS walked");
        order_by(sql, "walked.value", "walked.id", !from_the_end);
        sql.text(" LIMIT ").value(limit).text(&format!(
            ") AS listed JOIN {target} ON {target}.id = listed.id"
        ));
    }

    fn json(&self) -> String {
        let row = |(place, [parent, high, high_id, low, low_id]): (usize, &[i64; 5])| {
            let parent = match self.together.get(place) {
                Some(parents) => {
                    let parents: Vec<String> = parents.iter().map(i64::to_string).collect();
                    format!("[{}]", parents.join(","))
                }
                None => parent.to_string(),
            };
            format!("[{parent},{high},{high_id},{low},{low_id}]")
        };
        let rows: Vec<String> = self.rows.iter().enumerate().map(row).collect();
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
