//! Makes blocks of a stream of tags and text.
//!
//! What HTML means is told tag by tag, without a tree: formatting is counted, containers stand on a
//! stack that is only ever popped, and at most three of them (a figure, a quotation or a list) gather
//! blocks of their own. So time and memory grow with the input alone, however it nests.

mod container;
mod element;
mod frame;
mod media;
mod raised;

use std::collections::HashMap;
use std::sync::Arc;

use masthead_domain::body::{
    Block, Body, ContentBuilder, Embed, Heading, HeadingLevel, Inline, Marks, Paragraph, text_of,
};
use masthead_domain::web_url::{LinkTarget, WebUrl};

use self::container::Role;
use self::element::{attribute, container, is_boundary, is_dropped};
use self::frame::Frame;
use self::raised::Raised;
use crate::embed_provider;

/// The attributes of a tag by name.
pub(crate) type Attributes<'a> = [(&'a str, &'a str)];

/// Takes tags and text in the order of the document.
pub(crate) struct BlockBuilder<'a> {
    /// What relative addresses are relative to.
    base: Option<&'a WebUrl>,
    blocks: Vec<Block>,
    content: ContentBuilder,
    /// Code is gathered whole, as its white space counts.
    code: Option<String>,
    strong: usize,
    emphasis: usize,
    link: Option<Arc<LinkTarget>>,
    raised: Option<Raised>,
    heading: Option<HeadingLevel>,
    /// What is read is no block but a line beside one.
    aside: Option<Aside>,
    frames: Vec<Frame>,
    open: Vec<(&'static str, Role)>,
    open_count: HashMap<&'static str, usize>,
    skipped: Option<Skipped>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aside {
    Caption,
    Credit,
    Attribution,
}

/// An element whose content is no text of the article.
struct Skipped {
    name: String,
    depth: usize,
    /// A film or recording whose file is not known yet.
    wants_source: bool,
}

impl Skipped {
    fn is_foreign(&self) -> bool {
        matches!(self.name.as_str(), "svg" | "math")
    }
}

impl<'a> BlockBuilder<'a> {
    pub(crate) fn new(base: Option<&'a WebUrl>) -> Self {
        Self {
            base,
            blocks: Vec::new(),
            content: ContentBuilder::new(),
            code: None,
            strong: 0,
            emphasis: 0,
            link: None,
            raised: None,
            heading: None,
            aside: None,
            frames: Vec::new(),
            open: Vec::new(),
            open_count: HashMap::new(),
            skipped: None,
        }
    }

    /// The body of all that was taken.
    pub(crate) fn finish(mut self) -> Body {
        self.flush();
        while self.close_last() {}
        Body::new(self.blocks)
    }

    /// Whether what comes next belongs to an SVG or `MathML` element.
    pub(crate) fn in_foreign_content(&self) -> bool {
        self.skipped.as_ref().is_some_and(Skipped::is_foreign)
    }

    pub(crate) fn text(&mut self, text: &str) {
        if self.skipped.is_some() {
            return;
        }
        if let Some(code) = &mut self.code {
            return code.push_str(text);
        }
        let marks = self.marks();
        match self.raised.and_then(|raised| raised.characters(text)) {
            Some(raised) => self.content.push_text(&raised, &marks),
            None => self.content.push_text(text, &marks),
        }
    }

    pub(crate) fn start(&mut self, name: &str, attributes: &Attributes<'_>) {
        if self.is_skipped_at_start(name, attributes) {
            return;
        }
        match name {
            "b" | "strong" => self.change_marks(|this| this.strong += 1),
            "em" | "i" | "dfn" => self.change_marks(|this| this.emphasis += 1),
            "cite" => self.start_cite(),
            "a" => {
                let target = attribute(attributes, "href").and_then(|href| self.link_target(href));
                self.change_marks(|this| this.link = target.map(Arc::new));
            }
            "code" | "kbd" | "samp" | "tt" if self.code.is_none() => {
                self.code = Some(String::new());
            }
            "sup" => self.raised = Some(Raised::Superscript),
            "sub" => self.raised = Some(Raised::Subscript),
            "q" => self.text("\u{201c}"),
            "br" => self.line_break(),
            "img" => self.image_element(attributes),
            "small" if self.aside == Some(Aside::Caption) => {
                self.flush();
                self.aside = Some(Aside::Credit);
            }
            "iframe" => {
                let source = self.address(attributes, &["src", "data-src"]);
                if let Some(embed) = source.as_ref().and_then(embed_provider::of_player) {
                    self.block(Block::Embed(embed));
                }
                self.skip(name);
            }
            "video" | "audio" => {
                self.skip(name);
                self.media_source(attributes);
            }
            "td" | "th" => {
                self.end_code();
                if !self.content.is_empty() {
                    self.text(" | ");
                }
            }
            "p" => {
                // `<h2>` that was never closed: a paragraph after its text ends it.
                let closes_heading = self.heading.is_some() && !self.content.is_empty();
                self.flush();
                if closes_heading {
                    self.heading = None;
                }
            }
            "li" => {
                self.flush();
                if let Some(frame) = self.frames.last_mut() {
                    frame.next_item();
                }
            }
            _ if is_dropped(name) => self.skip(name),
            _ => self.start_container(name),
        }
    }

    pub(crate) fn end(&mut self, name: &str) {
        if let Some(skipped) = &mut self.skipped {
            if skipped.name == name {
                skipped.depth -= 1;
                if skipped.depth == 0 {
                    self.skipped = None;
                }
            }
            return;
        }
        match name {
            "b" | "strong" => self.change_marks(|this| this.strong = this.strong.saturating_sub(1)),
            "em" | "i" | "dfn" => {
                self.change_marks(|this| this.emphasis = this.emphasis.saturating_sub(1));
            }
            "cite" if !self.is_open(name) => {
                self.change_marks(|this| this.emphasis = this.emphasis.saturating_sub(1));
            }
            "a" => self.change_marks(|this| this.link = None),
            "code" | "kbd" | "samp" | "tt" if !self.is_open("pre") => self.end_code(),
            "sup" | "sub" => self.raised = None,
            "q" => self.text("\u{201d}"),
            "br" => self.line_break(),
            "small" if self.aside == Some(Aside::Credit) => {
                self.flush();
                self.aside = Some(Aside::Caption);
            }
            "p" | "li" => self.flush(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                // Any of them ends a heading, as in browsers.
                if let Some((open, Role::Heading)) = self.open.last().copied() {
                    self.close(open);
                } else {
                    self.close(name);
                }
            }
            _ => self.close(name),
        }
    }

    /// A line break within a block; a second one ends a paragraph, as many editors write it.
    pub(crate) fn line_break(&mut self) {
        self.end_code();
        if self.heading.is_some() || self.aside.is_some() {
            self.text(" ");
        } else if self.content.ends_with_line_break() {
            self.flush();
        } else {
            self.content.push_line_break();
        }
        if self.is_open("pre") {
            self.code = Some(String::new());
        }
    }

    // Running text.

    fn marks(&self) -> Marks {
        Marks {
            strong: self.strong > 0,
            emphasis: self.emphasis > 0,
            link: self.link.clone(),
        }
    }

    fn change_marks(&mut self, change: impl FnOnce(&mut Self)) {
        let in_code = self.code.is_some();
        self.end_code();
        change(self);
        if in_code {
            self.code = Some(String::new());
        }
    }

    fn end_code(&mut self) {
        let Some(code) = self.code.take() else { return };
        let marks = self.marks();
        if self.is_open("pre") {
            for (index, line) in code.split('\n').enumerate() {
                if index > 0 {
                    self.content.push_line_break();
                }
                self.content.push_code(line.trim_end(), &marks);
            }
        } else {
            self.content.push_code(&code, &marks);
        }
    }

    // Blocks.

    /// Ends the block that is being read.
    fn flush(&mut self) {
        let in_code = self.code.is_some();
        self.end_code();
        if in_code {
            self.code = Some(String::new());
        }
        let content = self.content.take();
        if content.is_empty() {
            return;
        }
        // A link that is never closed would be repeated in every block that follows.
        self.link = None;
        if let Some(aside) = self.aside {
            let line = match (aside, self.frames.last_mut()) {
                (Aside::Caption, Some(Frame::Figure { caption, .. })) => caption,
                (Aside::Credit, Some(Frame::Figure { credit, .. })) => credit,
                (Aside::Attribution, Some(Frame::Quotation { attribution, .. })) => attribution,
                _ => return self.emit(Block::Paragraph(Paragraph { content })),
            };
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&text_of(&content).replace('\n', " "));
        } else if let Some(level) = self.heading {
            self.emit(Block::Heading(Heading { level, content }));
        } else if let Some(embed) = self.sole_address(&content) {
            self.emit(Block::Embed(embed));
        } else {
            self.emit(Block::Paragraph(Paragraph { content }));
        }
    }

    /// Puts a whole block after what was read.
    fn block(&mut self, block: Block) {
        self.flush();
        self.emit(block);
    }

    fn emit(&mut self, block: Block) {
        match self.frames.last_mut() {
            Some(frame) => frame.take(block),
            None => self.blocks.push(block),
        }
    }

    /// A paragraph that is nothing but the address of a film or post, as editors paste it.
    fn sole_address(&self, content: &[Inline]) -> Option<Embed> {
        let text = match content {
            [Inline::Text(text)] => text,
            [Inline::Link(link)] => match link.content.as_slice() {
                [Inline::Text(text)] if text == link.target.as_str() => text,
                _ => return None,
            },
            _ => return None,
        };
        let url = WebUrl::parse(text)
            .ok()
            .filter(|url| url.as_str() == text)?;
        let apart = self.frames.last().is_none_or(Frame::is_figure);
        embed_provider::of_page(&url).filter(|_| apart)
    }

    // What is not text.

    fn is_skipped_at_start(&mut self, name: &str, attributes: &Attributes<'_>) -> bool {
        let Some(skipped) = &mut self.skipped else {
            return false;
        };
        if skipped.is_foreign() && (is_boundary(name) || container(name).is_some()) {
            // HTML ends SVG and MathML that were left open (HTML Standard, 13.2.6.5).
            self.skipped = None;
            return false;
        }
        if skipped.name == name {
            skipped.depth += 1;
        } else if name == "source" {
            self.media_source(attributes);
        }
        true
    }

    fn skip(&mut self, name: &str) {
        self.end_code();
        let wants_source = matches!(name, "video" | "audio");
        self.skipped = Some(Skipped {
            name: name.to_owned(),
            depth: 1,
            wants_source,
        });
    }
}
