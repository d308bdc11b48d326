//! Builds running text in normal form.
//!
//! Text is kept as a flat row of runs, each with its marks, until all is there; only then are runs
//! of equal marks put inside each other. White space between two runs has the marks that both have.
//! So marks that open and close across each other, as in `<b>a<i>b</b>c</i>`, need no special care.

use std::sync::Arc;

use super::inline::{Inline, Link};
use crate::web_url::LinkTarget;

/// The marks that a piece of text has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// See [`Inline::Strong`].
    pub strong: bool,
    /// See [`Inline::Emphasis`].
    pub emphasis: bool,
    /// Where it leads. Shared, as one link may have many pieces.
    pub link: Option<Arc<LinkTarget>>,
}

impl Marks {
    /// The marks of white space between the two: those that both have, as far inwards as all marks
    /// around them are the same, so that the white space never ends up at the end of a mark.
    fn in_common(&self, other: &Self) -> Self {
        let mut common = Self::default();
        if self.link == other.link {
            common.link.clone_from(&self.link);
            if self.strong == other.strong {
                common.strong = self.strong;
                common.emphasis = self.emphasis && other.emphasis;
            }
        }
        common
    }
}

#[derive(Debug)]
struct Run {
    piece: Piece,
    marks: Marks,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Code(String),
    LineBreak,
}

/// White space that is written only when something visible follows.
#[derive(Debug, Default)]
enum Pending {
    #[default]
    Nothing,
    Space(String),
    LineBreak,
}

/// Takes text piece by piece and gives it back as [`Inline`]s in normal form.
#[derive(Debug, Default)]
pub struct ContentBuilder {
    runs: Vec<Run>,
    pending: Pending,
}

impl ContentBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text. White space collapses into one space, a control character counts as white space.
    pub fn push_text(&mut self, text: &str, marks: &Marks) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if is_space(first) {
                self.push_space(first);
                rest = &rest[first.len_utf8()..];
            } else {
                let (words, after) = rest.split_at(end_of_words(rest));
                self.push_words(words, marks);
                rest = after;
            }
        }
    }

    /// Adds code, whose white space is kept; control characters become spaces.
    pub fn push_code(&mut self, code: &str, marks: &Marks) {
        let code: String = code
            .chars()
            .map(|character| {
                if is_collapsible(character) {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        if code.trim().is_empty() {
            return self.push_text(&code, marks);
        }
        self.push_pending(marks);
        match self.runs.last_mut() {
            Some(Run {
                piece: Piece::Code(before),
                marks: same,
            }) if same == marks => {
                before.push_str(&code);
            }
            _ => self.runs.push(Run {
                piece: Piece::Code(code),
                marks: marks.clone(),
            }),
        }
    }

    /// Adds a line break. Several in a row are one; at either end there is none.
    pub fn push_line_break(&mut self) {
        if !self.runs.is_empty() {
            self.pending = Pending::LineBreak;
        }
    }

    /// Adds content with these marks beside its own.
    pub fn push_content(&mut self, content: &[Inline], marks: &Marks) {
        for inline in content {
            match inline {
                Inline::Text(text) => self.push_text(text, marks),
                Inline::Code(code) => self.push_code(code, marks),
                Inline::LineBreak => self.push_line_break(),
                Inline::Emphasis(content) => {
                    self.push_content(
                        content,
                        &Marks {
                            emphasis: true,
                            ..marks.clone()
                        },
                    );
                }
                Inline::Strong(content) => {
                    self.push_content(
                        content,
                        &Marks {
                            strong: true,
                            ..marks.clone()
                        },
                    );
                }
                Inline::Link(link) => {
                    // The outer link stands: a link within a link is none in HTML.
                    let target = marks
                        .link
                        .clone()
                        .unwrap_or_else(|| Arc::new(link.target.clone()));
                    self.push_content(
                        &link.content,
                        &Marks {
                            link: Some(target),
                            ..marks.clone()
                        },
                    );
                }
            }
        }
    }

    /// Whether nothing visible has been added.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether a line break was the last that was added.
    pub fn ends_with_line_break(&self) -> bool {
        matches!(self.pending, Pending::LineBreak)
    }

    /// What was added, in normal form; the builder is empty afterwards.
    pub fn take(&mut self) -> Vec<Inline> {
        self.pending = Pending::Nothing;
        nest(std::mem::take(&mut self.runs))
    }

    fn push_space(&mut self, character: char) {
        if self.runs.is_empty() {
            return;
        }
        let character = if is_collapsible(character) {
            ' '
        } else {
            character
        };
        match &mut self.pending {
            Pending::LineBreak => {}
            Pending::Space(space) => {
                if character != ' ' || !space.ends_with(' ') {
                    space.push(character);
                }
            }
            Pending::Nothing => self.pending = Pending::Space(character.into()),
        }
    }

    fn push_words(&mut self, words: &str, marks: &Marks) {
        self.push_pending(marks);
        self.push_run_of_text(words, marks);
    }

    fn push_pending(&mut self, marks: &Marks) {
        let Some(before) = self.runs.last() else {
            return;
        };
        let shared = before.marks.in_common(marks);
        match std::mem::take(&mut self.pending) {
            Pending::Nothing => {}
            Pending::Space(space) => self.push_run_of_text(&space, &shared),
            Pending::LineBreak => {
                self.runs.push(Run {
                    piece: Piece::LineBreak,
                    marks: shared,
                });
            }
        }
    }

    fn push_run_of_text(&mut self, text: &str, marks: &Marks) {
        match self.runs.last_mut() {
            Some(Run {
                piece: Piece::Text(before),
                marks: same,
            }) if same == marks => {
                before.push_str(text);
            }
            _ => self.runs.push(Run {
                piece: Piece::Text(text.to_owned()),
                marks: marks.clone(),
            }),
        }
    }
}

/// Where the words end that stand at the start of a text with single spaces between them: most texts are in
/// normal form already, and are taken over as they are.
fn end_of_words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let next = |from: usize| text.get(from..).and_then(|rest| rest.chars().next());
        match byte {
            // By far the most, and no white space.
            b'!'..=b'~' => place += 1,
            b' ' if next(place + 1).is_some_and(|next| !is_space(next)) => place += 1,
            _ => match next(place) {
                Some(character) if !is_space(character) => place += character.len_utf8(),
                _ => return place,
            },
        }
    }
    text.len()
}

/// Whether a text has no white space that would collapse, and is not empty.
pub(super) fn is_collapsed(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(is_space) && end_of_words(text) == text.len()
}

/// The running text of a single line: white space collapsed, nothing where nothing is visible.
pub fn collapse_white_space(text: &str) -> Option<String> {
    let mut builder = ContentBuilder::new();
    builder.push_text(text, &Marks::default());
    match builder.take().pop() {
        Some(Inline::Text(text)) => Some(text),
        _ => None,
    }
}

/// White space that means no more than one space, and what may not stand in text at all.
fn is_collapsible(character: char) -> bool {
    character == ' ' || character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

fn is_space(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

/// Puts runs of equal marks inside each other: links outermost, then strong, then emphasis.
fn nest(runs: Vec<Run>) -> Vec<Inline> {
    grouped(
        runs,
        |run| run.marks.link.clone(),
        |runs| {
            grouped(
                runs,
                |run| run.marks.strong.then_some(()),
                |runs| {
                    grouped(
                        runs,
                        |run| run.marks.emphasis.then_some(()),
                        pieces,
                        |(), content| Inline::Emphasis(content),
                    )
                },
                |(), content| Inline::Strong(content),
            )
        },
        |target, content| {
            Inline::Link(Link {
                target: Arc::unwrap_or_clone(target),
                content,
            })
        },
    )
}

/// Splits runs where the mark changes, makes each part's content, and wraps it in its mark.
fn grouped<Mark: PartialEq>(
    runs: Vec<Run>,
    mark: impl Fn(&Run) -> Option<Mark>,
    content: impl Fn(Vec<Run>) -> Vec<Inline>,
    wrap: impl Fn(Mark, Vec<Inline>) -> Inline,
) -> Vec<Inline> {
    let mut inlines = Vec::new();
    let mut runs = runs.into_iter().peekable();
    while let Some(first) = runs.next() {
        let here = mark(&first);
        let mut group = vec![first];
        while let Some(next) = runs.next_if(|next| mark(next) == here) {
            group.push(next);
        }
        match here {
            Some(mark) => inlines.push(wrap(mark, content(group))),
            None => inlines.extend(content(group)),
        }
    }
    inlines
}

fn pieces(runs: Vec<Run>) -> Vec<Inline> {
    runs.into_iter()
        .map(|run| match run.piece {
            Piece::Text(text) => Inline::Text(text),
            Piece::Code(code) => Inline::Code(code),
            Piece::LineBreak => Inline::LineBreak,
        })
        .collect()
}
