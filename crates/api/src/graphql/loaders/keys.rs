//! Keys: what a query can ask for besides what has an identity of its own.

use chrono::{DateTime, NaiveDate, Utc};
use masthead_domain::{
    identifier::{ArticleId, MagazineVolumeId, PartnerId, WebhookDeliveryId, WebhookId},
    paging::PageRequest,
    slug::Slug,
};
use masthead_persistence::{ArticleFilter, ArticleOrder, Beside, ChangePosition, Surroundings};

/// The publication.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ThePublication;
/// All partners.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AllPartners;
/// The partner with this identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PartnerWithId(pub(crate) PartnerId);
/// The tokens that were made for a partner.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokensOfPartner(pub(crate) PartnerId);
/// The webhooks of a partner, or all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WebhooksOf(pub(crate) Option<PartnerId>);
/// The webhook with this identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WebhookWithId(pub(crate) WebhookId);
/// What was delivered to a webhook before a delivery, the latest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DeliveriesOf {
    pub(crate) webhook: WebhookId,
    pub(crate) after: Option<WebhookDeliveryId>,
    pub(crate) size: u16,
}
/// The article with this slug, present or former.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArticleWithSlug {
    pub(crate) slug: Slug,
    pub(crate) around: Surroundings,
}
/// The section with this slug.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SectionWithSlug(pub(crate) Slug);
/// The contributor with this slug.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ContributorWithSlug(pub(crate) Slug);
/// The topic with this slug.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TopicWithSlug(pub(crate) Slug);
/// The body of an article.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BodyOf(pub(crate) ArticleId);
/// Who is credited for an article.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BylinesOf(pub(crate) ArticleId);
/// What an article is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TopicsOf(pub(crate) ArticleId);
/// The identities of what an article is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TopicIdsOf(pub(crate) ArticleId);
/// What was corrected in an article.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CorrectionsOf(pub(crate) ArticleId);
/// The articles chosen to stand beside one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChosenFor(pub(crate) ArticleId);
/// A page of the revisions of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RevisionsOf(pub(crate) ArticleId, pub(crate) PageRequest<i32>);
/// How many revisions of an article are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RevisionCountOf(pub(crate) ArticleId);
/// What an article said at a revision.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StoryAt(pub(crate) ArticleId, pub(crate) i32);
/// What came after a place in the change log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChangesAfter {
    pub(crate) after: Option<ChangePosition>,
    pub(crate) size: u16,
}
/// Where an article stands, as far as everyone may know.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PublicStandingOf(pub(crate) ArticleId);
/// What is left of an article that has been taken down.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WithdrawalOf(pub(crate) ArticleId);
/// The articles that were taken down last: so many.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LatestWithdrawals(pub(crate) u16);
/// Who has been told that an article was withdrawn at a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ReceiptsOf {
    pub(crate) article: ArticleId,
    pub(crate) withdrawn_at: DateTime<Utc>,
}
/// How much was asked for from one day to another, by one partner or by each.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UsageBetween {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) partner: Option<PartnerId>,
}
/// All sections.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AllSections;
/// A page of the archive.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArchivePage {
    pub(crate) filter: ArticleFilter,
    pub(crate) order: ArticleOrder,
    pub(crate) page: PageRequest,
    pub(crate) beside: Beside,
}
/// How many articles of the archive a filter lets through.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArchiveCount(pub(crate) ArticleFilter);
/// A page of the contributors.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ContributorPage(pub(crate) PageRequest<String>);
/// A page of the topics.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TopicPage(pub(crate) PageRequest<String>);
/// A page of the issues, of one volume number or of all.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct IssuePage(pub(crate) Option<i32>, pub(crate) PageRequest);
/// A page of the volumes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct VolumePage(pub(crate) PageRequest);
/// An issue by its numbers.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct IssueNumbered {
    pub(crate) series: Option<String>,
    pub(crate) volume: i32,
    pub(crate) number: i32,
}
/// How many of them there are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum CountOf {
    Contributors,
    Topics,
    Volumes,
    Issues(Option<i32>),
}
/// How many issues a volume has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IssueCountOf(pub(crate) MagazineVolumeId);
