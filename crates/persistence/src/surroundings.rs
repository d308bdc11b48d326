//! What surrounds an article on its page, read in the statement that reads the article: beside what hangs on it, its
//! section, its issue, and the lists that lead on from it.
//!
//! Whose articles a list holds is known only once the article has been read, so a statement of its own would be a second
//! round trip; in PostgreSQL the same statement walks on.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use masthead_domain::{
    article::Article,
    audience::{Admitted, Audience},
    paging::PageRequest,
    section::Section,
};

use crate::{
    ArticleOrder, Beside, Companions, ListKey, Membership, PersistenceError, Reader,
    articles::article,
    classification::Filed as _,
    companions::Companionship,
    magazine::{ISSUE_COLUMNS, issue},
    row::{Row, rows},
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

/// The first articles of those credited to any of an article's names, of its section and of any of its topics. The names
/// and the topics are wanted beside the article as well.
#[derive(Clone, Copy, Debug)]
pub struct ListsAround {
    /// How many articles of each list.
    pub size: u16,
    /// What is wanted beside those by the same names.
    pub by_contributor: Beside,
    /// What is wanted beside those of the same section.
    pub by_section: Beside,
    /// What is wanted beside those on the same topics.
    pub by_topic: Beside,
}

const SECTION: &str = ", ARRAY(SELECT ROW(filed.id, filed.slug, filed.name, filed.parent_id) \
     FROM section AS filed WHERE filed.id = article.section_id)";

/// The columns of an article and of what surrounds it.
pub(crate) struct Surrounded {
    own: Companionship,
    section: bool,
    magazine_issue: bool,
    size: u16,
    lists: Vec<(Membership, Companionship)>,
}

impl Surrounded {
    /// Appends the columns of an article, and of as much of what is wanted around it as this database reads there.
    pub(crate) fn select(reader: &Reader<'_>, sql: &mut Sql, wanted: Surroundings) -> Self {
        let own = Companionship::select(reader, sql, wanted.beside);
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
        // Others may see more or less of a list, by rules that are written where lists are read.
        let around = wanted
            .lists
            .filter(|_| matches!(reader.audience(), Audience::Public(_)));
        let mut lists = Vec::new();
        if let Some(around) = around {
            for (membership, is_told_by, beside) in [
                (
                    Membership::Contributor,
                    wanted.beside.credits,
                    around.by_contributor,
                ),
                (Membership::Section, true, around.by_section),
                (Membership::Topic, wanted.beside.topics, around.by_topic),
            ] {
                if is_told_by {
                    lists.push((
                        membership,
                        list(reader, sql, membership, around.size, beside),
                    ));
                }
            }
        }
        Self {
            own,
            section: wanted.section,
            magazine_issue: wanted.magazine_issue,
            size: around.map_or(0, |around| around.size),
            lists,
        }
    }

    /// What a row has of what surrounds its article.
    pub(crate) fn read(
        &self,
        reader: &Reader<'_>,
        row: &Row,
        article: &Article,
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
        for (membership, companionship) in &self.lists {
            let rows = rows(row, place())?;
            let parents = parents(*membership, article, found);
            if parents.is_empty() {
                continue;
            }
            let page = PageRequest::first(self.size);
            let mut members = BTreeMap::new();
            for mut row in rows {
                if let Some(member) = reader.admit(self::article(&mut row)?) {
                    companionship.read(reader, &row, member.id, found)?;
                    let position = ArticleOrder::NewestFirst.position(&member);
                    members.insert(Reverse(position), Arc::new(member));
                }
            }
            let members: Vec<Arc<Admitted<Article>>> = members.into_values().collect();
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

/// Appends the column of a list around the article that is selected: the rows of its first page and one more.
///
/// As `Parents::walk` does, each parent's members are walked to along the index on `(parent, visible_from, id)`; of several
/// parents the first of all of theirs are taken before anything else is read.
fn list(
    reader: &Reader<'_>,
    sql: &mut Sql,
    membership: Membership,
    size: u16,
    beside: Beside,
) -> Companionship {
    let (table, parent, id) = membership.index();
    let limit = i64::from(size) + 1;
    sql.text(", ARRAY(SELECT ROW(");
    let companionship = Companionship::select(reader, sql, beside);
    sql.text(") FROM (");
    // Where the article itself names the parent, it has one.
    let has_several = table != "article";
    // Within, `article` is still the article that leads on.
    let its_parent = if has_several {
        sql.text(&format!(
            "SELECT DISTINCT walked.value, walked.id FROM {table} AS own CROSS JOIN LATERAL ("
        ));
        format!("own.{parent}")
    } else {
        format!("article.{parent}")
    };
    sql.text(&format!(
        "SELECT member.visible_from AS value, member.{id} AS id FROM {table} AS member \
         WHERE member.{parent} = {its_parent} AND "
    ));
    reader.published(sql, "member", id);
    sql.text(&format!(
        " ORDER BY member.visible_from DESC, member.{id} DESC LIMIT "
    ))
    .value(limit);
    if has_several {
        sql.text(") AS walked WHERE own.article_id = article.id ORDER BY walked.value DESC, walked.id DESC LIMIT ")
            .value(limit);
    }
    sql.text(") AS listed JOIN article ON article.id = listed.id)");
    companionship
}
