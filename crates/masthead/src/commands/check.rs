//! `masthead check`.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use masthead_domain::clock::Clock;
use masthead_persistence::{CheckError, Checked, PersistenceError, check};

use super::print;
use crate::{
    configuration::{Configuration, without_password},
    failure::Failure,
};

/// Check that the database holds what it should, and say what is wrong
///
/// It reads everything once, in one state of the database, and changes nothing: a server may go on writing
/// meanwhile. Each finding is a line: where, what is wrong, and what to do. It exits with 0 when the database is
/// sound, with 1 when anything is wrong with it.
///
/// Copy a database before you mend it by hand, and check it again afterwards.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead check
      Check ./masthead.db, whether a server runs or not.
  masthead backup copy.db && masthead check --database-url sqlite://copy.db
      See that a copy is worth keeping.
  masthead check --database-url postgres://masthead@database.example/masthead || echo 'not sound'")]
pub(super) struct Check {}

impl Check {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        let url = &configuration.database.url;
        let checked = check(url, clock)
            .await
            .map_err(|error| failure(error, url))?;
        print(&report(&checked))?;
        Ok(if checked.findings.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn report(checked: &Checked) -> String {
    let mut report = String::new();
    for finding in &checked.findings {
        // Writing to a string does not fail.
        let _ = writeln!(report, "{finding}");
    }
    let _ = match checked.findings.len() {
        0 => writeln!(
            report,
            "The database is sound: {} articles, {} changes checked.",
            checked.articles, checked.changes
        ),
        1 => writeln!(report, "1 finding."),
        count if checked.more => writeln!(
            report,
            "The first {count} findings; there are more: mend what these have in common, and check again."
        ),
        count => writeln!(report, "{count} findings."),
    };
    report
}

fn failure(error: CheckError, url: &str) -> Failure {
    match error {
        CheckError::InMemory
        | CheckError::Missing(_)
        | CheckError::Database(PersistenceError::Address { .. }) => {
            Failure::Setting(format!("--database-url: {error}"))
        }
        CheckError::Database(error) => Failure::Failed(format!(
            "'{}': {error}; check --database-url, and that the database can be read",
            without_password(url)
        )),
    }
}
