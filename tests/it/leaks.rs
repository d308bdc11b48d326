//! Nothing leaks: what a viewer may not see stands in no answer, and changes no byte of one.
//!
//! [`walk`] reads the schema from the running server and asks for everything that it offers, so a field that is
//! added later is tested without a change here - or fails, until [`values`] says what to ask it with.
//!
//! In reading order: [`content`] is what everyone may see, [`hidden`] what not everyone may, [`values`] the table of
//! arguments, [`schema`], [`selection`] and [`calls`] make the questions, [`walk`] asks them.

mod calls;
mod content;
mod hidden;
mod schema;
mod selection;
mod values;
mod walk;

use std::thread;

use serde_json::Value;

use self::{
    hidden::Kind,
    values::Values,
    walk::{Answer, Exchange, Walk},
};
use crate::harness::{Server, Store, on_both_databases};

on_both_databases!(nothing_leaks_to_the_public);

fn nothing_leaks_to_the_public(store: &Store) {
    let viewer = Viewer {
        name: "the public",
        token: None,
        sees: &[],
    };
    nothing_leaks(store, &viewer);
}

/// Somebody who asks. Another one needs a test of their own like the one above, which says what they may see; those
/// who have a token need a server, in [`serve`], that takes it.
struct Viewer {
    name: &'static str,
    /// The bearer token; none for the public.
    token: Option<String>,
    /// What they may see beside what everyone may.
    sees: &'static [Kind],
}

impl Viewer {
    /// What they may not see.
    fn misses(&self) -> Vec<Kind> {
        [Kind::Drafts, Kind::Scheduled, Kind::EditsOfWithdrawn]
            .into_iter()
            .filter(|kind| !self.sees.contains(kind))
            .collect()
    }
}

/// Asks everything of two databases that differ only in what the viewer may not see.
fn nothing_leaks(store: &Store, viewer: &Viewer) {
    let seen = store.another();
    content::prepare(&seen);
    for kind in viewer.sees {
        kind.put_into(&seen);
    }
    let all = seen.copy();
    for kind in viewer.misses() {
        kind.put_into(&all);
    }
    let values = Values::of(&seen);
    let walk = |store| Walk::of(&serve(store), viewer, &values);
    let (without, with) = thread::scope(|scope| {
        let without = scope.spawn(|| walk(&seen));
        let with = walk(&all);
        (without.join().unwrap(), with)
    });
    with.describe(&format!("{} on {}", viewer.name, store.product()));
    what_is_hidden_stands_in_no_answer(viewer, &with);
    what_is_hidden_changes_no_byte(viewer, &without, &with);
}

fn serve(store: &Store) -> Server {
    Server::start(store)
}

fn what_is_hidden_stands_in_no_answer(viewer: &Viewer, walk: &Walk) {
    let traces: Vec<String> = viewer.misses().into_iter().flat_map(Kind::traces).collect();
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
