//! What mutations are given: one input object each.
//!
//! - [`articles`]: what is written, and what becomes of it;
//! - [`filing`]: what articles are filed under and printed in, and the publication;
//! - [`partners`], [`webhooks`]: who is told of all that.

mod articles;
mod filing;
mod partners;
mod webhooks;

use async_graphql::MaybeUndefined;
use masthead_newsroom::input::Edit;

pub(super) use articles::{
    CorrectArticleInput, CreateArticleInput, CreatePreviewInput, DeleteDraftInput,
    PublishArticleInput, RestoreRevisionInput, ScheduleArticleInput, SetRelatedArticlesInput,
    UnscheduleArticleInput, UpdateArticleInput, WithdrawArticleInput,
};
pub(super) use filing::{
    SaveContributorInput, SaveMagazineIssueInput, SavePublicationInput, SaveSectionInput,
    SaveTopicInput,
};
pub(super) use partners::{
    CreatePartnerTokenInput, RevokePartnerTokenInput, RevokeTokenInput, SavePartnerInput,
};
pub(super) use webhooks::{DeleteWebhookInput, RedeliverInput, SaveWebhookInput};

/// A field that a change may leave alone, empty or set.
fn edit<Value>(value: MaybeUndefined<Value>) -> Edit<Value> {
    match value {
        MaybeUndefined::Undefined => Edit::Keep,
        MaybeUndefined::Null => Edit::Clear,
        MaybeUndefined::Value(value) => Edit::Set(value),
    }
}
