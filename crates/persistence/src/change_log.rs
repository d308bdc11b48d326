//! The change log: one table, in which every save says what it changed, for each kind of reader by itself.
//!
//! What a transaction changes is gathered in [`Unwritten`] and written when it commits, under the lock that
//! lets one writer write at a time: numbers have no hole, and none comes late.
//!
//! What the clock publishes is in the log too. An article with a time to come stands in `publication_due`;
//! the next transaction after that time, whichever node's it is, writes the change and takes the row away.

mod following;
mod notices;
mod pruning;
mod purging;
mod reading;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::Article,
    change::{ChangeKind, Stream},
    identifier::ArticleId,
    node_id::NodeId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, Statement, sea_query::OnConflict,
};

use crate::{
    PersistenceError, Transaction,
    articles::instant,
    entities::{change, change_stream, publication_due},
};

pub use following::{FollowedChange, Standing};
pub use notices::Notices;
pub use pruning::Pruned;
pub(crate) use purging::THE_ROW as PURGING_ROW;
pub use purging::Unpurged;
pub(crate) use reading::change;
pub use reading::{ChangePage, ChangePosition};

/// The most rows that one statement inserts: each has eight values, and SQLite takes 32,766 of them.
const ROWS_OF_A_STATEMENT: usize = 1_000;

/// The changes of a transaction that are not in the log yet: of each thing the last one that each stream is
/// told, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    changes: Vec<Option<Noted>>,
    places: HashMap<(Stream, NodeId), usize>,
}

#[derive(Clone, Debug)]
struct Noted {
    stream: Stream,
    node: NodeId,
    kind: ChangeKind,
    at: DateTime<Utc>,
    reason: Option<String>,
    /// Whether those who follow the stream could see it before the transaction.
    was_seen: bool,
}

impl Noted {
    /// Whether it is an article that they may see from now on.
    fn appeared(&self) -> bool {
        self.kind == ChangeKind::Upserted && !self.was_seen
    }
}

impl Unwritten {
    fn note(&mut self, mut noted: Noted) {
        let place = self.changes.len();
        if let Some(former) = self.places.insert((noted.stream, noted.node), place)
            && let Some(former) = self.changes.get_mut(former)
            && let Some(former) = former.take()
        {
            noted.was_seen = former.was_seen;
        }
        self.changes.push(Some(noted));
    }

    fn take(&mut self) -> Vec<Noted> {
        self.places.clear();
        std::mem::take(&mut self.changes)
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Transaction {
    /// Notes that something changed which everyone may see.
    pub(crate) fn note_change(&self, node: NodeId) {
        let at = self.now();
        self.unwritten(|unwritten| {
            for stream in Stream::ALL {
                unwritten.note(Noted {
                    stream,
                    node,
                    kind: ChangeKind::Upserted,
                    at,
                    reason: None,
                    // Of articles alone the log tells when they came.
                    was_seen: true,
                });
            }
        });
    }

    /// Notes what a save of an article is to each stream, and when the clock will publish it.
    pub(crate) async fn note_article(
        &self,
        before: Option<&Article>,
        after: Option<&Article>,
    ) -> Result<(), PersistenceError> {
        let Some(article) = after.or(before) else {
            return Ok(());
        };
        let now = self.now();
        let reached = self.told_up_to(before).await?;
        self.unwritten(|unwritten| {
            for stream in Stream::ALL {
                if let Some(kind) = stream.change_of_article(before, after, reached) {
                    let withdrawal = article.withdrawal.as_ref();
                    unwritten.note(Noted {
                        stream,
                        node: NodeId::Article(article.id),
                        kind,
                        at: now,
                        reason: withdrawal
                            .filter(|_| kind == ChangeKind::Removed)
                            .map(|withdrawal| withdrawal.reason.clone()),
                        was_seen: before.is_some_and(|before| stream.shows(before, reached)),
                    });
                }
            }
        });
        let due = |article: Option<&Article>| {
            article
                .and_then(Article::visible_from)
                .filter(|at| *at > reached)
        };
        match due(after) {
            Some(at) => {
                let row = publication_due::ActiveModel {
                    article_id: Set(article.id.number()),
                    at: Set(at.timestamp_millis()),
                };
                publication_due::Entity::insert(row)
                    .on_conflict(
                        OnConflict::column(publication_due::Column::ArticleId)
                            .update_column(publication_due::Column::At)
                            .to_owned(),
                    )
                    .exec_without_returning(self.connection())
                    .await?;
            }
            None if due(before).is_some() => {
                publication_due::Entity::delete_by_id(article.id.number())
                    .exec(self.connection())
                    .await?;
            }
            None => {}
        }
        Ok(())
    }

    /// The instant up to which the log has told of an article: the present one, unless a node whose clock is
    /// ahead of this one's has noted its publication already. What was told must be taken back, and not told again.
    async fn told_up_to(
        &self,
        before: Option<&Article>,
    ) -> Result<DateTime<Utc>, PersistenceError> {
        let to_come = before.and_then(|article| Some((article.id, article.visible_from()?)));
        let Some((id, at)) = to_come.filter(|(_, at)| *at > self.now()) else {
            return Ok(self.now());
        };
        let is_due = publication_due::Entity::find_by_id(id.number())
            .one(self.connection())
            .await?
            .is_some();
        Ok(if is_due { self.now() } else { at })
    }

    /// Notes what the clock has published since the last write: at its own instant, for every stream.
    pub(crate) async fn note_what_the_clock_published(&self) -> Result<(), PersistenceError> {
        let now = self.now().timestamp_millis();
        let due = publication_due::Entity::find()
            .filter(publication_due::Column::At.lte(now))
            .order_by_asc(publication_due::Column::At)
            .order_by_asc(publication_due::Column::ArticleId)
            .all(self.connection())
            .await?;
        if due.is_empty() {
            return Ok(());
        }
        for row in due {
            let at = instant(row.at)?;
            self.unwritten(|unwritten| {
                for stream in Stream::ALL {
                    unwritten.note(Noted {
                        stream,
                        node: NodeId::Article(ArticleId::from_number(row.article_id)),
                        kind: ChangeKind::Upserted,
                        at,
                        reason: None,
                        // The others have seen it since it was scheduled.
                        was_seen: stream != Stream::Public,
                    });
                }
            });
        }
        publication_due::Entity::delete_many()
            .filter(publication_due::Column::At.lte(now))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Writes down, for each stream that may see it, that every article changed: what they all say follows
    /// from something that did.
    pub(crate) async fn write_change_of_every_article(&self) -> Result<(), PersistenceError> {
        self.write_changes().await?;
        let now = self.now().timestamp_millis();
        let (letter, _) = NodeId::Article(ArticleId::from_number(0)).parts();
        for stream in Stream::ALL {
            let last = self.last_number(stream).await?;
            let seen = match stream {
                Stream::Public => format!("visible_from <= {now}"),
                Stream::Embargo => "visible_from IS NOT NULL".to_owned(),
                Stream::Newsroom => "TRUE".to_owned(),
            };
            let statement = format!(
                "INSERT INTO change (stream, number, at, kind, node_kind, node_id) \
                 SELECT {}, {last} + ROW_NUMBER() OVER (ORDER BY id), {now}, '{}', {letter}, id \
                 FROM article WHERE {seen}",
                stream.number(),
                ChangeKind::Upserted.name(),
            );
            let written = self
                .connection()
                .execute_unprepared(&statement)
                .await?
                .rows_affected();
            let written = i64::try_from(written).unwrap_or(i64::MAX);
            self.set_last_number(stream, last.saturating_add(written))
                .await?;
        }
        Ok(())
    }

    /// Writes what has been noted into the log.
    pub(crate) async fn write_changes(&self) -> Result<(), PersistenceError> {
        let noted = self.unwritten(Unwritten::take);
        for stream in Stream::ALL {
            let of_stream: Vec<&Noted> = noted
                .iter()
                .filter(|change| change.stream == stream)
                .collect();
            if of_stream.is_empty() {
                continue;
            }
            let mut number = self.last_number(stream).await?;
            for some in of_stream.chunks(ROWS_OF_A_STATEMENT) {
                let rows = some.iter().map(|noted| {
                    number += 1;
                    let (node_kind, node_id) = noted.node.parts();
                    change::Model {
                        stream: stream.number(),
                        number,
                        at: noted.at.timestamp_millis(),
                        kind: noted.kind.name().to_owned(),
                        node_kind: i64::from(node_kind),
                        node_id,
                        reason: noted.reason.clone(),
                        appeared: noted.appeared().into(),
                    }
                    .into_active_model()
                });
                change::Entity::insert_many(rows.collect::<Vec<_>>())
                    .exec_without_returning(self.connection())
                    .await?;
            }
            self.set_last_number(stream, number).await?;
        }
        Ok(())
    }

    async fn last_number(&self, stream: Stream) -> Result<i64, PersistenceError> {
        change_stream::Entity::find_by_id(stream.number())
            .one(self.connection())
            .await?
            .map(|row| row.last_number)
            .ok_or_else(|| PersistenceError::stored(format!("no change stream {stream:?}")))
    }

    async fn set_last_number(&self, stream: Stream, number: i64) -> Result<(), PersistenceError> {
        change_stream::Entity::update(change_stream::ActiveModel {
            stream: Set(stream.number()),
            last_number: Set(number),
            ..Default::default()
        })
        .exec(self.connection())
        .await?;
        Ok(())
    }

    /// Executes a statement whose only values are numbers of our own.
    async fn execute(&self, backend: DbBackend, text: String) -> Result<u64, PersistenceError> {
        let statement = Statement::from_string(backend, text);
        Ok(self
            .connection()
            .execute_raw(statement)
            .await?
            .rows_affected())
    }
}
