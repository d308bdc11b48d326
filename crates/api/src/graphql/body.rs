//! Bodies, as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject, Union};
use masthead_domain::{
    article::Article,
    audience::Audience,
    body::{Block as DomainBlock, Body as DomainBody, Inline, Paragraph as DomainParagraph},
    identifier::ArticleId,
    reading::reading_minutes,
};

use super::{
    article::Image,
    connection::loaders,
    error::Result,
    loaders::BodyOf,
    scalars::{Html, Url},
};

/// The body of an article, not read before a field needs it.
pub(crate) struct Body {
    pub(crate) article: ArticleId,
    pub(crate) words: u32,
    /// Where its reader may not read it: what stands in its place, the standfirst.
    pub(crate) excerpt: Option<Arc<DomainBody>>,
}

impl Body {
    /// The text of an article, or its standfirst for a reader who may have no more.
    pub(crate) fn of(article: &Article, audience: &Audience) -> Self {
        let excerpt = (!audience.may_read_text_of(article.id)).then(|| {
            let standfirst = article.standfirst.as_deref().unwrap_or_default();
            let paragraph = DomainParagraph {
                content: vec![Inline::Text(standfirst.to_owned())],
            };
            Arc::new(DomainBody::new(vec![DomainBlock::Paragraph(paragraph)]))
        });
        Self {
            article: article.id,
            words: article.word_count,
            excerpt,
        }
    }

    async fn read(&self, context: &Context<'_>) -> Result<Arc<DomainBody>> {
        if let Some(excerpt) = &self.excerpt {
            return Ok(excerpt.clone());
        }
        Ok(loaders(context)?
            .load(BodyOf(self.article))
            .await?
            .unwrap_or_default())
    }
}

/// The text of an article, in whichever form suits: all are made from the same typed blocks. Where the publication
/// keeps the full text for those with the scope `articles:body`, the others read the standfirst here.
#[Object]
impl Body {
    /// Whether this is the standfirst alone, since its reader may not read the full text.
    async fn is_excerpt(&self) -> bool {
        self.excerpt.is_some()
    }

    /// As HTML that is safe to insert in a page.
    async fn html(&self, context: &Context<'_>) -> Result<Html> {
        Ok(Html(self.read(context).await?.html()))
    }

    /// As plain text, paragraphs separated by an empty line.
    async fn text(&self, context: &Context<'_>) -> Result<String> {
        Ok(self.read(context).await?.text())
    }

    /// As Markdown (CommonMark).
    async fn markdown(&self, context: &Context<'_>) -> Result<String> {
        Ok(self.read(context).await?.markdown())
    }

    /// As typed blocks, for clients that draw natively. New kinds of block may come: draw those that you
    /// know and pass over the others.
    async fn blocks(&self, context: &Context<'_>) -> Result<Vec<Block>> {
        Ok(self
            .read(context)
            .await?
            .blocks()
            .iter()
            .map(Block::from)
            .collect())
    }

    /// How many words the full text has, in any script (Unicode Standard Annex #29).
    async fn word_count(&self) -> i32 {
        i32::try_from(self.words).unwrap_or(i32::MAX)
    }

    /// How many minutes the full text takes to read, rounded up; 0 for an empty body.
    async fn reading_minutes(&self) -> i32 {
        i32::try_from(reading_minutes(self.words)).unwrap_or(i32::MAX)
    }
}

/// One block of a body.
#[derive(Union)]
pub(crate) enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A heading within the text.
    Heading(Heading),
    /// A passage quoted and set apart.
    Quotation(Quotation),
    /// A list.
    ListBlock(ListBlock),
    /// A picture.
    Picture(Picture),
    /// Something from another site.
    Embed(Embed),
}

/// A paragraph.
#[derive(SimpleObject)]
pub(crate) struct Paragraph {
    /// As HTML that is safe to insert in a page, a `p` element.
    html: Html,
    /// As plain text.
    text: String,
}

/// A heading within the text.
#[derive(SimpleObject)]
pub(crate) struct Heading {
    /// 2 to 6; the headline of the article itself is 1.
    level: i32,
    /// Its text.
    text: String,
}

/// A passage quoted and set apart.
#[derive(SimpleObject)]
pub(crate) struct Quotation {
    /// What is quoted.
    text: String,
    /// Whose words they are.
    attribution: Option<String>,
}

/// A list of short texts.
#[derive(SimpleObject)]
pub(crate) struct ListBlock {
    /// Whether its items are numbered.
    ordered: bool,
    /// Its items as plain text.
    items: Vec<String>,
}

/// A picture in the text.
#[derive(SimpleObject)]
pub(crate) struct Picture {
    /// The picture.
    image: Image,
}

/// Something from another site: a video, a post, a map.
#[derive(SimpleObject)]
pub(crate) struct Embed {
    /// Its address there.
    url: Url,
    /// The site's name, where it is a known one.
    provider: Option<String>,
}

impl From<&DomainBlock> for Block {
    fn from(block: &DomainBlock) -> Self {
        match block {
            DomainBlock::Paragraph(paragraph) => Self::Paragraph(Paragraph {
                html: Html(paragraph.html()),
                text: paragraph.text(),
            }),
            DomainBlock::Heading(heading) => Self::Heading(Heading {
                level: i32::from(heading.level.get()),
                text: heading.text(),
            }),
            DomainBlock::Quotation(quotation) => Self::Quotation(Quotation {
                text: quotation.text(),
                attribution: quotation.attribution.clone(),
            }),
            DomainBlock::List(list) => Self::ListBlock(ListBlock {
                ordered: list.ordered,
                items: list.item_texts(),
            }),
            DomainBlock::Picture(picture) => Self::Picture(Picture {
                image: Image::from(&picture.image),
            }),
            DomainBlock::Embed(embed) => Self::Embed(Embed {
                url: Url(embed.url.to_string()),
                provider: embed.provider.clone(),
            }),
        }
    }
}
