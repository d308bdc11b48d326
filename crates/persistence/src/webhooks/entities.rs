//! The rows of webhooks and of what was delivered to them.

#![allow(unreachable_pub, reason = "SeaORM's derives want their types public")]

/// Webhooks.
pub(crate) mod webhook {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub partner_id: Option<i64>,
        pub url: String,
        pub label: Option<String>,
        pub status: String,
        pub scopes: Option<String>,
        pub secret: String,
        pub former_secret: Option<String>,
        pub former_secret_until: Option<i64>,
        pub stream: i64,
        pub number: i64,
        pub began_at: i64,
        pub sections: Option<i64>,
        pub start_again: i64,
        pub acknowledged_at: Option<i64>,
        pub failures: i64,
        pub failing_since: Option<i64>,
        pub next_attempt_at: i64,
        pub parked_at: Option<i64>,
        pub parked_reason: Option<String>,
        pub holder: i64,
        pub held_until: i64,
        pub created_at: i64,
        pub created_by: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was delivered to webhooks.
pub(crate) mod webhook_delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub webhook_id: i64,
        pub stream: i64,
        pub number: i64,
        pub message: String,
        pub event: String,
        pub node_kind: Option<i64>,
        pub node_id: Option<i64>,
        pub attempts: i64,
        pub first_attempt_at: i64,
        pub last_attempt_at: i64,
        pub response_status: Option<i64>,
        pub failure: Option<String>,
        pub acknowledged_at: Option<i64>,
        pub repeat: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
