//! Pruning the change log: what is older than a reader may be behind, and has been overtaken.
//!
//! Of everything that is still there its last change stays, however old: so whoever starts from the beginning
//! is told of all there is. What goes are changes that a later one of the same thing has overtaken, and
//! removals. Each stream is pruned by itself, so that none tells of another.

use chrono::{DateTime, Utc};
use masthead_domain::change::{ChangeKind, Stream};
use sea_orm::{ActiveValue::Set, ConnectionTrait as _, EntityTrait as _};

use crate::{PersistenceError, Transaction, entities::change_stream, row::column};

/// What was taken out of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many changes, of all streams together.
    pub changes: u64,
}

impl Transaction {
    /// Prunes the changes that were made before an instant. A cursor that lies among them is no good after.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_changes(&self, before: DateTime<Utc>) -> Result<Pruned, PersistenceError> {
        self.write_changes().await?;
        let backend = self.connection().get_database_backend();
        let horizon = before.timestamp_millis();
        let mut pruned = Pruned::default();
        for stream in Stream::ALL {
            let number = stream.number();
            let mut sql = self
                .reader()
                .sql("SELECT COALESCE(MAX(number), 0) FROM change WHERE stream = ");
            sql.value(number).text(" AND at < ").value(horizon);
            let through: i64 = match self.reader().one(sql).await? {
                Some(row) => column(&row, 0)?,
                None => 0,
            };
            let (_, pruned_through) = self.reader().extent(stream).await?;
            if through <= pruned_through {
                continue;
            }
            let removed = ChangeKind::Removed.name();
            pruned.changes += self
                .execute(
                    backend,
                    format!(
                        "DELETE FROM change WHERE stream = {number} AND number <= {through} AND (kind = '{removed}' \
                         OR number NOT IN (SELECT MAX(number) FROM change WHERE stream = {number} GROUP BY node_kind, node_id))"
                    ),
                )
                .await?;
            change_stream::Entity::update(change_stream::ActiveModel {
                stream: Set(number),
                pruned_through: Set(through),
                ..Default::default()
            })
            .exec(self.connection())
            .await?;
        }
        Ok(pruned)
    }
}
