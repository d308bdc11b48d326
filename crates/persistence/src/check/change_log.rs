//! The change log, and what the clock has still to publish.
//!
//! What a stream said last of each thing has to be what may be seen of it. An article whose time has come
//! without a writer since is no exception: it still stands in `publication_due`, and the log will tell of it.

use chrono::TimeDelta;
use masthead_domain::{
    change::{ChangeKind, Stream},
    node_id::NodeId,
};

use super::{
    Check, Flaw, Instant, ROWS,
    articles::{VISIBLE_FROM, node},
    unreadable,
};
use crate::{
    PersistenceError,
    change_log::{PURGING_ROW, change},
    row::Row,
    row::column,
};

/// The tables of what is there for everyone, with the letters of their nodes.
const FOR_EVERYONE: [(&str, u8); 6] = [
    ("publication", b'P'),
    ("section", b'S'),
    ("contributor", b'C'),
    ("topic", b'T'),
    ("magazine_volume", b'V'),
    ("magazine_issue", b'I'),
];
const ARTICLE: u8 = b'A';
/// For how long a node may keep others from telling a CDN, and some more for clocks that differ.
const HELD_AT_MOST: TimeDelta = TimeDelta::hours(1);

impl Check<'_> {
    pub(super) async fn change_log(&mut self) -> Result<(), PersistenceError> {
        self.publications_due().await?;
        self.purging().await?;
        for stream in Stream::ALL {
            let sound = self.checked.findings.len();
            self.stream(stream).await?;
            // Where the stream itself has holes, what it said last is not known.
            if self.checked.findings.len() == sound {
                self.appearances(stream).await?;
                self.told_of_articles(stream).await?;
                for (table, letter) in FOR_EVERYONE {
                    self.told_of(stream, table, letter).await?;
                }
                for (table, letter) in FOR_EVERYONE.into_iter().chain([("article", ARTICLE)]) {
                    self.told_of_missing(stream, table, letter).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether the place in the public stream through which a CDN has been told is one.
    async fn purging(&mut self) -> Result<(), PersistenceError> {
        let mut sql = self
            .reader
            .sql("SELECT last_number FROM change_stream WHERE stream = ");
        sql.value(Stream::Public.number());
        let last_number: Option<i64> = match self.reader.one(sql).await? {
            Some(row) => column(&row, 0)?,
            None => None,
        };
        let rows = self
            .wrong("SELECT id, purged_through, held_until FROM purging ORDER BY id")
            .await?;
        let held_at_most = self.reader.now().timestamp_millis() + HELD_AT_MOST.num_milliseconds();
        for row in rows {
            let (id, held_until): (i64, i64) = (column(&row, 0)?, column(&row, 2)?);
            let purged_through: Option<i64> = column(&row, 1)?;
            if id != PURGING_ROW {
                self.find("purging", id, None, Flaw::OneRowOnly);
                continue;
            }
            if let (Some(purged_through), Some(last_number)) = (purged_through, last_number)
                && !(0..=last_number).contains(&purged_through)
            {
                let flaw = Flaw::PurgedBeyondLog {
                    purged_through,
                    last_number,
                };
                self.find("purging", id, None, flaw);
            }
            if held_until > held_at_most {
                let flaw = Flaw::PurgingHeld(Instant(Some(held_until)));
                self.find("purging", id, None, flaw);
            }
        }
        Ok(())
    }

    /// Walks a stream from its beginning: its numbers have no hole but where it has been pruned.
    async fn stream(&mut self, stream: Stream) -> Result<(), PersistenceError> {
        let number = stream.number();
        let mut sql = self
            .reader
            .sql("SELECT last_number, pruned_through FROM change_stream WHERE stream = ");
        sql.value(number);
        let Some(row) = self.reader.one(sql).await? else {
            self.find("change_stream", number, None, Flaw::NoStream);
            return Ok(());
        };
        let (last_number, pruned_through): (i64, i64) = (column(&row, 0)?, column(&row, 1)?);
        if pruned_through > last_number {
            let flaw = Flaw::PrunedTooFar {
                pruned_through,
                last_number,
            };
            self.find("change_stream", number, None, flaw);
        }
        let mut expected = 1;
        loop {
            let mut sql = self.reader.sql(
                "SELECT number, at, kind, node_kind, node_id, reason, appeared FROM change WHERE stream = ",
            );
            sql.value(number)
                .text(" AND number >= ")
                .value(expected)
                .text(" ORDER BY number LIMIT ")
                .value(ROWS);
            let rows = self.reader.all(sql).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                self.checked.changes += 1;
                let found: i64 = column(row, 0)?;
                let first = expected.max(pruned_through.saturating_add(1));
                if first < found {
                    let flaw = Flaw::LogHole {
                        first,
                        last: found - 1,
                    };
                    self.find("change", format!("stream {number}"), None, flaw);
                }
                if let Err(error) = change(row) {
                    let identity = format!("stream {number} number {found}");
                    self.find("change", identity, None, unreadable(error));
                }
                expected = found.saturating_add(1);
            }
        }
        let found = (expected - 1).max(pruned_through.min(last_number));
        if found != last_number {
            let flaw = Flaw::LogEnd { found, last_number };
            self.find("change_stream", number, None, flaw);
        }
        Ok(())
    }

    /// Whether what is said to have appeared are articles that could not be seen before. Pruning keeps the last change
    /// of each thing, so of two that are there none between them is missing that took it down.
    async fn appearances(&mut self, stream: Stream) -> Result<(), PersistenceError> {
        let upserted = ChangeKind::Upserted.name();
        let rows = self
            .wrong(&format!(
                "SELECT told.number FROM (SELECT number, node_kind, kind, appeared, \
                 LAG(kind) OVER (PARTITION BY node_kind, node_id ORDER BY number) AS before \
                 FROM change WHERE stream = {}) AS told WHERE told.appeared <> 0 \
                 AND (told.node_kind <> {ARTICLE} OR told.kind <> '{upserted}' OR told.before = '{upserted}') \
                 ORDER BY told.number",
                stream.number()
            ))
            .await?;
        for row in rows {
            let number: i64 = column(&row, 0)?;
            let identity = format!("stream {} number {number}", stream.number());
            self.find("change", identity, None, Flaw::AppearedBefore);
        }
        Ok(())
    }

    /// Whether a stream tells of every article that its readers may see, and of no other.
    async fn told_of_articles(&mut self, stream: Stream) -> Result<(), PersistenceError> {
        let upserted = ChangeKind::Upserted.name();
        let told = format!("COALESCE(told.kind = '{upserted}', FALSE)");
        // What the clock has published is seen once a writer has noted it; until then the article is due. One
        // that is neither noted nor due is found there.
        let now = self.reader.now().timestamp_millis();
        let wrong = match stream {
            Stream::Public => format!(
                "({told} AND ({VISIBLE_FROM} IS NULL OR due.at IS NOT NULL)) OR \
                 (NOT {told} AND due.at IS NULL AND {VISIBLE_FROM} <= {now})"
            ),
            Stream::Embargo => format!("{told} <> ({VISIBLE_FROM} IS NOT NULL)"),
            Stream::Newsroom => format!("NOT {told}"),
        };
        let rows = self
            .wrong(&format!(
                "WITH {} SELECT article.id, {VISIBLE_FROM}, told.kind, told.at FROM article \
                 LEFT JOIN told ON told.node_kind = {ARTICLE} AND told.node_id = article.id AND told.age = 1 \
                 LEFT JOIN publication_due AS due ON due.article_id = article.id WHERE {wrong} ORDER BY article.id",
                told_last(stream)
            ))
            .await?;
        for row in rows {
            let id: i64 = column(&row, 0)?;
            let visible_from: Option<i64> = column(&row, 1)?;
            let told: Option<String> = column(&row, 2)?;
            let told_at: Option<i64> = column(&row, 3)?;
            if told.as_deref() != Some(upserted) {
                self.find("article", id, node(id), Flaw::NotTold(stream));
            } else if visible_from.is_some() && told_at >= visible_from {
                self.find("publication_due", id, node(id), Flaw::DueAgain);
            } else {
                self.find("article", id, node(id), Flaw::ToldOfHidden(stream));
            }
        }
        Ok(())
    }

    /// Whether a stream tells of every row of a table that is there for everyone.
    async fn told_of(
        &mut self,
        stream: Stream,
        table: &str,
        letter: u8,
    ) -> Result<(), PersistenceError> {
        let rows = self
            .wrong(&format!(
                "WITH {} SELECT there.id FROM {table} AS there \
                 LEFT JOIN told ON told.node_kind = {letter} AND told.node_id = there.id AND told.age = 1 \
                 WHERE told.kind IS DISTINCT FROM '{}' ORDER BY there.id",
                told_last(stream),
                ChangeKind::Upserted.name()
            ))
            .await?;
        self.find_all(table, letter, &rows, &Flaw::NotTold(stream))
    }

    /// Whether a stream tells of something that is not there.
    async fn told_of_missing(
        &mut self,
        stream: Stream,
        table: &str,
        letter: u8,
    ) -> Result<(), PersistenceError> {
        let rows = self
            .wrong(&format!(
                "WITH {} SELECT told.node_id FROM told WHERE told.age = 1 AND told.kind = '{}' \
                 AND told.node_kind = {letter} \
                 AND NOT EXISTS (SELECT 1 FROM {table} AS there WHERE there.id = told.node_id) ORDER BY told.node_id",
                told_last(stream),
                ChangeKind::Upserted.name()
            ))
            .await?;
        self.find_all(table, letter, &rows, &Flaw::ToldOfMissing(stream))
    }

    fn find_all(
        &mut self,
        table: &str,
        letter: u8,
        rows: &[Row],
        flaw: &Flaw,
    ) -> Result<(), PersistenceError> {
        for row in rows {
            let id: i64 = column(row, 0)?;
            self.find(table, id, NodeId::from_parts(letter, id).ok(), flaw.clone());
        }
        Ok(())
    }

    /// Whether exactly the articles are due that the clock has still to publish, or has published unnoted.
    async fn publications_due(&mut self) -> Result<(), PersistenceError> {
        let wrong = self
            .wrong(&format!(
                "SELECT due.article_id, due.at, {VISIBLE_FROM} FROM publication_due AS due \
                 JOIN article ON article.id = due.article_id WHERE due.at IS DISTINCT FROM {VISIBLE_FROM} \
                 ORDER BY due.article_id"
            ))
            .await?;
        for row in wrong {
            let id: i64 = column(&row, 0)?;
            let flaw = Flaw::WronglyDue {
                stored: Instant(column(&row, 1)?),
                right: Instant(column(&row, 2)?),
            };
            self.find("publication_due", id, node(id), flaw);
        }
        // A node whose clock is ahead of this one may have noted what this clock has still to publish.
        let missing = self
            .wrong(&format!(
                "SELECT article.id, {VISIBLE_FROM} FROM article WHERE {VISIBLE_FROM} > {now} \
                 AND NOT EXISTS (SELECT 1 FROM publication_due AS due WHERE due.article_id = article.id) \
                 AND NOT EXISTS (SELECT 1 FROM change WHERE stream = {public} AND node_kind = {ARTICLE} \
                 AND node_id = article.id AND at >= {VISIBLE_FROM}) ORDER BY article.id",
                now = self.reader.now().timestamp_millis(),
                public = Stream::Public.number(),
            ))
            .await?;
        for row in missing {
            let id: i64 = column(&row, 0)?;
            let flaw = Flaw::NotDue(Instant(column(&row, 1)?));
            self.find("article", id, node(id), flaw);
        }
        Ok(())
    }
}

/// What a stream said of each thing, as a table `told`; the last has the age 1.
fn told_last(stream: Stream) -> String {
    format!(
        "told AS (SELECT node_kind, node_id, kind, at, \
         ROW_NUMBER() OVER (PARTITION BY node_kind, node_id ORDER BY number DESC) AS age \
         FROM change WHERE stream = {})",
        stream.number()
    )
}
