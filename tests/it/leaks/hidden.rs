//! What some or all may not see.
//!
//! Written straight into the database, so that it stands exactly beside what is public: at the same millisecond,
//! under the same names, with what the change log says of it to those who may know. Each kind is put in by one
//! function, [`Kind::put_into`].

use masthead_domain::{identifier::ArticleId, node_id::NodeId};

use super::{
    content::{self, NEIGHBOUR},
    values::cursor,
};
use crate::harness::Store;

/// A language that no public article is written in.
pub(super) const LANGUAGE: &str = "mai";
/// The streams of the change log, each with fewer readers: of all, of those who see what is scheduled, of the
/// newsroom. A change stands in one of them and in all that follow it.
const PUBLIC: i64 = 1;
const EMBARGO: i64 = 2;
const NEWSROOM: i64 = 3;
/// An hour of the year 2100.
const LATER: i64 = 4_102_448_400_000;

// The articles' numbers. Low ones, so that beside the neighbour each comes directly after it.
const DRAFT: i64 = 101;
const OTHER_DRAFT: i64 = 102;
const SCHEDULED: i64 = 103;
const WITHDRAWN: i64 = 104;

/// A slug that the neighbour bore while it was a draft, so that nobody outside may know it.
const WORKING_SLUG: &str = "zyxodraft-working-title";

/// A kind of what is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Drafts, with slugs that they had, and what an editor has chosen to stand beside what.
    Drafts,
    /// An article that is to be published.
    Scheduled,
    /// What was edited in an article after it had been taken down.
    EditsOfWithdrawn,
}

/// An article that is to be hidden.
struct Hidden {
    number: i64,
    /// The word that each of its texts holds.
    word: &'static str,
    /// Whether it is filed as the neighbour is, or under what holds hidden articles alone.
    beside_neighbour: bool,
    published_at: String,
    visible_from: &'static str,
    withdrawn_at: &'static str,
}

impl Kind {
    /// The word that each of its texts holds, in any case.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Drafts => "zyxodraft",
            Self::Scheduled => "zyxoscheduled",
            Self::EditsOfWithdrawn => "zyxowithdrawn",
        }
    }

    const fn numbers(self) -> &'static [i64] {
        match self {
            Self::Drafts => &[DRAFT, OTHER_DRAFT],
            Self::Scheduled => &[SCHEDULED],
            Self::EditsOfWithdrawn => &[],
        }
    }

    /// What no answer may hold if this must not be seen, in small letters or as it is. The identity of what once
    /// was public is none of it: the change log tells everyone that it has gone.
    pub(super) fn traces(self) -> Vec<String> {
        let mut traces = vec![self.word().to_owned()];
        for number in self.numbers() {
            traces.push(NodeId::Article(ArticleId::from_number(*number)).encode());
            // The end of each cursor that holds it, where its bytes begin a group of base64's.
            traces.push(cursor(b'p', 0, *number)[12..].to_owned());
        }
        traces
    }

    /// Puts it into a database that holds what everyone may see.
    pub(super) fn put_into(self, store: &Store) {
        match self {
            Self::Drafts => put_drafts(store),
            Self::Scheduled => {
                Hidden {
                    number: SCHEDULED,
                    word: self.word(),
                    beside_neighbour: true,
                    published_at: LATER.to_string(),
                    visible_from: "published_at",
                    withdrawn_at: "NULL",
                }
                .put_into(store);
                store.execute(&format!(
                    "INSERT INTO publication_due (article_id, at) VALUES ({SCHEDULED}, {LATER})"
                ));
                choose(store, 3, SCHEDULED);
                log(store, EMBARGO, SCHEDULED, "UPSERTED");
            }
            Self::EditsOfWithdrawn => {
                edit_withdrawn(store);
                choose(store, 4, WITHDRAWN);
                log(store, NEWSROOM, WITHDRAWN, "UPSERTED");
            }
        }
    }
}

/// All slugs of hidden articles.
pub(super) fn slugs() -> Vec<&'static str> {
    vec![
        "zyxodraft-101",
        "zyxodraft-101-former",
        "zyxodraft-102",
        "zyxoscheduled-103",
        "zyxoscheduled-103-former",
        "zyxowithdrawn-104",
        "zyxowithdrawn-104-former",
        "zyxowithdrawn-104-edited",
        WORKING_SLUG,
    ]
}

/// The numbers of all hidden articles.
pub(super) const fn numbers() -> [i64; 4] {
    [DRAFT, OTHER_DRAFT, SCHEDULED, WITHDRAWN]
}

/// When the articles were last changed, given the neighbour's last change.
pub(super) const fn modified_at(neighbour: i64, number: i64) -> i64 {
    neighbour + number % 2
}

/// The instants about which lists are asked: the neighbour's and the scheduled article's.
pub(super) fn instants(store: &Store) -> Vec<i64> {
    let at = content::neighbour(store, "published_at");
    vec![at, at + 1, LATER]
}

/// Where the neighbour stands among published articles, and where hidden ones would.
pub(super) fn positions(store: &Store) -> Vec<(i64, i64)> {
    let at = content::neighbour(store, "published_at");
    vec![
        (at, content::neighbour(store, "id")),
        (at, WITHDRAWN),
        (LATER, SCHEDULED),
        (0, DRAFT),
    ]
}

/// Puts in an article that was published and has been taken down. That it was there everyone may know.
pub(super) fn withdraw_one(store: &Store) {
    Hidden {
        number: WITHDRAWN,
        word: Kind::EditsOfWithdrawn.word(),
        beside_neighbour: true,
        published_at: format!("(SELECT published_at FROM article WHERE slug = '{NEIGHBOUR}')"),
        visible_from: "NULL",
        withdrawn_at: "published_at",
    }
    .put_into(store);
    store.execute(&format!(
        "UPDATE article_slug SET known_from = 0 WHERE article_id = {WITHDRAWN}"
    ));
    log(store, PUBLIC, WITHDRAWN, "REMOVED");
}

fn put_drafts(store: &Store) {
    for (number, beside_neighbour) in [(DRAFT, true), (OTHER_DRAFT, false)] {
        Hidden {
            number,
            word: Kind::Drafts.word(),
            beside_neighbour,
            published_at: "NULL".to_owned(),
            visible_from: "NULL",
            withdrawn_at: "NULL",
        }
        .put_into(store);
        log(store, NEWSROOM, number, "UPSERTED");
    }
    choose(store, 1, DRAFT);
    choose(store, 2, OTHER_DRAFT);
    store.execute(&format!(
        "INSERT INTO article_slug (slug, article_id) SELECT '{WORKING_SLUG}', id FROM article WHERE slug = '{NEIGHBOUR}'"
    ));
}

/// Chooses a hidden article to stand beside the neighbour, and the neighbour beside it.
fn choose(store: &Store, position: i64, number: i64) {
    let neighbour = content::neighbour(store, "id");
    store.execute(&format!(
        "INSERT INTO article_related (article_id, position, related_id) VALUES
            ({neighbour}, {position}, {number}), ({number}, 1, {neighbour})"
    ));
}

/// Appends to a stream of the change log, and to all with fewer readers.
fn log(store: &Store, from_stream: i64, number: i64, kind: &str) {
    let letter = b'A';
    store.execute(&format!(
        "UPDATE change_stream SET last_number = last_number + 1 WHERE stream >= {from_stream};
         INSERT INTO change (stream, number, at, kind, node_kind, node_id)
            SELECT stream, last_number, 0, '{kind}', {letter}, {number} FROM change_stream WHERE stream >= {from_stream}"
    ));
}

fn edit_withdrawn(store: &Store) {
    let word = Kind::EditsOfWithdrawn.word();
    let slug = format!("{word}-{WITHDRAWN}-edited");
    store.execute(&format!(
        "UPDATE article SET slug = '{slug}', headline = 'Edited {word}', headline_key = 'edited {word}',
            kicker = 'Edited {word}', revision = revision + 1, modified_at = modified_at + 1,
            word_count = word_count + 1 WHERE id = {WITHDRAWN};
         INSERT INTO article_slug (slug, article_id) VALUES ('{slug}', {WITHDRAWN});
         INSERT INTO article_revision (article_id, number, at, author, purpose) VALUES ({WITHDRAWN}, 1, 0, '{word}', '{word}')"
    ));
}

impl Hidden {
    fn put_into(&self, store: &Store) {
        let Self {
            number,
            word,
            beside_neighbour,
            published_at,
            visible_from,
            withdrawn_at,
        } = self;
        let neighbour = content::neighbour(store, "id");
        let [section, contributor, topic, _, issue] = content::NUMBERS;
        let (section, issue) = if *beside_neighbour {
            ("section_id".to_owned(), "magazine_issue_id".to_owned())
        } else {
            (section.to_string(), issue.to_string())
        };
        let filed = if *beside_neighbour {
            format!(
                "INSERT INTO article_byline (article_id, position, contributor_id)
                    SELECT {number}, position, contributor_id FROM article_byline WHERE article_id = {neighbour};
                 INSERT INTO article_topic (article_id, position, topic_id)
                    SELECT {number}, position, topic_id FROM article_topic WHERE article_id = {neighbour}"
            )
        } else {
            format!(
                "INSERT INTO article_byline (article_id, position, contributor_id) VALUES ({number}, 0, {contributor});
                 INSERT INTO article_topic (article_id, position, topic_id) VALUES ({number}, 0, {topic})"
            )
        };
        let language = if *beside_neighbour { "ne" } else { LANGUAGE };
        let modified_at = modified_at(content::neighbour(store, "modified_at"), *number);
        let image = format!(
            r#"{{"url":"https://magazine.example/{word}.jpg","alt":"{word}","caption":"{word}","credit":"{word}"}}"#
        );
        let body =
            format!(r#"{{"blocks":[{{"paragraph":{{"content":[{{"text":"Text {word}"}}]}}}}]}}"#);
        let visible = format!("(SELECT visible_from FROM article WHERE id = {number})");
        store.execute(&format!(
            "INSERT INTO article (id, slug, headline, headline_key, kicker, standfirst, dateline, section_id,
                magazine_issue_id, language, lead_image, published_at, published_at_precision, modified_at, revision,
                word_count)
             SELECT {number}, '{word}-{number}', 'Headline {word}', 'headline {word}', 'Kicker {word}',
                'Standfirst {word}', 'Dateline {word}', {section}, {issue}, '{language}', '{image}', {published_at},
                'EXACT', {modified_at}, 2, 2 FROM article WHERE id = {neighbour};
             UPDATE article SET visible_from = {visible_from}, withdrawn_at = {withdrawn_at},
                withdrawal_reason = CASE WHEN {withdrawn_at} IS NULL THEN NULL ELSE 'Its author has asked for it' END
                WHERE id = {number};
             INSERT INTO article_body (article_id, blocks) VALUES ({number}, '{body}');
             INSERT INTO article_slug (slug, article_id, known_from) VALUES
                ('{word}-{number}', {number}, {visible}), ('{word}-{number}-former', {number}, NULL);
             INSERT INTO article_correction (article_id, position, at, text)
                VALUES ({number}, 0, {modified_at}, 'Correction {word}');
             INSERT INTO article_revision (article_id, number, at, author, purpose)
                VALUES ({number}, 2, {modified_at}, 'Author {word}', 'Purpose {word}');
             {filed};
             UPDATE article_byline SET visible_from = {visible} WHERE article_id = {number};
             UPDATE article_topic SET visible_from = {visible} WHERE article_id = {number}"
        ));
    }
}
