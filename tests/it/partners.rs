//! Partners: who takes the content under contract, what their tokens give them, and what they are never told.

mod access;
mod receipts;
mod sections;
mod surfaces;
mod usage;

use serde_json::{Value, json};

use crate::harness::{Masthead, SECRET, Server, Store, Token, on_both_databases, token};

on_both_databases!(
    a_partner_is_kept_by_administrators,
    tokens_die_with_their_partner,
    a_token_made_here_ends,
    a_token_is_shown_once_however_often_it_is_asked_for,
    a_token_has_the_scopes_that_both_have,
);

/// A server with these settings in the environment.
fn serve(store: &Store, settings: &[(&str, &str)]) -> Server {
    let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
        .env("MASTHEAD_JWT_SECRET", SECRET)
        .on(store);
    let command = settings
        .iter()
        .fold(command, |command, (name, value)| command.env(name, value));
    Server::run(command)
}

const SAVE: &str = "mutation($input: SavePartnerInput!) { savePartner(input: $input) {
  partner { id name status scopes requestsPerMinute sections { slug } tokens { id } }
  errors { code path message } } }";

/// What an administrator is answered who saves a partner.
#[track_caller]
fn try_to_save(server: &Server, input: &Value) -> Value {
    let admin = token("admin", &[]);
    server.query_as(&admin, SAVE, json!({ "input": input }))["savePartner"].take()
}

/// A partner, saved.
#[track_caller]
fn save(server: &Server, input: &Value) -> Value {
    let mut saved = try_to_save(server, input);
    assert_eq!(saved["errors"], json!([]), "{input}");
    saved["partner"].take()
}

/// A token that somebody else issues for a partner.
fn bound(partner: &Value, scopes: &[&str]) -> String {
    let token = Token::of("partner").claim("partner", partner["id"].clone());
    if scopes.is_empty() {
        token.sign()
    } else {
        token.claim("scope", scopes.join(" ")).sign()
    }
}

/// A token that is made here.
#[track_caller]
fn made(server: &Server, input: &Value) -> Value {
    const CREATE: &str = "mutation($input: CreatePartnerTokenInput!) { createPartnerToken(input: $input) {
      token partnerToken { id label scopes createdAt expiresAt revokedAt } errors { code path message } } }";
    let admin = token("admin", &[]);
    server.query_as(&admin, CREATE, json!({ "input": input }))["createPartnerToken"].take()
}

const VIEWER: &str =
    "{ viewer { role scopes expiresAt partner { id name status sections { slug } } } }";

fn a_partner_is_kept_by_administrators(store: &Store) {
    let server = serve(store, &[]);
    let saved = save(
        &server,
        &json!({ "name": "  Lake  Agency ", "scopes": ["articles:body"], "requestsPerMinute": 90 }),
    );
    assert_eq!(saved["name"], "Lake Agency");
    assert_eq!(saved["status"], "ACTIVE");
    assert_eq!(saved["scopes"], json!(["articles:body"]));
    assert_eq!(saved["requestsPerMinute"], 90);
    assert_eq!(saved["sections"], Value::Null);
    assert_eq!(saved["tokens"], json!([]));

    // What is left out stays.
    let id = saved["id"].clone();
    let renamed = save(&server, &json!({ "id": id, "name": "Shore Agency" }));
    assert_eq!(renamed["scopes"], json!(["articles:body"]));
    assert_eq!(renamed["requestsPerMinute"], 90);
    let cleared = save(
        &server,
        &json!({ "id": id, "requestsPerMinute": null, "scopes": [] }),
    );
    assert_eq!(cleared["requestsPerMinute"], Value::Null);
    assert_eq!(cleared["scopes"], json!([]));

    for (input, code, path) in [
        (json!({}), "REQUIRED", json!(["input", "name"])),
        (
            json!({ "name": "Shore Agency" }),
            "TAKEN",
            json!(["input", "name"]),
        ),
        (
            json!({ "name": "Other", "scopes": ["articles:body", "articles:all"] }),
            "INVALID",
            json!(["input", "scopes", "1"]),
        ),
        (
            json!({ "name": "Other", "requestsPerMinute": 0 }),
            "INVALID",
            json!(["input", "requestsPerMinute"]),
        ),
        (
            json!({ "name": "Other", "sections": ["nowhere"] }),
            "NOT_FOUND",
            json!(["input", "sections", "0"]),
        ),
        (
            json!({ "name": "Other", "sections": [] }),
            "INVALID",
            json!(["input", "sections"]),
        ),
        (
            json!({ "id": "QQAAAAAAAAAq" }),
            "NOT_FOUND",
            json!(["input", "id"]),
        ),
    ] {
        let refused = try_to_save(&server, &input);
        assert_eq!(refused["partner"], Value::Null, "{input}");
        assert_eq!(refused["errors"][0]["code"], code, "{input}");
        assert_eq!(refused["errors"][0]["path"], path, "{input}");
    }

    // Nobody else is told that there are partners.
    let list = "{ partners { name tokens { id } } }";
    let admin = token("admin", &[]);
    assert_eq!(
        server.query_as(&admin, list, json!({})),
        json!({ "partners": [{ "name": "Shore Agency", "tokens": [] }] })
    );
    for role in ["partner", "editor", "publisher"] {
        let refused = server.query_raw_as(&token(role, &[]), list, json!({}));
        assert!(
            refused.body.to_string().contains("FORBIDDEN"),
            "{role}: {refused:#?}"
        );
        assert!(
            !refused.body.to_string().contains("Shore"),
            "{role}: {refused:#?}"
        );
        let refused = server.query_raw_as(
            &token(role, &[]),
            SAVE,
            json!({ "input": { "name": "Mine" } }),
        );
        assert!(
            refused.body.to_string().contains("FORBIDDEN"),
            "{role}: {refused:#?}"
        );
    }
    assert_eq!(server.error_code(list, json!({})), "UNAUTHENTICATED");
    for token in [admin, token("editor", &[])] {
        let node = server.query_as(
            &token,
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": id }),
        );
        assert_eq!(node["node"], Value::Null);
    }
}

fn tokens_die_with_their_partner(store: &Store) {
    let server = serve(store, &[]);
    let other_node = serve(store, &[]);
    let partner = save(&server, &json!({ "name": "Lake Agency" }));
    let issued = bound(&partner, &[]);
    let made_here = made(&server, &json!({ "partner": partner["id"] }))["token"].take();
    let made_here = made_here.as_str().unwrap();
    for token in [issued.as_str(), made_here] {
        for node in [&server, &other_node] {
            let viewer = node.query_as(token, VIEWER, json!({}));
            assert_eq!(viewer["viewer"]["role"], "PARTNER");
            assert_eq!(viewer["viewer"]["partner"]["id"], partner["id"]);
            assert_eq!(viewer["viewer"]["partner"]["name"], "Lake Agency");
        }
    }
    for (status, says) in [
        ("SUSPENDED", "suspended"),
        ("ACTIVE", ""),
        ("ENDED", "ended"),
    ] {
        save(&server, &json!({ "id": partner["id"], "status": status }));
        for token in [issued.as_str(), made_here] {
            for node in [&server, &other_node] {
                if status == "ACTIVE" {
                    node.query_as(token, VIEWER, json!({}));
                } else {
                    assert!(node.refusal(token).contains(says), "{status}");
                }
            }
        }
    }
    // An end is for good.
    let back = try_to_save(&server, &json!({ "id": partner["id"], "status": "ACTIVE" }));
    assert_eq!(back["errors"][0]["code"], "WRONG_STATUS");
    let late = made(&server, &json!({ "partner": partner["id"] }));
    assert_eq!(late["errors"][0]["code"], "WRONG_STATUS");
    assert_eq!(late["token"], Value::Null);
    // Its name is free.
    save(&server, &json!({ "name": "Lake Agency" }));

    // One that never was, what is none, and a token of somebody else.
    for partner in [
        json!("UgAAAAAAAAAq"),
        json!("QQAAAAAAAAAq"),
        json!("Lake Agency"),
        json!(7),
    ] {
        let token = Token::of("partner")
            .claim("partner", partner.clone())
            .sign();
        assert!(
            server.refusal(&token).contains("partner that there is not"),
            "{partner}"
        );
    }
    let editors = Token::of("editor")
        .claim("partner", partner["id"].clone())
        .sign();
    assert!(server.refusal(&editors).contains("its role is another"));

    // Tokens of no partner are taken, unless the operator wants none.
    server.query_as(&token("partner", &[]), VIEWER, json!({}));
    let strict = serve(store, &[("MASTHEAD_TOKENS_REQUIRE_PARTNER", "true")]);
    assert!(
        strict
            .refusal(&token("partner", &[]))
            .contains("bound to no partner")
    );
    strict.query_as(&token("editor", &[]), VIEWER, json!({}));
    let renamed = serve(
        store,
        &[("MASTHEAD_TOKENS_PARTNER_CLAIM", "/masthead/partner")],
    );
    let partner = save(&server, &json!({ "name": "Far Agency" }));
    let token = Token::of("partner").claim("masthead", json!({ "partner": partner["id"] }));
    let viewer = renamed.query_as(&token.sign(), VIEWER, json!({}));
    assert_eq!(viewer["viewer"]["partner"]["name"], "Far Agency");
}

const REVOKE: &str =
    "mutation($id: ID!) { revokePartnerToken(input: { id: $id }) { revokedId errors { code } } }";

fn a_token_made_here_ends(store: &Store) {
    let server = serve(store, &[]);
    let partner = save(
        &server,
        &json!({ "name": "Lake Agency", "scopes": ["embargo:read"] }),
    );
    let new = made(
        &server,
        &json!({ "partner": partner["id"], "label": "the app", "days": 2 }),
    );
    assert_eq!(new["errors"], json!([]));
    let secret = new["token"].as_str().unwrap();
    assert!(secret.starts_with("mpt_") && secret.len() == 47, "{secret}");
    let viewer = server.query_as(secret, VIEWER, json!({}));
    assert_eq!(viewer["viewer"]["scopes"], json!(["embargo:read"]));
    assert_eq!(
        viewer["viewer"]["expiresAt"],
        new["partnerToken"]["expiresAt"]
    );
    let kept = store.number(&format!(
        "SELECT COUNT(*) FROM partner_token WHERE digest LIKE '%{secret}%'"
    ));
    assert_eq!(kept, 0, "the token itself is kept");

    let listed = || {
        let admin = token("admin", &[]);
        server.query_as(
            &admin,
            "{ partners { tokens { id label revokedAt } } }",
            json!({}),
        )["partners"][0]["tokens"]
            .take()
    };
    let id = new["partnerToken"]["id"].clone();
    assert_eq!(
        listed(),
        json!([{ "id": id, "label": "the app", "revokedAt": null }])
    );

    // Revoked by its identity, by itself, and on the command line.
    let admin = token("admin", &[]);
    for role in ["partner", "editor", "publisher"] {
        let refused = server.query_raw_as(&token(role, &[]), REVOKE, json!({ "id": id }));
        assert!(
            refused.body.to_string().contains("FORBIDDEN"),
            "{role}: {refused:#?}"
        );
    }
    let revoked = server.query_as(&admin, REVOKE, json!({ "id": id }));
    assert_eq!(revoked["revokePartnerToken"]["revokedId"], id);
    assert!(server.refusal(secret).contains("revoked"));
    assert_ne!(listed()[0]["revokedAt"], Value::Null);
    let unknown = server.query_as(&admin, REVOKE, json!({ "id": "SwAAAAAAAAAq" }));
    assert_eq!(
        unknown["revokePartnerToken"]["errors"][0]["code"],
        "NOT_FOUND"
    );

    let second = made(&server, &json!({ "partner": partner["id"] }))["token"].take();
    let second = second.as_str().unwrap();
    server.query_as(second, VIEWER, json!({}));
    server.query_as(
        &admin,
        "mutation($token: String!) { revokeToken(input: { token: $token }) { revokedId errors { code } } }",
        json!({ "token": second }),
    );
    server.refusal(second);

    let third = made(&server, &json!({ "partner": partner["id"] }))["token"].take();
    let third = third.as_str().unwrap();
    server.query_as(third, VIEWER, json!({}));
    let output = Masthead::new(["token", "revoke", third]).on(store).run();
    assert!(output.succeeded().out.contains("revoked"));
    server.refusal(third);
}

fn a_token_is_shown_once_however_often_it_is_asked_for(store: &Store) {
    let server = serve(store, &[]);
    let partner = save(&server, &json!({ "name": "Lake Agency" }));
    for (input, path) in [
        (
            json!({ "partner": "QQAAAAAAAAAq" }),
            json!(["input", "partner"]),
        ),
        (
            json!({ "partner": partner["id"], "days": 0 }),
            json!(["input", "days"]),
        ),
        (
            json!({ "partner": partner["id"], "days": 4000 }),
            json!(["input", "days"]),
        ),
        (
            json!({ "partner": partner["id"], "scopes": ["all"] }),
            json!(["input", "scopes", "0"]),
        ),
    ] {
        let refused = made(&server, &input);
        assert_eq!(refused["errors"][0]["path"], path, "{input}");
        assert_eq!(refused["token"], Value::Null);
    }

    let ask = || {
        let body = json!({
            "query": "mutation($partner: ID!) { createPartnerToken(input: { partner: $partner }) \
                      { token partnerToken { id } errors { code } } }",
            "variables": { "partner": partner["id"] },
        });
        let reply = server
            .post("/graphql")
            .bearer_auth(token("admin", &[]))
            .header("idempotency-key", "once")
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .unwrap();
        let text = reply.text().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        answer["data"]["createPartnerToken"].take()
    };
    let (first, again) = (ask(), ask());
    assert!(first["token"].is_string(), "{first}");
    assert_eq!(again["token"], Value::Null, "{again}");
    assert_eq!(again["partnerToken"], first["partnerToken"]);
}

fn a_token_has_the_scopes_that_both_have(store: &Store) {
    let server = serve(store, &[]);
    let partner = save(
        &server,
        &json!({ "name": "Lake Agency", "scopes": ["changes:read", "embargo:read"] }),
    );
    let scopes = |token: &str| server.query_as(token, VIEWER, json!({}))["viewer"]["scopes"].take();
    assert_eq!(
        scopes(&bound(&partner, &[])),
        json!(["embargo:read", "changes:read"])
    );
    assert_eq!(
        scopes(&bound(
            &partner,
            &["articles:body", "embargo:read", "openid"]
        )),
        json!(["embargo:read"])
    );
    assert_eq!(scopes(&bound(&partner, &["articles:body"])), json!([]));
    let narrow = made(
        &server,
        &json!({ "partner": partner["id"], "scopes": ["changes:read", "articles:body"] }),
    );
    assert_eq!(
        scopes(narrow["token"].as_str().unwrap()),
        json!(["changes:read"])
    );
    // What the partner loses its tokens lose at once.
    save(&server, &json!({ "id": partner["id"], "scopes": [] }));
    assert_eq!(scopes(&bound(&partner, &[])), json!([]));
    assert_eq!(scopes(narrow["token"].as_str().unwrap()), json!([]));
}
