//! Writing XML 1.0 that always parses, whatever text goes into it.

use std::borrow::Cow;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

/// A document that is being written.
///
/// Writing to memory does not fail, so the results that the writer has for other targets are put aside.
pub(crate) struct Document(Writer<Vec<u8>>);

/// An attribute: its name and its value.
pub(crate) type Attribute<'a> = (&'static str, &'a str);

impl Document {
    /// Begins one, in UTF-8.
    pub(crate) fn new() -> Self {
        let mut document = Self(Writer::new_with_indent(Vec::new(), b' ', 1));
        document.write(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
        document
    }

    fn write(&mut self, event: Event<'_>) {
        drop(self.0.write_event(event));
    }

    fn start<'a>(name: &'static str, attributes: &'a [Attribute<'a>]) -> BytesStart<'a> {
        let mut start = BytesStart::new(name);
        for (name, value) in attributes {
            start.push_attribute((*name, one_line(value).as_ref()));
        }
        start
    }

    /// An element with elements in it.
    pub(crate) fn within(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        content: impl FnOnce(&mut Self),
    ) {
        self.write(Event::Start(Self::start(name, attributes)));
        content(self);
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// An element with text in it.
    pub(crate) fn text(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.write(Event::Start(Self::start(name, attributes)));
        self.write(Event::Text(BytesText::new(&characters(text))));
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// An element with nothing in it.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.write(Event::Empty(Self::start(name, attributes)));
    }

    /// The document, ended.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut bytes = self.0.into_inner();
        bytes.push(b'\n');
        bytes
    }
}

/// A text of those characters that a document may hold (XML 1.0, section 2.2). There is no way of writing the others, and
/// none of them shows anything. A return is a line's end, as whoever reads it takes it for one (section 2.11).
pub(crate) fn characters(text: &str) -> Cow<'_, str> {
    let stays = |character: char| matches!(character, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(lines.chars().filter(|one| stays(*one)).collect())
}

/// A text with a space where it has whitespace, as a reader has it from an attribute or a title anyway (section 3.3.3).
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let text = characters(text);
    if text.contains(['\t', '\n']) {
        return Cow::Owned(text.replace(['\t', '\n'], " "));
    }
    text
}
