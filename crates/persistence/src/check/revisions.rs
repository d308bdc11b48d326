//! What articles said before.

use masthead_domain::identifier::ArticleId;

use super::{BODIES, Check, Flaw, articles::node, unreadable};
use crate::{PersistenceError, row::Row, row::column, stories::read_revision};

impl Check<'_> {
    pub(super) async fn revisions(&mut self) -> Result<(), PersistenceError> {
        // An article from before revisions were kept has none, or none before the first save since.
        let numbers = self
            .wrong(
                "SELECT kept.article_id, kept.first, kept.last, kept.kept, article.revision FROM \
                 (SELECT article_id, MIN(number) AS first, MAX(number) AS last, COUNT(*) AS kept \
                 FROM article_revision GROUP BY article_id) AS kept JOIN article ON article.id = kept.article_id \
                 WHERE kept.last <> article.revision OR kept.first < 1 OR kept.last - kept.first + 1 <> kept.kept \
                 ORDER BY kept.article_id",
            )
            .await?;
        for row in numbers {
            let id: i64 = column(&row, 0)?;
            let flaw = Flaw::Revisions {
                first: column(&row, 1)?,
                last: column(&row, 2)?,
                kept: column(&row, 3)?,
                revision: column(&row, 4)?,
            };
            self.find("article_revision", id, node(id), flaw);
        }
        self.stories().await
    }

    /// Whether every revision but an article's present one keeps what the article said, and can be read.
    async fn stories(&mut self) -> Result<(), PersistenceError> {
        let mut after = (i64::MIN, i64::MIN);
        loop {
            let mut sql = self.reader.sql(
                "SELECT kept.number, kept.at, kept.author, kept.purpose, kept.article_id, kept.story, article.revision \
                 FROM article_revision AS kept JOIN article ON article.id = kept.article_id \
                 WHERE (kept.article_id, kept.number) > (",
            );
            sql.value(after.0)
                .text(", ")
                .value(after.1)
                .text(") ORDER BY kept.article_id, kept.number LIMIT ")
                .value(BODIES);
            let rows = self.reader.all(sql).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = (column(last, 4)?, column(last, 0)?);
            for row in &rows {
                self.revision(row)?;
            }
        }
    }

    fn revision(&mut self, row: &Row) -> Result<(), PersistenceError> {
        let id: i64 = column(row, 4)?;
        let number: i64 = column(row, 0)?;
        let present: i64 = column(row, 6)?;
        let story: Option<String> = column(row, 5)?;
        let flaw =
            if let Err(error) = read_revision(row, ArticleId::from_number(id), story.as_deref()) {
                unreadable(error)
            } else if number < present && story.is_none() {
                Flaw::RevisionWithoutStory
            } else if number == present && story.is_some() {
                Flaw::PresentRevisionWithStory
            } else {
                return Ok(());
            };
        let identity = format!("{id} number {number}");
        self.find("article_revision", identity, node(id), flaw);
        Ok(())
    }
}
