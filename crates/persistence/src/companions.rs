//! What hangs on articles, read in the statement that reads the articles.
//!
//! Who is credited, what it is about, what it says: to read it afterwards takes a statement each and a wave more.
//! PostgreSQL is a round trip away, and takes longer to take a statement in than to walk to the few rows, so there
//! they come with the article, as arrays of records. On SQLite, where a statement is a call, nothing does.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{Hash, Hasher},
    sync::Arc,
};

use masthead_domain::{
    article::{Article, Correction},
    audience::Admitted,
    body::Body,
    contributor::Contributor,
    identifier::{ArticleId, MagazineIssueId, SectionId, TopicId},
    magazine::MagazineIssue,
    paging::Page,
    section::Section,
    topic::Topic,
};

use crate::{
    ListKey, PersistenceError, Reader,
    articles::{COLUMN_COUNT, COLUMNS, article, correction, stored_body},
    classification::Filed,
    row::{Row, column, rows},
    statement::Sql,
};

/// What is wanted beside articles.
///
/// It says how something is read, not what: two keys that differ in nothing else are the same key.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Beside {
    /// Who is credited.
    pub credits: bool,
    /// What they are about.
    pub topics: bool,
    /// The identities of what they are about: most lists say no more of it.
    pub topic_ids: bool,
    /// The sections that they stand in, where what hangs on articles is read by itself.
    pub sections: bool,
    /// What they say.
    pub body: bool,
    /// What was corrected.
    pub corrections: bool,
    /// The articles chosen to stand beside them.
    pub chosen: bool,
    /// Who is credited for those.
    pub credits_of_chosen: bool,
}

impl PartialEq for Beside {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Beside {}

impl Hash for Beside {
    fn hash<State: Hasher>(&self, _: &mut State) {}
}

impl Beside {
    /// What either wants.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            credits: self.credits || other.credits,
            topics: self.topics || other.topics,
            topic_ids: self.topic_ids || other.topic_ids,
            sections: self.sections || other.sections,
            body: self.body || other.body,
            corrections: self.corrections || other.corrections,
            chosen: self.chosen || other.chosen,
            credits_of_chosen: self.credits_of_chosen || other.credits_of_chosen,
        }
    }
}

/// What was read beside articles.
#[derive(Debug, Default)]
pub struct Companions {
    /// Who is credited for an article, in printed order.
    pub credits: HashMap<ArticleId, Vec<Arc<Contributor>>>,
    /// What an article is about, in order.
    pub topics: HashMap<ArticleId, Vec<Arc<Topic>>>,
    /// The identities of what an article is about, in order.
    pub topic_ids: HashMap<ArticleId, Vec<TopicId>>,
    /// The topics of an article that another, which was read beside it, is about as well.
    pub shared_topics: HashMap<(ArticleId, ArticleId), Vec<TopicId>>,
    /// What an article says.
    pub bodies: HashMap<ArticleId, Arc<Body>>,
    /// The corrections of an article, oldest first.
    pub corrections: HashMap<ArticleId, Arc<Vec<Correction>>>,
    /// The articles chosen to stand beside an article, in their order: those of them that are published.
    pub chosen: HashMap<ArticleId, Arc<Vec<Arc<Admitted<Article>>>>>,
    /// Sections in which articles stand.
    pub sections: HashMap<SectionId, Arc<Section>>,
    /// Issues in which articles were printed.
    pub magazine_issues: HashMap<MagazineIssueId, Arc<MagazineIssue>>,
    /// The contributors and the topics that one statement has told of so far, by identity: its rows share them.
    told_contributors: HashMap<i64, Arc<Contributor>>,
    told_topics: HashMap<i64, Arc<Topic>>,
    /// Lists that lead on from an article.
    pub lists: HashMap<ListKey, Arc<Page<Arc<Admitted<Article>>>>>,
}

impl Companions {
    /// What articles are filed under, where it was read by itself.
    pub fn filed(
        credits: HashMap<ArticleId, Vec<Arc<Contributor>>>,
        topics: HashMap<ArticleId, Vec<Arc<Topic>>>,
        topic_ids: HashMap<ArticleId, Vec<TopicId>>,
        sections: HashMap<SectionId, Arc<Section>>,
    ) -> Self {
        Self {
            credits,
            topics,
            topic_ids,
            sections,
            ..Self::default()
        }
    }

    /// Adds what was read beside other articles.
    pub fn add(&mut self, other: Self) {
        self.credits.extend(other.credits);
        self.topics.extend(other.topics);
        self.topic_ids.extend(other.topic_ids);
        self.shared_topics.extend(other.shared_topics);
        self.bodies.extend(other.bodies);
        self.corrections.extend(other.corrections);
        self.chosen.extend(other.chosen);
        self.sections.extend(other.sections);
        self.magazine_issues.extend(other.magazine_issues);
        self.lists.extend(other.lists);
    }
}

/// The columns of one kind of thing, of each row that hangs on an article.
const CREDITS: &str = ", ARRAY(SELECT ROW(filed.id, filed.slug, filed.name, filed.kind, filed.biography) \
     FROM article_byline AS member JOIN contributor AS filed ON filed.id = member.contributor_id \
     WHERE member.article_id = article.id ORDER BY member.position)";
const TOPICS: &str = ", ARRAY(SELECT ROW(filed.id, filed.slug, filed.name) \
     FROM article_topic AS member JOIN topic AS filed ON filed.id = member.topic_id \
     WHERE member.article_id = article.id ORDER BY member.position)";
const TOPIC_IDS: &str = ", ARRAY(SELECT ROW(member.topic_id) FROM article_topic AS member \
     WHERE member.article_id = article.id ORDER BY member.position)";
const BODY: &str =
    ", (SELECT article_body.blocks FROM article_body WHERE article_body.article_id = article.id)";
const CORRECTIONS: &str = ", ARRAY(SELECT ROW(correction.at, correction.text) FROM article_correction AS correction \
     WHERE correction.article_id = article.id ORDER BY correction.position)";

/// The columns of articles and of what is read beside them.
pub(crate) struct Companionship {
    beside: Beside,
    /// How many columns there are.
    pub(crate) columns: usize,
}

impl Companionship {
    /// Appends the columns of articles, and of as much of what is wanted beside them as this database reads there.
    ///
    /// Whoever may see an article may see what hangs on it; of those that were chosen to stand beside it, what is
    /// published.
    pub(crate) fn select(reader: &Reader<'_>, sql: &mut Sql, wanted: Beside) -> Self {
        sql.text(COLUMNS);
        let beside = if reader.reads_beside() {
            Beside {
                body: wanted.body && reader.audience().may_read_texts(),
                ..wanted
            }
        } else {
            Beside::default()
        };
        let mut columns = COLUMN_COUNT;
        for (is_wanted, text) in [
            (beside.credits, CREDITS),
            (beside.topics, TOPICS),
            (beside.topic_ids, TOPIC_IDS),
            (beside.body, BODY),
            (beside.corrections, CORRECTIONS),
        ] {
            if is_wanted {
                sql.text(text);
                columns += 1;
            }
        }
        if beside.chosen {
            // The inner article is the one that is meant by its columns.
            sql.text(", ARRAY(SELECT ROW(").text(COLUMNS);
            if beside.credits_of_chosen {
                sql.text(CREDITS);
            }
            sql.text(
                ") FROM (SELECT article.id AS chooser_id) AS chooser \
                 JOIN article_related AS chosen ON chosen.article_id = chooser.chooser_id \
                 JOIN article ON article.id = chosen.related_id WHERE ",
            );
            reader.published(sql, "article", "id");
            sql.text(" ORDER BY chosen.position)");
            columns += 1;
        }
        Self { beside, columns }
    }

    /// What a row has of what hangs on its article.
    pub(crate) fn read(
        &self,
        reader: &Reader<'_>,
        row: &Row,
        id: ArticleId,
        found: &mut Companions,
    ) -> Result<(), PersistenceError> {
        let mut places = COLUMN_COUNT..;
        let mut place = || places.next().unwrap_or(usize::MAX);
        if self.beside.credits {
            let credited = filed(row, place(), &mut found.told_contributors)?;
            found.credits.insert(id, credited);
        }
        if self.beside.topics {
            let topics = filed(row, place(), &mut found.told_topics)?;
            found.topics.insert(id, topics);
        }
        if self.beside.topic_ids {
            let ids = rows(row, place())?;
            let ids = ids
                .iter()
                .map(|row| Ok(TopicId::from_number(column(row, 0)?)));
            let ids = ids.collect::<Result<_, PersistenceError>>()?;
            found.topic_ids.insert(id, ids);
        }
        if self.beside.body
            && let Some(blocks) = column::<Option<String>>(row, place())?
            && reader.audience().may_read_text_of(id)
        {
            found.bodies.insert(id, Arc::new(stored_body(&blocks)?));
        }
        if self.beside.corrections {
            let corrections = rows(row, place())?;
            let corrections = corrections.iter().map(|row| correction(row, 0));
            let corrections = corrections.collect::<Result<_, _>>()?;
            found.corrections.insert(id, Arc::new(corrections));
        }
        if self.beside.chosen {
            let mut chosen = Vec::new();
            for mut row in rows(row, place())? {
                if let Some(one) = reader.admit(article(&mut row)?) {
                    if self.beside.credits_of_chosen {
                        let credited = filed(&row, COLUMN_COUNT, &mut found.told_contributors)?;
                        found.credits.insert(one.id, credited);
                    }
                    chosen.push(Arc::new(one));
                }
            }
            found.chosen.insert(id, Arc::new(chosen));
        }
        Ok(())
    }
}

/// What stands in a column, each taken from what has been told of its kind, or added to it: the articles of a list have
/// names and topics in common.
fn filed<Kind: Filed>(
    row: &Row,
    place: usize,
    told: &mut HashMap<i64, Arc<Kind>>,
) -> Result<Vec<Arc<Kind>>, PersistenceError> {
    let rows = rows(row, place)?;
    let filed = rows.iter().map(|row| match told.entry(column(row, 0)?) {
        Entry::Occupied(told) => Ok(told.get().clone()),
        Entry::Vacant(untold) => Ok(untold.insert(Arc::new(Kind::read(row)?)).clone()),
    });
    filed.collect()
}
