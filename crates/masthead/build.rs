//! How the program is linked.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The first glibc that reads packed relocations.
const PACKED_RELOCATIONS: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if !is_x86_64_linux_gnu() {
        return;
    }
    // Packed, the table of addresses to fill in at the start takes some 30 kB of the file; else it takes 2 MB, which are
    // read whole and so stay resident.
    if host_glibc().is_some_and(|version| version >= PACKED_RELOCATIONS) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // A page of code that is run brings its neighbourhood into memory. What a server runs is a third of the program, and
    // scattered all over it: side by side it takes 7 MB less.
    let order = link_order();
    println!("cargo::rerun-if-changed={}", order.display());
    if is_release() && !is_linker_chosen() {
        println!("cargo::rustc-link-arg-bins=-T{}", order.display());
    }
}

/// Whether it is built for the kind of machine that it is built on, where rustc's own linker is known to do all this.
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

/// The linker script that `benchmarks/link-order` writes.
fn link_order() -> PathBuf {
    let folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    Path::new(&folder).join("link-order.ld")
}

fn is_release() -> bool {
    env::var_os("PROFILE").is_some_and(|profile| profile == "release")
}

/// Whether another linker than rustc's own is asked for. GNU's reads the script too; others may not.
fn is_linker_chosen() -> bool {
    env::var_os("RUSTC_LINKER").is_some()
        || env::var_os("CARGO_ENCODED_RUSTFLAGS").is_some_and(|flags| {
            let flags = flags.to_string_lossy();
            flags.contains("linker=") || flags.contains("fuse-ld")
        })
}
