//! Those who are told of changes - webhooks, subscribers of feeds, partners that read -: what is read and changed for
//! them walks along an index as well, also inside of a write.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use masthead_domain::{
    audience::Audience,
    change::Stream,
    identifier::{ArticleId, PartnerId, WebhookDeliveryId, WebhookId},
    receipt::Reading,
    revision::Author,
    usage::{DailyUsage, Usage},
};
use masthead_persistence::{
    Database, Transaction, WebhookAttempt, WebsubOutcome, WebsubRequest, WebsubSubscription,
};
use sea_orm::{ConnectionTrait as _, Statement};

use super::{
    filled::now,
    observed::{Made, Observed, assert_walks, runtime},
};
use crate::harness::{Store, on_both_databases};

on_both_databases!(every_statement_for_those_who_are_told_walks_along_an_index);

/// How many partners there are, each with two webhooks.
const PARTNERS: usize = 50;
const FEED: &str = "/feeds/sections/section-3.rss";
/// That of a partner with deliveries that are to be made again.
const WEBHOOK: WebhookId = WebhookId::from_number(1);
/// The node that delivers.
const HOLDER: i64 = 7;

/// Rows in the proportions of a magazine that many follow: SQL, since what is asked here is how they are found.
async fn fill(observed: &Observed) {
    let month_ago = (now() - Duration::days(31)).timestamp_millis();
    let soon = (now() + Duration::days(5)).timestamp_millis();
    let numbers = |most: usize| {
        format!(
            "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {most})"
        )
    };
    let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    for rows in [
        format!(
            "INSERT INTO partner (id, name, status, scopes, restricted, modified_at) {}
             SELECT n, 'Partner ' || n, 'ACTIVE', '', 0, 0 FROM counted",
            numbers(PARTNERS)
        ),
        format!(
            "INSERT INTO webhook (id, partner_id, url, status, secret, stream, number, began_at, start_again, failures,
               next_attempt_at, holder, held_until, created_at) {}
             SELECT n, n % {PARTNERS} + 1, 'https://partner.example/' || n, 'ACTIVE', '{secret}', 1, 0, 0, 0, 0, 0, 0, 0, 0
               FROM counted",
            numbers(2 * PARTNERS)
        ),
        format!(
            "INSERT INTO webhook_delivery (id, webhook_id, stream, number, message, event, node_kind, node_id, attempts,
               first_attempt_at, last_attempt_at, repeat) {}
             SELECT n, n % {} + 1, 1, n, 'message ' || n,
               CASE WHEN n % 50 = 0 THEN 'article.removed' ELSE 'article.upserted' END, 65, n, 1, {month_ago} + 200000 * n, {month_ago} + 200000 * n,
               CASE WHEN n % 500 = 0 THEN 1 ELSE 0 END FROM counted",
            numbers(8_000),
            2 * PARTNERS
        ),
        format!(
            "INSERT INTO websub_subscription (id, topic, callback, callback_host, lease_until, delivered, failures, due_at) {}
             SELECT n, '/feeds/sections/section-' || (n % 40) || '.rss', 'https://subscriber.example/' || n,
               'host-' || (n % 300), {soon} - n, 'former', n % 3, CASE WHEN n % 100 = 0 THEN n END FROM counted",
            numbers(4_000)
        ),
        format!(
            "INSERT INTO websub_request (id, mode, topic, callback, callback_host, lease_seconds, delivered, attempts, due_at) {}
             SELECT n, 'subscribe', '/feeds/sections/section-' || (n % 40) || '.rss', 'https://subscriber.example/' || n,
               'host-' || (n % 300), 5, 'former', 0, {soon} - 999999 * n FROM counted",
            numbers(1_000)
        ),
        format!(
            "INSERT INTO partner_usage (partner_id, day, requests, refused, bytes) {}
             SELECT n % {PARTNERS} + 1, 20400 + n / {PARTNERS}, 1, 0, 1 FROM counted",
            numbers(15_000)
        ),
        format!(
            "INSERT INTO reading (partner_id, place, stream, through, at) {}
             SELECT n % {PARTNERS} + 1, '/feeds/sections/section-' || (n / {PARTNERS}) || '.rss', 1, 5, 5 FROM counted",
            numbers(3_000)
        ),
        "INSERT INTO withdrawal_receipt (article_id, withdrawn_at, partner_id, place, at)
         SELECT article.id, article.withdrawn_at, partner.id, '/graphql', 5 FROM article, partner
         WHERE article.withdrawn_at IS NOT NULL"
            .to_owned(),
        "ANALYZE".to_owned(),
    ] {
        observed.explainer.execute_unprepared(&rows).await.unwrap();
    }
}

/// An article that was withdrawn, and when.
async fn withdrawn(observed: &Observed) -> (ArticleId, DateTime<Utc>) {
    let row = observed
        .explainer
        .query_one_raw(Statement::from_string(
            observed.explainer.get_database_backend(),
            "SELECT id, withdrawn_at FROM article WHERE withdrawn_at IS NOT NULL LIMIT 1",
        ))
        .await
        .unwrap()
        .unwrap();
    let number = |index| row.try_get_by_index::<i64>(index).unwrap();
    (
        ArticleId::from_number(number(0)),
        DateTime::from_timestamp_millis(number(1)).unwrap(),
    )
}

/// All that is read for webhooks, the hub, receipts and usage outside of writes.
async fn read(observed: &Observed, database: &Database) {
    let reader = database.reader(Audience::Newsroom, &observed.clock);
    let partner = Some(PartnerId::from_number(3));
    assert_eq!(reader.webhooks(None).await.unwrap().len(), 2 * PARTNERS);
    assert_eq!(reader.webhooks(partner).await.unwrap().len(), 2);
    assert!(reader.webhook(WEBHOOK).await.unwrap().is_some());
    for after in [None, Some(WebhookDeliveryId::from_number(5_000))] {
        let page = reader.webhook_deliveries(WEBHOOK, after, 20).await.unwrap();
        assert_eq!(page.len(), 20);
    }
    assert_eq!(reader.webhooks_to_repeat().await.unwrap(), [WEBHOOK].into());
    reader.ends_of_streams().await.unwrap();

    assert!(reader.websub_work().await.unwrap().has_due);
    let due = reader.websub_requests_due(32).await.unwrap();
    assert_eq!(due.len(), 32);
    let topics = reader.websub_topics().await.unwrap();
    assert_eq!(topics.len(), 40);
    assert!(topics.is_sorted());
    let due = reader.websub_subscriptions_due(32).await;
    assert_eq!(due.unwrap().len(), 32);

    let (article, at) = withdrawn(observed).await;
    let receipts = reader.receipts(article, at).await.unwrap();
    assert_eq!(receipts.len(), PARTNERS);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    for partner in [None, partner] {
        let (from, to) = (day("2026-01-01"), day("2026-01-05"));
        assert!(!reader.usage(from, to, partner).await.unwrap().is_empty());
    }
}

/// All that is read and changed for webhooks in writes, but for what only looks up the one row by its identity again.
async fn write_of_webhooks(transaction: Transaction) {
    let until = now() + Duration::minutes(1);
    let claimed = transaction.claim_webhook(WEBHOOK, HOLDER, until).await;
    let claimed = claimed.unwrap().unwrap();
    let (repeated, _) = claimed.repeat.unwrap();
    // The one that has waited for longest.
    assert_eq!(repeated.id, WebhookDeliveryId::from_number(500));
    for message in [&*repeated.message, "another"] {
        let attempt = WebhookAttempt {
            message,
            event: &repeated.event,
            node: repeated.node,
            change: (Stream::Public, 5),
            response_status: Some(204),
            failure: None,
        };
        transaction
            .note_webhook_attempt(WEBHOOK, &attempt)
            .await
            .unwrap();
    }
    assert!(
        transaction
            .repeat_delivery(WEBHOOK, repeated.id)
            .await
            .unwrap()
    );
    transaction.prune_webhook_deliveries().await.unwrap();
    transaction
        .delete_webhook(WebhookId::from_number(2))
        .await
        .unwrap();
    transaction.roll_back().await.unwrap();
}

/// The same for the hub.
async fn write_of_the_hub(transaction: Transaction) {
    let until = now() + Duration::minutes(1);
    let request = WebsubRequest {
        id: 90_000,
        subscribes: true,
        topic: FEED.to_owned(),
        callback: "https://subscriber.example/3".to_owned(),
        callback_host: "host-3".to_owned(),
        secret: None,
        lease_seconds: 60,
        delivered: "former".to_owned(),
        attempts: 0,
    };
    let subscription = WebsubSubscription {
        id: 43,
        topic: FEED.to_owned(),
        callback: request.callback.clone(),
        secret: None,
        delivered: "former".to_owned(),
        failures: 0,
    };
    let reader = transaction.reader();
    let counts = reader
        .websub_counts(FEED, &request.callback, &request.callback_host)
        .await
        .unwrap();
    assert_eq!((counts.requests, counts.subscriptions), (1_000, 4_000));
    transaction.add_websub_request(&request).await.unwrap();
    transaction
        .put_off_websub_request(&request, until)
        .await
        .unwrap();
    for subscribes in [true, false] {
        let request = WebsubRequest {
            subscribes,
            ..request.clone()
        };
        transaction
            .settle_websub_request(&request, true)
            .await
            .unwrap();
    }
    for outcome in [
        WebsubOutcome::Settled,
        WebsubOutcome::Again(until),
        WebsubOutcome::Ended,
    ] {
        transaction
            .note_websub_delivery(&subscription, "present", &outcome)
            .await
            .unwrap();
    }
    transaction
        .begin_websub_requests(&[1, 2], until)
        .await
        .unwrap();
    transaction
        .begin_websub_deliveries(&[44, 45], until)
        .await
        .unwrap();
    transaction
        .wake_websub_topic(FEED, "present")
        .await
        .unwrap();
    transaction.rest_websub_topic(FEED, "former").await.unwrap();
    transaction
        .end_expired_websub_subscriptions()
        .await
        .unwrap();
    transaction.claim_websub(HOLDER, until).await.unwrap();
    transaction.roll_back().await.unwrap();
}

/// The same for receipts and usage.
async fn write_of_partners(transaction: Transaction) {
    let reading = |number: i64| Reading {
        partner: PartnerId::from_number(number),
        place: "/feeds/sections/section-3.rss".to_owned(),
        stream: Stream::Public,
        through: 3_000,
        at: now(),
    };
    transaction
        .note_readings(&[reading(1), reading(2)])
        .await
        .unwrap();
    let used = DailyUsage {
        partner: PartnerId::from_number(1),
        day: now().date_naive(),
        usage: Usage::default(),
    };
    transaction.add_usage(&[used]).await.unwrap();
    transaction.prune_usage().await.unwrap();
    transaction.roll_back().await.unwrap();
}

fn every_statement_for_those_who_are_told_walks_along_an_index(store: &Store) {
    runtime().block_on(async {
        let observed = Observed::open(store).await;
        fill(&observed).await;
        let made: Made = observed.made.clone();
        let database = observed
            .database
            .clone()
            .observed_writing(move |statement| {
                made.lock()
                    .unwrap()
                    .push((statement.text().to_owned(), statement.with_values()));
            });
        observed.made.lock().unwrap().clear();
        read(&observed, &database).await;
        let write = || database.write(&observed.clock, Author::Operator);
        write_of_webhooks(write().await.unwrap()).await;
        write_of_the_hub(write().await.unwrap()).await;
        write_of_partners(write().await.unwrap()).await;
        let made = std::mem::take(&mut *observed.made.lock().unwrap());
        let mut plans = BTreeMap::new();
        for (text, statement) in made {
            // What puts a row in looks for none, and what begins and ends a write is no statement to be explained.
            let looks = ["SELECT", "UPDATE", "DELETE"];
            if !looks.iter().any(|word| text.starts_with(word)) {
                continue;
            }
            if let Entry::Vacant(unseen) = plans.entry(text) {
                unseen.insert(observed.plan(&statement).await);
            }
        }
        // Of each kind there is one: else it is not seen any more.
        for table in [
            "FROM webhook ",
            "FROM webhook_delivery",
            "FROM websub_request",
            "FROM websub_subscription",
            "FROM withdrawal_receipt",
            "FROM partner_usage",
            "FROM \"reading\"",
            "FROM \"webhook_delivery\"",
            "UPDATE \"websub_subscription\"",
            "DELETE FROM \"websub_subscription\"",
            "DELETE FROM \"partner_usage\"",
        ] {
            assert!(plans.keys().any(|text| text.contains(table)), "{table}");
        }
        assert_walks(
            &plans,
            &[
                "webhook_delivery",
                "delivery",
                "websub_subscription",
                "websub_request",
                "partner_usage",
                "reading",
                "withdrawal_receipt",
                "change",
                "article",
                "known",
                "article_former_section",
            ],
        );
    });
}
