//! Setting the magazine's own facts.

use chrono_tz::Tz;
use masthead_domain::{
    audience::Audience,
    clock::Clock,
    language::LanguageTag,
    node_id::NodeId,
    publication::{ArticlePath, Publication},
    revision::Author,
    viewer::Role,
};
use masthead_persistence::{Database, PersistenceError, Transaction};
use url::Url;

use crate::{
    desk::{Desk, WriteError, in_one_write},
    input::{Edit, Fault, FaultCode, Faults},
};

const NAME: usize = 200;

/// What is to be changed; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicationChange {
    /// The title.
    pub title: Option<String>,
    /// The address of the website.
    pub url: Option<Url>,
    /// Where articles stand on the website.
    pub article_path: Option<ArticlePath>,
    /// The time zone.
    pub time_zone: Option<Tz>,
    /// The language.
    pub language: Option<LanguageTag>,
    /// Who publishes it; an empty text takes the name away.
    pub publisher: Option<String>,
    /// Who edits it; an empty text takes the name away.
    pub editor: Option<String>,
    /// The number under which it is registered; an empty text takes it away.
    pub registration_number: Option<String>,
}

impl PublicationChange {
    /// Whether it changes anything at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn apply(self, publication: &mut Publication) {
        fn set<Value>(field: &mut Value, change: Option<Value>) {
            if let Some(value) = change {
                *field = value;
            }
        }
        fn set_name(field: &mut Option<String>, change: Option<String>) {
            if let Some(name) = change {
                *field = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            }
        }
        set(&mut publication.title, self.title);
        set(&mut publication.url, self.url);
        set(&mut publication.article_path, self.article_path);
        set(&mut publication.time_zone, self.time_zone);
        set(&mut publication.language, self.language);
        set_name(&mut publication.publisher, self.publisher);
        set_name(&mut publication.editor, self.editor);
        set_name(
            &mut publication.registration_number,
            self.registration_number,
        );
    }
}

/// The publication's facts, as a person hands them in: what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicationInput {
    /// The title.
    pub title: Option<String>,
    /// The address of the website.
    pub url: Option<String>,
    /// Where articles stand on the website.
    pub article_path: Option<String>,
    /// The time zone, by its IANA name.
    pub time_zone: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// Who publishes it; cleared, the name is taken away.
    pub publisher: Edit<String>,
    /// Who edits it; cleared, the name is taken away.
    pub editor: Edit<String>,
    /// The number under which it is registered; cleared, it is taken away.
    pub registration_number: Edit<String>,
}

impl PublicationInput {
    /// The change that it asks for.
    fn read(&self) -> Result<PublicationChange, Vec<Fault>> {
        let mut faults = Faults::default();
        let title = self
            .title
            .as_deref()
            .map(|title| faults.line("title", title, NAME));
        let mut parsed = |field: &str, problem: Option<String>| {
            if let Some(problem) = problem {
                faults.add(FaultCode::Invalid, field, problem);
            }
        };
        let url = self.url.as_deref().map(parse_website).transpose();
        parsed("url", url.as_ref().err().cloned());
        let path = self
            .article_path
            .as_deref()
            .map(ArticlePath::parse)
            .transpose();
        parsed("articlePath", path.as_ref().err().map(ToString::to_string));
        let time_zone = self.time_zone.as_deref().map(parse_time_zone).transpose();
        parsed("timeZone", time_zone.as_ref().err().cloned());
        let language = self.language.as_deref().map(LanguageTag::parse).transpose();
        parsed("language", language.as_ref().err().map(ToString::to_string));
        let mut name = |field: &str, edit: &Edit<String>| match edit {
            Edit::Keep => None,
            Edit::Clear => Some(String::new()),
            Edit::Set(text) => Some(faults.optional_line(field, text, NAME).unwrap_or_default()),
        };
        let publisher = name("publisher", &self.publisher);
        let editor = name("editor", &self.editor);
        let registration_number = name("registrationNumber", &self.registration_number);
        faults.none_or(PublicationChange {
            title,
            url: url.unwrap_or_default(),
            article_path: path.unwrap_or_default(),
            time_zone: time_zone.unwrap_or_default(),
            language: language.unwrap_or_default(),
            publisher,
            editor,
            registration_number,
        })
    }
}

/// Reads the address of a website.
///
/// # Errors
/// When it is none, or has a query or a fragment; in words for a person.
pub fn parse_website(text: &str) -> Result<Url, String> {
    let wrong = || {
        format!("'{text}' is no address of a website: write one such as 'https://magazine.example'")
    };
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    let plain = url.query().is_none() && url.fragment().is_none();
    if matches!(url.scheme(), "http" | "https") && plain {
        Ok(url)
    } else {
        Err(wrong())
    }
}

/// Reads a time zone's IANA name.
///
/// # Errors
/// When there is none of that name; in words for a person.
pub fn parse_time_zone(text: &str) -> Result<Tz, String> {
    text.trim().parse().map_err(|_| {
        format!("'{text}' is no time zone: write its name in the IANA database, such as 'Asia/Kathmandu'")
    })
}

impl Desk {
    /// Changes the publication's facts. What is as it was is not saved again.
    ///
    /// # Errors
    /// When the caller is no administrator, the input has faults, or the database fails.
    pub async fn save_publication(&self, input: &PublicationInput) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Admin, |transaction| async {
            save_change(transaction, input.read()?).await?;
            Ok(NodeId::Publication)
        })
    }
}

/// The publication as it is set, or what stands for one that is not.
///
/// # Errors
/// When the database fails.
pub async fn publication(
    database: &Database,
    clock: &Clock,
) -> Result<Publication, PersistenceError> {
    Ok(database
        .reader(Audience::Newsroom, clock)
        .publication()
        .await?
        .unwrap_or_default())
}

/// Changes the publication, and answers it as it then is.
///
/// # Errors
/// When the database fails; then nothing has changed.
pub async fn change_publication(
    database: &Database,
    clock: &Clock,
    change: PublicationChange,
) -> Result<Publication, PersistenceError> {
    let transaction = database.write(clock, Author::Operator).await?;
    let publication = save_change(&transaction, change).await?;
    transaction.commit().await?;
    Ok(publication)
}

/// Changes the publication within a write.
pub(crate) async fn save_change(
    transaction: &Transaction,
    change: PublicationChange,
) -> Result<Publication, PersistenceError> {
    let stored = transaction.reader().publication().await?;
    let before = stored.clone().unwrap_or_default();
    let mut publication = before.clone();
    change.apply(&mut publication);
    if stored.as_ref() == Some(&publication) {
        return Ok(publication);
    }
    transaction.save_publication(&publication).await?;
    // Issues that came before the magazine had been told its title stand under the placeholder's.
    let placeholder = Publication::default().title;
    if before.title == placeholder && publication.title != placeholder {
        transaction
            .rename_series(&placeholder, &publication.title)
            .await?;
    }
    Ok(publication)
}
