//! What is left, for everyone, of articles that have been taken down.

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::{Withdrawal, WithdrawnArticle},
    identifier::ArticleId,
    revision::RevisionPurpose,
};

use crate::{PersistenceError, Reader, articles::instant, row::column};

impl Reader<'_> {
    /// Of these articles those that have been taken down: when, why, and with which revision.
    ///
    /// Whoever asks is told the same, within the sections that they are told of. Only what is published can be taken down,
    /// so there is nobody else from whom it was hidden before, and the public change log has told of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdrawn_articles(
        &self,
        ids: &[ArticleId],
    ) -> Result<Vec<WithdrawnArticle>, PersistenceError> {
        let mut sql =
            self.sql("SELECT article.id, article.withdrawn_at, article.withdrawal_reason, ");
        // The revision that says so; of a database whose first versions kept none, the last before.
        sql.text("COALESCE((SELECT MAX(revision.number) FROM article_revision AS revision WHERE revision.article_id = article.id AND revision.purpose = ")
            .value(RevisionPurpose::Withdraw.name())
            .text("), (SELECT MAX(revision.number) FROM article_revision AS revision WHERE revision.article_id = article.id AND revision.at <= article.withdrawn_at), 1) FROM ");
        sql.each_wanted(ids.iter().map(|id| id.number()))
            .text("article ON article.id = wanted.value WHERE article.withdrawn_at IS NOT NULL");
        self.allowed(&mut sql, "article", "id");
        self.all(sql)
            .await?
            .iter()
            .map(|row| {
                let revision: i64 = column(row, 3)?;
                Ok(WithdrawnArticle {
                    id: ArticleId::from_number(column(row, 0)?),
                    withdrawal: Withdrawal {
                        at: instant(column(row, 1)?)?,
                        reason: column::<Option<String>>(row, 2)?.unwrap_or_default(),
                    },
                    revision: i32::try_from(revision)
                        .map_err(|_| PersistenceError::stored(format!("revision {revision}")))?,
                })
            })
            .collect()
    }

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
