//! The printed magazine: volumes and issues, newest cover date first.

mod saving;

use std::collections::{BTreeMap, HashMap};

use masthead_domain::{
    bikram_sambat::{BikramSambatDate, BikramSambatMonth},
    identifier::{MagazineIssueId, MagazineVolumeId},
    magazine::{CoverDate, MagazineIssue, MagazineVolume, PrintedBikramSambat, day_of_number},
    paging::{End, Page, PageRequest},
};
use serde::{Deserialize, Serialize};

use crate::{
    PersistenceError, Reader,
    articles::stored_image,
    keyset::{Between, Parents, count, order_by, range},
    row::{Row, column},
    statement::Sql,
};

pub(crate) const VOLUME_COLUMNS: &str =
    "volume.id, volume.series, volume.number, volume.first_cover_date, volume.last_cover_date";

pub(crate) const ISSUE_COLUMNS: &str = "issue.id, issue.volume_id, volume.series, volume.number, issue.number, issue.last_number, \
     issue.cover_date, issue.printed_bikram_sambat, issue.publisher, issue.editor, issue.registration_number, issue.cover";

const BY_VOLUME_NUMBER: &str = "magazine_issue_by_volume_number_cover_date_id";

const ISSUE_COLUMN_COUNT: usize = 12;

/// What was printed of a cover date in Bikram Sambat, as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredBikramSambat {
    pub(crate) text: String,
    pub(crate) month_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<(u16, u8, u8)>,
}

impl From<&PrintedBikramSambat> for StoredBikramSambat {
    fn from(printed: &PrintedBikramSambat) -> Self {
        Self {
            text: printed.text.clone(),
            month_name: printed.month_name.clone(),
            date: printed
                .date
                .map(|date| (date.year(), date.month().number(), date.day())),
        }
    }
}

impl From<StoredBikramSambat> for PrintedBikramSambat {
    fn from(stored: StoredBikramSambat) -> Self {
        Self {
            text: stored.text,
            month_name: stored.month_name,
            date: stored.date.and_then(|(year, month, day)| {
                BikramSambatMonth::from_number(month)?;
                BikramSambatDate::new(year, month, day).ok()
            }),
        }
    }
}

pub(crate) fn volume(row: &Row) -> Result<MagazineVolume, PersistenceError> {
    Ok(MagazineVolume {
        id: MagazineVolumeId::from_number(column(row, 0)?),
        series: column(row, 1)?,
        number: small(column(row, 2)?)?,
        first_cover_date: day(column(row, 3)?)?,
        last_cover_date: day(column(row, 4)?)?,
    })
}

pub(crate) fn issue(row: &Row) -> Result<MagazineIssue, PersistenceError> {
    let printed: Option<String> = column(row, 7)?;
    let printed = printed
        .map(|json| serde_json::from_str::<StoredBikramSambat>(&json))
        .transpose()
        .map_err(|error| PersistenceError::stored(format!("printed date: {error}")))?;
    let cover: Option<String> = column(row, 11)?;
    Ok(MagazineIssue {
        id: MagazineIssueId::from_number(column(row, 0)?),
        volume: MagazineVolumeId::from_number(column(row, 1)?),
        series: column(row, 2)?,
        volume_number: small(column(row, 3)?)?,
        number: small(column(row, 4)?)?,
        last_number: column::<Option<i64>>(row, 5)?.map(small).transpose()?,
        cover_date: CoverDate::new(day(column(row, 6)?)?, printed.map(Into::into))
            .map_err(|error| PersistenceError::stored(error.to_string()))?,
        publisher: column(row, 8)?,
        editor: column(row, 9)?,
        registration_number: column(row, 10)?,
        cover: cover.as_deref().map(stored_image).transpose()?,
    })
}

fn small(number: i64) -> Result<i32, PersistenceError> {
    i32::try_from(number).map_err(|_| PersistenceError::stored(format!("number {number}")))
}

fn day(number: i64) -> Result<chrono::NaiveDate, PersistenceError> {
    day_of_number(number).ok_or_else(|| PersistenceError::stored(format!("day {number}")))
}

/// A page of the issues of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IssueListKey {
    /// The volume.
    pub volume: MagazineVolumeId,
    /// Which page.
    pub page: PageRequest,
}

impl Reader<'_> {
    /// The issue with this number; of a double issue either number finds it. Where two series have it and
    /// none is named, the one with the newer cover date.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issue_by_number(
        &self,
        series: Option<&str>,
        volume_number: i32,
        number: i32,
    ) -> Result<Option<MagazineIssue>, PersistenceError> {
        let mut sql = self.issues(BY_VOLUME_NUMBER);
        sql.text(" WHERE issue.volume_number = ")
            .value(i64::from(volume_number));
        sql.text(" AND issue.number <= ").value(i64::from(number));
        sql.text(" AND COALESCE(issue.last_number, issue.number) >= ")
            .value(i64::from(number));
        if let Some(series) = series {
            sql.text(" AND volume.series = ").value(series);
        }
        order_by(&mut sql, "issue.cover_date", "issue.id", true);
        sql.text(" LIMIT 1");
        self.one(sql).await?.as_ref().map(issue).transpose()
    }

    /// All issues with this volume's and issue's number, over all series, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issues_by_number(
        &self,
        volume_number: i32,
        number: i32,
    ) -> Result<Vec<MagazineIssue>, PersistenceError> {
        let mut sql = self.issues(BY_VOLUME_NUMBER);
        sql.text(" WHERE issue.volume_number = ")
            .value(i64::from(volume_number));
        sql.text(" AND issue.number = ").value(i64::from(number));
        order_by(&mut sql, "issue.cover_date", "issue.id", true);
        self.all(sql).await?.iter().map(issue).collect()
    }

    /// The series whose latest issue was registered under this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn series_registered_as(
        &self,
        registration_number: &str,
    ) -> Result<Option<String>, PersistenceError> {
        let mut sql = self.sql(
            "SELECT volume.series FROM magazine_issue AS issue JOIN magazine_volume AS volume \
             ON volume.id = issue.volume_id WHERE issue.registration_number = ",
        );
        sql.value(registration_number);
        order_by(&mut sql, "issue.cover_date", "issue.id", true);
        sql.text(" LIMIT 1");
        self.one(sql)
            .await?
            .as_ref()
            .map(|row| column(row, 0))
            .transpose()
    }

    /// Whether a series has an issue that was registered under another number than this.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn series_has_another_registration(
        &self,
        series: &str,
        registration_number: &str,
    ) -> Result<bool, PersistenceError> {
        let mut sql = self.sql(
            "SELECT 1 FROM magazine_issue AS issue JOIN magazine_volume AS volume \
             ON volume.id = issue.volume_id WHERE volume.series = ",
        );
        sql.value(series)
            .text(" AND issue.registration_number <> ")
            .value(registration_number);
        sql.text(" LIMIT 1");
        Ok(self.one(sql).await?.is_some())
    }

    /// The issues with these identities, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issues_by_id(
        &self,
        ids: &[MagazineIssueId],
    ) -> Result<Vec<MagazineIssue>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(ISSUE_COLUMNS)
            .text(" FROM ")
            .each_wanted(ids.iter().map(|id| id.number()));
        sql.text("magazine_issue AS issue ON issue.id = wanted.value JOIN magazine_volume AS volume ON volume.id = issue.volume_id");
        self.all(sql).await?.iter().map(issue).collect()
    }

    /// The volumes with these identities, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_volumes_by_id(
        &self,
        ids: &[MagazineVolumeId],
    ) -> Result<Vec<MagazineVolume>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(VOLUME_COLUMNS)
            .text(" FROM ")
            .each_wanted(ids.iter().map(|id| id.number()));
        sql.text("magazine_volume AS volume ON volume.id = wanted.value");
        self.all(sql).await?.iter().map(volume).collect()
    }

    /// A page of the issues, of one volume number or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issues(
        &self,
        volume_number: Option<i32>,
        page: &PageRequest,
    ) -> Result<Page<MagazineIssue>, PersistenceError> {
        let index = match volume_number {
            Some(_) => BY_VOLUME_NUMBER,
            None => "magazine_issue_by_cover_date_id",
        };
        let mut sql = self.issues(index);
        sql.text(" WHERE TRUE");
        of_volume(&mut sql, volume_number);
        self.magazine_page(sql, ("issue.cover_date", "issue.id"), page, issue)
            .await
    }

    /// How many issues there are, of one volume number or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issue_count(
        &self,
        volume_number: Option<i32>,
    ) -> Result<u64, PersistenceError> {
        let mut sql = self.sql("SELECT COUNT(*) FROM magazine_issue AS issue WHERE TRUE");
        of_volume(&mut sql, volume_number);
        count(self.one(sql).await?.as_ref())
    }

    /// A page of the volumes, by the cover date of their latest issue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_volumes(
        &self,
        page: &PageRequest,
    ) -> Result<Page<MagazineVolume>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(VOLUME_COLUMNS)
            .text(" FROM magazine_volume AS volume WHERE TRUE");
        self.magazine_page(sql, ("volume.last_cover_date", "volume.id"), page, volume)
            .await
    }

    /// How many volumes there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_volume_count(&self) -> Result<u64, PersistenceError> {
        self.row_count("magazine_volume").await
    }

    /// Pages of the issues of many volumes, in the order of the keys: one statement for each size of page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issue_lists(
        &self,
        keys: &[IssueListKey],
    ) -> Result<Vec<Page<MagazineIssue>>, PersistenceError> {
        let mut groups: BTreeMap<(bool, u16), Vec<usize>> = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            groups
                .entry((key.page.end == End::Last, key.page.size))
                .or_default()
                .push(place);
        }
        let mut lists: HashMap<usize, Vec<MagazineIssue>> = HashMap::new();
        for ((from_the_end, size), places) in groups {
            let mut parents = Parents::default();
            for (place, key) in places
                .iter()
                .filter_map(|place| Some((*place, keys.get(*place)?)))
            {
                parents.add(place, &[key.volume.number()], &Between::of(&key.page, true));
            }
            let mut sql = self.sql("SELECT ");
            sql.text(ISSUE_COLUMNS);
            parents.walk(
                &mut sql,
                "magazine_issue",
                ("volume_id", "cover_date", "id"),
                size,
                from_the_end,
                "issue",
            );
            sql.text(" JOIN magazine_volume AS volume ON volume.id = issue.volume_id");
            for row in self.all(sql).await? {
                if let Some(place) = parents.place(column(&row, ISSUE_COLUMN_COUNT)?) {
                    lists.entry(place).or_default().push(issue(&row)?);
                }
            }
        }
        Ok(keys
            .iter()
            .enumerate()
            .map(|(place, key)| {
                let mut rows = lists.remove(&place).unwrap_or_default();
                rows.sort_by_key(|issue| std::cmp::Reverse(issue.position()));
                key.page.cut(rows)
            })
            .collect())
    }

    /// How many issues many volumes have, in one statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn magazine_issue_list_counts(
        &self,
        volumes: &[MagazineVolumeId],
    ) -> Result<HashMap<MagazineVolumeId, u64>, PersistenceError> {
        let mut sql = self.sql("SELECT issue.volume_id, COUNT(*) FROM ");
        sql.each_wanted(volumes.iter().map(|id| id.number()));
        sql.text(
            "magazine_issue AS issue ON issue.volume_id = wanted.value GROUP BY issue.volume_id",
        );
        let mut counts = HashMap::new();
        for row in self.all(sql).await? {
            let issues: i64 = column(&row, 1)?;
            counts.insert(
                MagazineVolumeId::from_number(column(&row, 0)?),
                u64::try_from(issues).unwrap_or_default(),
            );
        }
        Ok(counts)
    }

    /// Issues with their volumes, walked along this index.
    fn issues(&self, index: &str) -> Sql {
        let mut sql = self.sql("SELECT ");
        sql.text(ISSUE_COLUMNS)
            .text(" FROM magazine_issue AS issue")
            .along(index);
        sql.then_join("magazine_volume AS volume ON volume.id = issue.volume_id");
        sql
    }

    async fn magazine_page<Listed>(
        &self,
        mut sql: Sql,
        (date, id): (&str, &str),
        page: &PageRequest,
        read: impl Fn(&Row) -> Result<Listed, PersistenceError>,
    ) -> Result<Page<Listed>, PersistenceError> {
        range(&mut sql, date, id, &Between::of(page, true));
        order_by(&mut sql, date, id, page.end == End::First);
        sql.text(" LIMIT ").value(i64::from(page.size) + 1);
        let mut rows: Vec<Listed> = self
            .all(sql)
            .await?
            .iter()
            .map(read)
            .collect::<Result<_, _>>()?;
        if page.end == End::Last {
            rows.reverse();
        }
        Ok(page.cut(rows))
    }
}

fn of_volume(sql: &mut Sql, volume_number: Option<i32>) {
    if let Some(number) = volume_number {
        sql.text(" AND issue.volume_number = ")
            .value(i64::from(number));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    /// Rows written by released versions are read for ever.
    #[test]
    fn printed_dates_are_read_as_they_were_first_written() {
        let json = r#"{"text":"Jestha-32. 2081","month_name":"Jestha","date":[2081,2,32]}"#;
        let printed: PrintedBikramSambat = serde_json::from_str::<StoredBikramSambat>(json)
            .unwrap()
            .into();
        assert_eq!(printed.date, BikramSambatDate::new(2081, 2, 32).ok());
        assert_eq!(
            serde_json::to_string(&StoredBikramSambat::from(&printed)).unwrap(),
            json
        );
    }
}
