//! What a query reads, by keys that say what is loaded: each kind in one batch a wave.
//!
//! Made anew for each request, so no reader's rights are batched into another's.

use std::{
    any::TypeId,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use async_graphql::dataloader::{
    CacheFactory, CacheStorage, DataLoader, HashMapCache, Loader, NoCache,
};
use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, try_join_all},
};
use masthead_domain::{
    article::{Article, ArticleStatus, Correction, Story},
    audience::{Admitted, Audience},
    body::Body,
    contributor::Contributor,
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    magazine::{MagazineIssue, MagazineVolume},
    node_id::NodeId,
    paging::{Page, PageRequest},
    publication::Publication,
    revision::Revision,
    section::Section,
    slug::Slug,
    topic::Topic,
};
use masthead_persistence::{
    ArticleFilter, ArticleOrder, ChangePage, ChangePosition, CountKey, IssueListKey, ListKey,
    PersistenceError, Reader, Standing,
};

mod depending;

use super::{
    error::{QueryError, Result},
    parts::{PartName, note_in_scope},
    waves::{AtOnce, Waves},
};
use crate::cache::{Dependencies, Kept};

pub(crate) use depending::{Depending, Named};

/// An article that may be shown, shared by all that show it.
pub(crate) type Shown = Arc<Admitted<Article>>;

/// Loads what one request reads.
///
/// A query reads at one instant. After a mutation all is read anew, at the instant after it.
pub(crate) struct Loaders {
    current: RwLock<Arc<Loading>>,
    reader: Box<dyn Fn() -> Reader<'static> + Send + Sync>,
    waves: Waves,
    keeping: Option<Keeping>,
    noted: Option<Mutex<Noted>>,
}

/// What is kept between requests, of the edition that a request reads.
pub(crate) struct Keeping {
    pub(crate) kept: Arc<Kept>,
    pub(crate) edition: i64,
}

/// What is noted of reads: of a request's, or of those for a part of its answer.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    dependencies: Dependencies,
    personal: bool,
}

impl Noted {
    /// Whether it is for whoever asked alone.
    pub(crate) fn is_personal(&self) -> bool {
        self.personal
    }

    /// Notes something that is shown.
    pub(crate) fn node(&mut self, node: NodeId) {
        self.dependencies.node(node);
    }

    fn add(&mut self, other: &Self) {
        self.dependencies.add(&other.dependencies);
        self.personal |= other.personal;
    }
}

/// A part of an answer, as it was written.
#[derive(Clone)]
struct KeptPart {
    json: Bytes,
    noted: Arc<Noted>,
}

impl Keeping {
    /// An answer whose parts at the root are all kept, put together from them, and what it depends on.
    pub(crate) fn assemble(&self, roots: Vec<(&str, PartName)>) -> Option<(Vec<u8>, Dependencies)> {
        let mut noted = Noted::default();
        let mut json = Vec::with_capacity(16 * 1024);
        json.extend_from_slice(b"{\"data\":{");
        for (place, (field, name)) in roots.into_iter().enumerate() {
            let name = Named::Part(Box::new(name));
            let part = self.kept.get::<KeptPart>(&name, self.edition)?;
            if place > 0 {
                json.push(b',');
            }
            json.push(b'"');
            json.extend_from_slice(field.as_bytes());
            json.extend_from_slice(b"\":");
            json.extend_from_slice(&part.json);
            noted.add(&part.noted);
        }
        json.extend_from_slice(b"}}");
        noted.dependencies.settle();
        (!noted.personal).then_some((json, noted.dependencies))
    }
}

type Loading = DataLoader<Archive, KeptLists>;

impl Loaders {
    /// Loads through the readers that `reader` makes, wave by wave.
    pub(crate) fn new(
        reader: impl Fn() -> Reader<'static> + Send + Sync + 'static,
        waves: Waves,
    ) -> Self {
        Self {
            current: RwLock::new(Arc::new(loading(reader(), waves.clone()))),
            reader: Box::new(reader),
            waves,
            keeping: None,
            noted: None,
        }
    }

    /// The same, with what is kept between requests.
    pub(crate) fn keeping(mut self, keeping: Keeping) -> Self {
        self.keeping = Some(keeping);
        self
    }

    /// The same, and what its answer depends on is noted.
    pub(crate) fn noting(mut self) -> Self {
        self.noted = Some(Mutex::default());
        self
    }

    /// From here on everything is read as it is now.
    pub(crate) fn renew(&self) {
        let renewed = Arc::new(loading((self.reader)(), self.waves.clone()));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = renewed;
    }

    /// Says that the answer is for whoever asked alone.
    pub(crate) fn personal(&self) {
        self.note_that(|noted| noted.personal = true);
    }

    /// What the answer depends on; none where that was not noted, or it is for whoever asked alone.
    pub(crate) fn dependencies(&self) -> Option<Dependencies> {
        let mut noted = self
            .noted
            .as_ref()?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut dependencies = std::mem::take(&mut noted.dependencies);
        dependencies.settle();
        (!noted.personal).then_some(dependencies)
    }

    fn current(&self) -> Arc<Loading> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// For whom the request reads.
    pub(crate) fn audience(&self) -> Audience {
        self.current().loader().0.audience()
    }

    /// An article's status at the instant at which the request reads, as its reader is told it.
    pub(crate) fn status(&self, article: &Admitted<Article>) -> ArticleStatus {
        let current = self.current();
        let reader = &current.loader().0;
        reader.audience().status(article, reader.now())
    }

    /// What the key names; none where there is no such thing, or none that may be seen.
    pub(crate) async fn load<Key>(
        &self,
        key: Key,
    ) -> Result<Option<<Archive as Loader<Key>>::Value>>
    where
        Key: Depending<<Archive as Loader<Key>>::Value> + Send + Sync + Hash + Eq + Clone + 'static,
        Archive: Loader<Key, Error = Arc<PersistenceError>>,
    {
        match self.kept(&key) {
            Some(value) => Ok(Some(value)),
            None => self.load_anew(key).await,
        }
    }

    /// The future is boxed: it would else be part of that of every field that might load something.
    fn load_anew<Key>(
        &self,
        key: Key,
    ) -> BoxFuture<'_, Result<Option<<Archive as Loader<Key>>::Value>>>
    where
        Key: Depending<<Archive as Loader<Key>>::Value> + Send + Sync + Hash + Eq + Clone + 'static,
        Archive: Loader<Key, Error = Arc<PersistenceError>>,
    {
        async move {
            let current = self.current();
            let value = current
                .load_one(key.clone())
                .await
                .map_err(QueryError::from)?;
            self.read(&key, value.as_ref());
            Ok(value)
        }
        .boxed()
    }

    /// What the keys name, in their order, what is missing left out.
    pub(crate) async fn load_all<Key>(
        &self,
        keys: Vec<Key>,
    ) -> Result<Vec<<Archive as Loader<Key>>::Value>>
    where
        Key: Depending<<Archive as Loader<Key>>::Value> + Send + Sync + Hash + Eq + Clone + 'static,
        Archive: Loader<Key, Error = Arc<PersistenceError>>,
    {
        let values: Vec<_> = keys.iter().map_while(|key| self.kept(key)).collect();
        if values.len() == keys.len() {
            Ok(values)
        } else {
            self.load_all_anew(keys).await
        }
    }

    fn load_all_anew<Key>(
        &self,
        keys: Vec<Key>,
    ) -> BoxFuture<'_, Result<Vec<<Archive as Loader<Key>>::Value>>>
    where
        Key: Depending<<Archive as Loader<Key>>::Value> + Send + Sync + Hash + Eq + Clone + 'static,
        Archive: Loader<Key, Error = Arc<PersistenceError>>,
    {
        async move {
            let mut values: Vec<_> = keys.iter().map(|key| self.kept(key)).collect();
            let missing: Vec<Key> = keys
                .iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(key, _)| key.clone())
                .collect();
            let current = self.current();
            let found = current.load_many(missing.iter().cloned()).await?;
            for key in &missing {
                self.read(key, found.get(key));
            }
            for (value, key) in values.iter_mut().zip(&keys) {
                if value.is_none() {
                    *value = found.get(key).cloned();
                }
            }
            Ok(values.into_iter().flatten().collect())
        }
        .boxed()
    }

    /// The publication, or what stands for one that has not been set.
    pub(crate) async fn publication(&self) -> Result<Arc<Publication>> {
        Ok(self.load(ThePublication).await?.unwrap_or_default())
    }

    /// What is kept of an earlier request.
    fn kept<Key, Value>(&self, key: &Key) -> Option<Value>
    where
        Key: Depending<Value>,
        Value: Clone + Send + Sync + 'static,
    {
        let Keeping { kept, edition } = self.keeping.as_ref()?;
        let value = kept.get::<Value>(&key.name()?, *edition)?;
        self.note(key, Some(&value));
        Some(value)
    }

    /// Takes down what has been read, and keeps it.
    fn read<Key, Value>(&self, key: &Key, value: Option<&Value>)
    where
        Key: Depending<Value>,
        Value: Clone + Send + Sync + 'static,
    {
        self.note(key, value);
        if let (Some(Keeping { kept, edition }), Some(value), Some(name)) =
            (&self.keeping, value, key.name())
        {
            kept.put(name, value, *edition, Key::bytes, |dependencies| {
                key.note(Some(value), dependencies);
            });
        }
    }

    fn note<Key: Depending<Value>, Value>(&self, key: &Key, value: Option<&Value>) {
        self.note_that(|noted| key.note(value, &mut noted.dependencies));
    }

    /// Notes something of the part that is being made, or else of the whole answer.
    fn note_that(&self, mut note: impl FnMut(&mut Noted)) {
        if !note_in_scope(&mut note)
            && let Some(noted) = &self.noted
        {
            note(&mut noted.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Whether parts of answers are kept.
    pub(crate) fn keeps_parts(&self) -> bool {
        self.keeping.is_some()
    }

    /// A part that is kept.
    pub(crate) fn kept_part(&self, name: &PartName) -> Option<Bytes> {
        let Keeping { kept, edition } = self.keeping.as_ref()?;
        let part = kept.get::<KeptPart>(&Named::Part(Box::new(name.clone())), *edition)?;
        self.note_part(&part.noted);
        Some(part.json)
    }

    /// Notes of the whole what was noted of a part.
    pub(crate) fn note_part(&self, part: &Noted) {
        self.note_that(|noted| noted.add(part));
    }

    /// Keeps a part.
    pub(crate) fn keep_part(&self, name: PartName, json: Bytes, mut noted: Noted) {
        noted.dependencies.settle();
        self.note_part(&noted);
        if let Some(Keeping { kept, edition }) = &self.keeping {
            let noted = Arc::new(noted);
            let part = KeptPart {
                json,
                noted: noted.clone(),
            };
            kept.put(
                Named::Part(Box::new(name)),
                &part,
                *edition,
                |part| part.json.len() + part.noted.dependencies.bytes() + size_of::<Noted>(),
                |dependencies| dependencies.add(&noted.dependencies),
            );
        }
    }
}

fn loading(reader: Reader<'static>, waves: Waves) -> Loading {
    DataLoader::with_cache(Archive(reader), waves, AtOnce, KeptLists)
}

/// Keeps for the next wave what the query's shape says will be asked for again: lists, counts, the
/// publication. Whether an entity is asked for again is chance: kept, it would make the number of statements
/// depend on what the lists happen to hold.
pub(crate) struct KeptLists;

impl CacheFactory for KeptLists {
    fn create<Key, Value>(&self) -> Box<dyn CacheStorage<Key = Key, Value = Value>>
    where
        Key: Send + Sync + Clone + Eq + Hash + 'static,
        Value: Send + Sync + Clone + 'static,
    {
        let kept = [
            TypeId::of::<ThePublication>(),
            TypeId::of::<ListKey>(),
            TypeId::of::<ChosenFor>(),
            TypeId::of::<CountKey>(),
            TypeId::of::<ArchivePage>(),
            TypeId::of::<ArchiveCount>(),
        ];
        if kept.contains(&TypeId::of::<Key>()) {
            HashMapCache::default().create::<Key, Value>()
        } else {
            NoCache.create::<Key, Value>()
        }
    }
}

/// The archive as one request may see it.
pub(crate) struct Archive(Reader<'static>);

/// The publication.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ThePublication;
/// The article with this slug, present or former.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArticleWithSlug(pub(crate) Slug);
/// The section with this slug.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SectionWithSlug(pub(crate) Slug);
/// The contributor with this slug.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ContributorWithSlug(pub(crate) Slug);
/// The topic with this slug.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TopicWithSlug(pub(crate) Slug);
/// The body of an article.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BodyOf(pub(crate) ArticleId);
/// Who is credited for an article.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BylinesOf(pub(crate) ArticleId);
/// What an article is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TopicsOf(pub(crate) ArticleId);
/// What was corrected in an article.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CorrectionsOf(pub(crate) ArticleId);
/// The articles chosen to stand beside one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChosenFor(pub(crate) ArticleId);
/// A page of the revisions of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RevisionsOf(pub(crate) ArticleId, pub(crate) PageRequest<i32>);
/// How many revisions of an article are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RevisionCountOf(pub(crate) ArticleId);
/// What an article said at a revision.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StoryAt(pub(crate) ArticleId, pub(crate) i32);
/// What came after a place in the change log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChangesAfter {
    pub(crate) after: Option<ChangePosition>,
    pub(crate) size: u16,
}
/// Where an article stands, as far as everyone may know.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PublicStandingOf(pub(crate) ArticleId);
/// All sections.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AllSections;
/// A page of the archive.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArchivePage {
    pub(crate) filter: ArticleFilter,
    pub(crate) order: ArticleOrder,
    pub(crate) page: PageRequest,
}
/// How many articles of the archive a filter lets through.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArchiveCount(pub(crate) ArticleFilter);
/// A page of the contributors.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ContributorPage(pub(crate) PageRequest<String>);
/// A page of the topics.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TopicPage(pub(crate) PageRequest<String>);
/// A page of the issues, of one volume number or of all.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct IssuePage(pub(crate) Option<i32>, pub(crate) PageRequest);
/// A page of the volumes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct VolumePage(pub(crate) PageRequest);
/// An issue by its numbers.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct IssueNumbered {
    pub(crate) series: Option<String>,
    pub(crate) volume: i32,
    pub(crate) number: i32,
}
/// How many of them there are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum CountOf {
    Contributors,
    Topics,
    Volumes,
    Issues(Option<i32>),
}
/// How many issues a volume has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IssueCountOf(pub(crate) MagazineVolumeId);

type Loaded<Key, Value> = std::result::Result<HashMap<Key, Value>, Arc<PersistenceError>>;

/// A key whose values come in one statement for all keys.
macro_rules! batched {
    ($($key:ty => $value:ty, |$reader:ident, $keys:ident| $load:expr;)*) => {$(
        impl Loader<$key> for Archive {
            type Value = $value;
            type Error = Arc<PersistenceError>;

            async fn load(&self, $keys: &[$key]) -> Loaded<$key, $value> {
                let $reader = &self.0;
                // Boxed: the library moves its futures about.
                async move { $load }.boxed().await
            }
        }
    )*};
}

/// A key whose values each come in a statement of their own: a query has as many as it writes out.
macro_rules! one_by_one {
    ($($key:ty => $value:ty, |$reader:ident, $one:ident| $load:expr;)*) => {$(
        impl Loader<$key> for Archive {
            type Value = $value;
            type Error = Arc<PersistenceError>;

            async fn load(&self, keys: &[$key]) -> Loaded<$key, $value> {
                let $reader = &self.0;
                let loads = keys.iter().map(|key| async move {
                    let $one = key;
                    let value: Option<$value> = $load;
                    Ok::<_, Arc<PersistenceError>>(value.map(|value| (key.clone(), value)))
                });
                Ok(try_join_all(loads).boxed().await?.into_iter().flatten().collect())
            }
        }
    )*};
}

batched! {
    ArticleId => Shown, |reader, keys| Ok(reader
        .articles_by_id(keys).await?
        .into_iter().map(|article| (article.id, Arc::new(article))).collect());
    SectionId => Arc<Section>, |reader, keys| Ok(reader
        .sections_by_id(keys).await?
        .into_iter().map(|section| (section.id, Arc::new(section))).collect());
    ContributorId => Arc<Contributor>, |reader, keys| Ok(reader
        .contributors_by_id(keys).await?
        .into_iter().map(|contributor| (contributor.id, Arc::new(contributor))).collect());
    TopicId => Arc<Topic>, |reader, keys| Ok(reader
        .topics_by_id(keys).await?
        .into_iter().map(|topic| (topic.id, Arc::new(topic))).collect());
    MagazineIssueId => Arc<MagazineIssue>, |reader, keys| Ok(reader
        .magazine_issues_by_id(keys).await?
        .into_iter().map(|issue| (issue.id, Arc::new(issue))).collect());
    MagazineVolumeId => Arc<MagazineVolume>, |reader, keys| Ok(reader
        .magazine_volumes_by_id(keys).await?
        .into_iter().map(|volume| (volume.id, Arc::new(volume))).collect());
    BodyOf => Arc<Body>, |reader, keys| Ok(reader
        .bodies(&articles(keys, |key| key.0)).await?
        .into_iter().map(|(id, body)| (BodyOf(id), Arc::new(body))).collect());
    BylinesOf => Vec<ContributorId>, |reader, keys| {
        let mut filed = reader.bylines(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, filed.remove(&key.0).unwrap_or_default())).collect())
    };
    TopicsOf => Vec<TopicId>, |reader, keys| {
        let mut filed = reader.topics_of(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, filed.remove(&key.0).unwrap_or_default())).collect())
    };
    CorrectionsOf => Arc<Vec<Correction>>, |reader, keys| {
        let mut corrections = reader.corrections(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, Arc::new(corrections.remove(&key.0).unwrap_or_default()))).collect())
    };
    ChosenFor => Arc<Vec<Shown>>, |reader, keys| {
        let mut chosen = reader.chosen_articles(&articles(keys, |key| key.0)).await?;
        // Also of an article beside which none stands: what is kept for the next wave is so of every one.
        Ok(keys.iter().map(|key| {
            let of_it = chosen.remove(&key.0).unwrap_or_default();
            (*key, Arc::new(of_it.into_iter().map(Arc::new).collect()))
        }).collect())
    };
    PublicStandingOf => Arc<Standing>, |reader, keys| Ok(reader
        .public_standings(&articles(keys, |key| key.0)).await?
        .into_iter().map(|(id, standing)| (PublicStandingOf(id), standing)).collect());
    StoryAt => Arc<Story>, |reader, keys| {
        let wanted: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        Ok(reader.stories_at(&wanted).await?
            .into_iter().map(|((id, number), story)| (StoryAt(id, number), Arc::new(story))).collect())
    };
    ListKey => Arc<Page<Shown>>, |reader, keys| Ok(keys.iter().cloned()
        .zip(reader.article_lists(keys).await?.into_iter().map(|page| Arc::new(page.map(Arc::new))))
        .collect());
    CountKey => u64, |reader, keys| Ok(keys.iter().cloned()
        .zip(reader.article_list_counts(keys).await?)
        .collect());
    IssueListKey => Arc<Page<Arc<MagazineIssue>>>, |reader, keys| Ok(keys.iter().cloned()
        .zip(reader.magazine_issue_lists(keys).await?.into_iter().map(|page| Arc::new(page.map(Arc::new))))
        .collect());
    IssueCountOf => u64, |reader, keys| {
        let volumes: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(reader.magazine_issue_list_counts(&volumes).await?
            .into_iter().map(|(id, count)| (IssueCountOf(id), count)).collect())
    };
}

one_by_one! {
    ThePublication => Arc<Publication>, |reader, _key| reader.publication().await?.map(Arc::new);
    ArticleWithSlug => Shown, |reader, key| reader.article_by_slug(&key.0).await?.map(Arc::new);
    SectionWithSlug => Arc<Section>, |reader, key| reader.section_by_slug(&key.0).await?.map(Arc::new);
    ContributorWithSlug => Arc<Contributor>, |reader, key| reader.contributor_by_slug(&key.0).await?.map(Arc::new);
    TopicWithSlug => Arc<Topic>, |reader, key| reader.topic_by_slug(&key.0).await?.map(Arc::new);
    AllSections => Arc<Vec<Arc<Section>>>, |reader, _key| {
        Some(Arc::new(reader.sections().await?.into_iter().map(Arc::new).collect()))
    };
    ArchivePage => Arc<Page<Shown>>, |reader, key| {
        let page = reader.articles(&key.filter, key.order, &key.page).await?;
        Some(Arc::new(page.map(Arc::new)))
    };
    ArchiveCount => u64, |reader, key| Some(reader.article_count(&key.0).await?);
    ContributorPage => Arc<Page<Arc<Contributor>>>, |reader, key| {
        Some(Arc::new(reader.contributors(&key.0).await?.map(Arc::new)))
    };
    TopicPage => Arc<Page<Arc<Topic>>>, |reader, key| {
        Some(Arc::new(reader.topics(&key.0).await?.map(Arc::new)))
    };
    IssuePage => Arc<Page<Arc<MagazineIssue>>>, |reader, key| {
        Some(Arc::new(reader.magazine_issues(key.0, &key.1).await?.map(Arc::new)))
    };
    VolumePage => Arc<Page<Arc<MagazineVolume>>>, |reader, key| {
        Some(Arc::new(reader.magazine_volumes(&key.0).await?.map(Arc::new)))
    };
    IssueNumbered => Arc<MagazineIssue>, |reader, key| reader
        .magazine_issue_by_number(key.series.as_deref(), key.volume, key.number)
        .await?
        .map(Arc::new);
    RevisionsOf => Arc<Page<Revision>>, |reader, key| {
        Some(Arc::new(reader.revisions(key.0, &key.1).await?))
    };
    RevisionCountOf => u64, |reader, key| Some(reader.revision_count(key.0).await?);
    ChangesAfter => Arc<ChangePage>, |reader, key| reader.changes(key.after, key.size).await?.map(Arc::new);
    CountOf => u64, |reader, key| Some(match key {
        CountOf::Contributors => reader.contributor_count().await?,
        CountOf::Topics => reader.topic_count().await?,
        CountOf::Volumes => reader.magazine_volume_count().await?,
        CountOf::Issues(volume) => reader.magazine_issue_count(*volume).await?,
    });
}

fn articles<Key>(keys: &[Key], article: impl Fn(&Key) -> ArticleId) -> Vec<ArticleId> {
    keys.iter().map(article).collect()
}
