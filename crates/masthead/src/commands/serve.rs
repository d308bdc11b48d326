//! `masthead serve`.

mod answering;
mod sample_content;
mod stop_signal;

use std::{io, net::SocketAddr, process::ExitCode, sync::Arc};

use clap::{Args, ValueHint};
use masthead_api::{
    bookkeeping::{Bookkeeper, Ledger},
    http::{Stopped, Telemetry},
    purging::Purger,
    tokens::{TokenSettings, Tokens},
    websub::Hub,
};
use masthead_domain::clock::Clock;
use masthead_newsroom::upkeep;
use masthead_persistence::Database;
use tokio::net::TcpListener;

use self::answering::Answering;
use super::{migrate, open_database, print};
use crate::{
    configuration::{Configuration, Flag},
    failure::Failure,
};

/// Serve the magazine over HTTP until told to stop
///
/// One line on standard output says when it is ready. SIGTERM or SIGINT (Ctrl+C) stops it: running requests
/// finish first.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead serve --with-sample-content
      Try it with a sample magazine: open http://127.0.0.1:8080/.
  masthead serve --listen 0.0.0.0:8080 --cors-origin https://magazine.example
      Serve the network, and let the pages of one website ask.
  masthead serve --listen 127.0.0.1:0
      Take any free port; the line on standard output tells which.

Ask it:
  curl http://127.0.0.1:8080/graphql -H 'content-type: application/json' \\
      -d '{\"query\": \"{ latest(first: 3) { nodes { headline } } }\"}'")]
pub(super) struct Serve {
    #[arg(
        long, value_name = "ADDRESS", value_hint = ValueHint::Other,
        help = "The IP address and the port to listen on; port 0 takes a free one \
                [default: 127.0.0.1:8080] [environment: MASTHEAD_LISTEN]"
    )]
    listen: Option<String>,
    #[arg(
        long = "cors-origin", value_name = "ORIGIN", value_hint = ValueHint::Url,
        help = "A website whose pages may ask, such as https://magazine.example, or '*' for all; may be \
                given several times [environment: MASTHEAD_HTTP_CORS_ORIGINS]"
    )]
    cors_origins: Vec<String>,
    /// Fill the database with a sample magazine when it holds no article yet
    #[arg(long)]
    with_sample_content: bool,
    /// Leave the database's schema as it is; not ready until it is up to date
    #[arg(long)]
    no_migrate: bool,
}

impl Serve {
    /// The settings that its flags give.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let listen = self.listen.iter().map(|text| Flag {
            name: "--listen",
            key: "http.listen",
            text: text.clone(),
        });
        let origins = (!self.cors_origins.is_empty()).then(|| Flag {
            name: "--cors-origin",
            key: "http.cors_origins",
            text: self.cors_origins.join(" "),
        });
        listen.chain(origins).collect()
    }

    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: Clock,
    ) -> Result<ExitCode, Failure> {
        // From here on a signal to stop is heard, also while the database is made ready.
        let stop_signal = stop_signal::listen()?;
        let telemetry = Telemetry::install().map_err(|error| Failure::Failed(error.to_string()))?;
        let database = open_database(configuration).await?;
        if !self.no_migrate {
            migrate(&database).await?;
        }
        if self.with_sample_content {
            sample_content::fill(&database, &clock).await?;
        }
        // Before listening, so that a wrong setting is found out first.
        let tokens = tokens(&configuration.tokens, &database, &clock).await?;
        let purger = Purger::new(database.clone(), clock.clone(), &configuration.cdn)
            .map_err(|error| Failure::Setting(error.to_string()))?;
        let ledger = Ledger::new(clock.clone());
        let bookkeeper = Bookkeeper::new(database.clone(), clock.clone(), ledger.clone());
        let hub = hub(configuration, &database, &clock)?;
        let Answering {
            service,
            stop,
            follower,
            deliverer,
        } = answering::router(
            database.clone(),
            clock.clone(),
            tokens,
            telemetry.clone(),
            ledger,
            configuration,
            hub.clone(),
        )?;
        let listener = bind(configuration.listen).await?;
        announce(&listener, &database)?;
        let upkeep = {
            let (database, retention) = (database.clone(), configuration.database.retention());
            let bookkeeper = bookkeeper.clone();
            tokio::spawn(async move {
                tokio::join!(
                    upkeep::clear(&database, &clock, retention),
                    follower.follow(),
                    bookkeeper.follow()
                )
            })
        };
        // A task of its own: a CDN may be slow, and nothing waits for it.
        let purging = purger.map(|purger| tokio::spawn(async move { purger.follow().await }));
        // Likewise: what is still to be delivered follows from what has been.
        let websub = hub.map(|hub| tokio::spawn(async move { hub.follow().await }));
        let delivering = tokio::spawn(async move { deliverer.follow().await });
        let stopped = masthead_api::http::serve(
            listener,
            service,
            &configuration.http,
            &telemetry,
            &stop,
            stop_signal,
        )
        .await;
        upkeep.abort();
        // What it was about to deliver stands in the log, too.
        delivering.abort();
        if let Some(purging) = purging {
            // What it has not told yet stands in the log.
            purging.abort();
        }
        if let Some(websub) = websub {
            websub.abort();
        }
        bookkeeper.write().await;
        tracing::info!(
            all_requests_answered = stopped == Stopped::Finished,
            "stopped"
        );
        database.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What tells subscribers of changes in feeds; none where there may be no subscription.
fn hub(
    configuration: &Configuration,
    database: &Database,
    clock: &Clock,
) -> Result<Option<Arc<Hub>>, Failure> {
    let (database, clock) = (database.clone(), clock.clone());
    Hub::new(
        database,
        clock,
        configuration.websub,
        &configuration.outgoing,
    )
    .map(|hub| hub.map(Arc::new))
    .map_err(|(key, problem)| Failure::Setting(format!("{key}: {problem}")))
}

/// What tokens are verified with.
async fn tokens(
    settings: &TokenSettings,
    database: &Database,
    clock: &Clock,
) -> Result<Tokens, Failure> {
    if !settings.has_keys() {
        tracing::warn!(
            "no key is configured to verify tokens with, so every write over HTTP is refused, and every token: set \
             MASTHEAD_JWT_SECRET, or 'public_key_files' or 'jwks' in [tokens]"
        );
    }
    Tokens::load(settings, database.clone(), clock.clone())
        .await
        .map_err(|error| Failure::Setting(error.to_string()))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let mend = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another program listens there: stop it, or choose another port with --listen"
            }
            io::ErrorKind::AddrNotAvailable => {
                "this machine has no such address: choose another with --listen"
            }
            io::ErrorKind::PermissionDenied => {
                "this user may not use that port: choose one from 1024 on with --listen"
            }
            _ => "choose another address with --listen",
        };
        Failure::Setting(format!("cannot listen on {address} ({error}); {mend}"))
    })
}

/// Says on standard output that connections are taken, and where.
fn announce(listener: &TcpListener, database: &Database) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(|error| {
        Failure::Failed(format!("the listener does not tell its address: {error}"))
    })?;
    tracing::info!(%address, database = database.kind(), version = env!("CARGO_PKG_VERSION"), "listening");
    print(&format!(
        "Masthead listens on http://{address}/ ({})\n",
        database.kind()
    ))
}
