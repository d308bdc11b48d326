//! The face is guarded: `schema.graphql` is what the code exports, it holds all of the contract, and no
//! change to it breaks a client of the last release.

#![allow(clippy::expect_used, reason = "a test may fail by panicking")]

mod changes;

use std::{collections::BTreeSet, fs, path::PathBuf};

use changes::{Strictness, breaking_changes, reachable_types};

/// What the contract promises for a later version. Each leaves this list when it comes.
const STILL_TO_COME: [&str; 1] = ["Query.search"];

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn exported() -> String {
    masthead_api::graphql::sdl()
}

#[test]
fn the_file_is_what_the_code_exports() {
    let path = workspace().join("schema.graphql");
    let file = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        file == exported(),
        "schema.graphql is not what the code exports: write it anew with\n    cargo run -- schema > schema.graphql"
    );
}

#[test]
fn the_contract_is_kept() {
    let path = workspace().join("../shared/design/contract.graphql");
    let Ok(contract) = fs::read_to_string(path) else {
        eprintln!("SKIPPED: the contract is not here, so the schema was not compared with it");
        return;
    };
    let promised = reachable_types(&contract, &STILL_TO_COME);
    assert!(
        promised.len() > 30,
        "the contract was not read: {promised:?}"
    );
    let missing: Vec<String> = breaking_changes(&contract, &exported(), Strictness::SameTypes)
        .into_iter()
        .filter(|change| promised.contains(change.type_name()))
        .filter(|change| !STILL_TO_COME.contains(&change.place.as_str()))
        .map(|change| change.to_string())
        .collect();
    assert!(
        missing.is_empty(),
        "the schema lacks of the contract:\n{}",
        missing.join("\n")
    );
}

/// What is listed as still to come is not there yet: the list is kept short.
#[test]
fn what_has_come_is_compared() {
    let there: BTreeSet<String> = changes::places(&exported());
    for place in STILL_TO_COME {
        assert!(
            !there.contains(place),
            "{place} has come: take it from the list of what is still to come"
        );
    }
}

#[test]
fn no_client_of_the_last_release_breaks() {
    let released = include_str!("released.graphql");
    let broken: Vec<String> = breaking_changes(released, &exported(), Strictness::Compatible)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        broken.is_empty(),
        "clients of the last release would break (keep what they use; deprecate it instead):\n{}",
        broken.join("\n")
    );
}
