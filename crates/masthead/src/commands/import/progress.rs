//! What is seen of an import while it goes on: a bar where a person looks, else a line of the log a page.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};

use super::{page_file::Source, say};

/// The import's progress, on standard error.
pub(super) struct Progress {
    /// Only on a terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins, with this many pages to come.
    pub(super) fn new(pages: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
            let bar = ProgressBar::new(pages as u64);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar }
    }

    /// A page begins.
    pub(super) fn begin(&self, source: &Source) {
        match &self.bar {
            Some(bar) => bar.set_message(source.to_string()),
            None => tracing::info!(page = %source, "importing"),
        }
    }

    /// A page has ended, well or not.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Writes a line, above the bar.
    pub(super) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
