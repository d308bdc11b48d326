//! Through which change a CDN has been told what to purge, and which node tells it.
//!
//! The log itself is the list of what has still to be purged, so nothing is lost with a process and nothing grows
//! while a CDN does not answer. One node at a time tells it: whoever holds the one row.

use chrono::{DateTime, Utc};
use masthead_domain::change::Stream;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use super::FollowedChange;
use crate::{
    PersistenceError, Reader, Transaction,
    entities::{overwrite, purging},
    row::column,
};

/// The identity of the one row.
pub(crate) const THE_ROW: i64 = 1;

/// What a CDN has still to be told.
#[derive(Clone, Debug)]
pub struct Unpurged {
    /// The number through which it has been told; none where that is not known.
    pub after: Option<i64>,
    /// The number through which it will have been told then.
    pub through: i64,
    /// The changes between the two, with what everyone may know of where what changed stands now; none where
    /// they cannot be told one by one: they are too many, or have been pruned.
    pub changes: Option<Vec<FollowedChange>>,
}

impl Reader<'_> {
    /// What of the public stream a CDN has still to be told; none where there is nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unpurged(&self, most: u16) -> Result<Option<Unpurged>, PersistenceError> {
        let mut sql = self.sql("SELECT purged_through FROM purging WHERE id = ");
        sql.value(THE_ROW);
        let after: Option<i64> = match self.one(sql).await? {
            Some(row) => column(&row, 0)?,
            None => None,
        };
        let (last, _) = self.extent(Stream::Public).await?;
        let unknown = Unpurged {
            after,
            through: last,
            changes: None,
        };
        // A number ahead of the log is of another database: that of a backup that was gone back to.
        let Some(known) = after.filter(|after| *after <= last) else {
            return Ok(Some(unknown));
        };
        if known == last {
            return Ok(None);
        }
        let everyone = self.as_everyone();
        let followed = everyone
            .followed_as(&everyone, Stream::Public, known, most)
            .await?;
        let Some(mut changes) = followed else {
            return Ok(Some(unknown));
        };
        // Another node's clock may be ahead of this one's: what it has published is not so here yet.
        let by_now = changes
            .iter()
            .take_while(|change| change.at <= self.now())
            .count();
        changes.truncate(by_now);
        Ok(changes
            .last()
            .map(|change| change.number)
            .map(|through| Unpurged {
                after,
                through,
                changes: Some(changes),
            }))
    }
}

impl Transaction {
    /// Claims for a node to tell a CDN what comes after a number, until an instant; answers whether it may.
    /// Another node may have done so meanwhile, or be about to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_purging(
        &self,
        holder: i64,
        after: Option<i64>,
        until: DateTime<Utc>,
    ) -> Result<bool, PersistenceError> {
        if let Some(row) = self.purging().await?
            && (row.purged_through != after || !self.may_hold(&row, holder))
        {
            return Ok(false);
        }
        self.save_purging(holder, after, until.timestamp_millis())
            .await?;
        Ok(true)
    }

    /// Lets go of a claim. What has been told through a number is not told again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_purging(
        &self,
        holder: i64,
        purged_through: Option<i64>,
    ) -> Result<(), PersistenceError> {
        match self.purging().await? {
            // Another node has taken over, and tells it all again.
            Some(row) if row.holder != holder => Ok(()),
            _ => self.save_purging(holder, purged_through, 0).await,
        }
    }

    fn may_hold(&self, row: &purging::Model, holder: i64) -> bool {
        row.holder == holder || row.held_until <= self.now().timestamp_millis()
    }

    async fn purging(&self) -> Result<Option<purging::Model>, PersistenceError> {
        Ok(purging::Entity::find_by_id(THE_ROW)
            .one(self.connection())
            .await?)
    }

    async fn save_purging(
        &self,
        holder: i64,
        purged_through: Option<i64>,
        held_until: i64,
    ) -> Result<(), PersistenceError> {
        let row = purging::ActiveModel {
            id: Set(THE_ROW),
            purged_through: Set(purged_through),
            holder: Set(holder),
            held_until: Set(held_until),
        };
        purging::Entity::insert(row)
            .on_conflict(overwrite(purging::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }
}
