//! Receipts of a withdrawal, as editors see them.

use std::collections::HashSet;

use async_graphql::{Context, Enum, ID, Object};
use masthead_domain::{
    identifier::ArticleId,
    node_id::NodeId,
    receipt::{PartnerReceipt, PlaceReceipt},
    viewer::Role,
};

use super::{
    connection::loaders,
    error::{QueryError, Result},
    loaders::{Loaders, ReceiptsOf, WithdrawalOf},
    office::Office,
    scalars::DateTime,
};

/// How a partner comes to know of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ReceiptChannel {
    /// It follows the changes.
    Changes,
    /// It reads a feed that the article could stand in.
    Feed,
}

/// Whether a partner has been told that an article was withdrawn.
pub(crate) struct WithdrawalReceipt(PartnerReceipt);

/// Whether a partner has been told that an article was withdrawn.
#[Object]
impl WithdrawalReceipt {
    /// The partner's name.
    async fn partner(&self) -> &str {
        &self.0.name
    }

    /// The partner's identity.
    async fn partner_id(&self) -> ID {
        ID(NodeId::Partner(self.0.partner).encode())
    }

    /// When it was first told, in UTC; null where it has not been.
    async fn told_at(&self) -> Option<DateTime> {
        let told = self.0.places.iter().filter_map(|place| place.told_at);
        told.min().map(DateTime)
    }

    /// Each way on which it reads, the one that told it first before the others; none where it has never read.
    async fn ways(&self) -> Vec<ReceiptWay<'_>> {
        self.0.places.iter().map(ReceiptWay).collect()
    }
}

/// Whether a partner has been told on one of its ways.
pub(crate) struct ReceiptWay<'a>(&'a PlaceReceipt);

/// Whether a partner has been told on one of its ways.
#[Object]
impl ReceiptWay<'_> {
    /// What kind of way it is.
    async fn channel(&self) -> ReceiptChannel {
        if feed(&self.0.place).is_some() {
            ReceiptChannel::Feed
        } else {
            ReceiptChannel::Changes
        }
    }

    /// What it reads: the path.
    async fn path(&self) -> &str {
        &self.0.place
    }

    /// When its reading came past the withdrawal, in UTC; null where it has not.
    async fn told_at(&self) -> Option<DateTime> {
        self.0.told_at.map(DateTime)
    }

    /// When it last read, in UTC.
    async fn last_read_at(&self) -> DateTime {
        DateTime(self.0.last_read_at)
    }
}

/// The feed that is read at a path, without its format; none where it is no feed.
fn feed(path: &str) -> Option<&str> {
    if path == "/ninjs/latest" {
        return Some("latest");
    }
    let feed = path.strip_prefix("/feeds/")?;
    Some(feed.rsplit_once('.').map_or(feed, |(feed, _)| feed))
}

/// Whether each partner has been told that an article was withdrawn, for an editor.
pub(crate) async fn withdrawal_receipts(
    context: &Context<'_>,
    article: &str,
) -> Result<Option<Vec<WithdrawalReceipt>>> {
    let loaders = loaders(context)?;
    loaders.personal();
    Office::of(context)?
        .caller
        .require(Role::Editor)
        .map_err(QueryError::NotPermitted)?;
    let article = match NodeId::decode(article) {
        Ok(NodeId::Article(id)) => id,
        Ok(_) => {
            return Err(QueryError::BadInput(format!(
                "'{article}' is the identity of something else: give one of an article"
            )));
        }
        Err(error) => return Err(QueryError::BadInput(error.to_string())),
    };
    let Some(withdrawn) = loaders.load(WithdrawalOf(article)).await? else {
        return Ok(None);
    };
    let feeds = feeds_of(loaders, article).await?;
    let could_tell = |way: &PlaceReceipt| feed(&way.place).is_none_or(|feed| feeds.contains(feed));
    let receipts = loaders
        .load_alone(ReceiptsOf {
            article,
            withdrawn_at: withdrawn.withdrawal.at,
        })
        .await?
        .unwrap_or_default();
    let receipts = receipts.iter().cloned().map(|mut receipt| {
        receipt.places.retain(could_tell);
        WithdrawalReceipt(receipt)
    });
    Ok(Some(receipts.collect()))
}

/// The feeds in which an article can stand.
async fn feeds_of(loaders: &Loaders, article: ArticleId) -> Result<HashSet<String>> {
    let mut feeds = HashSet::from(["latest".to_owned()]);
    let shown = loaders.load(article).await?;
    if let Some(section) = shown.and_then(|shown| shown.section)
        && let Some(section) = loaders.load(section).await?
    {
        feeds.insert(format!("sections/{}", section.slug));
    }
    for contributor in loaders.credits(article).await? {
        feeds.insert(format!("contributors/{}", contributor.slug));
    }
    for topic in loaders.topics(article).await? {
        feeds.insert(format!("topics/{}", topic.slug));
    }
    Ok(feeds)
}
