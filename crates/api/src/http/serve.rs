//! Serves on a listener until told to stop.

use std::{future::Future, sync::Arc, time::Duration};

use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{interval, sleep, timeout},
};
use tower::ServiceExt;

use super::{HttpService, HttpSettings, StopFlag, Telemetry, client_address::Peer};

const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// When no more sockets can be opened, it takes others to close.
const ACCEPT_RETRY: Duration = Duration::from_millis(250);
const MAX_HTTP2_STREAMS: u32 = 100;

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All requests were answered.
    Finished,
    /// Requests still ran at the end of `stop_timeout_seconds` and were cut off.
    CutOff,
}

/// Serves HTTP/1.1 and HTTP/2 (with prior knowledge) until `stop_signal` is done. Then `stop` is
/// raised, the listener closed after `stop_delay_seconds`, and running requests are let finish.
pub async fn serve(
    listener: TcpListener,
    service: HttpService,
    settings: &HttpSettings,
    telemetry: &Telemetry,
    stop: &StopFlag,
    stop_signal: impl Future<Output = ()> + Send,
) -> Stopped {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.read_timeout_seconds));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_HTTP2_STREAMS)
        .keep_alive_interval(Duration::from_secs(30));
    let server = Server {
        builder,
        service,
        connections: Arc::new(Semaphore::new(
            settings.max_connections.min(Semaphore::MAX_PERMITS),
        )),
        graceful: GracefulShutdown::new(),
    };

    let delayed_stop = async {
        stop_signal.await;
        stop.raise();
        tracing::info!(delay_seconds = settings.stop_delay_seconds, "stopping");
        sleep(Duration::from_secs(settings.stop_delay_seconds)).await;
    };
    let upkeep = async {
        let mut ticks = interval(UPKEEP_INTERVAL);
        loop {
            ticks.tick().await;
            telemetry.upkeep();
        }
    };
    tokio::select! {
        () = delayed_stop => {}
        () = upkeep => {}
        () = server.accept(&listener) => {}
    }
    drop(listener);

    let limit = Duration::from_secs(settings.stop_timeout_seconds);
    let finished = async { tokio::join!(stop.end_streams(), server.graceful.shutdown()) };
    if timeout(limit, finished).await.is_err() {
        tracing::warn!(
            seconds = limit.as_secs(),
            "requests were cut off at the end of the time to stop"
        );
        return Stopped::CutOff;
    }
    Stopped::Finished
}

struct Server {
    builder: auto::Builder<TokioExecutor>,
    service: HttpService,
    connections: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

impl Server {
    async fn accept(&self, listener: &TcpListener) {
        loop {
            // Closed never: the semaphore lives as long as the server.
            let Ok(permit) = Arc::clone(&self.connections).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, peer)) => self.spawn(stream, Peer(peer), permit),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }

    fn spawn(&self, stream: TcpStream, peer: Peer, permit: tokio::sync::OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let service =
            self.service
                .clone()
                .map_request(move |mut request: http::Request<Incoming>| {
                    request.extensions_mut().insert(peer);
                    request.map(Body::new)
                });
        let connection = self
            .builder
            .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
            .into_owned();
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended with an error");
            }
            drop(permit);
        });
    }
}
