//! `masthead schema`.

use std::process::ExitCode;

use clap::Args;
use masthead_api::graphql;

use super::print;
use crate::failure::Failure;

/// Print the GraphQL schema (SDL)
#[derive(Debug, Args)]
#[command(after_long_help = "\
Example:
  masthead schema > schema.graphql")]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "a command like the others")]
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let sdl = graphql::sdl();
        print(&format!("{}\n", sdl.trim_end()))?;
        Ok(ExitCode::SUCCESS)
    }
}
