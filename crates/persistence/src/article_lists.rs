//! Lists of articles: each one walk along one index, from one position to another.
//!
//! Two kinds: the archive as a whole, filtered ([`Reader::articles`]), and the articles of one parent, read
//! for many parents in one statement ([`Reader::article_lists`]). A page reads one row more than it shows,
//! to know whether there are more; nothing is ever counted to find a place.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::Article,
    audience::{Admitted, Audience},
    identifier::MagazineIssueId,
    paging::{End, Page, PageRequest, Position},
};
use sea_orm::DbBackend;

use crate::{
    PersistenceError, Reader,
    articles::{COLUMN_COUNT, COLUMNS, article, column},
    statement::Sql,
};

/// What an article can be one of the articles of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    /// A contributor who is credited for it.
    Contributor,
    /// The section it stands in.
    Section,
    /// A topic it is about.
    Topic,
    /// The issue it was printed in.
    MagazineIssue,
}

impl Membership {
    /// The table that lists members, its column of the parent and its column of the article.
    const fn index(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Contributor => ("article_byline", "contributor_id", "article_id"),
            Self::Topic => ("article_topic", "topic_id", "article_id"),
            Self::Section => ("article", "section_id", "id"),
            Self::MagazineIssue => ("article", "magazine_issue_id", "id"),
        }
    }
}

/// A page of the articles of a parent, or of any of several of the same kind, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListKey {
    /// What kind of parent it is.
    pub membership: Membership,
    /// The parents' identities.
    pub parents: Vec<i64>,
    /// Which page.
    pub page: PageRequest,
}

/// How many articles a parent has, or any of several of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountKey {
    /// What kind of parent it is.
    pub membership: Membership,
    /// The parents' identities.
    pub parents: Vec<i64>,
}

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

/// The open interval of positions that a page lies in.
pub(crate) struct Between {
    low: Position,
    high: Position,
}

impl Between {
    pub(crate) fn of(page: &PageRequest, descending: bool) -> Self {
        let (low, high) = if descending {
            (page.before, page.after)
        } else {
            (page.after, page.before)
        };
        Self {
            low: low.unwrap_or(Position::MIN),
            high: high.unwrap_or(Position::MAX),
        }
    }

    /// Only what is visible by now, which the end of the interval says just as well.
    fn visible(mut self, reader: &Reader<'_>) -> Self {
        if reader.audience() == Audience::Public {
            self.high = self.high.min(Position::end_of(reader.now()));
        }
        self
    }
}

impl Reader<'_> {
    /// A page of the archive.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles(
        &self,
        filter: &ArticleFilter,
        order: ArticleOrder,
        page: &PageRequest,
    ) -> Result<Page<Admitted<Article>>, PersistenceError> {
        let driving = Driving::of(filter, order);
        let (time, id) = driving.position(order);
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS);
        filtered(&mut sql, filter, order, driving);
        let mut between = Between::of(page, order.descends());
        if order == ArticleOrder::RecentlyModified {
            sql.text(" AND ");
            self.visible(&mut sql, "article");
        } else {
            between = between.visible(self);
        }
        range(&mut sql, time, id, &between);
        let descending = order.descends() == (page.end == End::First);
        order_by(&mut sql, time, id, descending);
        sql.text(" LIMIT ").value(i64::from(page.size) + 1);

        let mut articles = Vec::new();
        for row in self.all(sql).await? {
            articles.extend(self.admit(article(&row)?));
        }
        if page.end == End::Last {
            articles.reverse();
        }
        Ok(page.cut(articles))
    }

    /// How many articles a list of the archive has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_count(&self, filter: &ArticleFilter) -> Result<u64, PersistenceError> {
        let mut sql = self.sql("SELECT COUNT(*)");
        let driving = Driving::of(filter, ArticleOrder::NewestFirst);
        filtered(&mut sql, filter, ArticleOrder::NewestFirst, driving);
        sql.text(" AND ");
        self.visible(&mut sql, driving.table());
        count(self.one(sql).await?.as_ref())
    }

    /// Pages of the articles of many parents, in the order of the keys, newest first: one statement for
    /// each kind of parent and size of page, however many parents there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_lists(
        &self,
        keys: &[ListKey],
    ) -> Result<Vec<Page<Admitted<Article>>>, PersistenceError> {
        let mut groups: BTreeMap<(Membership, bool, u16), Vec<usize>> = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            let shape = (key.membership, key.page.end == End::Last, key.page.size);
            groups.entry(shape).or_default().push(place);
        }
        let mut pages: HashMap<usize, Page<Admitted<Article>>> = HashMap::new();
        for ((membership, from_the_end, size), places) in groups {
            let mut parents = Parents::default();
            for (place, key) in places
                .iter()
                .filter_map(|place| Some((*place, keys.get(*place)?)))
            {
                let between = Between::of(&key.page, true).visible(self);
                for parent in &key.parents {
                    parents.add(place, *parent, &between);
                }
            }
            let rows = self
                .members(membership, parents, size, from_the_end)
                .await?;
            let mut lists: HashMap<usize, BTreeMap<Reverse<Position>, Admitted<Article>>> =
                HashMap::new();
            for (place, article) in rows {
                let position = ArticleOrder::NewestFirst.position(&article);
                lists
                    .entry(place)
                    .or_default()
                    .insert(Reverse(position), article);
            }
            for (place, key) in places
                .into_iter()
                .filter_map(|place| Some((place, keys.get(place)?)))
            {
                let mut rows: Vec<_> = lists
                    .remove(&place)
                    .unwrap_or_default()
                    .into_values()
                    .collect();
                // Of several parents each gave a page: together they hold a page, and more.
                let most = usize::from(size) + 1;
                match key.page.end {
                    End::First => rows.truncate(most),
                    End::Last => drop(rows.drain(..rows.len().saturating_sub(most))),
                }
                pages.insert(place, key.page.cut(rows));
            }
        }
        Ok((0..keys.len())
            .map(|place| {
                pages.remove(&place).unwrap_or(Page {
                    rows: Vec::new(),
                    more: false,
                })
            })
            .collect())
    }

    /// The first or last rows of each parent, with the place of the key that asked for them.
    async fn members(
        &self,
        membership: Membership,
        parents: Parents,
        size: u16,
        from_the_end: bool,
    ) -> Result<Vec<(usize, Admitted<Article>)>, PersistenceError> {
        let (table, parent, id) = membership.index();
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS);
        parents.walk(
            &mut sql,
            table,
            (parent, "visible_from", id),
            size,
            from_the_end,
            "article",
        );
        let mut members = Vec::new();
        for row in self.all(sql).await? {
            let place = parents.place(column(&row, COLUMN_COUNT)?);
            if let (Some(place), Some(article)) = (place, self.admit(article(&row)?)) {
                members.push((place, article));
            }
        }
        Ok(members)
    }

    /// How many articles many parents have, in the order of the keys: one statement for each kind of parent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_list_counts(
        &self,
        keys: &[CountKey],
    ) -> Result<Vec<u64>, PersistenceError> {
        let mut counts = vec![0; keys.len()];
        let memberships: BTreeSet<Membership> = keys.iter().map(|key| key.membership).collect();
        for membership in memberships {
            let asked: Vec<(usize, &CountKey)> = keys
                .iter()
                .enumerate()
                .filter(|(_, key)| key.membership == membership)
                .collect();
            let sets: Vec<&[i64]> = asked
                .iter()
                .map(|(_, key)| key.parents.as_slice())
                .collect();
            let json = serde_json::to_string(&sets)
                .map_err(|error| PersistenceError::stored(error.to_string()))?;
            let (table, parent, id) = membership.index();
            let mut sql = self.sql("SELECT ");
            let (place, from, each, close) = if sql.backend() == DbBackend::Postgres {
                (
                    "(parents.ordinality - 1)::int8",
                    "json_array_elements(",
                    "= ANY(ARRAY(SELECT value::int8 FROM json_array_elements_text(parents.value) AS element(value)))",
                    "::json) WITH ORDINALITY AS parents(value, ordinality)",
                )
            } else {
                (
                    "parents.key",
                    "json_each(",
                    "IN (SELECT value FROM json_each(parents.value))",
                    ") AS parents",
                )
            };
            sql.text(&format!(
                "{place}, (SELECT COUNT(DISTINCT member.{id}) FROM {table} AS member WHERE member.{parent} {each} AND "
            ));
            self.visible(&mut sql, "member");
            sql.text(") FROM ").text(from).value(json).text(close);
            for row in self.all(sql).await? {
                let index: i64 = column(&row, 0)?;
                let place = usize::try_from(index)
                    .ok()
                    .and_then(|index| asked.get(index));
                if let Some(slot) = place.and_then(|(place, _)| counts.get_mut(*place)) {
                    *slot = number(column(&row, 1)?);
                }
            }
        }
        Ok(counts)
    }
}

/// Parents and the interval asked of each, as the JSON that a statement takes them in.
#[derive(Default)]
pub(crate) struct Parents {
    rows: Vec<[i64; 5]>,
    /// The key that asked for each row.
    places: Vec<usize>,
}

impl Parents {
    pub(crate) fn add(&mut self, place: usize, parent: i64, between: &Between) {
        let Between { low, high } = between;
        self.rows
            .push([parent, high.value, high.id, low.value, low.id]);
        self.places.push(place);
    }

    /// The place of the key that asked for the row with this index.
    pub(crate) fn place(&self, index: i64) -> Option<usize> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.places.get(index))
            .copied()
    }

    /// Appends, to the selected columns of `target`, the index of the asking row and the tables that give
    /// each parent's first or last members, read along the index on `(parent, value, id)` of `table`.
    pub(crate) fn walk(
        &self,
        sql: &mut Sql,
        table: &str,
        (parent, value, id): (&str, &str, &str),
        size: u16,
        from_the_end: bool,
        target: &str,
    ) {
        let target_table = if target == "issue" {
            "magazine_issue AS issue"
        } else {
            target
        };
        let postgres = sql.backend() == DbBackend::Postgres;
        let field = |index: u8| {
            let cast = if postgres { "::int8" } else { "" };
            format!("(asked.value->>{index}){cast}")
        };
        let members = |sql: &mut Sql| {
            sql.text(&format!("SELECT member.{id} AS id FROM {table} AS member"));
            sql.along(&format!("{table}_by_{parent}_{value}_{id}"));
            sql.text(&format!(
                " WHERE member.{parent} = {} \
                 AND (member.{value}, member.{id}) < ({}, {}) AND (member.{value}, member.{id}) > ({}, {})",
                field(0),
                field(1),
                field(2),
                field(3),
                field(4),
            ));
            order_by(
                sql,
                &format!("member.{value}"),
                &format!("member.{id}"),
                !from_the_end,
            );
            sql.text(" LIMIT ").value(i64::from(size) + 1);
        };
        if postgres {
            sql.text(", (asked.ordinality - 1)::int8 FROM json_array_elements(")
                .value(self.json())
                .text("::json) WITH ORDINALITY AS asked(value, ordinality) CROSS JOIN LATERAL (");
            members(sql);
            sql.text(&format!(
                ") AS listed JOIN {target_table} ON {target}.id = listed.id"
            ));
        } else {
            // SQLite has no lateral join; a correlated list of row numbers is walked just as well.
            sql.text(", asked.key FROM json_each(").value(self.json());
            sql.text(&format!(
                ") AS asked CROSS JOIN {target_table} ON {target}.id IN ("
            ));
            members(sql);
            sql.text(")");
        }
    }

    fn json(&self) -> String {
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|[parent, high, high_id, low, low_id]| {
                format!("[{parent},{high},{high_id},{low},{low_id}]")
            })
            .collect();
        format!("[{}]", rows.join(","))
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
        match (&filter.contributor, &filter.topic) {
            _ if order == ArticleOrder::RecentlyModified => Self::Articles,
            (Some(_), _) => Self::Contributor,
            (None, Some(_)) => Self::Topic,
            (None, None) => Self::Articles,
        }
    }

    /// The columns along which it walks.
    const fn position(self, order: ArticleOrder) -> (&'static str, &'static str) {
        match (self, order) {
            (_, ArticleOrder::RecentlyModified) => ("article.modified_at", "article.id"),
            (Self::Articles, _) => ("article.visible_from", "article.id"),
            (Self::Contributor | Self::Topic, _) => ("member.visible_from", "member.article_id"),
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
const fn index(filter: &ArticleFilter, order: ArticleOrder) -> &'static str {
    match (order, filter) {
        (ArticleOrder::RecentlyModified, _) => "article_by_modified_at_id",
        (
            _,
            ArticleFilter {
                section: Some(_), ..
            },
        ) => "article_by_section_id_visible_from_id",
        (
            _,
            ArticleFilter {
                magazine_issue: Some(_),
                ..
            },
        ) => "article_by_magazine_issue_id_visible_from_id",
        (
            _,
            ArticleFilter {
                language: Some(_), ..
            },
        ) => "article_by_language_visible_from_id",
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
    let table = driving.table();
    if let Some(from) = filter.published_from {
        sql.text(&format!(" AND {table}.visible_from >= "))
            .value(from.timestamp_millis());
    }
    if let Some(until) = filter.published_until {
        sql.text(&format!(" AND {table}.visible_from < "))
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

/// Appends the condition that a row lies between two positions: row values, which both databases walk to.
pub(crate) fn range(sql: &mut Sql, time: &str, id: &str, between: &Between) {
    for (comparison, position) in [("<", between.high), (">", between.low)] {
        sql.text(&format!(" AND ({time}, {id}) {comparison} ("))
            .value(position.value)
            .text(", ")
            .value(position.id)
            .text(")");
    }
}

pub(crate) fn order_by(sql: &mut Sql, time: &str, id: &str, descending: bool) {
    let direction = if descending { "DESC" } else { "ASC" };
    sql.text(&format!(" ORDER BY {time} {direction}, {id} {direction}"));
}

pub(crate) fn count(row: Option<&sea_orm::QueryResult>) -> Result<u64, PersistenceError> {
    row.map_or(Ok(0), |row| Ok(number(column(row, 0)?)))
}

/// A count, which no database gives below zero.
fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
