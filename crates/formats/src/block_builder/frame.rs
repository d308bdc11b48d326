//! The containers that gather blocks into one: quotations, lists and figures.

use masthead_domain::body::{
    Block, ContentBuilder, Embed, Inline, List, Marks, Paragraph, Quotation, text_of,
};
use masthead_domain::web_url::WebUrl;

/// A container that is open.
pub(super) enum Frame {
    /// What cannot stand in a quotation comes after it.
    Quotation {
        paragraphs: Vec<Vec<Inline>>,
        attribution: String,
        after: Vec<Block>,
    },
    /// What cannot stand in a list comes after it. A list within it goes on with its items.
    List {
        ordered: bool,
        items: Vec<Vec<Inline>>,
        item: ContentBuilder,
        after: Vec<Block>,
    },
    Figure {
        blocks: Vec<Block>,
        caption: String,
        credit: String,
    },
}

impl Frame {
    pub(super) fn quotation() -> Self {
        Self::Quotation {
            paragraphs: Vec::new(),
            attribution: String::new(),
            after: Vec::new(),
        }
    }

    pub(super) fn list(ordered: bool) -> Self {
        Self::List {
            ordered,
            items: Vec::new(),
            item: ContentBuilder::new(),
            after: Vec::new(),
        }
    }

    pub(super) fn figure() -> Self {
        Self::Figure {
            blocks: Vec::new(),
            caption: String::new(),
            credit: String::new(),
        }
    }

    pub(super) fn is_figure(&self) -> bool {
        matches!(self, Self::Figure { .. })
    }

    /// Begins the next item of a list.
    pub(super) fn next_item(&mut self) {
        if let Self::List { items, item, .. } = self {
            items.push(item.take());
        }
    }

    /// Adds a block.
    pub(super) fn take(&mut self, block: Block) {
        match self {
            Self::Figure { blocks, .. } => blocks.push(block),
            Self::Quotation {
                paragraphs, after, ..
            } => match contents(block) {
                Ok(contents) => paragraphs.extend(contents),
                Err(block) => after.push(block),
            },
            Self::List { item, after, .. } => match contents(block) {
                Ok(contents) => {
                    for content in contents {
                        item.push_line_break();
                        item.push_content(&content, &Marks::default());
                    }
                }
                Err(block) => after.push(block),
            },
        }
    }

    /// What the container comes to once it is closed.
    pub(super) fn into_blocks(self) -> Vec<Block> {
        let (block, after) = match self {
            Self::Quotation {
                mut paragraphs,
                attribution,
                after,
            } => {
                let mut attribution = (!attribution.is_empty()).then_some(attribution);
                if attribution.is_none()
                    && paragraphs.len() > 1
                    && let Some(name) = paragraphs.last().and_then(|last| name_after_dash(last))
                {
                    attribution = Some(name);
                    paragraphs.pop();
                }
                let attribution = attribution.map(|name| without_dash(&name).to_owned());
                (
                    Block::Quotation(Quotation {
                        paragraphs,
                        attribution,
                    }),
                    after,
                )
            }
            Self::List {
                ordered,
                mut items,
                mut item,
                after,
            } => {
                items.push(item.take());
                (Block::List(List { ordered, items }), after)
            }
            Self::Figure {
                blocks,
                caption,
                credit,
            } => return figure(blocks, caption, credit),
        };
        std::iter::once(block).chain(after).collect()
    }
}

/// A block's contents, if it is made of running text.
fn contents(block: Block) -> Result<Vec<Vec<Inline>>, Block> {
    match block {
        Block::Paragraph(paragraph) => Ok(vec![paragraph.content]),
        Block::Heading(heading) => Ok(vec![heading.content]),
        Block::List(list) => Ok(list.items),
        Block::Quotation(Quotation {
            mut paragraphs,
            attribution,
        }) => {
            paragraphs.extend(attribution.map(|name| vec![Inline::Text(format!("— {name}"))]));
            Ok(paragraphs)
        }
        other @ (Block::Picture(_) | Block::Embed(_)) => Err(other),
    }
}

/// The caption is the last picture's, or names whose the quotation is, or stays a paragraph.
fn figure(mut blocks: Vec<Block>, caption: String, credit: String) -> Vec<Block> {
    if let Some(embed) = sole_link(&blocks) {
        blocks = vec![Block::Embed(embed)];
    }
    let captioned = blocks.iter_mut().rev().find_map(|block| match block {
        Block::Picture(picture) => Some(&mut picture.image),
        _ => None,
    });
    if let Some(image) = captioned {
        image.caption = Some(caption);
        image.credit = Some(credit);
        return blocks;
    }
    let line = format!("{caption} {credit}");
    let line = line.trim();
    let quotation = blocks.iter_mut().rev().find_map(|block| match block {
        Block::Quotation(quotation) if quotation.attribution.is_none() => Some(quotation),
        _ => None,
    });
    match quotation {
        Some(quotation) => quotation.attribution = Some(without_dash(line).to_owned()),
        None => blocks.push(Block::Paragraph(Paragraph {
            content: vec![Inline::Text(line.to_owned())],
        })),
    }
    blocks
}

/// A figure of nothing but a link is how [`masthead_domain::body::Body::html`] writes an embed.
fn sole_link(blocks: &[Block]) -> Option<Embed> {
    let [Block::Paragraph(paragraph)] = blocks else {
        return None;
    };
    let [Inline::Link(link)] = paragraph.content.as_slice() else {
        return None;
    };
    let url = WebUrl::parse(link.target.as_str()).ok()?;
    let name = text_of(&link.content);
    let provider = (name != url.as_str()).then_some(name);
    Some(Embed { url, provider })
}

/// The name in a last line like `— A farmer`.
fn name_after_dash(content: &[Inline]) -> Option<String> {
    let text = text_of(content).replace('\n', " ");
    let name = without_dash(&text);
    (name.len() < text.len() && !name.is_empty()).then(|| name.to_owned())
}

fn without_dash(line: &str) -> &str {
    line.strip_prefix(['—', '―']).map_or(line, str::trim_start)
}
