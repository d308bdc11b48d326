//! The walk over the whole schema of a running server, and all that it answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Viewer,
    answered::{find, note_answered},
    calls::{self, Call},
    change_log,
    exchange::{Asking, Exchange},
    mutations::{self, Subject},
    schema::Schema,
    selection::{CLASHING, Extent, Selections},
    values::Values,
};
use crate::harness::{Server, Store};

/// How many calls a document holds; the server takes 50 fields at the root.
const CALLS: usize = 45;
/// How many tokens the calls of a document have; the server takes 5,000.
const TOKENS: usize = 4_200;
/// How many cursors of a list are paged from.
const CURSORS: usize = 30;
/// And of lists within objects, where a cursor of one list is refused by the next, and takes the others along.
const CURSORS_WITHIN: usize = 10;
/// What is answered beside GraphQL.
const PAGES: [&str; 17] = [
    "/",
    "/schema.graphql",
    "/errors",
    "/healthz",
    "/readyz",
    "/graphql",
    "/nowhere",
    "/ninjs/latest?first=100",
    "/ninjs/latest?section=crafts&language=en",
    "/ninjs/changes?first=100",
    "/ninjs/changes?first=7",
    "/feeds/latest.atom",
    "/feeds/sections/crafts.rss",
    "/feeds/sections/cellar.json",
    "/feeds/topics/water.rss",
    "/feeds/contributors/asha-udaharan.json",
    "/v1/latest",
];
/// What a single call may be refused for: all else is a mistake in the walk.
const REFUSALS: [&str; 5] = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "INVALID_CURSOR",
    "START_AGAIN",
    "BAD_USER_INPUT",
];

/// All that a server answered to one viewer.
pub(super) struct Walk {
    pub(super) exchanges: Vec<Exchange>,
    /// How many fields were asked with how many values.
    pub(super) calls: usize,
    /// The pairs of type and field that answers can hold: all were asked for.
    pub(super) pairs: BTreeSet<(String, String)>,
    /// Those of them that something was answered for.
    pub(super) answered: BTreeSet<(String, String)>,
    /// The codes of the errors that single calls answered, with how often each came.
    pub(super) errors: BTreeMap<String, usize>,
    /// How many mutations were tried; none by those who may write.
    pub(super) mutations: usize,
    /// What the server tells of itself at the end.
    pub(super) metrics: String,
}

struct Walker<'a> {
    asking: Asking<'a>,
    selections: Selections<'a>,
    walk: Walk,
    /// The lists of which all cursors are now known.
    found: Vec<Call>,
}

impl Walk {
    /// Walks over all of the schema of a server of this database; then follows its change log, tries every mutation
    /// on these subjects, and has the change log pruned.
    pub(super) fn of(
        store: &Store,
        viewer: &Viewer,
        values: &Values,
        subjects: &[Subject],
    ) -> Self {
        let server = Server::start(store);
        let schema = Schema::of(&server);
        let selections = Selections {
            schema: &schema,
            values,
            selected: BTreeSet::new(),
            refused: BTreeSet::new(),
        };
        let pairs = schema.reachable().into_iter().flat_map(|owner| {
            let fields = schema.get(owner).fields.iter();
            fields.map(|field| (owner.to_owned(), field.name.clone()))
        });
        let mut walker = Walker {
            asking: Asking {
                server: &server,
                viewer,
                exchanges: Vec::new(),
            },
            selections,
            walk: Self {
                exchanges: Vec::new(),
                calls: 0,
                pairs: pairs.collect(),
                answered: BTreeSet::new(),
                errors: BTreeMap::new(),
                mutations: 0,
                metrics: String::new(),
            },
            found: Vec::new(),
        };
        walker.ask_for_everything();
        let Walker {
            mut asking,
            mut selections,
            mut walk,
            ..
        } = walker;
        let ends = change_log::follow(&mut asking, &mut selections);
        if !viewer.writes {
            walk.mutations = mutations::try_all(&mut asking, &mut selections, subjects);
        }
        for page in PAGES {
            let request = server.request("GET", page);
            asking.exchange(format!("GET {page}"), request);
        }
        for Subject { id, slug } in subjects {
            for name in [id, slug] {
                let request = server.request("GET", &format!("/ninjs/items/{name}"));
                asking.exchange(format!("GET /ninjs/items/ and \"{name}\""), request);
            }
        }
        walk.metrics = server.get("/metrics").text().unwrap();
        let exchanges = asking.exchanges;

        let node = change_log::serve_pruned(store);
        let mut asking = Asking {
            server: &node,
            viewer,
            exchanges,
        };
        change_log::follow(&mut asking, &mut selections);
        change_log::go_on(&mut asking, &ends);
        walk.exchanges = asking.exchanges;
        walk
    }

    /// Says what was covered.
    pub(super) fn describe(&self, what: &str) {
        let empty: Vec<_> = self.pairs.difference(&self.answered).collect();
        eprintln!(
            "{what}: {} pairs of type and field, all asked for, by {} calls; {} mutations; {} requests in all. Errors of \
             single calls: {:?}. Never answered with anything: {empty:?}",
            self.pairs.len(),
            self.calls,
            self.mutations,
            self.exchanges.len(),
            self.errors
        );
    }
}

impl Walker<'_> {
    fn ask_for_everything(&mut self) {
        let calls = calls::all(&mut self.selections);
        self.selections.values.assert_complete();
        self.ask_all(calls);
        if self.asking.viewer.asks_in_every_way {
            let beside_cursors = std::mem::take(&mut self.found);
            self.ask_all(beside_cursors);
        }
        let selected = &self.selections.selected;
        let left_out: Vec<_> = self.walk.pairs.difference(selected).collect();
        assert!(
            left_out.is_empty(),
            "the walk has not asked for {left_out:?}: see tests/it/leaks/selection.rs"
        );
    }

    fn ask_all(&mut self, calls: Vec<Call>) {
        self.walk.calls += calls.len();
        let mut batches: BTreeMap<Vec<String>, Vec<Call>> = BTreeMap::new();
        for call in calls {
            // Those first: they tell what is refused to the viewer.
            if call.extent == Extent::Full {
                self.ask(&[call]);
            } else {
                // Inside of an object a field by itself, as one that is refused takes the others along.
                let mut place = call.path.clone();
                place.extend((!place.is_empty()).then(|| call.field.clone()));
                batches.entry(place).or_default().push(call);
            }
        }
        for calls in batches.into_values() {
            let mut rest = calls.as_slice();
            while !rest.is_empty() {
                let mut tokens = 0;
                let fitting = rest.iter().take(CALLS).take_while(|call| {
                    tokens += token_count(&call.text("c0", &mut self.selections));
                    tokens <= TOKENS
                });
                let (batch, later) = rest.split_at(fitting.count().max(1));
                self.ask(batch);
                rest = later;
            }
        }
    }

    /// Asks calls that stand in one place, in one document. A call that fails takes the others' answers with it:
    /// it is asked again by itself, and the others without it.
    fn ask(&mut self, calls: &[Call]) {
        let Some(first) = calls.first() else { return };
        let fields: Vec<String> = calls
            .iter()
            .enumerate()
            .map(|(index, call)| call.text(&format!("c{index}"), &mut self.selections))
            .collect();
        let mut document = fields.join("\n");
        for step in first.path.iter().rev() {
            document = format!("{step} {{ {document} }}");
        }
        let document = format!("{{ {document} }}");
        let body = self
            .asking
            .post(&document, "application/graphql-response+json");
        let answer: Value = serde_json::from_str(&body).unwrap();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        if errors.is_empty() {
            self.read(calls, &answer["data"]);
            if first.extent == Extent::Full && self.asking.viewer.asks_in_every_way {
                self.ask_in_other_ways(&document);
            }
            return;
        }
        if let [call] = calls {
            self.note_errors(&document, &errors);
            self.read(std::slice::from_ref(call), &answer["data"]);
            let refused = errors
                .iter()
                .flat_map(|error| self.refused(call, &error["path"]));
            let refused: Vec<_> = refused.collect();
            if !refused.is_empty() {
                self.selections.refused.extend(refused);
                self.ask(calls);
            }
            return;
        }
        let blamed: BTreeSet<usize> = errors
            .iter()
            .flat_map(|error| error["path"].as_array().into_iter().flatten())
            .filter_map(|step| step.as_str()?.strip_prefix('c')?.parse().ok())
            .collect();
        let tried: BTreeSet<_> = blamed
            .iter()
            .filter_map(|index| calls[*index].tried.as_ref())
            .collect();
        // What failed here will fail beside other arguments too.
        let is_blamed = |index: usize, call: &Call| {
            blamed.contains(&index) || call.tried.as_ref().is_some_and(|one| tried.contains(one))
        };
        let mut rest = Vec::new();
        let mut alone = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            if is_blamed(index, call) {
                alone.push(call.clone());
            } else {
                rest.push(call.clone());
            }
        }
        if alone.is_empty() {
            // Refused as a whole, for its size.
            let (half, other_half) = calls.split_at(calls.len() / 2);
            self.ask(half);
            self.ask(other_half);
        } else {
            for call in alone {
                self.ask(&[call]);
            }
            self.ask(&rest);
        }
    }

    /// Asks the same once more as an answer that may come from a cache, and as other clients ask.
    fn ask_in_other_ways(&mut self, document: &str) {
        self.asking.post(document, "application/json");
        for time in ["first", "second"] {
            let request = self
                .asking
                .server
                .request("GET", "/graphql")
                .query(&[("query", document)])
                .header("accept", "application/json");
            self.asking.exchange(
                format!("GET, for the {time} time, the query {document}"),
                request,
            );
        }
    }

    fn note_errors(&mut self, document: &str, errors: &[Value]) {
        for error in errors {
            let code = error["extensions"]["code"].as_str().unwrap_or_default();
            assert!(
                REFUSALS.contains(&code),
                "the server does not take what the walk asks: {error}\nTo mend in tests/it/leaks, most likely in the \
                 table of values. It asked:\n{document}"
            );
            *self.walk.errors.entry(code.to_owned()).or_default() += 1;
        }
    }

    /// The fields below a call that an error's path may mean.
    fn refused(&self, call: &Call, path: &Value) -> Vec<(String, String)> {
        let schema = self.selections.schema;
        let steps = path.as_array().into_iter().flatten();
        let below = steps
            .filter_map(Value::as_str)
            .skip_while(|step| *step != "c0")
            .skip(1);
        let mut meant = Vec::new();
        let mut types = vec![call.type_name.as_str()];
        for step in below {
            let name = step.split_once(CLASHING).map_or(step, |(_, name)| name);
            let objects = types.iter().flat_map(|one| schema.objects(one));
            let fields = objects.flat_map(|object| {
                let fields = schema.get(object).fields.iter();
                fields
                    .filter(|field| field.name == name)
                    .map(move |field| (object, field))
            });
            let fields: Vec<_> = fields.collect();
            meant = fields
                .iter()
                .map(|(object, field)| ((*object).to_owned(), field.name.clone()))
                .collect();
            types = fields
                .iter()
                .map(|(_, field)| field.type_name.as_str())
                .collect();
        }
        meant.retain(|pair| !self.selections.refused.contains(pair));
        meant
    }

    /// Notes what was answered for, and the cursors to page from.
    fn read(&mut self, calls: &[Call], data: &Value) {
        for (index, call) in calls.iter().enumerate() {
            let mut values = Vec::new();
            find(data, &format!("c{index}"), &mut values);
            let mut cursors: BTreeSet<&str> = BTreeSet::new();
            for value in values {
                if !value.is_null() {
                    let pair = (call.owner.clone(), call.field.clone());
                    self.walk.answered.insert(pair);
                }
                note_answered(value, &mut self.walk.answered);
                let edges = value["edges"].as_array().into_iter().flatten();
                cursors.extend(edges.filter_map(|edge| edge["cursor"].as_str()));
            }
            if call.lists_all() {
                let most = if call.path.is_empty() {
                    CURSORS
                } else {
                    CURSORS_WITHIN
                };
                let calls = cursors.into_iter().take(most);
                self.found.extend(
                    calls.flat_map(|cursor| call.beside_cursor(self.selections.schema, cursor)),
                );
            }
        }
    }
}

/// How many tokens a part of a document has, with a few to spare.
fn token_count(text: &str) -> usize {
    let words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    let marks = text
        .chars()
        .filter(|character| "{}()[]:.".contains(*character));
    words.filter(|word| !word.is_empty()).count() + marks.count()
}
