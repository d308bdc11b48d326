#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// How long nothing of what is tested here takes.
const LONG: Duration = Duration::from_secs(5);

fn settings() -> OutgoingSettings {
    OutgoingSettings {
        plain_http: true,
        open_networks: vec!["127.0.0.0/8".to_owned()],
        connect_timeout_seconds: 1,
        timeout_seconds: 1,
    }
}

/// A server that answers whoever connects with these bytes, again and again where it never ends, and its address.
async fn answering(
    bytes: &'static [u8],
    pause: Duration,
    times: usize,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                for _ in 0..times {
                    if stream.write_all(bytes).await.is_err() {
                        return;
                    }
                    // Even a sleep of nothing lasts until the timer's next millisecond, which would make a drip of a flood.
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                }
            });
        }
    });
    (address, asked)
}

async fn post(outgoing: &Outgoing, url: &str) -> Result<Answer, OutgoingError> {
    let url = Url::parse(url).unwrap();
    outgoing
        .send(
            Method::POST,
            &url,
            HeaderMap::new(),
            Bytes::from_static(b"{}"),
        )
        .await
}

#[tokio::test]
async fn an_answer_of_any_status_is_one_and_redirects_are_not_followed() {
    let outgoing = Outgoing::new(&settings()).unwrap();
    let (elsewhere, asked) = answering(b"HTTP/1.1 200 OK\r\n\r\n", Duration::ZERO, 1).await;
    for (bytes, status, body) in [
        (&b"HTTP/1.1 204 No Content\r\n\r\n"[..], 204, ""),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            200,
            "hello",
        ),
        (b"HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n", 500, ""),
    ] {
        let (address, _) = answering(bytes, Duration::ZERO, 1).await;
        let answer = post(&outgoing, &format!("http://{address}/"))
            .await
            .unwrap();
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (status, body.as_bytes())
        );
    }
    let redirect =
        format!("HTTP/1.1 307 There\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _) = answering(
        Box::leak(redirect.into_boxed_str()).as_bytes(),
        Duration::ZERO,
        1,
    )
    .await;
    let answer = post(&outgoing, &format!("http://{address}/"))
        .await
        .unwrap();
    assert_eq!(answer.status.as_u16(), 307);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn whoever_lies_is_bounded() {
    let outgoing = Outgoing::new(&settings()).unwrap();
    let begun = Instant::now();
    // Says how much comes, and ends before.
    let (address, _) = answering(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello",
        Duration::ZERO,
        1,
    )
    .await;
    let broke_off = post(&outgoing, &format!("http://{address}/")).await;
    assert!(
        matches!(broke_off, Err(OutgoingError::BrokeOff(_))),
        "{broke_off:?}"
    );
    // Is no web server.
    let (address, _) = answering(b"220 mail.example ESMTP\r\n", Duration::ZERO, 1).await;
    let no_http = post(&outgoing, &format!("http://{address}/")).await;
    assert!(
        matches!(no_http, Err(OutgoingError::BrokeOff(_))),
        "{no_http:?}"
    );
    // Never ends: repeats a status line as its own body.
    let (address, _) = answering(
        b"HTTP/1.1 200 OK\r\n\r\n................................",
        Duration::ZERO,
        usize::MAX,
    )
    .await;
    let endless = post(&outgoing, &format!("http://{address}/"))
        .await
        .unwrap();
    assert_eq!(
        (endless.status.as_u16(), endless.body.len()),
        (200, LARGEST_ANSWER)
    );
    // Drips.
    let (address, _) = answering(
        b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n",
        Duration::from_millis(100),
        usize::MAX,
    )
    .await;
    assert_eq!(
        post(&outgoing, &format!("http://{address}/")).await,
        Err(OutgoingError::TimedOut)
    );
    // Says nothing.
    let (address, _) = answering(b"", LONG * 10, 1).await;
    assert_eq!(
        post(&outgoing, &format!("http://{address}/")).await,
        Err(OutgoingError::TimedOut)
    );
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_not_open_is_not_asked() {
    let (address, asked) = answering(b"HTTP/1.1 200 OK\r\n\r\n", Duration::ZERO, 1).await;
    let port = address.port();
    let closed = OutgoingSettings {
        open_networks: Vec::new(),
        ..settings()
    };
    let outgoing = Outgoing::new(&closed).unwrap();
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let refused = post(&outgoing, &format!("http://{host}:{port}/")).await;
        assert!(
            matches!(refused, Err(OutgoingError::Target(TargetError::Closed(_)))),
            "{host}: {refused:?}"
        );
    }
    let unencrypted = Outgoing::new(&OutgoingSettings {
        plain_http: false,
        ..settings()
    })
    .unwrap();
    let refused = post(&unencrypted, &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(
        refused,
        Err(OutgoingError::Target(TargetError::Scheme(
            "http".to_owned()
        )))
    );
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_comes_to_lead_elsewhere_is_not_followed() {
    let (address, asked) = answering(
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        Duration::ZERO,
        1,
    )
    .await;
    let policy = Arc::new(settings().policy().unwrap());
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = lookups.clone();
    let resolver = CheckedResolver::asking(policy.clone(), move |_| {
        // Allowed when it is asked first, and then the machine's own network.
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        let found = if first {
            "127.0.0.1:0"
        } else {
            "169.254.169.254:0"
        };
        Box::pin(async move { Ok(vec![found.parse().unwrap()]) })
    });
    let outgoing = Outgoing::resolving(&settings(), policy, resolver).unwrap();
    let url = format!("http://partner.example:{}/", address.port());
    assert_eq!(post(&outgoing, &url).await.unwrap().status, StatusCode::OK);
    let refused = post(&outgoing, &url).await;
    assert_eq!(
        refused,
        Err(OutgoingError::Target(TargetError::Closed("link-local")))
    );
    assert_eq!(
        (lookups.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)),
        (2, 1)
    );
}

#[tokio::test]
async fn what_failed_is_told_without_the_servers_network() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outgoing = Outgoing::new(&settings()).unwrap();
    let refused = post(&outgoing, &format!("http://{address}/"))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OutgoingError::Unreachable(_)),
        "{refused:?}"
    );
    assert!(!refused.to_string().contains("127.0.0.1"), "{refused}");
}
