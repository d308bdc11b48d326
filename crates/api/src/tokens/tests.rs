#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use masthead_domain::viewer::{Role, Scope};
use masthead_newsroom::access::revoke_token;
use masthead_persistence::DatabaseSettings;
use serde_json::json;

use super::*;
use crate::error_code::ErrorCode;

fn settings() -> TokenSettings {
    TokenSettings {
        jwt_secret: Secret::new("a secret of the tests, long enough for HS256"),
        ..TokenSettings::default()
    }
}

async fn database() -> Database {
    let settings = DatabaseSettings {
        url: "sqlite::memory:".to_owned(),
        ..DatabaseSettings::default()
    };
    let database = Database::open(&settings).await.unwrap();
    database.migrate().await.unwrap();
    database
}

fn bearing(token: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    [(header::AUTHORIZATION, value)].into_iter().collect()
}

#[tokio::test]
async fn the_clock_that_is_handed_in_says_when_a_token_is_good() {
    install_cryptography();
    let begun = DateTime::from_timestamp(1_800_000_000, 250_000_000).unwrap();
    let request = TokenRequest {
        role: Role::Partner,
        scopes: vec![Scope::EmbargoRead],
        partner: None,
        subject: "agency".to_owned(),
        lifetime: std::time::Duration::from_secs(60),
    };
    let minted = mint(&settings(), &Clock::fixed(begun), &request).unwrap();
    assert_eq!(minted.expires_at.timestamp(), 1_800_000_060);
    let identity = TokenIdentity {
        id: minted.id.clone(),
        expires_at: Some(minted.expires_at),
    };
    assert_eq!(identify(&minted.token), Some(identity));

    let database = database().await;
    let caller = async |after: i64| {
        let clock = Clock::fixed(begun + TimeDelta::milliseconds(after));
        let tokens = Tokens::load(&settings(), database.clone(), clock)
            .await
            .unwrap();
        tokens.authenticate(&bearing(&minted.token)).await
    };
    for after in [0, 59_749] {
        let caller = caller(after).await.unwrap();
        let viewer = caller.viewer().unwrap();
        assert_eq!(
            (viewer.subject.as_str(), viewer.role),
            ("agency", Role::Partner)
        );
        assert!(viewer.has(Scope::EmbargoRead));
    }
    let problem = caller(59_750).await.unwrap_err();
    assert_eq!(problem.code(), ErrorCode::Unauthenticated);
    assert_eq!(
        problem.detail(),
        "The token expired at 2027-01-15T08:01:00Z. Get a new one."
    );

    let clock = Clock::fixed(begun);
    revoke_token(&database, &clock, &minted.id, Some(minted.expires_at))
        .await
        .unwrap();
    let problem = caller(0).await.unwrap_err();
    assert_eq!(problem.detail(), Refusal::Revoked.to_string());
}

/// The order of the curve P-256's group (FIPS 186-4, appendix D.1.2.3).
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];

/// The other signature that verifies wherever this one does: (r, n - s) in place of (r, s).
fn twin(signature: &str) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = false;
    for (digit, order) in bytes[32..].iter_mut().zip(ORDER).rev() {
        let (difference, first) = order.overflowing_sub(*digit);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        *digit = difference;
        borrow = first || second;
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn a_token_has_one_id_however_its_signature_is_written() {
    install_cryptography();
    let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::generate_pkcs8(curve, &SystemRandom::new()).unwrap();
    let private = EncodingKey::from_ec_der(pair.as_ref());
    let public = json!(Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap());
    let key = key::Key::from_jwk(public.as_object().unwrap()).unwrap();
    let claims = json!({ "sub": "someone", "role": "editor", "exp": 2_000_000_000 });
    let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &private).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = twin(signature);
    assert_ne!(signature, other);
    for signature in [signature, &other] {
        assert!(key.verifies(signed, signature));
    }
    let id = |token: &str| identify(token).unwrap().id;
    assert_eq!(id(&token), id(&format!("{signed}.{other}")));
    assert_eq!(id(&token).len(), 64);
}

#[test]
fn a_reason_fits_into_the_header() {
    let problem = Problem::from(Refusal::NoRole("a \"claim\" of \\ rôle\n".to_owned()));
    let response = axum::response::IntoResponse::into_response(problem);
    assert_eq!(
        response.headers()[header::WWW_AUTHENTICATE],
        "Bearer error=\"invalid_token\", \
         error_description=\"The token gives no role in the claim 'a ?claim? of ? r?le?'.\""
    );
}
