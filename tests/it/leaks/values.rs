//! The values that the walk gives to arguments.
//!
//! This is the table to extend when a field is added: an argument that it has no values for fails the test.
//! Enums, booleans and input objects need no entry; the fields of an input object do.

use std::{collections::BTreeMap, sync::Mutex};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{
    content::{self, NEIGHBOUR},
    hidden::{self, Hidden},
    schema::{Argument, Field, Kind, Schema},
};
use crate::harness::Store;

/// Literals of GraphQL by what they are for. The first of each is one that finds something.
pub(super) struct Values {
    entries: BTreeMap<String, Vec<String>>,
    /// Arguments that have been asked for in vain.
    missing: Mutex<Vec<String>>,
}

/// Where an argument stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The type whose field takes it, or the input object that it is a field of.
    pub(super) owner: &'a str,
    /// The field that takes it; none of an input object.
    pub(super) field: Option<&'a Field>,
    /// What is given beside it: `order: OLDEST_FIRST`. Some values fit only that.
    pub(super) beside: &'a str,
}

impl Values {
    /// The table for a database with the content of [`content::prepare`].
    ///
    /// Keys, from the most to the least particular: `Type.field.argument@name: VALUE` (where an enum or a
    /// boolean has that value), `Type.field.argument`, `Type.argument` (of the type that the field answers with,
    /// or of an input object), `argument`.
    pub(super) fn of(store: &Store, hidden: &Hidden) -> Self {
        let mut table = Self {
            entries: BTreeMap::new(),
            missing: Mutex::default(),
        };
        table.slugs(hidden);
        table.identities(store, hidden);
        table.magazine(store);
        table.cursors(store, hidden);
        table.change_cursors(store);
        table.revision_cursors();
        table.webhooks(store);
        table.add("language", ["ne", "en", hidden::LANGUAGE, "fr"].map(quoted));
        let at = hidden::instants(store);
        for argument in ["publishedFrom", "publishedUntil"] {
            table.add(argument, at.iter().map(|at| quoted(&rfc3339(*at))));
        }
        for (argument, day) in [("from", "2020-01-01"), ("to", "2100-01-01")] {
            table.add(&format!("Query.usage.{argument}"), [quoted(day)]);
        }
        table.add("first", ["100", "1", "0"].map(str::to_owned));
        // None of them: everyone is told what the newsroom alone still sees, as the change log told it. What is told is
        // tested with the feeds.
        table.add("Query.withdrawals.first", ["0".to_owned()]);
        table.add("last", ["100", "1"].map(str::to_owned));
        table
    }

    fn slugs(&mut self, hidden: &Hidden) {
        self.add(
            "Query.article.slug",
            [NEIGHBOUR, content::FORMER, content::NEVER]
                .into_iter()
                .chain(hidden.slugs.iter().map(String::as_str))
                .map(quoted),
        );
        for (argument, names) in [
            ("section", ["crafts", content::SECTION, content::NEVER]),
            (
                "contributor",
                ["asha-udaharan", content::CONTRIBUTOR, content::NEVER],
            ),
            ("topic", ["water", content::TOPIC, content::NEVER]),
        ] {
            self.add(argument, names.map(quoted));
            self.add(&format!("Query.{argument}.slug"), names.map(quoted));
        }
    }

    fn identities(&mut self, store: &Store, hidden: &Hidden) {
        let mut all = content::nodes(store);
        let numbers = hidden.numbers().chain([content::NEVER_NUMBER]);
        all.extend(numbers.map(content::article_id));
        self.add("id", all.iter().map(|id| quoted(id)));
        let each = all.iter().map(|id| json!([id]).to_string());
        let articles = hidden.numbers().chain([content::NEVER_NUMBER]);
        let withdrawn = content::withdrawn_article(store);
        self.add(
            "Query.withdrawalReceipts.article",
            [withdrawn]
                .into_iter()
                .chain(articles)
                .map(|number| quoted(&content::article_id(number))),
        );
        self.add(
            "Query.usage.partner",
            [quoted(&content::partner_id(store)), "null".to_owned()],
        );
        self.add("ids", [json!(all).to_string()].into_iter().chain(each));
    }

    fn magazine(&mut self, store: &Store) {
        let numbers = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>();
        // An issue with articles, one with hidden articles alone, and none.
        self.add("volume", numbers(&[2, content::VOLUME, 99]));
        self.add(
            "Query.magazineIssue.number",
            numbers(&[23, content::ISSUE, 99]),
        );
        self.add(
            "series",
            ["Sample Lantern", content::SERIES, "Never Registered"].map(quoted),
        );
        self.add(
            "magazineIssue",
            content::issues(store).iter().map(|id| quoted(id)),
        );
    }

    /// Positions beside what is public, and those of what is hidden, in every order.
    fn cursors(&mut self, store: &Store, hidden: &Hidden) {
        let published = hidden.positions(store);
        let modified = content::modified_positions(store, hidden);
        let position = |letter: u8, (value, id): (i64, i64)| quoted(&cursor(letter, value, id));
        for argument in ["after", "before"] {
            let key = |owner: &str| format!("{owner}.{argument}");
            let chosen = [(0, 0), (1, 0), (2, 0), (100, 0)];
            self.add(
                &format!("Article.relatedArticles.{argument}@basis: CURATED"),
                published
                    .iter()
                    .take(1)
                    .map(|at| position(b'p', *at))
                    .chain(chosen.map(|at| position(b'e', at))),
            );
            for owner in ["ArticleConnection", "RelatedArticleConnection"] {
                self.add(&key(owner), published.iter().map(|at| position(b'p', *at)));
            }
            self.add(
                &format!("Query.articles.{argument}@order: RECENTLY_MODIFIED"),
                modified.iter().map(|at| position(b'm', *at)),
            );
            self.add(
                &format!("RelatedList.articles.{argument}@distinct: true"),
                published.iter().map(|(value, id)| {
                    quoted(&encoded(
                        &[&position_bytes(b'x', *value, *id)[..], &[0, 2]].concat(),
                    ))
                }),
            );
            for (owner, slugs) in [
                (
                    "ContributorConnection",
                    ["asha-example", content::CONTRIBUTOR],
                ),
                ("TopicConnection", ["kitchen", content::TOPIC]),
            ] {
                let cursors = slugs.map(|slug| quoted(&encoded(format!("s{slug}").as_bytes())));
                self.add(&key(owner), cursors);
            }
            let covers = content::cover_positions(store);
            for owner in ["MagazineIssueConnection", "MagazineVolumeConnection"] {
                self.add(&key(owner), covers.iter().map(|at| position(b'd', *at)));
            }
        }
    }

    /// Places in the change log: of every stream, within it, at its end, where hidden changes would be, and ahead.
    fn change_cursors(&mut self, store: &Store) {
        let mut cursors = Vec::new();
        for (letter, last) in b"pen".iter().zip(content::last_changes(store)) {
            let at = |number: i64| [&[b'c', *letter][..], &number.to_be_bytes()].concat();
            cursors.extend([0, last - 1, last, last + 1, last + 5].map(at));
            // As of one who began while part of the log had been pruned.
            cursors.push([at(1), 1_i64.to_be_bytes().to_vec()].concat());
        }
        self.add(
            "Query.changes.after",
            cursors.iter().map(|bytes| quoted(&encoded(bytes))),
        );
    }

    fn revision_cursors(&mut self) {
        let cursors = [1_i32, 2, 3, 9]
            .map(|number| quoted(&encoded(&[&b"r"[..], &number.to_be_bytes()].concat())));
        for argument in ["after", "before"] {
            self.add(&format!("RevisionConnection.{argument}"), cursors.clone());
        }
    }

    fn webhooks(&mut self, store: &Store) {
        let kept = content::webhooks(store);
        let never = content::webhook_id(content::NEVER_NUMBER);
        self.add(
            "webhook",
            kept.into_iter().chain([never]).map(|id| quoted(&id)),
        );
        let cursors = [1_i64, content::NEVER_NUMBER]
            .map(|number| quoted(&encoded(&[&b"D"[..], &number.to_be_bytes()].concat())));
        for key in [
            "WebhookDeliveryConnection.after",
            "Query.webhookDeliveries.after",
        ] {
            self.add(key, cursors.clone());
        }
    }

    fn add(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let values = values.into_iter().collect();
        self.entries.insert(key.to_owned(), values);
    }

    /// All values of an argument, the most telling first.
    pub(super) fn candidates(
        &self,
        schema: &Schema,
        place: Place<'_>,
        argument: &Argument,
    ) -> Vec<String> {
        let kind = schema.get(&argument.type_name).kind;
        match (kind, argument.type_name.as_str()) {
            (Kind::Enum, _) => schema.get(&argument.type_name).values.clone(),
            (Kind::Scalar, "Boolean") => ["true", "false"].map(str::to_owned).to_vec(),
            (Kind::Input, name) => self.input_objects(schema, name),
            _ => self.listed(place, argument).unwrap_or_else(|| {
                self.missing.lock().unwrap().push(shown(place, argument));
                Vec::new()
            }),
        }
    }

    /// The value of an argument where another is looked at; none where it is better left out.
    pub(super) fn usual(
        &self,
        schema: &Schema,
        place: Place<'_>,
        argument: &Argument,
    ) -> Option<String> {
        if argument.name == "first" {
            return Some("2".to_owned());
        }
        argument.required.then(|| {
            let all = self.candidates(schema, place, argument);
            // One that is missing is complained of at the end.
            all.into_iter().next().unwrap_or_else(|| "null".to_owned())
        })
    }

    /// Input objects with each value of each field, and with each two fields.
    fn input_objects(&self, schema: &Schema, name: &str) -> Vec<String> {
        let place = Place {
            owner: name,
            field: None,
            beside: "",
        };
        let fields = &schema.get(name).input_fields;
        let usual: Vec<(&str, String)> = fields
            .iter()
            .filter(|field| field.required)
            .filter_map(|field| Some((field.name.as_str(), self.usual(schema, place, field)?)))
            .collect();
        let object = |given: &[(&str, &str)]| {
            let others = usual
                .iter()
                .filter(|(name, _)| given.iter().all(|(other, _)| other != name))
                .map(|(name, value)| (*name, value.as_str()));
            let all: Vec<String> = given
                .iter()
                .copied()
                .chain(others)
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            format!("{{ {} }}", all.join(", "))
        };
        let mut objects = Vec::new();
        let mut firsts: Vec<(&str, String)> = Vec::new();
        for field in fields {
            let candidates = self.candidates(schema, place, field);
            objects.extend(
                candidates
                    .iter()
                    .map(|value| object(&[(&field.name, value)])),
            );
            // One that not everyone may ask for says the same beside every other.
            if schema.get(&field.type_name).kind != Kind::Enum {
                firsts.extend(candidates.into_iter().next().map(|one| (&*field.name, one)));
            }
        }
        for (index, (name, value)) in firsts.iter().enumerate() {
            for (other_name, other) in &firsts[..index] {
                objects.push(object(&[(name, value), (other_name, other)]));
            }
        }
        objects
    }

    fn listed(&self, place: Place<'_>, argument: &Argument) -> Option<Vec<String>> {
        let Argument { name, .. } = argument;
        let Place {
            owner,
            field,
            beside,
        } = place;
        let mut keys = Vec::new();
        match field {
            Some(field) => {
                let whole = format!("{owner}.{}.{name}", field.name);
                keys.extend(beside.split(", ").map(|beside| format!("{whole}@{beside}")));
                keys.extend([whole, format!("{}.{name}", field.type_name)]);
            }
            None => keys.push(format!("{owner}.{name}")),
        }
        keys.push(name.clone());
        keys.iter().find_map(|key| self.entries.get(key)).cloned()
    }

    /// Fails if the walk has met arguments without values.
    pub(super) fn assert_complete(&self) {
        let mut missing = self.missing.lock().unwrap().clone();
        missing.sort();
        missing.dedup();
        assert!(
            missing.is_empty(),
            "\nThe schema has arguments that the leak test has no values for:\n\n  {}\n\nAdd them to the table in \
             tests/it/leaks/values.rs: values that find something public first, then those of hidden articles \
             (leaks/hidden.rs), then some that never existed. Only so is it tested that the new field shows nobody \
             what they may not see.\n",
            missing.join("\n  ")
        );
    }
}

fn shown(place: Place<'_>, argument: &Argument) -> String {
    match place.field {
        Some(field) => format!("{}.{}({}:)", place.owner, field.name, argument.name),
        None => format!("{}.{}", place.owner, argument.name),
    }
}

fn quoted(text: &str) -> String {
    json!(text).to_string()
}

fn rfc3339(milliseconds: i64) -> String {
    chrono::DateTime::from_timestamp_millis(milliseconds)
        .unwrap()
        .to_rfc3339()
}

/// A cursor, as the server writes one.
pub(super) fn cursor(letter: u8, value: i64, id: i64) -> String {
    encoded(&position_bytes(letter, value, id))
}

fn position_bytes(letter: u8, value: i64, id: i64) -> Vec<u8> {
    [&[letter][..], &value.to_be_bytes(), &id.to_be_bytes()].concat()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
