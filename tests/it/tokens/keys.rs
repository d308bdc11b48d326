//! Tokens under each kind of key, and keys that are none.

use jsonwebtoken::EncodingKey;
use serde_json::json;

use super::{SECRET_VARIABLE, archive, seen, serve, serve_alone, taken};
use crate::harness::{KeyPair, Masthead, SECRET, Store, Token, token};

const FILES: &str = "MASTHEAD_TOKENS_PUBLIC_KEY_FILES";
const JWKS: &str = "MASTHEAD_TOKENS_JWKS";

#[test]
fn every_kind_of_key_is_taken_from_pem_files() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = [
        KeyPair::rsa(),
        KeyPair::p256(),
        KeyPair::ed25519(),
        KeyPair::ed25519(),
    ];
    let mut files = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let file = folder.path().join(format!("{number}.pem"));
        std::fs::write(&file, &pair.public_pem).unwrap();
        files.push(file.display().to_string());
    }
    let store = Store::sqlite();
    archive(&store);
    let server = serve(
        &store,
        &[(FILES, &files.join(" ")), (SECRET_VARIABLE, SECRET)],
    );
    for pair in &pairs {
        let editor = || Token::of("editor");
        assert_eq!(
            seen(&server, &editor().sign_with(pair.algorithm, &pair.private)),
            "DRAFT"
        );
        // A key without a name may be the one that is named.
        let named = editor()
            .key_id("2026-11")
            .sign_with(pair.algorithm, &pair.private);
        assert_eq!(seen(&server, &named), "DRAFT");
    }
    assert_eq!(seen(&server, &token("editor", &[])), "DRAFT");
    let stranger = KeyPair::p256();
    let detail =
        server.refusal(&Token::of("admin").sign_with(stranger.algorithm, &stranger.private));
    assert!(detail.contains("signature"), "{detail}");
}

#[test]
fn keys_are_taken_from_a_jwk_set_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    let (first, second, other) = (KeyPair::rsa(), KeyPair::p256(), KeyPair::ed25519());
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let symmetric = json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": "YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCBsb25nIGVub3VnaCBmb3IgSFMyNTY" });
    let mut encrypts = other.jwk("encrypts");
    encrypts["use"] = "enc".into();
    let set = json!({ "keys": [first.jwk("one"), second.jwk("two"), symmetric, encrypts] });
    std::fs::write(&file, set.to_string()).unwrap();
    let server = serve_alone(&[(JWKS, &file.display().to_string())]);
    let editor = |kid: &str| Token::of("editor").key_id(kid);
    taken(
        &server,
        &editor("one").sign_with(first.algorithm, &first.private),
    );
    taken(
        &server,
        &editor("two").sign_with(second.algorithm, &second.private),
    );
    taken(
        &server,
        &Token::of("editor").sign_with(second.algorithm, &second.private),
    );
    for (token, reason) in [
        (
            editor("two").sign_with(first.algorithm, &first.private),
            "signature",
        ),
        (
            editor("three").sign_with(first.algorithm, &first.private),
            "does not know",
        ),
        (
            editor("secret").sign_with(jsonwebtoken::Algorithm::HS256, &secret),
            "algorithm",
        ),
        (
            editor("encrypts").sign_with(other.algorithm, &other.private),
            "algorithm",
        ),
    ] {
        let detail = server.refusal(&token);
        assert!(detail.contains(reason), "'{reason}' is not in '{detail}'");
    }
}

#[test]
fn claims_are_found_where_an_identity_provider_puts_them() {
    let store = Store::sqlite();
    archive(&store);
    let server = serve(
        &store,
        &[
            (SECRET_VARIABLE, SECRET),
            ("MASTHEAD_TOKENS_ROLE_CLAIM", "/realm_access/roles"),
            ("MASTHEAD_TOKENS_SCOPE_CLAIM", "scp"),
        ],
    );
    super::schedule(&store);
    let with_roles = |roles: serde_json::Value| {
        Token::without_role()
            .claim("role", "admin")
            .claim("realm_access", json!({ "roles": roles }))
    };
    let editor = with_roles(json!(["offline_access", "Partner", "EDITOR"])).sign();
    assert_eq!(seen(&server, &editor), "SCHEDULED");
    let partner = || with_roles(json!(["partner"]));
    assert!(seen(&server, &partner().claim("scope", "embargo:read").sign()).is_null());
    for scopes in [
        json!("openid embargo:read"),
        json!(["openid", "embargo:read"]),
    ] {
        assert_eq!(
            seen(&server, &partner().claim("scp", scopes).sign()),
            "SCHEDULED"
        );
    }
    let detail = server.refusal(&token("admin", &[]));
    assert!(detail.contains("'/realm_access/roles'"), "{detail}");
}

/// What the server says in place of starting with a file of this content.
#[track_caller]
fn told(variable: &str, content: Option<&str>) -> String {
    let mut command = Masthead::new(["serve", "--listen", "127.0.0.1:0"]).env(variable, "keys/one");
    if let Some(content) = content {
        command = command.file("keys/one", content);
    }
    let output = command.run();
    assert_eq!(
        (output.code, output.out.as_str()),
        (Some(2), ""),
        "{output:#?}"
    );
    let last = output.err.lines().last().unwrap_or_default().to_owned();
    assert!(last.contains("'keys/one': "), "{last}");
    last
}

#[test]
fn keys_that_are_none_are_refused_at_the_start() {
    let (rsa, p384) = (KeyPair::rsa(), KeyPair::p384());
    let two = rsa.public_pem.clone() + &rsa.public_pem;
    let certificate = rsa.public_pem.replace("PUBLIC KEY", "CERTIFICATE");
    let damaged = rsa.public_pem.replace('M', "N");
    for (content, expected) in [
        (None, "cannot be read"),
        (Some(""), "no PEM file"),
        (Some("a secret"), "no PEM file"),
        (Some(rsa.private_pem.as_str()), "this is a private key"),
        (Some(&two), "more than one key"),
        (Some(&certificate), "this is a certificate"),
        (Some(&damaged), "cannot be used"),
        (Some(&p384.public_pem), "P-256"),
    ] {
        let said = told(FILES, content);
        assert!(said.contains(expected), "'{expected}' is not in '{said}'");
        assert!(
            said.starts_with("error: tokens.public_key_files: "),
            "{said}"
        );
    }
    for (content, expected) in [
        (None, "cannot be read"),
        (Some(""), "no JWK set"),
        (Some("[]"), "no JWK set"),
        (Some("{}"), "no list 'keys'"),
        (Some(r#"{"keys":[]}"#), "no public key"),
        (Some(rsa.public_pem.as_str()), "no JWK set"),
    ] {
        let said = told(JWKS, content);
        assert!(said.contains(expected), "'{expected}' is not in '{said}'");
        assert!(said.starts_with("error: tokens.jwks: "), "{said}");
    }
    let said = Masthead::new(["serve"])
        .env(JWKS, "ftp://id.example/keys")
        .run();
    assert_eq!(said.code, Some(2), "{said:#?}");
    assert!(
        said.err.contains("tokens.jwks: 'ftp://id.example/keys'"),
        "{said:#?}"
    );
}

#[test]
fn a_secret_that_is_too_short_is_refused_and_never_shown() {
    for command in ["serve", "settings"] {
        let output = Masthead::new([command])
            .env(SECRET_VARIABLE, "moonlight")
            .run();
        assert_eq!(output.code, Some(2), "{output:#?}");
        assert!(output.err.contains("MASTHEAD_JWT_SECRET: ") && output.err.contains("32"));
        assert!(!output.err.contains("moonlight"), "{output:#?}");
    }
    let shown = Masthead::new(["settings"])
        .env(SECRET_VARIABLE, SECRET)
        .run()
        .succeeded();
    assert!(shown.out.contains("[tokens]"), "{shown:#?}");
    assert!(!shown.out.contains(SECRET), "{shown:#?}");
}
