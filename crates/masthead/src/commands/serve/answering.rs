//! What the server answers with: the archive, the explorer, and whether it is ready.

use std::{any::TypeId, future::Future, pin::Pin, sync::Arc};

use async_graphql::Request;
use axum::body::Bytes;
use masthead_api::{
    bookkeeping::Ledger,
    cache::Follower,
    explorer,
    graphql::{
        self, Answer as GraphqlAnswer, Archive, EventStream, Provenance, RequestParts,
        SubscriptionRequest,
    },
    http::{
        self, Api, GraphqlExecutor, HttpService, NotReady, Readiness, RouterError, StopFlag,
        Telemetry,
    },
    tokens::Tokens,
    webhooks::Deliverer,
    websub::Hub,
};
use masthead_domain::{audience::Audience, clock::Clock, viewer::Caller};
use masthead_persistence::Database;

use crate::{configuration::Configuration, failure::Failure};

type Answer<'a, Value> = Pin<Box<dyn Future<Output = Value> + Send + 'a>>;

/// What answers, and what goes on beside it.
pub(super) struct Answering {
    /// All routes.
    pub(super) service: HttpService,
    /// What tells them of the stop.
    pub(super) stop: StopFlag,
    /// What follows the change log for them.
    pub(super) follower: Arc<Follower>,
    /// What tells webhooks of changes.
    pub(super) deliverer: Deliverer,
}

/// All routes over this database, and what goes on beside them.
pub(super) fn router(
    database: Database,
    clock: Clock,
    tokens: Tokens,
    telemetry: Telemetry,
    ledger: Ledger,
    configuration: &Configuration,
    hub: Option<Arc<Hub>>,
) -> Result<Answering, Failure> {
    metrics::describe_counter!(
        "database_statements_total",
        "Statements made to read, since the start."
    );
    metrics::describe_histogram!(
        "database_statement_duration_seconds",
        metrics::Unit::Seconds,
        "How long a statement that reads took."
    );
    let statements = metrics::counter!("database_statements_total");
    let durations = metrics::histogram!("database_statement_duration_seconds");
    let database = database.observed(move |statement| {
        statements.increment(1);
        durations.record(statement.elapsed);
    });
    let pool = database.clone();
    telemetry.on_scrape(move || show_pool(&pool));
    let readiness = DatabaseReadiness(database.clone());
    let follower = Arc::new(Follower::new(database.clone(), clock.clone()));
    let access = configuration.access.public();
    let unusable = |(key, problem)| Failure::Setting(format!("{key}: {problem}"));
    let targets = configuration.outgoing.policy().map_err(unusable)?;
    let archive = Archive::new(database.clone(), clock.clone())
        .granting(access)
        .delivering(targets)
        .keeping(follower.clone(), &configuration.cache)
        .sharing(configuration.subscriptions.shared_bytes);
    let shown = archive.clone();
    telemetry.on_scrape(move || shown.show());
    let deliverer = Deliverer::new(
        database,
        clock,
        archive.clone(),
        configuration.webhooks.clone(),
        &configuration.outgoing,
    )
    .map_err(unusable)?;
    let archive = AskedArchive(archive);
    let mut api = Api::new(archive, tokens, graphql::sdl(), readiness, telemetry);
    api.follower = Some(follower.clone());
    api.cache = configuration.cache;
    api.access = access;
    api.cdn = configuration.cdn.clone();
    api.rate_limits = configuration.rate_limits.clone();
    api.subscriptions = configuration.subscriptions;
    api.ledger = ledger;
    api.hub = hub;
    api.pages = explorer::router();
    let stop = api.stop.clone();
    let service = http::router(api, &configuration.http, &configuration.limits).map_err(
        |error| match error {
            RouterError::Cors(error) => Failure::Setting(format!("http.{error}")),
            RouterError::Proxies(error) => Failure::Setting(format!("http.{error}")),
            RouterError::Document(error) => Failure::Setting(error.to_string()),
            RouterError::Address(error) => Failure::Setting(format!("http.{error}")),
            error @ (RouterError::Schema(_) | RouterError::OwnDocument(_)) => {
                Failure::Failed(error.to_string())
            }
        },
    )?;
    Ok(Answering {
        service,
        stop,
        follower,
        deliverer,
    })
}

/// The archive as whoever asks may see it.
struct AskedArchive(Archive);

impl GraphqlExecutor for AskedArchive {
    fn execute(&self, request: Request) -> Answer<'_, GraphqlAnswer> {
        // Nobody sees more than the public of whom it is not told.
        let caller = request
            .data
            .get(&TypeId::of::<Caller>())
            .and_then(|caller| caller.downcast_ref::<Caller>())
            .cloned()
            .unwrap_or_default();
        Box::pin(async move { self.0.answer(request, &caller).await })
    }

    fn assemble(&self, parts: &RequestParts, audience: &Audience) -> Option<(Bytes, Provenance)> {
        self.0.assemble(parts, audience)
    }

    fn edition(&self) -> Answer<'_, Option<i64>> {
        Box::pin(self.0.edition())
    }

    fn subscribe(
        &self,
        request: SubscriptionRequest,
    ) -> Answer<'_, Result<EventStream, async_graphql::Response>> {
        self.0.subscribe(request)
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
