//! Who may keep webhooks, and which addresses they may name.

use serde_json::{Value, json};

use super::{
    SOON, admin, deliveries, mutate, partner, publish, serve, tells, wait_for, webhook, write,
};
use crate::harness::{
    Masthead, Receiver, SECRET, Says, Server, Store, Token, on_both_databases, token,
};

on_both_databases!(
    an_editor_sees_which_webhooks_acknowledged_a_withdrawal,
    partners_keep_their_own_and_administrators_all,
    who_may_not_keep_webhooks_is_told_of_none,
    an_address_that_is_not_on_the_internet_is_refused_with_its_mend,
    a_token_with_fewer_rights_takes_over_no_more_than_its_own,
);

const DELIVERIES: &str =
    "query($id: ID!) { webhookDeliveries(webhook: $id) { nodes { id } pageInfo { hasNextPage } } }";

fn list(server: &Server, token: &str) -> Vec<String> {
    let answer = server.query_as(token, "{ webhooks { id partner { id } } }", json!({}));
    let webhooks = answer["webhooks"].as_array().unwrap().iter();
    webhooks
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

fn partners_keep_their_own_and_administrators_all(store: &Store) {
    let server = serve(store, &[]);
    let receiver = Receiver::saying(Says::Status(200));
    let (one, one_token) = partner(&server, "One", &["webhooks:write"], None);
    let (_, other_token) = partner(&server, "Other", &["webhooks:write"], None);
    let (of_one, _) = webhook(&server, &one_token, &receiver);
    let (of_other, _) = webhook(&server, &other_token, &receiver);
    let (own, _) = webhook(&server, &admin(), &receiver);
    let input = json!({ "url": receiver.url(), "partner": one["id"] });
    let made = write(&server, &admin(), "saveWebhook", &input);
    let for_one = made["webhook"]["id"].as_str().unwrap().to_owned();
    assert_eq!(made["webhook"]["partner"]["id"], one["id"]);
    assert_eq!(list(&server, &one_token), [of_one, for_one]);
    assert_eq!(list(&server, &other_token), std::slice::from_ref(&of_other));
    assert_eq!(list(&server, &admin()).len(), 4);

    // Another's is answered as one that never was.
    for id in [&*of_other, &own, "SAAAAAAAAAAq"] {
        for (mutation, input, path) in [
            ("saveWebhook", json!({ "id": id, "paused": true }), "id"),
            ("deleteWebhook", json!({ "id": id }), "id"),
            ("redeliver", json!({ "webhook": id }), "webhook"),
        ] {
            let refused = mutate(&server, &one_token, mutation, &input);
            assert_eq!(refused["errors"][0]["code"], "NOT_FOUND", "{mutation}");
            assert_eq!(refused["errors"][0]["path"], json!(["input", path]));
        }
        let answer = server.query_as(&one_token, DELIVERIES, json!({ "id": id }));
        assert_eq!(answer["webhookDeliveries"], Value::Null);
    }
    let input = json!({ "url": receiver.url(), "partner": "UgAAAAAAAAAq" });
    let other = mutate(&server, &one_token, "saveWebhook", &input);
    assert_eq!(other["errors"][0]["path"], json!(["input", "partner"]));
    // There is an end to it.
    for _ in 1..20 {
        webhook(&server, &other_token, &receiver);
    }
    let input = json!({ "url": receiver.url() });
    let full = mutate(&server, &other_token, "saveWebhook", &input);
    assert_eq!(full["errors"][0]["code"], "TOO_LONG", "{full}");
}

fn who_may_not_keep_webhooks_is_told_of_none(store: &Store) {
    let server = serve(store, &[]);
    let (_, without) = partner(&server, "Without", &["articles:body"], None);
    let nobody = Token::of("partner").claim("scope", "webhooks:write").sign();
    let staff = token("publisher", &["webhooks:write"]);
    for refused in [without, nobody, token("editor", &[]), staff] {
        for document in [
            "{ webhooks { id } }",
            "{ webhookDeliveries(webhook: \"SAAAAAAAAAAq\") { nodes { id } } }",
            "mutation { saveWebhook(input: { url: \"https://partner.example/\" }) { secret } }",
            "mutation { redeliver(input: { webhook: \"SAAAAAAAAAAq\" }) { webhook { id } } }",
            "mutation { deleteWebhook(input: { id: \"SAAAAAAAAAAq\" }) { deletedId } }",
        ] {
            let answer = server.query_raw_as(&refused, document, json!({}));
            let code = &answer.body["errors"][0]["extensions"]["code"];
            assert_eq!(code, "FORBIDDEN", "{document}: {answer:?}");
        }
    }
    let code = server.error_code("{ webhooks { id } }", json!({}));
    assert_eq!(code, "UNAUTHENTICATED");
}

fn an_address_that_is_not_on_the_internet_is_refused_with_its_mend(store: &Store) {
    let closed = Server::run(
        Masthead::new(["serve", "--listen", "127.0.0.1:0"])
            .on(store)
            .env("MASTHEAD_JWT_SECRET", SECRET)
            .env("MASTHEAD_OUTGOING_PLAIN_HTTP", "true")
            .env("MASTHEAD_WEBHOOKS_FIRST_RETRY_MILLISECONDS", "200"),
    );
    for (url, mend) in [
        ("http://127.0.0.1:8080/", "loopback"),
        ("http://localhost/", "loopback"),
        ("https://10.1.2.3/", "private"),
        ("https://169.254.169.254/latest/meta-data", "link-local"),
        ("https://[fd00::1]/", "private"),
        ("https://0x7f000001/", "loopback"),
        ("ftp://partner.example/", "begins with 'https://'"),
        ("https://user:pass@partner.example/", "take it out"),
        ("partner.example", "write one such as"),
    ] {
        let refused = mutate(&closed, &admin(), "saveWebhook", &json!({ "url": url }));
        assert_eq!(refused["webhook"], Value::Null, "{url}");
        assert_eq!(refused["errors"][0]["path"], json!(["input", "url"]));
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(mend), "{url}: {message}");
    }
    let nowhere = json!({ "label": "nowhere" });
    let missing = mutate(&closed, &admin(), "saveWebhook", &nowhere);
    assert_eq!(missing["errors"][0]["code"], "REQUIRED");
    // What another node let in is not delivered to by one that does not.
    let receiver = Receiver::saying(Says::Status(200));
    let open = serve(store, &[]);
    let (id, _) = webhook(&open, &admin(), &receiver);
    open.stop();
    publish(&closed, "Rain", &json!({}));
    let hook = wait_for(&closed, &id, |hook| hook["failingSince"].is_string());
    assert_eq!(hook["status"], "ACTIVE");
    let listed = deliveries(&closed, &admin(), &id);
    let failure = listed[0]["failure"].as_str().unwrap();
    assert!(failure.contains("not on the Internet"), "{failure}");
    assert!(receiver.received().is_empty());
}

fn a_token_with_fewer_rights_takes_over_no_more_than_its_own(store: &Store) {
    let server = serve(store, &[("MASTHEAD_ACCESS_PUBLIC_FULL_TEXT", "false")]);
    let scopes = ["webhooks:write", "articles:body"];
    let (partner, whole) = partner(&server, "One", &scopes, None);
    let narrow = Token::of("partner")
        .claim("partner", partner["id"].clone())
        .claim("scope", "webhooks:write")
        .sign();
    let first = Receiver::saying(Says::Status(200));
    let (id, _) = webhook(&server, &whole, &first);
    let rain = publish(&server, "Rain", &json!({}));
    let told = first.wait(SOON, |told| tells(told, "article.upserted", &rain));
    assert!(told.body.contains("it rained on"), "{}", told.body);
    let second = Receiver::saying(Says::Status(200));
    let input = json!({ "id": id, "url": second.url() });
    write(&server, &narrow, "saveWebhook", &input);
    let hail = publish(&server, "Hail", &json!({}));
    let told = second.wait(SOON, |told| tells(told, "article.upserted", &hail));
    assert!(!told.body.contains("it rained on"), "{}", told.body);
    assert!(told.body.contains("It fell all night"), "{}", told.body);
}

#[test]
fn a_wrong_setting_is_told_before_anything_is_served() {
    for (variable, value, mend) in [
        (
            "MASTHEAD_OUTGOING_OPEN_NETWORKS",
            "intranet",
            "as in '10.20.0.0/16'",
        ),
        ("MASTHEAD_OUTGOING_TIMEOUT_SECONDS", "0", "write 1 to 60"),
        ("MASTHEAD_WEBHOOKS_PARK_AFTER_SECONDS", "0", "write 1 to"),
    ] {
        let output = Masthead::new(["serve"]).env(variable, value).run();
        assert_eq!(output.code, Some(2), "{output:#?}");
        assert!(
            output.err.contains(variable) && output.err.contains(mend),
            "{output:#?}"
        );
    }
}

fn an_editor_sees_which_webhooks_acknowledged_a_withdrawal(store: &Store) {
    let server = serve(store, &[]);
    let partner = write(
        &server,
        &admin(),
        "savePartner",
        &json!({ "name": "Example Agency", "scopes": ["webhooks:write"] }),
    );
    let [good, failing] = [Says::Status(204), Says::Status(500)].map(Receiver::saying);
    write(
        &server,
        &admin(),
        "saveWebhook",
        &json!({ "url": good.url(), "partner": partner["partner"]["id"] }),
    );
    webhook(&server, &admin(), &failing);
    let publisher = token("publisher", &[]);
    let draft = write(
        &server,
        &publisher,
        "createArticle",
        &json!({ "headline": "A bridge", "body": { "markdown": "Words." } }),
    );
    let of = |answer: &Value| json!({ "id": answer["article"]["id"], "revision": answer["article"]["revision"] });
    let article = write(&server, &publisher, "publishArticle", &of(&draft));
    let mut withdrawal = of(&article);
    withdrawal["reason"] = json!("A mistake.");
    failing.wait(SOON, |_| true);
    write(&server, &publisher, "withdrawArticle", &withdrawal);
    good.wait(SOON, |told| told.event() == "article.removed");

    let ask = || {
        server.query_as(
            &token("editor", &[]),
            "query($article: ID!) { withdrawalReceipts(article: $article) {
               partner toldAt ways { channel address toldAt lastAt } } }",
            json!({ "article": article["article"]["id"] }),
        )["withdrawalReceipts"]
            .take()
    };
    let mut receipts = ask();
    for _ in 0..50 {
        // It is written down once it has been acknowledged.
        if receipts[0]["toldAt"].is_string() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        receipts = ask();
    }
    assert_eq!(receipts[0]["partner"], "Example Agency", "{receipts}");
    assert!(receipts[0]["toldAt"].is_string(), "{receipts}");
    let way = &receipts[0]["ways"][0];
    assert_eq!(way["channel"], "WEBHOOK", "{receipts}");
    assert_eq!(way["address"], good.url(), "{receipts}");
    // The magazine's own still waits with what came before.
    assert_eq!(receipts[1]["partner"], Value::Null, "{receipts}");
    assert_eq!(receipts[1]["toldAt"], Value::Null, "{receipts}");
    assert_eq!(
        receipts[1]["ways"][0]["address"],
        failing.url(),
        "{receipts}"
    );
}
