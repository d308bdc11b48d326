//! The walk over the whole schema of a running server, and all that it answered.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use super::{
    Viewer,
    calls::{self, Call},
    schema::Schema,
    selection::{CLASHING, Extent, Selections},
    values::Values,
};
use crate::harness::Server;

/// How many calls a document holds; the server takes 50 fields at the root.
const CALLS: usize = 45;
/// How many tokens the calls of a document have; the server takes 5,000.
const TOKENS: usize = 4_200;
/// How many cursors of a list are paged from.
const CURSORS: usize = 60;
/// The header that differs from answer to answer.
const CHANGING: &str = "date";
/// What is answered beside GraphQL.
const PAGES: [&str; 7] = [
    "/",
    "/schema.graphql",
    "/errors",
    "/healthz",
    "/readyz",
    "/graphql",
    "/nowhere",
];
/// What a single call may be refused for: all else is a mistake in the walk.
const REFUSALS: [&str; 4] = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "INVALID_CURSOR",
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
}

/// A request and its answer.
pub(super) struct Exchange {
    /// What was asked, to be shown and to be asked again.
    pub(super) request: String,
    pub(super) answer: Answer,
}

/// All of an answer that must not tell of what is hidden.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

struct Walker<'a> {
    server: &'a Server,
    viewer: &'a Viewer,
    selections: Selections<'a>,
    walk: Walk,
    /// The lists of which all cursors are now known.
    found: Vec<Call>,
}

impl Walk {
    /// Walks over all of a server's schema.
    pub(super) fn of(server: &Server, viewer: &Viewer, values: &Values) -> Self {
        let schema = Schema::of(server);
        let mut selections = Selections {
            schema: &schema,
            values,
            selected: BTreeSet::new(),
            refused: BTreeSet::new(),
        };
        let calls = calls::all(&mut selections);
        values.assert_complete();
        let pairs = schema.reachable().into_iter().flat_map(|owner| {
            let fields = schema.get(owner).fields.iter();
            fields.map(|field| (owner.to_owned(), field.name.clone()))
        });
        let mut walker = Walker {
            server,
            viewer,
            selections,
            walk: Self {
                exchanges: Vec::new(),
                calls: 0,
                pairs: pairs.collect(),
                answered: BTreeSet::new(),
                errors: BTreeMap::new(),
            },
            found: Vec::new(),
        };
        walker.ask_all(calls);
        let beside_cursors = std::mem::take(&mut walker.found);
        walker.ask_all(beside_cursors);
        let selected = &walker.selections.selected;
        let left_out: Vec<_> = walker.walk.pairs.difference(selected).collect();
        assert!(
            left_out.is_empty(),
            "the walk has not asked for {left_out:?}: see tests/it/leaks/selection.rs"
        );
        for page in PAGES {
            let request = server.request("GET", page);
            walker.exchange(format!("GET {page}"), request);
        }
        walker.walk
    }

    /// Says what was covered.
    pub(super) fn describe(&self, what: &str) {
        let empty: Vec<_> = self.pairs.difference(&self.answered).collect();
        eprintln!(
            "{what}: {} pairs of type and field, all asked for, by {} calls in {} requests. Errors of single calls: \
             {:?}. Never answered with anything: {empty:?}",
            self.pairs.len(),
            self.calls,
            self.exchanges.len(),
            self.errors
        );
    }
}

impl Walker<'_> {
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
        let body = self.post(&document, "application/graphql-response+json");
        let answer: Value = serde_json::from_str(&body).unwrap();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        if errors.is_empty() {
            self.read(calls, &answer["data"]);
            if first.extent == Extent::Full {
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
        self.post(document, "application/json");
        for time in ["first", "second"] {
            let request = self
                .server
                .request("GET", "/graphql")
                .query(&[("query", document)])
                .header("accept", "application/json");
            self.exchange(
                format!("GET, for the {time} time, the query {document}"),
                request,
            );
        }
    }

    fn post(&mut self, document: &str, accept: &str) -> String {
        let request = self
            .server
            .post("/graphql")
            .header("accept", accept)
            .json(&json!({ "query": document }));
        self.exchange(format!("POST, accepting {accept}, {document}"), request)
    }

    fn exchange(&mut self, description: String, request: RequestBuilder) -> String {
        // The server would make up one of its own, and say it in what it refuses.
        let request = request.header("x-request-id", "leak-walk");
        let request = match &self.viewer.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = Answer::of(request.send().unwrap());
        let body = answer.body.clone();
        self.walk.exchanges.push(Exchange {
            request: description,
            answer,
        });
        body
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
                let calls = cursors.into_iter().take(CURSORS);
                self.found
                    .extend(calls.flat_map(|cursor| call.beside_cursor(cursor)));
            }
        }
    }
}

impl Answer {
    fn of(response: Response) -> Self {
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| name.as_str() != CHANGING)
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        Self {
            status: response.status().as_u16(),
            headers,
            body: response.text().unwrap(),
        }
    }
}

/// All values under a name.
fn find<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => match members.get(name) {
            Some(value) => found.push(value),
            None => members.values().for_each(|value| find(value, name, found)),
        },
        Value::Array(members) => members.iter().for_each(|value| find(value, name, found)),
        _ => {}
    }
}

fn note_answered(value: &Value, answered: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let owner = members.get("__typename").and_then(Value::as_str);
                if let (Some(owner), false) = (owner, value.is_null() || name == "__typename") {
                    let field = name.split_once(CLASHING).filter(|(one, _)| *one == owner);
                    let field = field.map_or(name.as_str(), |(_, field)| field);
                    answered.insert((owner.to_owned(), field.to_owned()));
                }
                note_answered(value, answered);
            }
        }
        Value::Array(members) => members
            .iter()
            .for_each(|value| note_answered(value, answered)),
        _ => {}
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
