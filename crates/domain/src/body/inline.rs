//! Running text with its marks.

use serde::{Deserialize, Serialize};

use crate::web_url::LinkTarget;

/// A piece of running text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Text as it is read, not markup.
    Text(String),
    /// Stressed, or a title or a foreign word: printed in italics.
    Emphasis(Vec<Inline>),
    /// Important: printed bold.
    Strong(Vec<Inline>),
    /// Letter for letter, white space included.
    Code(String),
    /// A link.
    Link(Link),
    /// A new line within the same block.
    LineBreak,
}

/// Running text that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where it leads.
    pub target: LinkTarget,
    /// What is read there.
    pub content: Vec<Inline>,
}

/// The plain text of a content, a line break as `\n`.
pub fn text_of(content: &[Inline]) -> String {
    let mut text = String::new();
    write_text(&mut text, content);
    text
}

fn write_text(text: &mut String, content: &[Inline]) {
    for inline in content {
        match inline {
            Inline::Text(piece) | Inline::Code(piece) => text.push_str(piece),
            Inline::Emphasis(content) | Inline::Strong(content) => write_text(text, content),
            Inline::Link(link) => write_text(text, &link.content),
            Inline::LineBreak => text.push('\n'),
        }
    }
}
