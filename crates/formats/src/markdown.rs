//! Reads Markdown.

use masthead_domain::body::Body;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::block_builder::BlockBuilder;
use crate::html;

/// Reads `CommonMark` 0.31.2, with the tables and strike-through marks of GitHub's dialect.
///
/// HTML in it is read like HTML from anywhere: what is harmless keeps its meaning, the rest is
/// dropped. A picture's title is its caption; a last paragraph of a quotation that begins with a dash
/// (`— A farmer`) is its attribution; a paragraph that is nothing but the address of a film or a post
/// of a known site is an embed.
pub fn read(markdown: &str) -> Body {
    let mut reader = Reader {
        builder: BlockBuilder::new(None),
        html_block: String::new(),
        image: None,
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for event in Parser::new_ext(markdown, options) {
        reader.event(event);
    }
    reader.builder.finish()
}

struct Reader<'input> {
    builder: BlockBuilder<'static>,
    /// The lines of an HTML block, which come one by one.
    html_block: String,
    image: Option<OpenImage<'input>>,
}

/// A picture whose alternative text is being read.
struct OpenImage<'input> {
    address: CowStr<'input>,
    title: CowStr<'input>,
    alt: String,
    /// Pictures within its alternative text, of which only the text counts.
    within: usize,
}

impl<'input> Reader<'input> {
    fn event(&mut self, event: Event<'input>) {
        if self.image.is_some() {
            return self.event_in_image(event);
        }
        match event {
            Event::Start(Tag::Image {
                dest_url, title, ..
            }) => {
                let alt = String::new();
                self.image = Some(OpenImage {
                    address: dest_url,
                    title,
                    alt,
                    within: 0,
                });
            }
            Event::Start(tag) => self.start(&tag),
            Event::End(TagEnd::HtmlBlock) => {
                let html = std::mem::take(&mut self.html_block);
                html::feed(&mut self.builder, &html);
            }
            Event::End(tag) => {
                if let Some(name) = name_of_end(tag) {
                    self.builder.end(name);
                }
            }
            // The last three are of extensions that are not enabled.
            Event::Text(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.builder.text(&text),
            Event::Code(code) => {
                self.builder.start("code", &[]);
                self.builder.text(&code);
                self.builder.end("code");
            }
            Event::Html(html) => self.html_block.push_str(&html),
            Event::InlineHtml(html) => html::feed(&mut self.builder, &html),
            Event::SoftBreak => self.builder.text("\n"),
            Event::HardBreak => self.builder.line_break(),
            Event::Rule => self.builder.start("hr", &[]),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let name = match tag {
            Tag::Link { dest_url, .. } => return self.builder.start("a", &[("href", dest_url)]),
            Tag::HtmlBlock | Tag::Image { .. } => return,
            Tag::List(Some(_)) => "ol",
            other => match name_of_end(other.to_end()) {
                Some(name) => name,
                None => return,
            },
        };
        self.builder.start(name, &[]);
    }

    fn event_in_image(&mut self, event: Event<'input>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Text(text) | Event::Code(text) => image.alt.push_str(&text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            Event::Start(Tag::Image { .. }) => image.within += 1,
            Event::End(TagEnd::Image) if image.within > 0 => image.within -= 1,
            Event::End(TagEnd::Image) => {
                if let Some(OpenImage {
                    address,
                    title,
                    alt,
                    ..
                }) = self.image.take()
                {
                    self.builder.picture(&address, Some(&alt), Some(&title));
                }
            }
            _ => {}
        }
    }
}

/// The HTML element that means the same.
fn name_of_end(tag: TagEnd) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(level) => ["h1", "h2", "h3", "h4", "h5", "h6"]
            .get(level as usize - 1)
            .copied()?,
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::CodeBlock => "pre",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Table => "table",
        TagEnd::TableHead | TagEnd::TableRow => "tr",
        TagEnd::TableCell => "td",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "s",
        TagEnd::Link => "a",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
