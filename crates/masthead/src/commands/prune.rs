//! `masthead prune`.

use std::{process::ExitCode, time::Duration};

use chrono::TimeDelta;
use clap::Args;
use masthead_domain::clock::Clock;
use masthead_newsroom::upkeep::prune_change_log;

use super::{open_migrated_database, parse_duration, print};
use crate::{configuration::Configuration, failure::Failure};

/// Prune the change log of what a later change has overtaken
///
/// Of everything that is still there its last change stays, so whoever follows 'changes' from the start is told of
/// all of it. Whoever has stopped before what is kept is told to start again.
#[derive(Debug, Args)]
#[command(after_long_help = "\
The setting 'change_log_days' in [database] has a server do so every hour.

Examples:
  masthead prune --older-than 90d
      Whoever has not asked for 90 days is answered START_AGAIN.")]
pub(super) struct Prune {
    /// Only changes that were made longer ago than this: 90d, 12h
    #[arg(long, value_name = "AGE", value_parser = parse_duration)]
    older_than: Duration,
}

impl Prune {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        let age = TimeDelta::from_std(self.older_than)
            .ok()
            .filter(|age| *age < TimeDelta::days(36_500))
            .ok_or_else(|| {
                Failure::Setting("--older-than: write less than 100 years".to_owned())
            })?;
        let database = open_migrated_database(configuration).await?;
        let changes = prune_change_log(&database, clock, age).await?;
        database.close().await?;
        print(&match changes {
            0 => "There was nothing to prune.\n".to_owned(),
            1 => "1 change was pruned.\n".to_owned(),
            _ => format!("{changes} changes were pruned.\n"),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
