//! Articles, as clients see them.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use masthead_domain::{
    article::{ArticleStatus as Status, Correction as Note, TimePrecision as Precision},
    image::Image as Picture,
    node_id::NodeId,
    related::RelatedBasis as Basis,
    viewer::Role,
};

use super::{
    body::Body,
    classification::{Contributor, Section, Topic},
    connection::{Connection, PageArguments, loaders},
    error::{QueryError, Result},
    json_ld,
    loaders::{CorrectionsOf, Shown},
    magazine::MagazineIssue,
    office::Office,
    plain::{Rows, Shown as _, Written, plain, shown},
    related::{RelatedArticles, RelatedBasis, RelatedList, ground},
    revisions::RevisionList,
    scalars::{DateTime, Url},
};

/// One article. Whoever reads it may see it: everything in this API is about what its reader may see.
#[derive(Clone)]
pub(crate) struct Article(pub(crate) Shown);

/// Where an article is on its way from draft to archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(crate) enum ArticleStatus {
    /// Being written. Only the newsroom sees it.
    Draft,
    /// To be published at the time in `publishedAt`.
    Scheduled,
    /// Published: everyone sees it.
    Published,
    /// Taken down.
    Withdrawn,
}

/// How exactly a time of publication is known: archives often give only a day, or 'two days ago'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Precision")]
pub(crate) enum TimePrecision {
    /// To the millisecond.
    Exact,
    /// To the minute.
    Minute,
    /// To the hour.
    Hour,
    /// Only the day in the publication's time zone is known, or about the day. `publishedAt` is then an
    /// instant of that day, about noon, chosen so that articles keep the order in which the magazine
    /// listed them. Show the date alone.
    Day,
}

/// A picture.
#[derive(Clone, SimpleObject)]
pub(crate) struct Image {
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

impl From<&Picture> for Image {
    fn from(image: &Picture) -> Self {
        let pixels = |side: Option<u32>| side.and_then(|side| i32::try_from(side).ok());
        Self {
            url: Url(image.url.to_string()),
            alt: image.alt.clone(),
            caption: image.caption.clone(),
            credit: image.credit.clone(),
            width: pixels(image.width),
            height: pixels(image.height),
        }
    }
}

/// A note of what was wrong in an article, and what is right.
#[derive(SimpleObject)]
pub(crate) struct Correction {
    /// When it was made.
    at: DateTime,
    /// The note.
    text: String,
}

shown!(enums ArticleStatus, TimePrecision);

plain!(Image, of its fields {
    "url" => url, "alt" => alt, "caption" => caption, "credit" => credit, "width" => width, "height" => height,
});

plain!(Correction, of its fields { "at" => at, "text" => text });

plain!(Article {
    "id" => id, "slug" => slug, "headline" => headline, "kicker" => kicker, "standfirst" => standfirst,
    "dateline" => dateline, "language" => language, "leadImage" => lead_image, "publishedAt" => published_at,
    "publishedAtPrecision" => published_at_precision, "modifiedAt" => modified_at, "revision" => revision,
    "withdrawalReason" => withdrawal_reason,
} at hand {
    "bylines" => write_bylines, "section" => write_section, "topics" => write_topics,
});

impl Article {
    fn write_bylines(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        let credits = loaders(context).ok()?.credits_at_hand(self.0.id)?;
        Contributor::rows(credits).shown(context, json)
    }

    fn write_section(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        let section = match self.0.section {
            Some(id) => Some(loaders(context).ok()?.at_hand(&id)?),
            None => None,
        };
        section.map(Section).map(Written).shown(context, json)
    }

    fn write_topics(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        let topics = loaders(context).ok()?.topics_at_hand(self.0.id)?;
        Topic::rows(topics).shown(context, json)
    }
}

/// An article: what a magazine publishes.
#[Object]
impl Article {
    /// Its identity, kept for life: through new slugs, new dates and withdrawal.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::Article(self.0.id).encode())
    }

    /// Its present name in URLs. Slugs that it once had still find it.
    async fn slug(&self) -> &str {
        self.0.slug.as_ref()
    }

    /// Its address on the publication's website.
    async fn url(&self, context: &Context<'_>) -> Result<Url> {
        let publication = loaders(context)?.publication().await?;
        Ok(Url(publication.article_url(&self.0.slug)))
    }

    /// The headline.
    async fn headline(&self) -> &str {
        &self.0.headline
    }

    /// The short line above the headline.
    async fn kicker(&self) -> Option<&str> {
        self.0.kicker.as_deref()
    }

    /// The lines under the headline.
    async fn standfirst(&self) -> Option<&str> {
        self.0.standfirst.as_deref()
    }

    /// Where it was written.
    async fn dateline(&self) -> Option<&str> {
        self.0.dateline.as_deref()
    }

    /// The text, in whichever form suits. Read only when it is selected. Empty for an article that is so
    /// far known only from a list.
    #[allow(clippy::unused_async, reason = "resolvers are async")]
    async fn body(&self, context: &Context<'_>) -> Result<Body> {
        Ok(Body::of(&self.0, &loaders(context)?.audience()))
    }

    /// The credited names in their printed order.
    async fn bylines(&self, context: &Context<'_>) -> Result<Rows<Written<Contributor>>> {
        let credits = loaders(context)?.credits(self.0.id).await?;
        Ok(Contributor::rows(credits))
    }

    /// The section it stands in.
    async fn section(&self, context: &Context<'_>) -> Option<Result<Written<Section>>> {
        let id = self.0.section?;
        async { loaders(context)?.load(id).await }
            .await
            .map(|section| section.map(Section).map(Written))
            .transpose()
    }

    /// What it is about.
    async fn topics(&self, context: &Context<'_>) -> Result<Rows<Written<Topic>>> {
        let topics = loaders(context)?.topics(self.0.id).await?;
        Ok(Topic::rows(topics))
    }

    /// The language it is written in, as a BCP 47 tag.
    async fn language(&self) -> &str {
        self.0.language.as_str()
    }

    /// The picture that stands for it.
    async fn lead_image(&self) -> Option<Written<Image>> {
        self.0.lead_image.as_ref().map(Image::from).map(Written)
    }

    /// When it was published, in UTC; null for a draft. See `publishedAtPrecision` for how exactly.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime)
    }

    /// How exactly `publishedAt` is known: archives often give only a day, or 'two days ago'.
    async fn published_at_precision(&self) -> TimePrecision {
        self.0.published_at_precision.into()
    }

    /// When it was last changed, in UTC.
    async fn modified_at(&self) -> DateTime {
        DateTime(self.0.modified_at)
    }

    /// Where it is on its way from draft to archive, at the time of this answer.
    #[allow(clippy::unused_async, reason = "resolvers are async")]
    async fn status(&self, context: &Context<'_>) -> Result<ArticleStatus> {
        Ok(loaders(context)?.status(&self.0).into())
    }

    /// How often it has been changed, from 1 on.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// The issue it was printed in.
    async fn magazine_issue(
        &self,
        context: &Context<'_>,
    ) -> Option<Result<Written<MagazineIssue>>> {
        let id = self.0.magazine_issue?;
        async { loaders(context)?.load(id).await }
            .await
            .map(|issue| issue.map(MagazineIssue).map(Written))
            .transpose()
    }

    /// What was corrected in it, oldest first.
    async fn corrections(&self, context: &Context<'_>) -> Result<Rows<Written<Correction>>> {
        let corrections = loaders(context)?.load(CorrectionsOf(self.0.id)).await?;
        let corrections = corrections
            .iter()
            .flat_map(|corrections| corrections.iter());
        let note = |correction: &Note| {
            Written(Correction {
                at: DateTime(correction.at),
                text: correction.text.clone(),
            })
        };
        Ok(Rows(corrections.map(note).collect()))
    }

    /// Why it was taken down; null unless it is.
    async fn withdrawal_reason(&self) -> Option<&str> {
        let withdrawal = self.0.withdrawal.as_ref()?;
        Some(&withdrawal.reason)
    }

    /// The text of a `<script type="application/ld+json">` element for the head of its page: a schema.org `NewsArticle`
    /// (JSON-LD 1.1) with `<`, `>` and `&` escaped, to be put there as it is. Null unless it is published.
    async fn json_ld(&self, context: &Context<'_>) -> Option<Result<String>> {
        async { json_ld::script(loaders(context)?, &self.0, Office::of(context)?.access).await }
            .await
            .transpose()
    }

    /// Its saves, the latest first: who made them, when, and what they changed. Needs an editor's token.
    async fn revisions(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<RevisionList>>> {
        Some(
            async {
                loaders(context)?.personal();
                Office::of(context)?
                    .caller
                    .require(Role::Editor)
                    .map_err(QueryError::NotPermitted)?;
                let arguments = PageArguments {
                    first,
                    after,
                    last,
                    before,
                };
                Connection::of(RevisionList(self.0.id), context, &arguments).await
            }
            .await,
        )
    }

    /// One list on one basis, never holding the article itself: newest first, or as an editor has put it.
    async fn related_articles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The ground on which the list stands.")] basis: RelatedBasis,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<RelatedArticles>> {
        let basis = Basis::from(basis);
        let ground = ground(loaders(context)?, &self.0, basis).await?;
        let list = RelatedArticles::new(self.0.id, ground, None);
        Connection::of(
            list,
            context,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }

    /// The lists that an article page shows, in order, each with its heading; no empty list.
    async fn related_lists(
        &self,
        context: &Context<'_>,
        #[graphql(
            default = false,
            desc = "Whether what one list shows is left out of the lists after it. How many each list shows is what `articles` below asks for."
        )]
        distinct: bool,
    ) -> Result<Vec<RelatedList>> {
        RelatedList::of(context, &self.0, distinct).await
    }
}
