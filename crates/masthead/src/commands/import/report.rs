//! What an import did: a table, a sentence, and the failures.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use masthead_newsroom::saved_page_import::{PageReport, Tally};

use super::PageFailure;

/// What an import did. Its text is what is printed at the end.
#[derive(Debug, Default)]
pub(super) struct Report {
    pages: Tally,
    articles: Tally,
    magazine_issues: Tally,
    failures: Vec<PageFailure>,
    /// How many pages were left because the database was gone.
    not_read: usize,
}

impl Report {
    /// Counts a page that was taken in.
    pub(super) fn add_page(&mut self, page: &PageReport) {
        add(&mut self.articles, page.articles);
        add(&mut self.magazine_issues, page.magazine_issues);
        // A page is as new as the newest that it brought.
        let of_page = if page.articles.new + page.magazine_issues.new > 0 {
            &mut self.pages.new
        } else if page.articles.changed + page.magazine_issues.changed > 0 {
            &mut self.pages.changed
        } else {
            &mut self.pages.unchanged
        };
        *of_page += 1;
    }

    /// Counts a page that was not taken in.
    pub(super) fn add_failure(&mut self, failure: PageFailure) {
        self.failures.push(failure);
    }

    /// The import ends before its time, of so many pages in all.
    pub(super) fn stop(&mut self, pages: usize) {
        self.not_read = pages.saturating_sub(self.read());
    }

    /// Whether there was any page that was not taken in.
    pub(super) fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    fn read(&self) -> usize {
        self.pages.total() + self.failures.len()
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_style(ASCII_MARKDOWN)
            .set_header(["", "read", "new", "changed", "unchanged", "failed"])
            .add_row(row(
                "pages",
                self.read(),
                self.pages,
                self.failures.len().to_string(),
            ))
            // What stands on a page that failed is not known.
            .add_row(row(
                "articles",
                self.articles.total(),
                self.articles,
                "-".to_owned(),
            ))
            .add_row(row(
                "magazine issues",
                self.magazine_issues.total(),
                self.magazine_issues,
                "-".to_owned(),
            ));
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    fn sentence(&self) -> String {
        let (articles, issues) = (self.articles, self.magazine_issues);
        let counted = |articles: usize, issues: usize| {
            let parts = [
                plural(articles, "article"),
                plural(issues, "magazine issue"),
            ];
            parts
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" and ")
        };
        let new = counted(articles.new, issues.new);
        let changed = counted(articles.changed, issues.changed);
        match (new.as_str(), changed.as_str()) {
            ("", "") => "Nothing changed.".to_owned(),
            (new, "") => format!("New: {new}."),
            ("", changed) => format!("Changed: {changed}."),
            (new, changed) => format!("New: {new}; changed: {changed}."),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n\n{}", self.table(), self.sentence())?;
        if self.not_read > 0 {
            let left = self.not_read;
            writeln!(
                formatter,
                "The database does not answer any more: {left} of the pages were not read."
            )?;
        }
        if self.has_failures() {
            writeln!(formatter, "\nFailed:")?;
        }
        for failure in &self.failures {
            writeln!(formatter, "{}: {}", failure.place, failure.reason)?;
        }
        Ok(())
    }
}

fn add(sum: &mut Tally, tally: Tally) {
    sum.new += tally.new;
    sum.changed += tally.changed;
    sum.unchanged += tally.unchanged;
}

fn row(name: &str, read: usize, tally: Tally, failed: String) -> [String; 6] {
    let counted = [read, tally.new, tally.changed, tally.unchanged].map(|count| count.to_string());
    let [read, new, changed, unchanged] = counted;
    [name.to_owned(), read, new, changed, unchanged, failed]
}

fn plural(count: usize, name: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {name}")),
        _ => Some(format!("{count} {name}s")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Place, *};

    fn page(articles: [usize; 3], magazine_issues: [usize; 3]) -> PageReport {
        let tally = |[new, changed, unchanged]: [usize; 3]| Tally {
            new,
            changed,
            unchanged,
        };
        PageReport {
            articles: tally(articles),
            magazine_issues: tally(magazine_issues),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn all_pages_are_summed_up() {
        let mut report = Report::default();
        report.add_page(&page([20, 1, 0], [1, 0, 3]));
        report.add_page(&page([0, 1, 19], [0, 0, 4]));
        report.add_page(&page([0, 0, 12], [0, 0, 4]));
        report.add_failure(PageFailure {
            place: Place {
                source: "pages/bad.txt".to_owned(),
                line: Some(7),
            },
            reason: "a date that the calendar does not have".to_owned(),
            in_database: false,
        });
        assert_eq!(
            report.to_string(),
            "\
|                 | read | new | changed | unchanged | failed |
|-----------------|------|-----|---------|-----------|--------|
| pages           |    4 |   1 |       1 |         1 |      1 |
| articles        |   53 |  20 |       2 |        31 |      - |
| magazine issues |   12 |   1 |       0 |        11 |      - |

New: 20 articles and 1 magazine issue; changed: 2 articles.

Failed:
pages/bad.txt:7: a date that the calendar does not have
"
        );
        assert!(report.has_failures());
    }

    #[test]
    fn pages_that_bring_nothing_change_nothing() {
        let mut report = Report::default();
        report.add_page(&page([0, 0, 24], [0, 0, 4]));
        let text = report.to_string();
        assert!(text.ends_with("\n\nNothing changed.\n"), "{text}");
        assert!(!report.has_failures());
    }

    #[test]
    fn an_import_that_ends_before_its_time_says_so() {
        let mut report = Report::default();
        report.add_page(&page([1, 0, 0], [0, 0, 0]));
        report.add_failure(PageFailure {
            place: Place {
                source: "-".to_owned(),
                line: None,
            },
            reason: "the database failed".to_owned(),
            in_database: true,
        });
        report.stop(10);
        let text = report.to_string();
        assert!(
            text.contains("New: 1 article.\nThe database does not answer any more: 8 of the pages"),
            "{text}"
        );
        assert!(
            text.ends_with("Failed:\n-: the database failed\n"),
            "{text}"
        );
    }
}
