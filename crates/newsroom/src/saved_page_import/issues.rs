//! The issues under 'Latest Magazine'.

use masthead_domain::{
    bikram_sambat::{BikramSambatDate, BikramSambatMonth},
    identifier::{MagazineIssueId, MagazineVolumeId},
    magazine::{CoverDate, MagazineIssue, PrintedBikramSambat},
    publication::Publication,
};
use masthead_formats::saved_page::{
    ListedIssue, PageError, PrintedBikramSambat as ListedBikramSambat, Reason, Warning,
};
use masthead_persistence::Transaction;

use super::{Outcome, PageImportError};

/// Takes in one issue, with a warning where its two calendars disagree.
pub(super) async fn take_in(
    transaction: &Transaction,
    publication: &Publication,
    listed: &ListedIssue,
) -> Result<(Outcome, Option<Warning>), PageImportError> {
    let cover_date = cover_date(listed)?;
    let warning = cover_date
        .calendars_disagree()
        .then(|| disagreement(listed, &cover_date));
    let same_number = transaction
        .reader()
        .magazine_issues_by_number(listed.volume, listed.number)
        .await?;
    let known = same_number.into_iter().find(|issue| {
        match (&issue.registration_number, &listed.registration_number) {
            (Some(known), Some(printed)) => known == printed,
            _ => issue.cover_date.gregorian() == listed.cover_date,
        }
    });
    let Some(known) = known else {
        let series = series(transaction, publication, listed).await?;
        let volume = transaction.magazine_volume(&series, listed.volume).await?;
        let now = transaction.now();
        transaction
            .save_magazine_issue(&MagazineIssue {
                id: MagazineIssueId::new(now),
                volume: volume.map_or_else(|| MagazineVolumeId::new(now), |volume| volume.id),
                series,
                volume_number: listed.volume,
                number: listed.number,
                last_number: listed.last_number,
                cover_date,
                publisher: listed.publisher.clone(),
                editor: listed.editor.clone(),
                registration_number: listed.registration_number.clone(),
                cover: None,
            })
            .await?;
        return Ok((Outcome::New, warning));
    };
    // What this page leaves out stays as another page said it.
    let printed = cover_date.printed().or(known.cover_date.printed()).cloned();
    let issue = MagazineIssue {
        last_number: listed.last_number.or(known.last_number),
        cover_date: CoverDate::new(listed.cover_date, printed).unwrap_or(cover_date),
        publisher: listed.publisher.clone().or_else(|| known.publisher.clone()),
        editor: listed.editor.clone().or_else(|| known.editor.clone()),
        registration_number: listed
            .registration_number
            .clone()
            .or_else(|| known.registration_number.clone()),
        ..known.clone()
    };
    if issue == known {
        return Ok((Outcome::Unchanged, warning));
    }
    transaction.save_magazine_issue(&issue).await?;
    Ok((Outcome::Changed, warning))
}

fn cover_date(listed: &ListedIssue) -> Result<CoverDate, PageError> {
    let printed = listed.bikram_sambat.as_ref().map(printed_bikram_sambat);
    CoverDate::new(listed.cover_date, printed).map_err(|error| PageError {
        line: listed.line,
        reason: Reason::UnreadableIssue {
            text: format!("VOL. {}, No. {}", listed.volume, listed.number),
            problem: error.to_string(),
        },
    })
}

/// What was printed, with the date that was meant. A month may be printed as a figure: it is then shown by
/// its name.
fn printed_bikram_sambat(printed: &ListedBikramSambat) -> PrintedBikramSambat {
    let numbered = printed
        .month_name
        .parse()
        .ok()
        .and_then(BikramSambatMonth::from_number);
    let month = numbered.or_else(|| BikramSambatMonth::parse(&printed.month_name));
    PrintedBikramSambat {
        text: printed.printed.clone(),
        month_name: numbered.map_or_else(
            || printed.month_name.clone(),
            |month| month.name().to_owned(),
        ),
        date: month.and_then(|month| {
            BikramSambatDate::new(printed.year, month.number(), printed.day).ok()
        }),
    }
}

fn disagreement(listed: &ListedIssue, cover_date: &CoverDate) -> Warning {
    let printed = cover_date
        .printed()
        .map(|printed| printed.text.as_str())
        .unwrap_or_default();
    Warning {
        line: listed.line,
        text: format!(
            "the two calendars of VOL. {}, No. {} disagree: {} is {}, but '{printed}' is printed; \
             the Gregorian date is kept",
            listed.volume,
            listed.number,
            cover_date.gregorian().format("%B %-d, %Y"),
            cover_date.bikram_sambat(),
        ),
    }
}

/// The series that a new issue belongs to: that of its register number, else the publication's title; a
/// title that is registered anew begins a series of its own, named with its number.
async fn series(
    transaction: &Transaction,
    publication: &Publication,
    listed: &ListedIssue,
) -> Result<String, PageImportError> {
    let title = publication.title.clone();
    let Some(number) = &listed.registration_number else {
        return Ok(title);
    };
    let reader = transaction.reader();
    if let Some(series) = reader.series_registered_as(number).await? {
        return Ok(series);
    }
    if reader
        .series_has_another_registration(&title, number)
        .await?
    {
        return Ok(format!("{title} ({number})"));
    }
    Ok(title)
}
