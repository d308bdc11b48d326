//! What articles are written with, and taken through their states.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use masthead_newsroom::{drafts, input::Edit};

use super::edit;
use crate::graphql::scalars::{DateTime, Url};

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
