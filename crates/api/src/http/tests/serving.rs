//! A real listener: graceful stop, slow clients.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;
use crate::http::{Stopped, serve};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Stopped>,
}

/// Serves a route that answers after 300 ms, and one that never does.
async fn start(settings: HttpSettings) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let mut api = api();
    api.pages = axum::Router::new()
        .route(
            "/slow",
            axum::routing::get(async || {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        )
        .route(
            "/never",
            axum::routing::get(std::future::pending::<&'static str>),
        );
    let server = tokio::spawn(async move {
        let (telemetry, flag) = (api.telemetry.clone(), api.stop.clone());
        let router = router(api, &settings, &LimitSettings::default()).unwrap();
        let signal = async { drop(stopped.await) };
        serve(listener, router, &settings, &telemetry, &flag, signal).await
    });
    Running {
        address,
        stop,
        server,
    }
}

async fn open(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn running_requests_finish_and_new_ones_are_refused() {
    let running = start(HttpSettings::default()).await;
    let slow = open(running.address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    // An idle connection does not hold up the stop.
    let idle = open(running.address, "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    let response = read(slow).await;
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    assert!(response.ends_with("done"), "{response}");
    assert!(
        !response.to_ascii_lowercase().contains("\r\nserver:"),
        "{response}"
    );
    assert!(read(idle).await.contains("200 OK"));
    assert_eq!(running.server.await.unwrap(), Stopped::Finished);
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn readiness_ends_before_the_listener_closes() {
    let running = start(HttpSettings {
        stop_delay_seconds: 1,
        ..HttpSettings::default()
    })
    .await;
    running.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let close = "host: a\r\nconnection: close\r\n\r\n";
    let ready = open(running.address, &format!("GET /readyz HTTP/1.1\r\n{close}")).await;
    assert!(read(ready).await.starts_with("HTTP/1.1 503"));
    let live = open(
        running.address,
        &format!("GET /healthz HTTP/1.1\r\n{close}"),
    )
    .await;
    assert!(read(live).await.starts_with("HTTP/1.1 200"));
    assert_eq!(running.server.await.unwrap(), Stopped::Finished);
}

#[tokio::test]
async fn requests_that_do_not_end_are_cut_off() {
    let running = start(HttpSettings {
        stop_timeout_seconds: 1,
        ..HttpSettings::default()
    })
    .await;
    let _never = open(running.address, "GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    assert_eq!(running.server.await.unwrap(), Stopped::CutOff);
}

#[tokio::test]
async fn headers_that_do_not_come_end_the_connection() {
    let running = start(HttpSettings {
        read_timeout_seconds: 1,
        ..HttpSettings::default()
    })
    .await;
    let stream = open(running.address, "GET /healthz HTTP/1.1\r\nhost").await;
    let response = tokio::time::timeout(Duration::from_secs(5), read(stream))
        .await
        .unwrap();
    assert!(!response.contains("200 OK"), "{response}");
}
