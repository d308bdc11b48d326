//! Ending a token before its time.

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::{clock::Clock, revision::Author, viewer::Role};
use masthead_persistence::{Database, PersistenceError};

use crate::{
    desk::{Desk, WriteError},
    input::Faults,
    preview::end_preview,
};

/// How long an id stays revoked when nobody says when its token expires: longer than tokens are issued for.
const FOR_WANT_OF_A_TIME: TimeDelta = TimeDelta::days(3653);

/// Revokes the token with this id, which expires at that time anyway: from now on no node takes it. Answers until
/// when it stays revoked.
///
/// # Errors
/// When the database fails; then it is not revoked.
pub async fn revoke_token(
    database: &Database,
    clock: &Clock,
    id: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>, PersistenceError> {
    let expires_at = expires_at.unwrap_or_else(|| clock.now() + FOR_WANT_OF_A_TIME);
    let transaction = database.write(clock, Author::Operator).await?;
    // The table of revoked tokens grows here and nowhere else, so it is kept short here.
    transaction.prune_tokens().await?;
    transaction.revoke_token(id, expires_at).await?;
    transaction.commit().await?;
    Ok(expires_at)
}

/// The longest id that a token may have, in characters.
const LONGEST_ID: usize = 255;

impl Desk {
    /// Revokes the token with this id, as [`revoke_token`] does.
    ///
    /// # Errors
    /// When the caller is no administrator, there is no such id, or the database fails.
    pub async fn revoke_token(
        &self,
        id: &str,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(), WriteError> {
        self.caller.require(Role::Admin)?;
        let mut faults = Faults::default();
        faults.line("token", id, LONGEST_ID);
        faults.none_or(())?;
        revoke_token(&self.database, &self.clock, id, expires_at).await?;
        Ok(())
    }

    /// Ends the preview that this token shows.
    ///
    /// # Errors
    /// When the caller is no administrator, or the database fails.
    pub async fn end_preview(&self, token: &str) -> Result<(), WriteError> {
        self.caller.require(Role::Admin)?;
        end_preview(&self.database, &self.clock, token).await?;
        Ok(())
    }
}
