//! Access: tokens that have been revoked, and links to previews.

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::identifier::ArticleId;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, sea_query::OnConflict,
};

use crate::{PersistenceError, Reader, Transaction, row::column};

use entities::{preview_token, revoked_token};

/// How long a row outlives what it is about: a node may grant tokens some leeway, and its clock may be late.
const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(1);

#[allow(unreachable_pub, reason = "SeaORM's derives want their types public")]
mod entities {
    /// Tokens that were revoked before they expired.
    pub(super) mod revoked_token {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "revoked_token")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: String,
            pub expires_at: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// Links to previews.
    pub(super) mod preview_token {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "preview_token")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub digest: String,
            pub article_id: i64,
            pub expires_at: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

impl Reader<'_> {
    /// Whether the token with this id has been revoked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_revoked(&self, token: &str) -> Result<bool, PersistenceError> {
        let mut sql = self.sql("SELECT 1 FROM revoked_token WHERE id = ");
        sql.value(token);
        Ok(self.one(sql).await?.is_some())
    }

    /// The article that the preview token with this digest shows, unless it has expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn previewed_article(
        &self,
        digest: &str,
    ) -> Result<Option<ArticleId>, PersistenceError> {
        let mut sql = self.sql("SELECT article_id FROM preview_token WHERE digest = ");
        sql.value(digest)
            .text(" AND expires_at > ")
            .value(self.now().timestamp_millis());
        let row = self.one(sql).await?;
        row.map(|row| Ok(ArticleId::from_number(column(&row, 0)?)))
            .transpose()
    }
}

impl Transaction {
    /// Revokes the token with this id, which expires at that time anyway.
    ///
    /// Revoked again, it stays so until the later of the two times.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_token(
        &self,
        token: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), PersistenceError> {
        let known = revoked_token::Entity::find_by_id(token)
            .select_only()
            .column(revoked_token::Column::ExpiresAt)
            .into_tuple::<i64>()
            .one(self.connection())
            .await?;
        let expires_at = expires_at.timestamp_millis().max(known.unwrap_or_default());
        let row = revoked_token::Model {
            id: token.to_owned(),
            expires_at,
        };
        revoked_token::Entity::insert(row.into_active_model())
            .on_conflict(
                OnConflict::column(revoked_token::Column::Id)
                    .update_column(revoked_token::Column::ExpiresAt)
                    .to_owned(),
            )
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Saves the digest of a preview token that shows this article until that time.
    ///
    /// # Errors
    /// When the database fails, or there is no such article.
    pub async fn save_preview_token(
        &self,
        digest: &str,
        article: ArticleId,
        expires_at: DateTime<Utc>,
    ) -> Result<(), PersistenceError> {
        let row = preview_token::Model {
            digest: digest.to_owned(),
            article_id: article.number(),
            expires_at: expires_at.timestamp_millis(),
        };
        preview_token::Entity::insert(row.into_active_model())
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Removes the preview token with this digest, and answers whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_preview_token(&self, digest: &str) -> Result<bool, PersistenceError> {
        let removed = preview_token::Entity::delete_by_id(digest)
            .exec(self.connection())
            .await?;
        Ok(removed.rows_affected > 0)
    }

    /// Removes what is about tokens that expired long enough ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_tokens(&self) -> Result<(), PersistenceError> {
        let expired = (self.now() - KEPT_AFTER_EXPIRY).timestamp_millis();
        revoked_token::Entity::delete_many()
            .filter(revoked_token::Column::ExpiresAt.lt(expired))
            .exec(self.connection())
            .await?;
        preview_token::Entity::delete_many()
            .filter(preview_token::Column::ExpiresAt.lt(expired))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
