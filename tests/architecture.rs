//! The arrows between the crates run one way, and domain has no I/O.

#![allow(clippy::expect_used, reason = "a test may fail by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

/// What the crate in this folder depends on, outside of its tests.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder)
        .join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("a manifest in TOML");
    let table = manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .expect("dependencies");
    table.keys().cloned().collect()
}

fn ours(folder: &str) -> BTreeSet<String> {
    dependencies(folder)
        .into_iter()
        .filter(|name| name.starts_with("masthead"))
        .collect()
}

#[test]
fn arrows_run_one_way() {
    for (folder, allowed) in [
        ("crates/domain", &[][..]),
        ("migrations", &[]),
        ("crates/formats", &["masthead-domain"]),
        (
            "crates/persistence",
            &["masthead-domain", "masthead-migrations"],
        ),
        (
            "crates/newsroom",
            &[
                "masthead-domain",
                "masthead-formats",
                "masthead-persistence",
            ],
        ),
        (
            "crates/api",
            &[
                "masthead-domain",
                "masthead-newsroom",
                "masthead-persistence",
            ],
        ),
    ] {
        let allowed: BTreeSet<String> = allowed.iter().map(ToString::to_string).collect();
        let ours = ours(folder);
        assert!(
            ours.is_subset(&allowed),
            "{folder} depends on {ours:?}, and may on {allowed:?}"
        );
    }
}

/// A library is added here only after a look at whether it reads files, sockets, the clock or a database.
#[test]
fn domain_has_no_io() {
    let allowed = [
        "any_ascii",
        "base64",
        "chrono",
        "chrono-tz",
        "oxilangtag",
        "rand",
        "serde",
        "thiserror",
        "unicode-normalization",
        "unicode-segmentation",
        "url",
    ];
    for name in dependencies("crates/domain") {
        assert!(allowed.contains(&name.as_str()), "domain depends on {name}");
    }
}

#[test]
fn use_cases_know_neither_http_nor_graphql() {
    for name in dependencies("crates/newsroom") {
        assert!(
            !["axum", "http", "tower", "async-graphql"].contains(&name.as_str()),
            "newsroom depends on {name}"
        );
    }
}
