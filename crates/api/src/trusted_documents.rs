//! Trusted documents: the GraphQL documents that a server knows before anyone asks.
//!
//! A client names one by `documentId` in place of sending it (GraphQL over HTTP, appendix on persisted documents): by the
//! name of its operation, or by the SHA-256 of its text as `sha256:…`. Those of the folder `operations` are part of
//! the binary; an operator has more in a folder of their own, one operation a file.

use std::{collections::HashMap, fs, path::Path, sync::Arc};

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument};
use rust_embed::RustEmbed;

use crate::{
    digest::sha256,
    limits::{self, LimitSettings},
};

/// What stands before a digest that names a document.
const SHA256: &str = "sha256:";

#[derive(RustEmbed)]
#[folder = "../../operations/"]
struct Operations;

/// Documents by what names them.
#[derive(Clone, Debug, Default)]
pub struct TrustedDocuments {
    by_name: HashMap<String, Arc<str>>,
    by_digest: HashMap<String, Arc<str>>,
}

/// A document that cannot be taken. The text says what is wrong, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct TrustedDocumentError {
    place: String,
    problem: String,
}

impl TrustedDocuments {
    /// The documents that are part of the binary, and those of the operator's folder where one is named. One of the
    /// operator's with the name of one of ours stands in its place.
    ///
    /// # Errors
    /// When a file cannot be read, is no document within the limits, or does not hold one operation with a name.
    pub fn load(
        folder: Option<&Path>,
        limits: &LimitSettings,
    ) -> Result<Self, TrustedDocumentError> {
        let mut documents = Self::default();
        for path in Operations::iter() {
            let text = Operations::get(&path)
                .map(|file| file.data)
                .unwrap_or_default();
            documents.add(&path, &String::from_utf8_lossy(&text), limits)?;
        }
        let Some(folder) = folder else {
            return Ok(documents);
        };
        let unreadable = |path: &Path, error: std::io::Error| TrustedDocumentError {
            place: path.display().to_string(),
            problem: format!("it cannot be read ({error}): check 'documents_folder' in [http]"),
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "graphql")
            {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            documents.add(&path.display().to_string(), &text, limits)?;
        }
        Ok(documents)
    }

    fn add(
        &mut self,
        place: &str,
        text: &str,
        limits: &LimitSettings,
    ) -> Result<(), TrustedDocumentError> {
        let wrong = |problem: String| TrustedDocumentError {
            place: place.to_owned(),
            problem,
        };
        let document = limits::parse(text, limits).map_err(|error| wrong(error.to_string()))?;
        let name = only_operation(&document).ok_or_else(|| {
            wrong(
                "write one operation a file, and give it a name, as in 'query latest { … }'"
                    .to_owned(),
            )
        })?;
        let text: Arc<str> = Arc::from(text);
        self.by_digest.insert(sha256(&*text), text.clone());
        self.by_name.insert(name, text);
        Ok(())
    }

    /// The document that a client names.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<str>> {
        match id.strip_prefix(SHA256) {
            Some(digest) => self.by_digest(digest),
            None => self.by_name.get(id).cloned(),
        }
    }

    /// The document whose text has this SHA-256 in hexadecimal.
    pub(crate) fn by_digest(&self, digest: &str) -> Option<Arc<str>> {
        self.by_digest.get(digest).cloned()
    }

    /// Whether this very text is one of them.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.by_digest.contains_key(&sha256(text))
    }

    /// The texts of all of them.
    pub(crate) fn texts(&self) -> Vec<Arc<str>> {
        self.by_digest.values().cloned().collect()
    }

    /// Each document's name and its text, by name.
    pub fn named(&self) -> Vec<(&str, &str)> {
        let mut named: Vec<(&str, &str)> = self
            .by_name
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_ref()))
            .collect();
        named.sort_unstable();
        named
    }
}

/// The name of a document's one operation.
fn only_operation(document: &ExecutableDocument) -> Option<String> {
    match &document.operations {
        DocumentOperations::Single(_) => None,
        DocumentOperations::Multiple(operations) => {
            let mut names = operations.keys();
            let name = names.next()?.to_string();
            names.next().is_none().then_some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn the_documents_of_the_seed_page_are_there_by_name_and_by_digest() {
        let documents = TrustedDocuments::load(None, &LimitSettings::default()).unwrap();
        let names: Vec<&str> = documents.named().iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "articlePage",
                "changes",
                "latest",
                "magazineIssue",
                "magazineIssues",
                "relatedArticles"
            ]
        );
        for (name, text) in documents.named() {
            let by_digest = documents.find(&format!("sha256:{}", sha256(text)));
            assert_eq!(by_digest.as_deref(), Some(text), "{name}");
            assert_eq!(documents.find(name).as_deref(), Some(text));
            assert!(documents.holds(text) && !documents.holds(&text[1..]));
        }
        assert_eq!(documents.find("sha256:latest"), None);
        assert_eq!(documents.find(""), None);
    }

    #[test]
    fn a_folder_of_the_operators_adds_and_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("latest.graphql", "query latest { latest { nodes { id } } }");
        write("mine.graphql", "query mine { sections { slug } }");
        write("notes.txt", "not a document");
        let load = || TrustedDocuments::load(Some(folder.path()), &LimitSettings::default());
        let documents = load().unwrap();
        assert_eq!(
            documents.find("mine").as_deref(),
            Some("query mine { sections { slug } }")
        );
        assert!(
            documents
                .find("latest")
                .unwrap()
                .starts_with("query latest { latest")
        );
        for (text, expected) in [
            ("{ sections { slug } }", "give it a name"),
            ("query a { a } query b { b }", "one operation a file"),
            ("query a { a", "expected"),
        ] {
            write("wrong.graphql", text);
            let error = load().unwrap_err().to_string();
            assert!(
                error.contains("wrong.graphql") && error.contains(expected),
                "{error}"
            );
        }
        let missing =
            TrustedDocuments::load(Some(&folder.path().join("none")), &LimitSettings::default());
        assert!(
            missing
                .unwrap_err()
                .to_string()
                .contains("documents_folder")
        );
    }
}
