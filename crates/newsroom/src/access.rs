//! Ending a token before its time.

use chrono::{DateTime, Utc};
use masthead_domain::{clock::Clock, revision::Author};
use masthead_persistence::{Database, PersistenceError};

/// Revokes the token with this id, which expires at that time anyway: from now on no node takes it.
///
/// # Errors
/// When the database fails; then it is not revoked.
pub async fn revoke_token(
    database: &Database,
    clock: &Clock,
    id: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), PersistenceError> {
    let transaction = database.write(clock, Author::Operator).await?;
    // The table of revoked tokens grows here and nowhere else, so it is kept short here.
    transaction.prune_tokens().await?;
    transaction.revoke_token(id, expires_at).await?;
    transaction.commit().await
}
