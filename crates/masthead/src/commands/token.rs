//! `masthead token`: making and ending tokens.

mod mint;
mod preview;
mod revoke;

use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use masthead_domain::clock::Clock;

use super::GlobalOptions;
use crate::failure::Failure;

/// Make and end the tokens by which the API knows who is asking
///
/// A token is sent as 'Authorization: Bearer TOKEN'. Where an identity provider issues tokens, let the
/// setting 'tokens.jwks' name its keys instead of minting them here.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  export MASTHEAD_JWT_SECRET=$(openssl rand -base64 48)
  masthead token mint --role editor --subject asha@magazine.example
      A token for one who writes, good for 8 hours.
  masthead token mint --role partner --scope embargo:read --ttl 90d --subject agency
      A token for a partner who may see what is scheduled.
  masthead token revoke 4f0c8a1e5d7b4b0e9f6a2c3d1e5f7a9b
      End a token at once, on every node.
  masthead token preview a-headline --ttl 2h
      Show one draft to whoever has the link.")]
pub(super) struct Token {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    Mint(mint::Mint),
    Revoke(revoke::Revoke),
    Preview(preview::MakePreview),
}

impl Token {
    pub(super) async fn run(
        &self,
        options: &GlobalOptions,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        match &self.command {
            TokenCommand::Mint(command) => command.run(&options.configuration(&[])?, clock),
            TokenCommand::Revoke(command) => command.run(&options.start(&[])?, clock).await,
            TokenCommand::Preview(command) => command.run(&options.start(&[])?, clock).await,
        }
    }
}

/// A time as it is shown.
fn shown(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
