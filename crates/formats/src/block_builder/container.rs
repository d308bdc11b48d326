//! Opens and closes the elements that hold blocks.

use masthead_domain::body::HeadingLevel;

use super::element::{container, is_boundary};
use super::frame::Frame;
use super::{Aside, BlockBuilder};

/// What the end of a container means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Boundary,
    Heading,
    Preformatted,
    Aside,
    Frame,
}

impl BlockBuilder<'_> {
    pub(super) fn start_container(&mut self, name: &str) {
        let Some(name) = container(name) else {
            if is_boundary(name) {
                self.flush();
            }
            return;
        };
        self.flush();
        let may_gather = self.aside.is_none() && self.frames.iter().all(Frame::is_figure);
        let frame = match name {
            "blockquote" if may_gather => Some(Frame::quotation()),
            "ul" | "ol" if may_gather => Some(Frame::list(name == "ol")),
            "figure" if self.aside.is_none() && !self.frames.iter().any(Frame::is_figure) => {
                Some(Frame::figure())
            }
            _ => None,
        };
        let gathers = frame.is_some();
        self.frames.extend(frame);
        let role = match (name, self.frames.last()) {
            _ if gathers => Role::Frame,
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", _) => {
                let level = name.as_bytes().get(1).map_or(2, |digit| digit - b'0');
                self.heading = Some(HeadingLevel::nearest(level));
                Role::Heading
            }
            ("pre", _) => {
                self.code = Some(String::new());
                Role::Preformatted
            }
            ("figcaption", Some(Frame::Figure { .. })) => {
                self.aside = Some(Aside::Caption);
                Role::Aside
            }
            ("footer", Some(Frame::Quotation { .. })) => {
                self.aside = Some(Aside::Attribution);
                Role::Aside
            }
            _ => Role::Boundary,
        };
        self.push_open(name, role);
    }

    /// In a quotation that has said something, a `cite` on a line of its own names the speaker;
    /// elsewhere it is the title of a work.
    pub(super) fn start_cite(&mut self) {
        let names_the_speaker = self.aside.is_none()
            && self.content.is_empty()
            && matches!(self.frames.last(), Some(Frame::Quotation { paragraphs, .. }) if !paragraphs.is_empty());
        if names_the_speaker {
            self.aside = Some(Aside::Attribution);
            self.push_open("cite", Role::Aside);
        } else {
            self.change_marks(|this| this.emphasis += 1);
        }
    }

    pub(super) fn push_open(&mut self, name: &'static str, role: Role) {
        self.open.push((name, role));
        *self.open_count.entry(name).or_default() += 1;
    }

    pub(super) fn is_open(&self, name: &str) -> bool {
        self.open_count.get(name).is_some_and(|count| *count > 0)
    }

    /// Closes the innermost container of this name and all within it; without one it is a boundary.
    pub(super) fn close(&mut self, name: &str) {
        if is_boundary(name) || container(name).is_some() || self.is_open(name) {
            self.flush();
        }
        while self.is_open(name) {
            let found = self.open.last().is_some_and(|(open, _)| *open == name);
            self.close_last();
            if found {
                break;
            }
        }
    }

    pub(super) fn close_last(&mut self) -> bool {
        let Some((name, role)) = self.open.last().copied() else {
            return false;
        };
        self.flush();
        self.open.pop();
        if let Some(count) = self.open_count.get_mut(name) {
            *count -= 1;
        }
        match role {
            Role::Boundary => {}
            Role::Heading => self.heading = None,
            Role::Preformatted => self.code = None,
            Role::Aside => self.aside = None,
            Role::Frame => {
                let blocks = self
                    .frames
                    .pop()
                    .map(Frame::into_blocks)
                    .unwrap_or_default();
                for block in blocks {
                    self.emit(block);
                }
            }
        }
        true
    }
}
