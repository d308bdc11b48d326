//! The sample magazine that a new database can be filled with. It is part of the binary.

use masthead_domain::clock::Clock;
use masthead_newsroom::sample::{SampleFile, fill_with_sample};
use masthead_persistence::Database;
use rust_embed::{Embed, EmbeddedFile};

use crate::failure::Failure;

/// Its files, from the folder `sample`.
#[derive(Embed)]
#[folder = "../../sample/"]
struct SampleFolder;

/// Fills the database, unless it holds an article already.
pub(super) async fn fill(database: &Database, clock: &Clock) -> Result<(), Failure> {
    let contents: Vec<(String, EmbeddedFile)> = SampleFolder::iter()
        // About the folder, and no part of the magazine.
        .filter(|path| path != "README.md")
        .filter_map(|path| Some((path.to_string(), SampleFolder::get(&path)?)))
        .collect();
    let files = contents.iter().map(|(path, file)| {
        let text = std::str::from_utf8(&file.data).map_err(|error| {
            Failure::Failed(format!("the sample's file {path} is not UTF-8: {error}"))
        })?;
        Ok(SampleFile { path, text })
    });
    let mut files = files.collect::<Result<Vec<_>, Failure>>()?;
    // The order of the names is the order of the articles.
    files.sort_by_key(|file| file.path);
    let filled = fill_with_sample(database, clock, &files)
        .await
        .map_err(|error| {
            Failure::Failed(format!(
                "the database cannot be filled with the sample: {error}"
            ))
        })?;
    match filled {
        Some(report) => tracing::info!(
            articles = report.articles,
            magazine_issues = report.magazine_issues,
            "the database has been filled with the sample magazine"
        ),
        None => {
            tracing::info!("the database holds articles already: the sample magazine is left out")
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_sample_is_part_of_the_binary() {
        let paths: Vec<_> = SampleFolder::iter().collect();
        for table in [
            "publication",
            "sections",
            "contributors",
            "topics",
            "magazine-issues",
        ] {
            assert!(
                paths.iter().any(|path| *path == format!("{table}.toml")),
                "{table}"
            );
        }
        let articles = paths
            .iter()
            .filter(|path| path.starts_with("articles/"))
            .count();
        assert!(articles >= 40, "{articles} articles");
    }
}
