//! Who is asking, as they are told.

use async_graphql::{Enum, Object};
use masthead_domain::viewer::{Role as DomainRole, Viewer as DomainViewer};

use super::{partners::Partner, scalars::DateTime};

/// The bearer of the request's token.
pub(crate) struct Viewer(pub(crate) DomainViewer);

/// What the bearer of a token is to the magazine. Each role may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainRole")]
pub(crate) enum Role {
    /// Reads what is public and what the token's scopes add.
    Partner,
    /// Reads all, writes drafts, corrects.
    Editor,
    /// Also schedules, publishes and withdraws, and changes what is scheduled or published.
    Publisher,
    /// Also keeps partners, tokens and the publication.
    Admin,
}

/// The bearer of the request's token.
#[Object]
impl Viewer {
    /// Whom the token speaks for, as its issuer names them.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What they are to the magazine.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The token's scopes, those that mean nothing here included; of a token that is bound to a partner, those that both
    /// have.
    async fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// The partner that the token is bound to.
    async fn partner(&self) -> Option<Partner> {
        self.0.partner.clone().map(Partner)
    }

    /// From when on the token is not taken, in UTC.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.token.expires_at.map(DateTime)
    }
}
