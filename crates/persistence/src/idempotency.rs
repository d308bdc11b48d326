//! Requests that must not be carried out twice, by the key that their client gave them.
//!
//! What a write came to is kept in the transaction of the write itself, so a client that repeats a request
//! whose answer it never saw is told of what was done, however the first attempt ended. The whole answer is
//! kept once it has been made, and given again as it was.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use masthead_domain::node_id::NodeId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::OnConflict,
};

use crate::{
    Database, PersistenceError, Transaction,
    entities::{idempotent_request, json},
};

/// How long a request is remembered.
const REMEMBERED: Duration = Duration::hours(24);

/// One write of a request that its client has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotentWrite {
    /// Who asked, and the key they gave: a digest.
    pub id: String,
    /// What they asked: a digest.
    pub request: String,
    /// Which of the request's writes it is.
    pub place: String,
}

/// What is known of a request that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerRequest {
    /// What was asked: a digest.
    pub request: String,
    /// What the write at the asked place saved.
    pub outcome: Option<NodeId>,
}

/// An answer that was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerAnswer {
    /// What was asked: a digest.
    pub request: String,
    /// The answer as it was given; none where it was not made.
    pub answer: Option<String>,
}

impl Transaction {
    /// What is known of this request from an attempt before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn former_request(
        &self,
        write: &IdempotentWrite,
    ) -> Result<Option<FormerRequest>, PersistenceError> {
        let Some(row) = self.remembered(&write.id).await? else {
            return Ok(None);
        };
        let outcome = outcomes(row.outcomes.as_deref())?
            .get(&write.place)
            .map(|text| NodeId::decode(text))
            .transpose()
            .map_err(|error| PersistenceError::stored(error.to_string()))?;
        Ok(Some(FormerRequest {
            request: row.request,
            outcome,
        }))
    }

    /// Keeps what a write of a request has saved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_outcome(
        &self,
        write: &IdempotentWrite,
        outcome: NodeId,
    ) -> Result<(), PersistenceError> {
        let former = self.remembered(&write.id).await?;
        let mut outcomes = outcomes(
            former
                .as_ref()
                .and_then(|former| former.outcomes.as_deref()),
        )?;
        outcomes.insert(write.place.clone(), outcome.encode());
        self.remember(
            &write.id,
            &write.request,
            Some(json(&outcomes)?),
            former.and_then(|former| former.answer),
        )
        .await
    }

    /// Keeps the whole answer to a request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_answer(
        &self,
        id: &str,
        request: &str,
        answer: String,
    ) -> Result<(), PersistenceError> {
        let former = self.remembered(id).await?;
        let outcomes = former.and_then(|former| former.outcomes);
        self.remember(id, request, outcomes, Some(answer)).await
    }

    async fn remembered(
        &self,
        id: &str,
    ) -> Result<Option<idempotent_request::Model>, PersistenceError> {
        Ok(idempotent_request::Entity::find_by_id(id)
            .filter(idempotent_request::Column::ExpiresAt.gt(self.now().timestamp_millis()))
            .one(self.connection())
            .await?)
    }

    async fn remember(
        &self,
        id: &str,
        request: &str,
        outcomes: Option<String>,
        answer: Option<String>,
    ) -> Result<(), PersistenceError> {
        let row = idempotent_request::ActiveModel {
            id: Set(id.to_owned()),
            request: Set(request.to_owned()),
            outcomes: Set(outcomes),
            answer: Set(answer),
            expires_at: Set((self.now() + REMEMBERED).timestamp_millis()),
        };
        idempotent_request::Entity::insert(row)
            .on_conflict(
                OnConflict::column(idempotent_request::Column::Id)
                    .update_columns([
                        idempotent_request::Column::Request,
                        idempotent_request::Column::Outcomes,
                        idempotent_request::Column::Answer,
                        idempotent_request::Column::ExpiresAt,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets the requests that are remembered no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_requests(&self) -> Result<(), PersistenceError> {
        idempotent_request::Entity::delete_many()
            .filter(idempotent_request::Column::ExpiresAt.lte(self.now().timestamp_millis()))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

impl Database {
    /// What was answered to a request before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn former_answer(
        &self,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<FormerAnswer>, PersistenceError> {
        let row = idempotent_request::Entity::find_by_id(id)
            .filter(idempotent_request::Column::ExpiresAt.gt(now.timestamp_millis()))
            .one(self.readers())
            .await?;
        Ok(row.map(|row| FormerAnswer {
            request: row.request,
            answer: row.answer,
        }))
    }
}

fn outcomes(stored: Option<&str>) -> Result<BTreeMap<String, String>, PersistenceError> {
    stored.map_or(Ok(BTreeMap::new()), |json| {
        serde_json::from_str(json)
            .map_err(|error| PersistenceError::stored(format!("outcomes of a request: {error}")))
    })
}
