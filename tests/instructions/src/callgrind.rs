//! Runs this program under valgrind's callgrind, and reads what it counted.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

/// What counts is what happens within [`crate::paths::only_this_is_counted`]; no other function has these words in
/// its name.
const FUNCTION: &str = "*only_this_is_counted*";

/// The instructions of each time that the path was gone.
pub(crate) fn count(path: &str, database: &Path, folder: &Path) -> Vec<u64> {
    let prefix = format!("counted-{path}");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--demangle=no"])
        .arg(format!("--toggle-collect={FUNCTION}"))
        .arg(format!("--dump-after={FUNCTION}"))
        .arg(format!(
            "--callgrind-out-file={}",
            folder.join(&prefix).display()
        ))
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
    let counted: Vec<u64> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix)
        })
        .filter_map(|file| total(&fs::read_to_string(file).unwrap()))
        .collect();
    assert_eq!(
        counted.len(),
        crate::paths::TIMES,
        "callgrind did not see {path} each time"
    );
    counted
}

/// The total of one of callgrind's files; none where nothing was counted, as after the last time.
fn total(file: &str) -> Option<u64> {
    let totals = file.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = totals?.trim().parse().ok()?;
    (total > 0).then_some(total)
}

/// The first line of what a compiler says of itself.
pub(crate) fn version(compiler: &str) -> String {
    let output = Command::new(compiler).arg("--version").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().next().unwrap_or_default().to_owned()
}
