//! What everyone may see, in both databases: the sample magazine, and what hidden articles will be filed under.

use masthead_domain::{
    identifier::{
        ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, PartnerId, SectionId, TopicId,
        WebhookId,
    },
    node_id::NodeId,
};
use serde_json::{Value, json};

use super::{
    desk::Desk,
    hidden::{self, Hidden},
};
use crate::harness::{Server, Store, Token};

/// The public article beside which everything hidden is put: of its section, its byline, its topics, its issue and
/// its time.
pub(super) const NEIGHBOUR: &str = "panighatta-kasari-ghumchha";
/// When it was published.
const NEIGHBOUR_TIME: &str = "2026-08-07T18:00:00+05:45";
/// A slug that it once had, when everyone could see it.
pub(super) const FORMER: &str = "panighattako-katha";
/// Public articles that an editor has chosen to stand beside it.
const CHOSEN: [&str; 2] = ["reading-a-monsoon-sky", "how-lokta-paper-is-made"];
/// A slug of nothing.
pub(super) const NEVER: &str = "never-written";
/// The number of no article.
pub(super) const NEVER_NUMBER: i64 = 99;

// What has hidden articles alone filed under it.
pub(super) const SECTION: &str = "cellar";
pub(super) const CONTRIBUTOR: &str = "nila-example";
pub(super) const TOPIC: &str = "undercurrents";
pub(super) const SERIES: &str = "Sample Lantern Evening";
pub(super) const VOLUME: u32 = 9;
pub(super) const ISSUE: u32 = 4;

/// Puts it into an empty database.
pub(super) fn prepare(store: &Store, hidden: &mut Hidden) {
    Server::with_sample_content(store).stop();
    let mut desk = Desk::open(store);
    desk.write("saveSection", &json!({ "slug": SECTION, "name": "Cellar" }));
    desk.write(
        "saveContributor",
        &json!({ "slug": CONTRIBUTOR, "name": "Nila Example", "kind": "PERSON", "biography": "Writes at night." }),
    );
    desk.write(
        "saveTopic",
        &json!({ "slug": TOPIC, "name": "Undercurrents" }),
    );
    let partner = desk.write(
        "savePartner",
        &json!({ "name": "Example Agency", "requestsPerMinute": 60, "scopes": ["articles:body"], "sections": ["crafts"] }),
    );
    let token = desk.write(
        "createPartnerToken",
        &json!({ "partner": partner["id"], "label": "their app", "scopes": ["articles:body"] }),
    );
    desk.write("revokePartnerToken", &json!({ "id": token["id"] }));
    // They rest, so that nothing is delivered while they are asked for.
    for label in ["their app", "their archive"] {
        desk.write(
            "saveWebhook",
            &json!({ "url": "https://partner.example/hook", "label": label, "partner": partner["id"], "paused": true }),
        );
    }
    store.execute(
        "UPDATE webhook SET failures = 1, failing_since = 7, next_attempt_at = 9, acknowledged_at = 5,
             former_secret = secret, former_secret_until = 8;
         UPDATE webhook SET status = 'PARKED', parked_at = 8, parked_reason = 'it answered 500'
             WHERE label = 'their archive';
         INSERT INTO webhook_delivery (id, webhook_id, stream, number, message, event, node_kind, node_id, attempts,
             first_attempt_at, last_attempt_at, response_status, failure, acknowledged_at, repeat)
             SELECT id + 1, id, 1, 1, 'msg_' || label, 'article.removed', 65, 42, 2, 3, 4, 500, 'it answered 500', 3, 0
             FROM webhook",
    );
    issue_of_hidden(&mut desk);
    let neighbour = desk.article(NEIGHBOUR);
    let neighbour = desk.step("updateArticle", &neighbour, json!({ "slug": FORMER }));
    let neighbour = desk.step(
        "updateArticle",
        &neighbour,
        json!({ "slug": NEIGHBOUR, "dateline": "Panauti" }),
    );
    let withdrawn = hidden::withdraw_one(&mut desk, NEIGHBOUR_TIME);
    let [first, second] = CHOSEN.map(|slug| desk.article(slug)["id"].clone());
    desk.step(
        "setRelatedArticles",
        &neighbour,
        json!({ "articles": [first, withdrawn["id"], second] }),
    );
    hidden::note_withdrawn(hidden, desk);

    // What the partner has asked for, and that it has been told of what was taken down.
    let withdrawn = withdrawn_article(store);
    store.execute(&format!(
        "INSERT INTO partner_usage (partner_id, day, requests, refused, bytes) SELECT id, 20700, 12, 1, 4096 FROM partner;
         INSERT INTO reading (partner_id, place, stream, through, at) SELECT id, '/feeds/latest.rss', 1, 1, 1788480000000 FROM partner;
         INSERT INTO withdrawal_receipt (article_id, withdrawn_at, partner_id, place, at)
            SELECT {withdrawn}, (SELECT withdrawn_at FROM article WHERE id = {withdrawn}), id, '/feeds/latest.rss', 1788480000000 FROM partner"
    ));

    // One block of every kind, and what the sample leaves out, so that everything is answered with something.
    let blocks = r#"{"blocks":[
        {"paragraph":{"content":[{"text":"A mill stands by the stream."}]}},
        {"heading":{"level":2,"content":[{"text":"The wheel"}]}},
        {"quotation":{"paragraphs":[[{"text":"It turns by itself."}]],"attribution":"A miller"}},
        {"list":{"ordered":true,"items":[[{"text":"The lower stone rests."}]]}},
        {"picture":{"image":{"url":"https://magazine.example/images/wheel.jpg","alt":"A wheel","width":4,"height":3}}},
        {"embed":{"url":"https://video.example/watch/1","provider":"Example Video"}}]}"#;
    let cover = r#"{"url":"https://magazine.example/images/cover.jpg"}"#;
    let printed = r#"{"text":"Saun-22. 2083","month_name":"Saun"}"#;
    store.execute(&format!(
        "UPDATE magazine_issue SET cover = '{cover}', printed_bikram_sambat = '{printed}'
            WHERE id = (SELECT magazine_issue_id FROM article WHERE slug = '{NEIGHBOUR}');
         UPDATE article_body SET blocks = '{blocks}' WHERE article_id = (SELECT id FROM article WHERE slug = '{NEIGHBOUR}')"
    ));
}

/// The token of a partner that is told of the neighbour's section alone, with all that is in it.
pub(super) fn token_of_one_section(store: &Store) -> String {
    let mut desk = Desk::open(store);
    let partner = desk.write(
        "savePartner",
        &json!({ "name": "Crafts Weekly", "scopes": ["articles:body", "changes:read"], "sections": ["crafts"] }),
    );
    desk.close();
    Token::of("partner")
        .claim("partner", partner["id"].clone())
        .sign()
}

/// What hidden articles alone are filed under, as inputs say it.
pub(super) fn filing_of_hidden(desk: &mut Desk) -> Value {
    json!({
        "language": hidden::LANGUAGE,
        "section": SECTION,
        "bylines": [CONTRIBUTOR],
        "topics": [TOPIC],
        "magazineIssue": issue_of_hidden(desk),
    })
}

/// Saves the issue of hidden articles; again, that changes nothing.
fn issue_of_hidden(desk: &mut Desk) -> Value {
    let input =
        json!({ "series": SERIES, "volume": VOLUME, "number": ISSUE, "coverDate": "2026-09-04" });
    desk.write("saveMagazineIssue", &input)["id"].clone()
}

/// The identities of something public of each kind, the neighbour's first.
pub(super) fn nodes(store: &Store) -> Vec<String> {
    let of_slug = |table: &str, slug: &str| {
        store.number(&format!("SELECT id FROM {table} WHERE slug = '{slug}'"))
    };
    let nodes = [
        NodeId::Article(ArticleId::from_number(neighbour(store, "id"))),
        NodeId::Publication,
        NodeId::Section(SectionId::from_number(of_slug("section", SECTION))),
        NodeId::Contributor(ContributorId::from_number(of_slug(
            "contributor",
            CONTRIBUTOR,
        ))),
        NodeId::Topic(TopicId::from_number(of_slug("topic", TOPIC))),
        NodeId::MagazineVolume(MagazineVolumeId::from_number(issue(store, "volume_id"))),
        NodeId::MagazineIssue(MagazineIssueId::from_number(issue(store, "id"))),
    ];
    nodes.map(NodeId::encode).to_vec()
}

/// The number of an article that has been taken down.
pub(super) fn withdrawn_article(store: &Store) -> i64 {
    store.number("SELECT MIN(id) FROM article WHERE withdrawn_at IS NOT NULL")
}

/// The identity of the partner.
pub(super) fn partner_id(store: &Store) -> String {
    NodeId::Partner(PartnerId::from_number(
        // The first: another may be the one who asks.
        store.number("SELECT MIN(id) FROM partner"),
    ))
    .encode()
}

/// The identity of an article with this number.
pub(super) fn article_id(number: i64) -> String {
    NodeId::Article(ArticleId::from_number(number)).encode()
}

/// The identities of the webhooks.
pub(super) fn webhooks(store: &Store) -> Vec<String> {
    ["their app", "their archive"]
        .map(|label| {
            webhook_id(store.number(&format!("SELECT id FROM webhook WHERE label = '{label}'")))
        })
        .to_vec()
}

/// A webhook's identity, as clients hold it.
pub(super) fn webhook_id(number: i64) -> String {
    NodeId::Webhook(WebhookId::from_number(number)).encode()
}

/// The identities of the neighbour's issue and of the one with hidden articles alone.
pub(super) fn issues(store: &Store) -> Vec<String> {
    [neighbour(store, "magazine_issue_id"), issue(store, "id")]
        .map(|number| NodeId::MagazineIssue(MagazineIssueId::from_number(number)).encode())
        .to_vec()
}

/// Where the neighbour stands among articles by their last change, and where hidden ones would.
pub(super) fn modified_positions(store: &Store, hidden: &Hidden) -> Vec<(i64, i64)> {
    let at = neighbour(store, "modified_at");
    let others = hidden
        .numbers()
        .map(|number| (hidden::modified_at(at, number), number));
    [(at, neighbour(store, "id"))]
        .into_iter()
        .chain(others)
        .collect()
}

/// Where issues and volumes stand by cover date.
pub(super) fn cover_positions(store: &Store) -> Vec<(i64, i64)> {
    let neighbours = neighbour(store, "magazine_issue_id");
    let of = |column: &str| {
        store.number(&format!(
            "SELECT {column} FROM magazine_issue WHERE id = {neighbours}"
        ))
    };
    let day = issue(store, "cover_date");
    vec![
        (of("cover_date"), neighbours),
        (of("cover_date"), of("volume_id")),
        (day, issue(store, "id")),
        (day, issue(store, "volume_id")),
    ]
}

/// The number last given out in each stream of the change log.
pub(super) fn last_changes(store: &Store) -> [i64; 3] {
    [1, 2, 3].map(|stream| {
        store.number(&format!(
            "SELECT last_number FROM change_stream WHERE stream = {stream}"
        ))
    })
}

/// A number of the neighbour's.
pub(super) fn neighbour(store: &Store, column: &str) -> i64 {
    store.number(&format!(
        "SELECT {column} FROM article WHERE slug = '{NEIGHBOUR}'"
    ))
}

/// A number of the issue that has hidden articles alone.
fn issue(store: &Store, column: &str) -> i64 {
    store.number(&format!(
        "SELECT {column} FROM magazine_issue WHERE volume_number = {VOLUME} AND number = {ISSUE}"
    ))
}
