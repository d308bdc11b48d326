//! What articles are filed under, and the printed magazine.

use std::collections::HashMap;

use masthead_domain::{
    contributor::Contributor,
    identifier::{ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    node_id::NodeId,
    section::Section,
    topic::Topic,
};

use super::{Check, Flaw, ROWS, unreadable};
use crate::{
    PersistenceError,
    classification::Filed,
    magazine::{ISSUE_COLUMNS, VOLUME_COLUMNS, issue, volume},
    row::Row,
    row::column,
};

impl Check<'_> {
    pub(super) async fn magazine(&mut self) -> Result<(), PersistenceError> {
        self.filed_under::<Section>(|id| NodeId::Section(SectionId::from_number(id)))
            .await?;
        self.filed_under::<Contributor>(|id| NodeId::Contributor(ContributorId::from_number(id)))
            .await?;
        self.filed_under::<Topic>(|id| NodeId::Topic(TopicId::from_number(id)))
            .await?;
        self.ancestors().await?;
        self.readable(
            ("magazine_volume", "volume"),
            &format!("SELECT {VOLUME_COLUMNS} FROM magazine_volume AS volume"),
            volume_node,
            |row| volume(row).map(drop),
        )
        .await?;
        self.readable(
            ("magazine_issue", "issue"),
            &format!(
                "SELECT {ISSUE_COLUMNS} FROM magazine_issue AS issue \
                 JOIN magazine_volume AS volume ON volume.id = issue.volume_id"
            ),
            issue_node,
            |row| issue(row).map(drop),
        )
        .await?;
        self.volumes().await
    }

    async fn filed_under<Kind: Filed>(
        &mut self,
        node: impl Fn(i64) -> NodeId,
    ) -> Result<(), PersistenceError> {
        self.readable(
            (Kind::TABLE, "filed"),
            &format!("SELECT {} FROM {} AS filed", Kind::COLUMNS, Kind::TABLE),
            node,
            |row| Kind::read(row).map(drop),
        )
        .await
    }

    /// Whether every row of a table can be read; its identity is the first column.
    pub(super) async fn readable(
        &mut self,
        (table, alias): (&str, &str),
        select: &str,
        node: impl Fn(i64) -> NodeId,
        read: impl Fn(&Row) -> Result<(), PersistenceError>,
    ) -> Result<(), PersistenceError> {
        let mut after = i64::MIN;
        loop {
            let mut sql = self.reader.sql(select);
            sql.text(&format!(" WHERE {alias}.id > "))
                .value(after)
                .text(&format!(" ORDER BY {alias}.id LIMIT "))
                .value(ROWS);
            let rows = self.reader.all(sql).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = column(last, 0)?;
            for row in &rows {
                if let Err(error) = read(row) {
                    let id: i64 = column(row, 0)?;
                    self.find(table, id, Some(node(id)), unreadable(error));
                }
            }
        }
    }

    /// Whether any section stands under itself. There are few enough to hold.
    async fn ancestors(&mut self) -> Result<(), PersistenceError> {
        let sql = self
            .reader
            .sql("SELECT id, parent_id FROM section WHERE parent_id IS NOT NULL ORDER BY id");
        let mut parents = Vec::new();
        for row in self.reader.all(sql).await? {
            parents.push((column::<i64>(&row, 0)?, column::<i64>(&row, 1)?));
        }
        let parent_of: HashMap<i64, i64> = parents.iter().copied().collect();
        for (section, parent) in parents {
            // As many steps as there are sections lead out of any circle that is not this section's own.
            let mut ancestor = Some(parent);
            for _ in 0..parent_of.len() {
                match ancestor {
                    Some(above) if above == section => break,
                    Some(above) => ancestor = parent_of.get(&above).copied(),
                    None => break,
                }
            }
            if ancestor == Some(section) {
                let node = NodeId::Section(SectionId::from_number(section));
                self.find("section", section, Some(node), Flaw::OwnAncestor);
            }
        }
        Ok(())
    }

    /// Whether volumes and issues hold what follows from each other.
    async fn volumes(&mut self) -> Result<(), PersistenceError> {
        let dates = self
            .wrong(
                "SELECT volume.id, spanned.first, spanned.last FROM magazine_volume AS volume JOIN \
                 (SELECT volume_id, MIN(cover_date) AS first, MAX(cover_date) AS last FROM magazine_issue \
                 GROUP BY volume_id) AS spanned ON spanned.volume_id = volume.id \
                 WHERE volume.first_cover_date <> spanned.first OR volume.last_cover_date <> spanned.last \
                 ORDER BY volume.id",
            )
            .await?;
        for row in dates {
            let id: i64 = column(&row, 0)?;
            let flaw = Flaw::CoverDates {
                first: column(&row, 1)?,
                last: column(&row, 2)?,
            };
            self.find("magazine_volume", id, Some(volume_node(id)), flaw);
        }
        let numbers = self
            .wrong(
                "SELECT issue.id, issue.volume_number, volume.number FROM magazine_issue AS issue \
                 JOIN magazine_volume AS volume ON volume.id = issue.volume_id \
                 WHERE issue.volume_number <> volume.number ORDER BY issue.id",
            )
            .await?;
        for row in numbers {
            let id: i64 = column(&row, 0)?;
            let flaw = Flaw::VolumeNumber {
                stored: column(&row, 1)?,
                right: column(&row, 2)?,
            };
            self.find("magazine_issue", id, Some(issue_node(id)), flaw);
        }
        Ok(())
    }
}

fn volume_node(id: i64) -> NodeId {
    NodeId::MagazineVolume(MagazineVolumeId::from_number(id))
}

fn issue_node(id: i64) -> NodeId {
    NodeId::MagazineIssue(MagazineIssueId::from_number(id))
}
