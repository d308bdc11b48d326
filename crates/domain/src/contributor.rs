//! Contributors: who stands in a byline.

use crate::{identifier::ContributorId, slug::Slug};

/// Someone who is credited in a byline: a person, an agency or the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributor {
    /// Their identity.
    pub id: ContributorId,
    /// Their name in URLs, unique among contributors.
    pub slug: Slug,
    /// The name as credited.
    pub name: String,
    /// What they are.
    pub kind: ContributorKind,
    /// A few lines about them.
    pub biography: Option<String>,
}

/// What a contributor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContributorKind {
    /// One human being.
    Person,
    /// A news agency, or several under one name, whose wire the magazine takes.
    Agency,
    /// The magazine's own staff, credited together.
    Desk,
}

impl ContributorKind {
    /// The name under which it is stored, and which stands in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Agency => "AGENCY",
            Self::Desk => "DESK",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Person, Self::Agency, Self::Desk]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Names in printed order as one line: 'A', 'A and B', 'A, B and C'.
pub fn credit_line<Name: AsRef<str>>(names: &[Name]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_credited_as_a_reader_expects() {
        assert_eq!(credit_line::<&str>(&[]), "");
        assert_eq!(credit_line(&["Agencies"]), "Agencies");
        assert_eq!(credit_line(&["A", "B"]), "A and B");
        assert_eq!(credit_line(&["A", "B", "C"]), "A, B and C");
    }
}
