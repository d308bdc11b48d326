//! A body as HTML. Everything that is not written here as a literal goes through [`write_escaped`].

use std::fmt::Write as _;

use super::block::{Block, Picture, Quotation};
use super::inline::{Inline, Link};

/// Appends a block as one element.
pub(super) fn write_block(html: &mut String, block: &Block) {
    match block {
        Block::Paragraph(paragraph) => write_element(html, "p", &paragraph.content),
        Block::Heading(heading) => {
            let name = match heading.level.get() {
                2 => "h2",
                3 => "h3",
                4 => "h4",
                5 => "h5",
                _ => "h6",
            };
            write_element(html, name, &heading.content);
        }
        Block::Quotation(quotation) => write_quotation(html, quotation),
        Block::List(list) => {
            let (start, end) = if list.ordered {
                ("<ol>", "</ol>")
            } else {
                ("<ul>", "</ul>")
            };
            html.push_str(start);
            for item in &list.items {
                write_element(html, "li", item);
            }
            html.push_str(end);
        }
        Block::Picture(picture) => write_picture(html, picture),
        Block::Embed(embed) => {
            html.push_str("<figure>");
            write_link_start(html, embed.url.as_str(), true);
            write_escaped(
                html,
                embed.provider.as_deref().unwrap_or(embed.url.as_str()),
            );
            html.push_str("</a></figure>");
        }
    }
}

/// An element that holds a content.
pub(super) fn element(name: &'static str, content: &[Inline]) -> String {
    let mut html = String::new();
    write_element(&mut html, name, content);
    html
}

fn write_element(html: &mut String, name: &'static str, content: &[Inline]) {
    let _ = write!(html, "<{name}>");
    write_content(html, content);
    let _ = write!(html, "</{name}>");
}

/// The attribution stands beside the `blockquote`, not in it (HTML Standard, 4.4.4).
fn write_quotation(html: &mut String, quotation: &Quotation) {
    if quotation.attribution.is_some() {
        html.push_str("<figure>");
    }
    html.push_str("<blockquote>");
    for paragraph in &quotation.paragraphs {
        write_element(html, "p", paragraph);
    }
    html.push_str("</blockquote>");
    if let Some(attribution) = &quotation.attribution {
        html.push_str("<figcaption>— ");
        write_escaped(html, attribution);
        html.push_str("</figcaption></figure>");
    }
}

fn write_picture(html: &mut String, picture: &Picture) {
    let image = &picture.image;
    html.push_str("<figure><img src=\"");
    write_escaped(html, image.url.as_str());
    html.push_str("\" alt=\"");
    write_escaped(html, image.alt.as_deref().unwrap_or_default());
    html.push('"');
    for (name, pixels) in [("width", image.width), ("height", image.height)] {
        if let Some(pixels) = pixels {
            let _ = write!(html, " {name}=\"{pixels}\"");
        }
    }
    html.push('>');
    if image.caption.is_some() || image.credit.is_some() {
        html.push_str("<figcaption>");
        if let Some(caption) = &image.caption {
            write_escaped(html, caption);
        }
        if let Some(credit) = &image.credit {
            if image.caption.is_some() {
                html.push(' ');
            }
            html.push_str("<small>");
            write_escaped(html, credit);
            html.push_str("</small>");
        }
        html.push_str("</figcaption>");
    }
    html.push_str("</figure>");
}

fn write_content(html: &mut String, content: &[Inline]) {
    for inline in content {
        match inline {
            Inline::Text(text) => write_escaped(html, text),
            Inline::Emphasis(content) => write_element(html, "em", content),
            Inline::Strong(content) => write_element(html, "strong", content),
            Inline::Code(code) => {
                html.push_str("<code>");
                write_escaped(html, code);
                html.push_str("</code>");
            }
            Inline::Link(Link { target, content }) => {
                write_link_start(html, target.as_str(), target.is_absolute());
                write_content(html, content);
                html.push_str("</a>");
            }
            Inline::LineBreak => html.push_str("<br>"),
        }
    }
}

/// A link to another site vouches for nothing there and gives it no hold on the page.
fn write_link_start(html: &mut String, target: &str, elsewhere: bool) {
    html.push_str("<a href=\"");
    write_escaped(html, target);
    html.push_str(if elsewhere {
        "\" rel=\"nofollow noopener\">"
    } else {
        "\">"
    });
}

/// Appends text as character data, safe between tags and between double quotes.
fn write_escaped(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (before, after) = rest.split_at(at);
        html.push_str(before);
        html.push_str(match after.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            _ => "&#39;",
        });
        // All five are one byte long.
        rest = &after[1..];
    }
    html.push_str(rest);
}
