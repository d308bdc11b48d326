//! The protocol, message by message.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::protocol::{Closing, Protocol, Step, complete_text, error_text, next_text};

const INIT: &str = r#"{"type":"connection_init"}"#;

fn subscribe(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","type":"subscribe","payload":{{"query":"subscription {{ changes {{ cursor }} }}"}}}}"#
    )
}

fn acknowledged() -> Protocol {
    let mut protocol = Protocol::new(2);
    assert_eq!(protocol.receive(INIT), Step::Authenticate(None));
    assert_eq!(protocol.acknowledge(), r#"{"type":"connection_ack"}"#);
    protocol
}

fn code(step: Step) -> u16 {
    match step {
        Step::Close(closing) => closing.code(),
        other => panic!("the connection is not closed: {other:?}"),
    }
}

#[test]
fn a_connection_begins_with_its_init_and_with_one_alone() {
    let mut protocol = Protocol::new(2);
    assert!(protocol.awaits_init());
    assert_eq!(protocol.receive(INIT), Step::Authenticate(None));
    assert!(!protocol.awaits_init());
    // Neither before the first is acknowledged nor after it.
    assert_eq!(code(protocol.receive(INIT)), 4429);
    protocol.acknowledge();
    assert_eq!(code(protocol.receive(INIT)), 4429);
}

#[test]
fn the_token_comes_with_the_init_under_its_name_in_any_case() {
    for name in ["Authorization", "authorization", "AUTHORIZATION"] {
        let init = format!(r#"{{"type":"connection_init","payload":{{"{name}":"Bearer a"}}}}"#);
        assert_eq!(
            Protocol::new(2).receive(&init),
            Step::Authenticate(Some("Bearer a".to_owned()))
        );
    }
    for payload in [
        r#"{"Authorization":1}"#,
        r#"{"Authorization":"Bearer a","authorization":"Bearer b"}"#,
        "[]",
        "\"Bearer a\"",
    ] {
        let init = format!(r#"{{"type":"connection_init","payload":{payload}}}"#);
        assert_eq!(code(Protocol::new(2).receive(&init)), 4400, "{payload}");
    }
    for payload in ["null", "{}", r#"{"Authorization":null}"#, r#"{"a":[1]}"#] {
        let init = format!(r#"{{"type":"connection_init","payload":{payload}}}"#);
        assert_eq!(
            Protocol::new(2).receive(&init),
            Step::Authenticate(None),
            "{payload}"
        );
    }
}

#[test]
fn nothing_is_executed_before_the_connection_is_acknowledged() {
    assert_eq!(code(Protocol::new(2).receive(&subscribe("a"))), 4401);
    let mut protocol = Protocol::new(2);
    protocol.receive(INIT);
    assert_eq!(code(protocol.receive(&subscribe("a"))), 4401);
}

#[test]
fn an_identity_stands_for_one_operation_at_a_time() {
    let mut protocol = acknowledged();
    assert!(matches!(protocol.receive(&subscribe("a")), Step::Begin(id, _) if &*id == "a"));
    let closing = protocol.receive(&subscribe("a"));
    assert_eq!(closing, Step::Close(Closing::SubscriberExists("a".into())));
    assert_eq!(code(closing), 4409);

    let mut protocol = acknowledged();
    protocol.receive(&subscribe("a"));
    let complete = r#"{"id":"a","type":"complete"}"#;
    assert_eq!(protocol.receive(complete), Step::Stop("a".into()));
    // It ended meanwhile: that is no fault.
    assert_eq!(protocol.receive(complete), Step::Nothing);
    assert!(matches!(protocol.receive(&subscribe("a")), Step::Begin(..)));
    protocol.ended("a");
    assert!(matches!(protocol.receive(&subscribe("a")), Step::Begin(..)));
}

#[test]
fn one_operation_too_many_is_refused_alone() {
    let mut protocol = acknowledged();
    protocol.receive(&subscribe("a"));
    protocol.receive(&subscribe("b"));
    let Step::Send(refusal) = protocol.receive(&subscribe("c")) else {
        panic!("a third operation is not refused")
    };
    let refusal: serde_json::Value = serde_json::from_str(&refusal).unwrap();
    assert_eq!(refusal["type"], "error");
    assert_eq!(refusal["id"], "c");
    assert_eq!(
        refusal["payload"][0]["extensions"]["code"],
        "TOO_MANY_STREAMS"
    );
    protocol.ended("a");
    assert!(matches!(protocol.receive(&subscribe("c")), Step::Begin(..)));
}

#[test]
fn a_ping_is_answered_with_what_it_says_at_any_time() {
    let mut protocol = Protocol::new(2);
    assert_eq!(
        protocol.receive(r#"{"type":"ping"}"#),
        Step::Send(r#"{"type":"pong"}"#.to_owned())
    );
    assert_eq!(
        protocol.receive(r#"{"type":"ping","payload":{"a":1}}"#),
        Step::Send(r#"{"payload":{"a":1},"type":"pong"}"#.to_owned())
    );
    assert_eq!(protocol.receive(r#"{"type":"pong"}"#), Step::Nothing);
    assert!(protocol.awaits_init());
}

#[test]
fn what_is_no_message_closes_the_connection_and_says_why() {
    for message in [
        "",
        "{",
        "[]",
        "1",
        "{}",
        r#"{"type":1}"#,
        r#"{"type":"start"}"#,
        r#"{"type":"next","id":"a","payload":{}}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"ping","payload":1}"#,
        r#"{"type":"pong","payload":"a"}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"complete","id":1}"#,
        r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#,
        r#"{"type":"subscribe","id":"a"}"#,
        r#"{"type":"subscribe","id":"a","payload":{}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":1}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":"{ a }","variables":[]}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":"{ a }","operationName":1}}"#,
    ] {
        let Step::Close(closing) = acknowledged().receive(message) else {
            panic!("'{message}' is taken")
        };
        assert_eq!(closing.code(), 4400, "{message}");
        assert!(!closing.reason().is_empty());
    }
    assert_eq!(code(Protocol::receive_binary()), 4400);
}

#[test]
fn a_reason_fits_into_a_close_frame() {
    for reason in [
        "a".repeat(500),
        "é".repeat(500),
        "€".repeat(41),
        "𝄞".repeat(90),
    ] {
        for closing in [
            Closing::BadMessage(reason.clone()),
            Closing::Forbidden(reason.clone()),
            Closing::SubscriberExists(reason.as_str().into()),
        ] {
            let reason = closing.reason();
            assert!(reason.len() <= 123, "{reason}");
            assert!(reason.len() > 115, "{reason}");
        }
    }
    for closing in [
        Closing::GoingAway,
        Closing::TooSlow,
        Closing::TryAgain,
        Closing::SubprotocolNotAcceptable,
        Closing::InitTimeout,
        Closing::TooManyInits,
    ] {
        assert!(!closing.reason().ends_with('…'), "{closing:?}");
    }
}

#[test]
fn what_is_sent_is_json_whatever_the_identity() {
    let id = "a\"\\\n\u{2028}";
    let next: serde_json::Value =
        serde_json::from_slice(&next_text(id, br#"{"data":{"a":1}}"#)).unwrap();
    assert_eq!(
        next,
        serde_json::json!({ "id": id, "type": "next", "payload": { "data": { "a": 1 } } })
    );
    let complete: serde_json::Value = serde_json::from_str(&complete_text(id)).unwrap();
    assert_eq!(
        complete,
        serde_json::json!({ "id": id, "type": "complete" })
    );
    let errors = [async_graphql::ServerError::new("wrong", None)];
    let error: serde_json::Value = serde_json::from_str(&error_text(id, &errors)).unwrap();
    assert_eq!(error["payload"][0]["message"], "wrong");
    assert_eq!(error["id"], id);
}
