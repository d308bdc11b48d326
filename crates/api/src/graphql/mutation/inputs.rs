//! What mutations are given: one input object each.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use masthead_newsroom::{
    classification, drafts, input::Edit, magazine, partner_tokens, partners, publication, webhooks,
};
use masthead_persistence::ChangePosition;

use crate::graphql::{
    classification::ContributorKind,
    partners::PartnerStatus,
    scalars::{Date, DateTime, Url},
};

/// A field that a change may leave alone, empty or set.
fn edit<Value>(value: MaybeUndefined<Value>) -> Edit<Value> {
    match value {
        MaybeUndefined::Undefined => Edit::Keep,
        MaybeUndefined::Null => Edit::Clear,
        MaybeUndefined::Value(value) => Edit::Set(value),
    }
}

/// Exactly one way of giving the text.
#[derive(OneofObject)]
pub(crate) enum BodyInput {
    /// As HTML: what could harm a reader is left out.
    Html(String),
    /// As Markdown (CommonMark).
    Markdown(String),
    /// As plain text, paragraphs separated by an empty line.
    Text(String),
}

impl From<BodyInput> for drafts::BodyText {
    fn from(input: BodyInput) -> Self {
        match input {
            BodyInput::Html(text) => Self::Html(text),
            BodyInput::Markdown(text) => Self::Markdown(text),
            BodyInput::Text(text) => Self::Text(text),
        }
    }
}

/// A picture that is kept elsewhere.
#[derive(InputObject)]
pub(crate) struct ImageInput {
    /// Where it is.
    url: Url,
    /// What it shows, for those who do not see it.
    alt: Option<String>,
    /// The line under it.
    caption: Option<String>,
    /// Whose it is.
    credit: Option<String>,
    /// Its width in pixels.
    width: Option<i32>,
    /// Its height in pixels.
    height: Option<i32>,
}

impl From<ImageInput> for drafts::ImageInput {
    fn from(input: ImageInput) -> Self {
        Self {
            url: input.url.0,
            alt: input.alt,
            caption: input.caption,
            credit: input.credit,
            width: input.width,
            height: input.height,
        }
    }
}

/// A new draft.
#[derive(InputObject)]
pub(crate) struct CreateArticleInput {
    /// The headline.
    headline: String,
    /// Its name in URLs; made from the headline where it is not given.
    slug: Option<String>,
    /// The short line above the headline.
    kicker: Option<String>,
    /// The lines under the headline.
    standfirst: Option<String>,
    /// Where it was written.
    dateline: Option<String>,
    /// The text.
    body: BodyInput,
    /// Who is credited: slugs of contributors, in printed order.
    bylines: Option<Vec<String>>,
    /// The slug of its section.
    section: Option<String>,
    /// What it is about: slugs of topics.
    topics: Option<Vec<String>>,
    /// The language (BCP 47 tag); told from the script and the publication where it is not given.
    language: Option<String>,
    /// The issue it is printed in.
    magazine_issue: Option<ID>,
    /// The picture that stands for it.
    lead_image: Option<ImageInput>,
}

impl From<CreateArticleInput> for drafts::ArticleContent {
    fn from(input: CreateArticleInput) -> Self {
        Self {
            headline: Edit::Set(input.headline),
            slug: input.slug.into(),
            kicker: input.kicker.into(),
            standfirst: input.standfirst.into(),
            dateline: input.dateline.into(),
            body: Edit::Set(input.body.into()),
            bylines: input.bylines.into(),
            section: input.section.into(),
            topics: input.topics.into(),
            language: input.language.into(),
            magazine_issue: Edit::from(input.magazine_issue).map(|id| id.0),
            lead_image: Edit::from(input.lead_image).map(Into::into),
        }
    }
}

/// What is to change of an article: what is left out stays, what is null is emptied.
#[derive(InputObject)]
pub(crate) struct UpdateArticleInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that the change was made on; a newer one in store answers `STALE_REVISION`.
    pub(crate) revision: i32,
    /// The headline.
    headline: MaybeUndefined<String>,
    /// Its name in URLs. Its former one still finds it.
    slug: MaybeUndefined<String>,
    /// The short line above the headline.
    kicker: MaybeUndefined<String>,
    /// The lines under the headline.
    standfirst: MaybeUndefined<String>,
    /// Where it was written.
    dateline: MaybeUndefined<String>,
    /// The text.
    body: MaybeUndefined<BodyInput>,
    /// Who is credited: slugs of contributors, in printed order.
    bylines: MaybeUndefined<Vec<String>>,
    /// The slug of its section.
    section: MaybeUndefined<String>,
    /// What it is about: slugs of topics.
    topics: MaybeUndefined<Vec<String>>,
    /// The language (BCP 47 tag).
    language: MaybeUndefined<String>,
    /// The issue it is printed in.
    magazine_issue: MaybeUndefined<ID>,
    /// The picture that stands for it.
    lead_image: MaybeUndefined<ImageInput>,
}

impl From<UpdateArticleInput> for drafts::ArticleContent {
    fn from(input: UpdateArticleInput) -> Self {
        Self {
            headline: edit(input.headline),
            slug: edit(input.slug),
            kicker: edit(input.kicker),
            standfirst: edit(input.standfirst),
            dateline: edit(input.dateline),
            body: edit(input.body).map(Into::into),
            bylines: edit(input.bylines),
            section: edit(input.section),
            topics: edit(input.topics),
            language: edit(input.language),
            magazine_issue: edit(input.magazine_issue).map(|id| id.0),
            lead_image: edit(input.lead_image).map(Into::into),
        }
    }
}

/// When the clock is to publish an article.
#[derive(InputObject)]
pub(crate) struct ScheduleArticleInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that the schedule was made for.
    pub(crate) revision: i32,
    /// A time to come, exact to the millisecond. Nobody without the right to it sees the article before.
    pub(crate) publish_at: DateTime,
}

/// A schedule to be taken back.
#[derive(InputObject)]
pub(crate) struct UnscheduleArticleInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that the schedule is taken back of.
    pub(crate) revision: i32,
}

/// An article to be published.
#[derive(InputObject)]
pub(crate) struct PublishArticleInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that is to be published.
    pub(crate) revision: i32,
    /// Only for archives: the time at which it was published; now where it is not given.
    pub(crate) published_at: Option<DateTime>,
}

/// An article to be taken down.
#[derive(InputObject)]
pub(crate) struct WithdrawArticleInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that is to be taken down.
    pub(crate) revision: i32,
    /// Why, as everyone is told who follows `changes`.
    pub(crate) reason: String,
}

/// A correction.
#[derive(InputObject)]
pub(crate) struct CorrectArticleInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that is to be corrected.
    pub(crate) revision: i32,
    /// What was wrong, and what is right: it stands on the article with its time.
    pub(crate) text: String,
    /// The text put right, where it is.
    pub(crate) body: Option<BodyInput>,
}

/// The articles that stand beside one.
#[derive(InputObject)]
pub(crate) struct SetRelatedArticlesInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision that the choice was made on.
    pub(crate) revision: i32,
    /// The articles in their order, 50 at most; none takes the list away.
    pub(crate) articles: Vec<ID>,
}

/// A former revision to be brought back.
#[derive(InputObject)]
pub(crate) struct RestoreRevisionInput {
    /// The article.
    pub(crate) id: ID,
    /// The revision at which it stands.
    pub(crate) revision: i32,
    /// The number of the revision whose words it is to say again.
    pub(crate) restore: i32,
}

/// A draft to be thrown away.
#[derive(InputObject)]
pub(crate) struct DeleteDraftInput {
    /// The draft.
    pub(crate) id: ID,
    /// The revision at which it stands.
    pub(crate) revision: i32,
}

/// An article to be previewed.
#[derive(InputObject)]
pub(crate) struct CreatePreviewInput {
    /// The article.
    pub(crate) id: ID,
    /// For how many minutes the link shows it: 1 to 10080, which are seven days.
    #[graphql(default = 60)]
    pub(crate) minutes: i32,
}

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

/// A webhook.
#[derive(InputObject)]
pub(crate) struct SaveWebhookInput {
    /// Which; left out, a new one.
    id: Option<ID>,
    /// Where it is to be delivered to, as in `https://partner.example/hooks/masthead`; a new one needs one. It has to be
    /// on the Internet: redirects from there are not followed.
    url: Option<String>,
    /// What it is for.
    label: MaybeUndefined<String>,
    /// The partner whose a new one is to be, where an administrator makes it; left out, the magazine's own.
    partner: Option<ID>,
    /// Whether it rests. One that is parked stays so until `redeliver` has it go on.
    paused: Option<bool>,
    /// Whether it is given a new secret. The present one signs beside it for another 24 hours.
    #[graphql(default)]
    rotate_secret: bool,
    /// A cursor of `changes` from which a new one is told; left out, it is told of what comes from now on.
    after: Option<String>,
}

impl SaveWebhookInput {
    /// As it is saved, with the place that has been read from `after`.
    pub(crate) fn at(self, after: Option<ChangePosition>) -> webhooks::WebhookInput {
        webhooks::WebhookInput {
            id: self.id.map(|id| id.0),
            url: self.url,
            label: edit(self.label),
            partner: self.partner.map(|id| id.0),
            paused: self.paused,
            rotate_secret: self.rotate_secret,
            after,
        }
    }

    /// From where it is told.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}

/// A webhook to be deleted.
#[derive(InputObject)]
pub(crate) struct DeleteWebhookInput {
    /// Its identity.
    pub(crate) id: ID,
}

/// A webhook to be delivered to again.
#[derive(InputObject)]
pub(crate) struct RedeliverInput {
    /// The webhook's identity.
    webhook: ID,
    /// The one delivery that is to be made once more, by its identity, whatever the webhook's place: it is tried once.
    /// Left out, the webhook goes on for good, also where it was parked or paused.
    delivery: Option<ID>,
    /// A cursor of `changes` after which all is to be delivered again, or passed over; left out, it goes on from its place.
    after: Option<String>,
}

impl RedeliverInput {
    /// As it is carried out, with the place that has been read from `after`.
    pub(crate) fn at(self, after: Option<ChangePosition>) -> webhooks::RedeliverInput {
        webhooks::RedeliverInput {
            webhook: self.webhook.0,
            delivery: self.delivery.map(|id| id.0),
            after,
        }
    }

    /// From where it is delivered to.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}

/// A section, known by its slug and made where there is none.
#[derive(InputObject)]
pub(crate) struct SaveSectionInput {
    /// Its name in URLs.
    slug: String,
    /// Its name as printed.
    name: String,
    /// The slug of the section that it is a part of. Left out it stays as it is.
    parent: MaybeUndefined<String>,
}

impl From<SaveSectionInput> for classification::SectionInput {
    fn from(input: SaveSectionInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
            parent: edit(input.parent),
        }
    }
}

/// A contributor, known by their slug and made where there is none.
#[derive(InputObject)]
pub(crate) struct SaveContributorInput {
    /// Their name in URLs.
    slug: String,
    /// The name as credited.
    name: String,
    /// What they are.
    kind: ContributorKind,
    /// A few lines about them. Left out they stay as they are.
    biography: MaybeUndefined<String>,
}

impl From<SaveContributorInput> for classification::ContributorInput {
    fn from(input: SaveContributorInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
            kind: input.kind.into(),
            biography: edit(input.biography),
        }
    }
}

/// A topic, known by its slug and made where there is none.
#[derive(InputObject)]
pub(crate) struct SaveTopicInput {
    /// Its name in URLs.
    slug: String,
    /// Its name as printed.
    name: String,
}

impl From<SaveTopicInput> for classification::TopicInput {
    fn from(input: SaveTopicInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
        }
    }
}

/// An issue, known by series, volume and number and made where there is none. What is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct SaveMagazineIssueInput {
    /// The title as registered; the publication's title where it is not given.
    series: Option<String>,
    /// Its volume's number, from 1 on.
    volume: i32,
    /// Its number within the volume, from 1 on.
    number: i32,
    /// Of a double issue, the second number.
    last_number: MaybeUndefined<i32>,
    /// The day it bears.
    cover_date: Date,
    /// Who published it.
    publisher: MaybeUndefined<String>,
    /// Who edited it.
    editor: MaybeUndefined<String>,
    /// The number under which it was registered.
    registration_number: MaybeUndefined<String>,
    /// A picture of its cover.
    cover: MaybeUndefined<ImageInput>,
}

impl From<SaveMagazineIssueInput> for magazine::MagazineIssueInput {
    fn from(input: SaveMagazineIssueInput) -> Self {
        Self {
            series: input.series,
            volume: input.volume,
            number: input.number,
            last_number: edit(input.last_number),
            cover_date: input.cover_date.0,
            publisher: edit(input.publisher),
            editor: edit(input.editor),
            registration_number: edit(input.registration_number),
            cover: edit(input.cover).map(Into::into),
        }
    }
}

/// The publication's facts. What is left out stays; null takes publisher, editor or registration number away.
#[derive(InputObject)]
pub(crate) struct SavePublicationInput {
    /// The title.
    title: Option<String>,
    /// The address of the website.
    url: Option<Url>,
    /// Where the website shows an article: a path with {slug} in it.
    article_path: Option<String>,
    /// The time zone in which its days begin, by its IANA name.
    time_zone: Option<String>,
    /// The language that it is written in (BCP 47 tag).
    language: Option<String>,
    /// Who publishes it.
    publisher: MaybeUndefined<String>,
    /// Who edits it.
    editor: MaybeUndefined<String>,
    /// The number under which it is registered with the authorities.
    registration_number: MaybeUndefined<String>,
}

impl From<SavePublicationInput> for publication::PublicationInput {
    fn from(input: SavePublicationInput) -> Self {
        Self {
            title: input.title,
            url: input.url.map(|url| url.0),
            article_path: input.article_path,
            time_zone: input.time_zone,
            language: input.language,
            publisher: edit(input.publisher),
            editor: edit(input.editor),
            registration_number: edit(input.registration_number),
        }
    }
}
