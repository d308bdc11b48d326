//! Which changes of the log are of an article that could not be seen before: what is published, as opposed to what is
//! saved again.
//!
//! Of what stands in the log already it is not known: it counts as saved again.

use sea_orm_migration::prelude::*;

use super::{IN_ONE_TRANSACTION, number};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table(Alias::new("change"))
                    .add_column(number("appeared").default(0))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table(Alias::new("change"))
                    .drop_column(Alias::new("appeared"))
                    .take(),
            )
            .await
    }
}
