//! Saves requests, subscriptions and what came of deliveries, and who may deliver.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::{Expr, OnConflict},
};

use super::{
    SUBSCRIBE, THE_ROW, UNSUBSCRIBE, WebsubOutcome, WebsubRequest, WebsubSubscription,
    entities::{websub_hub, websub_request, websub_subscription},
};
use crate::{PersistenceError, Transaction, entities::overwrite};

impl Transaction {
    /// Takes down a request. It takes the place of one for the same feed and callback that is still to be verified.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_websub_request(
        &self,
        request: &WebsubRequest,
    ) -> Result<(), PersistenceError> {
        websub_request::Entity::delete_many()
            .filter(websub_request::Column::Topic.eq(&request.topic))
            .filter(websub_request::Column::Callback.eq(&request.callback))
            .exec(self.connection())
            .await?;
        let mode = if request.subscribes {
            SUBSCRIBE
        } else {
            UNSUBSCRIBE
        };
        let row = websub_request::Model {
            id: request.id,
            mode: mode.to_owned(),
            topic: request.topic.clone(),
            callback: request.callback.clone(),
            callback_host: request.callback_host.clone(),
            secret: request.secret.clone(),
            lease_seconds: request.lease_seconds,
            delivered: request.delivered.clone(),
            attempts: 0,
            due_at: self.now().timestamp_millis(),
        };
        websub_request::Entity::insert(row.into_active_model())
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a request that has been answered: begins, renews or ends the subscription where it was confirmed. Another that
    /// has taken its place meanwhile stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_websub_request(
        &self,
        request: &WebsubRequest,
        is_confirmed: bool,
    ) -> Result<(), PersistenceError> {
        websub_request::Entity::delete_by_id(request.id)
            .exec(self.connection())
            .await?;
        if !is_confirmed {
            return Ok(());
        }
        if !request.subscribes {
            websub_subscription::Entity::delete_many()
                .filter(websub_subscription::Column::Topic.eq(&request.topic))
                .filter(websub_subscription::Column::Callback.eq(&request.callback))
                .exec(self.connection())
                .await?;
            return Ok(());
        }
        let lease = TimeDelta::try_seconds(request.lease_seconds).unwrap_or_default();
        let row = websub_subscription::Model {
            id: request.id,
            topic: request.topic.clone(),
            callback: request.callback.clone(),
            callback_host: request.callback_host.clone(),
            secret: request.secret.clone(),
            lease_until: (self.now() + lease).timestamp_millis(),
            delivered: request.delivered.clone(),
            failures: 0,
            // Something may have changed while it was verified.
            due_at: Some(self.now().timestamp_millis()),
        };
        // A renewed one goes on from what was delivered to it.
        let again = OnConflict::columns([
            websub_subscription::Column::Topic,
            websub_subscription::Column::Callback,
        ])
        .update_columns([
            websub_subscription::Column::Secret,
            websub_subscription::Column::LeaseUntil,
            websub_subscription::Column::Failures,
            websub_subscription::Column::DueAt,
        ])
        .to_owned();
        websub_subscription::Entity::insert(row.into_active_model())
            .on_conflict(again)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Has nobody else ask a callback until an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_websub_requests(
        &self,
        ids: &[i64],
        until: DateTime<Utc>,
    ) -> Result<(), PersistenceError> {
        websub_request::Entity::update_many()
            .col_expr(
                websub_request::Column::DueAt,
                Expr::value(until.timestamp_millis()),
            )
            .filter(websub_request::Column::Id.is_in(ids.iter().copied()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Has nobody else tell these subscribers until an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_websub_deliveries(
        &self,
        ids: &[i64],
        until: DateTime<Utc>,
    ) -> Result<(), PersistenceError> {
        websub_subscription::Entity::update_many()
            .col_expr(
                websub_subscription::Column::DueAt,
                Expr::value(Some(until.timestamp_millis())),
            )
            .filter(websub_subscription::Column::Id.is_in(ids.iter().copied()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Those who have not been told of a feed as it is now are due, unless they wait for something already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wake_websub_topic(
        &self,
        topic: &str,
        digest: &str,
    ) -> Result<(), PersistenceError> {
        websub_subscription::Entity::update_many()
            .col_expr(
                websub_subscription::Column::DueAt,
                Expr::value(Some(self.now().timestamp_millis())),
            )
            .filter(websub_subscription::Column::Topic.eq(topic))
            .filter(websub_subscription::Column::Delivered.ne(digest))
            .filter(websub_subscription::Column::DueAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Puts off a request whose callback gave no answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off_websub_request(
        &self,
        request: &WebsubRequest,
        until: DateTime<Utc>,
    ) -> Result<(), PersistenceError> {
        websub_request::Entity::update_many()
            .col_expr(
                websub_request::Column::Attempts,
                Expr::value(request.attempts + 1),
            )
            .col_expr(
                websub_request::Column::DueAt,
                Expr::value(until.timestamp_millis()),
            )
            .filter(websub_request::Column::Id.eq(request.id))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Notes what came of a delivery of what has this digest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_websub_delivery(
        &self,
        subscription: &WebsubSubscription,
        digest: &str,
        outcome: &WebsubOutcome,
    ) -> Result<(), PersistenceError> {
        let update = websub_subscription::Entity::update_many()
            .filter(websub_subscription::Column::Id.eq(subscription.id));
        let update = match outcome {
            WebsubOutcome::Ended => {
                websub_subscription::Entity::delete_by_id(subscription.id)
                    .exec(self.connection())
                    .await?;
                return Ok(());
            }
            WebsubOutcome::Settled => update
                .col_expr(websub_subscription::Column::Delivered, Expr::value(digest))
                .col_expr(websub_subscription::Column::Failures, Expr::value(0_i64))
                // The feed may have changed while it was delivered: whether it has is looked at once more.
                .col_expr(
                    websub_subscription::Column::DueAt,
                    Expr::value(Some(self.now().timestamp_millis())),
                ),
            WebsubOutcome::Again(at) => update
                .col_expr(
                    websub_subscription::Column::Failures,
                    Expr::value(subscription.failures + 1),
                )
                .col_expr(
                    websub_subscription::Column::DueAt,
                    Expr::value(Some(at.timestamp_millis())),
                ),
        };
        update.exec(self.connection()).await?;
        Ok(())
    }

    /// Those who were due and have a feed as it is now are due no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rest_websub_topic(
        &self,
        topic: &str,
        digest: &str,
    ) -> Result<(), PersistenceError> {
        websub_subscription::Entity::update_many()
            .col_expr(websub_subscription::Column::Failures, Expr::value(0_i64))
            .col_expr(
                websub_subscription::Column::DueAt,
                Expr::value(Option::<i64>::None),
            )
            .filter(websub_subscription::Column::Topic.eq(topic))
            .filter(websub_subscription::Column::Delivered.eq(digest))
            .filter(websub_subscription::Column::DueAt.is_not_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Those who are due to be told of a feed are due at an instant instead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off_websub_topic(
        &self,
        topic: &str,
        until: DateTime<Utc>,
    ) -> Result<(), PersistenceError> {
        websub_subscription::Entity::update_many()
            .col_expr(
                websub_subscription::Column::DueAt,
                Expr::value(Some(until.timestamp_millis())),
            )
            .filter(websub_subscription::Column::Topic.eq(topic))
            .filter(websub_subscription::Column::DueAt.lte(self.now().timestamp_millis()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Ends what has run out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_expired_websub_subscriptions(&self) -> Result<(), PersistenceError> {
        websub_subscription::Entity::delete_many()
            .filter(websub_subscription::Column::LeaseUntil.lte(self.now().timestamp_millis()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Claims for a node to verify and deliver until an instant; answers whether it may.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_websub(
        &self,
        holder: i64,
        until: DateTime<Utc>,
    ) -> Result<bool, PersistenceError> {
        let row = websub_hub::Entity::find_by_id(THE_ROW)
            .one(self.connection())
            .await?;
        let now = self.now().timestamp_millis();
        if row.is_some_and(|row| row.holder != holder && row.held_until > now) {
            return Ok(false);
        }
        self.save_websub_hub(holder, until.timestamp_millis())
            .await?;
        Ok(true)
    }

    /// Lets go of a claim, where it is still this node's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_websub(&self, holder: i64) -> Result<(), PersistenceError> {
        let row = websub_hub::Entity::find_by_id(THE_ROW)
            .one(self.connection())
            .await?;
        if row.is_none_or(|row| row.holder != holder) {
            return Ok(());
        }
        self.save_websub_hub(holder, 0).await
    }

    async fn save_websub_hub(&self, holder: i64, held_until: i64) -> Result<(), PersistenceError> {
        let row = websub_hub::ActiveModel {
            id: Set(THE_ROW),
            holder: Set(holder),
            held_until: Set(held_until),
        };
        websub_hub::Entity::insert(row)
            .on_conflict(overwrite(websub_hub::Column::Id))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }
}
