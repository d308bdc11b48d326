//! `masthead settings`.

use std::process::ExitCode;

use clap::Args;

use super::print;
use crate::{configuration::Configuration, failure::Failure};

/// Print the settings in force, limits included, passwords and secrets left out
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead settings > masthead.toml
      Begin a configuration file; give it back with --config masthead.toml.
  MASTHEAD_LIMITS_DEPTH=20 masthead settings
      See that a setting arrives.")]
pub(super) struct Settings {}

impl Settings {
    #[expect(clippy::unused_self, reason = "a command like the others")]
    pub(super) fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        print(&configuration.to_toml())?;
        Ok(ExitCode::SUCCESS)
    }
}
