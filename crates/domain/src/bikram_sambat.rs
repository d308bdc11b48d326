//! Bikram Sambat, Nepal's official calendar: the date that a magazine prints beside the Gregorian one.
//!
//! Dates are calendar days without a time or a zone. They are known for the years of the table
//! ([`FIRST_YEAR`] to [`LAST_YEAR`] BS, 13 April 1918 to 13 April 2043); anything outside is an error
//! that names the range, never a guess. Later years and years in dispute are
//! [provisional](BikramSambatDate::is_provisional).

use std::fmt;

use chrono::{Days, NaiveDate};

mod month;
mod table;
#[cfg(test)]
mod tests;

pub use month::BikramSambatMonth;
pub use table::{FIRST_YEAR, LAST_YEAR, TABLE_VERSION};

/// Baishakh 1, 1975 BS: the day that every conversion counts from.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1918, 4, 13) {
    Some(day) => day,
    None => panic!("13 April 1918 is a date"),
};

/// The Gregorian day of Chaitra's last day in 2099 BS.
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2043, 4, 13) {
    Some(day) => day,
    None => panic!("13 April 2043 is a date"),
};

/// A day of the Bikram Sambat calendar that the table knows; ordered by time.
///
/// Shown as the magazine prints it: `Jestha 32, 2081`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BikramSambatDate {
    year: u16,
    month: BikramSambatMonth,
    day: u8,
}

/// Why there is no such date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BikramSambatError {
    /// The year is not in the table.
    #[error(
        "the Bikram Sambat calendar is known from {FIRST_YEAR} to {LAST_YEAR}; give a year in that range, not {year}"
    )]
    YearOutOfRange {
        /// The year asked for, BS.
        year: u16,
    },
    /// A year has twelve months.
    #[error("a Bikram Sambat month is a number from 1 (Baishakh) to 12 (Chaitra), not {month}")]
    MonthOutOfRange {
        /// The month asked for.
        month: u8,
    },
    /// The month has no such day in that year.
    #[error("{month} {year} has {length} days; give a day from 1 to {length}, not {day}")]
    DayOutOfRange {
        /// The year, BS.
        year: u16,
        /// The month.
        month: BikramSambatMonth,
        /// The day asked for.
        day: u8,
        /// How many days the month has in that year.
        length: u8,
    },
    /// The Gregorian day lies outside the table.
    #[error(
        "the Bikram Sambat calendar is known from {FIRST_DAY} to {LAST_DAY}; give a date in that range, not {date}"
    )]
    GregorianOutOfRange {
        /// The Gregorian date asked for.
        date: NaiveDate,
    },
}

impl BikramSambatDate {
    /// The date of that year (BS), month (1 to 12) and day (from 1).
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, BikramSambatError> {
        let lengths =
            table::month_lengths(year).ok_or(BikramSambatError::YearOutOfRange { year })?;
        let (month, &length) = BikramSambatMonth::from_number(month)
            .and_then(|known| Some((known, lengths.get(known.index())?)))
            .ok_or(BikramSambatError::MonthOutOfRange { month })?;
        if day == 0 || day > length {
            return Err(BikramSambatError::DayOutOfRange {
                year,
                month,
                day,
                length,
            });
        }
        Ok(Self { year, month, day })
    }

    /// The Bikram Sambat date of a Gregorian calendar day, which is taken to be Nepal's.
    pub fn from_gregorian(date: NaiveDate) -> Result<Self, BikramSambatError> {
        let out_of_range = BikramSambatError::GregorianOutOfRange { date };
        let mut days = u64::try_from((date - FIRST_DAY).num_days()).map_err(|_| out_of_range)?;
        for (year, lengths) in table::years() {
            let days_of_year = days_in(lengths);
            if days >= days_of_year {
                days -= days_of_year;
                continue;
            }
            for (month, &length) in BikramSambatMonth::ALL.into_iter().zip(lengths) {
                // Within a month the count is below 32, so it fits.
                match u8::try_from(days) {
                    Ok(passed) if passed < length => {
                        let day = passed + 1;
                        return Ok(Self { year, month, day });
                    }
                    _ => days -= u64::from(length),
                }
            }
        }
        Err(out_of_range)
    }

    /// The Gregorian calendar day that this date falls on in Nepal.
    pub fn to_gregorian(self) -> NaiveDate {
        let years: u64 = table::years()
            .take_while(|(year, _)| *year < self.year)
            .map(|(_, lengths)| days_in(lengths))
            .sum();
        let months = table::month_lengths(self.year).map_or(0, |lengths| {
            days_in(lengths.iter().take(self.month.index()))
        });
        FIRST_DAY + Days::new(years + months + u64::from(self.day) - 1)
    }

    /// The year, BS.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month.
    pub fn month(self) -> BikramSambatMonth {
        self.month
    }

    /// The day of the month, from 1 to at most 32.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Whether the date may turn out otherwise: published tables differ on its year, or the year's
    /// calendar was not yet fixed when the table ([`TABLE_VERSION`]) was made.
    pub fn is_provisional(self) -> bool {
        table::is_provisional(self.year)
    }
}

impl fmt::Display for BikramSambatDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}, {}", self.month, self.day, self.year)
    }
}

fn days_in<'lengths>(lengths: impl IntoIterator<Item = &'lengths u8>) -> u64 {
    lengths.into_iter().copied().map(u64::from).sum()
}
