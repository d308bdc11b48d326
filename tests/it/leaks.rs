//! Nothing leaks: what a viewer may not see stands in no answer, and changes no byte of one.
//!
//! [`walk`] reads the schema from the running server and asks for everything that it offers, so a field that is
//! added later is tested without a change here - or fails, until [`values`] says what to ask it with.
//!
//! In reading order: [`desk`] is the newsroom, which writes [`content`], what everyone may see, and [`hidden`], what
//! not everyone may; [`values`] is the table of arguments; [`schema`], [`selection`] and [`calls`] make the questions,
//! [`walk`] asks them and keeps each [`exchange`]; [`change_log`] follows the log, and [`mutations`] tries to write.

mod answered;
mod calls;
mod change_log;
mod content;
mod desk;
mod exchange;
mod hidden;
mod mutations;
mod schema;
mod selection;
mod values;
mod walk;

use std::thread;

use serde_json::{Value, json};

use self::{
    exchange::{Answer, Exchange},
    hidden::{Hidden, Kind, PREVIEWED},
    values::Values,
    walk::Walk,
};
use crate::harness::{Server, Store, on_both_databases, token};

on_both_databases!(
    nothing_leaks_to_the_public,
    nothing_leaks_to_a_partner,
    nothing_leaks_to_a_partner_with_an_embargo,
    nothing_leaks_to_a_partner_of_one_section,
    nothing_leaks_through_a_preview,
    an_administrator_is_answered_with_everything,
);

fn nothing_leaks_to_the_public(store: &Store) {
    nothing_leaks(store, Viewer::named("the public"));
}

fn nothing_leaks_to_a_partner(store: &Store) {
    let viewer = Viewer {
        token: Some(token("partner", &["articles:body", "changes:read"])),
        asks_in_every_way: false,
        ..Viewer::named("a partner")
    };
    nothing_leaks(store, viewer);
}

fn nothing_leaks_to_a_partner_with_an_embargo(store: &Store) {
    let viewer = Viewer {
        token: Some(token("partner", &["embargo:read"])),
        sees: &[Kind::Previewed, Kind::Scheduled],
        ..Viewer::named("a partner who sees what is scheduled")
    };
    nothing_leaks(store, viewer);
}

fn nothing_leaks_to_a_partner_of_one_section(store: &Store) {
    let viewer = Viewer {
        is_of_one_section: true,
        asks_in_every_way: false,
        ..Viewer::named("a partner that is told of one section")
    };
    nothing_leaks(store, viewer);
}

fn nothing_leaks_through_a_preview(store: &Store) {
    let viewer = Viewer {
        sees: &[Kind::Previewed],
        has_link: true,
        asks_in_every_way: false,
        ..Viewer::named("who has the link to a preview")
    };
    nothing_leaks(store, viewer);
}

/// That the walk reaches what the others may not see, too: a field that nobody was answered with is not tested.
fn an_administrator_is_answered_with_everything(store: &Store) {
    let viewer = Viewer {
        token: Some(token("admin", &[])),
        sees: &Kind::ALL,
        writes: true,
        asks_in_every_way: false,
        ..Viewer::named("an administrator")
    };
    let mut hidden = Hidden::default();
    content::prepare(store, &mut hidden);
    for kind in Kind::ALL {
        kind.put_into(store, &mut hidden);
    }
    let values = Values::of(store, &hidden);
    let walk = Walk::of(store, &viewer, &values, &[]);
    walk.describe(&format!("{} on {}", viewer.name, store.product()));
    let mut empty: Vec<_> = walk.pairs.difference(&walk.answered).collect();
    empty.retain(|(owner, field)| {
        owner != TOLD_TO_EVERYONE
            && ![TOLD_TO_OTHERS, TOLD_TO_PARTNERS].contains(&(owner.as_str(), field.as_str()))
    });
    assert!(
        empty.is_empty(),
        "the walk was never answered with anything for {empty:?}: have tests/it/leaks/content.rs or hidden.rs make \
         something that has it"
    );
}

/// What the newsroom is never answered: why something is there no more, as it still is there for an editor.
const TOLD_TO_OTHERS: (&str, &str) = ("Change", "reason");
/// What everyone is told of what has been taken down: see the tests of feeds.
const TOLD_TO_EVERYONE: &str = "WithdrawnArticle";
/// What nobody is answered but who has a partner's token: see the tests of partners.
const TOLD_TO_PARTNERS: (&str, &str) = ("Viewer", "partner");

/// Somebody who asks. Another one needs a test of their own like those above, which says what they may see.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of one who asks, and none follows from another"
)]
struct Viewer {
    name: &'static str,
    /// The bearer token; none for the public.
    token: Option<String>,
    /// What they may see beside what everyone may.
    sees: &'static [Kind],
    /// Whether their token is the one that shows the previewed article.
    has_link: bool,
    /// Whether their token is the one of a partner that is told of the neighbour's section alone.
    is_of_one_section: bool,
    /// Whether they may write.
    writes: bool,
    /// Whether they also page from cursors that they were given, and ask for each thing as every kind of client does:
    /// for the public, and for those who see the most that is not public.
    asks_in_every_way: bool,
}

impl Viewer {
    /// One without any rights.
    const fn named(name: &'static str) -> Self {
        Self {
            name,
            token: None,
            sees: &[],
            has_link: false,
            is_of_one_section: false,
            writes: false,
            asks_in_every_way: true,
        }
    }

    /// What is hidden from everyone, and they may not see.
    fn misses(&self) -> Vec<Kind> {
        let mut kinds = Kind::ALL.to_vec();
        kinds.retain(|kind| !self.sees.contains(kind));
        kinds
    }

    /// All that no answer to them may have a trace of.
    fn is_never_shown(&self) -> Vec<Kind> {
        let mut kinds = self.misses();
        if self.is_of_one_section {
            kinds.extend(Kind::OF_OTHER_SECTIONS);
        }
        kinds
    }
}

/// Asks everything of two databases that differ only in what the viewer may not see.
fn nothing_leaks(store: &Store, mut viewer: Viewer) {
    let mut hidden = Hidden::default();
    let seen = store.another();
    content::prepare(&seen, &mut hidden);
    for kind in viewer.sees {
        kind.put_into(&seen, &mut hidden);
    }
    if viewer.has_link {
        viewer.token.clone_from(&hidden.preview);
        the_previewed_article_is_shown_as_published(&seen, &viewer);
    }
    if viewer.is_of_one_section {
        viewer.token = Some(content::token_of_one_section(&seen));
        for kind in Kind::OF_OTHER_SECTIONS {
            kind.put_into(&seen, &mut hidden);
        }
        what_stands_in_other_sections_is_shown_to_others(&seen, &viewer);
    }
    let all = seen.copy();
    for kind in viewer.misses() {
        kind.put_into(&all, &mut hidden);
    }
    let values = Values::of(&seen, &hidden);
    let subjects = hidden.subjects();
    let walk = |store| Walk::of(store, &viewer, &values, &subjects);
    let (without, with) = thread::scope(|scope| {
        let without = scope.spawn(|| walk(&seen));
        let with = walk(&all);
        (without.join().unwrap(), with)
    });
    with.describe(&format!("{} on {}", viewer.name, store.product()));
    let (owner, field) = TOLD_TO_OTHERS;
    let told = (owner.to_owned(), field.to_owned());
    assert!(
        with.answered.contains(&told),
        "nobody is told {owner}.{field}"
    );
    let traces = hidden.traces(&viewer.is_never_shown());
    what_is_hidden_stands_in_no_answer(&viewer, &with, &traces);
    what_is_hidden_changes_no_byte(&viewer, &without, &with);
    nothing_written_stands_in_the_metrics(&with, &hidden.traces(&Kind::ALL));
}

/// What the link is for; that it shows nothing else is held by the comparison.
fn the_previewed_article_is_shown_as_published(store: &Store, viewer: &Viewer) {
    let server = Server::start(store);
    let answer = server.query_as(
        viewer.token.as_deref().unwrap(),
        "query($slug: String!) { article(slug: $slug) { slug status publishedAt withdrawalReason } latest { nodes { slug } } }",
        json!({ "slug": PREVIEWED }),
    );
    assert_eq!(answer["article"]["status"], "PUBLISHED", "{answer:#}");
    assert!(answer["article"]["publishedAt"].is_string(), "{answer:#}");
    server.stop();
}

/// Else it would be no wonder that it stands in no answer. It is in both databases, as everyone else may see it: how
/// far the partner has come in the change log tells how much was changed elsewhere, though not what.
fn what_stands_in_other_sections_is_shown_to_others(store: &Store, viewer: &Viewer) {
    let document = "{ latest(first: 50) { nodes { slug } } }";
    let server = Server::start(store);
    let to_others = server.query(document, json!({})).to_string();
    let token = viewer.token.as_deref().unwrap();
    let to_them = server.query_as(token, document, json!({})).to_string();
    assert!(to_them.contains(content::NEIGHBOUR), "{to_them}");
    for kind in Kind::OF_OTHER_SECTIONS {
        assert!(to_others.contains(kind.word()), "{to_others}");
        assert!(!to_them.contains(kind.word()), "{to_them}");
    }
    server.stop();
}

/// Whoever keeps the machines may not be the newsroom.
fn nothing_written_stands_in_the_metrics(walk: &Walk, traces: &[String]) {
    assert!(walk.metrics.contains("graphql_requests_total"));
    let public = [content::NEIGHBOUR, content::FORMER, content::SECTION];
    let metrics = walk.metrics.to_lowercase();
    for trace in traces.iter().map(String::as_str).chain(public) {
        let found = walk.metrics.contains(trace) || metrics.contains(trace);
        assert!(!found, "/metrics holds '{trace}':\n{}", walk.metrics);
    }
}

fn what_is_hidden_stands_in_no_answer(viewer: &Viewer, walk: &Walk, traces: &[String]) {
    for Exchange { request, answer } in &walk.exchanges {
        let said = without_what_was_asked(request, answer);
        if let Some(trace) = traces.iter().find(|trace| said.contains(trace.as_str())) {
            panic!(
                "{} is shown '{trace}':\n{request}\nanswered\n{answer:#?}",
                viewer.name
            );
        }
    }
}

/// All of an answer but the slugs and identities that its request named: to say those again tells nothing. That
/// they are said no differently than those of nothing is held by the comparison.
fn without_what_was_asked(request: &str, answer: &Answer) -> String {
    let said = format!("{:?} {}", answer.headers, answer.body);
    let asked = request.split('"').skip(1).step_by(2);
    let named = asked.filter(|text| text.len() > 8);
    let said = named.fold(said, |said, text| said.replace(text, ""));
    // Identities as they are; texts in any case.
    format!("{said} {}", said.to_lowercase())
}

fn what_is_hidden_changes_no_byte(viewer: &Viewer, without: &Walk, with: &Walk) {
    for (one, other) in without.exchanges.iter().zip(&with.exchanges) {
        assert_eq!(
            one.request, other.request,
            "the answers before led to different questions"
        );
        assert!(
            one.answer == other.answer,
            "what {} may not see changes an answer.\n{}",
            viewer.name,
            difference(&one.request, &one.answer, &other.answer)
        );
    }
    assert_eq!(without.exchanges.len(), with.exchanges.len());
}

/// Where two answers part, and what was asked there.
fn difference(request: &str, without: &Answer, with: &Answer) -> String {
    let read = |answer: &Answer| serde_json::from_str::<Value>(&answer.body).ok();
    if let (Some(one), Some(other)) = (read(without), read(with))
        && one != other
    {
        let parting = parting(&one, &other, String::new());
        let place = parting.lines().next().unwrap_or_default();
        // Each call has a line of the document, and a name of its own.
        let asked = place.split('/').find_map(|step| {
            request
                .lines()
                .find(|line| line.contains(&format!("{step}: ")))
        });
        return format!("{parting}\nIt was asked: {}", asked.unwrap_or(request));
    }
    format!("Without it: {without:#?}\nWith it: {with:#?}\nIt was asked: {request}")
}

/// The innermost place at which two values part, and what stands there.
fn parting(one: &Value, other: &Value, place: String) -> String {
    let inner = match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .find(|(name, value)| other[*name] != **value)
            .map(|(name, value)| (value, &other[name], name.clone())),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => (0..)
            .zip(one.iter().zip(other))
            .find(|(_, (one, other))| one != other)
            .map(|(index, (one, other))| (one, other, format!("{index}"))),
        _ => None,
    };
    match inner {
        Some((one, other, name)) => parting(one, other, format!("{place}/{name}")),
        None => format!("At {place}\nwithout it: {one}\nwith it: {other}"),
    }
}
