//! Webhooks: told of every change in order, of nothing that their owner may not know, whatever becomes of a process or a
//! receiver.

mod failing;
mod kept;
mod partners;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Received, Receiver, Says, Server, Store, on_both_databases, token};

on_both_databases!(
    a_webhook_is_told_of_changes_in_order,
    a_secret_that_was_replaced_signs_for_a_while,
);

pub(crate) const SOON: Duration = Duration::from_secs(10);
pub(crate) const LATER: Duration = Duration::from_secs(30);

/// A server that delivers on the loopback interface, and is soon out of patience.
fn serve(store: &Store, settings: &[(&str, &str)]) -> Server {
    let impatient = [
        ("MASTHEAD_OUTGOING_TIMEOUT_SECONDS", "1"),
        ("MASTHEAD_OUTGOING_CONNECT_TIMEOUT_SECONDS", "1"),
        ("MASTHEAD_WEBHOOKS_FIRST_RETRY_MILLISECONDS", "200"),
        ("MASTHEAD_WEBHOOKS_LONGEST_RETRY_SECONDS", "1"),
    ];
    Server::delivering(store, &[&impatient, settings].concat())
}

const WEBHOOK: &str =
    "webhook { id url label status partner { id } acknowledgedThrough acknowledgedAt failingSince
  nextAttemptAt parkedAt parkedReason formerSecretUntil }";

/// A mutation of webhooks, as it is answered.
#[track_caller]
fn mutate(server: &Server, token: &str, mutation: &str, input: &Value) -> Value {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let selected = match mutation {
        "saveWebhook" => format!("secret {WEBHOOK}"),
        "redeliver" => WEBHOOK.to_owned(),
        "deleteWebhook" => "deletedId".to_owned(),
        "savePartner" => "partner { id }".to_owned(),
        "saveSection" => "section { id }".to_owned(),
        _ => "article { id revision slug }".to_owned(),
    };
    let document = format!(
        "mutation($input: {name}!) {{ {mutation}(input: $input) {{ {selected} errors {{ code message path }} }} }}"
    );
    server.query_as(token, &document, json!({ "input": input }))[mutation].take()
}

/// The same, which has to succeed.
#[track_caller]
pub(crate) fn write(server: &Server, token: &str, mutation: &str, input: &Value) -> Value {
    let answer = mutate(server, token, mutation, input);
    assert_eq!(answer["errors"], json!([]), "{mutation} of {input}");
    answer
}

fn admin() -> String {
    token("admin", &[])
}

/// Makes a webhook and answers its identity and its secret.
#[track_caller]
pub(crate) fn webhook(server: &Server, token: &str, receiver: &Receiver) -> (String, String) {
    let saved = write(
        server,
        token,
        "saveWebhook",
        &json!({ "url": receiver.url() }),
    );
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&saved["webhook"]["id"]), text(&saved["secret"]))
}

/// A webhook of an administrator's list.
#[track_caller]
fn kept(server: &Server, id: &str) -> Value {
    let list = format!("{{ webhooks {{ {} }} }}", &WEBHOOK[10..WEBHOOK.len() - 2]);
    let answer = server.query_as(&admin(), &list, json!({}));
    let mut webhooks = answer["webhooks"].as_array().unwrap().iter();
    webhooks.find(|one| one["id"] == id).unwrap().clone()
}

fn deliveries(server: &Server, token: &str, webhook: &str) -> Vec<Value> {
    let answer = server.query_as(
        token,
        "query($webhook: ID!) { webhookDeliveries(webhook: $webhook, first: 100) { nodes {
           id messageId event nodeId attempts responseStatus failure acknowledgedAt firstAttemptAt lastAttemptAt } } }",
        json!({ "webhook": webhook }),
    );
    answer["webhookDeliveries"]["nodes"]
        .as_array()
        .unwrap()
        .clone()
}

fn publish(server: &Server, headline: &str, more: &Value) -> Value {
    let mut input = json!({ "headline": headline, "standfirst": "It fell all night.", "body": { "text": "It rained, and it rained on." } });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    let made = write(server, &admin(), "createArticle", &input)["article"].clone();
    let input = json!({ "id": made["id"], "revision": made["revision"] });
    write(server, &admin(), "publishArticle", &input)["article"].clone()
}

fn step(server: &Server, mutation: &str, article: &Value, more: &Value) -> Value {
    let mut input = json!({ "id": article["id"], "revision": article["revision"] });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    write(server, &admin(), mutation, &input)["article"].clone()
}

/// Whether a delivery tells this of that article.
fn tells(received: &Received, event: &str, article: &Value) -> bool {
    let json = received.json();
    json["type"] == event && json["data"]["nodeId"] == article["id"]
}

/// Has the specification's own library verify a delivery.
fn verify(received: &Received, secret: &str) -> Result<(), standardwebhooks::WebhookError> {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(
            http::HeaderName::from_static(name),
            received.header(name).parse().unwrap(),
        );
    }
    standardwebhooks::Webhook::new(secret)?.verify(received.body.as_bytes(), &headers)
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_webhook_is_told_of_changes_in_order(store: &Store) {
    let receiver = Receiver::saying(Says::Status(204));
    let server = serve(store, &[]);
    publish(&server, "Before it was there", &json!({}));
    let (id, secret) = webhook(&server, &admin(), &receiver);
    assert!(secret.starts_with("whsec_"), "{secret}");
    let hidden = write(
        &server,
        &admin(),
        "createArticle",
        &json!({ "headline": "A draft", "body": { "text": "Unfinished." } }),
    );
    let article = publish(&server, "Rain", &json!({}));
    let article = step(
        &server,
        "updateArticle",
        &article,
        &json!({ "headline": "Heavy rain" }),
    );
    let article = step(
        &server,
        "withdrawArticle",
        &article,
        &json!({ "reason": "It was snow." }),
    );
    let removed = receiver.wait(SOON, |told| tells(told, "article.removed", &article));
    let received = receiver.received();
    let told: Vec<String> = received.iter().map(Received::event).collect();
    assert_eq!(told.last().unwrap(), "article.removed");
    assert!(
        told[..told.len() - 1]
            .iter()
            .all(|event| event == "article.upserted"),
        "{told:?}"
    );
    assert!(
        !told.is_empty()
            && received
                .iter()
                .all(|one| one.json()["data"]["nodeId"] == article["id"])
    );
    assert!(
        received
            .iter()
            .all(|one| !one.body.contains(hidden["article"]["id"].as_str().unwrap()))
    );
    assert_eq!(receiver.most_at_once(), 1);
    // Its identity, once each; the order of the log; a signature that the specification's library takes.
    let mut ids: Vec<&str> = received
        .iter()
        .map(|one| one.header("webhook-id"))
        .collect();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for one in &received {
        verify(one, &secret).unwrap();
        assert_eq!(one.header("content-type"), "application/json");
        assert!(one.header("user-agent").starts_with("masthead/"));
        let other =
            standardwebhooks::Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert!(
            other
                .verify(one.body.as_bytes(), &http::HeaderMap::new())
                .is_err()
        );
    }
    // The withdrawal says why, and not a word of the article.
    let json = removed.json();
    assert_eq!(json["data"]["reason"], "It was snow.");
    assert_eq!(json["data"]["node"], Value::Null);
    assert!(json["data"]["withdrawal"]["at"].is_string());
    for word in ["rain", "Rain", "It fell", "heavy"] {
        assert!(!removed.body.contains(word), "{}", removed.body);
    }
    // What was acknowledged, and when, is there to be seen.
    let hook = wait_for(&server, &id, |hook| {
        hook["acknowledgedThrough"] == json["data"]["cursor"]
    });
    assert!(hook["acknowledgedAt"].is_string(), "{hook}");
    let listed = deliveries(&server, &admin(), &id);
    assert_eq!(listed[0]["event"], "article.removed");
    assert_eq!(listed[0]["nodeId"], article["id"]);
    assert_eq!(listed[0]["responseStatus"], 204);
    assert!(listed[0]["acknowledgedAt"].is_string() && listed[0]["failure"].is_null());
    assert_eq!(listed.len(), received.len());

    // It is told of what changes, what is classified, and nothing more once it is deleted.
    write(
        &server,
        &admin(),
        "saveSection",
        &json!({ "slug": "weather", "name": "Weather" }),
    );
    let section = receiver.wait(SOON, |told| told.event() == "section.upserted");
    assert_eq!(section.json()["data"]["node"]["slug"], "weather");
    let metrics = server.get("/metrics").text().unwrap();
    assert!(
        metrics.contains("webhook_attempts_total{outcome=\"acknowledged\"}"),
        "{metrics}"
    );
    assert!(metrics.contains("webhooks_parked 0"), "{metrics}");
    write(&server, &admin(), "deleteWebhook", &json!({ "id": id }));
    let count = receiver.received().len();
    publish(&server, "Afterwards", &json!({}));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(receiver.received().len(), count);
    let gone = server.query_as(
        &admin(),
        "query($id: ID!) { webhookDeliveries(webhook: $id) { nodes { id } } }",
        json!({ "id": id }),
    );
    assert_eq!(gone["webhookDeliveries"], Value::Null);
}

#[track_caller]
fn wait_for(server: &Server, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let hook = kept(server, id);
        if wanted(&hook) {
            return hook;
        }
        assert!(begun.elapsed() < LATER, "{hook:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A partner with these scopes and sections, and a token of its own.
fn partner(
    server: &Server,
    name: &str,
    scopes: &[&str],
    sections: Option<&[&str]>,
) -> (Value, String) {
    let input = json!({ "name": name, "scopes": scopes, "sections": sections });
    let partner = write(server, &admin(), "savePartner", &input)["partner"].clone();
    let token = crate::harness::Token::of("partner").claim("partner", partner["id"].clone());
    (partner, token.sign())
}

fn a_secret_that_was_replaced_signs_for_a_while(store: &Store) {
    let receiver = Receiver::saying(Says::Status(200));
    let server = serve(store, &[]);
    let (id, first) = webhook(&server, &admin(), &receiver);
    // Shown once: neither in the list nor to whoever saves it again.
    assert!(!kept(&server, &id).to_string().contains("whsec_"));
    let saved = write(
        &server,
        &admin(),
        "saveWebhook",
        &json!({ "id": id, "label": "our archive" }),
    );
    assert_eq!(saved["secret"], Value::Null);
    assert_eq!(saved["webhook"]["label"], "our archive");
    let rotated = write(
        &server,
        &admin(),
        "saveWebhook",
        &json!({ "id": id, "rotateSecret": true }),
    );
    let second = rotated["secret"].as_str().unwrap();
    assert_ne!(first, second);
    assert!(rotated["webhook"]["formerSecretUntil"].is_string());
    let rain = publish(&server, "Rain", &json!({}));
    let told = receiver.wait(SOON, |told| tells(told, "article.upserted", &rain));
    verify(&told, &first).unwrap();
    verify(&told, second).unwrap();
    assert_eq!(told.header("webhook-signature").split(' ').count(), 2);
}
