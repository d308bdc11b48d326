//! Partners, as administrators see them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use masthead_domain::{
    node_id::NodeId,
    partner::{
        Partner as DomainPartner, PartnerStatus as Status, PartnerToken as DomainPartnerToken,
    },
    viewer::{Role, Scope},
};

use super::{
    classification::Section,
    connection::loaders,
    error::{QueryError, Result},
    loaders::{AllPartners, TokensOfPartner},
    office::Office,
    scalars::DateTime,
};

/// Whether a partner's tokens are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(crate) enum PartnerStatus {
    /// They are.
    Active,
    /// They are not, until it is active again.
    Suspended,
    /// They are not, and never will be again.
    Ended,
}

/// Who takes the content under contract.
pub(crate) struct Partner(pub(crate) Arc<DomainPartner>);

/// Who takes the content under contract. Only administrators are told of partners; each partner is told of itself, in
/// `viewer`.
#[Object]
impl Partner {
    /// Its identity: tokens name it in the claim `partner`. `node` does not find it.
    async fn id(&self) -> ID {
        ID(NodeId::Partner(self.0.id).encode())
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether its tokens are taken.
    async fn status(&self) -> PartnerStatus {
        self.0.status.into()
    }

    /// The scopes that its tokens may carry: a token has those that both have.
    async fn scopes(&self) -> Vec<&'static str> {
        self.0.scopes.iter().copied().map(Scope::name).collect()
    }

    /// How many requests a minute it may make; null: as many as anyone with a token.
    async fn requests_per_minute(&self) -> Option<i32> {
        let rate = self.0.requests_per_minute?;
        Some(i32::try_from(rate.get()).unwrap_or(i32::MAX))
    }

    /// The sections that were chosen for it: it is told of the articles in those and beneath, and of no others. Null:
    /// of all articles.
    async fn sections(&self, context: &Context<'_>) -> Option<Result<Vec<Section>>> {
        let sections = self.0.sections.clone()?;
        let chosen = sections.chosen().iter().copied().collect();
        Some(
            async { loaders(context)?.load_all(chosen).await }
                .await
                .map(|sections| sections.into_iter().map(Section).collect()),
        )
    }

    /// The tokens that were made for it here, the latest first; those that were revoked or have expired are listed for
    /// another year. Tokens that others issue for it are not known before they are sent. Needs an administrator.
    async fn tokens(&self, context: &Context<'_>) -> Option<Result<Vec<PartnerToken>>> {
        Some(
            async {
                Office::of(context)?
                    .caller
                    .require(Role::Admin)
                    .map_err(QueryError::NotPermitted)?;
                let tokens = loaders(context)?
                    .load_alone(TokensOfPartner(self.0.id))
                    .await?;
                Ok(tokens
                    .iter()
                    .flat_map(|tokens| tokens.iter())
                    .cloned()
                    .map(PartnerToken)
                    .collect())
            }
            .await,
        )
    }
}

/// A token that was made for a partner here.
pub(crate) struct PartnerToken(pub(crate) DomainPartnerToken);

/// A token that was made for a partner here. The token itself was shown once, to whoever made it.
#[Object]
impl PartnerToken {
    /// Its identity, by which it is revoked.
    async fn id(&self) -> ID {
        ID(NodeId::PartnerToken(self.0.id).encode())
    }

    /// What it is for.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// The scopes that it carries, of which it has those that the partner has, too; null: all of the partner's.
    async fn scopes(&self) -> Option<Vec<&'static str>> {
        let scopes = self.0.scopes.as_ref()?;
        Some(scopes.iter().copied().map(Scope::name).collect())
    }

    /// When it was made, in UTC.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// From when on it is not taken, in UTC.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When it was revoked, in UTC; null unless it was.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}

/// All partners, by name, for an administrator.
pub(crate) async fn partners(context: &Context<'_>) -> Result<Vec<Partner>> {
    let loaders = loaders(context)?;
    loaders.personal();
    Office::of(context)?
        .caller
        .require(Role::Admin)
        .map_err(QueryError::NotPermitted)?;
    let partners = loaders.load_alone(AllPartners).await?;
    let partners = partners.iter().flat_map(|partners| partners.iter());
    Ok(partners.cloned().map(Partner).collect())
}
