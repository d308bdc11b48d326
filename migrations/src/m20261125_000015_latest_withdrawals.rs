//! What has been taken down last, for those who tell readers of it: few articles are.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, execute};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(
            manager,
            &[
                "CREATE INDEX article_by_withdrawn_at_id ON article (withdrawn_at, id) WHERE withdrawn_at IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &["DROP INDEX article_by_withdrawn_at_id"]).await
    }
}
