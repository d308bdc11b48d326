//! How the program is linked.

use std::{env, process::Command};

/// The first glibc that reads packed relocations.
const PACKED_RELOCATIONS: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Packed, the table of addresses to fill in at the start takes some 30 kB of the file; else it takes 2 MB, which are
    // read whole and so stay resident.
    if is_x86_64_linux_gnu() && host_glibc().is_some_and(|version| version >= PACKED_RELOCATIONS) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether it is built for the kind of machine that it is built on, where rustc's own linker is known to pack them.
fn is_x86_64_linux_gnu() -> bool {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    ["TARGET", "HOST"]
        .iter()
        .all(|name| env::var_os(name).is_some_and(|triple| triple == TARGET))
}

/// The version of this machine's glibc. A program with packed relocations does not start on an older one, so it decides
/// by the machine that builds, which is the one that runs it or one like it.
fn host_glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf")
        .arg("GNU_LIBC_VERSION")
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    let minor = minor.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
