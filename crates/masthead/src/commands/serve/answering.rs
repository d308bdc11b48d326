//! What the server answers with: the archive, the explorer, and whether it is ready.

use std::{any::TypeId, future::Future, pin::Pin};

use async_graphql::{Request, Response};
use axum::Router;
use masthead_api::{
    explorer,
    graphql::{self, Archive},
    http::{self, Api, GraphqlExecutor, NotReady, Readiness, RouterError, StopFlag, Telemetry},
    tokens::Tokens,
};
use masthead_domain::{clock::Clock, viewer::Caller};
use masthead_persistence::Database;

use crate::{configuration::Configuration, failure::Failure};

type Answer<'a, Value> = Pin<Box<dyn Future<Output = Value> + Send + 'a>>;

/// All routes over this database, and the flag that tells them of the stop.
pub(super) fn router(
    database: Database,
    clock: Clock,
    tokens: Tokens,
    telemetry: Telemetry,
    configuration: &Configuration,
) -> Result<(Router, StopFlag), Failure> {
    metrics::describe_counter!(
        "database_statements_total",
        "Statements made to read, since the start."
    );
    metrics::describe_histogram!(
        "database_statement_duration_seconds",
        metrics::Unit::Seconds,
        "How long a statement that reads took."
    );
    let database = database.observed(|statement| {
        metrics::counter!("database_statements_total").increment(1);
        metrics::histogram!("database_statement_duration_seconds").record(statement.elapsed);
    });
    let pool = database.clone();
    telemetry.on_scrape(move || show_pool(&pool));
    let readiness = DatabaseReadiness(database.clone());
    let archive = AskedArchive(Archive::new(database, clock));
    let mut api = Api::new(archive, tokens, graphql::sdl(), readiness, telemetry);
    api.pages = explorer::router();
    let stop = api.stop.clone();
    let router = http::router(api, &configuration.http, &configuration.limits).map_err(
        |error| match error {
            RouterError::Cors(error) => Failure::Setting(format!("http.{error}")),
            RouterError::Document(error) => Failure::Setting(error.to_string()),
            error @ RouterError::Schema(_) => Failure::Failed(error.to_string()),
        },
    )?;
    Ok((router, stop))
}

/// The archive as whoever asks may see it.
struct AskedArchive(Archive);

impl GraphqlExecutor for AskedArchive {
    fn execute(&self, request: Request) -> Answer<'_, Response> {
        // Nobody sees more than the public of whom it is not told.
        let caller = request
            .data
            .get(&TypeId::of::<Caller>())
            .and_then(|caller| caller.downcast_ref::<Caller>())
            .cloned()
            .unwrap_or_default();
        Box::pin(async move { self.0.answer(request, &caller).await })
    }
}

/// Ready when the database answers, with the schema that this version needs.
struct DatabaseReadiness(Database);

impl Readiness for DatabaseReadiness {
    fn check(&self) -> Answer<'_, Result<(), NotReady>> {
        Box::pin(async {
            match self.0.pending_migrations().await {
                Ok(0) => Ok(()),
                Ok(steps) => {
                    tracing::warn!(
                        steps,
                        "the database's schema is not up to date: run 'masthead migrate'"
                    );
                    Err(NotReady(
                        "The database's schema is not up to date.".to_owned(),
                    ))
                }
                Err(error) => {
                    tracing::warn!(%error, "the database does not answer");
                    Err(NotReady("The database does not answer.".to_owned()))
                }
            }
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no pool comes near 2^52 connections"
)]
fn show_pool(database: &Database) {
    let figures = database.pool_figures();
    metrics::gauge!("database_connections_open").set(f64::from(figures.open));
    metrics::gauge!("database_connections_idle").set(figures.idle as f64);
}
