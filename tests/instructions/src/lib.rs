//! Counts the instructions of the hot paths, and holds the counts to those of the reference.
//!
//! Seconds depend on the machine and on what else it does; instructions hardly do, so that a path that has become a
//! tenth dearer is found anywhere. The program beside this library counts them; here they are compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Above the reference by more than so many percent, a path has become dearer.
const BOUND: f64 = 10.0;
/// The same where other compilers made what was counted: they may well be what differs.
const BOUND_OF_OTHER_COMPILERS: f64 = 25.0;
/// How a new reference is made, from the top of the repository.
pub const ACCEPT: &str = "tests/instructions/run --accept";

/// What was counted, and what it was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// The processor's architecture. Instructions of another cannot be compared.
    pub architecture: String,
    /// The compilers of Rust and of C, with their versions.
    pub compilers: Vec<String>,
    /// Instructions by the path's name.
    pub instructions: BTreeMap<String, u64>,
}

/// How a path stands to the reference.
#[derive(Clone, Copy, Debug)]
enum Standing {
    /// As before, or nearly so.
    Held,
    /// It takes more than the bound allows, in percent of the reference.
    Dearer(f64),
    /// It takes less, by as much as the bound, in percent of the reference.
    Cheaper(f64),
    /// There is no such path in the reference.
    New,
    /// It is in the reference, and was not counted.
    Missing,
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// A line for each path, then what follows from them.
    pub report: String,
    /// Whether nothing has become dearer, and the reference names just what was counted.
    pub is_passed: bool,
}

/// Compares what was counted with the reference.
pub fn compare(reference: &Counts, counted: &Counts) -> Comparison {
    if reference.architecture != counted.architecture {
        let report = format!(
            "NOT COMPARED: the reference was counted on {}, and this is {}.",
            reference.architecture, counted.architecture
        );
        return Comparison {
            report,
            is_passed: true,
        };
    }
    let is_of_the_same_compilers = reference.compilers == counted.compilers;
    let bound = if is_of_the_same_compilers {
        BOUND
    } else {
        BOUND_OF_OTHER_COMPILERS
    };
    let names = reference
        .instructions
        .keys()
        .chain(counted.instructions.keys());
    let mut names: Vec<&String> = names.collect();
    names.sort_unstable();
    names.dedup();

    let mut table = vec![format!(
        "{:<24}{:>14}{:>14}{:>10}",
        "path", "instructions", "reference", "change"
    )];
    let mut consequences = Vec::new();
    let mut is_passed = true;
    let mut is_dearer = false;
    for name in names {
        let before = reference.instructions.get(name).copied();
        let now = counted.instructions.get(name).copied();
        let changed = before.zip(now).map_or_else(String::new, |(before, now)| {
            format!("{:+.1} %", change(before, now))
        });
        let (now_grouped, before_grouped) = (grouped(now), grouped(before));
        table.push(format!(
            "{name:<24}{now_grouped:>14}{before_grouped:>14}{changed:>10}"
        ));
        let standing = standing(before, now, bound);
        is_passed &= matches!(standing, Standing::Held | Standing::Cheaper(_));
        is_dearer |= matches!(standing, Standing::Dearer(_));
        consequences.extend(match standing {
            Standing::Held => None,
            Standing::Dearer(percent) => Some(format!(
                "DEARER: {name} takes {now_grouped} instructions, {percent:.1} % more than the {before_grouped} of \
                 the reference."
            )),
            Standing::Cheaper(percent) => Some(format!(
                "Good news: {name} takes {now_grouped} instructions, {:.1} % fewer than the {before_grouped} of the \
                 reference. Hold on to it: {ACCEPT}",
                percent.abs()
            )),
            Standing::New => Some(format!(
                "NEW: {name} is not in the reference. Take it in: {ACCEPT}"
            )),
            Standing::Missing => Some(format!(
                "MISSING: {name} was not counted. If it is gone on purpose: {ACCEPT}"
            )),
        });
    }
    if is_dearer {
        consequences.push(format!(
            "Find out why, and make it cheaper; or accept it with '{ACCEPT}', and say in the commit what it buys."
        ));
    }
    if !is_of_the_same_compilers {
        consequences.push(format!(
            "OTHER COMPILERS: the reference was made with {}, this with {}; so only what is {bound} % dearer fails. \
             On a commit that is known to be good, make a new one: {ACCEPT}",
            reference.compilers.join(" and "),
            counted.compilers.join(" and ")
        ));
    }
    table.append(&mut consequences);
    Comparison {
        report: table.join("\n"),
        is_passed,
    }
}

fn standing(before: Option<u64>, now: Option<u64>, bound: f64) -> Standing {
    match (before, now) {
        (_, None) => Standing::Missing,
        (None, Some(_)) => Standing::New,
        (Some(before), Some(now)) => {
            let percent = change(before, now);
            if percent > bound {
                Standing::Dearer(percent)
            } else if percent < -bound {
                Standing::Cheaper(percent)
            } else {
                Standing::Held
            }
        }
    }
}

/// The change in percent.
#[expect(
    clippy::cast_precision_loss,
    reason = "no path comes near 2^52 instructions"
)]
fn change(before: u64, now: u64) -> f64 {
    (now as f64 - before as f64) / before as f64 * 100.0
}

/// A number with its digits in threes; nothing where there is none.
fn grouped(number: Option<u64>) -> String {
    let digits = number.map_or_else(String::new, |number| number.to_string());
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(instructions: &[(&str, u64)]) -> Counts {
        Counts {
            architecture: "x86_64".to_owned(),
            compilers: vec!["rustc 1.95.0".to_owned(), "cc 12.2.0".to_owned()],
            instructions: instructions
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
        }
    }

    fn other_compilers(instructions: &[(&str, u64)]) -> Counts {
        Counts {
            compilers: vec!["rustc 1.96.0".to_owned(), "cc 12.2.0".to_owned()],
            ..counts(instructions)
        }
    }

    #[test]
    fn a_tenth_dearer_fails_with_both_counts_and_the_way_out() {
        let reference = counts(&[("parse", 1_000_000), ("serialise", 1_000)]);
        let comparison = compare(
            &reference,
            &counts(&[("parse", 1_101_000), ("serialise", 1_000)]),
        );
        assert!(!comparison.is_passed);
        for words in [
            "DEARER: parse",
            "1,101,000",
            "1,000,000",
            "10.1 %",
            "run --accept",
        ] {
            assert!(comparison.report.contains(words), "{}", comparison.report);
        }
        assert!(!comparison.report.contains("DEARER: serialise"));
    }

    #[test]
    fn less_than_a_tenth_is_held() {
        let reference = counts(&[("parse", 1_000_000)]);
        for now in [1_100_000, 1_000_000, 900_000] {
            let comparison = compare(&reference, &counts(&[("parse", now)]));
            assert!(comparison.is_passed);
            assert!(!comparison.report.contains("run --accept"));
        }
    }

    #[test]
    fn cheaper_is_good_news() {
        let comparison = compare(&counts(&[("parse", 1_000)]), &counts(&[("parse", 800)]));
        assert!(comparison.is_passed);
        assert!(comparison.report.contains("Good news: parse"));
    }

    #[test]
    fn paths_come_and_go_with_the_reference_alone() {
        let before = counts(&[("parse", 1_000), ("gone", 1)]);
        let now = counts(&[("parse", 1_000), ("come", 1)]);
        let comparison = compare(&before, &now);
        assert!(!comparison.is_passed);
        assert!(comparison.report.contains("MISSING: gone"));
        assert!(comparison.report.contains("NEW: come"));
    }

    #[test]
    fn other_compilers_are_told_of_and_given_more_room() {
        let reference = counts(&[("parse", 1_000)]);
        let comparison = compare(&reference, &other_compilers(&[("parse", 1_200)]));
        assert!(comparison.is_passed);
        assert!(comparison.report.contains("OTHER COMPILERS"));
        assert!(!compare(&reference, &other_compilers(&[("parse", 1_300)])).is_passed);
    }

    #[test]
    fn another_architecture_is_not_compared() {
        let elsewhere = Counts {
            architecture: "aarch64".to_owned(),
            ..counts(&[("parse", 9_000)])
        };
        let comparison = compare(&counts(&[("parse", 1_000)]), &elsewhere);
        assert!(comparison.is_passed);
        assert!(comparison.report.starts_with("NOT COMPARED"));
    }
}
