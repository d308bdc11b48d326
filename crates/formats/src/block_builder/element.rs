//! Which HTML elements mean what for a body.

use super::Attributes;

/// The first attribute of this name.
pub(super) fn attribute<'a>(attributes: &Attributes<'a>, name: &str) -> Option<&'a str> {
    attributes
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}

/// The name, if the element holds blocks or is one that has to be closed.
pub(super) fn container(name: &str) -> Option<&'static str> {
    const CONTAINERS: [&str; 28] = [
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "dialog",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "main",
        "nav",
        "ol",
        "pre",
        "search",
        "section",
        "ul",
    ];
    CONTAINERS.into_iter().find(|container| *container == name)
}

/// Whether the text before and after the tag stands in two blocks.
pub(super) fn is_boundary(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "body"
            | "caption"
            | "dd"
            | "dir"
            | "dt"
            | "head"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "menu"
            | "p"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
    )
}

/// Whether what the element holds is no text of the article: code, controls, drawings, formulas,
/// fall-backs, and what was struck out.
pub(super) fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "applet"
            | "button"
            | "canvas"
            | "datalist"
            | "del"
            | "math"
            | "noembed"
            | "noframes"
            | "object"
            | "rp"
            | "script"
            | "select"
            | "style"
            | "svg"
            | "template"
            | "textarea"
            | "title"
    )
}
