//! Counts the instructions of the hot paths under valgrind's callgrind: `tests/instructions/run`.
//!
//! Run plainly it makes a small archive, has itself run under callgrind once for each path, and compares. With
//! `--count` it is the one that is run: it goes the path a few times over.

#![allow(
    clippy::print_stdout,
    reason = "it is a program that tells what it found"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a path that cannot be gone is not counted, and fails by panicking"
)]

mod callgrind;
mod paths;

use std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode};

use masthead_instructions::{ACCEPT, Counts, compare};
use mimalloc::MiMalloc;

/// As the product has it: what it allocates is counted too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often each path is counted. The least is taken: the seeds of hash maps make each a little different, and on a
/// busy machine the change log is looked at once more.
const RUNS: usize = 3;

const HEADER: &str = "# Instructions of the hot paths, as 'tests/instructions/run --accept' counted them: \
                      what becomes a tenth dearer fails.\n\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["--count", path, database] => {
            paths::go(path, Path::new(database));
            ExitCode::SUCCESS
        }
        [] => check(),
        ["--accept"] => {
            let counts = count();
            let text = format!("{HEADER}{}", toml::to_string(&counts).unwrap());
            fs::write(reference(), text).unwrap();
            println!("Written to {}: commit it.", reference().display());
            ExitCode::SUCCESS
        }
        _ => {
            println!("Usage: tests/instructions/run [--accept]");
            ExitCode::FAILURE
        }
    }
}

fn check() -> ExitCode {
    let Ok(known) = fs::read_to_string(reference()) else {
        println!(
            "There is no {}: make it with {ACCEPT}",
            reference().display()
        );
        return ExitCode::FAILURE;
    };
    let comparison = compare(&toml::from_str(&known).unwrap(), &count());
    println!("\n{}", comparison.report);
    if comparison.is_passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn reference() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/reference.toml"))
}

fn count() -> Counts {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("archive.db");
    // Made outside of callgrind, under which it would take a minute.
    paths::make_archive(&database);
    let mut instructions = BTreeMap::new();
    for path in paths::NAMES {
        let counted = [(); RUNS].map(|()| callgrind::count(path, &database, folder.path()));
        println!("{path}: {counted:?}");
        instructions.insert(
            (*path).to_owned(),
            counted.into_iter().min().unwrap_or_default(),
        );
    }
    Counts {
        architecture: env::consts::ARCH.to_owned(),
        compilers: ["rustc", "cc"].map(callgrind::version).to_vec(),
        instructions,
    }
}
