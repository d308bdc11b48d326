//! Receipts of a withdrawal, as editors see them.

use std::collections::HashSet;

use async_graphql::{Context, Enum, ID, Object};
use masthead_domain::{
    identifier::ArticleId,
    node_id::NodeId,
    receipt::{Way, WayReceipt, WithdrawalReceipt as Receipt},
    viewer::Role,
};

use super::{
    connection::loaders,
    error::{QueryError, Result},
    loaders::{Loaders, ReceiptsOf, WithdrawalOf},
    office::Office,
    scalars::DateTime,
};

/// How someone comes to know of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ReceiptChannel {
    /// They follow the changes.
    Changes,
    /// They read a feed that the article could stand in.
    Feed,
    /// It is delivered to a webhook.
    Webhook,
}

/// Whether someone who holds copies has been told that an article was withdrawn.
pub(crate) struct WithdrawalReceipt(Receipt);

/// Whether someone who holds copies has been told that an article was withdrawn: a partner, or the magazine's own webhooks.
#[Object]
impl WithdrawalReceipt {
    /// The partner's name; null of the magazine's own webhooks.
    async fn partner(&self) -> Option<&str> {
        self.0.partner.as_ref().map(|(_, name)| name.as_str())
    }

    /// The partner's identity.
    async fn partner_id(&self) -> Option<ID> {
        let (id, _) = self.0.partner.as_ref()?;
        Some(ID(NodeId::Partner(*id).encode()))
    }

    /// When it was first told, in UTC; null where it has not been.
    async fn told_at(&self) -> Option<DateTime> {
        let told = self.0.ways.iter().filter_map(|way| way.told_at);
        told.min().map(DateTime)
    }

    /// Each way on which it comes to know, the one that told it first before the others; none where there is none yet.
    async fn ways(&self) -> Vec<ReceiptWay<'_>> {
        self.0.ways.iter().map(ReceiptWay).collect()
    }
}

/// Whether one way has told them.
pub(crate) struct ReceiptWay<'a>(&'a WayReceipt);

/// Whether one way has told them.
#[Object]
impl ReceiptWay<'_> {
    /// What kind of way it is.
    async fn channel(&self) -> ReceiptChannel {
        match &self.0.way {
            Way::Webhook(_) => ReceiptChannel::Webhook,
            Way::Reading(path) if feed(path).is_some() => ReceiptChannel::Feed,
            Way::Reading(_) => ReceiptChannel::Changes,
        }
    }

    /// What they read: the path; of a webhook, where it is delivered to.
    async fn address(&self) -> &str {
        match &self.0.way {
            Way::Reading(address) | Way::Webhook(address) => address,
        }
    }

    /// When their reading came past the withdrawal, or the webhook's receiver acknowledged it, in UTC; null where it has not.
    async fn told_at(&self) -> Option<DateTime> {
        self.0.told_at.map(DateTime)
    }

    /// When they last read, or delivering it to the webhook was last tried, in UTC; null where it has not been.
    async fn last_at(&self) -> Option<DateTime> {
        self.0.last_at.map(DateTime)
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

/// Who has been told that an article was withdrawn, for an editor.
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
    let could_tell = |receipt: &WayReceipt| match &receipt.way {
        Way::Reading(path) => feed(path).is_none_or(|feed| feeds.contains(feed)),
        Way::Webhook(_) => true,
    };
    let receipts = loaders
        .load_alone(ReceiptsOf {
            article,
            withdrawn_at: withdrawn.withdrawal.at,
        })
        .await?
        .unwrap_or_default();
    let receipts = receipts.iter().cloned().map(|mut receipt| {
        receipt.ways.retain(could_tell);
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
