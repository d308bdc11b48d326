//! What is asked: each field with arguments, with each value of each of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    schema::{Argument, Field, Kind, Schema},
    selection::{Extent, Selections, called},
    values::Place,
};

/// A field that is asked for, with its arguments.
#[derive(Clone)]
pub(super) struct Call {
    /// The fields around it, from the query on, each with its arguments.
    pub(super) path: Vec<String>,
    /// The type that it is a field of.
    pub(super) owner: String,
    pub(super) field: String,
    pub(super) given: BTreeMap<String, String>,
    /// The argument that this call is about, and its value.
    pub(super) tried: Option<(String, String)>,
    /// The type of what it answers with.
    pub(super) type_name: String,
    pub(super) extent: Extent,
}

/// Where to find an object of a type, and the switches that are set on the way.
struct Way {
    path: Vec<String>,
    beside: String,
}

impl Call {
    /// It as a field of a document, under this name.
    pub(super) fn text(&self, alias: &str, selections: &mut Selections<'_>) -> String {
        let selection = selections.of(&self.type_name, self.extent);
        format!("{alias}: {} {selection}", called(&self.field, &self.given))
    }

    /// Whether it lists all that there is, so that its cursors are all cursors.
    pub(super) fn lists_all(&self) -> bool {
        self.tried
            .as_ref()
            .is_some_and(|(name, value)| name == "first" && value == "100")
    }

    /// The same list, one row after a cursor of its own, and one before it where it can be read backwards.
    pub(super) fn beside_cursor(&self, schema: &Schema, cursor: &str) -> Vec<Self> {
        let mut fields = schema.get(&self.owner).fields.iter();
        let field = fields.find(|field| field.name == self.field);
        let takes = |name: &str| {
            field.is_some_and(|field| field.arguments.iter().any(|argument| argument.name == name))
        };
        let places = [("first", "after"), ("last", "before")];
        let places = places.into_iter().filter(|(_, place)| takes(place));
        let beside = places.map(|(size, place)| {
            let mut call = self.clone();
            call.given.remove("first");
            call.given.insert(size.to_owned(), "1".to_owned());
            let value = serde_json::Value::from(cursor).to_string();
            call.given.insert(place.to_owned(), value.clone());
            call.tried = Some((place.to_owned(), value));
            call
        });
        beside.collect()
    }
}

/// Everything that is asked of a server whose schema this is.
pub(super) fn all(selections: &mut Selections<'_>) -> Vec<Call> {
    let schema = selections.schema;
    let mut calls = Vec::new();
    for owner in schema.reachable() {
        for field in &schema.get(owner).fields {
            if owner == schema.query || !field.arguments.is_empty() {
                for way in ways_to(selections, owner) {
                    of_field(selections, owner, field, &way, &mut calls);
                }
            }
        }
    }
    calls
}

/// One field with each value of each argument, beside each setting of its enums and booleans.
fn of_field(
    selections: &mut Selections<'_>,
    owner: &str,
    field: &Field,
    way: &Way,
    calls: &mut Vec<Call>,
) {
    let (schema, values) = (selections.schema, selections.values);
    selections
        .selected
        .insert((owner.to_owned(), field.name.clone()));
    let at_root = owner == schema.query;
    let (switches, others): (Vec<&Argument>, Vec<&Argument>) = field
        .arguments
        .iter()
        .partition(|argument| is_switch(schema, argument));
    for (index, setting) in settings(selections, owner, field, &switches)
        .iter()
        .enumerate()
    {
        let beside = setting.as_ref().map_or_else(
            || way.beside.clone(),
            |(name, value)| format!("{name}: {value}"),
        );
        let place = Place {
            owner,
            field: Some(field),
            beside: &beside,
        };
        let mut usual: BTreeMap<String, String> = field
            .arguments
            .iter()
            .filter_map(|argument| {
                let value = values.usual(schema, place, argument)?;
                Some((argument.name.clone(), value))
            })
            .collect();
        usual.extend(setting.clone());
        let mut push = |given: BTreeMap<String, String>, tried, extent| {
            calls.push(Call {
                path: way.path.clone(),
                owner: owner.to_owned(),
                field: field.name.clone(),
                given,
                tried,
                type_name: field.type_name.clone(),
                extent,
            });
        };
        let extent = if at_root && index == 0 {
            Extent::Full
        } else {
            Extent::Brief
        };
        push(usual.clone(), setting.clone(), extent);
        for argument in &others {
            for value in values.candidates(schema, place, argument) {
                let mut given = usual.clone();
                if ["last", "before"].contains(&argument.name.as_str()) {
                    given.remove("first");
                }
                if argument.name == "before" {
                    given.insert("last".to_owned(), "2".to_owned());
                }
                given.insert(argument.name.clone(), value.clone());
                let tried = Some((argument.name.clone(), value));
                push(given, tried, Extent::Brief);
            }
        }
    }
}

/// Each value of each switch, one at a time; first none, where none is required.
fn settings(
    selections: &Selections<'_>,
    owner: &str,
    field: &Field,
    switches: &[&Argument],
) -> Vec<Option<(String, String)>> {
    let place = Place {
        owner,
        field: Some(field),
        beside: "",
    };
    let mut settings = Vec::new();
    if switches.iter().all(|switch| !switch.required) {
        settings.push(None);
    }
    for switch in switches {
        let values = selections
            .values
            .candidates(selections.schema, place, switch);
        settings.extend(
            values
                .into_iter()
                .map(|value| Some((switch.name.clone(), value))),
        );
    }
    settings
}

fn is_switch(schema: &Schema, argument: &Argument) -> bool {
    schema.get(&argument.type_name).kind == Kind::Enum || argument.type_name == "Boolean"
}

/// The shortest way to an object of a type, once for each setting of the last field's switches.
fn ways_to(selections: &Selections<'_>, wanted: &str) -> Vec<Way> {
    let schema = selections.schema;
    let mut before: BTreeMap<&str, (&str, &Field)> = BTreeMap::new();
    let mut known = BTreeSet::from([schema.query.as_str()]);
    let mut queue = VecDeque::from([schema.query.as_str()]);
    // Through an interface only where nothing else leads there: which object comes is then left to chance.
    for through_abstract in [false, true] {
        queue.extend(known.iter().copied().filter(|_| through_abstract));
        while let Some(owner) = queue.pop_front() {
            for field in &schema.get(owner).fields {
                let is_abstract = schema.get(&field.type_name).kind == Kind::Abstract;
                if is_abstract && !through_abstract {
                    continue;
                }
                for object in schema.objects(&field.type_name) {
                    if known.insert(object) {
                        before.insert(object, (owner, field));
                        queue.push_back(object);
                    }
                }
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = wanted;
    while let Some((owner, field)) = before.get(at) {
        steps.push((at, *owner, *field));
        at = owner;
    }
    steps.reverse();
    let mut ways = vec![Way {
        path: Vec::new(),
        beside: String::new(),
    }];
    for (index, (object, owner, field)) in steps.iter().enumerate() {
        let switches: Vec<&Argument> = field
            .arguments
            .iter()
            .filter(|argument| index + 1 == steps.len() && is_switch(schema, argument))
            .collect();
        let mut settings = settings(selections, owner, field, &switches);
        // Leaving it out leads to the same.
        settings.retain(|setting| {
            setting.as_ref().is_none_or(|(name, value)| {
                let named = |one: &&&Argument| one.name == *name;
                let default = switches
                    .iter()
                    .find(named)
                    .and_then(|one| one.default.as_ref());
                default != Some(value)
            })
        });
        ways = ways
            .iter()
            .flat_map(|way| {
                settings.iter().map(|setting| {
                    let mut path = way.path.clone();
                    path.push(selections.set(owner, field, setting.as_ref()));
                    if schema.get(&field.type_name).kind == Kind::Abstract {
                        path.push(format!("... on {object}"));
                    }
                    let beside = setting
                        .as_ref()
                        .map(|(name, value)| format!("{name}: {value}"));
                    Way {
                        path,
                        beside: beside.unwrap_or_default(),
                    }
                })
            })
            .collect();
    }
    ways
}
