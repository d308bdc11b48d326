//! Tokens that are ended before their time.

use super::taken;
use crate::harness::{Masthead, Output, Server, Store, Token, now, on_both_databases, token};

on_both_databases!(
    a_token_is_at_its_end_on_every_node_at_once,
    what_is_long_past_is_forgotten
);

fn revoke(store: &Store, arguments: &[&str]) -> Output {
    Masthead::new([&["token", "revoke"], arguments].concat())
        .on(store)
        .run()
}

#[track_caller]
fn is_revoked(server: &Server, token: &str) {
    let detail = server.refusal(token);
    assert!(detail.contains("revoked"), "{detail}");
}

fn a_token_is_at_its_end_on_every_node_at_once(store: &Store) {
    let nodes = [Server::start(store), Server::start(store)];
    let with_id = || Token::of("editor").claim("jti", "lost-laptop").sign();
    let without_id = token("editor", &[]);
    let other = Token::of("publisher").sign();
    // Ids that cannot be told apart from one that is too long, or hold what no database keeps, are none.
    let odd = Token::of("editor").claim("jti", "a\u{0}b").sign();
    let long = Token::of("editor").claim("jti", "a".repeat(256)).sign();
    let tokens = [with_id(), without_id.clone(), odd.clone(), long.clone()];
    for (token, given) in tokens.iter().zip(["lost-laptop", &without_id, &odd, &long]) {
        for node in &nodes {
            taken(node, token);
        }
        let output = revoke(store, &[given]).succeeded();
        assert!(output.out.contains("is revoked until 20"), "{output:#?}");
        assert!(!output.out.contains(token.as_str()), "{output:#?}");
        for node in &nodes {
            is_revoked(node, token);
        }
        // Again is no error.
        revoke(store, &[given]).succeeded();
    }
    // Of one id, whichever token it is.
    is_revoked(
        &nodes[0],
        &Token::of("admin").claim("jti", "lost-laptop").sign(),
    );
    for node in &nodes {
        taken(node, &other);
    }
    // On a node that starts later, too.
    is_revoked(&Server::start(store), &with_id());
}

fn what_is_long_past_is_forgotten(store: &Store) {
    Masthead::new(["migrate"]).on(store).run().succeeded();
    let rows = || store.number("SELECT COUNT(*) FROM revoked_token");
    let expiry = || store.number("SELECT MAX(expires_at) FROM revoked_token WHERE id = 'one'");
    revoke(store, &["one", "--expires", "2001-02-03T04:05:06Z"]).succeeded();
    assert_eq!((rows(), expiry()), (1, 981_173_106_000));
    let expires = now() + 60;
    let token = Token::of("editor")
        .claim("jti", "two")
        .claim("exp", expires);
    revoke(store, &[&token.sign()]).succeeded();
    assert_eq!(rows(), 1, "the first has gone");
    let kept = store.number("SELECT expires_at FROM revoked_token WHERE id = 'two'");
    assert_eq!(kept, expires * 1000);
    // One that is revoked for long does not come back by being revoked for less.
    revoke(store, &["one"]).succeeded();
    let for_long = expiry();
    assert!(for_long > (now() + 9 * 365 * 86_400) * 1000);
    revoke(store, &["one", "--expires", "2030-01-01T00:00:00Z"]).succeeded();
    assert_eq!(expiry(), for_long);
}

#[test]
fn what_cannot_be_revoked_is_told() {
    let store = Store::sqlite();
    let good = token("editor", &[]);
    for (arguments, expected) in [
        (&[][..], "<TOKEN>"),
        (&[""], "token"),
        (&["  "], "token"),
        (&[&good[..good.len() / 2]], "the whole of it"),
        (&["one", "--expires", "tomorrow"], "2027-01-31T00:00:00Z"),
    ] {
        let output = revoke(&store, arguments);
        assert_eq!(output.code, Some(2), "{output:#?}");
        assert!(output.err.contains(expected), "{output:#?}");
    }
    let output = revoke(&store, &["mpv_made-up"]).succeeded();
    assert!(output.out.contains("no such preview"), "{output:#?}");
}
