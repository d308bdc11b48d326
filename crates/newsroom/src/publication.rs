//! Setting the magazine's own facts.

use chrono_tz::Tz;
use masthead_domain::{
    audience::Audience,
    clock::Clock,
    language::LanguageTag,
    publication::{ArticlePath, Publication},
    revision::Author,
};
use masthead_persistence::{Database, PersistenceError, Transaction};
use url::Url;

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
    let before = transaction
        .reader()
        .publication()
        .await?
        .unwrap_or_default();
    let mut publication = before.clone();
    change.apply(&mut publication);
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
