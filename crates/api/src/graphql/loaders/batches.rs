//! How each kind of thing is read: many in one statement, or one by one where a query writes out how many.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use futures_util::{FutureExt as _, future::try_join_all};
use masthead_domain::{
    article::{Correction, Story},
    body::Body,
    contributor::Contributor,
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    magazine::{MagazineIssue, MagazineVolume},
    paging::Page,
    publication::Publication,
    revision::Revision,
    section::Section,
    topic::Topic,
};
use masthead_persistence::{
    ChangePage, CountKey, IssueListKey, ListKey, PersistenceError, Reader, Standing,
};

use super::{
    Shown,
    keys::{
        AllSections, ArchiveCount, ArchivePage, ArticleWithSlug, BodyOf, BylinesOf, ChangesAfter,
        ChosenFor, ContributorPage, ContributorWithSlug, CorrectionsOf, CountOf, IssueCountOf,
        IssueNumbered, IssuePage, PublicStandingOf, RevisionCountOf, RevisionsOf, SectionWithSlug,
        StoryAt, ThePublication, TopicPage, TopicWithSlug, TopicsOf, VolumePage,
    },
};

/// The archive as one request may see it.
pub(crate) struct Archive(pub(super) Reader<'static>);

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
