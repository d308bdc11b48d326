//! What a query reads, by keys that say what is loaded: each kind in one batch a wave.
//!
//! Made anew for each request, so no reader's rights are batched into another's.
//!
//! - `keys`: what can be asked for; `batches`: how each kind is read;
//! - `depending`: what each depends on, and the name under which it is kept between requests; `keeping`: what is noted of
//!   reads, and parts of answers that are kept.

use std::{
    any::TypeId,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use async_graphql::dataloader::{
    CacheFactory, CacheStorage, DataLoader, HashMapCache, Loader, NoCache,
};
use futures_util::{
    FutureExt as _, TryFutureExt as _,
    future::{BoxFuture, try_join4},
};
use masthead_domain::{
    article::{Article, ArticleStatus},
    audience::{Admitted, Audience},
    change::Stream,
    contributor::Contributor,
    identifier::{ArticleId, TopicId},
    node_id::NodeId,
    publication::Publication,
    topic::Topic,
};
use masthead_persistence::{
    Beside, ChangePosition, Companions, CountKey, ListKey, PersistenceError, Reader,
};

mod batches;
mod depending;
mod keeping;
mod keys;

use super::{
    error::{QueryError, Result},
    parts::note_in_scope,
    waves::{AtOnce, Waves},
};
use crate::cache::Dependencies;

use batches::Archive;
pub(crate) use depending::{Depending, Named};
pub(crate) use keeping::{Keeping, Noted};
pub(crate) use keys::{
    AllPartners, AllSections, ArchiveCount, ArchivePage, ArticleWithSlug, BodyOf, BylinesOf,
    ChangesAfter, ChosenFor, ContributorPage, ContributorWithSlug, CorrectionsOf, CountOf,
    DeliveriesOf, IssueCountOf, IssueNumbered, IssuePage, LatestWithdrawals, PartnerWithId,
    PublicStandingOf, ReceiptsOf, RevisionCountOf, RevisionsOf, SectionWithSlug, StoryAt,
    ThePublication, TokensOfPartner, TopicIdsOf, TopicPage, TopicWithSlug, TopicsOf, UsageBetween,
    VolumePage, WebhookWithId, WebhooksOf, WithdrawalOf,
};

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
    told: Mutex<Option<ChangePosition>>,
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
            told: Mutex::default(),
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

    /// Notes how far the answer tells of the change log.
    pub(crate) fn tells_through(&self, position: ChangePosition) {
        if position.stream == Stream::Public {
            self.note_that(|noted| noted.dependencies.tells_through(position.number));
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.number < position.number) {
            *told = Some(position);
        }
    }

    /// How far the answer tells of the change log, where it was asked for it and what it says was not kept.
    pub(crate) fn told_through(&self) -> Option<ChangePosition> {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Arc<Loading> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// For whom the request reads.
    pub(crate) fn audience(&self) -> Audience {
        self.current().loader().reader.audience().clone()
    }

    /// An article's status at the instant at which the request reads, as its reader is told it.
    pub(crate) fn status(&self, article: &Admitted<Article>) -> ArticleStatus {
        let current = self.current();
        let reader = &current.loader().reader;
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
        match self.beside(&key) {
            Some(value) => Ok(Some(value)),
            None => self.load_alone(key).await,
        }
    }

    /// What the key names, where it can be had without waiting.
    pub(crate) fn at_hand<Key, Value>(&self, key: &Key) -> Option<Value>
    where
        Key: Depending<Value>,
        Value: Clone + Send + Sync + 'static,
    {
        self.beside(key).or_else(|| self.kept(key))
    }

    /// The same, without what was read beside an article.
    pub(crate) async fn load_alone<Key>(
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

    /// What was read beside an article in this request: it is there without another wave.
    fn beside<Key, Value>(&self, key: &Key) -> Option<Value>
    where
        Key: Depending<Value>,
        Value: Clone + Send + Sync + 'static,
    {
        if !Key::HANGS_ON_AN_ARTICLE {
            return None;
        }
        let value = self
            .current()
            .loader()
            .beside(|companions| key.beside(companions))?;
        self.read(key, Some(&value));
        Some(value)
    }

    /// Whether what hangs on articles can be read beside them.
    pub(crate) fn reads_beside(&self) -> bool {
        self.current().loader().reader.reads_beside()
    }

    /// Whether what hangs on the articles of a list is read before each is asked for it: beside them, or else of all at
    /// once. Where parts are kept, those of most articles ask for nothing.
    pub(crate) fn reads_ahead(&self) -> bool {
        self.reads_beside() || !self.keeps_parts()
    }

    /// Reads what is wanted beside the articles of a list, where it could not be read with them: the names, the topics,
    /// the sections.
    pub(crate) async fn read_ahead(&self, articles: &[Shown], wanted: Beside) -> Result<()> {
        if self.reads_beside() || self.keeps_parts() {
            return Ok(());
        }
        let current = self.current();
        let sections = async {
            let sections = articles.iter().filter_map(|article| article.section);
            if wanted.sections {
                current.load_many(sections).await
            } else {
                Ok(HashMap::new())
            }
        };
        let (credits, topics, topic_ids, sections) = try_join4(
            of_each(&current, articles, wanted.credits, BylinesOf, |key| key.0),
            of_each(&current, articles, wanted.topics, TopicsOf, |key| key.0),
            of_each(&current, articles, wanted.topic_ids, TopicIdsOf, |key| {
                key.0
            }),
            sections.map_err(QueryError::from),
        )
        .await?;
        let read = Companions::filed(credits, topics, topic_ids, sections);
        current.loader().add(read);
        Ok(())
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

    /// Who is credited for an article, in printed order, to be shown.
    pub(crate) async fn credits(&self, article: ArticleId) -> Result<Vec<Arc<Contributor>>> {
        let credits = self.load(BylinesOf(article)).await?.unwrap_or_default();
        self.note_credits(&credits);
        Ok(credits)
    }

    /// The same, where they can be had without waiting.
    pub(crate) fn credits_at_hand(&self, article: ArticleId) -> Option<Vec<Arc<Contributor>>> {
        let credits: Vec<_> = self.at_hand(&BylinesOf(article))?;
        self.note_credits(&credits);
        Some(credits)
    }

    fn note_credits(&self, credits: &[Arc<Contributor>]) {
        self.note_that(|noted| {
            for one in credits {
                noted.node(NodeId::Contributor(one.id));
            }
        });
    }

    /// What an article is about, in order, to be shown.
    pub(crate) async fn topics(&self, article: ArticleId) -> Result<Vec<Arc<Topic>>> {
        let topics = self.load(TopicsOf(article)).await?.unwrap_or_default();
        self.note_topics(&topics);
        Ok(topics)
    }

    /// The same, where they can be had without waiting.
    pub(crate) fn topics_at_hand(&self, article: ArticleId) -> Option<Vec<Arc<Topic>>> {
        let topics: Vec<_> = self.at_hand(&TopicsOf(article))?;
        self.note_topics(&topics);
        Some(topics)
    }

    fn note_topics(&self, topics: &[Arc<Topic>]) {
        self.note_that(|noted| {
            for one in topics {
                noted.node(NodeId::Topic(one.id));
            }
        });
    }

    /// The topics that an article has in common with another, or all that it is about: whichever was read.
    pub(crate) async fn topics_shared_with(
        &self,
        other: ArticleId,
        article: ArticleId,
    ) -> Result<Vec<TopicId>> {
        match self.shared_topics_at_hand(other, article) {
            Some(shared) => Ok(shared),
            None => Ok(self.load(TopicIdsOf(article)).await?.unwrap_or_default()),
        }
    }

    /// The same, where they can be had without waiting.
    pub(crate) fn shared_topics_at_hand(
        &self,
        other: ArticleId,
        article: ArticleId,
    ) -> Option<Vec<TopicId>> {
        let key = TopicIdsOf(article);
        let shared = self
            .current()
            .loader()
            .beside(|companions| companions.shared_topics.get(&(other, article)).cloned());
        match shared {
            Some(shared) => {
                // It depends on what all of them depend on, and is not kept as all.
                self.note(&key, Some(&shared));
                Some(shared)
            }
            None => self.at_hand(&key),
        }
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
                key.note_kept(value, dependencies);
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
}

/// What a key of each article names, where that is wanted.
async fn of_each<Key>(
    current: &Loading,
    articles: &[Shown],
    is_wanted: bool,
    key: fn(ArticleId) -> Key,
    article: fn(&Key) -> ArticleId,
) -> Result<HashMap<ArticleId, <Archive as Loader<Key>>::Value>>
where
    Key: Send + Sync + Hash + Eq + Clone + 'static,
    Archive: Loader<Key, Error = Arc<PersistenceError>>,
{
    if !is_wanted {
        return Ok(HashMap::new());
    }
    let keys = articles.iter().map(|article| key(article.id));
    let read = current.load_many(keys).await?;
    Ok(read
        .into_iter()
        .map(|(key, value)| (article(&key), value))
        .collect())
}

fn loading(reader: Reader<'static>, waves: Waves) -> Loading {
    DataLoader::with_cache(Archive::new(reader), waves, AtOnce, KeptLists)
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
