//! `masthead backup`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueHint};
use masthead_persistence::{BackupError, PersistenceError, back_up};

use super::print;
use crate::{configuration::Configuration, failure::Failure};

/// Copy the SQLite database to a file, while a server goes on writing to it
///
/// The copy holds what had been saved when it was begun, and each import whole or not at all. It has its name
/// only once it is complete, checked and safely on the disk; a file that is there already is never written
/// over. It holds drafts and all else: keep it as closely as the database. To go back to it, stop the server and
/// serve the copy.
///
/// A database on PostgreSQL is copied with its own tools.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead backup masthead-backup.db
      Copy ./masthead.db, whether a server runs or not.
  masthead backup --database-url sqlite:///var/lib/masthead/masthead.db \"/backups/masthead-$(date +%F).db\"
      One copy a day, as a line for cron.
  masthead serve --database-url sqlite://masthead-backup.db
      Serve the copy.")]
pub(super) struct Backup {
    /// The file to make
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        let backup = back_up(&configuration.database.url, &self.file)
            .await
            .map_err(failure)?;
        print(&format!(
            "Copied '{}' to '{}': {} articles, {} bytes.\n",
            backup.source.display(),
            self.file.display(),
            backup.articles,
            backup.bytes
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn failure(error: BackupError) -> Failure {
    match error {
        BackupError::Database(error @ PersistenceError::Address { .. }) => {
            Failure::Setting(format!("--database-url: {error}"))
        }
        error if error.is_wrong_argument() => Failure::Setting(error.to_string()),
        error => Failure::Failed(error.to_string()),
    }
}
