//! What surrounds an article on its page, read in the statement that reads the article: beside what hangs on it, its
//! section, its issue, and the lists that lead on from it.
//!
//! Whose articles a list holds is known only once the article has been read, so a statement of its own would be a second
//! round trip; in PostgreSQL the same statement walks on.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use masthead_domain::{
    article::Article,
    audience::{Admitted, Audience},
    identifier::TopicId,
    paging::{PageRequest, Position},
    section::Section,
};

use crate::{
    ArticleOrder, Beside, Companions, ListKey, Membership, PersistenceError, Reader,
    articles::article,
    classification::Filed as _,
    companions::Companionship,
    magazine::{ISSUE_COLUMNS, issue},
    row::{Row, column, numbers, rows},
    statement::Sql,
};

/// What is wanted around an article that is read for its page.
///
/// It says how something is read, not what: two keys that differ in nothing else are the same key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    /// What hangs on it.
    pub beside: Beside,
    /// The section that it stands in.
    pub section: bool,
    /// The issue that it was printed in.
    pub magazine_issue: bool,
    /// The lists that lead on from it.
    pub lists: Option<ListsAround>,
}

impl PartialEq for Surroundings {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Surroundings {}

impl std::hash::Hash for Surroundings {
    fn hash<State: std::hash::Hasher>(&self, _: &mut State) {}
}

/// The first articles of those credited to any of an article's names, of its section and of any of its topics, and those
/// chosen to stand beside it. The names and the topics are wanted beside the article as well.
#[derive(Clone, Copy, Debug)]
pub struct ListsAround {
    /// How many articles of each list, the article itself among them.
    pub size: u16,
    /// What is wanted beside the articles of any list.
    pub beside: Beside,
}

const SECTION: &str = ", ARRAY(SELECT ROW(filed.id, filed.slug, filed.name, filed.parent_id) \
     FROM section AS filed WHERE filed.id = article.section_id)";

/// The columns of an article and of what surrounds it.
pub(crate) struct Surrounded {
    own: Companionship,
    section: bool,
    magazine_issue: bool,
    lists: Option<Lists>,
}

/// The column of the lists around an article: the rows of all lists, since to set up how a row is read takes the
/// database longer than to read some.
struct Lists {
    size: u16,
    memberships: Vec<Membership>,
    companionship: Companionship,
}

/// The number of the list of what was chosen; the other lists follow it.
const CHOSEN: i64 = 0;

impl Surrounded {
    /// Appends the columns of an article, and of as much of what is wanted around it as this database reads there.
    pub(crate) fn select(reader: &Reader<'_>, sql: &mut Sql, wanted: Surroundings) -> Self {
        // Others may see more or less of a list, by rules that are written where lists are read.
        let reads_lists = reader.reads_beside() && matches!(reader.audience(), Audience::Public(_));
        let around = wanted.lists.filter(|_| reads_lists);
        let beside = Beside {
            chosen: wanted.beside.chosen && around.is_none(),
            ..wanted.beside
        };
        let own = Companionship::select(reader, sql, beside);
        let wanted = if reader.reads_beside() {
            wanted
        } else {
            Surroundings::default()
        };
        if wanted.section {
            sql.text(SECTION);
        }
        if wanted.magazine_issue {
            sql.text(", ARRAY(SELECT ROW(").text(ISSUE_COLUMNS).text(
                ") FROM magazine_issue AS issue JOIN magazine_volume AS volume ON volume.id = issue.volume_id \
                 WHERE issue.id = article.magazine_issue_id)",
            );
        }
        Self {
            own,
            section: wanted.section,
            magazine_issue: wanted.magazine_issue,
            lists: around.map(|around| Lists::select(reader, sql, wanted.beside, around)),
        }
    }

    /// What a row has of what surrounds its article.
    pub(crate) fn read(
        &self,
        reader: &Reader<'_>,
        row: &Row,
        article: &Arc<Admitted<Article>>,
        found: &mut Companions,
    ) -> Result<(), PersistenceError> {
        self.own.read(reader, row, article.id, found)?;
        let mut places = self.own.columns..;
        let mut place = || places.next().unwrap_or(usize::MAX);
        if self.section
            && let Some(row) = rows(row, place())?.first()
        {
            let section = Section::read(row)?;
            found.sections.insert(section.id, Arc::new(section));
        }
        if self.magazine_issue
            && let Some(row) = rows(row, place())?.first()
        {
            let issue = issue(row)?;
            found.magazine_issues.insert(issue.id, Arc::new(issue));
        }
        match &self.lists {
            Some(lists) => lists.read(reader, rows(row, place())?, article, found),
            None => Ok(()),
        }
    }
}

impl Lists {
    fn select(reader: &Reader<'_>, sql: &mut Sql, own: Beside, around: ListsAround) -> Self {
        sql.text(", ARRAY(SELECT ROW(");
        let companionship = Companionship::select(reader, sql, around.beside);
        sql.text(&format!(
            ", listed.list, listed.value, listed.topics) FROM (\
             SELECT {CHOSEN}::int8 AS list, chosen.position AS value, chosen.related_id AS id, NULL::int8[] AS topics \
             FROM article_related AS chosen WHERE chosen.article_id = article.id"
        ));
        let memberships = [
            (Membership::Contributor, own.credits),
            (Membership::Section, true),
            (Membership::Topic, own.topics),
        ]
        .into_iter()
        .filter_map(|(membership, is_told_by)| is_told_by.then_some(membership))
        .collect::<Vec<_>>();
        for (membership, number) in memberships.iter().zip(CHOSEN + 1..) {
            sql.text(" UNION ALL (");
            list(reader, sql, *membership, number, around.size);
            sql.text(")");
        }
        // Within the lists, `article` was still the article that leads on.
        sql.text(") AS listed JOIN article ON article.id = listed.id WHERE ");
        reader.published(sql, "article", "id");
        sql.text(")");
        Self {
            size: around.size,
            memberships,
            companionship,
        }
    }

    fn read(
        &self,
        reader: &Reader<'_>,
        rows: Vec<Row>,
        article: &Arc<Admitted<Article>>,
        found: &mut Companions,
    ) -> Result<(), PersistenceError> {
        let mut chosen = BTreeMap::new();
        // The article itself is a member of all that are told by what it is filed under, which were read without it. Where
        // it comes after all that was read, it still tells that more comes.
        let itself = (position(article), article.clone());
        let mut members = vec![BTreeMap::from([itself]); self.memberships.len()];
        for mut row in rows {
            let Some(member) = reader.admit(self::article(&mut row)?) else {
                continue;
            };
            let member = Arc::new(member);
            self.companionship.read(reader, &row, member.id, found)?;
            let mut places = self.companionship.columns..;
            let mut place = || places.next().unwrap_or(usize::MAX);
            let list: i64 = column(&row, place())?;
            let value: i64 = column(&row, place())?;
            if list == CHOSEN {
                chosen.insert(value, member);
                continue;
            }
            let topics = numbers(&row, place())?;
            if !topics.is_empty() {
                let topics = topics.into_iter().map(TopicId::from_number).collect();
                found.shared_topics.insert((article.id, member.id), topics);
            }
            usize::try_from(list - CHOSEN - 1)
                .ok()
                .and_then(|list| members.get_mut(list))
                .ok_or_else(|| PersistenceError::stored(format!("list {list}")))?
                .insert(position(&member), member);
        }
        let chosen = chosen.into_values().collect();
        found.chosen.insert(article.id, Arc::new(chosen));
        for (membership, members) in self.memberships.iter().zip(members) {
            let parents = parents(*membership, article, found);
            if parents.is_empty() {
                continue;
            }
            let page = PageRequest::first(self.size);
            let members = members.into_values().collect();
            let key = ListKey {
                membership: *membership,
                parents,
                page: page.clone(),
                beside: Beside::default(),
            };
            found.lists.insert(key, Arc::new(page.cut(members)));
        }
        Ok(())
    }
}

/// Where an article stands in a list, the newest first.
fn position(article: &Article) -> Reverse<Position> {
    Reverse(ArticleOrder::NewestFirst.position(article))
}

/// Whose articles a list around an article holds.
fn parents(membership: Membership, article: &Article, found: &Companions) -> Vec<i64> {
    match membership {
        Membership::Contributor => {
            let credits = found.credits.get(&article.id).into_iter().flatten();
            credits.map(|one| one.id.number()).collect()
        }
        Membership::Section => article.section.iter().map(|id| id.number()).collect(),
        Membership::Topic => {
            let topics = found.topics.get(&article.id).into_iter().flatten();
            topics.map(|topic| topic.id.number()).collect()
        }
        Membership::MagazineIssue => article
            .magazine_issue
            .iter()
            .map(|id| id.number())
            .collect(),
    }
}

/// Appends the rows of a list around the article that is selected: so many of its first, without the article itself.
///
/// As `Parents::walk` does, each parent's members are walked to along the index on `(parent, visible_from, id)`; of several
/// parents the first of all of theirs are taken before anything else is read. Whoever is among those is among the first of
/// each parent that it is a member of: so it is known which they are.
fn list(reader: &Reader<'_>, sql: &mut Sql, membership: Membership, number: i64, size: u16) {
    let (table, parent, id) = membership.index();
    let limit = i64::from(size);
    // Where the article itself names the parent, it has one.
    let has_several = table != "article";
    let its_parent = if has_several {
        let topics = if membership == Membership::Topic {
            "array_agg(own.topic_id)"
        } else {
            "NULL"
        };
        sql.text(&format!(
            "SELECT {number}, walked.value, walked.id, {topics} FROM {table} AS own CROSS JOIN LATERAL (\
             SELECT member.visible_from AS value, member.{id} AS id"
        ));
        format!("own.{parent}")
    } else {
        sql.text(&format!(
            "SELECT {number}, member.visible_from, member.{id}, NULL"
        ));
        format!("article.{parent}")
    };
    sql.text(&format!(
        " FROM {table} AS member WHERE member.{parent} = {its_parent} AND member.{id} <> article.id AND "
    ));
    reader.published(sql, "member", id);
    sql.text(&format!(
        " ORDER BY member.visible_from DESC, member.{id} DESC LIMIT "
    ))
    .value(limit);
    if has_several {
        sql.text(
            ") AS walked WHERE own.article_id = article.id GROUP BY walked.value, walked.id \
             ORDER BY walked.value DESC, walked.id DESC LIMIT ",
        )
        .value(limit);
    }
}
