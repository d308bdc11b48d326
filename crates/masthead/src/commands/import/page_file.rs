//! Where pages come from: files, folders, standard input.

use std::{
    ffi::OsStr,
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::shown;
use crate::failure::Failure;

/// The largest page, in bytes. A saved page has some thousands; what is larger is something else.
const LARGEST_PAGE: u64 = 16 * 1024 * 1024;

/// Where one page comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    StandardInput,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::StandardInput => formatter.write_str("-"),
        }
    }
}

/// Why a page's text cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The system does not give it.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no text in UTF-8.
    #[error("byte {byte} (0x{value:02X}) is not UTF-8: save the page as text in UTF-8")]
    Encoding {
        /// The line of the byte, from 1 on.
        line: usize,
        /// The byte's place in the file, from 1 on.
        byte: usize,
        /// What it is.
        value: u8,
    },
    /// It is too large for a page.
    #[error("it has more than {} MiB: that is no saved page", LARGEST_PAGE / 1024 / 1024)]
    TooLarge,
}

impl ReadError {
    /// The line at which it went wrong, from 1 on.
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::Encoding { line, .. } => Some(*line),
            Self::Io(_) | Self::TooLarge => None,
        }
    }
}

impl Source {
    /// Its text.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8, or is larger than any page.
    pub(super) fn read(&self) -> Result<String, ReadError> {
        match self {
            Self::File(path) => read_text(File::open(path)?),
            Self::StandardInput => read_text(io::stdin().lock()),
        }
    }
}

fn read_text(source: impl Read) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    let length = source.take(LARGEST_PAGE + 1).read_to_end(&mut bytes)?;
    if length as u64 > LARGEST_PAGE {
        return Err(ReadError::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = bytes.get(..good).unwrap_or_default();
        ReadError::Encoding {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            byte: good + 1,
            value: bytes.get(good).copied().unwrap_or_default(),
        }
    })
}

/// The pages that these paths stand for, in order.
///
/// # Errors
/// When a path leads nowhere, or a folder cannot be looked into.
pub(super) fn sources(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            if sources.contains(&Source::StandardInput) {
                return Err(Failure::Setting(
                    "'-' stands for standard input, which can be read once".to_owned(),
                ));
            }
            sources.push(Source::StandardInput);
            continue;
        }
        let unusable = |error: io::Error| {
            Failure::Setting(format!(
                "'{}' cannot be imported: {error}; check the path",
                shown(path)
            ))
        };
        if fs::metadata(path).map_err(unusable)?.is_dir() {
            let before = sources.len();
            add_folder(path, &mut sources).map_err(unusable)?;
            if sources.len() == before {
                let problem = format!(
                    "the folder '{}' holds no *.txt file: check the path",
                    shown(path)
                );
                return Err(Failure::Setting(problem));
            }
        } else {
            sources.push(Source::File(path.clone()));
        }
    }
    Ok(sources)
}

/// Adds a folder's text files, and those of its folders, by name. What begins with a dot is hidden, and links
/// to folders could lead round in a circle: both are left out.
fn add_folder(folder: &Path, sources: &mut Vec<Source>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            add_folder(&path, sources)?;
        } else if is_text_file(&path) {
            sources.push(Source::File(path));
        }
    }
    Ok(())
}

fn is_text_file(path: &Path) -> bool {
    // Follows a link. What cannot be looked at is taken for a file: reading it then tells why not.
    let is_file = fs::metadata(path).map_or(true, |metadata| metadata.is_file());
    is_file
        && path
            .extension()
            .and_then(OsStr::to_str)
            .is_some_and(|name| name.eq_ignore_ascii_case("txt"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_folder_stands_for_its_text_files_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/inner")).unwrap();
        for name in [
            "c.txt",
            "a.TXT",
            "b/2.txt",
            "b/1.txt",
            "b/inner/0.txt",
            "note.md",
            ".hidden.txt",
        ] {
            fs::write(root.join(name), "").unwrap();
        }
        let found = sources(&[root.to_owned(), PathBuf::from("-")]).unwrap();
        let names: Vec<String> = found
            .iter()
            .map(|source| {
                source
                    .to_string()
                    .replace(&format!("{}/", root.display()), "")
            })
            .collect();
        assert_eq!(
            names,
            ["a.TXT", "b/1.txt", "b/2.txt", "b/inner/0.txt", "c.txt", "-"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_links_to_itself_ends() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("page.txt"), "").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again.txt")).unwrap();
        assert_eq!(sources(&[folder.path().to_owned()]).unwrap().len(), 1);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_a_wrong_setting() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nowhere.txt");
        for (path, expected) in [
            (missing.as_path(), "nowhere.txt"),
            (folder.path(), "holds no *.txt file"),
        ] {
            let failure = sources(&[path.to_owned()]).unwrap_err();
            assert!(
                matches!(&failure, Failure::Setting(text) if text.contains(expected)),
                "{failure}"
            );
        }
        let twice = sources(&[PathBuf::from("-"), PathBuf::from("-")]);
        assert!(matches!(twice, Err(Failure::Setting(_))));
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_at_its_line() {
        assert_eq!(read_text("नेपाल\r\n".as_bytes()).unwrap(), "नेपाल\r\n");
        let error = read_text(&b"One\nTwo\nCaf\xE9\n"[..]).unwrap_err();
        assert_eq!(error.line(), Some(3));
        assert_eq!(
            error.to_string(),
            "byte 12 (0xE9) is not UTF-8: save the page as text in UTF-8"
        );
    }

    #[test]
    fn what_is_too_large_for_a_page_is_not_read_on() {
        let error = read_text(io::repeat(b'a')).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge), "{error}");
        assert!(error.to_string().contains("16 MiB"));
    }
}
