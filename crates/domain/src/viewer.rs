//! Who is asking, and what they may do.
//!
//! A request comes from nobody in particular, from the bearer of a token, or through the link to one preview.
//! What each may *see* is the [`Audience`] that follows from it; what each may *do* is decided by
//! [`Caller::require`], which every use case that writes calls first.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    audience::{Audience, PublicAccess, TextAccess},
    identifier::ArticleId,
    partner::Partner,
};

/// What the bearer of a token is to the magazine. Each role may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Takes the magazine's content under contract: reads what is public and what their scopes add.
    Partner,
    /// Reads all, writes drafts, corrects.
    Editor,
    /// Also schedules, publishes and withdraws, and changes what is scheduled or published.
    Publisher,
    /// Also keeps partners, tokens and the publication.
    Admin,
}

impl Role {
    /// Every role, the one with the fewest rights first.
    pub const ALL: [Self; 4] = [Self::Partner, Self::Editor, Self::Publisher, Self::Admin];

    /// The name under which it stands in tokens: `editor`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Editor => "editor",
            Self::Publisher => "publisher",
            Self::Admin => "admin",
        }
    }

    /// The role with this name, whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// A right that a partner's token may carry beside what is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Full text.
    ArticlesBody,
    /// Scheduled articles with their time.
    EmbargoRead,
    /// The change log, where it is closed to the public.
    ChangesRead,
    /// Webhooks of one's own.
    WebhooksWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [
        Self::ArticlesBody,
        Self::EmbargoRead,
        Self::ChangesRead,
        Self::WebhooksWrite,
    ];

    /// The name under which it stands in tokens: `embargo:read`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ArticlesBody => "articles:body",
            Self::EmbargoRead => "embargo:read",
            Self::ChangesRead => "changes:read",
            Self::WebhooksWrite => "webhooks:write",
        }
    }

    /// The scope with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// The bearer of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Whom the token speaks for, as its issuer names them (RFC 7519 section 4.1.2).
    pub subject: String,
    /// What they are to the magazine.
    pub role: Role,
    /// The token's scopes as it names them (RFC 6749 section 3.3), those that mean nothing here included; of a token
    /// that is bound to a partner, those that both have.
    pub scopes: Vec<String>,
    /// The partner that the token is bound to.
    pub partner: Option<Arc<Partner>>,
    /// The token itself.
    pub token: TokenFacts,
}

/// What is known of a token beside whom it speaks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// By what it is revoked; the same for as long as it is good.
    pub id: String,
    /// When it expires; none of one that was not read from a request.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Viewer {
    /// Whom a token speaks for that is bound to no partner.
    pub fn new(subject: impl Into<String>, role: Role) -> Self {
        Self {
            subject: subject.into(),
            role,
            scopes: Vec::new(),
            partner: None,
            token: TokenFacts::default(),
        }
    }

    /// The same, with these scopes.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Whether the token carries this scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|name| name == scope.name())
    }

    /// Whether the bearer may do what this scope is for: a partner whose token carries it; the magazine's own staff
    /// without one, but for webhooks, which are the administrators' to keep.
    pub fn may(&self, scope: Scope) -> bool {
        match self.role {
            Role::Partner => self.has(scope),
            Role::Editor | Role::Publisher => scope != Scope::WebhooksWrite,
            Role::Admin => true,
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// From anyone.
    #[default]
    Public,
    /// From the bearer of a token.
    Viewer(Viewer),
    /// Through the link that shows one article as it would be published.
    Preview(ArticleId),
}

/// Why a caller may not do something at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPermitted {
    /// Nobody has said who they are.
    #[error("this needs a token: send one as 'Authorization: Bearer …'")]
    Unauthenticated,
    /// They may not.
    #[error("this needs the role {}, which the token does not give", .0.name().to_uppercase())]
    Forbidden(Role),
    /// Their token does not carry a scope.
    #[error("this needs the scope {}, which the token does not give", .0.name())]
    ScopeMissing(Scope),
    /// Their token names no partner whose it could be.
    #[error("this needs a token that is bound to a partner: ask the publication for one")]
    PartnerMissing,
}

impl Caller {
    /// What they may see, where everyone may have so much without asking.
    ///
    /// A partner who sees what everyone sees is of everyone.
    pub fn audience(&self, everyone: PublicAccess) -> Audience {
        let text_of_everyone = TextAccess::granted(everyone.full_text);
        match self {
            Self::Public => Audience::Public(text_of_everyone),
            Self::Preview(article) => Audience::Preview(*article, text_of_everyone),
            Self::Viewer(viewer) => match viewer.role {
                Role::Partner => {
                    let embargo = viewer.has(Scope::EmbargoRead);
                    let text =
                        TextAccess::granted(everyone.full_text || viewer.has(Scope::ArticlesBody));
                    let partner = viewer.partner.as_ref();
                    let sections = partner.and_then(|partner| partner.sections.clone());
                    if !embargo && text == text_of_everyone && sections.is_none() {
                        Audience::Public(text)
                    } else {
                        Audience::Partner {
                            embargo,
                            text,
                            sections,
                        }
                    }
                }
                Role::Editor | Role::Publisher | Role::Admin => Audience::Newsroom,
            },
        }
    }

    /// Whether they may follow the change log.
    ///
    /// # Errors
    /// When it is closed to the public, and they have no token or not the scope `changes:read`.
    pub fn may_follow_changes(&self, everyone: PublicAccess) -> Result<(), NotPermitted> {
        if everyone.changes {
            return Ok(());
        }
        self.require_scope(Scope::ChangesRead).map(drop)
    }

    /// The bearer of the token, if there is one.
    pub fn viewer(&self) -> Option<&Viewer> {
        match self {
            Self::Viewer(viewer) => Some(viewer),
            Self::Public | Self::Preview(_) => None,
        }
    }

    /// The bearer of the token, who has at least this role.
    ///
    /// # Errors
    /// When there is no token, or its role may not.
    pub fn require(&self, role: Role) -> Result<&Viewer, NotPermitted> {
        let viewer = self.viewer().ok_or(NotPermitted::Unauthenticated)?;
        if viewer.role >= role {
            Ok(viewer)
        } else {
            Err(NotPermitted::Forbidden(role))
        }
    }

    /// The bearer of the token, who may do what this scope is for ([`Viewer::may`]).
    ///
    /// # Errors
    /// When there is no token, or it does not carry the scope.
    pub fn require_scope(&self, scope: Scope) -> Result<&Viewer, NotPermitted> {
        let viewer = self.viewer().ok_or(NotPermitted::Unauthenticated)?;
        if viewer.may(scope) {
            Ok(viewer)
        } else {
            Err(NotPermitted::ScopeMissing(scope))
        }
    }

    /// The partner that the token is bound to.
    pub fn partner(&self) -> Option<&Arc<Partner>> {
        self.viewer()?.partner.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        identifier::{PartnerId, SectionId},
        partner::{AllowedSections, PartnerStatus},
    };

    fn caller(role: Role, scopes: &[&str]) -> Caller {
        Caller::Viewer(Viewer::new("someone", role).with_scopes(scopes.iter().copied()))
    }

    #[test]
    fn each_role_may_what_those_before_it_may() {
        for holds in Role::ALL {
            for needs in Role::ALL {
                let answer = caller(holds, &[]).require(needs).map(|_| ());
                if holds >= needs {
                    assert_eq!(answer, Ok(()), "{holds:?} {needs:?}");
                } else {
                    assert_eq!(answer, Err(NotPermitted::Forbidden(needs)));
                }
            }
        }
        for role in Role::ALL {
            for nobody in [Caller::Public, Caller::Preview(ArticleId::from_number(1))] {
                assert_eq!(nobody.require(role), Err(NotPermitted::Unauthenticated));
            }
        }
    }

    const OPEN: PublicAccess = PublicAccess {
        full_text: true,
        changes: true,
    };
    const CLOSED: PublicAccess = PublicAccess {
        full_text: false,
        changes: false,
    };

    #[test]
    fn what_one_may_see_follows_from_who_one_is() {
        use TextAccess::{Full, Standfirst};

        let partner = |embargo, text| Audience::Partner {
            embargo,
            text,
            sections: None,
        };
        for (everyone, text) in [(OPEN, Full), (CLOSED, Standfirst)] {
            assert_eq!(Caller::Public.audience(everyone), Audience::Public(text));
            for role in [Role::Editor, Role::Publisher, Role::Admin] {
                assert_eq!(caller(role, &[]).audience(everyone), Audience::Newsroom);
            }
            let article = ArticleId::from_number(7);
            assert_eq!(
                Caller::Preview(article).audience(everyone),
                Audience::Preview(article, text)
            );
            assert_eq!(
                caller(Role::Partner, &["changes:read"]).audience(everyone),
                Audience::Public(text)
            );
            assert_eq!(
                caller(Role::Partner, &["openid", "embargo:read"]).audience(everyone),
                partner(true, text)
            );
        }
        let reads_all = caller(Role::Partner, &["articles:body"]);
        assert_eq!(reads_all.audience(OPEN), Audience::Public(Full));
        assert_eq!(reads_all.audience(CLOSED), partner(false, Full));
    }

    #[test]
    fn a_partner_is_told_of_its_sections() {
        let chosen = BTreeSet::from([SectionId::from_number(5)]);
        let sections = Arc::new(AllowedSections::new(chosen, []));
        let partner = Partner {
            id: PartnerId::from_number(1),
            name: "Example Agency".to_owned(),
            status: PartnerStatus::Active,
            scopes: BTreeSet::new(),
            requests_per_minute: None,
            sections: Some(sections.clone()),
        };
        let mut viewer = Viewer::new("someone", Role::Partner);
        viewer.partner = Some(Arc::new(partner));
        let audience = Caller::Viewer(viewer).audience(OPEN);
        assert_eq!(audience.sections(), Some(&sections));
        assert!(!audience.is_everyone());
    }

    #[test]
    fn changes_are_followed_by_those_who_may() {
        let nobody = [Caller::Public, Caller::Preview(ArticleId::from_number(1))];
        for caller in &nobody {
            assert_eq!(caller.may_follow_changes(OPEN), Ok(()));
            assert_eq!(
                caller.may_follow_changes(CLOSED),
                Err(NotPermitted::Unauthenticated)
            );
        }
        assert_eq!(
            caller(Role::Partner, &["embargo:read"]).may_follow_changes(CLOSED),
            Err(NotPermitted::ScopeMissing(Scope::ChangesRead))
        );
        for caller in [
            caller(Role::Partner, &["changes:read"]),
            caller(Role::Editor, &[]),
        ] {
            assert_eq!(caller.may_follow_changes(CLOSED), Ok(()));
        }
        let webhooks = |role, scopes: &[&str]| {
            caller(role, scopes)
                .require_scope(Scope::WebhooksWrite)
                .map(|viewer| viewer.role)
        };
        assert_eq!(
            webhooks(Role::Partner, &["webhooks:write"]),
            Ok(Role::Partner)
        );
        assert_eq!(webhooks(Role::Admin, &[]), Ok(Role::Admin));
        for role in [Role::Partner, Role::Editor, Role::Publisher] {
            assert_eq!(
                webhooks(role, &[]),
                Err(NotPermitted::ScopeMissing(Scope::WebhooksWrite))
            );
        }
    }

    #[test]
    fn names_are_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
            assert_eq!(Role::from_name(&role.name().to_uppercase()), Some(role));
        }
        for scope in Scope::ALL {
            assert_eq!(Scope::from_name(scope.name()), Some(scope));
        }
        assert_eq!(Role::from_name("owner"), None);
        assert_eq!(Scope::from_name("EMBARGO:READ"), None);
    }
}
