//! An archive in this process, of which every statement is seen and can be explained, and what no plan may do.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_graphql::Request;
use futures_util::StreamExt as _;
use masthead_api::{
    cache::Follower,
    graphql::{Archive, EventAnswer, SubscriptionRequest, Validation},
};
use masthead_domain::{clock::Clock, viewer::Caller};
use masthead_persistence::{Database, DatabaseSettings};
use sea_orm::{ConnectionTrait as _, Statement};

use super::filled::{fill, now};
use crate::harness::Store;

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Each statement of a query: its text, and itself with its values.
pub(super) type Made = Arc<Mutex<Vec<(String, String)>>>;

pub(super) struct Observed {
    pub(super) archive: Archive,
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) made: Made,
    /// A connection of the test's own, to have statements explained.
    pub(super) explainer: sea_orm::DatabaseConnection,
}

impl Observed {
    pub(super) async fn open(store: &Store) -> Self {
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
    pub(super) async fn statements(&self, query: &str) -> Vec<(String, String)> {
        self.statements_as(&Caller::Public, query).await
    }

    /// The same, asked by someone.
    pub(super) async fn statements_as(
        &self,
        caller: &Caller,
        query: &str,
    ) -> Vec<(String, String)> {
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
    pub(super) async fn statements_of_subscription(
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

    pub(super) async fn plan(&self, statement: &str) -> String {
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

/// Asserts that none of these plans reads one of the large tables whole, or sorts.
pub(super) fn assert_walks(plans: &BTreeMap<String, String>, large: &[&str]) {
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
