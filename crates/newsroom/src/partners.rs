//! Saving partners: who takes the content under contract, and what of it.

use std::{collections::BTreeSet, num::NonZeroU32, sync::Arc};

use masthead_domain::{
    identifier::{PartnerId, SectionId},
    node_id::NodeId,
    partner::{AllowedSections, Partner, PartnerStatus},
    section::Section,
    viewer::{Role, Scope},
};
use masthead_persistence::Transaction;

use crate::{
    desk::{Desk, WriteError, in_one_write},
    input::{Edit, FaultCode, Faults, one},
};

const NAME: usize = 200;
/// The most sections that are chosen for a partner.
const MOST_SECTIONS: usize = 200;

/// A partner, as an administrator hands it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartnerInput {
    /// Its identity; a new partner without one.
    pub id: Option<String>,
    /// Its name; a new partner needs one.
    pub name: Option<String>,
    /// Whether its tokens are taken; a new partner's are.
    pub status: Option<PartnerStatus>,
    /// The names of the scopes that its tokens may carry; a new partner's carry none.
    pub scopes: Option<Vec<String>>,
    /// How many requests a minute it may make; cleared, as many as anyone with a token.
    pub requests_per_minute: Edit<i32>,
    /// The slugs of the sections that it is told of, with those beneath them; cleared, all.
    pub sections: Edit<Vec<String>>,
}

impl Desk {
    /// Saves a partner. What is as it was is not saved again.
    ///
    /// # Errors
    /// When the caller is no administrator, the input has faults - among them that the partner has ended, which is
    /// for good -, or the database fails.
    pub async fn save_partner(&self, input: &PartnerInput) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Admin, |transaction| save(transaction, input))
    }
}

/// The partner with an identity, or the fault that there is none.
pub(crate) async fn known(
    transaction: &Transaction,
    field: &str,
    id: &str,
) -> Result<Partner, WriteError> {
    let partner = match NodeId::decode(id) {
        Ok(NodeId::Partner(id)) => transaction.reader().partner(id).await?,
        _ => None,
    };
    partner.ok_or_else(|| {
        one(
            FaultCode::NotFound,
            field,
            "there is no partner with this identity",
        )
        .into()
    })
}

/// The scopes with these names.
pub(crate) fn scopes(faults: &mut Faults, names: &[String]) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::new();
    for (place, name) in names.iter().enumerate() {
        match Scope::from_name(name.trim()) {
            Some(scope) => {
                scopes.insert(scope);
            }
            None => faults.add_at(
                FaultCode::Invalid,
                &["scopes", &place.to_string()],
                format!(
                    "there is no scope '{name}': write some of {}",
                    Scope::ALL.map(Scope::name).join(", ")
                ),
            ),
        }
    }
    scopes
}

async fn save(transaction: &Transaction, input: &PartnerInput) -> Result<NodeId, WriteError> {
    let reader = transaction.reader();
    let former = match &input.id {
        Some(id) => {
            let former = known(transaction, "id", id).await?;
            if let Err(ended) = former.may_change() {
                return Err(one(FaultCode::WrongStatus, "id", ended.to_string()).into());
            }
            Some(former)
        }
        None => None,
    };
    let mut faults = Faults::default();
    let name = match (&input.name, &former) {
        (None, Some(former)) => former.name.clone(),
        (name, _) => faults.line("name", name.as_deref().unwrap_or_default(), NAME),
    };
    let status = match (input.status, &former) {
        (Some(status), _) => status,
        (None, Some(former)) => former.status,
        (None, None) => PartnerStatus::Active,
    };
    let scopes = match (&input.scopes, &former) {
        (Some(names), _) => scopes(&mut faults, names),
        (None, Some(former)) => former.scopes.clone(),
        (None, None) => BTreeSet::new(),
    };
    let requests_per_minute = match input.requests_per_minute {
        Edit::Keep => former
            .as_ref()
            .and_then(|former| former.requests_per_minute),
        Edit::Clear => None,
        Edit::Set(rate) => {
            let rate = u32::try_from(rate).ok().and_then(NonZeroU32::new);
            if rate.is_none() {
                faults.add(
                    FaultCode::Invalid,
                    "requestsPerMinute",
                    "a rate is 1 or more: suspend the partner to let it make no requests, or leave the rate out for \
                     the server's own",
                );
            }
            rate
        }
    };
    let sections = match &input.sections {
        Edit::Keep => former.as_ref().and_then(|former| former.sections.clone()),
        Edit::Clear => None,
        Edit::Set(slugs) => Some(Arc::new(chosen(
            &mut faults,
            slugs,
            &reader.sections().await?,
        ))),
    };
    let id = former.as_ref().map(|former| former.id);
    let is_taken = reader.partners().await?.iter().any(|other| {
        Some(other.id) != id && other.status != PartnerStatus::Ended && other.name == name
    });
    if is_taken {
        faults.add(
            FaultCode::Taken,
            "name",
            format!("another partner is named '{name}': choose another name, or save that one by its 'id'"),
        );
    }
    faults.none_or(())?;
    let partner = Partner {
        id: id.unwrap_or_else(|| PartnerId::new(transaction.now())),
        name,
        status,
        scopes,
        requests_per_minute,
        sections,
    };
    if former.as_ref() != Some(&partner) {
        transaction.save_partner(&partner).await?;
    }
    Ok(NodeId::Partner(partner.id))
}

/// The sections with these slugs, and those beneath them.
fn chosen(faults: &mut Faults, slugs: &[String], sections: &[Section]) -> AllowedSections {
    faults.check_count("sections", slugs.len(), MOST_SECTIONS);
    let mut chosen: BTreeSet<SectionId> = BTreeSet::new();
    for (place, slug) in slugs.iter().enumerate() {
        let found = sections
            .iter()
            .find(|section| section.slug.as_ref() == slug.trim());
        match found {
            Some(section) => {
                chosen.insert(section.id);
            }
            None => faults.add_at(
                FaultCode::NotFound,
                &["sections", &place.to_string()],
                format!("there is no section '{slug}': save it first"),
            ),
        }
    }
    if slugs.is_empty() {
        faults.add(
            FaultCode::Invalid,
            "sections",
            "no section is left: name some, or null for all of them",
        );
    }
    let all = sections.iter().map(|section| (section.id, section.parent));
    AllowedSections::new(chosen, all)
}
