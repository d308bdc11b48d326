//! The arrows between the crates run one way, and domain has no I/O.

#![allow(clippy::expect_used, reason = "a test may fail by panicking")]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

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
                "masthead-formats",
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
        "ipnet",
        "oxilangtag",
        "rand",
        "serde",
        "thiserror",
        "unicode-normalization",
        "unicode-segmentation",
        "url",
        "uuid",
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

#[test]
fn a_plain_cargo_run_means_the_product() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("metadata as JSON");
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let default_members = list(&metadata["workspace_default_members"]);
    let programs: Vec<String> = list(&metadata["packages"])
        .iter()
        .filter(|package| default_members.contains(&package["id"]))
        .flat_map(|package| list(&package["targets"]))
        .filter(|target| list(&target["kind"]).contains(&"bin".into()))
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(programs, ["masthead"]);
}
