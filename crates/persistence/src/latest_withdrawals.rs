//! What has been taken down last.

use chrono::{DateTime, Utc};
use masthead_domain::identifier::ArticleId;

use crate::{PersistenceError, Reader, articles::instant, row::column};

impl Reader<'_> {
    /// The articles that were taken down last, at most so many, the latest first, each with the time.
    ///
    /// Whoever asks is told the same, within the sections that they are told of: only what is published can be taken
    /// down, and the public change log has told of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_withdrawals(
        &self,
        count: u16,
    ) -> Result<Vec<(ArticleId, DateTime<Utc>)>, PersistenceError> {
        let mut sql = self.sql(
            "SELECT article.id, article.withdrawn_at FROM article WHERE article.withdrawn_at IS NOT NULL",
        );
        self.allowed(&mut sql, "article", "id");
        sql.text(" ORDER BY article.withdrawn_at DESC, article.id DESC LIMIT ")
            .value(i64::from(count));
        self.all(sql)
            .await?
            .iter()
            .map(|row| {
                let id = ArticleId::from_number(column(row, 0)?);
                Ok((id, instant(column(row, 1)?)?))
            })
            .collect()
    }
}
