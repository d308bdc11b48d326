//! The tables as SeaORM writes them. What their columns mean stands in the migration.

#![allow(unreachable_pub, reason = "SeaORM's derives want their types public")]

/// What has been asked for and is still to be verified.
pub(super) mod websub_request {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "websub_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub mode: String,
        pub topic: String,
        pub callback: String,
        pub callback_host: String,
        pub secret: Option<String>,
        pub lease_seconds: i64,
        pub delivered: String,
        pub attempts: i64,
        pub due_at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who is told of changes in a feed.
pub(super) mod websub_subscription {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "websub_subscription")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub topic: String,
        pub callback: String,
        pub callback_host: String,
        pub secret: Option<String>,
        pub lease_until: i64,
        pub delivered: String,
        pub failures: i64,
        pub due_at: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which node tells them: one row.
pub(super) mod websub_hub {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "websub_hub")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub holder: i64,
        pub held_until: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
