//! Runs this program under valgrind's callgrind, and reads what it counted.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::paths;

/// What counts is what happens within [`crate::paths::only_this_is_counted`]; no other function has these words in
/// its name.
const FUNCTION: &str = "*only_this_is_counted*";

/// How many instructions the path takes, on average of the times that it is gone.
pub(crate) fn count(path: &str, database: &Path, folder: &Path) -> u64 {
    let file = folder.join("counted");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--demangle=no"])
        .arg(format!("--toggle-collect={FUNCTION}"))
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().unwrap())
        .args(["--count", path])
        .arg(database)
        // What stands in the environment moves the stack, and may set how the program behaves.
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        // An instruction that copies a whole string would count once for each byte, on the processors that have it.
        .env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-ERMS,-FSRM")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{path} failed under callgrind: {status}");
    let counted = fs::read_to_string(&file).unwrap();
    let total = counted
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))
        .and_then(|total| total.trim().parse::<u64>().ok())
        .unwrap_or_default();
    assert!(total > 0, "callgrind did not see {path} at all");
    total / paths::TIMES as u64
}

/// The first line of what a compiler says of itself.
pub(crate) fn version(compiler: &str) -> String {
    let output = Command::new(compiler).arg("--version").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().next().unwrap_or_default().to_owned()
}
