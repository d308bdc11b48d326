//! Tokens that are made for partners here, for a title that has no identity provider.
//!
//! Such a token is opaque, and stored as its digest: whoever reads the database cannot use it. It is shown once.

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::{
    audience::Audience,
    clock::Clock,
    identifier::PartnerTokenId,
    node_id::NodeId,
    partner::{Partner, PartnerToken},
    revision::Author,
    viewer::Role,
};
use masthead_persistence::{Database, PersistenceError, Transaction};

use crate::{
    desk::{Desk, WriteError, in_one_write},
    input::{FaultCode, Faults, one},
    opaque_token::{digest, new_token},
    partners,
};

/// What every partner's token begins with. No JSON Web Token does.
pub const PREFIX: &str = "mpt_";

/// For how many days a token is taken unless it is said: a year.
pub const DEFAULT_DAYS: i32 = 365;

/// For how many days a token is taken at most: ten years.
pub const MOST_DAYS: i32 = 3_653;

const LABEL: usize = 200;

/// What a partner's token is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerTokenInput {
    /// The partner's identity.
    pub partner: String,
    /// What it is for.
    pub label: Option<String>,
    /// The names of the scopes that it carries; all of the partner's where it is none.
    pub scopes: Option<Vec<String>>,
    /// For how many days it is taken.
    pub days: i32,
}

/// A token that was made: its identity, and the token itself, which nobody is shown again - not whoever repeats the
/// request either.
#[derive(Clone, PartialEq, Eq)]
pub struct MadePartnerToken {
    /// The identity of the partner's token.
    pub id: NodeId,
    /// The token, to be sent as `Authorization: Bearer …`.
    pub token: Option<String>,
}

impl std::fmt::Debug for MadePartnerToken {
    /// Without the token: whoever has it is taken for the partner.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MadePartnerToken")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Desk {
    /// Makes a token for a partner.
    ///
    /// # Errors
    /// When the caller is no administrator, the input has faults - among them that the partner has ended -, or the
    /// database fails.
    pub async fn create_partner_token(
        &self,
        input: &PartnerTokenInput,
    ) -> Result<MadePartnerToken, WriteError> {
        let token = new_token(PREFIX);
        let mut made = None;
        let id = in_one_write!(self, Role::Admin, |transaction| {
            let saved = save(transaction, input, &token);
            made = Some(token.clone());
            saved
        })?;
        Ok(MadePartnerToken { id, token: made })
    }

    /// Ends a partner's token before its time, by its identity.
    ///
    /// # Errors
    /// When the caller is no administrator, there is no such token, or the database fails.
    pub async fn revoke_partner_token(&self, id: &str) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Admin, |transaction| revoke(transaction, id))
    }

    /// The same, by the token itself. Answers whether it was one.
    ///
    /// # Errors
    /// When the caller is no administrator, or the database fails.
    pub async fn end_partner_token(&self, token: &str) -> Result<bool, WriteError> {
        self.caller.require(Role::Admin)?;
        Ok(end_partner_token(&self.database, &self.clock, token).await?)
    }
}

async fn save(
    transaction: &Transaction,
    input: &PartnerTokenInput,
    token: &str,
) -> Result<NodeId, WriteError> {
    let partner = partners::known(transaction, "partner", &input.partner).await?;
    if let Err(ended) = partner.may_change() {
        return Err(one(FaultCode::WrongStatus, "partner", ended.to_string()).into());
    }
    let mut faults = Faults::default();
    let label = input
        .label
        .as_ref()
        .and_then(|label| faults.optional_line("label", label, LABEL));
    let scopes = input
        .scopes
        .as_ref()
        .map(|names| partners::scopes(&mut faults, names));
    if !(1..=MOST_DAYS).contains(&input.days) {
        faults.add(
            FaultCode::Invalid,
            "days",
            format!("a token is taken for 1 to {MOST_DAYS} days"),
        );
    }
    faults.none_or(())?;
    // The table grows here and nowhere else, so it is kept short here.
    transaction.prune_partner_tokens().await?;
    let now = transaction.now();
    let made = PartnerToken {
        id: PartnerTokenId::new(now),
        partner: partner.id,
        label,
        scopes,
        created_at: now,
        expires_at: expiry(now, input.days),
        revoked_at: None,
    };
    transaction
        .save_partner_token(&made, &digest(token))
        .await?;
    Ok(NodeId::PartnerToken(made.id))
}

fn expiry(now: DateTime<Utc>, days: i32) -> DateTime<Utc> {
    now + TimeDelta::days(i64::from(days))
}

async fn revoke(transaction: &Transaction, id: &str) -> Result<NodeId, WriteError> {
    if let Ok(node @ NodeId::PartnerToken(token)) = NodeId::decode(id)
        && transaction.revoke_partner_token(token).await?
    {
        return Ok(node);
    }
    let message = "there is no partner's token with this identity";
    Err(one(FaultCode::NotFound, "id", message).into())
}

/// Ends a partner's token before its time, and answers whether it was taken until now.
///
/// # Errors
/// When the database fails; then it has not ended.
pub async fn end_partner_token(
    database: &Database,
    clock: &Clock,
    token: &str,
) -> Result<bool, PersistenceError> {
    let transaction = database.write(clock, Author::Operator).await?;
    let now = transaction.now();
    let found = transaction.reader().partner_token(&digest(token)).await?;
    let Some((found, _)) = found.filter(|(token, _)| token.is_good(now)) else {
        transaction.roll_back().await?;
        return Ok(false);
    };
    transaction.revoke_partner_token(found.id).await?;
    transaction.commit().await?;
    Ok(true)
}

/// The partner that a token was made for; none when it has expired, was revoked, or never was one. Whether the
/// partner's tokens are taken is not asked.
///
/// # Errors
/// When the database fails.
pub async fn partner_of_token(
    database: &Database,
    clock: &Clock,
    token: &str,
) -> Result<Option<(PartnerToken, Partner)>, PersistenceError> {
    let found = database
        .reader(Audience::EVERYONE, clock)
        .partner_token(&digest(token))
        .await?;
    let now = clock.now();
    Ok(found.filter(|(token, _)| token.is_good(now)))
}
