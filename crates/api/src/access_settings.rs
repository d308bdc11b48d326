//! What everyone may have without asking, as the configuration says it.

use masthead_domain::audience::PublicAccess;
use serde::{Deserialize, Serialize};

/// What needs no token, and what a partner's token has to carry a scope for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessSettings {
    /// Whether everyone reads the full text of articles. Else they read the standfirst, and the scope `articles:body`
    /// gives the text.
    pub public_full_text: bool,
    /// Whether everyone follows the change log. Else the scope `changes:read` does.
    pub public_changes: bool,
}

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            public_full_text: true,
            public_changes: true,
        }
    }
}

impl AccessSettings {
    /// What everyone may have.
    pub const fn public(self) -> PublicAccess {
        PublicAccess {
            full_text: self.public_full_text,
            changes: self.public_changes,
        }
    }
}
