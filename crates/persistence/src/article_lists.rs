//! The articles of a section, a contributor, a topic or an issue, read for many of them in one statement.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use futures_util::future::try_join_all;
use masthead_domain::{
    article::Article,
    audience::Admitted,
    paging::{End, Page, PageRequest, Position},
};
use sea_orm::DbBackend;

use crate::{
    ArticleOrder, Beside, Companions, PersistenceError, Reader,
    articles::article,
    companions::Companionship,
    keyset::{Between, Parents, number},
    row::column,
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
    pub(crate) const fn index(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Contributor => ("article_byline", "contributor_id", "article_id"),
            Self::Topic => ("article_topic", "topic_id", "article_id"),
            Self::Section => ("article", "section_id", "id"),
            Self::MagazineIssue => ("article", "magazine_issue_id", "id"),
        }
    }
}

/// A page of the articles of a parent, or of several of the same kind together, newest first and each once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListKey {
    /// What kind of parent it is.
    pub membership: Membership,
    /// The parents' identities.
    pub parents: Vec<i64>,
    /// Which page.
    pub page: PageRequest,
    /// What is wanted beside its articles.
    pub beside: Beside,
}

/// What lists have in common that are read in one statement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    membership: Membership,
    from_the_end: bool,
    size: u16,
    /// Whether each list is that of several parents, merged where it is read.
    together: bool,
}

/// How many articles a parent has, or any of several of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountKey {
    /// What kind of parent it is.
    pub membership: Membership,
    /// The parents' identities.
    pub parents: Vec<i64>,
}

impl Reader<'_> {
    /// Pages of the articles of many parents, in the order of the keys, newest first: one statement for
    /// each kind of parent and size of page, however many parents there are. With them comes what is wanted beside
    /// the articles of any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_lists(
        &self,
        keys: &[ListKey],
    ) -> Result<(Vec<Page<Admitted<Article>>>, Companions), PersistenceError> {
        let mut groups: BTreeMap<Shape, Vec<usize>> = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            let shape = Shape {
                membership: key.membership,
                from_the_end: key.page.end == End::Last,
                size: key.page.size,
                // SQLite reads the lists one by one, and they are merged here.
                together: key.parents.len() > 1 && self.backend() == DbBackend::Postgres,
            };
            groups.entry(shape).or_default().push(place);
        }
        let groups = groups
            .into_iter()
            .map(|(shape, places)| self.group(keys, shape, places));
        let mut pages: HashMap<usize, Page<Admitted<Article>>> = HashMap::new();
        let mut companions = Companions::default();
        for (of_group, beside) in try_join_all(groups).await? {
            pages.extend(of_group);
            companions.add(beside);
        }
        let pages = (0..keys.len()).map(|place| {
            pages.remove(&place).unwrap_or(Page {
                rows: Vec::new(),
                beyond: None,
            })
        });
        Ok((pages.collect(), companions))
    }

    /// The pages of the keys at these places, which are all of one shape.
    async fn group(
        &self,
        keys: &[ListKey],
        shape: Shape,
        places: Vec<usize>,
    ) -> Result<(Vec<(usize, Page<Admitted<Article>>)>, Companions), PersistenceError> {
        let asked = || {
            places
                .iter()
                .filter_map(|place| Some((*place, keys.get(*place)?)))
        };
        let mut parents = Parents::of_articles(self);
        let mut beside = Beside::default();
        for (place, key) in asked() {
            beside = beside.or(key.beside);
            let between = Between::of(&key.page, true).published(self);
            if shape.together {
                parents.add(place, &key.parents, &between);
            } else {
                for parent in &key.parents {
                    parents.add(place, &[*parent], &between);
                }
            }
        }
        let (rows, companions) = self.members(shape, parents, beside).await?;
        let mut lists: HashMap<usize, BTreeMap<Reverse<Position>, Admitted<Article>>> =
            HashMap::new();
        for (place, article) in rows {
            let position = ArticleOrder::NewestFirst.position(&article);
            lists
                .entry(place)
                .or_default()
                .insert(Reverse(position), article);
        }
        let pages = asked().map(|(place, key)| {
            let rows = lists.remove(&place).unwrap_or_default();
            (place, key.page.cut(rows.into_values().collect()))
        });
        Ok((pages.collect(), companions))
    }

    /// The first or last rows of each parent, with the place of the key that asked for them.
    async fn members(
        &self,
        shape: Shape,
        parents: Parents,
        beside: Beside,
    ) -> Result<(Vec<(usize, Admitted<Article>)>, Companions), PersistenceError> {
        let Shape {
            membership,
            from_the_end,
            size,
            ..
        } = shape;
        let (table, parent, id) = membership.index();
        let index = (parent, "visible_from", id);
        let mut sql = self.sql("SELECT ");
        let companionship = Companionship::select(self, &mut sql, beside);
        parents.walk(&mut sql, table, index, size, from_the_end, "article");
        let (mut members, mut companions) = (Vec::new(), Companions::default());
        for mut row in self.all(sql).await? {
            let place = parents.place(column(&row, companionship.columns)?);
            if let (Some(place), Some(article)) = (place, self.admit(article(&mut row)?)) {
                companionship.read(self, &row, article.id, &mut companions)?;
                members.push((place, article));
            }
        }
        Ok((members, companions))
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
            sql.counts();
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
            self.published(&mut sql, "member", id);
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
