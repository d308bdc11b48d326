//! Taking in a saved article page: the article, the lists beside it, and the latest issues.
//!
//! A page is taken in whole or not at all, in one write. What is known already is known again: an article by
//! its headline and its time, a contributor or a section by its name, an issue by its numbers. So the same
//! page taken in twice changes nothing, and an article that was known from a list alone is the same article
//! when its own page comes.

mod issues;
mod placing;
mod stories;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use masthead_domain::{clock::Clock, revision::Author};
use masthead_formats::saved_page::{self, PageError, Warning};
use masthead_persistence::{Database, PersistenceError};

use crate::publication::{PublicationChange, save_change};

/// What a page does not say of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageSettings {
    /// The time zone in which its dates are read; the publication's where it is none.
    pub time_zone: Option<Tz>,
    /// When it was saved, where that is known exactly.
    pub captured_at: Option<DateTime<Utc>>,
}

/// What a page brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageReport {
    /// Of articles.
    pub articles: Tally,
    /// Of magazine issues.
    pub magazine_issues: Tally,
    /// What was taken in with a doubt.
    pub warnings: Vec<Warning>,
}

/// How many were new, changed or unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that were not known.
    pub new: usize,
    /// Those of which something new was learnt.
    pub changed: usize,
    /// Those that were known just so.
    pub unchanged: usize,
}

/// What became of one article or issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    New,
    Changed,
    Unchanged,
}

impl Tally {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::New => self.new += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }

    /// All of them.
    pub const fn total(self) -> usize {
        self.new + self.changed + self.unchanged
    }
}

/// Why a page was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum PageImportError {
    /// The page cannot be read.
    #[error("{}", .0.reason)]
    Page(#[from] PageError),
    /// It could not be saved.
    #[error(transparent)]
    Persistence(#[from] PersistenceError),
}

impl PageImportError {
    /// The line of the page at which it failed, from 1 on.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Page(error) => Some(error.line),
            Self::Persistence(_) => None,
        }
    }
}

/// Takes in a saved page.
///
/// # Errors
/// When the page cannot be read or saved; then nothing of it is there.
pub async fn import_page(
    database: &Database,
    clock: &Clock,
    text: &str,
    settings: &PageSettings,
) -> Result<PageReport, PageImportError> {
    let page = saved_page::parse(text)?;
    let transaction = database.write(clock, Author::Import).await?;
    let publication = if let Some(known) = transaction.reader().publication().await? {
        known
    } else {
        // The first page of a magazine that has not been told its time zone tells it.
        let time_zone = settings.time_zone;
        let change = PublicationChange {
            time_zone,
            ..PublicationChange::default()
        };
        save_change(&transaction, change).await?
    };
    let time_zone = settings.time_zone.unwrap_or(publication.time_zone);
    let resolved = saved_page::resolve(&page, time_zone, settings.captured_at, transaction.now());

    let mut report = PageReport {
        warnings: [page.warnings.clone(), resolved.warnings.clone()].concat(),
        ..PageReport::default()
    };
    // Oldest first, so that identities ascend with time.
    for listed in page.magazine_issues.iter().rev() {
        let (outcome, warning) = issues::take_in(&transaction, &publication, listed).await?;
        report.magazine_issues.count(outcome);
        report.warnings.extend(warning);
    }
    for outcome in stories::take_in(
        &transaction,
        &publication,
        time_zone,
        &resolved,
        page.article.standfirst.as_deref(),
    )
    .await?
    {
        report.articles.count(outcome);
    }
    report.warnings.sort_by_key(|warning| warning.line);
    transaction.commit().await?;
    Ok(report)
}
