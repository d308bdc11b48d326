//! `masthead token mint`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use masthead_api::tokens::{MintError, TokenRequest, mint};
use masthead_domain::{
    clock::Clock,
    identifier::PartnerId,
    node_id::NodeId,
    viewer::{Role, Scope},
};

use super::{
    super::{parse_duration, print},
    shown,
};
use crate::{configuration::Configuration, failure::Failure};

/// Make a token, and print it alone on standard output
///
/// It is signed with the secret that the servers are given too (HS256). Standard error tells its id, by which it can
/// be revoked, and when it expires.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead token mint --role publisher --subject asha@magazine.example
  masthead token mint --role partner --scope embargo:read --scope articles:body --ttl 90d --subject agency
  curl http://127.0.0.1:8080/graphql -H \"authorization: Bearer $(masthead token mint --role editor)\" \\
      -H 'content-type: application/json' -d '{\"query\": \"{ latest(first: 3) { nodes { headline } } }\"}'")]
pub(super) struct Mint {
    /// What its bearer is to the magazine; each role may do all that those before it may
    #[arg(long, ignore_case = true, value_parser = role())]
    role: Role,
    /// A right that it gives a partner beside what is public; may be given several times
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope())]
    scopes: Vec<Scope>,
    /// The partner that it is bound to, by its identity in the API; needs the role partner
    #[arg(long, value_name = "ID", value_parser = parse_partner)]
    partner: Option<PartnerId>,
    /// How long it is good, such as '90m' or '30d'
    #[arg(long, value_name = "DURATION", default_value = "8h", value_parser = parse_duration)]
    ttl: Duration,
    #[arg(
        long, value_name = "NAME", value_parser = parse_subject,
        help = "Whom it speaks for; what they change is kept under this name [default: ROLE@masthead]"
    )]
    subject: Option<String>,
}

impl Mint {
    pub(super) fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        if self.partner.is_some() && self.role != Role::Partner {
            return Err(Failure::Setting(
                "--partner: only a token with the role partner is bound to one".to_owned(),
            ));
        }
        let subject = self.subject.clone();
        let request = TokenRequest {
            role: self.role,
            scopes: self.scopes.clone(),
            partner: self.partner,
            subject: subject.unwrap_or_else(|| format!("{}@masthead", self.role.name())),
            lifetime: self.ttl,
        };
        let minted = mint(&configuration.tokens, clock, &request).map_err(|error| match error {
            MintError::Lifetime => Failure::Setting(format!("--ttl: {error}")),
            MintError::NoSecret | MintError::Claims => Failure::Setting(error.to_string()),
            MintError::Signature => Failure::Failed(error.to_string()),
        })?;
        print(&format!("{}\n", minted.token))?;
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(
            io::stderr(),
            "token {} of {} expires at {}",
            minted.id,
            request.subject,
            shown(minted.expires_at)
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::name))
        .try_map(|name| Role::from_name(&name).ok_or_else(|| format!("no role '{name}'")))
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::name))
        .try_map(|name| Scope::from_name(&name).ok_or_else(|| format!("no scope '{name}'")))
}

/// The identity of a partner.
fn parse_partner(text: &str) -> Result<PartnerId, String> {
    match NodeId::decode(text.trim()) {
        Ok(NodeId::Partner(partner)) => Ok(partner),
        _ => Err("give the 'id' of a partner, as the query 'partners' answers it".to_owned()),
    }
}

/// A subject as tokens may have it.
fn parse_subject(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 255 || text.chars().any(char::is_control) {
        return Err(
            "write a name of at most 255 bytes, such as 'asha@magazine.example'".to_owned(),
        );
    }
    Ok(text.to_owned())
}
