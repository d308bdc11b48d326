//! On which grounds one article leads to another, and how that is said to a reader.

/// The ground on which a list of related articles stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelatedBasis {
    /// Chosen by an editor.
    Curated,
    /// Credited to one of the same names.
    Byline,
    /// Of the same section.
    Section,
    /// On one of the same topics.
    Topic,
    /// Alike in what they tell.
    Similar,
}

impl RelatedBasis {
    /// The lists that an article page shows, in the order in which it shows them.
    pub const ON_A_PAGE: [Self; 4] = [Self::Curated, Self::Byline, Self::Section, Self::Topic];

    /// The heading over such a list, of an article whose names on that basis are these: 'Agencies',
    /// 'More on International', 'More about Water'.
    pub fn heading(self, names: &[String]) -> String {
        let line = crate::contributor::credit_line(names);
        match self {
            Self::Curated => "Chosen by the editors".to_owned(),
            Self::Byline => line,
            Self::Section => format!("More on {line}"),
            Self::Topic => format!("More about {line}"),
            Self::Similar => "Similar articles".to_owned(),
        }
    }

    /// Why an article stands in such a list, fit for a reader: 'Same byline: Agencies'.
    pub fn reason(self, name: &str) -> String {
        match self {
            Self::Curated => "Chosen by the editors".to_owned(),
            Self::Byline => format!("Same byline: {name}"),
            Self::Section => format!("Same section: {name}"),
            Self::Topic => format!("Same topic: {name}"),
            Self::Similar => "Similar article".to_owned(),
        }
    }
}
