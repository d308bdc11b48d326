//! `masthead import`.

mod page_file;
mod progress;
mod report;

use std::{
    fmt,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::{Args, ValueHint};
use masthead_domain::clock::Clock;
use masthead_newsroom::{
    publication::{PublicationChange, change_publication, parse_time_zone},
    saved_page_import::{PageImportError, PageReport, PageSettings, import_page},
};
use masthead_persistence::Database;

use self::{page_file::Source, progress::Progress, report::Report};
use super::{open_migrated_database, print, publication::parse_title};
use crate::{configuration::Configuration, failure::Failure};

/// Take in saved article pages
///
/// Each page brings its article, the articles that its lists name, and the magazine issues that it shows. It
/// is taken in whole or not at all, and a bad page does not stop the others. A page that was taken in before
/// changes nothing. Warnings and failures go to standard error, each with its file and line; a table
/// to standard output.
///
/// Exit codes: 0 all pages were taken in; 1 some were not; 2 an argument or a setting is wrong.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead import article-page.txt
  masthead import --time-zone Asia/Kathmandu saved-pages/
      All *.txt files of a folder and of the folders in it, by name.
  pdftotext page.pdf - | masthead import --captured-at 2024-06-14T09:30:00+05:45 -
      A page from standard input, with the moment at which it was saved.")]
pub(super) struct Import {
    /// The time zone in which the pages' dates are read, by its IANA name [default: the publication's]
    #[arg(long, value_name = "NAME", value_parser = parse_time_zone)]
    time_zone: Option<Tz>,
    /// When the pages were saved, as RFC 3339 writes it [default: what the page says]
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    captured_at: Option<DateTime<Utc>>,
    /// Set the magazine's title first
    #[arg(long, value_name = "TITLE", value_parser = parse_title)]
    publication_title: Option<String>,
    /// A file, a folder (its *.txt files, those in its folders too), or - for standard input
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
}

impl Import {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        // Before the database is touched, so that a wrong path changes nothing.
        let sources = page_file::sources(&self.paths)?;
        let database = open_migrated_database(configuration).await?;
        if self.publication_title.is_some() {
            let change = PublicationChange {
                title: self.publication_title.clone(),
                ..PublicationChange::default()
            };
            change_publication(&database, clock, change).await?;
        }
        let report = self.import(&database, clock, &sources).await;
        print(&report.to_string())?;
        database.close().await?;
        Ok(if report.has_failures() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    /// Takes the pages in, one after the other.
    async fn import(&self, database: &Database, clock: &Clock, sources: &[Source]) -> Report {
        let settings = PageSettings {
            time_zone: self.time_zone,
            captured_at: self.captured_at,
        };
        let mut report = Report::default();
        let progress = Progress::new(sources.len());
        for source in sources {
            progress.begin(source);
            match import_source(database, clock, source, &settings).await {
                Ok(page) => {
                    for warning in &page.warnings {
                        progress.say(&format!(
                            "{source}:{}: warning: {}",
                            warning.line, warning.text
                        ));
                    }
                    report.add_page(&page);
                }
                Err(failure) => {
                    progress.say(&format!("{}: error: {}", failure.place, failure.reason));
                    let database_is_gone = failure.in_database && database.ping().await.is_err();
                    report.add_failure(failure);
                    if database_is_gone {
                        report.stop(sources.len());
                        break;
                    }
                }
            }
            progress.end();
        }
        progress.finish();
        report
    }
}

/// A page that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PageFailure {
    place: Place,
    /// Why, on one line.
    reason: String,
    /// Whether the database failed, and not the page.
    in_database: bool,
}

/// Where something stands: the file, and the line where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    source: String,
    line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}", self.source),
            None => formatter.write_str(&self.source),
        }
    }
}

async fn import_source(
    database: &Database,
    clock: &Clock,
    source: &Source,
    settings: &PageSettings,
) -> Result<PageReport, PageFailure> {
    let failure = |line: Option<usize>, reason: String, in_database: bool| PageFailure {
        place: Place {
            source: source.to_string(),
            line,
        },
        reason: reason.replace('\n', " "),
        in_database,
    };
    let text = source
        .read()
        .map_err(|error| failure(error.line(), error.to_string(), false))?;
    import_page(database, clock, &text, settings)
        .await
        .map_err(|error| {
            let in_database = matches!(error, PageImportError::Persistence(_));
            failure(error.line(), error.to_string(), in_database)
        })
}

/// Writes a line to standard error.
fn say(line: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Reads a moment.
fn parse_moment(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text.trim())
        .map(|moment| moment.to_utc())
        .map_err(|error| {
            format!(
                "'{text}' is no moment ({error}): write date, time and offset as RFC 3339 does, \
             such as '2024-06-14T09:30:00+05:45'"
            )
        })
}

/// A path as a person knows it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;
