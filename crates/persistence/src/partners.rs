//! Partners, and the tokens that were made for them.
//!
//! Who is asking is looked up in one statement on every request: whether the token was revoked, and the partner that it
//! is bound to, with the sections that it is told of.

use std::{
    collections::{BTreeSet, HashMap},
    num::NonZeroU32,
    sync::Arc,
};

use chrono::TimeDelta;
use masthead_domain::{
    identifier::{PartnerId, PartnerTokenId, SectionId},
    partner::{AllowedSections, Partner, PartnerStatus, PartnerToken},
    viewer::Scope,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::{
    PersistenceError, Reader, Transaction,
    articles::instant,
    entities::overwrite,
    row::{Row, column},
    stories::stored_author,
};

use entities::{partner, partner_section, partner_token};

/// How long a token is still listed after it was revoked or has expired.
const LISTED_AFTER_ITS_END: TimeDelta = TimeDelta::days(365);

/// The columns of a [`Partner`], in the order in which [`read_partner`] reads them: among them the sections that were
/// chosen for it, and for a restricted one all sections with those that they are a part of.
pub(crate) const COLUMNS: &str = "partner.id, partner.name, partner.status, partner.scopes, partner.requests_per_minute, \
     partner.restricted, \
     (SELECT string_agg(CAST(section_id AS TEXT), ' ') FROM partner_section WHERE partner_id = partner.id), \
     CASE WHEN partner.restricted = 1 THEN (SELECT string_agg(CAST(section.id AS TEXT) || ':' || \
     COALESCE(CAST(section.parent_id AS TEXT), ''), ' ') FROM section) END";

/// How many columns [`COLUMNS`] has.
const COLUMN_COUNT: usize = 8;

/// The columns of a [`PartnerToken`].
pub(crate) const TOKEN_COLUMNS: &str = "token.id, token.partner_id, token.label, token.scopes, token.created_at, token.expires_at, \
     token.revoked_at";

#[allow(unreachable_pub, reason = "SeaORM's derives want their types public")]
mod entities {
    /// Partners.
    pub(super) mod partner {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "partner")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub name: String,
            pub status: String,
            pub scopes: String,
            pub requests_per_minute: Option<i64>,
            pub restricted: i64,
            pub modified_at: i64,
            pub modified_by: Option<String>,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// The sections that partners are told of.
    pub(super) mod partner_section {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "partner_section")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub partner_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub section_id: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// Tokens that were made for partners.
    pub(super) mod partner_token {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "partner_token")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub partner_id: i64,
            pub digest: String,
            pub label: Option<String>,
            pub scopes: Option<String>,
            pub created_at: i64,
            pub created_by: Option<String>,
            pub expires_at: i64,
            pub revoked_at: Option<i64>,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// What the database knows of a token that names a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundToken {
    /// Whether it has been revoked.
    pub is_revoked: bool,
    /// The partner; none where there is no such.
    pub partner: Option<Partner>,
}

impl Reader<'_> {
    /// Whether the token with this id has been revoked, and the partner that it names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bound_token(
        &self,
        token: &str,
        partner: PartnerId,
    ) -> Result<BoundToken, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(", (SELECT revoked_token.id FROM revoked_token WHERE revoked_token.id = ")
            .value(token)
            .text(") FROM (SELECT 1 AS asked) AS asked LEFT JOIN partner ON partner.id = ")
            .value(partner.number());
        let Some(row) = self.one(sql).await? else {
            return Err(PersistenceError::stored(
                "no row of a row that is written out",
            ));
        };
        let is_there = column::<Option<i64>>(&row, 0)?.is_some();
        Ok(BoundToken {
            is_revoked: column::<Option<String>>(&row, COLUMN_COUNT)?.is_some(),
            partner: is_there.then(|| read_partner(&row)).transpose()?,
        })
    }

    /// The token that was made for a partner and has this digest, revoked or expired as it may be, and its partner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn partner_token(
        &self,
        digest: &str,
    ) -> Result<Option<(PartnerToken, Partner)>, PersistenceError> {
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(", ")
            .text(TOKEN_COLUMNS)
            .text(
                " FROM partner_token AS token JOIN partner ON partner.id = token.partner_id WHERE token.digest = ",
            )
            .value(digest);
        let row = self.one(sql).await?;
        row.map(|row| Ok((read_token(&row, COLUMN_COUNT)?, read_partner(&row)?)))
            .transpose()
    }

    /// All partners, by name. The newsroom's alone: another reader is told of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn partners(&self) -> Result<Vec<Partner>, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(Vec::new());
        }
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS).text(" FROM partner");
        let rows = self.all(sql).await?;
        let mut partners = rows
            .iter()
            .map(read_partner)
            .collect::<Result<Vec<Partner>, _>>()?;
        partners.sort_by(|one, other| {
            (one.name.to_lowercase(), one.id).cmp(&(other.name.to_lowercase(), other.id))
        });
        Ok(partners)
    }

    /// The partner with this identity. The newsroom's alone: another reader is told of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn partner(&self, id: PartnerId) -> Result<Option<Partner>, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(None);
        }
        let mut sql = self.sql("SELECT ");
        sql.text(COLUMNS)
            .text(" FROM partner WHERE partner.id = ")
            .value(id.number());
        self.one(sql).await?.as_ref().map(read_partner).transpose()
    }

    /// The tokens that were made for these partners, the latest first. The newsroom's alone, likewise.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens_of_partners(
        &self,
        partners: &[PartnerId],
    ) -> Result<HashMap<PartnerId, Vec<PartnerToken>>, PersistenceError> {
        if !self.is_newsroom() {
            return Ok(HashMap::new());
        }
        let mut sql = self.sql("SELECT ");
        sql.text(TOKEN_COLUMNS).text(" FROM ");
        sql.each_wanted(partners.iter().map(|id| id.number()))
            .text("partner_token AS token ON token.partner_id = wanted.value");
        let mut tokens: HashMap<PartnerId, Vec<PartnerToken>> = HashMap::new();
        for row in self.all(sql).await? {
            let token = read_token(&row, 0)?;
            tokens.entry(token.partner).or_default().push(token);
        }
        for of_one in tokens.values_mut() {
            of_one.sort_by_key(|token| std::cmp::Reverse(token.id));
        }
        Ok(tokens)
    }
}

impl Transaction {
    /// Saves a partner, new or known by its identity.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_partner(&self, partner: &Partner) -> Result<(), PersistenceError> {
        let id = partner.id.number();
        let row = partner::Model {
            id,
            name: partner.name.clone(),
            status: partner.status.name().to_owned(),
            scopes: stored_scopes(&partner.scopes),
            requests_per_minute: partner.requests_per_minute.map(|rate| rate.get().into()),
            restricted: partner.sections.is_some().into(),
            modified_at: self.now().timestamp_millis(),
            modified_by: Some(stored_author(self.author())),
        };
        partner::Entity::insert(row.into_active_model())
            .on_conflict(overwrite(partner::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        partner_section::Entity::delete_many()
            .filter(partner_section::Column::PartnerId.eq(id))
            .exec(self.connection())
            .await?;
        let chosen = partner
            .sections
            .iter()
            .flat_map(|sections| sections.chosen());
        let rows: Vec<_> = chosen
            .map(|section| {
                partner_section::Model {
                    partner_id: id,
                    section_id: section.number(),
                }
                .into_active_model()
            })
            .collect();
        if !rows.is_empty() {
            partner_section::Entity::insert_many(rows)
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Saves the digest of a token that was made for a partner.
    ///
    /// # Errors
    /// When the database fails, or there is no such partner.
    pub async fn save_partner_token(
        &self,
        token: &PartnerToken,
        digest: &str,
    ) -> Result<(), PersistenceError> {
        let row = partner_token::Model {
            id: token.id.number(),
            partner_id: token.partner.number(),
            digest: digest.to_owned(),
            label: token.label.clone(),
            scopes: token.scopes.as_ref().map(stored_scopes),
            created_at: token.created_at.timestamp_millis(),
            created_by: Some(stored_author(self.author())),
            expires_at: token.expires_at.timestamp_millis(),
            revoked_at: token.revoked_at.map(|at| at.timestamp_millis()),
        };
        partner_token::Entity::insert(row.into_active_model())
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Revokes a token that was made for a partner; one that was revoked before stays so since then. Answers whether
    /// there is such a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_partner_token(&self, id: PartnerTokenId) -> Result<bool, PersistenceError> {
        let Some(row) = partner_token::Entity::find_by_id(id.number())
            .one(self.connection())
            .await?
        else {
            return Ok(false);
        };
        if row.revoked_at.is_none() {
            partner_token::Entity::update(partner_token::ActiveModel {
                id: Set(row.id),
                revoked_at: Set(Some(self.now().timestamp_millis())),
                ..Default::default()
            })
            .exec(self.connection())
            .await?;
        }
        Ok(true)
    }

    /// Removes the tokens of partners that came to their end long enough ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_partner_tokens(&self) -> Result<(), PersistenceError> {
        let past = (self.now() - LISTED_AFTER_ITS_END).timestamp_millis();
        partner_token::Entity::delete_many()
            .filter(
                Condition::any()
                    .add(partner_token::Column::ExpiresAt.lt(past))
                    .add(partner_token::Column::RevokedAt.lt(past)),
            )
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// Reads a partner from a row that begins with [`COLUMNS`].
pub(crate) fn read_partner(row: &Row) -> Result<Partner, PersistenceError> {
    read_partner_at(row, 0)
}

/// The same, from the columns that begin with this one.
pub(crate) fn read_partner_at(row: &Row, first: usize) -> Result<Partner, PersistenceError> {
    let status: String = column(row, first + 2)?;
    let rate: Option<i64> = column(row, first + 4)?;
    let restricted: i64 = column(row, first + 5)?;
    let chosen: Option<String> = column(row, first + 6)?;
    let sections: Option<String> = column(row, first + 7)?;
    let sections = (restricted != 0)
        .then(|| read_sections(&chosen.unwrap_or_default(), &sections.unwrap_or_default()))
        .transpose()?;
    Ok(Partner {
        id: PartnerId::from_number(column(row, first)?),
        name: column(row, first + 1)?,
        status: PartnerStatus::from_name(&status)
            .ok_or_else(|| PersistenceError::stored(format!("status of a partner '{status}'")))?,
        scopes: read_scopes(&column::<String>(row, first + 3)?)?,
        requests_per_minute: rate
            .map(|rate| {
                u32::try_from(rate)
                    .ok()
                    .and_then(NonZeroU32::new)
                    .ok_or_else(|| PersistenceError::stored(format!("requests a minute {rate}")))
            })
            .transpose()?,
        sections: sections.map(Arc::new),
    })
}

pub(crate) fn read_token(row: &Row, first: usize) -> Result<PartnerToken, PersistenceError> {
    let time = |index| column::<i64>(row, index).and_then(instant);
    let scopes: Option<String> = column(row, first + 3)?;
    Ok(PartnerToken {
        id: PartnerTokenId::from_number(column(row, first)?),
        partner: PartnerId::from_number(column(row, first + 1)?),
        label: column(row, first + 2)?,
        scopes: scopes.as_deref().map(read_scopes).transpose()?,
        created_at: time(first + 4)?,
        expires_at: time(first + 5)?,
        revoked_at: column::<Option<i64>>(row, first + 6)?
            .map(instant)
            .transpose()?,
    })
}

pub(crate) fn stored_scopes(scopes: &BTreeSet<Scope>) -> String {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    names.join(" ")
}

pub(crate) fn read_scopes(stored: &str) -> Result<BTreeSet<Scope>, PersistenceError> {
    stored
        .split_whitespace()
        .map(|name| {
            Scope::from_name(name)
                .ok_or_else(|| PersistenceError::stored(format!("scope '{name}'")))
        })
        .collect()
}

/// Reads chosen sections (`4 7`), and all of them, each with the one that it is a part of (`4: 5:4 7:`).
fn read_sections(chosen: &str, all: &str) -> Result<AllowedSections, PersistenceError> {
    let section = |text: &str| {
        text.parse()
            .map(SectionId::from_number)
            .map_err(|_| PersistenceError::stored(format!("section '{text}'")))
    };
    let chosen = chosen
        .split_whitespace()
        .map(section)
        .collect::<Result<BTreeSet<_>, _>>()?;
    let mut sections = Vec::new();
    for pair in all.split_whitespace() {
        let (id, parent) = pair.split_once(':').unwrap_or((pair, ""));
        let parent = Some(parent).filter(|parent| !parent.is_empty());
        sections.push((section(id)?, parent.map(section).transpose()?));
    }
    Ok(AllowedSections::new(chosen, sections))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        for scopes in [
            BTreeSet::new(),
            BTreeSet::from([Scope::ArticlesBody]),
            BTreeSet::from(Scope::ALL),
        ] {
            assert_eq!(read_scopes(&stored_scopes(&scopes)).unwrap(), scopes);
        }
        assert!(read_scopes("articles:body articles:all").is_err());
        let sections = read_sections("4 9", "4: 5:4 6:5 7: 9:7").unwrap();
        let all: Vec<i64> = sections.all().iter().map(|id| id.number()).collect();
        assert_eq!(all, [4, 5, 6, 9]);
        assert_eq!(read_sections("", "").unwrap().all().len(), 0);
        assert!(read_sections("four", "").is_err());
    }
}
