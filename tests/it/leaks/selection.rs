//! What is selected of each answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    schema::{Field, Kind, Schema},
    values::{Place, Values},
};

/// What stands between type and field in the alias of a field whose name means another thing in another type.
pub(super) const CLASHING: &str = "__";

/// Writes selections, and keeps which fields they hold.
pub(super) struct Selections<'a> {
    pub(super) schema: &'a Schema,
    pub(super) values: &'a Values,
    /// Each type and field that has been selected.
    pub(super) selected: BTreeSet<(String, String)>,
    /// Those that were refused to the viewer: left out from then on, since they take what is around them along.
    pub(super) refused: BTreeSet<(String, String)>,
}

/// How much is selected of what has an identity of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Its scalars, where it comes first.
    Brief,
    /// Everything, and everything of what it leads to, each type once in a document.
    Full,
}

/// A selection in the making.
struct Writing {
    extent: Extent,
    /// The entities that have been written.
    written: BTreeSet<String>,
    /// The types around the place that is being written.
    around: Vec<String>,
}

impl Selections<'_> {
    /// The selection of what a field answers with: nothing for a scalar.
    pub(super) fn of(&mut self, type_name: &str, extent: Extent) -> String {
        let mut writing = Writing {
            extent,
            written: BTreeSet::new(),
            around: Vec::new(),
        };
        self.write(type_name, &mut writing)
    }

    /// A field as it is selected where nothing about it is tried.
    fn usual(&self, owner: &str, field: &Field) -> String {
        self.set(owner, field, None)
    }

    /// A field with its usual arguments, but this one set.
    pub(super) fn set(
        &self,
        owner: &str,
        field: &Field,
        setting: Option<&(String, String)>,
    ) -> String {
        let place = Place {
            owner,
            field: Some(field),
            beside: "",
        };
        let mut given: BTreeMap<&str, String> = field
            .arguments
            .iter()
            .filter_map(|argument| {
                let value = self.values.usual(self.schema, place, argument)?;
                Some((argument.name.as_str(), value))
            })
            .collect();
        given.extend(setting.map(|(name, value)| (name.as_str(), value.clone())));
        called(&field.name, &given)
    }

    fn write(&mut self, type_name: &str, writing: &mut Writing) -> String {
        match self.schema.get(type_name).kind {
            Kind::Object => self.write_object(type_name, &BTreeSet::new(), writing),
            Kind::Abstract => self.write_possible(type_name, writing),
            _ => String::new(),
        }
    }

    /// An object's fields, those of `clashing` under a name that tells whose they are.
    fn write_object(
        &mut self,
        type_name: &str,
        clashing: &BTreeSet<&str>,
        writing: &mut Writing,
    ) -> String {
        if writing.around.iter().any(|one| one == type_name) {
            return "{ __typename }".to_owned();
        }
        let entity = self.schema.is_entity(type_name);
        let again = entity && !writing.written.insert(type_name.to_owned());
        if again && writing.extent == Extent::Brief {
            return "{ __typename id }".to_owned();
        }
        let whole = !entity || writing.extent == Extent::Full && !again;
        if !entity {
            writing.around.push(type_name.to_owned());
        }
        let mut text = "{ __typename".to_owned();
        for field in &self.schema.get(type_name).fields {
            let pair = (type_name.to_owned(), field.name.clone());
            let wanted = whole || !self.schema.is_composite(&field.type_name);
            if wanted && !self.refused.contains(&pair) {
                let selection = self.write(&field.type_name, writing);
                let usual = self.usual(type_name, field);
                if clashing.contains(field.name.as_str()) {
                    write!(text, " {type_name}{CLASHING}{}:", field.name).unwrap();
                }
                write!(text, " {usual} {selection}").unwrap();
                self.selected.insert(pair);
            }
        }
        if !entity {
            writing.around.pop();
        }
        text + " }"
    }

    /// A fragment for each type that it may be. Fields of one name and different types get another name.
    fn write_possible(&mut self, type_name: &str, writing: &mut Writing) -> String {
        let mut text = "{ __typename".to_owned();
        let possible = &self.schema.get(type_name).possible;
        let mut signatures: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for field in possible.iter().flat_map(|one| &self.schema.get(one).fields) {
            signatures
                .entry(&field.name)
                .or_default()
                .insert(&field.signature);
        }
        signatures.retain(|_, types| types.len() > 1);
        let clashing: BTreeSet<&str> = signatures.into_keys().collect();
        for one in possible {
            let selection = self.write_object(one, &clashing, writing);
            write!(text, " ... on {one} {selection}").unwrap();
        }
        text + " }"
    }
}

/// A field with arguments.
pub(super) fn called<Name: AsRef<str>>(name: &str, given: &BTreeMap<Name, String>) -> String {
    if given.is_empty() {
        return name.to_owned();
    }
    let given: Vec<String> = given
        .iter()
        .map(|(name, value)| format!("{}: {value}", name.as_ref()))
        .collect();
    format!("{name}({})", given.join(", "))
}
