//! Reading the change log: what came after a place in a stream, oldest first.

use chrono::{DateTime, Utc};
use masthead_domain::{
    change::{Change, ChangeKind, Stream},
    identifier::{ArticleId, SectionId},
    node_id::NodeId,
    partner::AllowedSections,
};

use crate::{
    PersistenceError, Reader,
    articles::instant,
    row::{Row, column},
    statement::Sql,
};

/// Among how many of the last changes those are looked for that are dated ahead of this node's clock.
const AHEAD_AT_MOST: i64 = 1_000;

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
    /// Of a partner who is told of some sections alone: which ([`AllowedSections::fingerprint`]). Who goes on under
    /// others was never told what those would have told.
    ///
    /// [`AllowedSections::fingerprint`]: masthead_domain::partner::AllowedSections::fingerprint
    pub sections: Option<u32>,
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
    /// from there any more: the position is of another stream or of other sections, lies in what has been pruned, or
    /// ahead of the log.
    ///
    /// Who is told of some sections alone is told of the articles in them, and that those are gone which stood in them
    /// and do not any more, nothing of what became of these since.
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
        let told_of = self.audience().sections().cloned();
        let sections = told_of.as_ref().map(|sections| sections.fingerprint());
        let (last_number, pruned_through) = self.extent(stream).await?;
        let start = after.unwrap_or(ChangePosition {
            stream,
            number: 0,
            began_at: pruned_through,
            sections,
        });
        let within = (0..=last_number).contains(&start.number)
            && (start.number >= pruned_through || start.began_at == pruned_through);
        if start.stream != stream || start.sections != sections || !within {
            return Ok(None);
        }
        let mut sql = self.sql("SELECT number, at, kind, node_kind, node_id, reason, appeared");
        if told_of.is_some() {
            sql.text(", ").text(SECTION_NOW);
        }
        sql.text(" FROM change WHERE stream = ")
            .value(stream.number())
            .text(" AND number > ")
            .value(start.number);
        if let Some(sections) = &told_of {
            told(&mut sql, sections);
        }
        sql.text(" ORDER BY number LIMIT ")
            .value(i64::from(size) + 1);
        let mut changes = Vec::new();
        for row in self.all(sql).await? {
            let mut change = change(&row)?;
            if let Some(sections) = &told_of
                && matches!(change.node, NodeId::Article(_))
            {
                let section: Option<i64> = column(&row, SECTION_COLUMN)?;
                if !sections.allow(section.map(SectionId::from_number)) {
                    change.kind = ChangeKind::Removed;
                    change.reason = None;
                    change.appeared = false;
                }
            }
            changes.push(change);
        }
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

    /// Where a reader stands who has been told of everything: before the first change that is dated ahead of this node's
    /// clock, else at the end of the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_change_told(&self) -> Result<ChangePosition, PersistenceError> {
        let stream = self.audience().stream();
        let (last_number, _) = self.extent(stream).await?;
        let mut sql =
            self.sql("SELECT MIN(number) FROM (SELECT number, at FROM change WHERE stream = ");
        sql.value(stream.number())
            .text(" ORDER BY number DESC LIMIT ")
            .value(AHEAD_AT_MOST)
            .text(") AS latest WHERE at > ")
            .value(self.now().timestamp_millis());
        let first_ahead: Option<i64> = match self.one(sql).await? {
            Some(row) => column(&row, 0)?,
            None => None,
        };
        Ok(ChangePosition {
            stream,
            number: first_ahead.map_or(last_number, |number| number - 1),
            began_at: 0,
            sections: self
                .audience()
                .sections()
                .map(|sections| sections.fingerprint()),
        })
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

/// The section in which the article of a change stands now.
const SECTION_NOW: &str =
    "(SELECT told.section_id FROM article AS told WHERE told.id = change.node_id)";
/// Its column, after those that [`change`] reads.
const SECTION_COLUMN: usize = 7;

/// Appends the condition that a change is for who is told of these sections alone: one of an article that stands in
/// them, or of one that stood in them, no later than it left. One that was thrown away says nothing, and may have been
/// in them.
fn told(sql: &mut Sql, sections: &AllowedSections) {
    let numbers = || sections.all().iter().map(|section| section.number());
    let (letter, _) = NodeId::Article(ArticleId::from_number(0)).parts();
    sql.text(" AND (node_kind <> ")
        .value(i64::from(letter))
        .text(" OR ")
        .among(SECTION_NOW, numbers())
        .text(
            " OR EXISTS (SELECT 1 FROM article_former_section AS past WHERE past.article_id = change.node_id \
             AND past.left_at >= change.at AND ",
        )
        .among("past.section_id + 0", numbers())
        .text(
            ") OR NOT EXISTS (SELECT 1 FROM article AS known WHERE known.id = change.node_id))",
        );
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
