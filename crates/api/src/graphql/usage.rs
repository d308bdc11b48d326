//! How much partners ask for, as administrators see it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use masthead_domain::{
    identifier::PartnerId, node_id::NodeId, partner::Partner as DomainPartner, usage::DailyUsage,
    viewer::Role,
};

use super::{
    connection::loaders,
    error::{QueryError, Result},
    loaders::{AllPartners, UsageBetween},
    office::Office,
    partners::Partner,
    scalars::Date,
};

/// How much a partner asked for on a day.
pub(crate) struct PartnerUsage {
    partner: Arc<DomainPartner>,
    daily: DailyUsage,
}

/// How much a partner asked for on a day.
#[Object]
impl PartnerUsage {
    /// The partner.
    async fn partner(&self) -> Partner {
        Partner(self.partner.clone())
    }

    /// The day, in UTC.
    async fn day(&self) -> Date {
        Date(self.daily.day)
    }

    /// How many HTTP requests it made.
    async fn requests(&self) -> f64 {
        whole(self.daily.usage.requests)
    }

    /// How many of them were refused, since they came too often.
    async fn refused(&self) -> f64 {
        whole(self.daily.usage.refused)
    }

    /// How many bytes it was sent in bodies, as they were sent: compressed where they were.
    async fn bytes(&self) -> f64 {
        whole(self.daily.usage.bytes)
    }
}

/// A count, which may be more than an `Int` holds.
#[expect(
    clippy::cast_precision_loss,
    reason = "nobody asks 2^53 times on a day, nor is sent so much"
)]
const fn whole(count: u64) -> f64 {
    count as f64
}

/// How much was asked for, for an administrator.
pub(crate) async fn usage(
    context: &Context<'_>,
    (from, to): (NaiveDate, NaiveDate),
    partner: Option<ID>,
) -> Result<Vec<PartnerUsage>> {
    let loaders = loaders(context)?;
    loaders.personal();
    Office::of(context)?
        .caller
        .require(Role::Admin)
        .map_err(QueryError::NotPermitted)?;
    if from > to {
        return Err(QueryError::BadInput(format!(
            "'from' is {from}, which is after {to}: let 'to' be the later day"
        )));
    }
    let partner = partner.map(|id| partner_with(&id)).transpose()?;
    let partners = loaders.load_alone(AllPartners).await?.unwrap_or_default();
    let partners: HashMap<PartnerId, &Arc<DomainPartner>> = partners
        .iter()
        .map(|partner| (partner.id, partner))
        .collect();
    let used = loaders
        .load_alone(UsageBetween { from, to, partner })
        .await?
        .unwrap_or_default();
    let of_partner = |daily: &DailyUsage| {
        let partner = (*partners.get(&daily.partner)?).clone();
        Some(PartnerUsage {
            partner,
            daily: *daily,
        })
    };
    Ok(used.iter().filter_map(of_partner).collect())
}

fn partner_with(id: &str) -> Result<PartnerId> {
    match NodeId::decode(id) {
        Ok(NodeId::Partner(id)) => Ok(id),
        Ok(_) => Err(QueryError::BadInput(format!(
            "'{id}' is the identity of something else: give one of a partner"
        ))),
        Err(error) => Err(QueryError::BadInput(error.to_string())),
    }
}
