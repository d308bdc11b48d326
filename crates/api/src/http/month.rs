//! A calendar month in UTC: what archives and sitemaps are parted by.

use std::fmt;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, SecondsFormat, Utc};

/// A month, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month(NaiveDate);

impl Month {
    /// The month of an instant.
    pub(crate) fn of(instant: DateTime<Utc>) -> Self {
        let day = instant.date_naive();
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The January of the year of an instant.
    pub(crate) fn january_of(instant: DateTime<Utc>) -> Self {
        let Self(day) = Self::of(instant);
        Self(day.with_month(1).unwrap_or(day))
    }

    /// Reads `2024-06`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4
            || month.len() != 2
            || !text
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit())
        {
            return None;
        }
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).map(Self)
    }

    /// Its first instant, as GraphQL takes it.
    pub(crate) fn start(self) -> String {
        let start = self.0.and_time(NaiveTime::MIN).and_utc();
        start.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// The month after it.
    pub(crate) fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format("%Y-%m"))
    }
}
