//! What is left of an article that has been taken down.

use std::sync::Arc;

use async_graphql::Object;
use masthead_domain::{article::WithdrawnArticle, identifier::ArticleId};

use super::{
    error::Result,
    loaders::{Loaders, WithdrawalOf},
    scalars::DateTime,
};

/// That an article was taken down, as everyone may know.
pub(crate) struct Withdrawal(Arc<WithdrawnArticle>);

impl Withdrawal {
    /// That of an article; none of one that is there, or never was.
    pub(crate) async fn of(loaders: &Loaders, article: ArticleId) -> Result<Option<Self>> {
        Ok(loaders.load(WithdrawalOf(article)).await?.map(Self))
    }
}

/// That an article was published and has been taken down. Nothing is told of what it said.
#[Object]
impl Withdrawal {
    /// When it was taken down, in UTC.
    async fn at(&self) -> DateTime {
        DateTime(self.0.withdrawal.at)
    }

    /// Why: whoever holds the article must honour that.
    async fn reason(&self) -> &str {
        &self.0.withdrawal.reason
    }

    /// The article's revision with which it was taken down.
    async fn revision(&self) -> i32 {
        self.0.revision
    }
}
