//! What mutations answer: what changed, or the faults that a person can mend.

#![allow(
    dead_code,
    reason = "the accessors that SimpleObject makes of a macro's structs"
)]

use async_graphql::{Enum, ID, SimpleObject};
use masthead_newsroom::input::{Fault, FaultCode};

use crate::graphql::{
    article::Article,
    classification::{Contributor, Section, Topic},
    magazine::MagazineIssue,
    node::Node,
    partners::{Partner, PartnerToken},
    publication::Publication,
    scalars::{DateTime, Url},
    webhooks::Webhook,
};

/// A fault in an input, for a person to mend.
#[derive(SimpleObject)]
pub(crate) struct UserError {
    /// What is wrong, and how to mend it.
    message: String,
    /// What kind of fault it is.
    code: UserErrorCode,
    /// Where in the input: `["input", "headline"]`, `["input", "bylines", "0"]`.
    path: Vec<String>,
}

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "FaultCode")]
pub(crate) enum UserErrorCode {
    /// It cannot be used as it is.
    Invalid,
    /// It is missing.
    Required,
    /// There is too much of it.
    TooLong,
    /// Something else has it.
    Taken,
    /// There is no such thing.
    NotFound,
    /// The article has been saved by someone else in between.
    StaleRevision,
    /// The article's status does not allow it.
    WrongStatus,
}

impl From<Fault> for UserError {
    fn from(fault: Fault) -> Self {
        Self {
            message: fault.message,
            code: fault.code.into(),
            path: fault.path,
        }
    }
}

/// A link that shows one article as it would be published, and nothing else that is not public.
#[derive(SimpleObject)]
pub(crate) struct Preview {
    /// The token: a frontend sends it as `Authorization: Bearer …` with the queries of its page.
    pub(crate) token: String,
    /// When the link ends, in UTC.
    pub(crate) expires_at: DateTime,
    /// The article's address on the publication's website, with the token as its query parameter `preview`.
    pub(crate) url: Url,
}

/// A token that was made for a partner.
#[derive(Default, SimpleObject)]
pub(crate) struct CreatePartnerTokenPayload {
    /// The token, to be sent as `Authorization: Bearer …`. It is shown this once: whoever repeats the request by its
    /// `Idempotency-Key` is answered null, and revokes it to make another.
    pub(crate) token: Option<String>,
    /// What is known of it.
    pub(crate) partner_token: Option<PartnerToken>,
    /// Why nothing was saved; empty when it was.
    pub(crate) errors: Vec<UserError>,
}

impl Payload for CreatePartnerTokenPayload {
    fn refused(faults: Vec<Fault>) -> Self {
        Self {
            errors: faults.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// What became of a webhook.
#[derive(Default, SimpleObject)]
pub(crate) struct WebhookPayload {
    /// The secret that deliveries are signed with, `whsec_…`, where it is new. It is shown this once: whoever repeats the
    /// request by its `Idempotency-Key` is answered null, and has `rotateSecret` make another.
    pub(crate) secret: Option<String>,
    /// The webhook as it is now.
    pub(crate) webhook: Option<Webhook>,
    /// Why nothing was saved; empty when it was.
    pub(crate) errors: Vec<UserError>,
}

impl Payload for WebhookPayload {
    fn refused(faults: Vec<Fault>) -> Self {
        Self {
            errors: faults.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// What a mutation answers, made of what came of it.
pub(crate) trait Payload {
    /// The faults for which nothing was saved.
    fn refused(faults: Vec<Fault>) -> Self;
}

/// What a mutation answers that saves something with an identity.
pub(crate) trait NodePayload: Payload {
    /// What was saved, as it is now.
    fn saved(node: Option<Node>) -> Self;
}

macro_rules! payloads {
    ($($(#[$documentation:meta])* $name:ident {
        $(#[$field_documentation:meta])* $field:ident: $type:ty $(= $variant:ident)?
    })*) => {$(
        $(#[$documentation])*
        #[derive(Default, SimpleObject)]
        pub(crate) struct $name {
            $(#[$field_documentation])*
            pub(crate) $field: Option<$type>,
            /// Why nothing was saved; empty when it was.
            pub(crate) errors: Vec<UserError>,
        }

        impl Payload for $name {
            fn refused(faults: Vec<Fault>) -> Self {
                Self {
                    errors: faults.into_iter().map(Into::into).collect(),
                    ..Self::default()
                }
            }
        }

        $(impl NodePayload for $name {
            fn saved(node: Option<Node>) -> Self {
                Self {
                    $field: match node {
                        Some(Node::$variant(saved)) => Some(saved),
                        _ => None,
                    },
                    errors: Vec::new(),
                }
            }
        })?
    )*};
}

payloads! {
    /// What became of an article.
    ArticlePayload {
        /// The article as it is now.
        article: Article = Article
    }
    /// What became of a section.
    SectionPayload {
        /// The section as it is now.
        section: Section = Section
    }
    /// What became of a contributor.
    ContributorPayload {
        /// The contributor as they are now.
        contributor: Contributor = Contributor
    }
    /// What became of a topic.
    TopicPayload {
        /// The topic as it is now.
        topic: Topic = Topic
    }
    /// What became of an issue.
    MagazineIssuePayload {
        /// The issue as it is now.
        magazine_issue: MagazineIssue = MagazineIssue
    }
    /// What became of the publication.
    PublicationPayload {
        /// The publication as it is now.
        publication: Publication = Publication
    }
    /// A link to a preview.
    PreviewPayload {
        /// The preview.
        preview: Preview
    }
    /// What became of a token.
    RevokeTokenPayload {
        /// The id by which it is remembered; null for a preview's.
        revoked_id: String
    }
    /// What became of a partner.
    PartnerPayload {
        /// The partner as it is now.
        partner: Partner
    }
    /// What became of a partner's token.
    RevokePartnerTokenPayload {
        /// The identity of what was revoked.
        revoked_id: ID
    }
    /// What became of a webhook that was to be deleted.
    DeleteWebhookPayload {
        /// The identity of what was deleted.
        deleted_id: ID
    }
    /// What became of a webhook that was to be delivered to again.
    RedeliverPayload {
        /// The webhook as it is now.
        webhook: Webhook
    }
    /// What became of a draft.
    DeleteDraftPayload {
        /// The identity of what was thrown away.
        deleted_id: ID
    }
}
