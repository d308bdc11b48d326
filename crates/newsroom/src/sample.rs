//! Filling a new database with the sample magazine: a folder of TOML tables and of articles in Markdown.

use std::{collections::HashMap, fmt::Display};

use chrono::{DateTime, FixedOffset, NaiveDate};
use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision, noon},
    clock::Clock,
    contributor::{Contributor, ContributorKind},
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    image::Image,
    language::LanguageTag,
    magazine::{CoverDate, MagazineIssue},
    revision::Author,
    section::Section,
    slug::Slug,
    topic::Topic,
};
use masthead_formats::markdown;
use masthead_persistence::{Database, PersistenceError, Transaction};
use serde::{Deserialize, de::DeserializeOwned};
use toml::value::Datetime;

use crate::publication::{PublicationChange, save_change};

/// A file of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleFile<'text> {
    /// Its path within the folder, with '/' between parts: `articles/001-tea.md`.
    pub path: &'text str,
    /// What it holds.
    pub text: &'text str,
}

/// What the sample brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleReport {
    /// How many articles.
    pub articles: usize,
    /// How many magazine issues.
    pub magazine_issues: usize,
}

/// Why the sample could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A file does not say what it should.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It could not be saved.
    #[error(transparent)]
    Persistence(#[from] PersistenceError),
}

impl SampleError {
    fn new(path: &str, reason: impl Display) -> Self {
        Self::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// Fills a database that holds no article; answers none, and changes nothing, where it holds one.
///
/// # Errors
/// When a file is wrong or the database fails; then nothing of it is there.
pub async fn fill_with_sample(
    database: &Database,
    clock: &Clock,
    files: &[SampleFile<'_>],
) -> Result<Option<SampleReport>, SampleError> {
    let transaction = database.write(clock, Author::Import).await?;
    if transaction.reader().has_articles().await? {
        transaction.roll_back().await?;
        return Ok(None);
    }
    let report = Filling::new(&transaction, files).fill().await?;
    transaction.commit().await?;
    Ok(Some(report))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationFile {
    title: String,
    url: url::Url,
    time_zone: String,
    language: LanguageTag,
    publisher: String,
    editor: String,
    registration_number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionsFile {
    section: Vec<SectionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionEntry {
    slug: Slug,
    name: String,
    parent: Option<Slug>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContributorsFile {
    contributor: Vec<ContributorEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContributorEntry {
    slug: Slug,
    name: String,
    kind: String,
    biography: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicsFile {
    topic: Vec<TopicEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicEntry {
    slug: Slug,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuesFile {
    magazine_issue: Vec<IssueEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueEntry {
    volume: i32,
    number: i32,
    last_number: Option<i32>,
    cover_date: Datetime,
    publisher: Option<String>,
    editor: Option<String>,
    registration_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArticleEntry {
    headline: String,
    kicker: Option<String>,
    standfirst: Option<String>,
    dateline: Option<String>,
    bylines: Vec<Slug>,
    section: Slug,
    #[serde(default)]
    topics: Vec<Slug>,
    language: LanguageTag,
    published_at: Option<Datetime>,
    published_on: Option<Datetime>,
    magazine_issue: Option<IssueReference>,
    lead_image: Option<Image>,
    #[serde(default)]
    correction: Vec<CorrectionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueReference {
    volume: i32,
    number: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CorrectionEntry {
    at: Datetime,
    text: String,
}

/// The sample on its way into a database.
struct Filling<'sample> {
    transaction: &'sample Transaction,
    files: &'sample [SampleFile<'sample>],
    time_zone: chrono_tz::Tz,
    sections: HashMap<Slug, SectionId>,
    contributors: HashMap<Slug, ContributorId>,
    topics: HashMap<Slug, TopicId>,
    issues: HashMap<(i32, i32), MagazineIssueId>,
}

impl<'sample> Filling<'sample> {
    fn new(transaction: &'sample Transaction, files: &'sample [SampleFile<'sample>]) -> Self {
        Self {
            transaction,
            files,
            time_zone: chrono_tz::UTC,
            sections: HashMap::new(),
            contributors: HashMap::new(),
            topics: HashMap::new(),
            issues: HashMap::new(),
        }
    }

    async fn fill(mut self) -> Result<SampleReport, SampleError> {
        let title = self.publication().await?;
        self.sections().await?;
        self.contributors().await?;
        self.topics().await?;
        self.issues(&title).await?;
        let articles = self.articles().await?;
        Ok(SampleReport {
            articles,
            magazine_issues: self.issues.len(),
        })
    }

    async fn publication(&mut self) -> Result<String, SampleError> {
        let path = "publication.toml";
        let file: PublicationFile = self.table(path)?;
        let time_zone = file
            .time_zone
            .parse()
            .map_err(|error| SampleError::new(path, error))?;
        let change = PublicationChange {
            title: Some(file.title),
            url: Some(file.url),
            article_path: None,
            time_zone: Some(time_zone),
            language: Some(file.language),
            publisher: Some(file.publisher),
            editor: Some(file.editor),
            registration_number: Some(file.registration_number),
        };
        self.time_zone = time_zone;
        Ok(save_change(self.transaction, change).await?.title)
    }

    async fn sections(&mut self) -> Result<(), SampleError> {
        let path = "sections.toml";
        for entry in self.table::<SectionsFile>(path)?.section {
            let parent = entry
                .parent
                .map(|slug| find(&self.sections, &slug, path))
                .transpose()?;
            let id = SectionId::new(self.transaction.now());
            self.sections.insert(entry.slug.clone(), id);
            let section = Section {
                id,
                slug: entry.slug,
                name: entry.name,
                parent,
            };
            self.transaction.save_section(&section).await?;
        }
        Ok(())
    }

    async fn contributors(&mut self) -> Result<(), SampleError> {
        let path = "contributors.toml";
        for entry in self.table::<ContributorsFile>(path)?.contributor {
            let kind = ContributorKind::from_name(&entry.kind).ok_or_else(|| {
                SampleError::new(
                    path,
                    format!(
                        "'{}' is no kind of contributor: PERSON, AGENCY or DESK",
                        entry.kind
                    ),
                )
            })?;
            let id = ContributorId::new(self.transaction.now());
            self.contributors.insert(entry.slug.clone(), id);
            self.transaction
                .save_contributor(&Contributor {
                    id,
                    slug: entry.slug,
                    name: entry.name,
                    kind,
                    biography: entry.biography,
                })
                .await?;
        }
        Ok(())
    }

    async fn topics(&mut self) -> Result<(), SampleError> {
        for entry in self.table::<TopicsFile>("topics.toml")?.topic {
            let id = TopicId::new(self.transaction.now());
            self.topics.insert(entry.slug.clone(), id);
            self.transaction
                .save_topic(&Topic {
                    id,
                    slug: entry.slug,
                    name: entry.name,
                })
                .await?;
        }
        Ok(())
    }

    async fn issues(&mut self, series: &str) -> Result<(), SampleError> {
        let path = "magazine-issues.toml";
        let mut volumes: HashMap<i32, MagazineVolumeId> = HashMap::new();
        for entry in self.table::<IssuesFile>(path)?.magazine_issue {
            let now = self.transaction.now();
            let id = MagazineIssueId::new(now);
            self.issues.insert((entry.volume, entry.number), id);
            let cover_date = CoverDate::new(day(&entry.cover_date, path)?, None)
                .map_err(|error| SampleError::new(path, error))?;
            self.transaction
                .save_magazine_issue(&MagazineIssue {
                    id,
                    volume: *volumes
                        .entry(entry.volume)
                        .or_insert_with(|| MagazineVolumeId::new(now)),
                    series: series.to_owned(),
                    volume_number: entry.volume,
                    number: entry.number,
                    last_number: entry.last_number,
                    cover_date,
                    publisher: entry.publisher,
                    editor: entry.editor,
                    registration_number: entry.registration_number,
                    cover: None,
                })
                .await?;
        }
        Ok(())
    }

    async fn articles(&self) -> Result<usize, SampleError> {
        let mut count = 0;
        for file in self
            .files
            .iter()
            .filter(|file| file.path.starts_with("articles/"))
        {
            self.transaction
                .insert_story(&self.story(file).await?)
                .await?;
            count += 1;
        }
        Ok(count)
    }

    async fn story(&self, file: &SampleFile<'_>) -> Result<Story, SampleError> {
        let path = file.path;
        let (entry, text) = front_matter(file)?;
        let (published_at, precision) = match (&entry.published_at, &entry.published_on) {
            (Some(instant), None) => (self::instant(instant, path)?, TimePrecision::Exact),
            (None, Some(date)) => (noon(day(date, path)?, self.time_zone), TimePrecision::Day),
            _ => {
                return Err(SampleError::new(
                    path,
                    "give either 'published_at' or 'published_on'",
                ));
            }
        };
        let magazine_issue = entry
            .magazine_issue
            .map(|IssueReference { volume, number }| {
                self.issues.get(&(volume, number)).copied().ok_or_else(|| {
                    SampleError::new(
                        path,
                        format!("there is no issue VOL. {volume}, No. {number}"),
                    )
                })
            })
            .transpose()?;
        let body = markdown::read(text);
        Ok(Story {
            article: Article {
                id: ArticleId::new(self.transaction.now()),
                slug: self
                    .transaction
                    .free_slug(&Slug::from_title(&entry.headline))
                    .await?,
                headline: entry.headline,
                kicker: entry.kicker,
                standfirst: entry.standfirst,
                dateline: entry.dateline,
                section: Some(find(&self.sections, &entry.section, path)?),
                magazine_issue,
                language: entry.language,
                lead_image: entry.lead_image,
                published_at: Some(published_at),
                published_at_precision: precision,
                published_between: None,
                withdrawal: None,
                modified_at: published_at,
                revision: 1,
                word_count: body.word_count(),
            },
            body,
            bylines: find_all(&self.contributors, &entry.bylines, path)?,
            topics: find_all(&self.topics, &entry.topics, path)?,
            related: Vec::new(),
            corrections: entry
                .correction
                .into_iter()
                .map(|correction| {
                    Ok(Correction {
                        at: self::instant(&correction.at, path)?,
                        text: correction.text,
                    })
                })
                .collect::<Result<_, SampleError>>()?,
        })
    }

    /// A TOML file of the sample.
    fn table<Table: DeserializeOwned>(&self, path: &str) -> Result<Table, SampleError> {
        let file = self
            .files
            .iter()
            .find(|file| file.path == path)
            .ok_or_else(|| SampleError::new(path, "the file is missing"))?;
        toml::from_str(file.text).map_err(|error| SampleError::new(path, error))
    }
}

/// An article's front matter, between lines of `+++`, and its body.
fn front_matter<'text>(
    file: &SampleFile<'text>,
) -> Result<(ArticleEntry, &'text str), SampleError> {
    let parts = file
        .text
        .strip_prefix("+++\n")
        .and_then(|rest| rest.split_once("\n+++\n"))
        .ok_or_else(|| {
            SampleError::new(
                file.path,
                "begin with front matter between two lines of '+++'",
            )
        })?;
    let entry = toml::from_str(parts.0).map_err(|error| SampleError::new(file.path, error))?;
    Ok((entry, parts.1))
}

fn find<Id: Copy>(known: &HashMap<Slug, Id>, slug: &Slug, path: &str) -> Result<Id, SampleError> {
    known
        .get(slug)
        .copied()
        .ok_or_else(|| SampleError::new(path, format!("there is no '{slug}'")))
}

fn find_all<Id: Copy>(
    known: &HashMap<Slug, Id>,
    slugs: &[Slug],
    path: &str,
) -> Result<Vec<Id>, SampleError> {
    slugs.iter().map(|slug| find(known, slug, path)).collect()
}

fn day(value: &Datetime, path: &str) -> Result<NaiveDate, SampleError> {
    value
        .to_string()
        .parse()
        .map_err(|error| SampleError::new(path, format!("'{value}': {error}")))
}

fn instant(value: &Datetime, path: &str) -> Result<DateTime<chrono::Utc>, SampleError> {
    let instant: Result<DateTime<FixedOffset>, _> =
        DateTime::parse_from_rfc3339(&value.to_string());
    instant
        .map(|instant| instant.to_utc())
        .map_err(|error| SampleError::new(path, format!("'{value}': {error}")))
}
