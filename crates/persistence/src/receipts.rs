//! Receipts: how far partners have read, and which withdrawals their reading has come past.
//!
//! A reading that comes past a withdrawal is written down with it, once: so it is known when that was, however far the
//! partner has read since.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use masthead_domain::{
    change::{ChangeKind, Stream},
    identifier::{ArticleId, PartnerId, SectionId},
    node_id::NodeId,
    partner::{Partner, PartnerStatus},
    receipt::{Reading, Way, WayReceipt, WithdrawalReceipt},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::OnConflict,
};

use crate::{
    PersistenceError, Reader, Transaction, articles::instant, row::column,
    webhooks::ARTICLE_REMOVED,
};

use entities::{reading, withdrawal_receipt};

/// The most rows that one statement inserts: each has five values, and SQLite takes 32,766 of them.
const ROWS_OF_A_STATEMENT: usize = 1_000;

#[allow(unreachable_pub, reason = "SeaORM's derives want their types public")]
mod entities {
    /// How far partners have come in what they read.
    pub(super) mod reading {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "reading")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub partner_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub place: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub stream: i64,
            pub through: i64,
            pub at: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// The withdrawals that their reading has come past.
    pub(super) mod withdrawal_receipt {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "withdrawal_receipt")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub article_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub withdrawn_at: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub partner_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub place: String,
            pub at: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

impl Reader<'_> {
    /// Who has been told that an article was withdrawn at a time, and who has not: the partners who are told of its
    /// sections and have not ended, by name, then the magazine's own webhooks.
    ///
    /// The newsroom's alone: another reader is told of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receipts(
        &self,
        article: ArticleId,
        withdrawn_at: DateTime<Utc>,
    ) -> Result<Vec<WithdrawalReceipt>, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(Vec::new());
        }
        let sections = self.sections_of(article).await?;
        let is_concerned = |partner: &Partner| {
            partner.status != PartnerStatus::Ended
                && partner.sections.as_ref().is_none_or(|allowed| {
                    sections.iter().any(|section| allowed.allow(Some(*section)))
                })
        };
        let told = self.told_of(article, withdrawn_at).await?;
        let mut ways: HashMap<Option<PartnerId>, Vec<WayReceipt>> = HashMap::new();
        for (partner, place, last_read_at) in self.last_readings().await? {
            let key = (partner, place);
            ways.entry(Some(partner)).or_default().push(WayReceipt {
                told_at: told.get(&key).copied(),
                last_at: Some(last_read_at),
                way: Way::Reading(key.1),
            });
        }
        for (partner, receipt) in self.webhooks_told_of(article, withdrawn_at).await? {
            ways.entry(partner).or_default().push(receipt);
        }
        let mut receipt = |partner: Option<(PartnerId, String)>| {
            let mut ways = ways
                .remove(&partner.as_ref().map(|(id, _)| *id))
                .unwrap_or_default();
            ways.sort_by_key(|way| (way.told_at.is_none(), way.told_at));
            WithdrawalReceipt { partner, ways }
        };
        let partners = self.partners().await?.into_iter().filter(is_concerned);
        let mut receipts: Vec<WithdrawalReceipt> = partners
            .map(|partner| receipt(Some((partner.id, partner.name))))
            .collect();
        receipts.extend(Some(receipt(None)).filter(|own| !own.ways.is_empty()));
        Ok(receipts)
    }

    /// The sections in which an article stands, and those in which it stood, one perhaps several times.
    async fn sections_of(&self, article: ArticleId) -> Result<Vec<SectionId>, PersistenceError> {
        let mut sql =
            self.sql("SELECT section_id FROM article WHERE section_id IS NOT NULL AND id = ");
        sql.value(article.number())
            .text(" UNION ALL SELECT section_id FROM article_former_section WHERE article_id = ")
            .value(article.number());
        let rows = self.all(sql).await?;
        rows.iter()
            .map(|row| column(row, 0).map(SectionId::from_number))
            .collect()
    }

    async fn told_of(
        &self,
        article: ArticleId,
        withdrawn_at: DateTime<Utc>,
    ) -> Result<HashMap<(PartnerId, String), DateTime<Utc>>, PersistenceError> {
        let mut sql =
            self.sql("SELECT partner_id, place, at FROM withdrawal_receipt WHERE article_id = ");
        sql.value(article.number())
            .text(" AND withdrawn_at = ")
            .value(withdrawn_at.timestamp_millis());
        let rows = self.all(sql).await?;
        rows.iter()
            .map(|row| {
                let partner = PartnerId::from_number(column(row, 0)?);
                Ok(((partner, column(row, 1)?), instant(column(row, 2)?)?))
            })
            .collect()
    }

    /// Whether each webhook has been told, whose it is; none of one that was made afterwards and was never to be told.
    async fn webhooks_told_of(
        &self,
        article: ArticleId,
        withdrawn_at: DateTime<Utc>,
    ) -> Result<Vec<(Option<PartnerId>, WayReceipt)>, PersistenceError> {
        let (letter, number) = NodeId::Article(article).parts();
        let at = withdrawn_at.timestamp_millis();
        let mut sql = self.sql(
            "SELECT webhook.id, webhook.partner_id, webhook.url, MIN(delivery.acknowledged_at), MAX(delivery.last_attempt_at) \
             FROM webhook LEFT JOIN webhook_delivery AS delivery ON delivery.webhook_id = webhook.id AND \
             delivery.node_kind = ",
        );
        sql.value(i64::from(letter))
            .text(" AND delivery.node_id = ")
            .value(number)
            .text(" AND delivery.event = ")
            .value(ARTICLE_REMOVED)
            .text(" AND delivery.first_attempt_at >= ")
            .value(at)
            .text(" WHERE webhook.created_at <= ")
            .value(at)
            .text(
                " OR delivery.id IS NOT NULL GROUP BY webhook.id, webhook.partner_id, webhook.url",
            );
        let time = |row, index| column::<Option<i64>>(row, index)?.map(instant).transpose();
        let rows = self.all(sql).await?;
        // Few webhooks there are: the oldest comes first.
        let mut told: BTreeMap<i64, (Option<PartnerId>, WayReceipt)> = BTreeMap::new();
        for row in &rows {
            let partner: Option<i64> = column(row, 1)?;
            let receipt = WayReceipt {
                way: Way::Webhook(column(row, 2)?),
                told_at: time(row, 3)?,
                last_at: time(row, 4)?,
            };
            told.insert(
                column(row, 0)?,
                (partner.map(PartnerId::from_number), receipt),
            );
        }
        Ok(told.into_values().collect())
    }

    /// When each partner last read each place.
    async fn last_readings(
        &self,
    ) -> Result<Vec<(PartnerId, String, DateTime<Utc>)>, PersistenceError> {
        let sql =
            self.sql("SELECT partner_id, place, MAX(at) FROM reading GROUP BY partner_id, place");
        let rows = self.all(sql).await?;
        rows.iter()
            .map(|row| {
                let partner = PartnerId::from_number(column(row, 0)?);
                Ok((partner, column(row, 1)?, instant(column(row, 2)?)?))
            })
            .collect()
    }

    /// The withdrawals that a stream tells of after one number and through another.
    async fn withdrawals_between(
        &self,
        stream: Stream,
        after: i64,
        through: i64,
    ) -> Result<Vec<Withdrawn>, PersistenceError> {
        let (article, _) = NodeId::Article(ArticleId::from_number(0)).parts();
        let mut sql = self.sql("SELECT number, node_id, at FROM change");
        sql.along("change_of_withdrawals")
            .text(" WHERE reason IS NOT NULL AND stream = ")
            .value(stream.number())
            .text(" AND number > ")
            .value(after)
            .text(" AND number <= ")
            .value(through)
            .text(" AND kind = ")
            .value(ChangeKind::Removed.name())
            .text(" AND node_kind = ")
            .value(i64::from(article))
            .text(" AND EXISTS (SELECT 1 FROM article AS known WHERE known.id = change.node_id)");
        let rows = self.all(sql).await?;
        rows.iter()
            .map(|row| {
                Ok(Withdrawn {
                    number: column(row, 0)?,
                    article: column(row, 1)?,
                    at: column(row, 2)?,
                })
            })
            .collect()
    }
}

/// A withdrawal, as a stream tells of it.
struct Withdrawn {
    /// Its place in the stream.
    number: i64,
    article: i64,
    at: i64,
}

impl Transaction {
    /// Notes how far partners have read, and which withdrawals they have come past with that. What is of a partner that
    /// is not there is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_readings(&self, readings: &[Reading]) -> Result<(), PersistenceError> {
        let known = self.known_partners().await?;
        for stream in Stream::ALL {
            let of_stream: Vec<&Reading> = readings
                .iter()
                .filter(|reading| reading.stream == stream && known.contains(&reading.partner))
                .collect();
            if !of_stream.is_empty() {
                self.note_readings_of(stream, &of_stream).await?;
            }
        }
        Ok(())
    }

    /// The same of one stream: in as many statements for many readings as for one.
    async fn note_readings_of(
        &self,
        stream: Stream,
        readings: &[&Reading],
    ) -> Result<(), PersistenceError> {
        let (last, _) = self.reader().extent(stream).await?;
        let partners = readings.iter().map(|reading| reading.partner.number());
        let before = reading::Entity::find()
            .filter(reading::Column::Stream.eq(stream.number()))
            .filter(reading::Column::PartnerId.is_in(partners.collect::<HashSet<i64>>()))
            // A number ahead of the log is of another database: that of a backup that was gone back to.
            .filter(reading::Column::Through.lte(last))
            .all(self.connection())
            .await?;
        let before: HashMap<(i64, &str), &reading::Model> = before
            .iter()
            .map(|row| ((row.partner_id, row.place.as_str()), row))
            .collect();
        let noted: Vec<(&Reading, Option<&reading::Model>)> = readings
            .iter()
            .map(|reading| {
                let key = (reading.partner.number(), reading.place.as_str());
                (*reading, before.get(&key).copied())
            })
            .collect();
        self.save_receipts(stream, &noted).await?;
        let rows = noted.iter().map(|(reading, before)| {
            reading::Model {
                partner_id: reading.partner.number(),
                place: reading.place.clone(),
                stream: stream.number(),
                through: reading.through.max(through(*before)),
                at: reading
                    .at
                    .timestamp_millis()
                    .max(before.map_or(0, |row| row.at)),
            }
            .into_active_model()
        });
        let rows: Vec<_> = rows.collect();
        for some in rows.chunks(ROWS_OF_A_STATEMENT) {
            reading::Entity::insert_many(some.to_vec())
                .on_conflict(
                    OnConflict::columns([
                        reading::Column::PartnerId,
                        reading::Column::Place,
                        reading::Column::Stream,
                    ])
                    .update_columns([reading::Column::Through, reading::Column::At])
                    .to_owned(),
                )
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Saves which withdrawals readings have come past that they had not before.
    async fn save_receipts(
        &self,
        stream: Stream,
        noted: &[(&Reading, Option<&reading::Model>)],
    ) -> Result<(), PersistenceError> {
        let advanced = || {
            noted
                .iter()
                .map(|(reading, before)| (*reading, through(*before)))
                .filter(|(reading, after)| reading.through > *after)
        };
        let from = advanced().map(|(_, after)| after).min();
        let to = advanced().map(|(reading, _)| reading.through).max();
        let Some((from, to)) = from.zip(to) else {
            return Ok(());
        };
        let withdrawn = self.reader().withdrawals_between(stream, from, to).await?;
        let rows: Vec<_> = advanced()
            .flat_map(|(reading, after)| {
                let passed = withdrawn
                    .iter()
                    .filter(move |one| after < one.number && one.number <= reading.through);
                passed.map(|one| {
                    withdrawal_receipt::Model {
                        article_id: one.article,
                        withdrawn_at: one.at,
                        partner_id: reading.partner.number(),
                        place: reading.place.clone(),
                        at: reading.at.timestamp_millis(),
                    }
                    .into_active_model()
                })
            })
            .collect();
        for some in rows.chunks(ROWS_OF_A_STATEMENT) {
            withdrawal_receipt::Entity::insert_many(some.to_vec())
                .on_conflict_do_nothing_on([
                    withdrawal_receipt::Column::ArticleId,
                    withdrawal_receipt::Column::WithdrawnAt,
                    withdrawal_receipt::Column::PartnerId,
                    withdrawal_receipt::Column::Place,
                ])
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(())
    }

    /// The partners that there are.
    pub(crate) async fn known_partners(&self) -> Result<HashSet<PartnerId>, PersistenceError> {
        let rows = self
            .reader()
            .all(self.reader().sql("SELECT id FROM partner"))
            .await?;
        rows.iter()
            .map(|row| column(row, 0).map(PartnerId::from_number))
            .collect()
    }
}

/// Through which number a reading had come.
fn through(before: Option<&reading::Model>) -> i64 {
    before.map_or(0, |row| row.through)
}
