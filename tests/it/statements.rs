//! A query makes a fixed number of statements, however long its lists are, and each walks along an index.
//!
//! In this process, through the same schema and persistence that the binary serves: only so can each
//! statement be seen and explained.

mod filled;
mod observed;
mod told;

use std::collections::{BTreeMap, btree_map::Entry};

use async_graphql::Request;
use masthead_domain::viewer::{Caller, Role, Viewer};

use self::observed::{Observed, assert_walks, runtime};
use crate::harness::{Store, on_both_databases};

on_both_databases!(
    a_page_costs_a_fixed_number_of_statements,
    every_statement_walks_along_an_index
);

const ARTICLE: &str = "id slug url headline kicker standfirst dateline
    body { html text markdown wordCount readingMinutes blocks { __typename } }
    bylines { id slug name kind biography } section { id slug name parent { name } } topics { id slug name }
    language leadImage { url } publishedAt publishedAtPrecision modifiedAt status revision
    magazineIssue { id series volume { number firstCoverDate lastCoverDate } citation coverDateBikramSambat { text } }
    corrections { at text }";

fn page_query(first: usize) -> String {
    format!(
        "{{ publication {{ title url timeZone }}
           article(slug: \"headline-1500\") {{ {ARTICLE}
             relatedLists {{ basis title articles(first: {first}) {{ edges {{ reasons node {{ headline bylines {{ name }} }} }} }} }} }}
           latest(first: {first}) {{ nodes {{ headline publishedAt bylines {{ name }} section {{ name }} }} }}
           magazineIssues(first: {first}) {{ nodes {{ citation coverDate publisher editor registrationNumber }} }} }}"
    )
}

/// `latest` with all its fields: lists inside lists, each with its count and its place.
fn latest_query(first: usize) -> String {
    let page = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let inner = format!("{page} nodes {{ headline }}");
    format!(
        "{{ latest(first: {first}) {{ {page} edges {{ cursor node {{ {ARTICLE} }} }} nodes {{
             section {{ articles(first: 2) {{ {inner} }} }}
             bylines {{ articles(last: 2) {{ {inner} }} }}
             topics {{ articles(first: 3) {{ {inner} }} }}
             magazineIssue {{ articles(first: 2) {{ {inner} }} volume {{ issues(first: 2) {{ {page} nodes {{ number }} }} }} }}
             relatedArticles(basis: TOPIC, first: 2) {{ {page} edges {{ reasons node {{ slug }} }} }}
             relatedLists(distinct: true) {{ basis title articles(first: 3) {{ {page} edges {{ reasons node {{ slug }} }} }} }}
           }} }} }}"
    )
}

fn a_page_costs_a_fixed_number_of_statements(store: &Store) {
    runtime().block_on(async {
        let observed = Observed::open(store).await;
        for (name, query) in [
            ("page", page_query as fn(usize) -> String),
            ("latest", latest_query),
        ] {
            let few = observed.statements(&query(2)).await;
            let many = observed.statements(&query(100)).await;
            let count = |made: &[(String, String)], text: &str| {
                made.iter().filter(|(made, _)| made == text).count()
            };
            for (text, _) in few.iter().chain(&many) {
                assert_eq!(
                    count(&few, text),
                    count(&many, text),
                    "{name}, for 2 and for 100: {text}"
                );
            }
            eprintln!("{name}: {} statements", few.len());
        }
        // The whole page, and no body for a list of headlines.
        let (most, most_of_the_document) = match observed.explainer.get_database_backend() {
            // The article and what is listed beside it; what that leads to: the section's parent, the volume.
            sea_orm::DbBackend::Postgres => (2, 1),
            _ => (17, 16),
        };
        let page = observed.statements(&page_query(6)).await;
        assert!(page.len() <= most, "{page:#?}");
        let document = include_str!("../../operations/articlePage.graphql")
            .replace("query articlePage($slug: String!)", "query")
            .replace("$slug", "\"headline-1500\"");
        let page = observed.statements(&document).await;
        assert!(page.len() <= most_of_the_document, "{page:#?}");
        let headlines = observed
            .statements("{ latest(first: 50) { nodes { headline } } }")
            .await;
        assert_eq!(headlines.len(), 1, "{headlines:?}");
        assert!(!headlines[0].0.contains("article_body"), "{headlines:?}");
        let counted = observed
            .statements("{ latest(first: 50) { totalCount nodes { headline } } }")
            .await;
        assert_eq!(
            counted.len(),
            2,
            "counting costs a statement, and only when it is selected"
        );
    });
}

/// The plans of what subscriptions read.
async fn plan_subscriptions(observed: &Observed, plans: &mut BTreeMap<String, String>) {
    // From now on; from a place in the log, with all that a change can show; of what a partner is told.
    let everyone = Caller::Public;
    let partner = Viewer::new("partner", Role::Partner).with_scopes(["embargo:read"]);
    let from_the_start = {
        let start = "{ changes(first: 0) { pageInfo { endCursor } } }";
        let answer = |caller: Caller| {
            let archive = observed.archive.clone();
            async move {
                let data = archive
                    .answer(Request::new(start), &caller)
                    .await
                    .response
                    .data;
                data.into_json().unwrap()["changes"]["pageInfo"]["endCursor"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            }
        };
        [
            answer(everyone.clone()).await,
            answer(Caller::Viewer(partner.clone())).await,
        ]
    };
    let shown = "cursor kind reason cacheTags node { id ... on Article { headline body { text } bylines { name } } } withdrawal { reason }";
    let [all, to_come] = from_the_start;
    for (caller, document, count) in [
        (
            everyone.clone(),
            "subscription { changes { cursor } }".to_owned(),
            0,
        ),
        (
            everyone.clone(),
            "subscription { latest(section: \"section-3\") { headline } }".to_owned(),
            0,
        ),
        (
            everyone,
            format!("subscription {{ changes(after: \"{all}\") {{ {shown} }} }}"),
            120,
        ),
        (
            Caller::Viewer(partner),
            format!("subscription {{ changes(after: \"{to_come}\") {{ {shown} }} }}"),
            120,
        ),
    ] {
        let made = observed
            .statements_of_subscription(&caller, &document, count)
            .await;
        assert!(!made.is_empty(), "{document}");
        for (text, statement) in made {
            if let Entry::Vacant(unseen) = plans.entry(text) {
                unseen.insert(observed.plan(&statement).await);
            }
        }
    }
}

fn every_statement_walks_along_an_index(store: &Store) {
    runtime().block_on(async {
    let observed = Observed::open(store).await;
    let middle = "after: \"CURSOR\"";
    let cursor = {
        let answer = observed
            .archive
            .answer(Request::new("{ latest(first: 100) { pageInfo { endCursor } } }"), &Caller::Public)
            .await
            .response;
        let data = answer.data.into_json().unwrap();
        data["latest"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned()
    };
    let place = "pageInfo { hasNextPage hasPreviousPage } nodes { id }";
    let queries = [
        page_query(6),
        latest_query(20),
        format!("{{ latest(first: 20, {middle}) {{ {place} }} }}"),
        format!("{{ latest(last: 20) {{ {place} }} }}"),
        format!("{{ latest(first: 20, section: \"section-3\") {{ {place} }} }}"),
        format!("{{ latest(first: 20, contributor: \"contributor-3\", {middle}) {{ {place} totalCount }} }}"),
        format!("{{ latest(first: 20, topic: \"topic-3\", {middle}) {{ {place} totalCount }} }}"),
        format!("{{ latest(first: 20, language: \"en\", {middle}) {{ {place} totalCount }} }}"),
        format!("{{ articles(order: OLDEST_FIRST, first: 20) {{ {place} }} }}"),
        format!("{{ articles(order: RECENTLY_MODIFIED, first: 20) {{ {place} }} }}"),
        "{ articles(filter: { publishedFrom: \"2026-09-20T00:00:00Z\", publishedUntil: \"2026-09-21T00:00:00Z\" }) { nodes { id } } }".to_owned(),
        "{ contributors(first: 20) { nodes { id } totalCount } topics(last: 20) { nodes { id } } sections { id } }".to_owned(),
        "{ magazineIssue(volume: 3, number: 4) { id } magazineIssues(volume: 3) { nodes { id } totalCount } magazineVolumes { nodes { id issues(first: 3) { nodes { id } } } } }".to_owned(),
        "{ section(slug: \"section-1\") { id } contributor(slug: \"contributor-1\") { id } topic(slug: \"topic-1\") { id } }".to_owned(),
    ];
    let mut plans = BTreeMap::new();
    for query in queries {
        for (text, statement) in observed.statements(&query.replace("CURSOR", &cursor)).await {
            if let Entry::Vacant(unseen) = plans.entry(text) {
                unseen.insert(observed.plan(&statement).await);
            }
        }
    }
    let published = "{ latest(first: 2) { nodes { id } } }";
    let editor = Caller::Viewer(Viewer::new("editor", Role::Editor));
    let mut of_the_newsroom = vec![
        published.to_owned(),
        "{ changes(first: 20) { nodes { node { id } } } article(slug: \"headline-1500\") { revisions(first: 5) { totalCount nodes { changes { field before } } } } }".to_owned(),
                "{ article(slug: \"headline-1500\") { relatedArticles(basis: CURATED) { totalCount nodes { id } } } }".to_owned(),
    ];
    for status in ["DRAFT", "SCHEDULED", "PUBLISHED", "WITHDRAWN"] {
        for order in ["NEWEST_FIRST", "OLDEST_FIRST", "RECENTLY_MODIFIED"] {
            let by = |filter: &str| format!("{{ articles(filter: {{ status: {status} {filter} }}, order: {order}, first: 20) {{ {place} totalCount }} }}");
            // By time of change, the few that are not published may well be found otherwise, and sorted.
            if order != "RECENTLY_MODIFIED" || status == "PUBLISHED" {
                of_the_newsroom.push(by(""));
            }
            // By time of change, or of what is hidden, the few of one contributor may well be sorted.
            if order != "RECENTLY_MODIFIED" && matches!(status, "SCHEDULED" | "PUBLISHED") {
                of_the_newsroom.push(by("contributor: \"contributor-3\""));
            }
        }
    }
    for query in of_the_newsroom {
        for (text, statement) in observed.statements_as(&editor, &query).await {
            if let Entry::Vacant(unseen) = plans.entry(text) {
                unseen.insert(observed.plan(&statement).await);
            }
        }
    }
    plan_subscriptions(&observed, &mut plans).await;
    assert!(plans.len() > 50, "{}", plans.len());
    assert_walks(&plans, &[
        "article", "article_body", "article_slug", "article_byline", "article_topic", "article_correction",
        "magazine_issue", "member", "filed", "issue", "correction", "change", "revision", "article_revision", "chosen",
        "article_related",
    ]);
    });
}
