//! Tokens that the program itself makes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{SECRET_VARIABLE, archive, seen, serve};
use crate::harness::{Masthead, Output, SECRET, Server, Store, now};

fn mint(arguments: &[&str]) -> Masthead {
    Masthead::new([&["token", "mint"], arguments].concat()).env(SECRET_VARIABLE, SECRET)
}

fn token_of(output: &Output) -> &str {
    assert_eq!(
        output.out.lines().count(),
        1,
        "the token alone: {output:#?}"
    );
    output.out.trim_end()
}

fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[test]
fn what_is_minted_is_taken() {
    let store = Store::sqlite();
    archive(&store);
    super::schedule(&store);
    let server = Server::start(&store);
    let shown = |arguments: &[&str]| {
        let output = mint(arguments).run().succeeded();
        seen(&server, token_of(&output))
    };
    for role in ["editor", "publisher", "admin", "ADMIN"] {
        assert_eq!(shown(&["--role", role]), "SCHEDULED", "{role}");
    }
    assert!(shown(&["--role", "partner", "--scope", "articles:body"]).is_null());
    let both = [
        "--role",
        "partner",
        "--scope",
        "articles:body",
        "--scope",
        "embargo:read",
    ];
    assert_eq!(shown(&both), "SCHEDULED");

    // Its id ends it.
    let output = mint(&["--role", "editor"]).run().succeeded();
    let id = claims(token_of(&output))["jti"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(id.len(), 32);
    assert!(
        output.err.contains(&id) && output.err.contains("expires at 20"),
        "{output:#?}"
    );
    let arguments = ["token", "revoke", &id];
    Masthead::new(arguments).on(&store).run().succeeded();
    assert!(server.refusal(token_of(&output)).contains("revoked"));
}

#[test]
fn a_minted_token_says_what_it_was_told_to() {
    let output = mint(&[
        "--role",
        "partner",
        "--scope",
        "embargo:read",
        "--subject",
        "agency",
        "--ttl",
        "90m",
    ])
    .env("MASTHEAD_TOKENS_ISSUER", "masthead.example")
    .env("MASTHEAD_TOKENS_AUDIENCE", "archive")
    .env("MASTHEAD_TOKENS_ROLE_CLAIM", "/realm_access/roles")
    .env("MASTHEAD_TOKENS_SCOPE_CLAIM", "scp")
    .run()
    .succeeded();
    let mut claims_of_it = claims(token_of(&output));
    let issued = claims_of_it["iat"].as_i64().unwrap();
    assert!((now() - issued).abs() < 60);
    assert_eq!(claims_of_it["exp"], issued + 90 * 60);
    for name in ["iat", "exp", "jti"] {
        claims_of_it.as_object_mut().unwrap().remove(name);
    }
    let expected = json!({
        "iss": "masthead.example",
        "aud": "archive",
        "sub": "agency",
        "realm_access": { "roles": "partner" },
        "scp": "embargo:read",
    });
    assert_eq!(claims_of_it, expected);

    let output = mint(&["--role", "editor"]).run().succeeded();
    let plain = claims(token_of(&output));
    assert_eq!(
        (&plain["sub"], &plain["role"]),
        (&json!("editor@masthead"), &json!("editor"))
    );
    assert_eq!(plain["exp"], plain["iat"].as_i64().unwrap() + 8 * 3600);
}

#[test]
fn settings_of_server_and_mint_fit() {
    let settings = [
        (SECRET_VARIABLE, SECRET),
        ("MASTHEAD_TOKENS_ISSUER", "masthead.example"),
        ("MASTHEAD_TOKENS_AUDIENCE", "archive"),
        ("MASTHEAD_TOKENS_ROLE_CLAIM", "/a~1b/roles"),
        ("MASTHEAD_TOKENS_SCOPE_CLAIM", "/a~1b/scopes"),
    ];
    let store = Store::sqlite();
    archive(&store);
    super::schedule(&store);
    let server = serve(&store, &settings);
    let mut command = Masthead::new([
        "token",
        "mint",
        "--role",
        "partner",
        "--scope",
        "embargo:read",
    ]);
    for (name, value) in settings {
        command = command.env(name, value);
    }
    assert_eq!(
        seen(&server, token_of(&command.run().succeeded())),
        "SCHEDULED"
    );
}

#[test]
fn what_cannot_be_minted_is_told() {
    for (mut command, expected) in [
        (mint(&[]), "--role"),
        (
            mint(&["--role", "owner"]),
            "partner, editor, publisher, admin",
        ),
        (
            mint(&["--role", "partner", "--scope", "embargo"]),
            "embargo:read",
        ),
        (mint(&["--role", "editor", "--ttl", "8"]), "'8h'"),
        (
            mint(&["--role", "editor", "--ttl", "0s"]),
            "--ttl: a token is good for at least a second",
        ),
        (
            mint(&["--role", "editor", "--ttl", "200y"]),
            "at most 100 years",
        ),
        (mint(&["--role", "editor", "--subject", " "]), "--subject"),
        (
            mint(&["--role", "editor"]).env("MASTHEAD_TOKENS_ROLE_CLAIM", "sub"),
            "role_claim",
        ),
        (
            Masthead::new(["token", "mint", "--role", "editor"]),
            "MASTHEAD_JWT_SECRET",
        ),
    ] {
        let output = command.run();
        assert_eq!(
            (output.code, output.out.as_str()),
            (Some(2), ""),
            "{output:#?}"
        );
        assert!(output.err.contains(expected), "'{expected}': {output:#?}");
        assert!(!output.err.contains(SECRET), "{output:#?}");
    }
}
