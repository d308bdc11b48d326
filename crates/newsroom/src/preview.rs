//! Previews: a link that shows one article as it would be published, for a short while.
//!
//! A preview token is opaque, and stored as its digest: whoever reads the database cannot use it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::{
    article::Article, audience::Audience, clock::Clock, identifier::ArticleId, node_id::NodeId,
    revision::Author, viewer::Role,
};
use masthead_persistence::{Database, PersistenceError};

use crate::{
    desk::{Desk, WriteError},
    input::{FaultCode, one},
    opaque_token::{digest, new_token},
};

/// What every preview token begins with. No JSON Web Token does.
pub const PREFIX: &str = "mpv_";

/// How long a preview is shown unless it is said: an hour.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How long a preview is shown at most: seven days.
pub const LONGEST_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A link to one article as it would be published.
#[derive(Clone, PartialEq, Eq)]
pub struct Preview {
    /// The token, to be sent as `Authorization: Bearer …`.
    pub token: String,
    /// From when on it shows nothing any more.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Preview {
    /// Without the token: whoever has it sees a draft.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Preview")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// There is no article with this identity.
    #[error("there is no such article")]
    NoSuchArticle,
    /// It would be shown for no time at all, or for too long.
    #[error("a preview is shown for at least a second and at most 7 days")]
    Lifetime,
    /// The database failed.
    #[error(transparent)]
    Persistence(#[from] PersistenceError),
}

/// Makes a token that shows this article, and nothing else that is not public, for so long.
///
/// # Errors
/// When there is no such article, the time is too short or too long, or the database fails.
pub async fn create_preview(
    database: &Database,
    clock: &Clock,
    article: ArticleId,
    lifetime: Duration,
) -> Result<Preview, PreviewError> {
    if lifetime < Duration::from_secs(1) || lifetime > LONGEST_LIFETIME {
        return Err(PreviewError::Lifetime);
    }
    let lifetime = TimeDelta::from_std(lifetime).map_err(|_| PreviewError::Lifetime)?;
    let transaction = database.write(clock, Author::Operator).await?;
    // The table of preview tokens grows here and nowhere else, so it is kept short here.
    transaction.prune_tokens().await?;
    if transaction
        .reader()
        .articles_by_id(&[article])
        .await?
        .is_empty()
    {
        return Err(PreviewError::NoSuchArticle);
    }
    let token = new_token(PREFIX);
    let expires_at = transaction.now() + lifetime;
    transaction
        .save_preview_token(&digest(&token), article, expires_at)
        .await?;
    transaction.commit().await?;
    Ok(Preview { token, expires_at })
}

impl Desk {
    /// Makes a link that shows an article for so many minutes, and answers it with the article.
    ///
    /// # Errors
    /// When the caller is no editor, there is no such article, the time is too short or too long, or the
    /// database fails.
    pub async fn create_preview(
        &self,
        id: &str,
        minutes: i32,
    ) -> Result<(Article, Preview), WriteError> {
        self.caller.require(Role::Editor)?;
        let missing = || {
            one(
                FaultCode::NotFound,
                "id",
                "there is no article with this identity",
            )
        };
        let article = match NodeId::decode(id) {
            Ok(NodeId::Article(article)) => article,
            Ok(_) => return Err(missing().into()),
            Err(error) => return Err(one(FaultCode::Invalid, "id", error.to_string()).into()),
        };
        let lifetime = Duration::from_secs(60 * u64::try_from(minutes).unwrap_or_default());
        let preview = create_preview(&self.database, &self.clock, article, lifetime)
            .await
            .map_err(|error| match error {
                PreviewError::NoSuchArticle => missing().into(),
                PreviewError::Lifetime => {
                    one(FaultCode::Invalid, "minutes", error.to_string()).into()
                }
                PreviewError::Persistence(error) => WriteError::from(error),
            })?;
        let reader = self.database.reader(Audience::Newsroom, &self.clock);
        let article = reader.articles_by_id(&[article]).await?.pop();
        let article = article.ok_or_else(missing)?;
        Ok((article.into_inner(), preview))
    }
}

/// The article that a preview token shows; none when it has expired, was ended, or never was one.
///
/// # Errors
/// When the database fails.
pub async fn previewed_article(
    database: &Database,
    clock: &Clock,
    token: &str,
) -> Result<Option<ArticleId>, PersistenceError> {
    database
        .reader(Audience::EVERYONE, clock)
        .previewed_article(&digest(token))
        .await
}

/// Ends a preview before its time, and answers whether it was shown until now.
///
/// # Errors
/// When the database fails; then it has not ended.
pub async fn end_preview(
    database: &Database,
    clock: &Clock,
    token: &str,
) -> Result<bool, PersistenceError> {
    let transaction = database.write(clock, Author::Operator).await?;
    let ended = transaction.remove_preview_token(&digest(token)).await?;
    transaction.commit().await?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use std::{fs, path::Path};

    use masthead_domain::slug::Slug;
    use masthead_persistence::DatabaseSettings;

    use super::*;
    use crate::sample::{SampleFile, fill_with_sample};

    async fn database() -> Database {
        let settings = DatabaseSettings {
            url: "sqlite::memory:".to_owned(),
            ..DatabaseSettings::default()
        };
        let database = Database::open(&settings).await.unwrap();
        database.migrate().await.unwrap();
        database
    }

    #[tokio::test]
    async fn there_is_no_preview_of_nothing_nor_for_ever() {
        let database = database().await;
        let clock = Clock::system();
        let article = ArticleId::from_number(1);
        let refusal = async |lifetime| {
            create_preview(&database, &clock, article, lifetime)
                .await
                .unwrap_err()
        };
        assert!(matches!(
            refusal(DEFAULT_LIFETIME).await,
            PreviewError::NoSuchArticle
        ));
        for lifetime in [Duration::ZERO, LONGEST_LIFETIME + Duration::from_secs(1)] {
            assert!(matches!(refusal(lifetime).await, PreviewError::Lifetime));
        }
    }

    /// An article of the sample magazine.
    async fn article(database: &Database, clock: &Clock) -> ArticleId {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample");
        let read = |path: &str| {
            (
                path.to_owned(),
                fs::read_to_string(folder.join(path)).unwrap(),
            )
        };
        let files = [
            "publication.toml",
            "sections.toml",
            "contributors.toml",
            "topics.toml",
            "magazine-issues.toml",
            "articles/001-reading-a-monsoon-sky.md",
        ]
        .map(read);
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| SampleFile { path, text })
            .collect();
        fill_with_sample(database, clock, &files).await.unwrap();
        let slug = Slug::parse("reading-a-monsoon-sky").unwrap();
        let reader = database.reader(Audience::Newsroom, clock);
        reader.article_by_slug(&slug).await.unwrap().unwrap().id
    }

    #[tokio::test]
    async fn a_preview_ends_at_its_time_or_before() {
        let database = database().await;
        let begun = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Clock::fixed(begun);
        let article = article(&database, &clock).await;
        let lifetime = Duration::from_secs(60);
        let make = async || {
            create_preview(&database, &clock, article, lifetime)
                .await
                .unwrap()
        };
        let preview = make().await;
        assert!(preview.token.starts_with("mpv_") && preview.token.len() == 47);
        assert_eq!(preview.expires_at, begun + TimeDelta::seconds(60));
        assert!(!format!("{preview:?}").contains("mpv_"));
        for (after, shown) in [(0, true), (59_999, true), (60_000, false)] {
            let clock = Clock::fixed(begun + TimeDelta::milliseconds(after));
            let found = previewed_article(&database, &clock, &preview.token).await;
            assert_eq!(found.unwrap(), shown.then_some(article), "after {after} ms");
        }

        let other = make().await;
        assert_ne!(other.token, preview.token);
        for ended in [true, false] {
            assert_eq!(
                end_preview(&database, &clock, &other.token).await.unwrap(),
                ended
            );
            let found = previewed_article(&database, &clock, &other.token).await;
            assert_eq!(found.unwrap(), None);
        }
        let found = previewed_article(&database, &clock, &preview.token).await;
        assert_eq!(found.unwrap(), Some(article));
    }
}
