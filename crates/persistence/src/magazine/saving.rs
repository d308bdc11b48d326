//! Saving the printed magazine: issues, and the volumes that follow from them.

use masthead_domain::{
    identifier::{MagazineIssueId, MagazineVolumeId},
    magazine::{MagazineIssue, MagazineVolume},
    node_id::NodeId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, sea_query::OnConflict,
};

use super::StoredBikramSambat;
use crate::{
    PersistenceError, Transaction,
    entities::{json, magazine_issue, magazine_volume, overwrite},
};

impl Transaction {
    /// The volume with this number in a series.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_volume(
        &self,
        series: &str,
        number: i32,
    ) -> Result<Option<MagazineVolume>, PersistenceError> {
        let found = magazine_volume::Entity::find()
            .filter(magazine_volume::Column::Series.eq(series))
            .filter(magazine_volume::Column::Number.eq(i64::from(number)))
            .one(self.connection())
            .await?;
        let Some(found) = found else { return Ok(None) };
        let id = MagazineVolumeId::from_number(found.id);
        Ok(self.reader().magazine_volumes_by_id(&[id]).await?.pop())
    }

    /// Gives all volumes of a series another name.
    ///
    /// # Errors
    /// When the database fails, or the other series has a volume of the same number.
    pub async fn rename_series(&self, series: &str, name: &str) -> Result<(), PersistenceError> {
        let renamed = magazine_volume::Entity::find()
            .filter(magazine_volume::Column::Series.eq(series))
            .order_by_asc(magazine_volume::Column::Id)
            .all(self.connection())
            .await?;
        magazine_volume::Entity::update_many()
            .col_expr(magazine_volume::Column::Series, name.into())
            .filter(magazine_volume::Column::Series.eq(series))
            .exec(self.connection())
            .await?;
        for volume in renamed {
            self.note_change(NodeId::MagazineVolume(MagazineVolumeId::from_number(
                volume.id,
            )));
            let issues = magazine_issue::Entity::find()
                .filter(magazine_issue::Column::VolumeId.eq(volume.id))
                .order_by_asc(magazine_issue::Column::Id)
                .all(self.connection())
                .await?;
            for issue in issues {
                self.note_change(NodeId::MagazineIssue(MagazineIssueId::from_number(
                    issue.id,
                )));
            }
        }
        Ok(())
    }

    /// Saves an issue, new or known by its identity, and its volume, whose cover dates then span all of its
    /// issues.
    ///
    /// # Errors
    /// When the database fails, or another issue of the volume has its number.
    pub async fn save_magazine_issue(&self, issue: &MagazineIssue) -> Result<(), PersistenceError> {
        let connection = self.connection();
        let cover_date = issue.cover_date.day_number();
        let before = self
            .reader()
            .magazine_volumes_by_id(&[issue.volume])
            .await?
            .pop();
        let volume = magazine_volume::Model {
            id: issue.volume.number(),
            series: issue.series.clone(),
            number: i64::from(issue.volume_number),
            first_cover_date: cover_date,
            last_cover_date: cover_date,
        };
        magazine_volume::Entity::insert(volume.into_active_model())
            .on_conflict(
                OnConflict::column(magazine_volume::Column::Id)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(connection)
            .await?;
        let row = magazine_issue::Model {
            id: issue.id.number(),
            volume_id: issue.volume.number(),
            volume_number: i64::from(issue.volume_number),
            number: i64::from(issue.number),
            last_number: issue.last_number.map(i64::from),
            cover_date,
            printed_bikram_sambat: issue
                .cover_date
                .printed()
                .map(|printed| json(&StoredBikramSambat::from(printed)))
                .transpose()?,
            publisher: issue.publisher.clone(),
            editor: issue.editor.clone(),
            registration_number: issue.registration_number.clone(),
            cover: issue.cover.as_ref().map(json).transpose()?,
        };
        magazine_issue::Entity::insert(row.into_active_model())
            .on_conflict(overwrite(magazine_issue::Column::Id))
            .exec_without_returning(connection)
            .await?;
        let issues = magazine_issue::Entity::find()
            .filter(magazine_issue::Column::VolumeId.eq(issue.volume.number()))
            .all(connection)
            .await?;
        let dates = issues.iter().map(|issue| issue.cover_date);
        magazine_volume::Entity::update(magazine_volume::ActiveModel {
            id: Set(issue.volume.number()),
            first_cover_date: Set(dates.clone().min().unwrap_or(cover_date)),
            last_cover_date: Set(dates.max().unwrap_or(cover_date)),
            ..Default::default()
        })
        .exec(connection)
        .await?;
        self.note_change(NodeId::MagazineIssue(issue.id));
        let after = self
            .reader()
            .magazine_volumes_by_id(&[issue.volume])
            .await?
            .pop();
        if before != after {
            self.note_change(NodeId::MagazineVolume(issue.volume));
        }
        Ok(())
    }
}
