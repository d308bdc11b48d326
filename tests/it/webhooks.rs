//! Webhooks: told of every change in order, of nothing that their owner may not know, whatever becomes of a process or a
//! receiver.

mod failing;
mod kept;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Received, Receiver, Says, Server, Store, on_both_databases, token};

on_both_databases!(
    a_webhook_is_told_of_changes_in_order,
    a_partner_is_told_what_it_would_be_answered,
    a_partner_that_is_told_of_others_starts_again,
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

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_partner_is_told_what_it_would_be_answered(store: &Store) {
    let server = serve(
        store,
        &[
            ("MASTHEAD_ACCESS_PUBLIC_FULL_TEXT", "false"),
            ("MASTHEAD_ACCESS_PUBLIC_CHANGES", "false"),
        ],
    );
    for slug in ["weather", "sports"] {
        write(
            &server,
            &admin(),
            "saveSection",
            &json!({ "slug": slug, "name": slug }),
        );
    }
    let followers = ["webhooks:write", "changes:read"];
    let all = [
        "webhooks:write",
        "changes:read",
        "articles:body",
        "embargo:read",
    ];
    let partners = [
        partner(&server, "Little", &followers, None),
        partner(&server, "All", &all, None),
        partner(&server, "Weather", &followers, Some(&["weather"])),
    ];
    let receivers: Vec<Receiver> = partners
        .iter()
        .map(|_| Receiver::saying(Says::Status(200)))
        .collect();
    // A cursor each, taken when the webhooks begin.
    let cursors: Vec<Value> = partners
        .iter()
        .zip(&receivers)
        .map(|((_, token), receiver)| {
            let (id, _) = webhook(&server, token, receiver);
            kept(&server, &id)["acknowledgedThrough"].clone()
        })
        .collect();
    publish(&server, "Rain", &json!({ "section": "weather" }));
    let goal = publish(&server, "A goal", &json!({ "section": "sports" }));
    let made = write(
        &server,
        &admin(),
        "createArticle",
        &json!({ "headline": "Embargoed", "section": "weather", "body": { "text": "Later." } }),
    );
    let at = chrono::DateTime::from_timestamp(crate::harness::now() + 3_600, 0).unwrap();
    step(
        &server,
        "scheduleArticle",
        &made["article"],
        &json!({ "publishAt": at }),
    );
    step(
        &server,
        "withdrawArticle",
        &goal,
        &json!({ "reason": "Offside." }),
    );
    let last = publish(&server, "Sun", &json!({ "section": "weather" }));
    for ((_, token), (receiver, cursor)) in partners.iter().zip(receivers.iter().zip(&cursors)) {
        receiver.wait(SOON, |told| tells(told, "article.upserted", &last));
        let answer = server.query_as(
            token,
            "query($after: String) { changes(first: 100, after: $after) { nodes { cursor at kind nodeId reason
               node { ... on Article { id headline body { isExcerpt html text } } } } } }",
            json!({ "after": cursor }),
        );
        let asked = answer["changes"]["nodes"].as_array().unwrap();
        let told: Vec<Value> = receiver
            .received()
            .iter()
            .map(|one| one.json()["data"].clone())
            .collect();
        let facts = |change: &Value| {
            [
                &change["cursor"],
                &change["kind"],
                &change["nodeId"],
                &change["reason"],
            ]
            .map(Clone::clone)
        };
        assert_eq!(
            asked.iter().map(facts).collect::<Vec<_>>(),
            told.iter().map(facts).collect::<Vec<_>>()
        );
        for (asked, told) in asked.iter().zip(&told) {
            // One that was withdrawn meanwhile is not there any more when it is asked for.
            if told["node"].is_object() && asked["node"].is_object() {
                assert_eq!(asked["node"]["body"]["html"], told["node"]["body"]["html"]);
                assert_eq!(asked["node"]["headline"], told["node"]["headline"]);
            }
        }
    }
    let said = |place: usize| -> String {
        receivers[place]
            .received()
            .iter()
            .map(|one| one.body.clone())
            .collect()
    };
    assert!(
        !said(0).contains("it rained on") && said(0).contains("It fell all night"),
        "{}",
        said(0)
    );
    assert!(!said(0).contains("Embargoed"));
    assert!(said(1).contains("it rained on") && said(1).contains("Embargoed"));
    assert!(
        !said(2).contains("goal") && !said(2).contains("Offside") && !said(2).contains("Embargoed")
    );

    // One that may not follow changes is told none, and why.
    let (_, closed) = partner(&server, "Closed", &["webhooks:write"], None);
    let unheard = Receiver::saying(Says::Status(200));
    let (id, _) = webhook(&server, &closed, &unheard);
    publish(&server, "Fog", &json!({ "section": "weather" }));
    wait_for(&server, &id, |hook| hook["failingSince"].is_string());
    assert!(unheard.received().is_empty());

    // A suspended partner's rests, and goes on where it stood.
    let (weather, _) = &partners[2];
    let suspend = |status: &str| {
        write(
            &server,
            &admin(),
            "savePartner",
            &json!({ "id": weather["id"], "status": status }),
        )
    };
    suspend("SUSPENDED");
    let hail = publish(&server, "Hail", &json!({ "section": "weather" }));
    receivers[0].wait(SOON, |told| tells(told, "article.upserted", &hail));
    std::thread::sleep(Duration::from_millis(600));
    assert!(
        !receivers[2]
            .received()
            .iter()
            .any(|told| tells(told, "article.upserted", &hail))
    );
    suspend("ACTIVE");
    receivers[2].wait(SOON, |told| tells(told, "article.upserted", &hail));
}

fn a_partner_that_is_told_of_others_starts_again(store: &Store) {
    let server = serve(store, &[]);
    for slug in ["weather", "sports"] {
        write(
            &server,
            &admin(),
            "saveSection",
            &json!({ "slug": slug, "name": slug }),
        );
    }
    let receiver = Receiver::saying(Says::Status(200));
    let (partner, token) = partner(&server, "Weather", &["webhooks:write"], Some(&["weather"]));
    let (id, _) = webhook(&server, &token, &receiver);
    let rain = publish(&server, "Rain", &json!({ "section": "weather" }));
    receiver.wait(SOON, |told| tells(told, "article.upserted", &rain));
    write(
        &server,
        &admin(),
        "savePartner",
        &json!({ "id": partner["id"], "sections": ["sports"] }),
    );
    let again = receiver.wait(SOON, |told| told.event() == "changes.start_again");
    let cursor = again.json()["data"]["cursor"].clone();
    // From there it goes on, for the receiver that has asked for everything as well.
    let answer = server.query_as(
        &token,
        "query($after: String) { changes(after: $after) { nodes { nodeId } } }",
        json!({ "after": cursor }),
    );
    assert_eq!(answer["changes"]["nodes"], json!([]));
    publish(&server, "More rain", &json!({ "section": "weather" }));
    let goal = publish(&server, "A goal", &json!({ "section": "sports" }));
    receiver.wait(SOON, |told| tells(told, "article.upserted", &goal));
    let times = receiver
        .received()
        .iter()
        .filter(|told| told.event() == "changes.start_again")
        .count();
    assert_eq!(times, 1);
    assert!(
        !receiver
            .received()
            .iter()
            .any(|told| told.body.contains("More rain"))
    );
    // Noted once the answer is there.
    let last = receiver.received().last().unwrap().json()["data"]["cursor"].clone();
    wait_for(&server, &id, |hook| hook["acknowledgedThrough"] == last);
    let listed = deliveries(&server, &token, &id);
    assert_eq!(listed.len(), receiver.received().len());

    // It can be told once more, as everything that was delivered.
    let is_again = |one: &&Value| one["event"] == "changes.start_again";
    let former = listed.iter().find(is_again).unwrap().clone();
    let input = json!({ "webhook": id, "delivery": former["id"] });
    write(&server, &token, "redeliver", &input);
    let is_it = |told: &&Received| told.header("webhook-id") == former["messageId"];
    let begun = Instant::now();
    while receiver.received().iter().filter(is_it).count() < 2 {
        assert!(begun.elapsed() < SOON, "{:#?}", receiver.received());
        std::thread::sleep(Duration::from_millis(50));
    }
    let last = receiver.received().last().unwrap().json();
    assert_eq!(last["type"], "changes.start_again");
    assert_eq!(last["data"], again.json()["data"]);
    let attempts = |listed: &[Value]| listed.iter().find(is_again).unwrap()["attempts"].clone();
    wait_for(&server, &id, |_| {
        attempts(&deliveries(&server, &token, &id)) == 2
    });
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
