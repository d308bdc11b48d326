//! Following the change log: what each change touches, for whoever keeps answers and has to know which of
//! them still hold.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::Article,
    audience::Audience,
    change::{Change, Stream},
    identifier::{ArticleId, ContributorId, MagazineIssueId, SectionId, TopicId},
    node_id::NodeId,
    paging::Position,
};

use super::change;
use crate::{ArticleFilter, ArticleOrder, PersistenceError, Reader, row::column};

/// A change, and where what changed stands now.
#[derive(Clone, Debug)]
pub struct FollowedChange {
    /// Its number in its stream.
    pub number: i64,
    /// When it came about.
    pub at: DateTime<Utc>,
    /// What changed.
    pub node: NodeId,
    /// Of an article that is still there: where it stands now.
    pub article: Option<Arc<Standing>>,
}

/// Where an article stands: which lists it can be in, and where in them.
#[derive(Clone, Debug)]
pub struct Standing {
    article: Article,
    section: Option<String>,
    contributors: Vec<(ContributorId, String)>,
    topics: Vec<(TopicId, String)>,
    /// Its slugs, the present one and former ones.
    pub slugs: Vec<String>,
    /// The articles beside which it was chosen to stand.
    pub chosen_by: Vec<ArticleId>,
}

impl Standing {
    /// Where it stands in a list of this order.
    pub fn position(&self, order: ArticleOrder) -> Position {
        order.position(&self.article)
    }

    /// Its section.
    pub fn section(&self) -> Option<SectionId> {
        self.article.section
    }

    /// The issue it was printed in.
    pub fn magazine_issue(&self) -> Option<MagazineIssueId> {
        self.article.magazine_issue
    }

    /// Who is credited for it, each with their slug.
    pub fn contributors(&self) -> impl Iterator<Item = (ContributorId, &str)> {
        self.contributors
            .iter()
            .map(|(id, slug)| (*id, slug.as_str()))
    }

    /// What it is about, each with its slug.
    pub fn topics(&self) -> impl Iterator<Item = (TopicId, &str)> {
        self.topics.iter().map(|(id, slug)| (*id, slug.as_str()))
    }

    /// Its section's slug.
    pub fn section_slug(&self) -> Option<&str> {
        self.section.as_deref()
    }

    /// Whether a filter lets it through, its status and its time apart.
    pub fn passes(&self, filter: &ArticleFilter) -> bool {
        let ArticleFilter {
            section,
            contributor,
            topic,
            language,
            magazine_issue,
            published_from,
            published_until,
            status: _,
        } = filter;
        section
            .as_ref()
            .is_none_or(|wanted| self.section.as_ref() == Some(wanted))
            && contributor
                .as_ref()
                .is_none_or(|wanted| self.contributors.iter().any(|(_, slug)| slug == wanted))
            && topic
                .as_ref()
                .is_none_or(|wanted| self.topics.iter().any(|(_, slug)| slug == wanted))
            && language
                .as_ref()
                .is_none_or(|language| language == self.article.language.as_str())
            && magazine_issue.is_none_or(|issue| self.article.magazine_issue == Some(issue))
            && self.article.published_at.is_some_and(|at| {
                published_from.is_none_or(|from| at >= from)
                    && published_until.is_none_or(|until| at < until)
            })
    }
}

impl Reader<'_> {
    /// The changes of a stream after a number, with where what changed stands now; none where they cannot be
    /// told any more, or are more than `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followed(
        &self,
        stream: Stream,
        after: i64,
        most: u16,
    ) -> Result<Option<Vec<FollowedChange>>, PersistenceError> {
        self.followed_as(&self.as_newsroom(), stream, after, most)
            .await
    }

    /// The same, with where what changed stands now as another reader of this archive knows it.
    pub(crate) async fn followed_as(
        &self,
        viewer: &Reader<'_>,
        stream: Stream,
        after: i64,
        most: u16,
    ) -> Result<Option<Vec<FollowedChange>>, PersistenceError> {
        let (_, pruned_through) = self.extent(stream).await?;
        if after < pruned_through {
            return Ok(None);
        }
        let mut sql = self
            .sql("SELECT number, at, kind, node_kind, node_id, reason, appeared FROM change WHERE stream = ");
        sql.value(stream.number())
            .text(" AND number > ")
            .value(after)
            .text(" ORDER BY number LIMIT ")
            .value(i64::from(most) + 1);
        let rows = self.all(sql).await?;
        if rows.len() > usize::from(most) {
            return Ok(None);
        }
        let changes: Vec<Change> = rows.iter().map(change).collect::<Result<_, _>>()?;
        let mut articles: Vec<ArticleId> = changes
            .iter()
            .filter_map(|change| match change.node {
                NodeId::Article(id) => Some(id),
                _ => None,
            })
            .collect();
        articles.sort_unstable();
        articles.dedup();
        let standings = viewer.standings(&articles).await?;
        Ok(Some(
            changes
                .into_iter()
                .map(|change| FollowedChange {
                    number: change.number,
                    at: change.at,
                    node: change.node,
                    article: match change.node {
                        NodeId::Article(id) => standings.get(&id).cloned(),
                        _ => None,
                    },
                })
                .collect(),
        ))
    }

    /// The latest time of the last changes of a stream: of the `most` last ones, for which a clock that is
    /// ahead of this node's could account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_change(
        &self,
        stream: Stream,
        most: u16,
    ) -> Result<Option<DateTime<Utc>>, PersistenceError> {
        let mut sql = self.sql("SELECT MAX(at) FROM (SELECT at FROM change WHERE stream = ");
        sql.value(stream.number())
            .text(" ORDER BY number DESC LIMIT ")
            .value(i64::from(most))
            .text(") AS latest");
        let row = self.one(sql).await?;
        let at: Option<i64> = match row {
            Some(row) => column(&row, 0)?,
            None => None,
        };
        at.map(crate::articles::instant).transpose()
    }

    /// Where articles stand, as far as everyone may know: nothing of those that not everyone may see, no slug
    /// that one bore while it was hidden, none beside which it was chosen to stand and that is hidden.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn public_standings(
        &self,
        ids: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Arc<Standing>>, PersistenceError> {
        self.as_everyone().standings(ids).await
    }

    /// Where articles stand that this reader may see, as far as it may know.
    async fn standings(
        &self,
        ids: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Arc<Standing>>, PersistenceError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let reader = self;
        let articles = reader.articles_by_id(ids).await?;
        let bylines = reader.bylines(ids).await?;
        let topics = reader.topics_of(ids).await?;
        let mut slugs = reader.slugs_of(ids).await?;
        let mut chosen_by = reader.chosen_by(ids).await?;
        let wanted: Vec<_> = articles.iter().filter_map(|one| one.section).collect();
        let sections: HashMap<_, _> = reader
            .sections_by_id(&distinct(wanted))
            .await?
            .into_iter()
            .map(|section| (section.id, section.slug.to_string()))
            .collect();
        let wanted: Vec<_> = bylines.values().flatten().copied().collect();
        let contributors: HashMap<_, _> = reader
            .contributors_by_id(&distinct(wanted))
            .await?
            .into_iter()
            .map(|one| (one.id, one.slug.to_string()))
            .collect();
        let wanted: Vec<_> = topics.values().flatten().copied().collect();
        let topic_slugs: HashMap<_, _> = reader
            .topics_by_id(&distinct(wanted))
            .await?
            .into_iter()
            .map(|topic| (topic.id, topic.slug.to_string()))
            .collect();
        Ok(articles
            .into_iter()
            .map(|article| {
                let article = article.into_inner();
                let id = article.id;
                let named = |one: &ContributorId| Some((*one, contributors.get(one)?.clone()));
                let about = |one: &TopicId| Some((*one, topic_slugs.get(one)?.clone()));
                let standing = Standing {
                    section: article
                        .section
                        .and_then(|section| sections.get(&section).cloned()),
                    contributors: bylines
                        .get(&id)
                        .into_iter()
                        .flatten()
                        .filter_map(named)
                        .collect(),
                    topics: topics
                        .get(&id)
                        .into_iter()
                        .flatten()
                        .filter_map(about)
                        .collect(),
                    slugs: slugs.remove(&id).unwrap_or_default(),
                    chosen_by: chosen_by.remove(&id).unwrap_or_default(),
                    article,
                };
                (id, Arc::new(standing))
            })
            .collect())
    }

    /// The same archive as the newsroom sees it: to know where something stands that its reader may not see.
    fn as_newsroom(&self) -> Self {
        let mut reader = self.clone();
        reader.audience = Audience::Newsroom;
        reader
    }

    /// The same archive as everyone sees it.
    pub(crate) fn as_everyone(&self) -> Self {
        let mut reader = self.clone();
        reader.audience = Audience::EVERYONE;
        reader
    }

    async fn chosen_by(
        &self,
        ids: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<ArticleId>>, PersistenceError> {
        let mut sql = self.sql("SELECT chosen.related_id, chosen.article_id FROM ");
        sql.each_wanted(ids.iter().map(|id| id.number()))
            .text("article_related AS chosen ON chosen.related_id = wanted.value");
        if !self.is_newsroom() {
            sql.then_join("article AS chooser ON chooser.id = chosen.article_id AND ");
            self.visible(&mut sql, "chooser", "id");
        }
        let mut chosen_by: HashMap<ArticleId, Vec<ArticleId>> = HashMap::new();
        for row in self.all(sql).await? {
            chosen_by
                .entry(ArticleId::from_number(column(&row, 0)?))
                .or_default()
                .push(ArticleId::from_number(column(&row, 1)?));
        }
        Ok(chosen_by)
    }

    async fn slugs_of(
        &self,
        ids: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<String>>, PersistenceError> {
        let mut sql = self.sql("SELECT article_slug.article_id, article_slug.slug FROM ");
        sql.each_wanted(ids.iter().map(|id| id.number()))
            .text("article_slug ON article_slug.article_id = wanted.value");
        if !self.is_newsroom() {
            // As they are found: one that an article bore while it was hidden is nobody's to know.
            sql.then_join(
                "article ON article.id = article_slug.article_id \
                 AND (article.slug = article_slug.slug OR article_slug.known_from <= ",
            )
            .value(self.now().timestamp_millis())
            .text(")");
        }
        let mut slugs: HashMap<ArticleId, Vec<String>> = HashMap::new();
        for row in self.all(sql).await? {
            slugs
                .entry(ArticleId::from_number(column(&row, 0)?))
                .or_default()
                .push(column(&row, 1)?);
        }
        Ok(slugs)
    }
}

fn distinct<Id: Ord>(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
