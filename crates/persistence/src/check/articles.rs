//! Articles, with what hangs on them.

use masthead_domain::{body::Body, identifier::ArticleId, node_id::NodeId};

use super::{BODIES, Check, Flaw, Instant, ROWS, unreadable};
use crate::{
    PersistenceError,
    articles::{COLUMN_COUNT, COLUMNS, article, stored_slug},
    row::{Row, column},
};

/// When everyone may see an article, as it follows from its publication and withdrawal.
pub(super) const VISIBLE_FROM: &str =
    "CASE WHEN article.withdrawn_at IS NULL THEN article.published_at END";

/// What is stored beside an article's own columns.
struct Beside {
    published_at: Option<i64>,
    withdrawn_at: Option<i64>,
    withdrawal_reason: Option<String>,
    visible_from: Option<i64>,
    blocks: Option<String>,
    slug_holder: Option<i64>,
    slug_known_from: Option<i64>,
}

fn beside(row: &Row) -> Result<Beside, PersistenceError> {
    Ok(Beside {
        published_at: column(row, 10)?,
        withdrawn_at: column(row, 12)?,
        withdrawal_reason: column(row, 18)?,
        visible_from: column(row, COLUMN_COUNT)?,
        blocks: column(row, COLUMN_COUNT + 1)?,
        slug_holder: column(row, COLUMN_COUNT + 2)?,
        slug_known_from: column(row, COLUMN_COUNT + 3)?,
    })
}

pub(super) fn node(id: i64) -> NodeId {
    NodeId::Article(ArticleId::from_number(id))
}

impl Check<'_> {
    pub(super) async fn articles(&mut self) -> Result<(), PersistenceError> {
        let mut after = i64::MIN;
        loop {
            let mut sql = self.reader.sql("SELECT ");
            sql.text(COLUMNS)
                .text(
                    ", article.visible_from, body.blocks, slug.article_id, slug.known_from FROM article \
                     LEFT JOIN article_body AS body ON body.article_id = article.id \
                     LEFT JOIN article_slug AS slug ON slug.slug = article.slug WHERE article.id > ",
                )
                .value(after)
                .text(" ORDER BY article.id LIMIT ")
                .value(BODIES);
            let mut rows = self.reader.all(sql).await?;
            let Some(last) = rows.last() else { break };
            after = column(last, 0)?;
            for row in &mut rows {
                self.checked.articles += 1;
                self.article(row)?;
            }
        }
        self.slugs().await?;
        self.filed("article_byline", true).await?;
        self.filed("article_topic", true).await?;
        self.filed("article_correction", false).await
    }

    fn article(&mut self, row: &mut Row) -> Result<(), PersistenceError> {
        let id: i64 = column(row, 0)?;
        let (article, beside) = match article(row).and_then(|article| Ok((article, beside(row)?))) {
            Ok(read) => read,
            Err(error) => {
                self.find("article", id, node(id), unreadable(error));
                return Ok(());
            }
        };
        let visible_from = article.visible_from().map(|at| at.timestamp_millis());
        if beside.visible_from != visible_from {
            let flaw = Flaw::VisibleFrom {
                stored: Instant(beside.visible_from),
                right: Instant(visible_from),
            };
            self.find("article", id, node(id), flaw);
        }
        if beside.withdrawn_at.is_some() && beside.published_at.is_none() {
            self.find("article", id, node(id), Flaw::WithdrawnUnpublished);
        }
        if beside.withdrawn_at.is_some() != beside.withdrawal_reason.is_some() {
            self.find("article", id, node(id), Flaw::WithdrawalReason);
        }
        let slug = article.slug.to_string();
        match beside.slug_holder {
            None => self.find("article", id, node(id), Flaw::SlugNotKept(slug)),
            Some(holder) if holder != id => {
                let flaw = Flaw::SlugOfAnother { slug, holder };
                self.find("article", id, node(id), flaw);
            }
            // One that was given to it after it had been withdrawn is the newsroom's alone.
            Some(_) if visible_from.is_some() && beside.slug_known_from.is_none() => {
                let right = Instant(visible_from);
                self.find("article", id, node(id), Flaw::SlugNotKnown { slug, right });
            }
            Some(_) => {}
        }
        match beside.blocks.as_deref().map(serde_json::from_str::<Body>) {
            None => self.find("article", id, node(id), Flaw::NoBody),
            Some(Err(error)) => {
                let flaw = Flaw::Unreadable(format!("body: {error}"));
                self.find("article_body", id, node(id), flaw);
            }
            Some(Ok(body)) if body.word_count() != article.word_count => {
                let flaw = Flaw::WordCount {
                    stored: article.word_count,
                    right: body.word_count(),
                };
                self.find("article", id, node(id), flaw);
            }
            Some(Ok(_)) => {}
        }
        Ok(())
    }

    /// Whether every slug that an article has or had can be read.
    async fn slugs(&mut self) -> Result<(), PersistenceError> {
        let mut after: Option<String> = None;
        loop {
            // Not one that its article bears now: that is found with the article.
            let mut sql = self.reader.sql(
                "SELECT former.slug FROM article_slug AS former WHERE NOT EXISTS \
                 (SELECT 1 FROM article WHERE article.slug = former.slug)",
            );
            if let Some(after) = after {
                sql.text(" AND former.slug > ").value(after);
            }
            sql.text(" ORDER BY former.slug LIMIT ").value(ROWS);
            let rows = self.reader.all(sql).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(column(last, 0)?);
            for row in &rows {
                let slug: String = column(row, 0)?;
                if let Err(error) = stored_slug(&slug) {
                    self.find("article_slug", format!("'{slug}'"), None, unreadable(error));
                }
            }
        }
    }

    /// Whether the rows that hang on articles stand one after the other, and their copies are right.
    async fn filed(&mut self, table: &str, with_copies: bool) -> Result<(), PersistenceError> {
        let gaps = self
            .wrong(&format!(
                "SELECT article_id FROM {table} GROUP BY article_id \
                 HAVING MIN(position) <> 0 OR MAX(position) <> COUNT(*) - 1 ORDER BY article_id"
            ))
            .await?;
        for row in gaps {
            let id: i64 = column(&row, 0)?;
            self.find(table, id, node(id), Flaw::Positions);
        }
        if !with_copies {
            return Ok(());
        }
        let copies = self
            .wrong(&format!(
                "SELECT filed.article_id, filed.position, filed.visible_from, {VISIBLE_FROM} FROM {table} AS filed \
                 JOIN article ON article.id = filed.article_id \
                 WHERE filed.visible_from IS DISTINCT FROM {VISIBLE_FROM} ORDER BY filed.article_id, filed.position"
            ))
            .await?;
        for row in copies {
            let id: i64 = column(&row, 0)?;
            let position: i64 = column(&row, 1)?;
            let flaw = Flaw::VisibleFromCopy {
                stored: Instant(column(&row, 2)?),
                right: Instant(column(&row, 3)?),
            };
            self.find(table, format!("{id} position {position}"), node(id), flaw);
        }
        Ok(())
    }
}
