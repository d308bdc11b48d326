//! Keys that are fetched from an identity provider.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use jsonwebtoken::{Algorithm, EncodingKey};

use super::{serve_alone, taken};
use crate::harness::{IdentityProvider, KeyPair, SECRET, Server, Token, token};

fn trusting(provider: &IdentityProvider, floor: &str) -> Server {
    serve_alone(&[
        ("MASTHEAD_TOKENS_JWKS", &provider.url()),
        ("MASTHEAD_TOKENS_JWKS_FLOOR_SECONDS", floor),
    ])
}

fn signed(pair: &KeyPair, kid: &str) -> String {
    Token::of("editor")
        .key_id(kid)
        .sign_with(pair.algorithm, &pair.private)
}

#[track_caller]
fn unknown(server: &Server, token: &str) {
    let detail = server.refusal(token);
    assert!(detail.contains("does not know"), "{detail}");
}

#[test]
fn keys_are_fetched_again_when_a_new_one_is_named() {
    let (old, new) = (KeyPair::p256(), KeyPair::ed25519());
    let provider = IdentityProvider::with_keys(&[old.jwk("old")]);
    let server = trusting(&provider, "0");
    assert_eq!(provider.fetches(), 1, "at the start");
    for _ in 0..3 {
        taken(&server, &signed(&old, "old"));
    }
    assert_eq!(provider.fetches(), 1, "what is known is not fetched");
    // The key is known, so what it did not sign is no reason to fetch.
    let forged = Token::of("admin")
        .key_id("old")
        .sign_with(Algorithm::ES256, &KeyPair::p256().private);
    assert!(server.refusal(&forged).contains("signature"));
    assert_eq!(provider.fetches(), 1);

    provider.set_keys(&[old.jwk("old"), new.jwk("new")]);
    taken(&server, &signed(&new, "new"));
    assert_eq!(provider.fetches(), 2);
    taken(&server, &signed(&old, "old"));
    // What is gone from there is gone here, from the next fetch on.
    provider.set_keys(&[new.jwk("new")]);
    taken(&server, &signed(&old, "old"));
    let detail = server.refusal(&signed(&KeyPair::rsa(), "made up"));
    assert!(detail.contains("algorithm"), "{detail}");
    assert_eq!(provider.fetches(), 3);
    assert!(server.refusal(&signed(&old, "old")).contains("algorithm"));
    taken(&server, &signed(&new, "new"));
}

#[test]
fn made_up_names_do_not_make_it_fetch() {
    let (old, new) = (KeyPair::p256(), KeyPair::p256());
    let provider = IdentityProvider::with_keys(&[old.jwk("old")]);
    let server = trusting(&provider, "3");
    let started = Instant::now();
    provider.set_keys(&[old.jwk("old"), new.jwk("new")]);
    for number in 0..20 {
        unknown(&server, &signed(&new, &format!("made up {number}")));
    }
    unknown(&server, &signed(&new, "new"));
    // Whoever has no key at all is told sooner.
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    server.refusal(
        &Token::of("admin")
            .key_id("new")
            .sign_with(Algorithm::HS256, &secret),
    );
    if started.elapsed() < Duration::from_secs(2) {
        assert_eq!(provider.fetches(), 1, "none before the floor");
    }
    std::thread::sleep(Duration::from_millis(3_100).saturating_sub(started.elapsed()));
    taken(&server, &signed(&new, "new"));
    assert_eq!(provider.fetches(), 2);
}

#[test]
fn many_at_once_fetch_once() {
    let (old, new) = (KeyPair::p256(), KeyPair::p256());
    let provider = IdentityProvider::with_keys(&[old.jwk("old")]);
    let server = trusting(&provider, "1");
    std::thread::sleep(Duration::from_millis(1_100));
    provider.set_keys(&[old.jwk("old"), new.jwk("new")]);
    provider.set_delay(Duration::from_millis(300));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| taken(&server, &signed(&new, "new")));
        }
        // Those whose key is known do not wait for it.
        let begun = Instant::now();
        taken(&server, &signed(&old, "old"));
        assert!(
            begun.elapsed() < Duration::from_millis(290),
            "{:?}",
            begun.elapsed()
        );
    });
    assert_eq!(provider.fetches(), 2);
}

#[test]
fn known_keys_are_kept_while_there_are_no_others_to_be_had() {
    let (old, new) = (KeyPair::p256(), KeyPair::p256());
    let provider = IdentityProvider::with_keys(&[old.jwk("old")]);
    let server = trusting(&provider, "0");
    let huge = "x".repeat(300_000);
    for response in [
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"keys\":[]}",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{\"keys\":",
        "HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: /jwks.json\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        &format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{huge}"),
        "",
    ] {
        provider.set_response(response);
        let before = provider.fetches();
        unknown(&server, &signed(&new, "new"));
        assert!(provider.fetches() > before, "it was asked");
        assert!(provider.fetches() <= before + 5, "and not for ever");
        taken(&server, &signed(&old, "old"));
    }
    provider.set_keys(&[new.jwk("new")]);
    taken(&server, &signed(&new, "new"));
    let log = server.stop().err;
    assert!(log.contains("those known are kept"), "{log}");
}

#[test]
fn a_provider_that_is_not_there_does_not_keep_the_server_from_starting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}/jwks.json");
    let server = serve_alone(&[
        ("MASTHEAD_TOKENS_JWKS", &url),
        ("MASTHEAD_TOKENS_JWKS_FLOOR_SECONDS", "1"),
        ("MASTHEAD_JWT_SECRET", SECRET),
    ]);
    let pair = KeyPair::p256();
    let detail = server.refusal(&signed(&pair, "one"));
    assert!(detail.contains("could not be fetched yet"), "{detail}");
    taken(&server, &token("editor", &[]));
    let provider = IdentityProvider::on(TcpListener::bind(address).unwrap(), &[pair.jwk("one")]);
    std::thread::sleep(Duration::from_millis(1_100));
    taken(&server, &signed(&pair, "one"));
    assert_eq!(provider.fetches(), 1);
    let log = server.stop().err;
    assert!(
        log.contains("cannot be fetched") && log.contains(&url),
        "{log}"
    );
}
