//! What a person writes, checked: every fault with its place in the input and the way to mend it.

use masthead_domain::publishing::Refusal;

/// What is wrong with one part of an input, for a person to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault it is.
    pub code: FaultCode,
    /// What is wrong, and how to mend it.
    pub message: String,
    /// Where in the input: `input`, `headline`.
    pub path: Vec<String>,
}

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// It cannot be used as it is.
    Invalid,
    /// It is missing.
    Required,
    /// There is too much of it.
    TooLong,
    /// Something else has it.
    Taken,
    /// There is no such thing.
    NotFound,
    /// The article has been saved by someone else in between.
    StaleRevision,
    /// The article's status does not allow it.
    WrongStatus,
}

/// What is to become of a field that a change may leave alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<Value> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is emptied.
    Clear,
    /// It is set to this.
    Set(Value),
}

impl<Value> Edit<Value> {
    /// The same of another type.
    pub fn map<Other>(self, change: impl FnOnce(Value) -> Other) -> Edit<Other> {
        match self {
            Self::Keep => Edit::Keep,
            Self::Clear => Edit::Clear,
            Self::Set(value) => Edit::Set(change(value)),
        }
    }

    /// The value, where one is set.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

/// What is given is set, what is not given stays.
impl<Value> From<Option<Value>> for Edit<Value> {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// The faults that have been found in an input.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault in a field of the input.
    pub(crate) fn add(&mut self, code: FaultCode, field: &str, message: impl Into<String>) {
        self.add_at(code, &[field], message);
    }

    /// Notes a fault at a place inside of the input.
    pub(crate) fn add_at(&mut self, code: FaultCode, place: &[&str], message: impl Into<String>) {
        let path = std::iter::once("input")
            .chain(place.iter().copied())
            .map(str::to_owned)
            .collect();
        self.0.push(Fault {
            code,
            message: message.into(),
            path,
        });
    }

    /// The value, if no fault was found.
    pub(crate) fn none_or<Value>(self, value: Value) -> Result<Value, Vec<Fault>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }

    /// A line of text that has to be there: white space inside is one space, none stands around it.
    pub(crate) fn line(&mut self, field: &str, text: &str, most: usize) -> String {
        let line = self.optional_line(field, text, most);
        if line.is_none() {
            self.add(
                FaultCode::Required,
                field,
                format!("'{field}' is empty: write it"),
            );
        }
        line.unwrap_or_default()
    }

    /// A line of text that may be empty, which is the same as none.
    pub(crate) fn optional_line(&mut self, field: &str, text: &str, most: usize) -> Option<String> {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.check_text(field, &line, most);
        Some(line).filter(|line| !line.is_empty())
    }

    /// A text of one or several paragraphs that may be empty, which is the same as none.
    pub(crate) fn optional_text(&mut self, field: &str, text: &str, most: usize) -> Option<String> {
        let text = text.trim();
        self.check_text(field, text, most);
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    fn check_text(&mut self, field: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.add(
                FaultCode::TooLong,
                field,
                format!("'{field}' has {length} characters: shorten it to {most}"),
            );
        }
        let unprintable =
            |character: &char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
        if let Some(character) = text.chars().find(unprintable) {
            self.add(
                FaultCode::Invalid,
                field,
                format!("'{field}' holds a control character ({character:?}): remove it"),
            );
        }
    }

    /// Checks how many entries a list has.
    pub(crate) fn check_count(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            self.add(
                FaultCode::TooLong,
                field,
                format!("'{field}' has {count} entries: leave {most} at most"),
            );
        }
    }
}

/// A refused step, as a fault of the field that asked for it.
pub(crate) fn refusal(refusal: Refusal, time_field: &str) -> Vec<Fault> {
    let (code, field) = match refusal {
        Refusal::WrongStatus { .. } => (FaultCode::WrongStatus, "id"),
        Refusal::NotToCome | Refusal::StillToCome | Refusal::OutOfRange => {
            (FaultCode::Invalid, time_field)
        }
    };
    one(code, field, refusal.to_string())
}

/// One fault of a field.
pub(crate) fn one(code: FaultCode, field: &str, message: impl Into<String>) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.add(code, field, message);
    faults.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_their_faults_named() {
        let mut faults = Faults::default();
        assert_eq!(faults.line("headline", "  A \n river ", 10), "A river");
        assert_eq!(faults.optional_line("kicker", " \t", 10), None);
        assert_eq!(
            faults.optional_text("standfirst", " One.\n\nTwo. ", 20),
            Some("One.\n\nTwo.".to_owned())
        );
        assert!(faults.0.is_empty());

        faults.line("headline", "  ", 10);
        faults.line("name", "पानीपानीपानी", 5);
        faults.optional_text("text", "a\0b", 5);
        let codes: Vec<_> = faults
            .0
            .iter()
            .map(|fault| (fault.code, fault.path.join(".")))
            .collect();
        assert_eq!(
            codes,
            [
                (FaultCode::Required, "input.headline".to_owned()),
                (FaultCode::TooLong, "input.name".to_owned()),
                (FaultCode::Invalid, "input.text".to_owned()),
            ]
        );
        assert_eq!(faults.none_or(()).map_err(|faults| faults.len()), Err(3));
    }
}
