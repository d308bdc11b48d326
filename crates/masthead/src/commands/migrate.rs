//! `masthead migrate`.

use std::process::ExitCode;

use clap::Args;

use super::{migrate, open_database, print};
use crate::{configuration::Configuration, failure::Failure};

/// Bring the database's schema up to date
///
/// 'serve' and 'import' do it themselves. Where several nodes share a database, run it once before they are
/// replaced and start them with 'serve --no-migrate'.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead migrate
  masthead migrate --check || echo 'not up to date'")]
pub(super) struct Migrate {
    /// Change nothing; exit with 1 when the schema is not up to date
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub(super) async fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        let database = open_database(configuration).await?;
        let (sentence, code) = if self.check {
            match database.pending_migrations().await? {
                0 => ("The schema is up to date.".to_owned(), ExitCode::SUCCESS),
                steps => {
                    let sentence = format!(
                        "The schema lacks {}: run 'masthead migrate'.",
                        counted(steps)
                    );
                    (sentence, ExitCode::FAILURE)
                }
            }
        } else {
            match migrate(&database).await? {
                0 => (
                    "The schema was up to date already.".to_owned(),
                    ExitCode::SUCCESS,
                ),
                steps => (
                    format!("The schema is up to date, after {}.", counted(steps)),
                    ExitCode::SUCCESS,
                ),
            }
        };
        database.close().await?;
        print(&format!("{sentence}\n"))?;
        Ok(code)
    }
}

fn counted(steps: usize) -> String {
    match steps {
        1 => "1 step".to_owned(),
        _ => format!("{steps} steps"),
    }
}
