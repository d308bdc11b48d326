//! What partners are told: as much as they would be answered, and of the sections that are theirs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    SOON, admin, deliveries, kept, partner, publish, serve, step, tells, wait_for, webhook, write,
};
use crate::harness::{Received, Receiver, Says, Server, Store, on_both_databases};

on_both_databases!(
    a_partner_is_told_what_it_would_be_answered,
    a_partner_that_is_told_of_others_starts_again,
);

/// Two sections, of one of which a partner is told.
fn save_sections(server: &Server) {
    for slug in ["weather", "sports"] {
        write(
            server,
            &admin(),
            "saveSection",
            &json!({ "slug": slug, "name": slug }),
        );
    }
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
    save_sections(&server);
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
    save_sections(&server);
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
