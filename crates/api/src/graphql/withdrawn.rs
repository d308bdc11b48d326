//! What has been taken down last.

use async_graphql::{Context, ID, SimpleObject};
use masthead_domain::{node_id::NodeId, paging::DEFAULT_PAGE};

use super::{
    connection::{PageArguments, loaders},
    error::Result,
    loaders::LatestWithdrawals,
    scalars::DateTime,
};

/// That an article has been taken down, as everyone may know. Nothing is told of what it said.
#[derive(SimpleObject)]
pub(crate) struct WithdrawnArticle {
    /// Its identity.
    id: ID,
    /// When it was taken down, in UTC.
    at: DateTime,
}

impl WithdrawnArticle {
    /// The latest.
    pub(crate) async fn latest(context: &Context<'_>, first: Option<i32>) -> Result<Vec<Self>> {
        let (size, _) = PageArguments {
            first: first.or(Some(i32::from(DEFAULT_PAGE))),
            ..PageArguments::default()
        }
        .size()?;
        let withdrawals = loaders(context)?.load(LatestWithdrawals(size)).await?;
        let withdrawals = withdrawals.iter().flat_map(|all| all.iter());
        Ok(withdrawals
            .map(|(id, at)| Self {
                id: ID(NodeId::Article(*id).encode()),
                at: DateTime(*at),
            })
            .collect())
    }
}
