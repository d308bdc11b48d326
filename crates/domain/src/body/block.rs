//! The blocks that a body is made of.

use serde::{Deserialize, Serialize};

use super::content::{ContentBuilder, Marks, collapse_white_space, is_collapsed};
use super::inline::{Inline, text_of};
use super::{html, markdown};
use crate::image::Image;
use crate::web_url::WebUrl;

/// One block of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Running text.
    Paragraph(Paragraph),
    /// A heading within the article.
    Heading(Heading),
    /// What somebody else said or wrote.
    Quotation(Quotation),
    /// A list.
    List(List),
    /// A picture.
    Picture(Picture),
    /// Something shown from another site: a film, a post, a recording.
    Embed(Embed),
}

/// A paragraph of running text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// What is read.
    pub content: Vec<Inline>,
}

/// A heading within the article. The headline is not part of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// How deep it stands.
    pub level: HeadingLevel,
    /// What is read.
    pub content: Vec<Inline>,
}

/// The level of a heading, from 2 to 6, as in HTML. Level 1 is the headline's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub struct HeadingLevel(u8);

/// What somebody else said or wrote, set apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// Its paragraphs.
    pub paragraphs: Vec<Vec<Inline>>,
    /// Whose words they are, without a dash before the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
}

/// A list of one depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Whether the items are numbered, from 1.
    pub ordered: bool,
    /// The items' contents.
    pub items: Vec<Vec<Inline>>,
}

/// A picture in the run of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The picture with its caption and credit.
    pub image: Image,
}

/// Something shown from another site. Only its address is kept, never the other site's markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// The page of the film, post or recording.
    pub url: WebUrl,
    /// The other site's name, as in `YouTube`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

impl HeadingLevel {
    /// The nearest level there is: 2 for 0 and 1, 6 for all above.
    pub fn nearest(level: u8) -> Self {
        Self(level.clamp(2, 6))
    }

    /// The level, from 2 to 6.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl From<u8> for HeadingLevel {
    fn from(level: u8) -> Self {
        Self::nearest(level)
    }
}

impl From<HeadingLevel> for u8 {
    fn from(level: HeadingLevel) -> Self {
        level.0
    }
}

impl Paragraph {
    /// A whole `p` element, safe to insert in a page.
    pub fn html(&self) -> String {
        html::element("p", &self.content)
    }

    /// Plain text, a line break as `\n`.
    pub fn text(&self) -> String {
        text_of(&self.content)
    }
}

impl Heading {
    /// Plain text of one line.
    pub fn text(&self) -> String {
        text_of(&self.content)
    }
}

impl Quotation {
    /// Plain text without the attribution, paragraphs with an empty line between them.
    pub fn text(&self) -> String {
        texts_of(&self.paragraphs).join("\n\n")
    }
}

impl List {
    /// The items' plain texts.
    pub fn item_texts(&self) -> Vec<String> {
        texts_of(&self.items)
    }
}

impl Block {
    /// The block as HTML that is safe to insert in a page.
    pub fn html(&self) -> String {
        let mut html = String::new();
        html::write_block(&mut html, self);
        html
    }

    /// The block as `CommonMark`.
    pub fn markdown(&self) -> String {
        markdown::write_blocks(std::slice::from_ref(self))
    }

    /// The block as plain text: see [`Body::text`](super::Body::text). A quotation's attribution is
    /// a last paragraph after a dash.
    pub fn text(&self) -> String {
        match self {
            Self::Paragraph(paragraph) => paragraph.text(),
            Self::Heading(heading) => heading.text(),
            Self::Quotation(quotation) => match &quotation.attribution {
                Some(attribution) => format!("{}\n\n— {attribution}", quotation.text()),
                None => quotation.text(),
            },
            Self::List(list) => list.item_texts().join("\n"),
            Self::Picture(picture) => picture.image.caption_line().unwrap_or_default(),
            Self::Embed(embed) => embed.url.to_string(),
        }
    }

    /// The same block in the normal form that [`super`] describes; none where it says nothing.
    pub(super) fn into_normal_form(self) -> Option<Self> {
        let block = match self {
            Self::Paragraph(Paragraph { content }) => Self::Paragraph(Paragraph {
                content: if is_plain(&content) {
                    content
                } else {
                    normal(&content)?
                },
            }),
            Self::Heading(Heading { level, content }) => Self::Heading(Heading {
                level,
                content: normal(&on_one_line(content))?,
            }),
            Self::Quotation(Quotation {
                paragraphs,
                attribution,
            }) => {
                let paragraphs: Vec<_> = paragraphs.iter().filter_map(|it| normal(it)).collect();
                let attribution = attribution.as_deref().and_then(collapse_white_space);
                if paragraphs.is_empty() {
                    let content = vec![Inline::Text(attribution?)];
                    Self::Paragraph(Paragraph { content })
                } else {
                    Self::Quotation(Quotation {
                        paragraphs,
                        attribution,
                    })
                }
            }
            Self::List(List { ordered, items }) => {
                let items: Vec<_> = items.iter().filter_map(|it| normal(it)).collect();
                if items.is_empty() {
                    return None;
                }
                Self::List(List { ordered, items })
            }
            Self::Picture(Picture { image }) => {
                let line = |text: Option<String>| text.as_deref().and_then(collapse_white_space);
                Self::Picture(Picture {
                    image: Image {
                        alt: line(image.alt),
                        caption: line(image.caption),
                        credit: line(image.credit),
                        ..image
                    },
                })
            }
            Self::Embed(Embed { url, provider }) => Self::Embed(Embed {
                url,
                provider: provider.as_deref().and_then(collapse_white_space),
            }),
        };
        Some(block)
    }
}

/// Whether content is plain text in normal form already, as most paragraphs are.
fn is_plain(content: &[Inline]) -> bool {
    matches!(content, [Inline::Text(text)] if is_collapsed(text))
}

fn normal(content: &[Inline]) -> Option<Vec<Inline>> {
    let mut builder = ContentBuilder::new();
    builder.push_content(content, &Marks::default());
    let content = builder.take();
    (!content.is_empty()).then_some(content)
}

fn on_one_line(content: Vec<Inline>) -> Vec<Inline> {
    content
        .into_iter()
        .map(|inline| match inline {
            Inline::LineBreak => Inline::Text(" ".to_owned()),
            Inline::Emphasis(content) => Inline::Emphasis(on_one_line(content)),
            Inline::Strong(content) => Inline::Strong(on_one_line(content)),
            Inline::Link(mut link) => {
                link.content = on_one_line(link.content);
                Inline::Link(link)
            }
            other @ (Inline::Text(_) | Inline::Code(_)) => other,
        })
        .collect()
}

fn texts_of(contents: &[Vec<Inline>]) -> Vec<String> {
    contents.iter().map(|content| text_of(content)).collect()
}
