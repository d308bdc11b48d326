//! The binary's commands, as a shell runs them.

use std::{
    ffi::OsStr,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use super::Store;

/// A command of the binary that is about to be run: in an empty environment, and in a folder of its own
/// unless told otherwise.
pub(crate) struct Masthead {
    command: Command,
    folder: tempfile::TempDir,
    input: Vec<u8>,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Masthead {
    /// A command with its arguments.
    pub(crate) fn new<Argument: AsRef<OsStr>>(
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
        command
            .env_clear()
            .current_dir(folder.path())
            .args(arguments);
        Self {
            command,
            folder,
            input: Vec::new(),
        }
    }

    /// With a database.
    pub(crate) fn on(mut self, store: &Store) -> Self {
        self.command.arg("--database-url").arg(store.address());
        self
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// With a variable in its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With a file in its working folder.
    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// With this on its standard input.
    pub(crate) fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = text.into();
        self
    }

    /// Its working folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command itself, to be started by hand.
    pub(super) fn into_parts(self) -> (Command, tempfile::TempDir) {
        (self.command, self.folder)
    }

    /// Runs it to its end.
    pub(crate) fn run(&mut self) -> Output {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        // A command that does not read its input closes it: nothing to complain about.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Output {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Imports one page from a file `page.txt`.
pub(crate) fn import(store: &Store, page: impl AsRef<[u8]>, arguments: &[&str]) -> Output {
    Masthead::new(["import", "page.txt"])
        .args(arguments)
        .on(store)
        .file("page.txt", page)
        .run()
}

impl Masthead {
    fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }
}

impl Output {
    /// Asserts that the command did what it was asked to.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// A row of the table that an import ends with, as numbers by the names of its columns.
    #[track_caller]
    pub(crate) fn count(&self, row: &str, column: &str) -> u64 {
        let cells = |line: &str| -> Vec<String> {
            line.split(['│', '┆', '|', '║', '\t'])
                .flat_map(|cell| cell.split("  "))
                .map(|cell| cell.trim().to_lowercase())
                .filter(|cell| !cell.is_empty())
                .collect()
        };
        let lines: Vec<Vec<String>> = self.out.lines().map(cells).collect();
        let header = lines
            .iter()
            .find(|cells| cells.iter().any(|cell| cell == "unchanged"))
            .unwrap_or_else(|| panic!("no table in {self:#?}"));
        let values = lines
            .iter()
            .find(|cells| cells.first().is_some_and(|cell| cell == row))
            .unwrap_or_else(|| panic!("no row '{row}' in {self:#?}"));
        // Counted from the right: the head of the first column may be empty.
        let from_the_right = header
            .iter()
            .rev()
            .position(|cell| cell == column)
            .expect("the column");
        let value = values.iter().rev().nth(from_the_right).expect("the cell");
        value
            .parse()
            .unwrap_or_else(|_| panic!("'{value}' is no number in {self:#?}"))
    }
}
