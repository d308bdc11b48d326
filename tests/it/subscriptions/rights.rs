//! Who is told of what, and for how long.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    CHANGES, begin, cursors, draft, event_source::EventSource, publish, publish_in, section, serve,
    socket::Socket, step, told, write,
};
use crate::harness::{Server, Store, Token, now, on_both_databases, token};

on_both_databases!(
    nobody_hears_of_what_they_may_not_see,
    a_withdrawal_is_told_with_its_reason_and_nothing_more,
    a_partner_is_told_of_its_sections_alone,
    closed_changes_are_told_to_those_with_the_scope,
    a_stream_ends_with_its_token,
    a_stream_ends_when_its_token_is_revoked,
    a_stream_ends_with_its_partner,
);

/// Everything that an event can say.
const EVERYTHING: &str = "subscription($after: String) { changes(after: $after) { cursor at kind nodeId reason cacheTags
    node { id ... on Article { headline status publishedAt body { text } relatedLists { articles { nodes { headline } } } } }
    withdrawal { at reason revision } } }";

/// A mutation of an administrator's.
#[track_caller]
fn administer(server: &Server, document: &str, input: Value) -> Value {
    let admin = token("admin", &[]);
    server.query_as(&admin, document, json!({ "input": input }))
}

fn save_partner(server: &Server, input: Value) -> Value {
    let save = "mutation($input: SavePartnerInput!) { savePartner(input: $input) { partner { id } errors { message } } }";
    let answer = administer(server, save, input);
    assert_eq!(answer["savePartner"]["errors"], json!([]));
    answer["savePartner"]["partner"]["id"].clone()
}

fn bound(partner: &Value) -> String {
    Token::of("partner")
        .claim("partner", partner.clone())
        .sign()
}

fn events(server: &Server, token: &str) -> EventSource {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    EventSource::open(server, CHANGES, &json!({}), &headers)
}

fn nobody_hears_of_what_they_may_not_see(store: &Store) {
    let server = serve(store, &[]);
    publish(&server, "Open");
    let start = cursors(&server, None).last().unwrap().clone();
    let mut everyone = Socket::acknowledged(&server, None);
    everyone.subscribe("a", EVERYTHING, json!({ "after": start }));
    let mut newest = Socket::acknowledged(&server, None);
    begin(
        &mut newest,
        "subscription { latest { headline } }",
        json!({}),
    );
    let mut partner = Socket::acknowledged(&server, Some(&token("partner", &["embargo:read"])));
    begin(&mut partner, CHANGES, json!({}));
    let editor = token("editor", &[]);
    let mut newsroom = Socket::acknowledged(&server, Some(&editor));
    newsroom.subscribe("a", CHANGES, json!({ "after": start }));
    // Each has a log of their own.
    assert_eq!(
        newsroom.message()["payload"][0]["extensions"]["code"],
        "START_AGAIN"
    );
    begin(&mut newsroom, CHANGES, json!({}));

    let hidden = draft(&server, "Hidden");
    assert_eq!(told(&newsroom.message()), ("UPSERTED", &hidden["id"]));
    assert_eq!(partner.message_within(Duration::from_millis(500)), None);
    let at = json!({ "publishAt": "2100-01-01T00:00:00Z" });
    let hidden = write(&server, "scheduleArticle", step(&hidden, at));
    assert_eq!(told(&newsroom.message()), ("UPSERTED", &hidden["id"]));
    assert_eq!(told(&partner.message()), ("UPSERTED", &hidden["id"]));
    assert_eq!(everyone.message_within(Duration::from_secs(1)), None);
    assert_eq!(newest.message_within(Duration::from_millis(50)), None);

    let open = publish(&server, "Open too");
    let message = everyone.message();
    assert_eq!(told(&message), ("UPSERTED", &open["id"]));
    assert!(!message.to_string().contains("Hidden"), "{message}");
    assert_eq!(
        newest.message()["payload"]["data"]["latest"]["headline"],
        "Open too"
    );
}

fn a_withdrawal_is_told_with_its_reason_and_nothing_more(store: &Store) {
    let server = serve(store, &[]);
    let start = {
        publish(&server, "Open");
        cursors(&server, None).last().unwrap().clone()
    };
    let article = publish(&server, "Zyxotrace");
    let mut before = Socket::acknowledged(&server, None);
    before.subscribe("a", EVERYTHING, json!({ "after": start }));
    let published = before.message();
    assert_eq!(told(&published), ("UPSERTED", &article["id"]));
    assert!(published.to_string().contains("Zyxotrace"), "{published}");
    write(
        &server,
        "withdrawArticle",
        step(&article, json!({ "reason": "It was not so." })),
    );
    let withdrawn = before.message();
    // Who comes later is told of what came before as well, but as it is now.
    let mut after = Socket::acknowledged(&server, None);
    after.subscribe("a", EVERYTHING, json!({ "after": start }));
    let (first, second) = (after.message(), after.message());
    assert_eq!(told(&first).1, &article["id"]);
    assert_eq!(second, withdrawn);
    for message in [&first, &withdrawn] {
        let change = &message["payload"]["data"]["changes"];
        assert_eq!(change["node"], Value::Null);
        assert!(!message.to_string().contains("Zyxotrace"), "{message}");
        assert_eq!(change["withdrawal"]["reason"], "It was not so.");
    }
    assert_eq!(told(&withdrawn), ("REMOVED", &article["id"]));
    assert_eq!(
        withdrawn["payload"]["data"]["changes"]["reason"],
        "It was not so."
    );
    // An editor is told that it is withdrawn, and sees it.
    let mut editor = Socket::acknowledged(&server, Some(&token("editor", &[])));
    begin(&mut editor, EVERYTHING, json!({}));
    let late = publish(&server, "Zyxolate");
    editor.message();
    if let Some(message) = editor.message_within(Duration::from_millis(300)) {
        assert_eq!(told(&message).1, &late["id"]);
    }
    write(
        &server,
        "withdrawArticle",
        step(&late, json!({ "reason": "Nor this." })),
    );
    let seen = editor.message();
    let node = &seen["payload"]["data"]["changes"]["node"];
    assert_eq!(
        (&node["headline"], &node["status"]),
        (&json!("Zyxolate"), &json!("WITHDRAWN"))
    );
}

fn a_partner_is_told_of_its_sections_alone(store: &Store) {
    let server = serve(store, &[]);
    for slug in ["land", "sea"] {
        section(&server, slug);
    }
    let id = save_partner(
        &server,
        json!({ "name": "Land Agency", "scopes": ["embargo:read"], "sections": ["land"] }),
    );
    let bearer = bound(&id);
    let mut changes = Socket::acknowledged(&server, Some(&bearer));
    begin(&mut changes, EVERYTHING, json!({}));
    let mut latest = Socket::acknowledged(&server, Some(&bearer));
    begin(
        &mut latest,
        "subscription { latest { headline } }",
        json!({}),
    );
    let mut at_sea = Socket::acknowledged(&server, Some(&bearer));
    begin(
        &mut at_sea,
        "subscription { latest(section: \"sea\") { headline } }",
        json!({}),
    );

    let wave = publish_in(&server, "Zyxowave", "sea");
    let shell = write(
        &server,
        "createArticle",
        json!({ "headline": "Zyxoshell", "section": "sea", "body": { "text": "It rained." } }),
    );
    let at = json!({ "publishAt": "2100-01-01T00:00:00Z" });
    write(&server, "scheduleArticle", step(&shell, at));
    let field = publish_in(&server, "Field", "land");
    let message = changes.message();
    assert_eq!(told(&message), ("UPSERTED", &field["id"]));
    assert!(!message.to_string().contains("Zyxo"), "{message}");
    assert_eq!(
        latest.message()["payload"]["data"]["latest"]["headline"],
        "Field"
    );
    write(
        &server,
        "withdrawArticle",
        step(&wave, json!({ "reason": "Zyxoreason" })),
    );
    // What leaves its sections is gone, and nothing is told of it from then on.
    let field = write(
        &server,
        "updateArticle",
        step(&field, json!({ "section": "sea" })),
    );
    let gone = changes.message();
    assert_eq!(told(&gone), ("REMOVED", &field["id"]));
    write(
        &server,
        "updateArticle",
        step(&field, json!({ "headline": "Zyxofield" })),
    );
    for socket in [&mut changes, &mut latest, &mut at_sea] {
        assert_eq!(socket.message_within(Duration::from_millis(700)), None);
    }

    // Other sections are other rights: the stream is to begin anew.
    save_partner(&server, json!({ "id": id, "sections": ["sea"] }));
    let (code, reason) = changes.closed();
    assert_eq!(code, 4403);
    assert!(reason.contains("other rights"), "{reason}");
    let cursor = message["payload"]["data"]["changes"]["cursor"].clone();
    let mut again = Socket::acknowledged(&server, Some(&bearer));
    again.subscribe("a", CHANGES, json!({ "after": cursor }));
    assert_eq!(
        again.message()["payload"][0]["extensions"]["code"],
        "START_AGAIN"
    );
}

fn closed_changes_are_told_to_those_with_the_scope(store: &Store) {
    let server = serve(store, &[("MASTHEAD_ACCESS_PUBLIC_CHANGES", "false")]);
    let without = token("partner", &["embargo:read"]);
    for (bearer, code) in [(None, "UNAUTHENTICATED"), (Some(&without), "FORBIDDEN")] {
        let mut socket = Socket::acknowledged(&server, bearer.map(String::as_str));
        socket.subscribe("a", CHANGES, json!({}));
        let message = socket.message();
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(
            message["payload"][0]["extensions"]["code"], code,
            "{message}"
        );
        assert_eq!(message["payload"][0]["path"], Value::Null, "{message}");
    }
    let mut refused = EventSource::open(&server, CHANGES, &json!({}), &[]);
    let first = refused.next_event();
    assert_eq!(
        first.data["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    assert_eq!(refused.next_event().kind, "complete");

    let mut open = Vec::new();
    for bearer in [token("partner", &["changes:read"]), token("editor", &[])] {
        let mut socket = Socket::acknowledged(&server, Some(&bearer));
        begin(&mut socket, CHANGES, json!({}));
        open.push(socket);
    }
    // What is published everyone may know.
    let mut latest = Socket::acknowledged(&server, None);
    begin(
        &mut latest,
        "subscription { latest { headline } }",
        json!({}),
    );
    let article = publish(&server, "Rain");
    for mut socket in open {
        assert_eq!(told(&socket.message()), ("UPSERTED", &article["id"]));
    }
    assert_eq!(
        latest.message()["payload"]["data"]["latest"]["headline"],
        "Rain"
    );
}

/// That both streams of a token end, and with which words.
#[track_caller]
fn both_end(socket: &mut Socket, events: &mut EventSource, words: &str) {
    let (code, reason) = socket.closed();
    assert_eq!(code, 4403);
    assert!(reason.starts_with("Forbidden: "), "{reason}");
    assert!(reason.contains(words), "{reason}");
    let last = events.next_event();
    let error = &last.data["errors"][0];
    assert_eq!(error["extensions"]["code"], "UNAUTHENTICATED");
    assert!(
        error["message"].as_str().unwrap().contains(words),
        "{error}"
    );
    assert_eq!(events.next_event().kind, "complete");
    assert!(events.is_over());
}

fn a_stream_ends_with_its_token(store: &Store) {
    let server = serve(store, &[]);
    let short = Token::of("editor").claim("exp", now() + 3).sign();
    let mut events = events(&server, &short);
    // The token may come with the handshake as well.
    let bearer = format!("Bearer {short}");
    let headers = [("authorization", bearer.as_str())];
    let mut socket = Socket::open_with(&server, Some("graphql-transport-ws"), &headers).unwrap();
    socket.send_text(r#"{"type":"connection_init"}"#);
    assert_eq!(socket.message()["type"], "connection_ack");
    socket.subscribe("q", "{ viewer { role } }", json!({}));
    assert_eq!(
        socket.message()["payload"]["data"]["viewer"]["role"],
        "EDITOR"
    );
    socket.subscribe("a", CHANGES, json!({}));
    both_end(&mut socket, &mut events, "expired");
}

fn a_stream_ends_when_its_token_is_revoked(store: &Store) {
    let (server, other_node) = (serve(store, &[]), serve(store, &[]));
    let revoked = Token::of("editor").claim("jti", "one of many").sign();
    let mut socket = Socket::acknowledged(&server, Some(&revoked));
    begin(&mut socket, CHANGES, json!({}));
    let mut events = events(&server, &revoked);
    let other = Token::of("editor").claim("jti", "another").sign();
    let mut stays = Socket::acknowledged(&server, Some(&other));
    begin(&mut stays, CHANGES, json!({}));
    let draft = draft(&server, "Rain");
    assert_eq!(told(&socket.message()), ("UPSERTED", &draft["id"]));
    assert_eq!(
        events.next_event().data["data"]["changes"]["nodeId"],
        draft["id"]
    );
    let revoke = "mutation($input: RevokeTokenInput!) { revokeToken(input: $input) { revokedId errors { message } } }";
    let answer = administer(&other_node, revoke, json!({ "token": revoked }));
    assert!(answer["revokeToken"]["revokedId"].is_string(), "{answer}");
    both_end(&mut socket, &mut events, "revoked");
    assert_eq!(told(&stays.message()), ("UPSERTED", &draft["id"]));
    assert_eq!(stays.message_within(Duration::from_millis(200)), None);
}

fn a_stream_ends_with_its_partner(store: &Store) {
    let server = serve(store, &[]);
    let partner = save_partner(&server, json!({ "name": "Lake Agency" }));
    let create = "mutation($input: CreatePartnerTokenInput!) { createPartnerToken(input: $input) { token errors { message } } }";
    let made = administer(&server, create, json!({ "partner": partner }));
    let made = made["createPartnerToken"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    for (status, words) in [("SUSPENDED", "suspended"), ("ENDED", "ended")] {
        save_partner(&server, json!({ "id": partner, "status": "ACTIVE" }));
        let mut streams = [made.clone(), bound(&partner)].map(|bearer| {
            let mut socket = Socket::acknowledged(&server, Some(&bearer));
            begin(&mut socket, CHANGES, json!({}));
            (socket, events(&server, &bearer))
        });
        save_partner(&server, json!({ "id": partner, "status": status }));
        for (socket, events) in &mut streams {
            both_end(socket, events, words);
        }
    }
}
