//! Reading the change log: what came after a place in a stream, oldest first.

use chrono::{DateTime, Utc};
use masthead_domain::{
    change::{Change, ChangeKind, Stream},
    node_id::NodeId,
};

use crate::{
    PersistenceError, Reader,
    articles::instant,
    row::{Row, column},
};

/// How far someone has followed a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChangePosition {
    /// The stream.
    pub stream: Stream,
    /// The number of the last change that was read; 0 before any.
    pub number: i64,
    /// Through which number the log had been pruned when they began from its start, while they are still
    /// within that part; else 0. They miss no removal: they began after it.
    pub began_at: i64,
}

/// Changes that came one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePage {
    /// The changes, oldest first.
    pub changes: Vec<Change>,
    /// Where a reader stands before the first of them.
    pub start: ChangePosition,
    /// Whether more came after them.
    pub more: bool,
    /// Whether what came after them is dated ahead of this node's clock: another node's is. It is told once this one
    /// has come to it.
    pub ahead: bool,
}

impl ChangePage {
    /// Where a reader stands after a change of the page.
    pub fn after(&self, change: &Change) -> ChangePosition {
        ChangePosition {
            number: change.number,
            began_at: if change.number < self.start.began_at {
                self.start.began_at
            } else {
                0
            },
            ..self.start
        }
    }

    /// Where a reader stands after the whole page.
    pub fn end(&self) -> ChangePosition {
        self.changes
            .last()
            .map_or(self.start, |change| self.after(change))
    }
}

impl Reader<'_> {
    /// What this reader may know of what came after a position, oldest first; none where it cannot be told
    /// from there any more: the position is of another stream, lies in what has been pruned, or ahead of the
    /// log.
    ///
    /// Without a position, from the log's beginning: of what has been pruned, the last change of each thing
    /// that is still there is left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes(
        &self,
        after: Option<ChangePosition>,
        size: u16,
    ) -> Result<Option<ChangePage>, PersistenceError> {
        let stream = self.audience().stream();
        let (last_number, pruned_through) = self.extent(stream).await?;
        let start = after.unwrap_or(ChangePosition {
            stream,
            number: 0,
            began_at: pruned_through,
        });
        let within = (0..=last_number).contains(&start.number)
            && (start.number >= pruned_through || start.began_at == pruned_through);
        if start.stream != stream || !within {
            return Ok(None);
        }
        let mut sql = self
            .sql("SELECT number, at, kind, node_kind, node_id, reason, appeared FROM change WHERE stream = ");
        sql.value(stream.number())
            .text(" AND number > ")
            .value(start.number)
            .text(" ORDER BY number LIMIT ")
            .value(i64::from(size) + 1);
        let mut changes = self
            .all(sql)
            .await?
            .iter()
            .map(change)
            .collect::<Result<Vec<Change>, _>>()?;
        // Another node's clock may be ahead of this one's: what it has published is not so here yet.
        let by_now = changes
            .iter()
            .take_while(|change| change.at <= self.now())
            .count();
        let ahead = by_now < changes.len();
        changes.truncate(by_now);
        let more = changes.len() > usize::from(size);
        changes.truncate(usize::from(size));
        Ok(Some(ChangePage {
            changes,
            start,
            more,
            ahead,
        }))
    }

    /// The number last given out in a stream, and the one through which it has been pruned.
    pub(crate) async fn extent(&self, stream: Stream) -> Result<(i64, i64), PersistenceError> {
        let mut sql =
            self.sql("SELECT last_number, pruned_through FROM change_stream WHERE stream = ");
        sql.value(stream.number());
        match self.one(sql).await? {
            Some(row) => Ok((column(&row, 0)?, column(&row, 1)?)),
            None => Err(PersistenceError::stored(format!(
                "no change stream {stream:?}"
            ))),
        }
    }

    /// The next instant at which the clock publishes something that the log does not say yet; it may have
    /// come already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_publication(&self) -> Result<Option<DateTime<Utc>>, PersistenceError> {
        let sql = self.sql("SELECT at FROM publication_due ORDER BY at, article_id LIMIT 1");
        self.one(sql)
            .await?
            .map(|row| instant(column(&row, 0)?))
            .transpose()
    }
}

/// Reads a change of the log from its number, time, kind, kind of node, node, reason, and whether it appeared.
pub(crate) fn change(row: &Row) -> Result<Change, PersistenceError> {
    let kind: String = column(row, 2)?;
    let letter: i64 = column(row, 3)?;
    let node = u8::try_from(letter)
        .ok()
        .and_then(|letter| NodeId::from_parts(letter, column(row, 4).ok()?).ok())
        .ok_or_else(|| PersistenceError::stored(format!("kind of node {letter}")))?;
    Ok(Change {
        number: column(row, 0)?,
        at: instant(column(row, 1)?)?,
        kind: ChangeKind::from_name(&kind)
            .ok_or_else(|| PersistenceError::stored(format!("kind of change '{kind}'")))?,
        node,
        reason: column(row, 5)?,
        appeared: column::<i64>(row, 6)? != 0,
    })
}
