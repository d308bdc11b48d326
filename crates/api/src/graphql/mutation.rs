//! What can be done: one mutation for each use case of the newsroom.

mod inputs;
mod payloads;

use async_graphql::{Context, Object};
use masthead_domain::node_id::NodeId;
use masthead_newsroom::{
    desk::WriteError,
    input::Fault,
    partner_tokens,
    preview::PREFIX,
    webhooks::{WebhookRules, keeps},
};
use masthead_persistence::ChangePosition;

use self::{
    inputs::{
        CorrectArticleInput, CreateArticleInput, CreatePartnerTokenInput, CreatePreviewInput,
        DeleteDraftInput, DeleteWebhookInput, PublishArticleInput, RedeliverInput,
        RestoreRevisionInput, RevokePartnerTokenInput, RevokeTokenInput, SaveContributorInput,
        SaveMagazineIssueInput, SavePartnerInput, SavePublicationInput, SaveSectionInput,
        SaveTopicInput, SaveWebhookInput, ScheduleArticleInput, SetRelatedArticlesInput,
        UnscheduleArticleInput, UpdateArticleInput, WithdrawArticleInput,
    },
    payloads::{
        ArticlePayload, ContributorPayload, CreatePartnerTokenPayload, DeleteDraftPayload,
        DeleteWebhookPayload, MagazineIssuePayload, NodePayload, PartnerPayload, Payload, Preview,
        PreviewPayload, PublicationPayload, RedeliverPayload, RevokePartnerTokenPayload,
        RevokeTokenPayload, SectionPayload, TopicPayload, WebhookPayload,
    },
};
use super::{
    connection::loaders,
    cursor,
    error::{QueryError, Result},
    loaders::{PartnerWithId, TokensOfPartner, WebhookWithId},
    node::node_of,
    office::Office,
    partners::{Partner, PartnerToken},
    scalars::{DateTime, Url},
    webhooks::Webhook,
};
use crate::tokens;

/// What can be done.
pub struct Mutation;

/// What can be done. Each mutation needs a token; a token without the right to it is refused with FORBIDDEN.
///
/// A payload's `errors` are for a person to mend: then nothing was saved.
#[Object]
impl Mutation {
    /// Makes a draft. Needs an editor.
    async fn create_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What it says.")] input: CreateArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        answer(context, desk.create_article(input.into()).await).await
    }

    /// Changes what an article says. A draft or a withdrawn article needs an editor, any other a publisher.
    async fn update_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        let (id, revision) = (input.id.clone(), input.revision);
        answer(
            context,
            desk.update_article(&id, revision, input.into()).await,
        )
        .await
    }

    /// Has the clock publish a draft at a time to come, or a scheduled article at another. Needs a publisher.
    async fn schedule_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which, and when.")] input: ScheduleArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        answer(
            context,
            desk.schedule_article(&input.id, input.revision, input.publish_at.0)
                .await,
        )
        .await
    }

    /// Makes a scheduled article a draft again. Needs a publisher.
    async fn unschedule_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] input: UnscheduleArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        answer(
            context,
            desk.unschedule_article(&input.id, input.revision).await,
        )
        .await
    }

    /// Publishes an article that is a draft, scheduled or withdrawn. Needs a publisher.
    async fn publish_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] input: PublishArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        let published_at = input.published_at.map(|at| at.0);
        answer(
            context,
            desk.publish_article(&input.id, input.revision, published_at)
                .await,
        )
        .await
    }

    /// Takes a published article down everywhere, and tells partners to. Needs a publisher.
    async fn withdraw_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: WithdrawArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        answer(
            context,
            desk.withdraw_article(&input.id, input.revision, &input.reason)
                .await,
        )
        .await
    }

    /// Notes on a published article what was wrong, and puts its text right. Needs an editor.
    async fn correct_article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was wrong.")] input: CorrectArticleInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        let body = input.body.map(Into::into);
        answer(
            context,
            desk.correct_article(&input.id, input.revision, &input.text, body.as_ref())
                .await,
        )
        .await
    }

    /// Chooses the articles that stand beside one. Needs whoever may change that one.
    async fn set_related_articles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which, beside which.")] input: SetRelatedArticlesInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        let articles: Vec<String> = input.articles.into_iter().map(|id| id.0).collect();
        answer(
            context,
            desk.set_related_articles(&input.id, input.revision, &articles)
                .await,
        )
        .await
    }

    /// Has an article say again what it said at a former revision. Its time, its withdrawal and its corrections
    /// stay. Needs whoever may change the article.
    async fn restore_revision(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which revision of which article.")] input: RestoreRevisionInput,
    ) -> Result<ArticlePayload> {
        let desk = Office::of(context)?.desk(context);
        answer(
            context,
            desk.restore_revision(&input.id, input.revision, input.restore)
                .await,
        )
        .await
    }

    /// Throws a draft away, with its revisions. Needs an editor.
    async fn delete_draft(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] input: DeleteDraftInput,
    ) -> Result<DeleteDraftPayload> {
        let desk = Office::of(context)?.desk(context);
        let written = desk.delete_draft(&input.id, input.revision).await;
        Ok(match outcome(written)? {
            Ok(id) => {
                loaders(context)?.renew();
                DeleteDraftPayload {
                    deleted_id: Some(id.encode().into()),
                    errors: Vec::new(),
                }
            }
            Err(faults) => DeleteDraftPayload::refused(faults),
        })
    }

    /// Makes a link that shows one article as it would be published, for a short while. Needs an editor.
    async fn create_preview(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which, and for how long.")] input: CreatePreviewInput,
    ) -> Result<PreviewPayload> {
        let desk = Office::of(context)?.desk(context);
        let (article, preview) = match desk.create_preview(&input.id, input.minutes).await {
            Ok(made) => made,
            Err(error) => {
                return refused(error).map(PreviewPayload::refused);
            }
        };
        let publication = loaders(context)?.publication().await?;
        Ok(PreviewPayload {
            preview: Some(Preview {
                url: Url(format!(
                    "{}?preview={}",
                    publication.article_url(&article.slug),
                    preview.token
                )),
                token: preview.token,
                expires_at: DateTime(preview.expires_at),
            }),
            errors: Vec::new(),
        })
    }

    /// Ends a token, or a preview, before its time: at once, on every node. Needs an administrator.
    async fn revoke_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] input: RevokeTokenInput,
    ) -> Result<RevokeTokenPayload> {
        let desk = Office::of(context)?.desk(context);
        let token = input.token.trim();
        let (id, expires_at): (String, _) = match tokens::identify(token) {
            Some(identity) => (identity.id, identity.expires_at),
            None => (token.to_owned(), None),
        };
        let revoked = if token.starts_with(PREFIX) {
            desk.end_preview(token).await.map(|()| None)
        } else if token.starts_with(partner_tokens::PREFIX) {
            desk.end_partner_token(token).await.map(|_| None)
        } else {
            desk.revoke_token(&id, expires_at).await.map(|()| Some(id))
        };
        Ok(match revoked {
            Ok(revoked_id) => RevokeTokenPayload {
                revoked_id,
                errors: Vec::new(),
            },
            Err(error) => RevokeTokenPayload::refused(refused(error)?),
        })
    }

    /// Saves a partner: who takes the content under contract, and what of it. Needs an administrator.
    async fn save_partner(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The partner.")] input: SavePartnerInput,
    ) -> Result<PartnerPayload> {
        let desk = Office::of(context)?.desk(context);
        let written = desk.save_partner(&input.into()).await;
        Ok(match outcome(written)? {
            Ok(NodeId::Partner(id)) => {
                let loaders = loaders(context)?;
                loaders.renew();
                let partner = loaders.load_alone(PartnerWithId(id)).await?;
                PartnerPayload {
                    partner: partner.map(Partner),
                    errors: Vec::new(),
                }
            }
            Ok(_) => return Err(QueryError::Broken("what was saved is no partner")),
            Err(faults) => PartnerPayload::refused(faults),
        })
    }

    /// Makes a token for a partner, and shows it, once. Needs an administrator.
    async fn create_partner_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "For whom, and for how long.")] input: CreatePartnerTokenInput,
    ) -> Result<CreatePartnerTokenPayload> {
        let desk = Office::of(context)?.desk(context);
        let partner = NodeId::decode(&input.partner);
        let made = match desk.create_partner_token(&input.into()).await {
            Ok(made) => made,
            Err(error) => return refused(error).map(CreatePartnerTokenPayload::refused),
        };
        let loaders = loaders(context)?;
        loaders.renew();
        let partner_token = match partner {
            Ok(NodeId::Partner(partner)) => loaders.load_alone(TokensOfPartner(partner)).await?,
            _ => None,
        };
        let partner_token = partner_token.and_then(|tokens| {
            let mut tokens = tokens.iter();
            let made = tokens.find(|token| NodeId::PartnerToken(token.id) == made.id)?;
            Some(PartnerToken(made.clone()))
        });
        Ok(CreatePartnerTokenPayload {
            token: made.token,
            partner_token,
            errors: Vec::new(),
        })
    }

    /// Ends a token that was made for a partner before its time: at once, on every node. Needs an administrator.
    async fn revoke_partner_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] input: RevokePartnerTokenInput,
    ) -> Result<RevokePartnerTokenPayload> {
        let desk = Office::of(context)?.desk(context);
        let written = desk.revoke_partner_token(&input.id).await;
        Ok(match outcome(written)? {
            Ok(id) => RevokePartnerTokenPayload {
                revoked_id: Some(id.encode().into()),
                errors: Vec::new(),
            },
            Err(faults) => RevokePartnerTokenPayload::refused(faults),
        })
    }

    /// Saves a webhook: an address that each change is delivered to that its owner may know. Needs the scope
    /// `webhooks:write` of a partner's token, for its own, or an administrator.
    async fn save_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The webhook.")] input: SaveWebhookInput,
    ) -> Result<WebhookPayload> {
        let office = Office::of(context)?;
        // Before anything of the input is looked at.
        keeps(&office.caller).map_err(QueryError::NotPermitted)?;
        let after = change_cursor(input.after())?;
        let rules = WebhookRules {
            targets: &office.targets,
            access: office.access,
        };
        let written = office
            .desk(context)
            .save_webhook(&input.at(after), rules)
            .await;
        let saved = match written {
            Ok(saved) => saved,
            Err(error) => return refused(error).map(WebhookPayload::refused),
        };
        Ok(WebhookPayload {
            webhook: saved_webhook(context, saved.id).await?,
            secret: saved.secret,
            errors: Vec::new(),
        })
    }

    /// Deletes a webhook, with all that is known of its deliveries. Needs whoever may keep it.
    async fn delete_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] input: DeleteWebhookInput,
    ) -> Result<DeleteWebhookPayload> {
        let desk = Office::of(context)?.desk(context);
        let written = desk.delete_webhook(&input.id).await;
        Ok(match outcome(written)? {
            Ok(id) => {
                loaders(context)?.renew();
                DeleteWebhookPayload {
                    deleted_id: Some(id.encode().into()),
                    errors: Vec::new(),
                }
            }
            Err(faults) => DeleteWebhookPayload::refused(faults),
        })
    }

    /// Has a webhook go on, from its place or another - one that is parked or paused, too -, or makes one delivery once
    /// more. Needs whoever may keep it.
    async fn redeliver(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "To which, and what.")] input: RedeliverInput,
    ) -> Result<RedeliverPayload> {
        let office = Office::of(context)?;
        keeps(&office.caller).map_err(QueryError::NotPermitted)?;
        let desk = office.desk(context);
        let after = change_cursor(input.after())?;
        let written = desk.redeliver(&input.at(after)).await;
        Ok(match outcome(written)? {
            Ok(id) => RedeliverPayload {
                webhook: saved_webhook(context, id).await?,
                errors: Vec::new(),
            },
            Err(faults) => RedeliverPayload::refused(faults),
        })
    }

    /// Saves a section. Needs an editor.
    async fn save_section(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The section.")] input: SaveSectionInput,
    ) -> Result<SectionPayload> {
        let desk = Office::of(context)?.desk(context);
        answer(context, desk.save_section(&input.into()).await).await
    }

    /// Saves a contributor. Needs an editor.
    async fn save_contributor(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contributor.")] input: SaveContributorInput,
    ) -> Result<ContributorPayload> {
        let desk = Office::of(context)?.desk(context);
        answer(context, desk.save_contributor(&input.into()).await).await
    }

    /// Saves a topic. Needs an editor.
    async fn save_topic(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The topic.")] input: SaveTopicInput,
    ) -> Result<TopicPayload> {
        let desk = Office::of(context)?.desk(context);
        answer(context, desk.save_topic(&input.into()).await).await
    }

    /// Saves an issue, and its volume with it. Needs an editor.
    async fn save_magazine_issue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The issue.")] input: SaveMagazineIssueInput,
    ) -> Result<MagazineIssuePayload> {
        let desk = Office::of(context)?.desk(context);
        answer(context, desk.save_magazine_issue(&input.into()).await).await
    }

    /// Sets the publication's facts. Needs an administrator.
    async fn save_publication(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The facts.")] input: SavePublicationInput,
    ) -> Result<PublicationPayload> {
        let desk = Office::of(context)?.desk(context);
        answer(context, desk.save_publication(&input.into()).await).await
    }
}

/// The place in the change log that a cursor among an input names.
fn change_cursor(cursor: Option<&str>) -> Result<Option<ChangePosition>> {
    cursor
        .map(|cursor| {
            cursor::change(cursor).ok_or(QueryError::InvalidCursor {
                argument: "input.after",
            })
        })
        .transpose()
}

/// A webhook that was saved, as it is now.
async fn saved_webhook(context: &Context<'_>, id: NodeId) -> Result<Option<Webhook>> {
    let loaders = loaders(context)?;
    loaders.renew();
    Ok(match id {
        NodeId::Webhook(id) => loaders.load_alone(WebhookWithId(id)).await?.map(Webhook),
        _ => None,
    })
}

/// What a write came to: what a person can mend goes into the payload, all else is an error.
fn outcome(
    written: std::result::Result<NodeId, WriteError>,
) -> Result<std::result::Result<NodeId, Vec<Fault>>> {
    match written {
        Ok(id) => Ok(Ok(id)),
        Err(error) => refused(error).map(Err),
    }
}

/// Why a write was not made: the faults that a person can mend, or an error.
fn refused(error: WriteError) -> Result<Vec<Fault>> {
    match error {
        WriteError::Faults(faults) => Ok(faults),
        WriteError::NotPermitted(refusal) => Err(QueryError::NotPermitted(refusal)),
        WriteError::KeyReused => Err(QueryError::KeyReused),
        WriteError::Persistence(error) => Err(QueryError::Archive(error.into())),
    }
}

/// The payload of a write: what was saved, read as it now is, or the faults.
async fn answer<Answer: NodePayload>(
    context: &Context<'_>,
    written: std::result::Result<NodeId, WriteError>,
) -> Result<Answer> {
    match outcome(written)? {
        Ok(id) => {
            let loaders = loaders(context)?;
            loaders.renew();
            Ok(Answer::saved(node_of(loaders, id).await?))
        }
        Err(faults) => Ok(Answer::refused(faults)),
    }
}
