//! How each kind of thing is read: many in one statement, or one by one where a query writes out how many.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use futures_util::{FutureExt as _, future::try_join_all};
use masthead_domain::{
    article::{Correction, Story, WithdrawnArticle},
    body::Body,
    contributor::Contributor,
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    magazine::{MagazineIssue, MagazineVolume},
    paging::Page,
    partner::{Partner, PartnerToken},
    publication::Publication,
    receipt::WithdrawalReceipt,
    revision::Revision,
    section::Section,
    topic::Topic,
    usage::DailyUsage,
    webhook::WebhookDelivery,
};
use masthead_persistence::{
    ChangePage, Companions, CountKey, IssueListKey, KeptWebhook, ListKey, PersistenceError, Reader,
    Standing,
};

use super::{
    Shown,
    keys::{
        AllPartners, AllSections, ArchiveCount, ArchivePage, ArticleWithSlug, BodyOf, BylinesOf,
        ChangesAfter, ChosenFor, ContributorPage, ContributorWithSlug, CorrectionsOf, CountOf,
        DeliveriesOf, IssueCountOf, IssueNumbered, IssuePage, LatestWithdrawals, PartnerWithId,
        PublicStandingOf, ReceiptsOf, RevisionCountOf, RevisionsOf, SectionWithSlug, StoryAt,
        ThePublication, TokensOfPartner, TopicIdsOf, TopicPage, TopicWithSlug, TopicsOf,
        UsageBetween, VolumePage, WebhookWithId, WebhooksOf, WithdrawalOf,
    },
};

/// The archive as one request may see it.
pub(crate) struct Archive {
    pub(super) reader: Reader<'static>,
    /// What was read beside articles, which need not be read again.
    companions: Mutex<Companions>,
}

impl Archive {
    pub(super) fn new(reader: Reader<'static>) -> Self {
        Self {
            reader,
            companions: Mutex::default(),
        }
    }

    /// Takes what was read beside articles.
    fn with<Found>(&self, (found, companions): (Found, Companions)) -> Found {
        self.add(companions);
        found
    }

    /// Adds what was read for articles that were read before.
    pub(super) fn add(&self, companions: Companions) {
        self.companions().add(companions);
    }

    /// Looks into what was read beside articles.
    pub(super) fn beside<Value>(&self, look: impl FnOnce(&Companions) -> Value) -> Value {
        look(&self.companions())
    }

    fn companions(&self) -> MutexGuard<'_, Companions> {
        self.companions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

type Loaded<Key, Value> = std::result::Result<HashMap<Key, Value>, Arc<PersistenceError>>;

/// A key whose values come in one statement for all keys.
macro_rules! batched {
    ($($key:ty => $value:ty, |$archive:ident, $keys:ident| $load:expr;)*) => {$(
        impl Loader<$key> for Archive {
            type Value = $value;
            type Error = Arc<PersistenceError>;

            async fn load(&self, $keys: &[$key]) -> Loaded<$key, $value> {
                let $archive = self;
                // Boxed: the library moves its futures about.
                async move { $load }.boxed().await
            }
        }
    )*};
}

/// A key whose values each come in a statement of their own: a query has as many as it writes out.
macro_rules! one_by_one {
    ($($key:ty => $value:ty, |$archive:ident, $one:ident| $load:expr;)*) => {$(
        impl Loader<$key> for Archive {
            type Value = $value;
            type Error = Arc<PersistenceError>;

            async fn load(&self, keys: &[$key]) -> Loaded<$key, $value> {
                let $archive = self;
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
    ArticleId => Shown, |archive, keys| Ok(archive.reader
        .articles_by_id(keys).await?
        .into_iter().map(|article| (article.id, Arc::new(article))).collect());
    SectionId => Arc<Section>, |archive, keys| Ok(archive.reader
        .sections_by_id(keys).await?
        .into_iter().map(|section| (section.id, Arc::new(section))).collect());
    ContributorId => Arc<Contributor>, |archive, keys| Ok(archive.reader
        .contributors_by_id(keys).await?
        .into_iter().map(|contributor| (contributor.id, Arc::new(contributor))).collect());
    TopicId => Arc<Topic>, |archive, keys| Ok(archive.reader
        .topics_by_id(keys).await?
        .into_iter().map(|topic| (topic.id, Arc::new(topic))).collect());
    MagazineIssueId => Arc<MagazineIssue>, |archive, keys| Ok(archive.reader
        .magazine_issues_by_id(keys).await?
        .into_iter().map(|issue| (issue.id, Arc::new(issue))).collect());
    MagazineVolumeId => Arc<MagazineVolume>, |archive, keys| Ok(archive.reader
        .magazine_volumes_by_id(keys).await?
        .into_iter().map(|volume| (volume.id, Arc::new(volume))).collect());
    BodyOf => Arc<Body>, |archive, keys| Ok(archive.reader
        .bodies(&articles(keys, |key| key.0)).await?
        .into_iter().map(|(id, body)| (BodyOf(id), Arc::new(body))).collect());
    BylinesOf => Vec<Arc<Contributor>>, |archive, keys| {
        let mut filed = archive.reader.credits(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, filed.remove(&key.0).unwrap_or_default())).collect())
    };
    TopicsOf => Vec<Arc<Topic>>, |archive, keys| {
        let mut filed = archive.reader.subjects(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, filed.remove(&key.0).unwrap_or_default())).collect())
    };
    TopicIdsOf => Vec<TopicId>, |archive, keys| {
        let mut filed = archive.reader.topics_of(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, filed.remove(&key.0).unwrap_or_default())).collect())
    };
    CorrectionsOf => Arc<Vec<Correction>>, |archive, keys| {
        let mut corrections = archive.reader.corrections(&articles(keys, |key| key.0)).await?;
        Ok(keys.iter().map(|key| (*key, Arc::new(corrections.remove(&key.0).unwrap_or_default()))).collect())
    };
    ChosenFor => Arc<Vec<Shown>>, |archive, keys| {
        let mut chosen = archive.reader.chosen_articles(&articles(keys, |key| key.0)).await?;
        // Also of an article beside which none stands: what is kept for the next wave is so of every one.
        Ok(keys.iter().map(|key| {
            let of_it = chosen.remove(&key.0).unwrap_or_default();
            (*key, Arc::new(of_it.into_iter().map(Arc::new).collect()))
        }).collect())
    };
    PublicStandingOf => Arc<Standing>, |archive, keys| Ok(archive.reader
        .public_standings(&articles(keys, |key| key.0)).await?
        .into_iter().map(|(id, standing)| (PublicStandingOf(id), standing)).collect());
    WithdrawalOf => Arc<WithdrawnArticle>, |archive, keys| Ok(archive.reader
        .withdrawn_articles(&articles(keys, |key| key.0)).await?
        .into_iter().map(|article| (WithdrawalOf(article.id), Arc::new(article))).collect());
    StoryAt => Arc<Story>, |archive, keys| {
        let wanted: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        Ok(archive.reader.stories_at(&wanted).await?
            .into_iter().map(|((id, number), story)| (StoryAt(id, number), Arc::new(story))).collect())
    };
    ListKey => Arc<Page<Shown>>, |archive, keys| {
        let pages = archive.with(archive.reader.article_lists(keys).await?);
        Ok(keys.iter().cloned()
            .zip(pages.into_iter().map(|page| Arc::new(page.map(Arc::new))))
            .collect())
    };
    CountKey => u64, |archive, keys| Ok(keys.iter().cloned()
        .zip(archive.reader.article_list_counts(keys).await?)
        .collect());
    TokensOfPartner => Arc<Vec<PartnerToken>>, |archive, keys| {
        let partners: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(archive.reader.tokens_of_partners(&partners).await?
            .into_iter().map(|(id, tokens)| (TokensOfPartner(id), Arc::new(tokens))).collect())
    };
    IssueListKey => Arc<Page<Arc<MagazineIssue>>>, |archive, keys| Ok(keys.iter().cloned()
        .zip(archive.reader.magazine_issue_lists(keys).await?.into_iter().map(|page| Arc::new(page.map(Arc::new))))
        .collect());
    IssueCountOf => u64, |archive, keys| {
        let volumes: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(archive.reader.magazine_issue_list_counts(&volumes).await?
            .into_iter().map(|(id, count)| (IssueCountOf(id), count)).collect())
    };
}

one_by_one! {
    ThePublication => Arc<Publication>, |archive, _key| archive.reader.publication().await?.map(Arc::new);
    ArticleWithSlug => Shown, |archive, key| archive
        .with(archive.reader.article_by_slug_and(&key.slug, key.around).await?);
    SectionWithSlug => Arc<Section>, |archive, key| archive.reader.section_by_slug(&key.0).await?.map(Arc::new);
    ContributorWithSlug => Arc<Contributor>, |archive, key| archive.reader.contributor_by_slug(&key.0).await?.map(Arc::new);
    TopicWithSlug => Arc<Topic>, |archive, key| archive.reader.topic_by_slug(&key.0).await?.map(Arc::new);
    AllSections => Arc<Vec<Arc<Section>>>, |archive, _key| {
        Some(Arc::new(archive.reader.sections().await?.into_iter().map(Arc::new).collect()))
    };
    ArchivePage => Arc<Page<Shown>>, |archive, key| {
        let read = archive.reader.articles(&key.filter, key.order, &key.page, key.beside).await?;
        Some(Arc::new(archive.with(read).map(Arc::new)))
    };
    ArchiveCount => u64, |archive, key| Some(archive.reader.article_count(&key.0).await?);
    ContributorPage => Arc<Page<Arc<Contributor>>>, |archive, key| {
        Some(Arc::new(archive.reader.contributors(&key.0).await?.map(Arc::new)))
    };
    TopicPage => Arc<Page<Arc<Topic>>>, |archive, key| {
        Some(Arc::new(archive.reader.topics(&key.0).await?.map(Arc::new)))
    };
    IssuePage => Arc<Page<Arc<MagazineIssue>>>, |archive, key| {
        Some(Arc::new(archive.reader.magazine_issues(key.0, &key.1).await?.map(Arc::new)))
    };
    VolumePage => Arc<Page<Arc<MagazineVolume>>>, |archive, key| {
        Some(Arc::new(archive.reader.magazine_volumes(&key.0).await?.map(Arc::new)))
    };
    IssueNumbered => Arc<MagazineIssue>, |archive, key| archive.reader
        .magazine_issue_by_number(key.series.as_deref(), key.volume, key.number)
        .await?
        .map(Arc::new);
    RevisionsOf => Arc<Page<Revision>>, |archive, key| {
        Some(Arc::new(archive.reader.revisions(key.0, &key.1).await?))
    };
    RevisionCountOf => u64, |archive, key| Some(archive.reader.revision_count(key.0).await?);
    AllPartners => Arc<Vec<Arc<Partner>>>, |archive, _key| {
        Some(Arc::new(archive.reader.partners().await?.into_iter().map(Arc::new).collect()))
    };
    PartnerWithId => Arc<Partner>, |archive, key| archive.reader.partner(key.0).await?.map(Arc::new);
    LatestWithdrawals => Arc<Vec<(ArticleId, DateTime<Utc>)>>, |archive, key| {
        Some(Arc::new(archive.reader.latest_withdrawals(key.0).await?))
    };
    ReceiptsOf => Arc<Vec<WithdrawalReceipt>>, |archive, key| {
        Some(Arc::new(archive.reader.receipts(key.article, key.withdrawn_at).await?))
    };
    UsageBetween => Arc<Vec<DailyUsage>>, |archive, key| {
        Some(Arc::new(archive.reader.usage(key.from, key.to, key.partner).await?))
    };
    WebhooksOf => Arc<Vec<Arc<KeptWebhook>>>, |archive, key| {
        Some(Arc::new(archive.reader.webhooks(key.0).await?.into_iter().map(Arc::new).collect()))
    };
    WebhookWithId => Arc<KeptWebhook>, |archive, key| archive.reader.webhook(key.0).await?.map(Arc::new);
    DeliveriesOf => Arc<Vec<WebhookDelivery>>, |archive, key| {
        Some(Arc::new(archive.reader.webhook_deliveries(key.webhook, key.after, key.size).await?))
    };
    ChangesAfter => Arc<ChangePage>, |archive, key| archive.reader.changes(key.after, key.size).await?.map(Arc::new);
    CountOf => u64, |archive, key| Some(match key {
        CountOf::Contributors => archive.reader.contributor_count().await?,
        CountOf::Topics => archive.reader.topic_count().await?,
        CountOf::Volumes => archive.reader.magazine_volume_count().await?,
        CountOf::Issues(volume) => archive.reader.magazine_issue_count(*volume).await?,
    });
}

fn articles<Key>(keys: &[Key], article: impl Fn(&Key) -> ArticleId) -> Vec<ArticleId> {
    keys.iter().map(article).collect()
}
