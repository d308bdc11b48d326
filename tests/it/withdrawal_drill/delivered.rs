//! Those to whom changes are delivered: the receivers of webhooks - the magazine's own, a partner's, and one that took
//! nothing for as long as the article was there - and subscribers of feeds that showed it.

use std::time::Duration;

use serde_json::{Value, json};

use super::TRACE;
use crate::{
    harness::{Manner, Receiver, Says, Server, Subscriber, Token, token},
    webhooks::{webhook, write},
    websub::subscribe,
};

/// Until what is delivered has come: within the drill.
const SOON: Duration = Duration::from_secs(10);
const FEEDS: [&str; 3] = [
    "/feeds/sections/crafts.atom",
    "/feeds/latest.rss",
    "/feeds/topics/water.json",
];
const PARTNER: &str = "Example Agency";

pub(super) struct Delivered {
    own: Receiver,
    partners: Receiver,
    /// One that fails until [`Delivered::has_late_one_answer`].
    late: Receiver,
    subscribers: Vec<Subscriber>,
}

/// How many bodies each had been sent.
pub(super) struct SoFar(Vec<usize>);

impl Delivered {
    /// Has all of them follow a server, which is the only node.
    pub(super) fn by(server: &Server) -> Self {
        let delivered = Self {
            own: Receiver::saying(Says::Status(204)),
            partners: Receiver::saying(Says::Status(200)),
            late: Receiver::saying(Says::Status(503)),
            subscribers: FEEDS
                .map(|_| Subscriber::behaving(Manner::Confirming(204)))
                .into(),
        };
        let admin = token("admin", &[]);
        let input = json!({ "name": PARTNER, "scopes": ["changes:read", "articles:body", "webhooks:write"] });
        let partner = write(server, &admin, "savePartner", &input)["partner"]["id"].clone();
        let partner = Token::of("partner").claim("partner", partner).sign();
        webhook(server, &admin, &delivered.own);
        webhook(server, &admin, &delivered.late);
        webhook(server, &partner, &delivered.partners);
        for (path, subscriber) in FEEDS.iter().zip(&delivered.subscribers) {
            subscribe(server, path, subscriber, &[]);
        }
        delivered
    }

    /// Waits until each has been sent what shows the article.
    pub(super) fn show_it(&self) {
        for receiver in [&self.own, &self.partners, &self.late] {
            receiver.wait(SOON, |received| has_trace(received.body.as_bytes()));
        }
        for subscriber in &self.subscribers {
            subscriber.wait("POST", SOON, |heard| has_trace(&heard.body));
        }
    }

    pub(super) fn so_far(&self) -> SoFar {
        SoFar(self.bodies().iter().map(Vec::len).collect())
    }

    /// The one that failed takes what it is sent from now on.
    pub(super) fn has_late_one_answer(&self) {
        self.late.says(Says::Status(204));
    }

    /// Asserts that all are told that the article is there no more, and that what they were sent after so much has no
    /// trace of it.
    #[track_caller]
    pub(super) fn tell_of_the_withdrawal(&self, server: &Server, article: &Value, after: &SoFar) {
        for receiver in [&self.own, &self.partners, &self.late] {
            let told = receiver.wait(SOON, |received| {
                let told = received.json();
                told["type"] == "article.removed"
                    && told["data"]["nodeId"] == article["id"]
                    && received.is_acknowledged()
            });
            let told = told.json();
            assert_eq!(told["data"]["reason"], "A mistake.", "{told}");
            assert_eq!(told["data"]["node"], Value::Null, "{told}");
        }
        for subscriber in &self.subscribers {
            let told = |subscriber: &Subscriber| subscriber.heard("POST").len();
            let before = told(subscriber);
            // What it has now is the feed without it: it is sent, or it was within the second.
            let is_clean = |subscriber: &Subscriber| {
                let last = subscriber.heard("POST").pop();
                last.is_some_and(|last| !has_trace(&last.body))
            };
            if !is_clean(subscriber) {
                subscriber.wait("POST", SOON, |heard| {
                    told(subscriber) > before && !has_trace(&heard.body) && is_clean(subscriber)
                });
            }
        }
        let atom = self.subscribers[0].heard("POST").pop().unwrap();
        let atom = String::from_utf8(atom.body).unwrap();
        assert!(atom.contains("<at:deleted-entry "), "{atom}");
        for (bodies, after) in self.bodies().iter().zip(&after.0) {
            for body in &bodies[*after..] {
                let shown = String::from_utf8_lossy(body);
                assert!(
                    !has_trace(body),
                    "it is still delivered after a second: {shown}"
                );
            }
        }
        self.are_named_by_receipts(server, article);
    }

    /// What each was sent.
    fn bodies(&self) -> Vec<Vec<Vec<u8>>> {
        let receivers = [&self.own, &self.partners, &self.late].map(|receiver| {
            let received = receiver.received().into_iter();
            received.map(|one| one.body.into_bytes()).collect()
        });
        let subscribers = self.subscribers.iter().map(|subscriber| {
            let heard = subscriber.heard("POST").into_iter();
            heard.map(|one| one.body).collect()
        });
        receivers.into_iter().chain(subscribers).collect()
    }

    /// Asserts that an editor is shown that each webhook has been told, and when.
    #[track_caller]
    fn are_named_by_receipts(&self, server: &Server, article: &Value) {
        let document = "query($article: ID!) { withdrawalReceipts(article: $article) { partner toldAt ways { channel address toldAt } } }";
        let asked = || {
            let variables = json!({ "article": article["id"] });
            server.query_as(&token("editor", &[]), document, variables)["withdrawalReceipts"].take()
        };
        let is_told = |receipts: &Value, partner: Option<&str>, receiver: &Receiver| {
            let mut receipts = receipts.as_array().unwrap().iter();
            let receipt = receipts.find(|receipt| receipt["partner"].as_str() == partner);
            let ways = receipt.and_then(|receipt| receipt["ways"].as_array());
            ways.into_iter().flatten().any(|way| {
                way["channel"] == "WEBHOOK"
                    && way["address"] == receiver.url()
                    && way["toldAt"].is_string()
            })
        };
        // What was acknowledged is written down a moment later.
        let mut receipts = Value::Null;
        for _ in 0..50 {
            receipts = asked();
            if is_told(&receipts, None, &self.own)
                && is_told(&receipts, None, &self.late)
                && is_told(&receipts, Some(PARTNER), &self.partners)
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("not all that were told are named: {receipts}");
    }
}

fn has_trace(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).to_lowercase().contains(TRACE)
}
