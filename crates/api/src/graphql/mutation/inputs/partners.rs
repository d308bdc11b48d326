//! What partners and tokens are kept with.

use async_graphql::{ID, InputObject, MaybeUndefined};
use masthead_newsroom::{partner_tokens, partners};

use super::edit;
use crate::graphql::partners::PartnerStatus;

/// A token to be ended.
#[derive(InputObject)]
pub(crate) struct RevokeTokenInput {
    /// The token itself, or its id (`jti`).
    pub(crate) token: String,
}

/// A partner: a new one without `id`. Of one that is there, what is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct SavePartnerInput {
    /// Which; left out, a new one.
    id: Option<ID>,
    /// Its name; a new partner needs one.
    name: Option<String>,
    /// Whether its tokens are taken. An end is for good.
    status: Option<PartnerStatus>,
    /// The scopes that its tokens may carry: `articles:body`, `embargo:read`, `changes:read`, `webhooks:write`.
    scopes: Option<Vec<String>>,
    /// How many requests a minute it may make; null: as many as anyone with a token.
    requests_per_minute: MaybeUndefined<i32>,
    /// The slugs of the sections whose articles it is told of, with those beneath them; null: of all articles.
    sections: MaybeUndefined<Vec<String>>,
}

impl From<SavePartnerInput> for partners::PartnerInput {
    fn from(input: SavePartnerInput) -> Self {
        Self {
            id: input.id.map(|id| id.0),
            name: input.name,
            status: input.status.map(Into::into),
            scopes: input.scopes,
            requests_per_minute: edit(input.requests_per_minute),
            sections: edit(input.sections),
        }
    }
}

/// A token for a partner.
#[derive(InputObject)]
pub(crate) struct CreatePartnerTokenInput {
    /// Whose it is to be.
    pub(crate) partner: ID,
    /// What it is for.
    label: Option<String>,
    /// The scopes that it carries; left out, all of the partner's.
    scopes: Option<Vec<String>>,
    /// For how many days it is taken, 1 to 3653.
    #[graphql(default = 365)]
    days: i32,
}

impl From<CreatePartnerTokenInput> for partner_tokens::PartnerTokenInput {
    fn from(input: CreatePartnerTokenInput) -> Self {
        Self {
            partner: input.partner.0,
            label: input.label,
            scopes: input.scopes,
            days: input.days,
        }
    }
}

/// A partner's token to be ended.
#[derive(InputObject)]
pub(crate) struct RevokePartnerTokenInput {
    /// Its identity, as the partner's list of tokens has it.
    pub(crate) id: ID,
}
