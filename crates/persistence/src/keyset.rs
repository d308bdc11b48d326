//! Keysets: what every page is read with, on either database.
//!
//! A page lies between two positions and is walked to along an index; rows of many parents are walked to in
//! one statement. Nothing is skipped over, and nothing is counted to find a place.

use std::sync::Arc;

use masthead_domain::{
    paging::{PageRequest, Position},
    partner::AllowedSections,
};
use sea_orm::DbBackend;

use crate::{PersistenceError, Reader, reader::within, row::Row, row::column, statement::Sql};

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
    rows: Vec<Asked>,
    /// The key that asked for each row.
    places: Vec<usize>,
    /// Of members that are articles: the sections that they have to stand in.
    sections: Option<Arc<AllowedSections>>,
}

/// Whose members are asked for, and between which positions.
struct Asked {
    /// One parent, or several whose members are asked for as of one.
    parents: Vec<i64>,
    between: [i64; 4],
}

impl Parents {
    /// Of members that are articles: those that this reader's audience is told of.
    pub(crate) fn of_articles(reader: &Reader<'_>) -> Self {
        Self {
            sections: reader.audience().sections().cloned(),
            ..Self::default()
        }
    }

    /// Asks for the members of a parent, or of several as of one: each once. All that are read in one statement are of
    /// the same kind; several as of one are read by PostgreSQL alone.
    pub(crate) fn add(&mut self, place: usize, parents: &[i64], between: &Between) {
        let Between { low, high } = between;
        self.rows.push(Asked {
            parents: parents.to_vec(),
            between: [high.value, high.id, low.value, low.id],
        });
        self.places.push(place);
    }

    /// The place of the key that asked for the row with this index.
    pub(crate) fn place(&self, index: i64) -> Option<usize> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.places.get(index))
            .copied()
    }

    fn are_several(&self) -> bool {
        self.rows.iter().any(|asked| asked.parents.len() > 1)
    }

    /// Appends, to the selected columns of `target`, the index of the asking row and the tables that give
    /// each parent's first or last members, read along the index on `(parent, value, id)` of `table`; of several
    /// parents together the first or last of all of theirs, so that what hangs on the others need not be read.
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
        let several = self.are_several();
        let limit = i64::from(size) + 1;
        let field = |index: u8| {
            let cast = if postgres { "::int8" } else { "" };
            format!("(asked.value->>{index}){cast}")
        };
        let members = |sql: &mut Sql| {
            sql.text(&format!("SELECT member.{id} AS id"));
            if several {
                sql.text(&format!(", member.{value} AS value"));
            }
            sql.text(&format!(" FROM {table} AS member"));
            sql.along(&format!("{table}_by_{parent}_{value}_{id}"));
            let asked_parent = if several {
                "parent.number::int8".to_owned()
            } else {
                field(0)
            };
            sql.text(&format!(
                " WHERE member.{parent} = {asked_parent} \
                 AND (member.{value}, member.{id}) < ({}, {}) AND (member.{value}, member.{id}) > ({}, {})",
                field(1),
                field(2),
                field(3),
                field(4),
            ));
            if let Some(sections) = &self.sections {
                within(sql, sections, "member", id);
            }
            let (value, id) = (format!("member.{value}"), format!("member.{id}"));
            order_by(sql, &value, &id, !from_the_end);
            sql.text(" LIMIT ").value(limit);
        };
        if postgres {
            sql.text(", (asked.ordinality - 1)::int8 FROM json_array_elements(")
                .value(self.json())
                .text("::json) WITH ORDINALITY AS asked(value, ordinality) CROSS JOIN LATERAL (");
            if several {
                sql.text(
                    "SELECT DISTINCT walked.value, walked.id \
                     FROM json_array_elements_text(asked.value->0) AS parent(number) CROSS JOIN LATERAL (",
                );
                members(sql);
                sql.text(") AS walked");
                order_by(sql, "walked.value", "walked.id", !from_the_end);
                sql.text(" LIMIT ").value(limit);
            } else {
                members(sql);
            }
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
        let numbers = |numbers: &[i64]| {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            numbers.join(",")
        };
        let several = self.are_several();
        let rows = self.rows.iter().map(|Asked { parents, between }| {
            let (parents, between) = (numbers(parents), numbers(between));
            if several {
                format!("[[{parents}],{between}]")
            } else {
                format!("[{parents},{between}]")
            }
        });
        format!("[{}]", rows.collect::<Vec<_>>().join(","))
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
