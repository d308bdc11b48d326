//! The printed magazine: volumes, issues and their cover dates in two calendars.

use chrono::{Datelike, NaiveDate};

use crate::{
    bikram_sambat::{BikramSambatDate, BikramSambatError},
    identifier::{MagazineIssueId, MagazineVolumeId},
    image::Image,
    paging::Position,
};

/// A year's run of the magazine, within a series: numbers start again when a title is registered anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagazineVolume {
    /// Its identity.
    pub id: MagazineVolumeId,
    /// The title as registered.
    pub series: String,
    /// The volume's number in its series.
    pub number: i32,
    /// The earliest cover date of its issues.
    pub first_cover_date: NaiveDate,
    /// The latest cover date of its issues.
    pub last_cover_date: NaiveDate,
}

/// One number of the magazine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagazineIssue {
    /// Its identity.
    pub id: MagazineIssueId,
    /// The volume it belongs to.
    pub volume: MagazineVolumeId,
    /// The title as registered: its volume's series.
    pub series: String,
    /// Its volume's number.
    pub volume_number: i32,
    /// Its number within the volume.
    pub number: i32,
    /// Of a double issue, the second number.
    pub last_number: Option<i32>,
    /// The day it bears, in both calendars.
    pub cover_date: CoverDate,
    /// Who published it.
    pub publisher: Option<String>,
    /// Who edited it.
    pub editor: Option<String>,
    /// The number under which it was registered.
    pub registration_number: Option<String>,
    /// A picture of its cover.
    pub cover: Option<Image>,
}

impl MagazineVolume {
    /// Where it stands in a list of volumes: by the cover date of its latest issue.
    pub fn position(&self) -> Position {
        Position {
            value: day_number(self.last_cover_date),
            id: self.id.number(),
        }
    }
}

impl MagazineIssue {
    /// Where it stands in a list of issues: by cover date.
    pub fn position(&self) -> Position {
        Position {
            value: self.cover_date.day_number(),
            id: self.id.number(),
        }
    }

    /// How it is cited: 'VOL. 17, No. 21, June 14, 2024 (Jestha 32, 2081)'.
    pub fn citation(&self) -> String {
        let last_number = self
            .last_number
            .map(|last| format!("-{last}"))
            .unwrap_or_default();
        format!(
            "VOL. {}, No. {}{last_number}, {} ({})",
            self.volume_number,
            self.number,
            self.cover_date.gregorian().format("%B %-d, %Y"),
            self.cover_date.bikram_sambat_text(),
        )
    }
}

/// The day an issue bears: in the Gregorian calendar, in Bikram Sambat, and what was printed of the latter.
///
/// The Gregorian day decides. It is one whose Bikram Sambat date the table knows, so both are always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverDate {
    gregorian: NaiveDate,
    bikram_sambat: BikramSambatDate,
    printed: Option<PrintedBikramSambat>,
}

/// A Bikram Sambat date as a source printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedBikramSambat {
    /// To the letter: 'Jestha-32. 2081'.
    pub text: String,
    /// The month's name as printed.
    pub month_name: String,
    /// The date that was meant; none if there is no such day.
    pub date: Option<BikramSambatDate>,
}

impl CoverDate {
    /// A cover date, with what was printed of it in Bikram Sambat.
    ///
    /// # Errors
    /// When the day lies outside the years that the table knows.
    pub fn new(
        gregorian: NaiveDate,
        printed: Option<PrintedBikramSambat>,
    ) -> Result<Self, BikramSambatError> {
        let bikram_sambat = BikramSambatDate::from_gregorian(gregorian)?;
        Ok(Self {
            gregorian,
            bikram_sambat,
            printed,
        })
    }

    /// The day in the Gregorian calendar.
    pub fn gregorian(&self) -> NaiveDate {
        self.gregorian
    }

    /// The same day in Bikram Sambat, by the table.
    pub fn bikram_sambat(&self) -> BikramSambatDate {
        self.bikram_sambat
    }

    /// What was printed in Bikram Sambat.
    pub fn printed(&self) -> Option<&PrintedBikramSambat> {
        self.printed.as_ref()
    }

    /// Whether what was printed in Bikram Sambat is another day than the Gregorian date.
    pub fn calendars_disagree(&self) -> bool {
        self.printed
            .as_ref()
            .is_some_and(|printed| printed.date != Some(self.bikram_sambat))
    }

    /// The Bikram Sambat date as it is shown: with the month spelled as printed where the two calendars
    /// agree, else from the table.
    pub fn bikram_sambat_text(&self) -> String {
        match &self.printed {
            Some(printed) if !self.calendars_disagree() => format!(
                "{} {}, {}",
                printed.month_name,
                self.bikram_sambat.day(),
                self.bikram_sambat.year()
            ),
            _ => self.bikram_sambat.to_string(),
        }
    }

    /// Days since 1970-01-01, by which issues are ordered.
    pub fn day_number(&self) -> i64 {
        day_number(self.gregorian)
    }
}

/// Days from 1970-01-01 to this day.
pub fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce()) - i64::from(NaiveDate::default().num_days_from_ce())
}

/// The day that lies this many days after 1970-01-01.
pub fn day_of_number(number: i64) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::Duration::try_days(number)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn issue(last_number: Option<i32>, printed: Option<PrintedBikramSambat>) -> MagazineIssue {
        let day = NaiveDate::from_ymd_opt(2024, 5, 10).unwrap();
        MagazineIssue {
            id: MagazineIssueId::from_number(1),
            volume: MagazineVolumeId::from_number(1),
            series: "A Magazine".to_owned(),
            volume_number: 17,
            number: 19,
            last_number,
            cover_date: CoverDate::new(day, printed).unwrap(),
            publisher: None,
            editor: None,
            registration_number: None,
            cover: None,
        }
    }

    #[test]
    fn an_issue_is_cited_with_both_calendars() {
        assert_eq!(
            issue(None, None).citation(),
            "VOL. 17, No. 19, May 10, 2024 (Baishakh 28, 2081)"
        );
        assert_eq!(
            issue(Some(20), None).citation(),
            "VOL. 17, No. 19-20, May 10, 2024 (Baishakh 28, 2081)"
        );
    }

    #[test]
    fn what_was_printed_is_shown_where_it_is_the_same_day() {
        let printed = |day| PrintedBikramSambat {
            text: format!("Baishak,{day}. 2081"),
            month_name: "Baishak".to_owned(),
            date: Some(BikramSambatDate::new(2081, 1, day).unwrap()),
        };
        let agreeing = issue(None, Some(printed(28)));
        assert!(!agreeing.cover_date.calendars_disagree());
        assert_eq!(agreeing.cover_date.bikram_sambat_text(), "Baishak 28, 2081");
        let disagreeing = issue(None, Some(printed(27)));
        assert!(disagreeing.cover_date.calendars_disagree());
        assert_eq!(
            disagreeing.cover_date.bikram_sambat_text(),
            "Baishakh 28, 2081"
        );
    }

    #[test]
    fn days_count_from_1970() {
        let day = NaiveDate::from_ymd_opt(2024, 6, 14).unwrap();
        assert_eq!(day_number(day), 19_888);
        assert_eq!(day_of_number(19_888), Some(day));
        assert_eq!(day_of_number(i64::MAX), None);
    }
}
