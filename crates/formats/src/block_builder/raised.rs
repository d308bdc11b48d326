//! Superscript and subscript.

/// Where the text stands.
#[derive(Clone, Copy)]
pub(super) enum Raised {
    Superscript,
    Subscript,
}

impl Raised {
    /// The text in raised or lowered characters, if Unicode has them all: m², CO₂, but not 3rd.
    pub(super) fn characters(self, text: &str) -> Option<String> {
        const PLAIN: &str = "0123456789+-=()";
        let raised = match self {
            Self::Superscript => "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾",
            Self::Subscript => "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎",
        };
        text.chars()
            .map(|character| raised.chars().nth(PLAIN.find(character)?))
            .collect()
    }
}
