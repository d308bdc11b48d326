//! How much partners ask for, day by day.

use chrono::{NaiveDate, TimeDelta};
use masthead_domain::{
    identifier::PartnerId,
    magazine::{day_number, day_of_number},
    usage::{DailyUsage, Usage},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::{Expr, OnConflict},
};

use crate::{PersistenceError, Reader, Transaction, row::column};

use entities::partner_usage;

/// For how long it is kept: what a year's contract is settled by, and a month to do so.
const KEPT: TimeDelta = TimeDelta::days(365 + 31);

#[allow(unreachable_pub, reason = "SeaORM's derives want their types public")]
mod entities {
    /// How much partners ask for.
    pub(super) mod partner_usage {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "partner_usage")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub partner_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub day: i64,
            pub requests: i64,
            pub refused: i64,
            pub bytes: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

impl Reader<'_> {
    /// How much was asked for from one day to another, both of them included, the latest day first: by one partner, or by
    /// each. The newsroom's alone: another reader is told of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn usage(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        partner: Option<PartnerId>,
    ) -> Result<Vec<DailyUsage>, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(Vec::new());
        }
        let mut sql = self.sql(
            "SELECT partner_id, day, requests, refused, bytes FROM partner_usage WHERE day >= ",
        );
        sql.value(day_number(from))
            .text(" AND day <= ")
            .value(day_number(to));
        if let Some(partner) = partner {
            sql.text(" AND partner_id = ").value(partner.number());
        }
        sql.text(" ORDER BY day DESC, partner_id DESC");
        let count =
            |row, index| column::<i64>(row, index).map(|count| u64::try_from(count).unwrap_or(0));
        self.all(sql)
            .await?
            .iter()
            .map(|row| {
                let day: i64 = column(row, 1)?;
                Ok(DailyUsage {
                    partner: PartnerId::from_number(column(row, 0)?),
                    day: day_of_number(day)
                        .ok_or_else(|| PersistenceError::stored(format!("day {day}")))?,
                    usage: Usage {
                        requests: count(row, 2)?,
                        refused: count(row, 3)?,
                        bytes: count(row, 4)?,
                    },
                })
            })
            .collect()
    }
}

impl Transaction {
    /// Adds to what was noted of partners before. What is of a partner that is not there is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_usage(&self, used: &[DailyUsage]) -> Result<(), PersistenceError> {
        let known = self.known_partners().await?;
        let count = |count| i64::try_from(count).unwrap_or(i64::MAX);
        let rows: Vec<_> = used
            .iter()
            .filter(|used| known.contains(&used.partner))
            .map(|used| {
                partner_usage::Model {
                    partner_id: used.partner.number(),
                    day: day_number(used.day),
                    requests: count(used.usage.requests),
                    refused: count(used.usage.refused),
                    bytes: count(used.usage.bytes),
                }
                .into_active_model()
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let sum = |column: &str| Expr::cust(format!("partner_usage.{column} + excluded.{column}"));
        partner_usage::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([partner_usage::Column::PartnerId, partner_usage::Column::Day])
                    .value(partner_usage::Column::Requests, sum("requests"))
                    .value(partner_usage::Column::Refused, sum("refused"))
                    .value(partner_usage::Column::Bytes, sum("bytes"))
                    .to_owned(),
            )
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets what was used long enough ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_usage(&self) -> Result<(), PersistenceError> {
        let past = day_number((self.now() - KEPT).date_naive());
        partner_usage::Entity::delete_many()
            .filter(partner_usage::Column::Day.lt(past))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
