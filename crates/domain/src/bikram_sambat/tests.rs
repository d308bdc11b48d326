#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says aloud what it skips"
)]

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Datelike, NaiveDate};

use super::*;

fn gregorian(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The rows of one of the published comparisons beside the workspace, without the header.
fn published_rows(file: &str) -> Option<Vec<Vec<String>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/bs")
        .join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(
            text.lines()
                .skip(1)
                .map(|line| line.split(',').map(str::to_owned).collect())
                .collect(),
        ),
        Err(error) => {
            println!(
                "SKIPPED: {} is not there to compare with: {error}",
                path.display()
            );
            None
        }
    }
}

fn parse_bikram_sambat(text: &str) -> BikramSambatDate {
    let parts: Vec<u16> = text.split('-').map(|part| part.parse().unwrap()).collect();
    let [year, month, day] = parts[..] else {
        panic!("{text} is not a date");
    };
    BikramSambatDate::new(
        year,
        u8::try_from(month).unwrap(),
        u8::try_from(day).unwrap(),
    )
    .unwrap()
}

#[test]
fn published_pairs_of_dates_agree_both_ways_and_with_the_weekday() {
    let Some(rows) = published_rows("ad_bs_pairs.csv") else {
        return;
    };
    assert_eq!(rows.len(), 1000);
    for row in rows {
        let date: NaiveDate = row[0].parse().unwrap();
        let expected = parse_bikram_sambat(&row[1]);
        assert_eq!(
            BikramSambatDate::from_gregorian(date),
            Ok(expected),
            "{row:?}"
        );
        assert_eq!(expected.to_gregorian(), date, "{row:?}");
        assert_eq!(expected.to_gregorian().format("%A").to_string(), row[2]);
    }
}

#[test]
fn month_lengths_and_new_years_days_are_those_of_the_published_majority() {
    let Some(rows) = published_rows("bs_month_lengths_majority.csv") else {
        return;
    };
    let mut compared = 0;
    for row in rows {
        let year: u16 = row[0].parse().unwrap();
        if year > LAST_YEAR {
            continue;
        }
        let lengths: Vec<u8> = row[2..14]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        assert_eq!(table::month_lengths(year).unwrap()[..], lengths, "{year}");
        assert_eq!(days_in(&lengths).to_string(), row[14], "{year}");
        let new_year = BikramSambatDate::new(year, 1, 1).unwrap();
        assert_eq!(new_year.to_gregorian().to_string(), row[1], "{year}");
        compared += 1;
    }
    assert_eq!(compared, 125);
}

#[test]
fn years_on_which_all_agree_have_the_agreed_lengths() {
    let Some(rows) = published_rows("bs_month_lengths.csv") else {
        return;
    };
    for row in rows {
        let year: u16 = row[0].parse().unwrap();
        let Some(known) = table::month_lengths(year) else {
            assert!(year < FIRST_YEAR, "{year} is missing");
            continue;
        };
        let lengths: Vec<u8> = row[2..14]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        assert_eq!(known[..], lengths, "{year}");
    }
}

#[test]
fn exactly_the_disputed_years_and_those_to_come_are_provisional() {
    let provisional: BTreeSet<u16> = (FIRST_YEAR..=LAST_YEAR)
        .filter(|year| BikramSambatDate::new(*year, 1, 1).unwrap().is_provisional())
        .collect();
    assert!(provisional.contains(&2062));
    assert!(!provisional.contains(&2080));
    assert!((2084..=LAST_YEAR).all(|year| provisional.contains(&year)));

    let Some(rows) = published_rows("bs_disagreements.csv") else {
        return;
    };
    let disputed: BTreeSet<u16> = rows
        .iter()
        .map(|row| row[0].parse().unwrap())
        .filter(|year| *year <= LAST_YEAR)
        .collect();
    let expected: BTreeSet<u16> = disputed.into_iter().chain(2084..=LAST_YEAR).collect();
    assert_eq!(provisional, expected);
}

#[test]
fn every_day_in_range_goes_there_and_back_in_order() {
    let mut date = FIRST_DAY;
    let mut previous: Option<BikramSambatDate> = None;
    let mut days = 0;
    while date <= LAST_DAY {
        let here = BikramSambatDate::from_gregorian(date).unwrap();
        assert_eq!(here.to_gregorian(), date);
        assert_eq!(
            BikramSambatDate::new(here.year(), here.month().number(), here.day()),
            Ok(here)
        );
        if let Some(previous) = previous {
            assert!(previous < here);
            assert!(here.day() == previous.day() + 1 || here.day() == 1);
        }
        previous = Some(here);
        date = date.succ_opt().unwrap();
        days += 1;
    }
    assert_eq!(
        days,
        table::years()
            .map(|(_, lengths)| days_in(lengths))
            .sum::<u64>()
    );
}

#[test]
fn each_year_begins_the_day_after_the_last_one_ended_and_in_the_middle_of_april() {
    for year in FIRST_YEAR..LAST_YEAR {
        let last_length = table::month_lengths(year).unwrap()[11];
        let last = BikramSambatDate::new(year, 12, last_length).unwrap();
        let first = BikramSambatDate::new(year + 1, 1, 1)
            .unwrap()
            .to_gregorian();
        assert_eq!(last.to_gregorian().succ_opt(), Some(first), "{year}");
        assert_eq!(first.month(), 4);
        assert!((13..=15).contains(&first.day()), "{first}");
    }
}

#[test]
fn cover_dates_of_a_real_magazine() {
    for ((year, month, day), (bs_month, bs_day), text) in [
        ((2024, 6, 14), (2, 32), "Jestha 32, 2081"),
        ((2024, 5, 24), (2, 11), "Jestha 11, 2081"),
        ((2024, 5, 10), (1, 28), "Baishakh 28, 2081"),
        ((2024, 4, 26), (1, 14), "Baishakh 14, 2081"),
    ] {
        let cover = BikramSambatDate::from_gregorian(gregorian(year, month, day)).unwrap();
        assert_eq!(
            cover,
            BikramSambatDate::new(2081, bs_month, bs_day).unwrap()
        );
        assert_eq!(cover.to_gregorian(), gregorian(year, month, day));
        assert_eq!(cover.to_string(), text);
    }
}

#[test]
fn the_edges_of_the_range_are_known_and_nothing_beyond_them() {
    let first = BikramSambatDate::new(1975, 1, 1).unwrap();
    let last = BikramSambatDate::new(2099, 12, 30).unwrap();
    assert_eq!(first.to_gregorian(), FIRST_DAY);
    assert_eq!(last.to_gregorian(), LAST_DAY);
    for date in [
        FIRST_DAY.pred_opt().unwrap(),
        LAST_DAY.succ_opt().unwrap(),
        NaiveDate::MIN,
        NaiveDate::MAX,
    ] {
        let error = BikramSambatDate::from_gregorian(date).unwrap_err();
        assert_eq!(error, BikramSambatError::GregorianOutOfRange { date });
        assert!(
            error.to_string().contains("from 1918-04-13 to 2043-04-13"),
            "{error}"
        );
    }
    for year in [0, 1974, 2100, u16::MAX] {
        let error = BikramSambatDate::new(year, 1, 1).unwrap_err();
        assert_eq!(error, BikramSambatError::YearOutOfRange { year });
        assert!(error.to_string().contains("from 1975 to 2099"), "{error}");
    }
}

#[test]
fn a_month_or_day_that_is_not_there_is_refused_with_what_is() {
    for month in [0, 13, u8::MAX] {
        assert_eq!(
            BikramSambatDate::new(2081, month, 1),
            Err(BikramSambatError::MonthOutOfRange { month })
        );
    }
    for day in [0, 33, u8::MAX] {
        let error = BikramSambatDate::new(2081, 2, day).unwrap_err();
        assert!(
            error.to_string().starts_with("Jestha 2081 has 32 days"),
            "{error}"
        );
    }
    assert!(BikramSambatDate::new(2081, 12, 31).is_ok());
    assert!(BikramSambatDate::new(2080, 12, 31).is_err());
}

#[test]
fn months_know_their_number_and_their_names() {
    for (index, month) in BikramSambatMonth::ALL.into_iter().enumerate() {
        assert_eq!(usize::from(month.number()), index + 1);
        assert_eq!(BikramSambatMonth::from_number(month.number()), Some(month));
        assert_eq!(BikramSambatMonth::parse(month.name()), Some(month));
        assert_eq!(BikramSambatMonth::parse(month.name_nepali()), Some(month));
    }
    assert_eq!(BikramSambatMonth::from_number(0), None);
    assert_eq!(BikramSambatMonth::from_number(13), None);
}

#[test]
fn months_are_read_in_the_spellings_in_print() {
    for (number, spellings) in [
        (1, "Baishak Baisakh Baishakh Vaishakh Baisakha वैशाख बैशाख"),
        (2, "Jestha Jeth Jesth Jyestha जेठ ज्येष्ठ जेष्ठ"),
        (3, "Asar Ashad Ashadh Asadh असार आषाढ"),
        (4, "Shrawan Saun Sawan Srawan Shravan साउन श्रावण"),
        (5, "Bhadra Bhadau Bhado भदौ भाद्र"),
        (6, "Ashwin Asoj Aswin Ashoj असोज आश्विन"),
        (7, "Kartik Kattik कात्तिक कार्तिक"),
        (8, "Mangsir Marga Mangshir Margashirsha मंसिर मार्ग मार्गशीर्ष"),
        (9, "Poush Push Paush Pus पुस पौष"),
        (10, "Magh माघ"),
        (11, "Falgun Phalgun Fagun Phagun फागुन फाल्गुन"),
        (12, "Chaitra Chait Chaita चैत चैत्र"),
    ] {
        for spelling in spellings.split(' ') {
            for written in [
                spelling.to_owned(),
                spelling.to_uppercase(),
                format!(" {}. ", spelling.to_lowercase()),
            ] {
                let month = BikramSambatMonth::parse(&written);
                assert_eq!(
                    month.map(BikramSambatMonth::number),
                    Some(number),
                    "{written}"
                );
            }
        }
    }
    for other in ["", ".", "June", "Ma", "Jestha 32"] {
        assert_eq!(BikramSambatMonth::parse(other), None, "{other}");
    }
}

#[test]
fn no_spelling_stands_for_two_months() {
    let mut seen = BTreeSet::new();
    for month in BikramSambatMonth::ALL {
        for spelling in month.spellings() {
            assert!(seen.insert(spelling), "{spelling}");
            assert_eq!(spelling.to_lowercase(), spelling);
        }
    }
}
