//! A field has the same value however it is selected: by itself, under another name, in a fragment, twice.
//!
//! Plain selections are answered another way than the rest (`plain` in the API crate); neither may show anything else.

use serde_json::{Value, json};

use crate::harness::{Masthead, Server, Store, on_both_databases};

on_both_databases!(
    a_field_is_answered_alike_however_it_is_selected,
    fields_that_are_selected_twice_are_merged,
);

const ARTICLE: &str = "id slug url headline kicker standfirst dateline language publishedAt publishedAtPrecision \
    modifiedAt revision status withdrawalReason";
const CONTRIBUTOR: &str = "id slug name kind biography";
const NAMED: &str = "id slug name";
const ISSUE: &str = "id series volumeNumber number lastNumber coverDate citation publisher editor registrationNumber";
const VOLUME: &str = "id series number firstCoverDate lastCoverDate";
const DAY: &str = "year month day monthName monthNameNepali text printed provisional";
const IMAGE: &str = "url alt caption credit width height";

/// The fields of an object, each written as `field` writes it.
fn each(names: &str, field: impl Fn(&str) -> String) -> String {
    let fields: Vec<String> = names.split_whitespace().map(field).collect();
    fields.join(" ")
}

/// A document that asks for everything that is shown as it was read, each object's fields selected in one way.
fn document(select: impl Fn(&str, &str) -> String) -> String {
    let image = select("Image", IMAGE);
    let article = format!(
        "{} bylines {{ {} }} section {{ {} }} topics {{ {} }} leadImage {{ {image} }} corrections {{ {} }} \
         magazineIssue {{ {} coverDateBikramSambat {{ {} }} cover {{ {image} }} }}",
        select("Article", ARTICLE),
        select("Contributor", CONTRIBUTOR),
        select("Section", NAMED),
        select("Topic", NAMED),
        select("Correction", "at text"),
        select("MagazineIssue", ISSUE),
        select("BikramSambatDate", DAY),
    );
    let related = format!(
        "relatedLists {{ {} articles(first: 3) {{ edges {{ {} node {{ {} bylines {{ {} }} }} }} }} }}",
        select("RelatedList", "basis title"),
        select("RelatedArticleEdge", "cursor reasons"),
        select("Article", ARTICLE),
        select("Contributor", CONTRIBUTOR),
    );
    format!(
        "{{ publication {{ {} }} sections {{ {} }} latest(first: 50) {{ nodes {{ {article} {related} }} edges {{ cursor node {{ {article} }} }} }} \
         contributors {{ nodes {{ {} }} }} topics {{ edges {{ node {{ {} }} }} }} magazineVolumes {{ nodes {{ {} }} }} \
         magazineIssues {{ nodes {{ {} coverDateBikramSambat {{ {} }} }} }} }}",
        select(
            "Publication",
            "id title url timeZone language publisher editor registrationNumber"
        ),
        select("Section", NAMED),
        select("Contributor", CONTRIBUTOR),
        select("Topic", NAMED),
        select("MagazineVolume", VOLUME),
        select("MagazineIssue", ISSUE),
        select("BikramSambatDate", DAY),
    )
}

/// The same answer with the names that fields were given put back, and the types left out.
fn by_their_own_names(answer: Value) -> Value {
    match answer {
        Value::Array(items) => items.into_iter().map(by_their_own_names).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| name != "__typename")
            .map(|(name, value)| {
                let own = name.strip_prefix("my_").unwrap_or(&name).to_owned();
                (own, by_their_own_names(value))
            })
            .collect(),
        other => other,
    }
}

fn a_field_is_answered_alike_however_it_is_selected(store: &Store) {
    let kept = answered_alike(store, &[]);
    // Where nothing is kept, much more is at hand that is else looked for among what is.
    let unkept = answered_alike(store, &[("MASTHEAD_CACHE_BYTES", "0")]);
    assert_eq!(kept, unkept);
}

/// Asks a server with these settings in every way, and answers what it says each time.
fn answered_alike(store: &Store, settings: &[(&str, &str)]) -> Value {
    // The ways ask for more names, directives and fields than clients may.
    let mut command = Masthead::new(["serve", "--listen", "127.0.0.1:0", "--with-sample-content"])
        .on(store)
        .env("MASTHEAD_LIMITS_ALIASES", "1000")
        .env("MASTHEAD_LIMITS_DIRECTIVES", "1000")
        .env("MASTHEAD_LIMITS_SELECTIONS", "100000")
        .env("MASTHEAD_LIMITS_COMPLEXITY", "1000000");
    for (name, value) in settings {
        command = command.env(name, value);
    }
    let server = Server::run(command);
    let plain = document(|_, names| names.to_owned());
    let answer = server.query(&plain, json!({}));
    assert!(answer["latest"]["nodes"][0]["headline"].is_string());
    assert!(answer["latest"]["nodes"][0]["bylines"][0]["name"].is_string());
    assert_eq!(answer["latest"]["nodes"].as_array().map(Vec::len), Some(44));
    let lists = &answer["latest"]["nodes"][0]["relatedLists"];
    assert!(lists[0]["articles"]["edges"][0]["reasons"][0].is_string());
    let ways = [
        document(|_, names| format!("__typename {names}")),
        document(|_, names| each(names, |name| format!("my_{name}: {name}"))),
        document(|_, names| each(names, |name| format!("{name} @include(if: true)"))),
        document(|type_name, names| format!("... on {type_name} {{ {names} }}")),
        document(|_, names| format!("... {{ {names} }}")),
        document(|_, names| format!("{names} {names}")),
    ];
    for way in ways {
        let other = by_their_own_names(server.query(&way, json!({})));
        assert_eq!(other, answer, "{way}");
    }
    let with_fragments = document(|type_name, _| format!("...all{type_name}"));
    let fragments: Vec<String> = [
        ("Article", ARTICLE),
        ("Contributor", CONTRIBUTOR),
        ("Section", NAMED),
        ("Topic", NAMED),
        ("Image", IMAGE),
        ("RelatedList", "basis title"),
        ("RelatedArticleEdge", "cursor reasons"),
        ("Correction", "at text"),
        ("MagazineVolume", VOLUME),
        ("MagazineIssue", ISSUE),
        ("BikramSambatDate", DAY),
        (
            "Publication",
            "id title url timeZone language publisher editor registrationNumber",
        ),
    ]
    .iter()
    .map(|(name, fields)| format!("fragment all{name} on {name} {{ {fields} }}"))
    .collect();
    let with_fragments = format!("{with_fragments} {}", fragments.join(" "));
    assert_eq!(server.query(&with_fragments, json!({})), answer);
    answer
}

fn fields_that_are_selected_twice_are_merged(store: &Store) {
    let server = Server::with_sample_content(store);
    let twice = server.query(
        "{ latest(first: 5) { nodes { slug bylines { slug } ...more } ...rest } }
         fragment more on Article { headline bylines { name } section { name } }
         fragment rest on ArticleConnection { nodes { dateline section { slug } } }",
        json!({}),
    );
    let once = server.query(
        "{ latest(first: 5) { nodes { slug bylines { slug name } headline section { name slug } dateline } } }",
        json!({}),
    );
    assert_eq!(twice, once);
}
