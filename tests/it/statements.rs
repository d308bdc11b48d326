//! A query makes a fixed number of statements, however long its lists are, and each walks along an index.
//!
//! In this process, through the same schema and persistence that the binary serves: only so can each
//! statement be seen and explained.

mod told;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex},
};

use async_graphql::Request;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use futures_util::StreamExt as _;
use masthead_api::{
    cache::Follower,
    graphql::{Archive, EventAnswer, SubscriptionRequest, Validation},
};
use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision, Withdrawal},
    body::Body,
    clock::Clock,
    contributor::{Contributor, ContributorKind},
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    language::LanguageTag,
    magazine::{CoverDate, MagazineIssue},
    publication::Publication,
    revision::Author,
    section::Section,
    slug::Slug,
    topic::Topic,
    viewer::{Caller, Role, Viewer},
};
use masthead_persistence::{Database, DatabaseSettings};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::harness::{Store, on_both_databases};

on_both_databases!(
    a_page_costs_a_fixed_number_of_statements,
    every_statement_walks_along_an_index
);

const ARTICLES: usize = 3_000;
const HIDDEN: usize = 800;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// An archive of some thousands of articles, in which the tables of a magazine have their proportions.
#[expect(clippy::too_many_lines, reason = "a table after the other")]
async fn fill(database: &Database, clock: &Clock) {
    database.migrate().await.unwrap();
    let transaction = database.write(clock, Author::Import).await.unwrap();
    transaction
        .save_publication(&Publication::default())
        .await
        .unwrap();
    let (mut sections, mut contributors, mut topics, mut issues) = (vec![], vec![], vec![], vec![]);
    for number in 0..12 {
        let id = SectionId::new(now());
        let parent = sections.first().copied();
        sections.push(id);
        let slug = Slug::from_title(&format!("section {number}"));
        let section = Section {
            id,
            slug,
            name: format!("Section {number}"),
            parent,
        };
        transaction.save_section(&section).await.unwrap();
    }
    for number in 0..300 {
        let id = ContributorId::new(now());
        contributors.push(id);
        let name = format!("Contributor {number}");
        let slug = Slug::from_title(&name);
        let contributor = Contributor {
            id,
            slug,
            name,
            kind: ContributorKind::Agency,
            biography: None,
        };
        transaction.save_contributor(&contributor).await.unwrap();
    }
    for number in 0..100 {
        let id = TopicId::new(now());
        topics.push(id);
        let name = format!("Topic {number}");
        transaction
            .save_topic(&Topic {
                id,
                slug: Slug::from_title(&name),
                name,
            })
            .await
            .unwrap();
    }
    for volume_number in 1..=17 {
        let volume = MagazineVolumeId::new(now());
        for number in 1..=24 {
            let id = MagazineIssueId::new(now());
            issues.push(id);
            let day = NaiveDate::from_ymd_opt(2007, 1, 5).unwrap()
                + Duration::days(365 * i64::from(volume_number) + 14 * i64::from(number));
            let issue = MagazineIssue {
                id,
                volume,
                series: "A Magazine".to_owned(),
                volume_number,
                number,
                last_number: None,
                cover_date: CoverDate::new(day, None).unwrap(),
                publisher: None,
                editor: None,
                registration_number: None,
                cover: None,
            };
            transaction.save_magazine_issue(&issue).await.unwrap();
        }
    }
    let mut made: Vec<ArticleId> = Vec::new();
    // The newest are published; behind them stand drafts and withdrawn articles.
    for number in 0..ARTICLES + HIDDEN {
        let headline = format!("Headline {number}");
        let at = now() - Duration::minutes(i64::try_from(number / 2).unwrap() + 1);
        let article = Article {
            id: ArticleId::new(at),
            slug: Slug::from_title(&headline),
            headline,
            kicker: None,
            standfirst: Some("Standfirst".to_owned()),
            dateline: None,
            section: Some(sections[number % sections.len()]),
            magazine_issue: Some(issues[number % issues.len()]),
            language: LanguageTag::english(),
            lead_image: None,
            published_at: (number < ARTICLES || number % 2 == 0).then_some(at),
            published_at_precision: TimePrecision::Exact,
            published_between: None,
            withdrawal: (number >= ARTICLES && number % 2 == 0).then(|| Withdrawal {
                at,
                reason: "Wrong.".to_owned(),
            }),
            modified_at: at,
            revision: 1,
            word_count: 100,
        };
        let story = Story {
            article,
            body: Body::default(),
            bylines: vec![contributors[number % 37], contributors[100 + number % 41]],
            topics: vec![topics[number % 7], topics[10 + number % 11]],
            related: made.iter().rev().take(number % 3).copied().collect(),
            corrections: vec![Correction {
                at,
                text: "Corrected.".to_owned(),
            }],
        };
        made.push(story.article.id);
        transaction.insert_story(&story).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Each statement of a query: its text, and itself with its values.
type Made = Arc<Mutex<Vec<(String, String)>>>;

struct Observed {
    archive: Archive,
    database: Database,
    clock: Clock,
    made: Made,
    /// A connection of the test's own, to have statements explained.
    explainer: sea_orm::DatabaseConnection,
}

impl Observed {
    async fn open(store: &Store) -> Self {
        let settings = DatabaseSettings {
            url: store.address(),
            ..DatabaseSettings::default()
        };
        let clock = Clock::fixed(now());
        let made = Made::default();
        let record = made.clone();
        let unobserved = Database::open(&settings).await.unwrap();
        let follower = Arc::new(Follower::new(unobserved.clone(), clock.clone()));
        let database = unobserved.observed(move |statement| {
            record
                .lock()
                .unwrap()
                .push((statement.text().to_owned(), statement.with_values()));
        });
        fill(&database, &clock).await;
        let mut one_connection = sea_orm::ConnectOptions::new(store.address());
        one_connection.max_connections(1);
        let explainer = sea_orm::Database::connect(one_connection).await.unwrap();
        explainer.execute_unprepared("ANALYZE").await.unwrap();
        if explainer.get_database_backend() == sea_orm::DbBackend::Postgres {
            // A table of this size is soon read whole. What is asked here is whether it has to be.
            explainer
                .execute_unprepared("SET enable_seqscan = off")
                .await
                .unwrap();
            // As on the product's own connections.
            for way in ["bitmapscan", "hashjoin", "mergejoin"] {
                explainer
                    .execute_unprepared(&format!("SET enable_{way} = off"))
                    .await
                    .unwrap();
            }
        }
        Self {
            archive: Archive::new(database.clone(), clock.clone()).following(follower),
            database,
            clock,
            made,
            explainer,
        }
    }

    /// The statements that a query makes. It must succeed.
    async fn statements(&self, query: &str) -> Vec<(String, String)> {
        self.statements_as(&Caller::Public, query).await
    }

    /// The same, asked by someone.
    async fn statements_as(&self, caller: &Caller, query: &str) -> Vec<(String, String)> {
        self.made.lock().unwrap().clear();
        let answer = self
            .archive
            .answer(Request::new(query), caller)
            .await
            .response;
        assert!(answer.errors.is_empty(), "{query}: {:?}", answer.errors);
        std::mem::take(&mut self.made.lock().unwrap())
    }

    /// The statements that a subscription makes, from its beginning to so many events.
    async fn statements_of_subscription(
        &self,
        caller: &Caller,
        document: &str,
        count: usize,
    ) -> Vec<(String, String)> {
        self.made.lock().unwrap().clear();
        let request = SubscriptionRequest {
            text: document.into(),
            document: Arc::new(async_graphql::parser::parse_query(document).unwrap()),
            validation: Validation::default(),
            operation_name: None,
            variables: async_graphql::Variables::default(),
            caller: caller.clone(),
            last_event: None,
            timeout: std::time::Duration::from_secs(10),
        };
        let stream = self.archive.subscribe(request).await;
        let mut events = stream.map_err(|response| response.errors).unwrap().events;
        for _ in 0..count {
            match events.next().await.unwrap().answer {
                EventAnswer::Json(_) => {}
                EventAnswer::Response(response) => panic!("{document}: {:?}", response.errors),
            }
        }
        std::mem::take(&mut self.made.lock().unwrap())
    }

    async fn plan(&self, statement: &str) -> String {
        let backend = self.explainer.get_database_backend();
        let explain = match backend {
            sea_orm::DbBackend::Postgres => "EXPLAIN ",
            _ => "EXPLAIN QUERY PLAN ",
        };
        let rows = self
            .explainer
            .query_all_raw(Statement::from_string(
                backend,
                format!("{explain}{statement}"),
            ))
            .await
            .unwrap();
        let column = usize::from(backend == sea_orm::DbBackend::Sqlite) * 3;
        let lines: Vec<String> = rows
            .iter()
            .map(|row| row.try_get_by_index(column).unwrap())
            .collect();
        lines.join("\n")
    }
}

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
            // The article and what is listed beside it; what that leads to: the section's parent, the issue's volume.
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

/// Asserts that none of these plans reads one of the large tables whole, or sorts.
fn assert_walks(plans: &BTreeMap<String, String>, large: &[&str]) {
    let mut wrong = Vec::new();
    for (text, plan) in plans {
        // A count reads all that it counts, and may as well do so in any order.
        let counts_all = text.contains("COUNT(");
        // The first few of several lists, each walked to, are sorted to be merged: once.
        let merged = text.matches("AS walked").count();
        let (mut scanned, mut sorts) = (false, 0);
        for line in plan.lines() {
            scanned |= large.iter().any(|table| {
                line.contains(&format!("Seq Scan on {table} "))
                    || line.trim() == format!("SCAN {table}")
                    || line.starts_with(&format!("SCAN {table} ")) && !line.contains("INDEX")
            });
            sorts += usize::from(
                line.contains("TEMP B-TREE") && line.contains("ORDER BY")
                    || line.contains("Sort  ("),
            );
        }
        if !counts_all && (scanned || sorts > merged) {
            wrong.push(format!("{text}\n\n{plan}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
