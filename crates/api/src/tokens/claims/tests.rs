#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use serde_json::json;

use super::*;

fn claims(value: Value) -> Claims {
    serde_json::from_value(value).unwrap()
}

/// What comes of these claims, beside a subject, at a millisecond of 1970.
fn at(settings: &TokenSettings, now: i64, value: Value) -> Result<Viewer, Refusal> {
    let mut claims = claims(value);
    claims.entry("sub").or_insert("someone".into());
    let now = DateTime::from_timestamp_millis(now).unwrap();
    ClaimRules::new(settings).viewer(&claims, now)
}

#[test]
fn a_token_is_good_from_its_first_millisecond_until_before_its_last() {
    let refusal = |leeway_seconds, now| {
        let settings = TokenSettings {
            leeway_seconds,
            ..TokenSettings::default()
        };
        let value = json!({ "role": "editor", "nbf": 100, "exp": 200 });
        at(&settings, now, value).err()
    };
    let (early, late) = (Refusal::NotYetValid(100_000), Refusal::Expired(200_000));
    for (leeway, now, expected) in [
        (0, 99_999, Some(&early)),
        (0, 100_000, None),
        (0, 199_999, None),
        (0, 200_000, Some(&late)),
        (5, 94_999, Some(&early)),
        (5, 95_000, None),
        (5, 204_999, None),
        (5, 205_000, Some(&late)),
    ] {
        assert_eq!(
            refusal(leeway, now).as_ref(),
            expected,
            "leeway {leeway}, at {now}"
        );
    }
}

#[test]
fn times_are_numbers() {
    let refusal = |exp: Value| {
        let value = json!({ "role": "editor", "exp": exp });
        at(&TokenSettings::default(), 0, value).err()
    };
    for good in [
        json!(1),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MAX),
    ] {
        assert_eq!(refusal(good.clone()), None, "{good}");
    }
    for past in [
        json!(0),
        json!(-1),
        json!(0.0001),
        json!(-1e300),
        json!(i64::MIN),
    ] {
        assert!(
            matches!(refusal(past.clone()), Some(Refusal::Expired(_))),
            "{past}"
        );
    }
    for wrong in [json!("1"), json!(null), json!([1]), json!(true)] {
        assert_eq!(
            refusal(wrong.clone()),
            Some(Refusal::WrongType("exp")),
            "{wrong}"
        );
    }
    let without = at(&TokenSettings::default(), 0, json!({ "role": "editor" }));
    assert_eq!(without, Err(Refusal::NoExpiry));
    // Every refusal can be said, whatever time it names.
    assert!(Refusal::Expired(i64::MAX).to_string().len() > 20);
    assert!(Refusal::Expired(i64::MIN).to_string().len() > 20);
}

#[test]
fn issuer_and_audience_are_asked_for_where_they_are_configured() {
    let settings = TokenSettings {
        issuer: "https://id.example".to_owned(),
        audience: "masthead".to_owned(),
        ..TokenSettings::default()
    };
    let outcome = |iss: Value, aud: Value| {
        let value = json!({ "role": "editor", "exp": 1, "iss": iss, "aud": aud });
        at(&settings, 0, value).err()
    };
    let right = json!("https://id.example");
    for good in [json!("masthead"), json!(["other", "masthead"])] {
        assert_eq!(outcome(right.clone(), good), None);
    }
    for wrong in [
        json!("other"),
        json!([]),
        json!(null),
        json!("mastheads"),
        json!({}),
    ] {
        assert_eq!(
            outcome(right.clone(), wrong),
            Some(Refusal::OtherParty("aud"))
        );
    }
    for wrong in [json!("https://id.example/"), json!(null), json!([right])] {
        assert_eq!(
            outcome(wrong, json!("masthead")),
            Some(Refusal::OtherParty("iss"))
        );
    }
    // Where nothing is configured, anything may stand there.
    let value = json!({ "role": "editor", "exp": 1, "iss": 7, "aud": ["x"] });
    assert!(at(&TokenSettings::default(), 0, value).is_ok());
}

#[test]
fn the_highest_known_role_counts() {
    let role = |value: Value| {
        let value = json!({ "role": value, "exp": 1 });
        at(&TokenSettings::default(), 0, value).map(|viewer| viewer.role)
    };
    assert_eq!(role(json!("EDITOR")), Ok(Role::Editor));
    assert_eq!(
        role(json!(["offline_access", "partner", "Publisher"])),
        Ok(Role::Publisher)
    );
    for unknown in [json!("owner"), json!(["offline_access"]), json!("")] {
        assert_eq!(role(unknown), Err(Refusal::UnknownRole("role".to_owned())));
    }
    for none in [
        json!(null),
        json!(3),
        json!([]),
        json!({ "admin": true }),
        json!([3]),
    ] {
        assert_eq!(role(none), Err(Refusal::NoRole("role".to_owned())));
    }
}

#[test]
fn claims_are_named_or_pointed_at() {
    let settings = TokenSettings {
        role_claim: "/realm_access/roles".to_owned(),
        scope_claim: "https://magazine.example/scopes".to_owned(),
        ..TokenSettings::default()
    };
    let value = json!({
        "exp": 1,
        "role": "admin",
        "realm_access": { "roles": ["editor"] },
        "https://magazine.example/scopes": ["articles:body", "embargo:read  changes:read"],
    });
    let viewer = at(&settings, 0, value).unwrap();
    assert_eq!(viewer.role, Role::Editor);
    assert_eq!(
        viewer.scopes,
        ["articles:body", "embargo:read", "changes:read"]
    );

    let mut claims = Claims::new();
    for (name, value) in [("/a/b~1c", 1), ("/a/d", 2), ("e/f", 3)] {
        assert!(ClaimName::new(name).set(&mut claims, value.into()));
        assert_eq!(ClaimName::new(name).find(&claims), Some(&value.into()));
    }
    assert_eq!(
        Value::from(claims.clone()),
        json!({ "a": { "b/c": 1, "d": 2 }, "e/f": 3 })
    );
    assert!(!ClaimName::new("/a/d").set(&mut claims, 4.into()));
    assert!(!ClaimName::new("/a/d/x").set(&mut claims, 4.into()));
    assert_eq!(ClaimName::new("/a/x").find(&claims), None);
}

#[test]
fn a_token_speaks_for_somebody() {
    for subject in [
        json!(""),
        json!("  "),
        json!(null),
        json!(7),
        json!("a\u{0}b"),
        json!("a".repeat(256)),
    ] {
        let value = json!({ "sub": subject, "role": "editor", "exp": 1 });
        assert_eq!(
            at(&TokenSettings::default(), 0, value),
            Err(Refusal::NoSubject),
            "{subject}"
        );
    }
}
