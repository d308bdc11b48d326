//! The archive as a whole: filtered, ordered, page by page.

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::{Article, ArticleStatus},
    audience::Admitted,
    identifier::MagazineIssueId,
    paging::{End, Page, PageRequest, Position},
};

use crate::{
    Beside, Companions, PersistenceError, Reader,
    articles::article,
    companions::Companionship,
    keyset::{Between, count, order_by, range},
    statement::Sql,
};

/// Which articles of the archive a list holds. Slugs and languages that do not exist give an empty list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ArticleFilter {
    /// Only of the section with this slug.
    pub section: Option<String>,
    /// Only credited to the contributor with this slug.
    pub contributor: Option<String>,
    /// Only on the topic with this slug.
    pub topic: Option<String>,
    /// Only in this language.
    pub language: Option<String>,
    /// Only of this issue.
    pub magazine_issue: Option<MagazineIssueId>,
    /// Only published at this instant or later.
    pub published_from: Option<DateTime<Utc>>,
    /// Only published before this instant.
    pub published_until: Option<DateTime<Utc>>,
    /// Only of this status; published ones where it is none. Others are the newsroom's, and scheduled ones
    /// also the partners' who may see them.
    pub status: Option<ArticleStatus>,
}

impl ArticleFilter {
    fn status(&self) -> ArticleStatus {
        self.status.unwrap_or(ArticleStatus::Published)
    }
}

/// What a list of the archive is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArticleOrder {
    /// By time of publication, the newest first.
    NewestFirst,
    /// By time of publication, the oldest first.
    OldestFirst,
    /// By time of the last change, the latest first.
    RecentlyModified,
}

impl ArticleOrder {
    /// Where an article stands in a list of this order.
    pub fn position(self, article: &Article) -> Position {
        let value = match self {
            Self::NewestFirst | Self::OldestFirst => article.published_at.unwrap_or_default(),
            Self::RecentlyModified => article.modified_at,
        };
        Position {
            value: value.timestamp_millis(),
            id: article.id.number(),
        }
    }

    /// Whether positions fall along the list.
    const fn descends(self) -> bool {
        !matches!(self, Self::OldestFirst)
    }
}

impl Reader<'_> {
    /// A page of the archive, with what is wanted beside its articles.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles(
        &self,
        filter: &ArticleFilter,
        order: ArticleOrder,
        page: &PageRequest,
        beside: Beside,
    ) -> Result<(Page<Admitted<Article>>, Companions), PersistenceError> {
        let driving = Driving::of(filter, order);
        let (time, id) = driving.position(filter.status(), order);
        let mut sql = self.sql("SELECT ");
        let companionship = Companionship::select(self, &mut sql, beside);
        filtered(&mut sql, filter, order, driving);
        let mut between = Between::of(page, order.descends());
        match filter.status() {
            // Along the time of publication, the present instant is a bound of what is walked along anyway.
            ArticleStatus::Published if order != ArticleOrder::RecentlyModified => {
                between = between.published(self);
            }
            ArticleStatus::Scheduled if order != ArticleOrder::RecentlyModified => {
                between = between.scheduled(self);
            }
            status => self.of_status(&mut sql, status, driving.table()),
        }
        self.allowed(&mut sql, "article", "id");
        range(&mut sql, time, id, &between);
        let descending = order.descends() == (page.end == End::First);
        let ordered_by = if time == "0" { id } else { time };
        order_by(&mut sql, ordered_by, id, descending);
        sql.text(" LIMIT ").value(i64::from(page.size) + 1);

        let (mut articles, mut companions) = (Vec::new(), Companions::default());
        for mut row in self.all(sql).await? {
            if let Some(article) = self.admit(article(&mut row)?) {
                companionship.read(self, &row, article.id, &mut companions)?;
                articles.push(article);
            }
        }
        if page.end == End::Last {
            articles.reverse();
        }
        Ok((page.cut(articles), companions))
    }

    /// How many articles a list of the archive has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_count(&self, filter: &ArticleFilter) -> Result<u64, PersistenceError> {
        let mut sql = self.sql("SELECT COUNT(*)");
        sql.counts();
        let driving = Driving::of(filter, ArticleOrder::NewestFirst);
        filtered(&mut sql, filter, ArticleOrder::NewestFirst, driving);
        self.of_status(&mut sql, filter.status(), driving.table());
        self.allowed(&mut sql, "article", "id");
        if !self.may_list(filter.status()) {
            return Ok(0);
        }
        count(self.one(sql).await?.as_ref())
    }

    /// Whether this reader may see all articles of a status. Pages need not ask: what they hold is admitted
    /// one by one.
    fn may_list(&self, status: ArticleStatus) -> bool {
        match status {
            ArticleStatus::Published => true,
            ArticleStatus::Scheduled => self.audience().sees_scheduled(),
            ArticleStatus::Draft | ArticleStatus::Withdrawn => self.is_newsroom(),
        }
    }

    /// Appends the condition that an article is of a status.
    fn of_status(&self, sql: &mut Sql, status: ArticleStatus, table: &str) {
        match status {
            ArticleStatus::Published => {
                sql.text(&format!(" AND {table}.visible_from <= "))
                    .value(self.now().timestamp_millis());
            }
            ArticleStatus::Scheduled => {
                sql.text(&format!(" AND {table}.visible_from > "))
                    .value(self.now().timestamp_millis());
            }
            // Both conditions of the indexes on what is not published stand here, to the letter.
            ArticleStatus::Draft => {
                sql.text(" AND article.visible_from IS NULL AND article.published_at IS NULL");
            }
            ArticleStatus::Withdrawn => {
                sql.text(" AND article.visible_from IS NULL AND article.withdrawn_at IS NOT NULL");
            }
        }
    }
}

/// Which table a filtered list walks along.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driving {
    Articles,
    Contributor,
    Topic,
}

impl Driving {
    fn of(filter: &ArticleFilter, order: ArticleOrder) -> Self {
        let dated = matches!(
            filter.status(),
            ArticleStatus::Published | ArticleStatus::Scheduled
        );
        match (&filter.contributor, &filter.topic) {
            _ if order == ArticleOrder::RecentlyModified || !dated => Self::Articles,
            (Some(_), _) => Self::Contributor,
            (None, Some(_)) => Self::Topic,
            (None, None) => Self::Articles,
        }
    }

    /// The columns along which it walks.
    const fn position(
        self,
        status: ArticleStatus,
        order: ArticleOrder,
    ) -> (&'static str, &'static str) {
        match (self, status, order) {
            (_, _, ArticleOrder::RecentlyModified) => ("article.modified_at", "article.id"),
            // Drafts have no time: all stand at the same place, and are told apart by identity alone.
            (_, ArticleStatus::Draft, _) => ("0", "article.id"),
            (_, ArticleStatus::Withdrawn, _) => ("article.published_at", "article.id"),
            (Self::Articles, _, _) => ("article.visible_from", "article.id"),
            (Self::Contributor | Self::Topic, _, _) => ("member.visible_from", "member.article_id"),
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Articles => "article",
            Self::Contributor | Self::Topic => "member",
        }
    }
}

/// The index of articles that a list walks along.
fn index(filter: &ArticleFilter, order: ArticleOrder) -> &'static str {
    let modified = order == ArticleOrder::RecentlyModified;
    match filter.status() {
        ArticleStatus::Draft | ArticleStatus::Withdrawn if modified => {
            "article_hidden_by_modified_at_id"
        }
        // Few are scheduled at a time: better found and sorted than looked for along the whole archive.
        ArticleStatus::Scheduled if modified => "article_by_visible_from_id",
        ArticleStatus::Draft => "article_drafts",
        ArticleStatus::Withdrawn => "article_withdrawn",
        _ if modified => "article_by_modified_at_id",
        _ if filter.section.is_some() => "article_by_section_id_visible_from_id",
        _ if filter.magazine_issue.is_some() => "article_by_magazine_issue_id_visible_from_id",
        _ if filter.language.is_some() => "article_by_language_visible_from_id",
        _ => "article_by_visible_from_id",
    }
}

/// Appends the tables and conditions of a filtered list, from `FROM` on.
fn filtered(sql: &mut Sql, filter: &ArticleFilter, order: ArticleOrder, driving: Driving) {
    sql.text(" FROM ");
    match driving {
        Driving::Articles => {
            sql.text("article");
            sql.along(index(filter, order));
            sql.text(" WHERE TRUE");
        }
        Driving::Contributor => walk(
            sql,
            "article_byline",
            "contributor",
            filter.contributor.as_deref(),
        ),
        Driving::Topic => walk(sql, "article_topic", "topic", filter.topic.as_deref()),
    }
    if let Some(slug) = &filter.section {
        sql.text(" AND article.section_id = (SELECT section.id FROM section WHERE section.slug = ")
            .value(slug.as_str())
            .text(")");
    }
    if let (Some(slug), true) = (&filter.contributor, driving != Driving::Contributor) {
        filed_under(sql, "article_byline", "contributor", slug);
    }
    if let (Some(slug), true) = (&filter.topic, driving != Driving::Topic) {
        filed_under(sql, "article_topic", "topic", slug);
    }
    if let Some(language) = &filter.language {
        sql.text(" AND article.language = ")
            .value(language.as_str());
    }
    if let Some(issue) = filter.magazine_issue {
        sql.text(" AND article.magazine_issue_id = ")
            .value(issue.number());
    }
    let time = match filter.status() {
        ArticleStatus::Published | ArticleStatus::Scheduled => {
            format!("{}.visible_from", driving.table())
        }
        ArticleStatus::Draft | ArticleStatus::Withdrawn => "article.published_at".to_owned(),
    };
    if let Some(from) = filter.published_from {
        sql.text(&format!(" AND {time} >= "))
            .value(from.timestamp_millis());
    }
    if let Some(until) = filter.published_until {
        sql.text(&format!(" AND {time} < "))
            .value(until.timestamp_millis());
    }
}

/// Walks along the list of one contributor or topic.
fn walk(sql: &mut Sql, table: &str, target: &str, slug: Option<&str>) {
    sql.text(&format!("{table} AS member"))
        .along(&format!("{table}_by_{target}_id_visible_from_article_id"))
        .text(&format!(
            " JOIN article ON article.id = member.article_id \
         WHERE member.{target}_id = (SELECT {target}.id FROM {target} WHERE {target}.slug = "
        ))
        .value(slug)
        .text(")");
}

/// Only what is filed under one contributor or topic besides.
fn filed_under(sql: &mut Sql, table: &str, target: &str, slug: &str) {
    sql.text(&format!(
        " AND EXISTS (SELECT 1 FROM {table} AS filed JOIN {target} ON {target}.id = filed.{target}_id \
         WHERE filed.article_id = article.id AND {target}.slug = "
    ))
    .value(slug)
    .text(")");
}
