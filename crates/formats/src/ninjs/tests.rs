#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may fail by panicking, and says aloud what it skips"
)]

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::{
    article::ArticleStatus,
    body::Body,
    contributor::ContributorKind,
    identifier::{ArticleId, ContributorId, MagazineIssueId, SectionId, TopicId},
    image::Image,
    node_id::NodeId,
    web_url::WebUrl,
};
use proptest::{option, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{
    article::{Article, Credit, FullText, Named, RelatedArticle, Removed},
    concept::{Concept, ConceptType},
    item::Item,
    list::ItemList,
};
use schema::Ninjs;

#[path = "../../../../tests/ninjs_schema.rs"]
mod schema;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_795_521_600_000).unwrap()
}

fn named(node: NodeId, slug: &'static str, name: &'static str) -> Named<'static> {
    Named { node, slug, name }
}

fn credit(number: i64, name: &'static str, kind: ContributorKind) -> Credit<'static> {
    let node = NodeId::Contributor(ContributorId::from_number(number));
    Credit {
        named: named(node, "someone", name),
        kind,
    }
}

fn article() -> Article<'static> {
    Article {
        id: ArticleId::from_number(42),
        slug: "a-river",
        url: "https://magazine.example/articles/a-river",
        headline: "A river",
        kicker: None,
        standfirst: Some("It rained."),
        dateline: None,
        language: "en",
        status: ArticleStatus::Published,
        published_at: Some(noon()),
        modified_at: noon() - TimeDelta::hours(1),
        revision: 3,
        credits: Vec::new(),
        section: None,
        topics: Vec::new(),
        corrections: Vec::new(),
        lead_image: None,
        text: None,
        related: Vec::new(),
        printed_in: None,
        publication: "Magazine",
        publisher: None,
    }
}

fn written(article: &Article<'_>) -> Value {
    serde_json::to_value(article.item().unwrap()).unwrap()
}

#[test]
fn the_schema_is_taken_at_its_word() {
    let schema = Ninjs::read();
    if !schema.is_there() {
        return;
    }
    schema.assert_valid(&json!({ "uri": "urn:x:y", "type": "text" }));
    for wrong in [
        json!({ "type": "text" }),
        json!({ "uri": "no uri" }),
        json!({ "uri": "urn:x:y", "versionCreated": "yesterday" }),
        json!({ "uri": "urn:x:y", "byline": "A" }),
        json!({ "uri": "urn:x:y", "associations": [{ "uri": "urn:x:z" }] }),
        json!({ "uri": "urn:x:y", "associations": [{ "uri": "urn:x:z", "name": "A", "made": "up" }] }),
    ] {
        assert!(!schema.faults(&wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn all_that_an_article_has() {
    let text = "A *strong* river.\n\n![Rain](https://images.example/rain.jpg \"Rain over the valley\")\n\nIt rained for days.";
    let body: Body = crate::markdown::read(text);
    let (html, plain) = (body.html(), body.text());
    let lead = Image {
        url: WebUrl::parse("https://images.example/lead.png?size=[big]").unwrap(),
        alt: Some("A river".to_owned()),
        caption: Some("The river".to_owned()),
        credit: Some("A. Photographer".to_owned()),
        width: Some(640),
        height: Some(480),
    };
    let in_text = Image {
        url: WebUrl::parse("https://images.example/rain.jpg").unwrap(),
        alt: Some("Rain".to_owned()),
        caption: Some("Rain over the valley".to_owned()),
        credit: None,
        width: None,
        height: None,
    };
    let article = Article {
        kicker: Some("Floods"),
        dateline: Some("Kathmandu, June 14"),
        credits: vec![
            credit(1, "Agencies", ContributorKind::Agency),
            credit(2, "A. Writer", ContributorKind::Person),
        ],
        section: Some(named(
            NodeId::Section(SectionId::from_number(3)),
            "international",
            "International",
        )),
        topics: vec![named(
            NodeId::Topic(TopicId::from_number(4)),
            "rivers",
            "Rivers",
        )],
        corrections: vec!["It was two days.", "It was three days."],
        lead_image: Some(&lead),
        text: Some(FullText {
            html: &html,
            plain: &plain,
            words: body.word_count(),
            pictures: vec![&in_text],
        }),
        related: vec![RelatedArticle {
            node: NodeId::Article(ArticleId::from_number(43)),
            headline: "A lake",
        }],
        printed_in: Some((
            NodeId::MagazineIssue(MagazineIssueId::from_number(5)),
            "VOL. 17, No. 21",
        )),
        publisher: Some("Lake Press"),
        ..article()
    };
    let item = written(&article);
    Ninjs::read().assert_valid(&item);
    let expected: Value = serde_json::from_str(include_str!("tests/article.json")).unwrap();
    assert_eq!(item, expected, "{item:#}");
}

#[test]
fn a_text_that_its_reader_may_not_have_is_not_there() {
    let item = written(&article());
    Ninjs::read().assert_valid(&item);
    assert_eq!(item["representationType"], "partial");
    assert_eq!(item["bodies"], Value::Null);
    assert_eq!(item["descriptions"][0]["value"], "It rained.");
}

#[test]
fn captions_are_not_counted() {
    let picture = |caption: &str| Image {
        caption: Some(caption.to_owned()),
        credit: Some("A. P.".to_owned()),
        ..Image::new(WebUrl::parse("https://images.example/rain.jpg").unwrap())
    };
    let (first, second) = (picture("One two"), picture("Three"));
    let alone = FullText {
        html: "",
        plain: "One two (A. P.)\n\nThree (A. P.)",
        words: 7,
        pictures: vec![&first, &second],
    };
    let item = written(&Article {
        text: Some(alone),
        ..article()
    });
    assert_eq!(item["bodies"][0]["charCount"], 0);
    assert_eq!(item["bodies"][0]["wordCount"], 0);
}

#[test]
fn what_is_to_come_is_withheld_and_bears_its_time() {
    let item = written(&Article {
        status: ArticleStatus::Scheduled,
        ..article()
    });
    Ninjs::read().assert_valid(&item);
    assert_eq!(item["pubStatus"], "withheld");
    assert_eq!(item["embargoedUntil"], "2026-11-24T12:00:00Z");
    assert_eq!(item["versionCreated"], "2026-11-24T11:00:00Z");
    assert_eq!(item["firstCreated"], Value::Null);
    let draft = written(&Article {
        status: ArticleStatus::Draft,
        published_at: None,
        ..article()
    });
    assert_eq!(draft["pubStatus"], "withheld");
    assert_eq!(draft["embargoedUntil"], Value::Null);
}

#[test]
fn of_what_has_been_taken_down_not_a_word_is_left() {
    let withdrawn = Article {
        status: ArticleStatus::Withdrawn,
        ..article()
    };
    assert_eq!(withdrawn.item(), None);
    let removed = Removed {
        id: withdrawn.id,
        revision: Some(4),
        at: noon(),
        reason: Some("A mistake."),
    };
    let item = serde_json::to_value(Item::from(&removed)).unwrap();
    Ninjs::read().assert_valid(&item);
    assert_eq!(
        item,
        json!({
            "uri": "urn:uuid:00000000-0000-8041-8015-5d3e91a7c42b",
            "standard": { "name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#" },
            "type": "text",
            "version": "4",
            "versionCreated": "2026-11-24T12:00:00Z",
            "pubStatus": "canceled",
            "edNote": "A mistake.",
            "altIds": [{ "role": "id", "value": "QQAAAAAAAAAq" }],
        })
    );
}

#[test]
fn nobody_claims_what_is_the_agencies() {
    let by = |kinds: &[ContributorKind]| {
        let credits = kinds.iter().map(|kind| credit(1, "A", *kind)).collect();
        written(&Article {
            credits,
            ..article()
        })["copyrightHolder"]
            .clone()
    };
    assert_eq!(by(&[]), "Magazine");
    assert_eq!(by(&[ContributorKind::Person]), "Magazine");
    assert_eq!(by(&[ContributorKind::Agency]), Value::Null);
    assert_eq!(
        by(&[ContributorKind::Agency, ContributorKind::Desk]),
        "Magazine"
    );
}

#[test]
fn a_list_of_changes_names_what_is_called_otherwise() {
    let list = ItemList {
        items: Vec::new(),
        concepts: Some(vec![
            Concept::new(
                NodeId::Section(SectionId::from_number(3)),
                ConceptType::Section,
                "World",
            ),
            Concept::contributor(
                NodeId::Contributor(ContributorId::from_number(1)),
                "AP",
                ContributorKind::Agency,
            ),
            Concept::publication("Magazine", None),
        ]),
        end_cursor: Some("end"),
        has_next_page: false,
        next: None,
    };
    assert_eq!(
        serde_json::to_value(list).unwrap(),
        json!({
            "items": [],
            "concepts": [
                { "uri": "urn:uuid:00000000-0000-8053-8001-dd3e91a7c42b", "type": "section", "name": "World" },
                { "uri": "urn:uuid:00000000-0000-8043-8000-dd3e91a7c42b", "type": "contributor", "name": "AP", "role": "agency" },
                { "uri": "urn:uuid:00000000-0000-8050-8000-dd3e91a7c42b", "type": "publication", "name": "Magazine", "copyrightHolder": "Magazine" },
            ],
            "endCursor": "end",
            "hasNextPage": false,
        })
    );
}

const STATUSES: [ArticleStatus; 3] = [
    ArticleStatus::Draft,
    ArticleStatus::Scheduled,
    ArticleStatus::Published,
];

const KINDS: [ContributorKind; 3] = [
    ContributorKind::Person,
    ContributorKind::Agency,
    ContributorKind::Desk,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever an article says, in whatever script, the item is valid and says it to the letter.
    #[test]
    fn every_item_is_valid(
        texts in prop::collection::vec("\\PC{0,40}", 8),
        address in "https://images\\.example/\\PC{0,20}",
        status in select(&STATUSES[..]),
        kinds in prop::collection::vec(select(&KINDS[..]), 0..4),
        number in 1..i64::MAX,
        (revision, hours) in (1..i32::MAX, -1_000_000_i64..1_000_000),
        dateline in option::of("\\PC{1,20}"),
        corrections in prop::collection::vec("\\PC{1,20}", 0..3),
    ) {
        let Ok(address) = WebUrl::parse(&address) else { return Ok(()) };
        let credits = kinds.iter().map(|kind| Credit {
            named: Named { node: NodeId::Contributor(ContributorId::from_number(number)), slug: "someone", name: &texts[0] },
            kind: *kind,
        });
        let text = |number: usize| Some(texts[number].clone());
        let picture = Image { url: address.clone(), alt: text(1), caption: text(2), credit: text(3), width: Some(1), height: None };
        let article = Article {
            id: ArticleId::from_number(number),
            headline: &texts[4],
            kicker: Some(&texts[5]),
            dateline: dateline.as_deref(),
            status,
            published_at: Some(noon() + TimeDelta::hours(hours)),
            modified_at: noon() - TimeDelta::milliseconds(hours),
            revision,
            credits: credits.collect(),
            corrections: corrections.iter().map(String::as_str).collect(),
            lead_image: Some(&picture),
            text: Some(FullText { html: &texts[6], plain: &texts[7], words: 3, pictures: vec![&picture] }),
            ..article()
        };
        let item = written(&article);
        let faults = SCHEMA.with(|schema| schema.faults(&item));
        prop_assert!(faults.is_empty(), "{:#}\n{:?}", item, faults);
        prop_assert_eq!(item["headlines"][0]["value"].as_str(), Some(texts[4].as_str()));
        prop_assert_eq!(item["bodies"][1]["value"].as_str(), Some(texts[7].as_str()));
        prop_assert_eq!(item["pubStatus"] == "usable", status == ArticleStatus::Published);
    }
}

thread_local! {
    static SCHEMA: Ninjs = Ninjs::read();
}
