//! Saving magazine issues: each is known by series, volume and number, and made where there is none.

use chrono::NaiveDate;
use masthead_domain::{
    identifier::{MagazineIssueId, MagazineVolumeId},
    magazine::{CoverDate, MagazineIssue},
    node_id::NodeId,
    viewer::Role,
};
use masthead_persistence::Transaction;

use crate::{
    desk::{Desk, WriteError, in_one_write},
    drafts::{ImageInput, picture},
    input::{Edit, FaultCode, Faults, one},
};

const NAME: usize = 200;

/// An issue, as a person hands it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagazineIssueInput {
    /// The title as registered; the publication's where it is not given.
    pub series: Option<String>,
    /// Its volume's number, from 1 on.
    pub volume: i32,
    /// Its number within the volume, from 1 on.
    pub number: i32,
    /// Of a double issue, the second number.
    pub last_number: Edit<i32>,
    /// The day it bears.
    pub cover_date: NaiveDate,
    /// Who published it.
    pub publisher: Edit<String>,
    /// Who edited it.
    pub editor: Edit<String>,
    /// The number under which it was registered.
    pub registration_number: Edit<String>,
    /// A picture of its cover.
    pub cover: Edit<ImageInput>,
}

impl Desk {
    /// Saves an issue, and its volume with it. What is as it was is not saved again.
    ///
    /// # Errors
    /// When the caller is no editor, the input has faults, or the database fails.
    pub async fn save_magazine_issue(
        &self,
        input: &MagazineIssueInput,
    ) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| save(transaction, input))
    }
}

async fn save(transaction: &Transaction, input: &MagazineIssueInput) -> Result<NodeId, WriteError> {
    let mut faults = Faults::default();
    check_numbers(&mut faults, input);
    let series = match &input.series {
        Some(series) => faults.line("series", series, NAME),
        None => {
            transaction
                .reader()
                .publication()
                .await?
                .unwrap_or_default()
                .title
        }
    };
    let known = known(transaction, &mut faults, &series, input).await?;
    let former = known.as_ref();
    let last_number = match input.last_number {
        Edit::Keep => former.and_then(|issue| issue.last_number),
        Edit::Clear => None,
        Edit::Set(last) => Some(last),
    };
    // What was printed in Bikram Sambat was printed beside that day.
    let printed = former
        .filter(|issue| issue.cover_date.gregorian() == input.cover_date)
        .and_then(|issue| issue.cover_date.printed().cloned());
    let cover_date = CoverDate::new(input.cover_date, printed);
    if let Err(error) = &cover_date {
        faults.add(FaultCode::Invalid, "coverDate", error.to_string());
    }
    let mut name = |field: &str, edit: &Edit<String>, former: Option<String>| match edit {
        Edit::Keep => former,
        Edit::Clear => None,
        Edit::Set(text) => faults.optional_line(field, text, NAME),
    };
    let publisher = name(
        "publisher",
        &input.publisher,
        former.and_then(|issue| issue.publisher.clone()),
    );
    let editor = name(
        "editor",
        &input.editor,
        former.and_then(|issue| issue.editor.clone()),
    );
    let registration_number = name(
        "registrationNumber",
        &input.registration_number,
        former.and_then(|issue| issue.registration_number.clone()),
    );
    let cover = match &input.cover {
        Edit::Keep => former.and_then(|issue| issue.cover.clone()),
        Edit::Clear => None,
        Edit::Set(image) => picture(&mut faults, "cover", image),
    };
    faults.none_or(())?;
    let cover_date =
        cover_date.map_err(|error| one(FaultCode::Invalid, "coverDate", error.to_string()))?;
    let now = transaction.now();
    let (id, volume) = match former {
        Some(issue) => (issue.id, issue.volume),
        None => (
            MagazineIssueId::new(now),
            transaction
                .magazine_volume(&series, input.volume)
                .await?
                .map_or_else(|| MagazineVolumeId::new(now), |volume| volume.id),
        ),
    };
    let issue = MagazineIssue {
        id,
        volume,
        series,
        volume_number: input.volume,
        number: input.number,
        last_number,
        cover_date,
        publisher,
        editor,
        registration_number,
        cover,
    };
    if former != Some(&issue) {
        transaction.save_magazine_issue(&issue).await?;
    }
    Ok(NodeId::MagazineIssue(id))
}

/// Numbers count from 1, and a double issue's ascend.
fn check_numbers(faults: &mut Faults, input: &MagazineIssueInput) {
    for (field, number) in [("volume", input.volume), ("number", input.number)] {
        if number < 1 {
            faults.add(
                FaultCode::Invalid,
                field,
                format!("'{field}' is {number}: numbers count from 1"),
            );
        }
    }
    if let Edit::Set(last) = input.last_number
        && last <= input.number
    {
        faults.add(
            FaultCode::Invalid,
            "lastNumber",
            format!(
                "the second number of a double issue comes after the first, {}: leave it out of a single one",
                input.number
            ),
        );
    }
}

/// The issue that has these numbers already; one that another double issue has is a fault.
async fn known(
    transaction: &Transaction,
    faults: &mut Faults,
    series: &str,
    input: &MagazineIssueInput,
) -> Result<Option<MagazineIssue>, WriteError> {
    let found = transaction
        .reader()
        .magazine_issue_by_number(Some(series), input.volume, input.number)
        .await?;
    if let Some(issue) = &found
        && issue.number != input.number
    {
        faults.add(
            FaultCode::Taken,
            "number",
            format!(
                "number {} is the second of the double issue that begins with {}",
                input.number, issue.number
            ),
        );
        return Ok(None);
    }
    Ok(found)
}
