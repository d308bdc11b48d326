//! `masthead token preview`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use masthead_domain::{
    audience::Audience, clock::Clock, identifier::ArticleId, node_id::NodeId, slug::Slug,
};
use masthead_newsroom::preview::{PreviewError, create_preview};
use masthead_persistence::{Database, PersistenceError};

use super::{
    super::{open_migrated_database, parse_duration, print},
    shown,
};
use crate::{configuration::Configuration, failure::Failure};

/// Make a token that shows one article as it would be published, and print it alone on standard output
///
/// A website that sends it as 'Authorization: Bearer TOKEN' is shown what everyone is, and this one article.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead token preview a-headline
  masthead token preview QQAAAZ3nAb8k --ttl 3d")]
pub(super) struct MakePreview {
    /// The article, by its slug or its identity
    #[arg(value_name = "ARTICLE")]
    article: String,
    /// How long it is shown, 7 days at most
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_duration)]
    ttl: Duration,
}

impl MakePreview {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        let database = open_migrated_database(configuration).await?;
        let no_such_article = || {
            Failure::Setting(format!(
                "'{}' is the slug or the identity of no article",
                self.article
            ))
        };
        let article = find(&database, clock, self.article.trim())
            .await?
            .ok_or_else(no_such_article)?;
        let preview = create_preview(&database, clock, article, self.ttl)
            .await
            .map_err(|error| match error {
                PreviewError::NoSuchArticle => no_such_article(),
                PreviewError::Lifetime => Failure::Setting(format!("--ttl: {error}")),
                PreviewError::Persistence(error) => error.into(),
            })?;
        database.close().await?;
        print(&format!("{}\n", preview.token))?;
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(
            io::stderr(),
            "the preview of {} ends at {}",
            self.article.trim(),
            shown(preview.expires_at)
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// The article of this slug, or of this identity.
async fn find(
    database: &Database,
    clock: &Clock,
    text: &str,
) -> Result<Option<ArticleId>, PersistenceError> {
    if let Ok(slug) = Slug::parse(text)
        && let Some(article) = database
            .reader(Audience::Newsroom, clock)
            .article_by_slug(&slug)
            .await?
    {
        return Ok(Some(article.id));
    }
    Ok(match NodeId::decode(text) {
        Ok(NodeId::Article(id)) => Some(id),
        _ => None,
    })
}
