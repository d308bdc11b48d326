//! Who is asking, and what they may do.
//!
//! A request comes from nobody in particular, from the bearer of a token, or through the link to one preview.
//! What each may *see* is the [`Audience`] that follows from it; what each may *do* is decided by
//! [`Caller::require`], which every use case that writes calls first.

use crate::{audience::Audience, identifier::ArticleId};

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
    /// The token's scopes as it names them (RFC 6749 section 3.3), those that mean nothing here included.
    pub scopes: Vec<String>,
}

impl Viewer {
    /// Whether the token carries this scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|name| name == scope.name())
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
}

impl Caller {
    /// What they may see.
    pub fn audience(&self) -> Audience {
        match self {
            Self::Public => Audience::Public,
            Self::Preview(article) => Audience::Preview(*article),
            Self::Viewer(viewer) => match viewer.role {
                Role::Partner => Audience::Partner {
                    embargo: viewer.has(Scope::EmbargoRead),
                },
                Role::Editor | Role::Publisher | Role::Admin => Audience::Newsroom,
            },
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, scopes: &[&str]) -> Caller {
        Caller::Viewer(Viewer {
            subject: "someone".to_owned(),
            role,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        })
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

    #[test]
    fn what_one_may_see_follows_from_who_one_is() {
        assert_eq!(Caller::Public.audience(), Audience::Public);
        assert_eq!(
            caller(Role::Partner, &["articles:body"]).audience(),
            Audience::Partner { embargo: false }
        );
        assert_eq!(
            caller(Role::Partner, &["openid", "embargo:read"]).audience(),
            Audience::Partner { embargo: true }
        );
        for role in [Role::Editor, Role::Publisher, Role::Admin] {
            assert_eq!(caller(role, &[]).audience(), Audience::Newsroom);
        }
        let article = ArticleId::from_number(7);
        assert_eq!(
            Caller::Preview(article).audience(),
            Audience::Preview(article)
        );
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
