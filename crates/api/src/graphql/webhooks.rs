//! Webhooks, as their owners and administrators see them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use futures_util::{FutureExt as _, future::BoxFuture};
use masthead_domain::{
    node_id::NodeId,
    paging::{DEFAULT_PAGE, End},
    viewer::Role,
    webhook::{WebhookDelivery as DomainDelivery, WebhookStatus as Status},
};
use masthead_newsroom::webhooks::{delivery_id, keeps, webhook_id};
use masthead_persistence::KeptWebhook;

use super::{
    connection::{PageArguments, PageInfo, Place, loaders},
    cursor,
    error::{QueryError, Result},
    loaders::{DeliveriesOf, Loaders, WebhookWithId, WebhooksOf},
    office::Office,
    partners::Partner,
    scalars::{DateTime, Url},
};

/// Whether a webhook is delivered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(crate) enum WebhookStatus {
    /// It is.
    Active,
    /// Its owner has had it rest. It keeps its place in the log.
    Paused,
    /// Its receiver has failed for too long, or answered 410. It keeps its place, and goes on from there once `redeliver`
    /// says so.
    Parked,
}

/// An address that is told of changes.
pub(crate) struct Webhook(pub(crate) Arc<KeptWebhook>);

/// An address that each change is delivered to, in the order of the log and at least once, signed as Standard Webhooks
/// has it. It is told what its owner would be answered who asks for `changes`.
#[Object]
impl Webhook {
    /// Its identity. `node` does not find it.
    async fn id(&self) -> ID {
        ID(NodeId::Webhook(self.0.webhook.id).encode())
    }

    /// Where it is delivered to.
    async fn url(&self) -> Url {
        Url(self.0.webhook.url.clone())
    }

    /// What it is for.
    async fn label(&self) -> Option<&str> {
        self.0.webhook.label.as_deref()
    }

    /// Whether it is delivered to.
    async fn status(&self) -> WebhookStatus {
        self.0.webhook.status.into()
    }

    /// The partner whose it is; null for the magazine's own, which are told what everyone may know. Told to
    /// administrators; a partner's are all its own.
    async fn partner(&self, context: &Context<'_>) -> Option<Partner> {
        let office = Office::of(context).ok()?;
        let is_admin = office.caller.require(Role::Admin).is_ok();
        self.0.partner.clone().filter(|_| is_admin).map(Partner)
    }

    /// When it was made, in UTC.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.webhook.created_at)
    }

    /// Its place in the log, as a cursor of `changes`: what came up to there has been acknowledged, or is not for it.
    async fn acknowledged_through(&self) -> String {
        cursor::of_change(self.0.place)
    }

    /// When its receiver last acknowledged anything, in UTC.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.0.acknowledged_at.map(DateTime)
    }

    /// Since when its receiver fails, in UTC; null while it does not.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime)
    }

    /// When its receiver is tried again that fails, in UTC.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        let is_failing = self.0.failing_since.is_some() && self.0.parked.is_none();
        is_failing.then_some(DateTime(self.0.next_attempt_at))
    }

    /// When it was parked, in UTC.
    async fn parked_at(&self) -> Option<DateTime> {
        self.0.parked.as_ref().map(|(at, _)| DateTime(*at))
    }

    /// Why it was parked.
    async fn parked_reason(&self) -> Option<&str> {
        self.0.parked.as_ref().map(|(_, reason)| reason.as_str())
    }

    /// Until when the secret that was replaced signs beside the present one, in UTC.
    async fn former_secret_until(&self) -> Option<DateTime> {
        self.0.former_secret_until.map(DateTime)
    }
}

/// What was delivered to a webhook.
#[derive(Clone)]
pub(crate) struct WebhookDelivery(DomainDelivery);

/// What was delivered to a webhook, or was tried to be: one change.
#[Object]
impl WebhookDelivery {
    /// Its identity, by which `redeliver` makes it once more.
    async fn id(&self) -> ID {
        ID(NodeId::WebhookDelivery(self.0.id).encode())
    }

    /// The header `webhook-id` that its receiver was told: the same at each attempt.
    async fn message_id(&self) -> &str {
        &self.0.message
    }

    /// What it tells, as `type` in its body: `article.upserted`, `article.removed`.
    async fn event(&self) -> &str {
        &self.0.event
    }

    /// The identity of what changed; null where the receiver was told to start again.
    async fn node_id(&self) -> Option<ID> {
        self.0.node.map(|node| ID(node.encode()))
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        i32::try_from(self.0.attempts).unwrap_or(i32::MAX)
    }

    /// When it was tried first, in UTC.
    async fn first_attempt_at(&self) -> DateTime {
        DateTime(self.0.first_attempt_at)
    }

    /// When it was tried last, in UTC.
    async fn last_attempt_at(&self) -> DateTime {
        DateTime(self.0.last_attempt_at)
    }

    /// The HTTP status that was answered last; null where no answer came.
    async fn response_status(&self) -> Option<i32> {
        self.0.response_status.map(i32::from)
    }

    /// Why the last attempt failed; null where it did not.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// When its receiver acknowledged it first, in UTC.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.0.acknowledged_at.map(DateTime)
    }
}

/// A delivery and its place in the list.
#[derive(SimpleObject)]
pub(crate) struct WebhookDeliveryEdge {
    /// Its place.
    cursor: String,
    /// The delivery.
    node: WebhookDelivery,
}

/// Deliveries, the latest first.
pub(crate) struct WebhookDeliveryConnection(Arc<DeliveryPage>);

struct DeliveryPage {
    deliveries: Vec<DomainDelivery>,
    is_first: bool,
    more: bool,
}

/// Deliveries, the latest first. What was tried last a month ago is not listed any more, but for removals of articles.
#[Object]
impl WebhookDeliveryConnection {
    /// The page's deliveries, each with its cursor.
    async fn edges(&self) -> Vec<WebhookDeliveryEdge> {
        let deliveries = self.0.deliveries.iter().cloned();
        deliveries
            .map(|delivery| WebhookDeliveryEdge {
                cursor: delivery_cursor(&delivery),
                node: WebhookDelivery(delivery),
            })
            .collect()
    }

    /// The page's deliveries.
    async fn nodes(&self) -> Vec<WebhookDelivery> {
        let deliveries = self.0.deliveries.iter().cloned();
        deliveries.map(WebhookDelivery).collect()
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo(Arc::new(DeliveryPlace(self.0.clone())))
    }
}

struct DeliveryPlace(Arc<DeliveryPage>);

impl Place for DeliveryPlace {
    fn beyond<'a>(&'a self, _: &'a Loaders, end: End) -> BoxFuture<'a, Result<bool>> {
        let beyond = match end {
            End::First => !self.0.is_first,
            End::Last => self.0.more,
        };
        std::future::ready(Ok(beyond)).boxed()
    }

    fn start(&self) -> Option<String> {
        self.0.deliveries.first().map(delivery_cursor)
    }

    fn end(&self) -> Option<String> {
        self.0.deliveries.last().map(delivery_cursor)
    }
}

fn delivery_cursor(delivery: &DomainDelivery) -> String {
    NodeId::WebhookDelivery(delivery.id).encode()
}

/// The webhooks that the caller may keep, the oldest first.
pub(crate) async fn webhooks(context: &Context<'_>) -> Result<Vec<Webhook>> {
    let loaders = loaders(context)?;
    loaders.personal();
    let own = keeps(&Office::of(context)?.caller).map_err(QueryError::NotPermitted)?;
    let webhooks = loaders.load_alone(WebhooksOf(own)).await?;
    let webhooks = webhooks.iter().flat_map(|webhooks| webhooks.iter());
    Ok(webhooks.cloned().map(Webhook).collect())
}

/// What was delivered to a webhook that the caller may keep; none where there is no such.
pub(crate) async fn deliveries(
    context: &Context<'_>,
    webhook: &str,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<Option<WebhookDeliveryConnection>> {
    let loaders = loaders(context)?;
    loaders.personal();
    let own = keeps(&Office::of(context)?.caller).map_err(QueryError::NotPermitted)?;
    let (size, _) = PageArguments {
        first: first.or(Some(i32::from(DEFAULT_PAGE))),
        ..PageArguments::default()
    }
    .size()?;
    let after = after
        .map(|cursor| delivery_id(cursor).ok_or(QueryError::InvalidCursor { argument: "after" }))
        .transpose()?;
    let id = webhook_id(webhook).ok_or_else(|| {
        QueryError::BadInput(
            "'webhook' is not the identity of one: use the 'id' of an answer as it is".to_owned(),
        )
    })?;
    let kept = loaders.load_alone(WebhookWithId(id)).await?;
    // Of another's nobody is told more than of one that never was.
    if kept.is_none_or(|kept| own.is_some() && kept.webhook.owner != own) {
        return Ok(None);
    }
    let key = DeliveriesOf {
        webhook: id,
        after,
        size: size.saturating_add(1),
    };
    let found = loaders.load_alone(key).await?;
    let mut deliveries: Vec<DomainDelivery> = found
        .iter()
        .flat_map(|found| found.iter())
        .cloned()
        .collect();
    let more = deliveries.len() > usize::from(size);
    deliveries.truncate(usize::from(size));
    Ok(Some(WebhookDeliveryConnection(Arc::new(DeliveryPage {
        deliveries,
        is_first: after.is_none(),
        more,
    }))))
}
