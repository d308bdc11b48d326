//! Reads HTML from outside: a newsroom's editor, another system's export, a page.
//!
//! It is read token by token with html5ever's tokenizer, which knows how browsers take tags, character
//! references and scripts apart. Its tree builder, and ammonia which stands on it, were left out: they
//! search all open elements at each tag, so that nesting takes quadratic time, and what they add, a
//! cleaned tree, is not needed where no markup is kept.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, EndTag, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use masthead_domain::body::Body;
use masthead_domain::web_url::WebUrl;

use crate::block_builder::BlockBuilder;

/// The most bytes of a single tag or comment; a longer one is passed over up to its `>`.
///
/// The tokenizer compares each attribute with all before it, so the time for a tag grows with the
/// square of its length. What is longer in practice is a picture within the page, which is not kept.
const MAXIMUM_TAG_LENGTH: usize = 64 * 1024;

/// How much is given to the tokenizer at a time, in bytes.
const CHUNK_LENGTH: usize = 4 * 1024;

/// Reads a fragment or a whole page of HTML. Whatever it holds, it gives a body; none of its markup is
/// kept, only text and the addresses that are allowed. Relative links to the same site's pages stay,
/// relative addresses of pictures are dropped: see [`read_at`].
///
/// Scripts, styles, drawings, formulas, form controls and what is struck out are dropped, unknown
/// elements are transparent. `h1` becomes a heading of level 2. A table is a paragraph a row, the
/// cells between bars. A list within a list goes on with its items. Pictures within lists and
/// quotations come after them. Frames of known players become embeds, others are dropped.
pub fn read(html: &str) -> Body {
    let mut builder = BlockBuilder::new(None);
    feed(&mut builder, html);
    builder.finish()
}

/// Reads HTML as [`read`] does, with all relative addresses made absolute as on that page.
pub fn read_at(html: &str, page: &WebUrl) -> Body {
    let mut builder = BlockBuilder::new(Some(page));
    feed(&mut builder, html);
    builder.finish()
}

/// Gives the tags and texts of a piece of HTML to the builder.
pub(crate) fn feed(builder: &mut BlockBuilder<'_>, html: &str) {
    let sink = Sink {
        builder: RefCell::new(builder),
        progress: Cell::new(false),
    };
    let mut tokenizer = new_tokenizer(&sink);
    let mut without_token = 0;
    let mut rest = html;
    while !rest.is_empty() {
        let end = (CHUNK_LENGTH..rest.len()).find(|&index| rest.is_char_boundary(index));
        let (chunk, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        give(&tokenizer, chunk);
        without_token = if sink.progress.take() {
            0
        } else {
            without_token + chunk.len()
        };
        if without_token > MAXIMUM_TAG_LENGTH {
            rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
            without_token = 0;
            tokenizer = new_tokenizer(&sink);
        }
    }
    tokenizer.end();
}

fn new_tokenizer<'sink, 'builder, 'page>(
    sink: &'sink Sink<'builder, 'page>,
) -> Tokenizer<&'sink Sink<'builder, 'page>> {
    Tokenizer::new(sink, TokenizerOpts::default())
}

fn give(tokenizer: &Tokenizer<&Sink<'_, '_>>, chunk: &str) {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(chunk));
    // It pauses only for what this sink never asks: a script to run, another encoding.
    while !queue.is_empty() {
        let _ = tokenizer.feed(&queue);
    }
}

struct Sink<'builder, 'page> {
    builder: RefCell<&'builder mut BlockBuilder<'page>>,
    /// Whether a token came since it was last asked.
    progress: Cell<bool>,
}

impl TokenSink for &Sink<'_, '_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut builder = self.builder.borrow_mut();
        match token {
            Token::ParseError(_) => return TokenSinkResult::Continue,
            Token::CharacterTokens(text) => builder.text(&text),
            Token::TagToken(tag) if tag.kind == StartTag => {
                self.progress.set(true);
                return start(&mut builder, &tag);
            }
            Token::TagToken(Tag {
                kind: EndTag, name, ..
            }) => builder.end(&name),
            _ => {}
        }
        self.progress.set(true);
        TokenSinkResult::Continue
    }
}

fn start(builder: &mut BlockBuilder<'_>, tag: &Tag) -> TokenSinkResult<()> {
    let name: &str = &tag.name;
    let attributes: Vec<(&str, &str)> = tag
        .attrs
        .iter()
        .map(|attribute| (&*attribute.name.local, &*attribute.value))
        .collect();
    builder.start(name, &attributes);
    if builder.in_foreign_content() {
        // `<style>` within `<svg>` holds tags, and `<svg/>` is closed.
        if tag.self_closing {
            builder.end(name);
        }
        return TokenSinkResult::Continue;
    }
    match name {
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "iframe" | "noembed" | "noframes" | "xmp" => TokenSinkResult::RawData(Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

#[cfg(test)]
mod tests;
