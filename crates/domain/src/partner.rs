//! Partners: who takes the magazine's content under contract, and what of it.
//!
//! A token that names a partner is good as long as the partner is: what it may see is what it carries and the
//! partner may.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    sync::Arc,
};

use chrono::{DateTime, Utc};

use crate::{
    identifier::{PartnerId, PartnerTokenId, SectionId},
    viewer::Scope,
};

/// A partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its identity, which tokens name.
    pub id: PartnerId,
    /// Its name, unique among partners that have not ended.
    pub name: String,
    /// Whether its tokens are taken.
    pub status: PartnerStatus,
    /// What its tokens may carry.
    pub scopes: BTreeSet<Scope>,
    /// How many requests a minute it may make; as many as the server grants any token where it is none.
    pub requests_per_minute: Option<NonZeroU32>,
    /// The sections whose articles it is told of; all articles where it is none.
    pub sections: Option<Arc<AllowedSections>>,
}

/// Whether a partner's tokens are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartnerStatus {
    /// They are.
    Active,
    /// They are not, until it is active again.
    Suspended,
    /// They are not, and never will be again.
    Ended,
}

impl PartnerStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Ended];

    /// The name under which it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Ended => "ENDED",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A token that was made for a partner here, without what it is presented by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerToken {
    /// Its identity, by which it is listed and revoked.
    pub id: PartnerTokenId,
    /// Whose it is.
    pub partner: PartnerId,
    /// What it is for, as whoever made it has put it.
    pub label: Option<String>,
    /// The scopes that it carries; all of the partner's where it is none.
    pub scopes: Option<BTreeSet<Scope>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is not taken.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl PartnerToken {
    /// Whether it is taken at that instant, as long as its partner is.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Why a partner cannot be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the partner has ended, and with it all of its tokens: make a new partner")]
pub struct PartnerHasEnded;

/// Why a partner's token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartnerRefusal {
    /// It is suspended.
    #[error("The partner that the token is for is suspended. Ask the publication.")]
    Suspended,
    /// It has ended.
    #[error("The partner that the token is for has ended, and its tokens with it.")]
    Ended,
}

impl Partner {
    /// Whether its tokens are taken now.
    ///
    /// # Errors
    /// When it is suspended or has ended.
    pub const fn takes_tokens(&self) -> Result<(), PartnerRefusal> {
        match self.status {
            PartnerStatus::Active => Ok(()),
            PartnerStatus::Suspended => Err(PartnerRefusal::Suspended),
            PartnerStatus::Ended => Err(PartnerRefusal::Ended),
        }
    }

    /// Whether anything of it may still be changed: an end is for good.
    ///
    /// # Errors
    /// When it has ended.
    pub const fn may_change(&self) -> Result<(), PartnerHasEnded> {
        match self.status {
            PartnerStatus::Active | PartnerStatus::Suspended => Ok(()),
            PartnerStatus::Ended => Err(PartnerHasEnded),
        }
    }

    /// The scopes of a token that carries these: those of them that are the partner's too, or all of the partner's
    /// where it carries none.
    pub fn scopes_of_token<'a>(&self, carried: impl IntoIterator<Item = &'a str>) -> Vec<Scope> {
        let mut carried = carried.into_iter().peekable();
        if carried.peek().is_none() {
            return self.scopes.iter().copied().collect();
        }
        let carried: BTreeSet<Scope> = carried.filter_map(Scope::from_name).collect();
        self.scopes.intersection(&carried).copied().collect()
    }
}

/// The sections whose articles a partner is told of: those that were chosen, and those beneath them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AllowedSections {
    chosen: BTreeSet<SectionId>,
    all: BTreeSet<SectionId>,
}

impl AllowedSections {
    /// Those chosen and those beneath them, as sections stand now: each with the one that it is a part of.
    pub fn new(
        chosen: BTreeSet<SectionId>,
        sections: impl IntoIterator<Item = (SectionId, Option<SectionId>)>,
    ) -> Self {
        let mut parts: BTreeMap<SectionId, Vec<SectionId>> = BTreeMap::new();
        for (section, parent) in sections {
            if let Some(parent) = parent {
                parts.entry(parent).or_default().push(section);
            }
        }
        let mut all = BTreeSet::new();
        let mut beneath: Vec<SectionId> = chosen.iter().copied().collect();
        while let Some(section) = beneath.pop() {
            if all.insert(section) {
                beneath.extend(parts.get(&section).into_iter().flatten());
            }
        }
        Self { chosen, all }
    }

    /// Those that were chosen.
    pub const fn chosen(&self) -> &BTreeSet<SectionId> {
        &self.chosen
    }

    /// Those that were chosen and those beneath them.
    pub const fn all(&self) -> &BTreeSet<SectionId> {
        &self.all
    }

    /// Whether an article is told of that stands in this section; one that stands in none never is.
    pub fn allow(&self, section: Option<SectionId>) -> bool {
        section.is_some_and(|section| self.all.contains(&section))
    }

    /// A number that tells these sections from others (FNV-1a, 32 bits, of their identities): who has followed the
    /// change log under some may not go on under others, having never been told what those would have told.
    pub fn fingerprint(&self) -> u32 {
        let bytes = self
            .all
            .iter()
            .flat_map(|section| section.number().to_be_bytes());
        bytes.fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(number: i64) -> SectionId {
        SectionId::from_number(number)
    }

    fn partner(status: PartnerStatus) -> Partner {
        Partner {
            id: PartnerId::from_number(1),
            name: "Example Agency".to_owned(),
            status,
            scopes: BTreeSet::from([Scope::ArticlesBody, Scope::ChangesRead]),
            requests_per_minute: None,
            sections: None,
        }
    }

    #[test]
    fn a_token_has_what_it_carries_and_the_partner_has() {
        let partner = partner(PartnerStatus::Active);
        let scopes = |carried: &[&str]| partner.scopes_of_token(carried.iter().copied());
        assert_eq!(scopes(&[]), [Scope::ArticlesBody, Scope::ChangesRead]);
        assert_eq!(
            scopes(&["changes:read", "embargo:read", "openid"]),
            [Scope::ChangesRead]
        );
        assert_eq!(scopes(&["openid"]), []);
    }

    #[test]
    fn tokens_die_with_their_partner() {
        assert_eq!(partner(PartnerStatus::Active).takes_tokens(), Ok(()));
        assert_eq!(
            partner(PartnerStatus::Suspended).takes_tokens(),
            Err(PartnerRefusal::Suspended)
        );
        assert_eq!(
            partner(PartnerStatus::Ended).takes_tokens(),
            Err(PartnerRefusal::Ended)
        );
        assert_eq!(partner(PartnerStatus::Suspended).may_change(), Ok(()));
        assert_eq!(
            partner(PartnerStatus::Ended).may_change(),
            Err(PartnerHasEnded)
        );
        for status in PartnerStatus::ALL {
            assert_eq!(PartnerStatus::from_name(status.name()), Some(status));
        }
        assert_eq!(PartnerStatus::from_name("ended"), None);
    }

    #[test]
    fn sections_are_allowed_with_those_beneath_them() {
        // 1 > 2 > 3; 4 > 5; 6 and 7 stand under each other, which no save leaves behind.
        let tree = [
            (1, None),
            (2, Some(1)),
            (3, Some(2)),
            (4, None),
            (5, Some(4)),
            (6, Some(7)),
            (7, Some(6)),
        ]
        .map(|(id, parent)| (section(id), parent.map(section)));
        let allowed = |chosen: &[i64]| {
            AllowedSections::new(chosen.iter().copied().map(section).collect(), tree)
        };
        for (chosen, all) in [
            (&[1][..], &[1, 2, 3][..]),
            (&[2], &[2, 3]),
            (&[3, 4], &[3, 4, 5]),
            (&[7], &[6, 7]),
            (&[], &[]),
        ] {
            let all: BTreeSet<SectionId> = all.iter().copied().map(section).collect();
            assert_eq!(allowed(chosen).all(), &all);
        }
        assert!(allowed(&[1]).allow(Some(section(3))));
        assert!(!allowed(&[1]).allow(Some(section(4))));
        assert!(!allowed(&[1]).allow(None));
        assert_eq!(
            allowed(&[1, 4]).fingerprint(),
            allowed(&[4, 1]).fingerprint()
        );
        assert_ne!(allowed(&[1]).fingerprint(), allowed(&[2]).fingerprint());
        // What was chosen beside is told of anyway.
        assert_eq!(allowed(&[1, 2]).fingerprint(), allowed(&[1]).fingerprint());
    }
}
