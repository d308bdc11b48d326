//! Tokens of every wrong kind. Each is refused with its reason, and none is taken for nobody's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{SECRET_VARIABLE, serve_alone, taken};
use crate::harness::{KeyPair, SECRET, Server, Token, now, token};

/// A token whose parts are these, whatever they are.
fn compact(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

fn good_claims() -> Value {
    json!({ "sub": "someone", "role": "admin", "exp": now() + 3600 })
}

#[track_caller]
fn refused(server: &Server, token: &str, reason: &str) {
    let detail = server.refusal(token);
    assert!(detail.contains(reason), "'{reason}' is not in '{detail}'");
}

#[test]
fn claims_that_will_not_do() {
    let server = serve_alone(&[(SECRET_VARIABLE, SECRET)]);
    let editor = || Token::of("editor");
    for (token, reason) in [
        (editor().claim("exp", now() - 1), "expired at 20"),
        (editor().claim("exp", 0), "expired at 1970-01-01T00:00:00Z"),
        (editor().claim("exp", -1), "expired at"),
        (editor().claim("exp", "tomorrow"), "'exp'"),
        (editor().claim("exp", Value::Null), "'exp'"),
        (editor().without("exp"), "when it expires"),
        (editor().claim("nbf", now() + 60), "not valid before 20"),
        (editor().claim("nbf", "now"), "'nbf'"),
        (editor().without("sub"), "whom it speaks for"),
        (editor().claim("sub", ""), "whom it speaks for"),
        (editor().claim("sub", 7), "whom it speaks for"),
        (Token::without_role(), "no role in the claim 'role'"),
        (editor().claim("role", json!([])), "no role"),
        (editor().claim("role", true), "no role"),
        (
            editor().claim("role", "owner"),
            "partner, editor, publisher, admin",
        ),
        (
            editor().claim("role", json!(["owner", "guest"])),
            "none of the roles",
        ),
    ] {
        refused(&server, &token.sign(), reason);
    }
}

#[test]
fn issuer_audience_and_leeway_as_they_are_configured() {
    let server = serve_alone(&[
        ("MASTHEAD_JWT_SECRET", SECRET),
        ("MASTHEAD_TOKENS_ISSUER", "https://id.example/"),
        ("MASTHEAD_TOKENS_AUDIENCE", "masthead"),
        ("MASTHEAD_TOKENS_LEEWAY_SECONDS", "30"),
    ]);
    let right = || {
        Token::of("editor")
            .claim("iss", "https://id.example/")
            .claim("aud", json!(["other", "masthead"]))
    };
    taken(&server, &right().sign());
    taken(&server, &right().claim("aud", "masthead").sign());
    taken(&server, &right().claim("exp", now() - 5).sign());
    taken(&server, &right().claim("nbf", now() + 20).sign());
    for (token, reason) in [
        (right().without("iss"), "'iss'"),
        (right().claim("iss", "https://id.example"), "'iss'"),
        (
            right().claim("iss", json!(["https://id.example/"])),
            "'iss'",
        ),
        (right().without("aud"), "'aud'"),
        (right().claim("aud", "mastheads"), "'aud'"),
        (right().claim("aud", json!([])), "'aud'"),
        (right().claim("exp", now() - 31), "expired"),
        (right().claim("nbf", now() + 60), "not valid before"),
    ] {
        refused(&server, &token.sign(), reason);
    }
}

#[test]
fn signatures_that_are_none_of_ours() {
    let server = serve_alone(&[(SECRET_VARIABLE, SECRET)]);
    let good = token("admin", &[]);
    taken(&server, &good);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let claims = json!({ "sub": "someone", "role": "admin", "exp": now() + 7200 });
    let with_other_claims = compact(&json!({ "alg": "HS256" }), &claims, signature);
    let other_secret = EncodingKey::from_secret(b"another secret that is long enough too");
    let empty_secret = EncodingKey::from_secret(b"");
    let by = |key: &EncodingKey| Token::of("admin").sign_with(Algorithm::HS256, key);
    let cut = &good[..good.len() - 1];
    for token in [
        &with_other_claims,
        &by(&other_secret),
        &by(&empty_secret),
        &format!("{signed}."),
        &format!("{signed}.AAAA"),
        &format!("{signed}.{signature}="),
        cut,
    ] {
        refused(&server, token, "signature");
    }
    for algorithm in [
        "none", "None", "NONE", "", "hs256", "HS384", "RS256", "ES256", "EdDSA",
    ] {
        let header = json!({ "alg": algorithm, "typ": "JWT" });
        for signature in ["", signature] {
            refused(
                &server,
                &compact(&header, &good_claims(), signature),
                "algorithm",
            );
        }
    }
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        refused(
            &server,
            &Token::of("admin").sign_with(algorithm, &secret),
            "algorithm",
        );
    }
}

#[test]
fn a_public_key_is_no_secret_and_verifies_its_own_algorithm_alone() {
    let pair = KeyPair::rsa();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    std::fs::write(&file, &pair.public_pem).unwrap();
    let file = file.display().to_string();
    let public_only = serve_alone(&[("MASTHEAD_TOKENS_PUBLIC_KEY_FILES", &file)]);
    let with_secret = serve_alone(&[
        ("MASTHEAD_TOKENS_PUBLIC_KEY_FILES", &file),
        ("MASTHEAD_JWT_SECRET", SECRET),
    ]);
    for server in [&public_only, &with_secret] {
        taken(
            server,
            &Token::of("editor").sign_with(pair.algorithm, &pair.private),
        );
        let pem = pair.public_pem.as_str();
        let der: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
        for secret in [pem, pem.trim_end(), &der.concat()] {
            let key = EncodingKey::from_secret(secret.as_bytes());
            let forged = Token::of("admin").sign_with(Algorithm::HS256, &key);
            let detail = server.refusal(&forged);
            assert!(
                detail.contains("algorithm") || detail.contains("signature"),
                "{detail}"
            );
        }
        // The same key, and another algorithm of its family.
        for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
            let token = Token::of("admin").sign_with(algorithm, &pair.private);
            refused(server, &token, "algorithm");
        }
        let other = KeyPair::rsa();
        let token = Token::of("admin").sign_with(other.algorithm, &other.private);
        refused(server, &token, "signature");
    }
    // Where there is no secret, nobody's secret is good.
    refused(&public_only, &token("admin", &[]), "algorithm");
    taken(&with_secret, &token("admin", &[]));
}

#[test]
fn what_is_no_token_at_all() {
    let server = serve_alone(&[(SECRET_VARIABLE, SECRET)]);
    let header = json!({ "alg": "HS256" });
    let critical = compact(
        &json!({ "alg": "HS256", "crit": ["exp"] }),
        &good_claims(),
        "AAAA",
    );
    let mut five_parts = compact(&header, &good_claims(), "AAAA");
    five_parts.push_str(".AAAA.AAAA");
    let long = compact(&header, &json!({ "role": "a".repeat(20_000) }), "AAAA");
    for garbage in [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "null",
        "!!!.###.$$$",
        "e30.e30.e30",
        "mpv",
        &five_parts,
        &critical,
        &long,
        &compact(&json!([]), &good_claims(), "AAAA"),
        &compact(&json!({ "alg": 1 }), &good_claims(), "AAAA"),
        &compact(&header, &json!("claims"), "AAAA"),
        &compact(&header, &json!([1]), "AAAA"),
    ] {
        refused(&server, garbage, "no JSON Web Token");
    }
}

#[test]
fn headers_that_cannot_be_read() {
    let server = serve_alone(&[(SECRET_VARIABLE, SECRET)]);
    let good = token("editor", &[]);
    let bearer = format!("Bearer {good}");
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        let response = server
            .post("/graphql")
            .header("authorization", format!("{scheme} {good}"))
            .json(&json!({ "query": "{ __typename }" }))
            .send()
            .unwrap();
        assert_eq!(response.status().as_u16(), 200, "{scheme}");
    }
    for (headers, reason) in [
        (&["Bearer"][..], "no token"),
        (&["Bearer "], "no token"),
        (&["Bearer    "], "no token"),
        (&[""], "Bearer"),
        (&["Basic ZGVzazptb29ubGlnaHQ="], "scheme Bearer"),
        (&[good.as_str()], "scheme Bearer"),
        (&["Token abc"], "scheme Bearer"),
        (&["Bearer: abc"], "scheme Bearer"),
        (&[&format!("{bearer}, {bearer}")], "cannot be read"),
        (&["Bearer a b"], "cannot be read"),
        (&["Bearer é"], "cannot be read"),
        (&[&bearer, &bearer], "more than one"),
        (&[&bearer, "Basic ZGVzazptb29ubGlnaHQ="], "more than one"),
    ] {
        let detail = server.refusal_of(headers);
        assert!(detail.contains(reason), "{headers:?}: {detail}");
    }
}
