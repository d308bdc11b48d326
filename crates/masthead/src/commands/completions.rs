//! `masthead completions`.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, print};
use crate::failure::Failure;

/// Print what completes Masthead's commands in a shell
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  source <(masthead completions bash)
      Complete in this shell.
  masthead completions fish > ~/.config/fish/completions/masthead.fish
  masthead completions zsh > \"${fpath[1]}/_masthead\"")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "masthead", &mut script);
        print(&String::from_utf8_lossy(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}
