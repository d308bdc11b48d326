//! An article's body: blocks of structured text, never markup.
//!
//! Markup is made from the blocks when it is asked for. Every text is escaped on the way out and
//! every address is a checked [`WebUrl`] or [`LinkTarget`](crate::web_url::LinkTarget), so no body,
//! wherever it came from, can carry a script into a page.
//!
//! # How it is stored
//!
//! As JSON by serde, in a form that is read for ever: variants and fields may be added, none is
//! renamed or removed.
//!
//! ```json
//! {"blocks": [
//!   {"heading": {"level": 2, "content": [{"text": "A heading"}]}},
//!   {"paragraph": {"content": [
//!     {"text": "Plain, "}, {"strong": [{"text": "strong"}]}, "line_break",
//!     {"link": {"target": "https://example.org/", "content": [{"emphasis": [{"text": "linked"}]}]}},
//!     {"code": "0x1F"}]}},
//!   {"quotation": {"paragraphs": [[{"text": "Said."}]], "attribution": "Somebody"}},
//!   {"list": {"ordered": false, "items": [[{"text": "First"}]]}},
//!   {"picture": {"image": {"url": "https://example.org/a.jpg", "alt": "A", "width": 640}}},
//!   {"embed": {"url": "https://www.youtube.com/watch?v=x", "provider": "YouTube"}}
//! ]}
//! ```
//!
//! # Normal form
//!
//! [`Body::new`], and reading from JSON, bring every body into one form; the methods rely on it:
//! - white space is collapsed as browsers do, and none stands at the ends of a block or of a mark;
//!   no text holds a control character or a line separator;
//! - marks nest in one order, link, strong, emphasis, each at most once: nesting is bounded;
//! - neighbours of a kind are one; nothing is empty; a heading has no line break.

mod block;
mod content;
mod html;
mod inline;
mod markdown;

use serde::{Deserialize, Serialize};

pub use block::{Block, Embed, Heading, HeadingLevel, List, Paragraph, Picture, Quotation};
pub use content::{ContentBuilder, Marks, collapse_white_space};
pub use inline::{Inline, Link, text_of};

use crate::reading;
#[cfg(doc)]
use crate::web_url::WebUrl;

/// The body of an article. Empty where only the headline is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredBody")]
pub struct Body {
    blocks: Vec<Block>,
}

/// What stands in JSON, before it is brought into normal form.
#[derive(Deserialize)]
struct StoredBody {
    #[serde(default)]
    blocks: Vec<Block>,
}

impl From<StoredBody> for Body {
    fn from(stored: StoredBody) -> Self {
        Self::new(stored.blocks)
    }
}

impl Body {
    /// A body of these blocks, in normal form; blocks that say nothing are left out.
    pub fn new(blocks: Vec<Block>) -> Self {
        Self {
            blocks: blocks
                .into_iter()
                .filter_map(Block::into_normal_form)
                .collect(),
        }
    }

    /// The blocks in reading order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Whether nothing is written in it.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// HTML that is safe to insert in a page.
    ///
    /// Its elements: `p`, `h2` to `h6`, `blockquote`, `ol`, `ul`, `li`, `figure`, `figcaption`,
    /// `img`, `small`, `a`, `strong`, `em`, `code` and `br`. An embed is a link in a figure; the
    /// page decides whether to load the provider's player.
    pub fn html(&self) -> String {
        let mut html = String::new();
        for block in &self.blocks {
            if !html.is_empty() {
                html.push('\n');
            }
            html::write_block(&mut html, block);
        }
        html
    }

    /// Plain text: blocks with an empty line between them, list items and line breaks on lines of
    /// their own, pictures by caption and credit, embeds by address.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for block in self
            .blocks
            .iter()
            .map(Block::text)
            .filter(|block| !block.is_empty())
        {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&block);
        }
        text
    }

    /// `CommonMark` 0.31.2, without raw HTML. Text that looks like markup is escaped.
    ///
    /// A picture's caption and credit are its title, a quotation's attribution the last paragraph,
    /// after a dash; an embed is an autolink. A picture's size and an embed's provider are left out.
    pub fn markdown(&self) -> String {
        markdown::write_blocks(&self.blocks)
    }

    /// Words in the running text: see [`reading::word_count`]. Captions count, addresses do not.
    pub fn word_count(&self) -> u32 {
        self.blocks
            .iter()
            .filter(|block| !matches!(block, Block::Embed(_)))
            .map(|block| reading::word_count(&block.text()))
            .fold(0, u32::saturating_add)
    }

    /// Minutes that the body takes to read: see [`reading::reading_minutes`].
    pub fn reading_minutes(&self) -> u32 {
        reading::reading_minutes(self.word_count())
    }
}

#[cfg(test)]
mod tests;
