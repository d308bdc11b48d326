//! Articles: one by its slug, some by their identities, and what hangs on them.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use crate::{
    Companions, PersistenceError, Reader, Surroundings,
    classification::Filed,
    row::{Row, column, take_text},
    statement::Sql,
    surroundings::Surrounded,
};
use chrono::{DateTime, Utc};
use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision, Withdrawal},
    audience::Admitted,
    body::Body,
    contributor::Contributor,
    identifier::{ArticleId, ContributorId, MagazineIssueId, SectionId, TopicId},
    image::Image,
    language::LanguageTag,
    slug::Slug,
    topic::Topic,
};

/// The columns of an [`Article`], in the order in which [`article`] reads them.
pub(crate) const COLUMNS: &str = "article.id, article.slug, article.headline, article.kicker, article.standfirst, article.dateline, \
     article.section_id, article.magazine_issue_id, article.language, article.lead_image, article.published_at, \
     article.published_at_precision, article.withdrawn_at, article.modified_at, article.revision, article.word_count, \
     article.published_earliest, article.published_latest, article.withdrawal_reason";

/// How many columns [`COLUMNS`] has.
pub(crate) const COLUMN_COUNT: usize = 19;

/// Reads an article from a row that begins with [`COLUMNS`].
///
/// Its texts are taken out of the row: a page reads some fifty of these.
pub(crate) fn article(row: &mut Row) -> Result<Article, PersistenceError> {
    let slug = needed_text(row, 1)?;
    let language = needed_text(row, 8)?;
    let lead_image = take_text(row, 9)?;
    let precision = needed_text(row, 11)?;
    let revision: i64 = column(row, 14)?;
    let word_count: i64 = column(row, 15)?;
    Ok(Article {
        id: ArticleId::from_number(column(row, 0)?),
        slug: Slug::try_from(slug).map_err(|error| PersistenceError::stored(error.to_string()))?,
        headline: needed_text(row, 2)?,
        kicker: take_text(row, 3)?,
        standfirst: take_text(row, 4)?,
        dateline: take_text(row, 5)?,
        section: column::<Option<i64>>(row, 6)?.map(SectionId::from_number),
        magazine_issue: column::<Option<i64>>(row, 7)?.map(MagazineIssueId::from_number),
        language: LanguageTag::parse(&language)
            .map_err(|error| PersistenceError::stored(error.to_string()))?,
        lead_image: lead_image.as_deref().map(stored_image).transpose()?,
        published_at: column::<Option<i64>>(row, 10)?.map(instant).transpose()?,
        published_at_precision: TimePrecision::from_name(&precision)
            .ok_or_else(|| PersistenceError::stored(format!("precision '{precision}'")))?,
        published_between: column::<Option<i64>>(row, 16)?
            .zip(column::<Option<i64>>(row, 17)?)
            .map(|(earliest, latest)| {
                Ok::<_, PersistenceError>((instant(earliest)?, instant(latest)?))
            })
            .transpose()?,
        withdrawal: column::<Option<i64>>(row, 12)?
            .map(|at| {
                Ok::<_, PersistenceError>(Withdrawal {
                    at: instant(at)?,
                    reason: take_text(row, 18)?.unwrap_or_default(),
                })
            })
            .transpose()?,
        modified_at: instant(column(row, 13)?)?,
        revision: i32::try_from(revision)
            .map_err(|_| PersistenceError::stored(format!("revision {revision}")))?,
        word_count: u32::try_from(word_count)
            .map_err(|_| PersistenceError::stored(format!("word count {word_count}")))?,
    })
}

fn needed_text(row: &mut Row, index: usize) -> Result<String, PersistenceError> {
    take_text(row, index)?
        .ok_or_else(|| PersistenceError::stored(format!("no text in column {index}")))
}

pub(crate) fn instant(milliseconds: i64) -> Result<DateTime<Utc>, PersistenceError> {
    DateTime::from_timestamp_millis(milliseconds)
        .ok_or_else(|| PersistenceError::stored(format!("instant {milliseconds}")))
}

pub(crate) fn stored_slug(slug: &str) -> Result<Slug, PersistenceError> {
    Slug::parse(slug).map_err(|error| PersistenceError::stored(error.to_string()))
}

pub(crate) fn stored_image(json: &str) -> Result<Image, PersistenceError> {
    serde_json::from_str(json).map_err(|error| PersistenceError::stored(format!("image: {error}")))
}

pub(crate) fn stored_body(blocks: &str) -> Result<Body, PersistenceError> {
    serde_json::from_str(blocks).map_err(|error| PersistenceError::stored(format!("body: {error}")))
}

/// Reads a correction from a row that has its time and its text from a column on.
pub(crate) fn correction(row: &Row, first: usize) -> Result<Correction, PersistenceError> {
    Ok(Correction {
        at: instant(column(row, first)?)?,
        text: column(row, first + 1)?,
    })
}

impl Reader<'_> {
    /// The article that has this slug, or once had it. A slug that it only bore while it was hidden finds it
    /// for those alone who could see it then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_by_slug(
        &self,
        slug: &Slug,
    ) -> Result<Option<Admitted<Article>>, PersistenceError> {
        let alone = Surroundings::default();
        let (found, _) = self.article_by_slug_and(slug, alone).await?;
        Ok(found.map(Arc::unwrap_or_clone))
    }

    /// The same, with what is wanted around it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_by_slug_and(
        &self,
        slug: &Slug,
        around: Surroundings,
    ) -> Result<(Option<Arc<Admitted<Article>>>, Companions), PersistenceError> {
        let mut sql = self.sql("SELECT ");
        let surrounded = Surrounded::select(self, &mut sql, around);
        sql.text(" FROM article_slug JOIN article ON article.id = article_slug.article_id WHERE article_slug.slug = ")
            .value(slug.as_ref())
            .text(" AND ");
        self.visible(&mut sql, "article", "id");
        if !self.is_newsroom() {
            // A slug that an article bore while it was a draft is nobody else's to know.
            sql.text(" AND (article.slug = article_slug.slug OR article_slug.known_from <= ")
                .value(self.now().timestamp_millis())
                .text(")");
        }
        let mut companions = Companions::default();
        let Some(mut row) = self.one(sql).await? else {
            return Ok((None, companions));
        };
        let found = self.admit(article(&mut row)?).map(Arc::new);
        if let Some(found) = &found {
            surrounded.read(self, &row, found, &mut companions)?;
        }
        Ok((found, companions))
    }

    /// Whether there is any article at all that this reader may see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_articles(&self) -> Result<bool, PersistenceError> {
        let mut sql = self.sql("SELECT 1 FROM article WHERE ");
        self.visible(&mut sql, "article", "id");
        sql.text(" LIMIT 1");
        Ok(self.one(sql).await?.is_some())
    }

    /// The articles with these identities, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles_by_id(
        &self,
        ids: &[ArticleId],
    ) -> Result<Vec<Admitted<Article>>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS).text(" FROM ");
        wanted(&mut sql, ids);
        sql.text("article ON article.id = wanted.value WHERE ");
        self.visible(&mut sql, "article", "id");
        let mut articles = Vec::new();
        for mut row in self.all(sql).await? {
            articles.extend(self.admit(article(&mut row)?));
        }
        Ok(articles)
    }

    /// The bodies of those of these articles whose full text this reader may read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bodies(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Body>, PersistenceError> {
        let articles: Vec<ArticleId> = articles
            .iter()
            .copied()
            .filter(|article| self.audience().may_read_text_of(*article))
            .collect();
        if articles.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sql = self.sql("SELECT article_body.article_id, article_body.blocks FROM ");
        wanted(&mut sql, &articles);
        sql.text("article ON article.id = wanted.value JOIN article_body ON article_body.article_id = article.id WHERE ");
        self.visible(&mut sql, "article", "id");
        let mut bodies = HashMap::new();
        for row in self.all(sql).await? {
            let blocks: String = column(&row, 1)?;
            bodies.insert(
                ArticleId::from_number(column(&row, 0)?),
                stored_body(&blocks)?,
            );
        }
        Ok(bodies)
    }

    /// Who is credited for these articles, in printed order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bylines(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<ContributorId>>, PersistenceError> {
        self.filed_under(
            articles,
            "article_byline",
            "contributor_id",
            ContributorId::from_number,
        )
        .await
    }

    /// What these articles are about, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topics_of(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<TopicId>>, PersistenceError> {
        self.filed_under(articles, "article_topic", "topic_id", TopicId::from_number)
            .await
    }

    async fn filed_under<Id>(
        &self,
        articles: &[ArticleId],
        table: &str,
        target: &str,
        id: impl Fn(i64) -> Id,
    ) -> Result<HashMap<ArticleId, Vec<Id>>, PersistenceError> {
        let mut sql = self.sql("SELECT filed.article_id, filed.position, filed.");
        sql.text(target).text(" FROM ");
        wanted(&mut sql, articles);
        sql.text(table)
            .text(" AS filed ON filed.article_id = wanted.value WHERE ");
        self.visible(&mut sql, "filed", "article_id");
        let mut filed: HashMap<ArticleId, BTreeMap<i64, Id>> = HashMap::new();
        for row in self.all(sql).await? {
            filed
                .entry(ArticleId::from_number(column(&row, 0)?))
                .or_default()
                .insert(column(&row, 1)?, id(column(&row, 2)?));
        }
        Ok(in_order(filed))
    }

    /// Who is credited for these articles, in printed order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credits(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<Arc<Contributor>>>, PersistenceError> {
        self.all_filed_under(articles, "article_byline", "contributor_id")
            .await
    }

    /// What these articles are about, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subjects(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<Arc<Topic>>>, PersistenceError> {
        self.all_filed_under(articles, "article_topic", "topic_id")
            .await
    }

    /// All that articles are filed under, of one kind: what several of them share is read once.
    async fn all_filed_under<Kind: Filed>(
        &self,
        articles: &[ArticleId],
        table: &str,
        target: &str,
    ) -> Result<HashMap<ArticleId, Vec<Arc<Kind>>>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(Kind::COLUMNS)
            .text(", member.article_id, member.position FROM ");
        wanted(&mut sql, articles);
        sql.text(table)
            .text(" AS member ON member.article_id = wanted.value");
        sql.then_join(&format!(
            "{} AS filed ON filed.id = member.{target} WHERE ",
            Kind::TABLE
        ));
        self.visible(&mut sql, "member", "article_id");
        let mut known: HashMap<i64, Arc<Kind>> = HashMap::new();
        let mut filed: HashMap<ArticleId, BTreeMap<i64, Arc<Kind>>> = HashMap::new();
        for row in self.all(sql).await? {
            let one = match known.entry(column(&row, 0)?) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => unknown.insert(Arc::new(Kind::read(&row)?)).clone(),
            };
            filed
                .entry(ArticleId::from_number(column(&row, Kind::COLUMN_COUNT)?))
                .or_default()
                .insert(column(&row, Kind::COLUMN_COUNT + 1)?, one);
        }
        Ok(in_order(filed))
    }

    /// The corrections of these articles, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn corrections(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<Correction>>, PersistenceError> {
        let mut sql =
            self.sql("SELECT correction.article_id, correction.position, correction.at, correction.text FROM ");
        wanted(&mut sql, articles);
        sql.text("article ON article.id = wanted.value JOIN article_correction AS correction ON correction.article_id = article.id WHERE ");
        self.visible(&mut sql, "article", "id");
        let mut corrections: HashMap<ArticleId, BTreeMap<i64, Correction>> = HashMap::new();
        for row in self.all(sql).await? {
            let correction = correction(&row, 2)?;
            corrections
                .entry(ArticleId::from_number(column(&row, 0)?))
                .or_default()
                .insert(column(&row, 1)?, correction);
        }
        Ok(in_order(corrections))
    }

    /// The articles chosen to stand beside these, in their order: those of them that are published.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chosen_articles(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<Admitted<Article>>>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(", chosen.article_id, chosen.position FROM ");
        wanted(&mut sql, articles);
        sql.text("article_related AS chosen ON chosen.article_id = wanted.value");
        sql.then_join("article ON article.id = chosen.related_id WHERE ");
        self.published(&mut sql, "article", "id");
        let mut chosen: HashMap<ArticleId, BTreeMap<i64, Admitted<Article>>> = HashMap::new();
        for mut row in self.all(sql).await? {
            if let Some(article) = self.admit(article(&mut row)?) {
                chosen
                    .entry(ArticleId::from_number(column(&row, COLUMN_COUNT)?))
                    .or_default()
                    .insert(column(&row, COLUMN_COUNT + 1)?, article);
            }
        }
        Ok(in_order(chosen))
    }

    /// The whole of articles, with what was chosen to stand beside them, published or not.
    pub(crate) async fn stories(
        &self,
        ids: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Story>, PersistenceError> {
        let mut bodies = self.bodies(ids).await?;
        let mut bylines = self.bylines(ids).await?;
        let mut topics = self.topics_of(ids).await?;
        let mut corrections = self.corrections(ids).await?;
        let mut related = self.related_ids(ids).await?;
        Ok(self
            .articles_by_id(ids)
            .await?
            .into_iter()
            .map(|article| {
                let id = article.id;
                let story = Story {
                    article: article.into_inner(),
                    body: bodies.remove(&id).unwrap_or_default(),
                    bylines: bylines.remove(&id).unwrap_or_default(),
                    topics: topics.remove(&id).unwrap_or_default(),
                    corrections: corrections.remove(&id).unwrap_or_default(),
                    related: related.remove(&id).unwrap_or_default(),
                };
                (id, story)
            })
            .collect())
    }

    /// The identities of all that was chosen to stand beside articles: the newsroom's alone.
    async fn related_ids(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Vec<ArticleId>>, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(HashMap::new());
        }
        let mut sql =
            self.sql("SELECT chosen.article_id, chosen.position, chosen.related_id FROM ");
        wanted(&mut sql, articles);
        sql.text("article_related AS chosen ON chosen.article_id = wanted.value");
        let mut related: HashMap<ArticleId, BTreeMap<i64, ArticleId>> = HashMap::new();
        for row in self.all(sql).await? {
            related
                .entry(ArticleId::from_number(column(&row, 0)?))
                .or_default()
                .insert(column(&row, 1)?, ArticleId::from_number(column(&row, 2)?));
        }
        Ok(in_order(related))
    }

    /// The articles with this headline, as headlines are compared.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles_by_headline(
        &self,
        headline_key: &str,
    ) -> Result<Vec<Admitted<Article>>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(" FROM article WHERE article.headline_key = ")
            .value(headline_key)
            .text(" AND ");
        self.visible(&mut sql, "article", "id");
        sql.text(" ORDER BY article.id");
        let mut articles = Vec::new();
        for mut row in self.all(sql).await? {
            articles.extend(self.admit(article(&mut row)?));
        }
        Ok(articles)
    }
}

/// Appends the articles that are wanted, to be joined with what follows.
fn wanted(sql: &mut Sql, articles: &[ArticleId]) {
    sql.each_wanted(articles.iter().map(|id| id.number()));
}

/// What hangs on each article, by its position: so no statement has to sort.
fn in_order<Item>(
    positions: HashMap<ArticleId, BTreeMap<i64, Item>>,
) -> HashMap<ArticleId, Vec<Item>> {
    positions
        .into_iter()
        .map(|(id, items)| (id, items.into_values().collect()))
        .collect()
}
