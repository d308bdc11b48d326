//! Rows of webhooks and of the WebSub hub that are not as they have to be: each is found, and what mends it is named.

use super::{flaws::assert_one, magazine, sound};
use crate::harness::{Store, on_both_databases};

on_both_databases!(each_flaw_of_webhooks_and_of_the_hub_is_found);

/// A webhook, a delivery to it, a subscription, a request for one and one to end one, and the row that nodes hold: all
/// are sound.
const SOUND: &str = "
    INSERT INTO webhook (id, url, status, scopes, secret, stream, number, began_at, start_again, failures,
      next_attempt_at, holder, held_until, created_at)
      VALUES (77, 'https://receiver.example/', 'ACTIVE', 'changes:read', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 1, 1, 0, 0, 0, 0, 0, 0, 0);
    INSERT INTO webhook_delivery (id, webhook_id, stream, number, message, event, node_kind, node_id, attempts,
      first_attempt_at, last_attempt_at, response_status, repeat)
      VALUES (78, 77, 1, 1, 'message', 'article.upserted', 65, 1, 1, 0, 0, 204, 0);
    INSERT INTO websub_subscription (id, topic, callback, callback_host, secret, lease_until, delivered, failures)
      VALUES (79, '/feeds/latest.atom', 'https://subscriber.example/', 'subscriber.example', 'moonlight', 5, '{digest}', 0);
    INSERT INTO websub_request (id, mode, topic, callback, callback_host, lease_seconds, delivered, attempts, due_at)
      VALUES (80, 'subscribe', '/feeds/latest.rss', 'https://subscriber.example/', 'subscriber.example', 5, '{digest}', 0, 0),
             (81, 'unsubscribe', '/feeds/gone.rss', 'https://subscriber.example/', 'subscriber.example', 5, '', 0, 0);
    INSERT INTO websub_hub (id, holder, held_until) VALUES (1, 7, 5)";

/// What is made wrong, where it is found, what is said of it, and what mends it.
const FLAWS: [(&str, &str, &str, &str); 30] = [
    (
        "UPDATE webhook SET scopes = 'everything:read'",
        "webhook 77 (",
        "scope 'everything:read'",
        RESTORED,
    ),
    (
        "UPDATE webhook SET secret = 'moonlight'",
        "webhook 77 (",
        "secret of a webhook",
        RESTORED,
    ),
    (
        "UPDATE webhook SET former_secret = 'whsec_', former_secret_until = 5",
        "webhook 77 (",
        "secret of a webhook",
        RESTORED,
    ),
    (
        "UPDATE webhook SET stream = 9",
        "webhook 77 (",
        "change stream 9",
        RESTORED,
    ),
    (
        "UPDATE webhook SET sections = -1",
        "webhook 77 (",
        "sections -1",
        RESTORED,
    ),
    (
        "UPDATE webhook SET created_at = 9223372036854775807",
        "webhook 77 (",
        "9223372036854775807",
        RESTORED,
    ),
    (
        "UPDATE webhook SET parked_at = 5, parked_reason = 'It is gone.'",
        "webhook 77 (",
        "exactly where status is PARKED",
        "have 'redeliver' take the webhook up",
    ),
    (
        "UPDATE webhook SET status = 'PARKED', parked_at = 5",
        "webhook 77 (",
        "exactly where status is PARKED",
        "have 'redeliver' take the webhook up",
    ),
    (
        "UPDATE webhook SET number = -1",
        "webhook 77 (",
        "number is -1, and its stream goes to",
        "have 'redeliver' put the webhook at another place",
    ),
    (
        "UPDATE webhook SET number = (SELECT last_number + 1 FROM change_stream WHERE stream = 1)",
        "webhook 77 (",
        "and its stream goes to",
        "have 'redeliver' put the webhook at another place",
    ),
    (
        "UPDATE webhook SET held_until = 9999999999999",
        "webhook 77 (",
        "longer ahead than a node holds it",
        "set it to 0",
    ),
    (
        "UPDATE webhook_delivery SET node_kind = 90",
        "webhook_delivery 78 (",
        "kind of node 90",
        RESTORED,
    ),
    (
        "UPDATE webhook_delivery SET response_status = 70000",
        "webhook_delivery 78 (",
        "status 70000",
        RESTORED,
    ),
    (
        "UPDATE webhook_delivery SET acknowledged_at = 9223372036854775807",
        "webhook_delivery 78 (",
        "9223372036854775807",
        RESTORED,
    ),
    (
        "UPDATE websub_subscription SET topic = '/latest'",
        "websub_subscription 79:",
        "its topic is the path of no feed",
        RESTORED,
    ),
    (
        "UPDATE websub_subscription SET callback = 'subscriber'",
        "websub_subscription 79:",
        "its callback is no address",
        RESTORED,
    ),
    (
        "UPDATE websub_subscription SET secret = ''",
        "websub_subscription 79:",
        "its secret is empty, or 200 bytes or longer",
        RESTORED,
    ),
    (
        "UPDATE websub_subscription SET secret = '{long}'",
        "websub_subscription 79:",
        "its secret is empty, or 200 bytes or longer",
        RESTORED,
    ),
    (
        "UPDATE websub_subscription SET delivered = ''",
        "websub_subscription 79:",
        "delivered is no SHA-256",
        RESTORED,
    ),
    (
        "UPDATE websub_subscription SET delivered = '{not hexadecimal}'",
        "websub_subscription 79:",
        "delivered is no SHA-256",
        RESTORED,
    ),
    (
        "UPDATE websub_request SET mode = 'publish' WHERE id = 80",
        "websub_request 80:",
        "mode 'publish'",
        RESTORED,
    ),
    (
        "UPDATE websub_request SET topic = 'feeds/latest.rss' WHERE id = 80",
        "websub_request 80:",
        "its topic is the path of no feed",
        RESTORED,
    ),
    (
        "UPDATE websub_request SET callback = '' WHERE id = 81",
        "websub_request 81:",
        "its callback is no address",
        RESTORED,
    ),
    (
        "UPDATE websub_request SET secret = '' WHERE id = 80",
        "websub_request 80:",
        "its secret is empty, or 200 bytes or longer",
        RESTORED,
    ),
    (
        "UPDATE websub_request SET secret = '{long}' WHERE id = 81",
        "websub_request 81:",
        "its secret is empty, or 200 bytes or longer",
        RESTORED,
    ),
    // One that begins a subscription has to know what its subscriber has.
    (
        "UPDATE websub_request SET delivered = '' WHERE id = 80",
        "websub_request 80:",
        "delivered is no SHA-256",
        RESTORED,
    ),
    (
        "UPDATE websub_request SET delivered = 'short' WHERE id = 81",
        "websub_request 81:",
        "delivered is no SHA-256",
        RESTORED,
    ),
    (
        "UPDATE websub_hub SET held_until = 9999999999999",
        "websub_hub 1:",
        "held_until is",
        "set it to 0",
    ),
    (
        "UPDATE websub_hub SET id = 2",
        "websub_hub 2:",
        "the table has one row, of identity 1",
        "delete this one",
    ),
    (
        "INSERT INTO websub_hub (id, holder, held_until) VALUES (2, 7, 0)",
        "websub_hub 2:",
        "the table has one row, of identity 1",
        "delete this one",
    ),
];

/// What mends a row that cannot be read.
const RESTORED: &str = "write a value that can be read";

fn each_flaw_of_webhooks_and_of_the_hub_is_found(store: &Store) {
    drop(magazine(store));
    let digest = "0123456789abcdef".repeat(4);
    let (long, no_digest) = ("s".repeat(200), "z".repeat(64));
    let filled = |text: &str| {
        text.replace("{digest}", &digest)
            .replace("{long}", &long)
            .replace("{not hexadecimal}", &no_digest)
    };
    store.execute(&filled(SOUND));
    sound(store);
    // The longest that there may be.
    store.execute(&format!(
        "UPDATE websub_subscription SET secret = '{}'",
        &long[1..]
    ));
    sound(store);
    for (statement, place, said, mend) in FLAWS {
        let copy = store.copy();
        copy.execute(&filled(statement));
        let found = assert_one(&copy, place, said, statement);
        let named = found.split_once("; ").unwrap().1;
        assert!(named.contains(mend), "{statement}: {found}");
    }
}
