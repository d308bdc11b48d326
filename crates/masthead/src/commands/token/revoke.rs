//! `masthead token revoke`.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use masthead_api::tokens::{TokenIdentity, identify};
use masthead_domain::clock::Clock;
use masthead_newsroom::{
    access::revoke_token,
    partner_tokens::{self, end_partner_token},
    preview::{self, end_preview},
};

use super::{
    super::{open_migrated_database, print},
    shown,
};
use crate::{configuration::Configuration, failure::Failure};

/// End a token at once, on every node
///
/// It is known by its id ('jti'), or by the token itself, of which nothing is kept but the id. A preview's token ends
/// its preview.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead token revoke 4f0c8a1e5d7b4b0e9f6a2c3d1e5f7a9b
  masthead token revoke \"$TOKEN\"
  masthead token revoke 4f0c8a1e5d7b4b0e9f6a2c3d1e5f7a9b --expires 2027-01-31T00:00:00Z
      Forget the id after the token would have expired.")]
pub(super) struct Revoke {
    /// The token, or its id
    #[arg(value_name = "TOKEN", value_parser = parse_token)]
    token: String,
    #[arg(
        long, value_name = "TIME", value_parser = parse_time,
        help = "When it expires anyway, and need not be remembered any longer \
                [default: what the token says; for an id, in ten years]"
    )]
    expires: Option<DateTime<Utc>>,
}

impl Revoke {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        let is_preview = self.token.starts_with(preview::PREFIX);
        let identity = self.identity()?;
        let database = open_migrated_database(configuration).await?;
        let sentence = if is_preview {
            if end_preview(&database, clock, &self.token).await? {
                "The preview has ended.".to_owned()
            } else {
                "There is no such preview any more.".to_owned()
            }
        } else if self.token.starts_with(partner_tokens::PREFIX) {
            if end_partner_token(&database, clock, &self.token).await? {
                "The partner's token is revoked.".to_owned()
            } else {
                "There is no such token of a partner any more.".to_owned()
            }
        } else {
            let id = identity.id;
            let expires_at = self.expires.or(identity.expires_at);
            let expires_at = revoke_token(&database, clock, &id, expires_at).await?;
            format!("The token {id} is revoked until {}.", shown(expires_at))
        };
        database.close().await?;
        print(&format!("{sentence}\n"))?;
        Ok(ExitCode::SUCCESS)
    }

    /// What the token says of itself; an id says nothing.
    fn identity(&self) -> Result<TokenIdentity, Failure> {
        if let Some(identity) = identify(&self.token) {
            return Ok(identity);
        }
        // As every JSON Web Token begins: '{"' in base64.
        if self.token.starts_with("eyJ") && self.token.contains('.') {
            return Err(Failure::Setting(
                "the token cannot be read: give the whole of it, or its id ('jti')".to_owned(),
            ));
        }
        Ok(TokenIdentity {
            id: self.token.clone(),
            expires_at: None,
        })
    }
}

fn parse_token(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("give a token or its id".to_owned()),
        text if text.chars().any(char::is_control) => Err("an id is one line of text".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text.trim())
        .map(|time| time.to_utc())
        .map_err(|_| format!("'{text}' is no time: write one such as '2027-01-31T00:00:00Z'"))
}
