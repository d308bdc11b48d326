//! What some or all may not see.
//!
//! Made by the newsroom's own mutations, so that everything is hidden that a write leaves behind: revisions, former
//! slugs, changes, previews, answers that are kept to be repeated. Where no mutation can put what is hidden exactly
//! beside what is public, SQL does. Each kind is put in by one function, [`Kind::put_into`].

use masthead_domain::node_id::NodeId;
use serde_json::{Value, json};

use super::{
    content::{self, NEIGHBOUR},
    desk::{AUTHOR, Desk, with},
    mutations::Subject,
    values::cursor,
};
use crate::harness::{Masthead, Store, token};

/// A language that no public article is written in.
pub(super) const LANGUAGE: &str = "mai";
/// An hour of the year 2100.
const LATER: i64 = 4_102_448_400_000;
/// The same, as inputs say it.
const LATER_TEXT: &str = "2100-01-01T01:00:00Z";
/// Another one, from which a schedule is moved.
const SOONER_TEXT: &str = "2099-01-01T00:00:00Z";

/// A slug that the neighbour bore while it was a draft, so that nobody outside may know it.
const WORKING_SLUG: &str = "zyxodraft-working-title";
/// The article that was published and has been taken down, as everyone may know.
const WITHDRAWN: &str = "zyxowithdrawn-taken-down";
/// The article whose schedule was taken back.
const UNSCHEDULED: &str = "zyxoscheduled-taken-back";
/// The article that the bearer of a preview token sees.
pub(super) const PREVIEWED: &str = "zyxopreviewed-by-link";

/// A kind of what is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An article that is to be published, and that a link shows.
    Previewed,
    /// Articles that are to be published, or were.
    Scheduled,
    /// Drafts, with slugs that they had, and what an editor has chosen to stand beside what.
    Drafts,
    /// What was edited in an article after it had been taken down.
    EditsOfWithdrawn,
    /// Articles of sections that a partner is not told of, and everyone else is: what is published, was taken down or
    /// is to come.
    OtherSections,
    /// What has become of an article since it left the sections that a partner is told of.
    Moved,
}

/// What was hidden, to be asked for by its names and to be looked for in answers.
#[derive(Default)]
pub(super) struct Hidden {
    /// The articles that were made, in the order of their making.
    articles: Vec<(Kind, i64)>,
    /// All slugs that they have or had.
    pub(super) slugs: Vec<String>,
    /// The token that shows the previewed article.
    pub(super) preview: Option<String>,
}

impl Kind {
    /// All kinds that are hidden from everyone outside, each after those that it changes something of.
    pub(super) const ALL: [Self; 4] = [
        Self::Previewed,
        Self::Scheduled,
        Self::Drafts,
        Self::EditsOfWithdrawn,
    ];

    /// Those that are hidden only from a partner of other sections.
    pub(super) const OF_OTHER_SECTIONS: [Self; 2] = [Self::OtherSections, Self::Moved];

    /// The word that each of its texts holds, in any case.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Previewed => "zyxopreviewed",
            Self::Scheduled => "zyxoscheduled",
            Self::Drafts => "zyxodraft",
            Self::EditsOfWithdrawn => "zyxowithdrawn",
            Self::OtherSections => "zyxoelsewhere",
            Self::Moved => "zyxomoved",
        }
    }

    /// Puts it into a database that holds what everyone may see.
    pub(super) fn put_into(self, store: &Store, hidden: &mut Hidden) {
        let before = hidden.articles.len();
        let mut desk = Desk::open(store);
        match self {
            Self::Previewed => hidden.preview = Some(preview(&mut desk)),
            Self::Scheduled => schedule(&mut desk),
            Self::Drafts => draft(&mut desk),
            Self::EditsOfWithdrawn => edit_withdrawn(&mut desk),
            Self::OtherSections => write_elsewhere(&mut desk),
            Self::Moved => move_away(&mut desk),
        }
        hidden.note(self, desk);
        if self == Self::Drafts {
            revoke_a_token(store);
            store.execute(&format!(
                "INSERT INTO article_slug (slug, article_id) SELECT '{WORKING_SLUG}', id FROM article WHERE slug = '{NEIGHBOUR}'"
            ));
            hidden.slugs.push(WORKING_SLUG.to_owned());
        }
        for (_, number) in &hidden.articles[before..] {
            put_beside_neighbour(store, *number);
        }
    }
}

impl Hidden {
    fn note(&mut self, kind: Kind, desk: Desk) {
        let (made, slugs) = desk.close();
        self.articles
            .extend(made.iter().map(|id| (kind, number(id))));
        self.slugs.extend(slugs);
        self.slugs.sort();
        self.slugs.dedup();
    }

    /// The numbers of all articles that were made.
    pub(super) fn numbers(&self) -> impl Iterator<Item = i64> {
        self.articles.iter().map(|(_, number)| *number)
    }

    fn first(&self, kind: Kind) -> i64 {
        let mut of_kind = self.articles.iter().filter(|(one, _)| *one == kind);
        of_kind.next().expect("it was put in").1
    }

    /// What never was, what is public and what is hidden, to be named in mutations. Of slugs as many as of identities.
    pub(super) fn subjects(&self) -> Vec<Subject> {
        let ids = [content::NEVER_NUMBER].into_iter().chain(self.numbers());
        let slugs = [content::NEVER, NEIGHBOUR].into_iter();
        ids.map(content::article_id)
            .zip(slugs.chain(self.slugs.iter().map(String::as_str)))
            .map(|(id, slug)| Subject {
                id,
                slug: slug.to_owned(),
            })
            .collect()
    }

    /// Where the neighbour stands among published articles, and where hidden ones would.
    pub(super) fn positions(&self, store: &Store) -> Vec<(i64, i64)> {
        let at = content::neighbour(store, "published_at");
        vec![
            (at, content::neighbour(store, "id")),
            (at, self.first(Kind::EditsOfWithdrawn)),
            (LATER, self.first(Kind::Scheduled)),
            (0, self.first(Kind::Drafts)),
        ]
    }

    /// What no answer may hold if these kinds must not be seen, in small letters or as it is. The identity of what
    /// they once could see is none of it: the change log tells them that it has gone.
    pub(super) fn traces(&self, kinds: &[Kind]) -> Vec<String> {
        let mut traces: Vec<String> = kinds.iter().map(|kind| kind.word().to_owned()).collect();
        traces.push(AUTHOR.to_owned());
        for (kind, number) in &self.articles {
            let was_seen = matches!(kind, Kind::EditsOfWithdrawn | Kind::Moved);
            if kinds.contains(kind) && !was_seen {
                traces.push(content::article_id(*number));
                // The end of each cursor that holds it, where its bytes begin a group of base64's.
                traces.push(cursor(b'p', 0, *number)[12..].to_owned());
            }
        }
        traces
    }
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

/// Puts in an article that was published and has been taken down. That it was there everyone may know.
pub(super) fn withdraw_one(desk: &mut Desk, published_at: &str) -> Value {
    let kind = Kind::EditsOfWithdrawn;
    let filing = desk.filing_of(NEIGHBOUR);
    let article = create(desk, kind, "at-first", filing);
    let article = desk.step("updateArticle", &article, json!({ "slug": WITHDRAWN }));
    let time = json!({ "publishedAt": published_at });
    let article = desk.step("publishArticle", &article, time);
    let correction = json!({ "text": format!("Correction {}", kind.word()) });
    let article = desk.step("correctArticle", &article, correction);
    let reason = json!({ "reason": "Its author has asked for it." });
    desk.step("withdrawArticle", &article, reason)
}

/// Notes what was made by [`withdraw_one`].
pub(super) fn note_withdrawn(hidden: &mut Hidden, desk: Desk) {
    hidden.note(Kind::EditsOfWithdrawn, desk);
    hidden.slugs.retain(|slug| slug.starts_with("zyxo"));
}

fn preview(desk: &mut Desk) -> String {
    let filing = desk.filing_of(NEIGHBOUR);
    let article = create(desk, Kind::Previewed, "draft", filing);
    let article = desk.step("updateArticle", &article, json!({ "slug": PREVIEWED }));
    let time = json!({ "publishAt": LATER_TEXT });
    let article = desk.step("scheduleArticle", &article, time);
    preview_token(desk, &article)
}

fn schedule(desk: &mut Desk) {
    let filing = desk.filing_of(NEIGHBOUR);
    let kind = Kind::Scheduled;
    let neighbour = desk.article(NEIGHBOUR);
    let article = create(desk, kind, "draft", filing.clone());
    let article = desk.step(
        "updateArticle",
        &article,
        json!({ "slug": "zyxoscheduled-sooner" }),
    );
    let article = desk.step(
        "scheduleArticle",
        &article,
        json!({ "publishAt": SOONER_TEXT }),
    );
    let article = desk.step(
        "scheduleArticle",
        &article,
        json!({ "publishAt": LATER_TEXT }),
    );
    // Those who see what is scheduled have known the slug before.
    let article = desk.step(
        "updateArticle",
        &article,
        json!({ "slug": "zyxoscheduled-later" }),
    );
    let beside = json!({ "articles": [neighbour["id"]] });
    let article = desk.step("setRelatedArticles", &article, beside);

    let taken_back = create(desk, kind, "for-a-while", filing);
    let taken_back = desk.step("updateArticle", &taken_back, json!({ "slug": UNSCHEDULED }));
    let taken_back = desk.step(
        "scheduleArticle",
        &taken_back,
        json!({ "publishAt": SOONER_TEXT }),
    );
    let beside = json!({ "articles": [article["id"], neighbour["id"]] });
    let taken_back = desk.step("setRelatedArticles", &taken_back, beside);
    desk.step("unscheduleArticle", &taken_back, json!({}));
}

fn draft(desk: &mut Desk) {
    let filing = desk.filing_of(NEIGHBOUR);
    let kind = Kind::Drafts;
    let word = kind.word();
    let beside_neighbour = create(desk, kind, "first-title", filing.clone());
    let filing_of_hidden = content::filing_of_hidden(desk);
    let elsewhere = create(desk, kind, "elsewhere", filing_of_hidden);
    let beside_neighbour = desk.step(
        "updateArticle",
        &beside_neighbour,
        json!({ "slug": "zyxodraft-second-title", "headline": format!("Second {word}"), "topics": null }),
    );
    let mut chosen: Vec<Value> = [NEIGHBOUR, WITHDRAWN, UNSCHEDULED]
        .map(|slug| desk.article(slug)["id"].clone())
        .to_vec();
    chosen.push(elsewhere["id"].clone());
    let beside_neighbour = desk.step(
        "setRelatedArticles",
        &beside_neighbour,
        json!({ "articles": chosen }),
    );
    let beside_neighbour = desk.step(
        "restoreRevision",
        &beside_neighbour,
        json!({ "restore": 1 }),
    );
    desk.write_in_vain("publishArticle", &beside_neighbour, json!({}));
    preview_token(desk, &beside_neighbour);
    desk.step(
        "setRelatedArticles",
        &elsewhere,
        json!({ "articles": [beside_neighbour["id"]] }),
    );

    let thrown_away = create(desk, kind, "thrown-away", filing.clone());
    preview_token(desk, &thrown_away);
    desk.step("deleteDraft", &thrown_away, json!({}));

    let repeated = with(texts(kind, "repeated"), filing);
    desk.write_twice("createArticle", &repeated);

    // Whose schedule was taken back before: those who saw it then may not see what became of it.
    let taken_back = desk.article(UNSCHEDULED);
    desk.step(
        "updateArticle",
        &taken_back,
        json!({ "slug": "zyxodraft-taken-back", "headline": format!("Edited {word}"), "section": content::SECTION }),
    );
}

fn edit_withdrawn(desk: &mut Desk) {
    let word = Kind::EditsOfWithdrawn.word();
    let article = desk.article(WITHDRAWN);
    let article = desk.step(
        "updateArticle",
        &article,
        json!({ "slug": "zyxowithdrawn-edited", "headline": format!("Edited {word}"), "kicker": null,
                "section": content::SECTION, "body": { "text": format!("Longer than it was, and {word}.") } }),
    );
    let neighbour = desk.article(NEIGHBOUR);
    let article = desk.step(
        "setRelatedArticles",
        &article,
        json!({ "articles": [neighbour["id"]] }),
    );
    let article = desk.step("restoreRevision", &article, json!({ "restore": 1 }));
    let article = desk.step(
        "updateArticle",
        &article,
        json!({ "slug": "zyxowithdrawn-edited-again" }),
    );
    preview_token(desk, &article);
}

/// Of the neighbour's byline, topics and issue, and of another section or none.
fn write_elsewhere(desk: &mut Desk) {
    let kind = Kind::OtherSections;
    let word = kind.word();
    let in_section = |desk: &Desk, section: Value| {
        with(desk.filing_of(NEIGHBOUR), json!({ "section": section }))
    };
    let neighbour = desk.article(NEIGHBOUR);
    let filing = in_section(desk, json!(content::SECTION));
    let article = create(desk, kind, "at-first", filing.clone());
    let article = desk.step("publishArticle", &article, json!({}));
    let article = desk.step(
        "updateArticle",
        &article,
        json!({ "slug": "zyxoelsewhere-later" }),
    );
    let correction = json!({ "text": format!("Correction {word}") });
    let article = desk.step("correctArticle", &article, correction);
    let beside = json!({ "articles": [neighbour["id"]] });
    desk.step("setRelatedArticles", &article, beside);

    let nowhere = in_section(desk, Value::Null);
    let nowhere = create(desk, kind, "in-no-section", nowhere);
    desk.step("publishArticle", &nowhere, json!({}));

    let taken_down = create(desk, kind, "taken-down", filing.clone());
    let taken_down = desk.step("publishArticle", &taken_down, json!({}));
    let reason = json!({ "reason": format!("Reason {word}") });
    desk.step("withdrawArticle", &taken_down, reason);

    let to_come = create(desk, kind, "to-come", filing);
    let time = json!({ "publishAt": LATER_TEXT });
    desk.step("scheduleArticle", &to_come, time);
}

/// Has an article leave the neighbour's section and say something else there.
fn move_away(desk: &mut Desk) {
    let kind = Kind::Moved;
    let texts_before =
        json!({ "headline": "An article that leaves", "body": { "text": "It is here." } });
    let input = with(texts_before, desk.filing_of(NEIGHBOUR));
    let article = desk.write("createArticle", &input);
    let article = desk.step("publishArticle", &article, json!({}));
    let there = with(texts(kind, "there"), json!({ "section": content::SECTION }));
    let article = desk.step("updateArticle", &article, there);
    let correction = json!({ "text": format!("Correction {}", kind.word()) });
    desk.step("correctArticle", &article, correction);
}

/// A draft with every text that an article can have.
fn create(desk: &mut Desk, kind: Kind, title: &str, filing: Value) -> Value {
    desk.write("createArticle", &with(texts(kind, title), filing))
}

fn texts(kind: Kind, title: &str) -> Value {
    let word = kind.word();
    json!({
        "headline": format!("Headline {word}"),
        "slug": format!("{word}-{title}"),
        "kicker": format!("Kicker {word}"),
        "standfirst": format!("Standfirst {word}"),
        "dateline": format!("Dateline {word}"),
        "body": { "text": format!("Text {word}") },
        "leadImage": {
            "url": format!("https://magazine.example/{word}.jpg"),
            "alt": word, "caption": word, "credit": word, "width": 4, "height": 3,
        },
    })
}

fn preview_token(desk: &mut Desk, article: &Value) -> String {
    let input = json!({ "id": article["id"], "minutes": 600 });
    let preview = desk.write("createPreview", &input);
    preview["token"].as_str().unwrap().to_owned()
}

fn revoke_a_token(store: &Store) {
    let lost = token("editor", &[]);
    Masthead::new(["token", "revoke", &lost])
        .on(store)
        .run()
        .succeeded();
}

/// Has it stand at the neighbour's time of the last change, and among what an editor has chosen beside the neighbour:
/// a mutation would change the neighbour for everyone to see.
fn put_beside_neighbour(store: &Store, number: i64) {
    let neighbour = content::neighbour(store, "id");
    let at = modified_at(content::neighbour(store, "modified_at"), number);
    let position = number % 1_000_000_007 + 100;
    store.execute(&format!(
        "UPDATE article SET modified_at = {at} WHERE id = {number};
         INSERT INTO article_related (article_id, position, related_id)
            SELECT {neighbour}, {position}, id FROM article WHERE id = {number}"
    ));
}

fn number(id: &str) -> i64 {
    NodeId::decode(id).unwrap().parts().1
}
