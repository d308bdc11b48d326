//! What everyone may see, in both databases: the sample magazine, and what hidden articles will be filed under.

use masthead_domain::{
    identifier::{ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    node_id::NodeId,
};

use super::hidden;
use crate::harness::{Server, Store};

/// The public article beside which everything hidden is put: of its section, its byline, its topics, its issue and
/// its time.
pub(super) const NEIGHBOUR: &str = "panighatta-kasari-ghumchha";
/// A slug that it once had, when everyone could see it.
pub(super) const FORMER: &str = "panighattako-katha";
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
/// The numbers of the section, the contributor, the topic, the volume and the issue.
pub(super) const NUMBERS: [i64; 5] = [11, 12, 13, 14, 15];

/// Puts it into an empty database.
pub(super) fn prepare(store: &Store) {
    Server::with_sample_content(store).stop();
    let [section, contributor, topic, volume, issue] = NUMBERS;
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
        "INSERT INTO section (id, slug, name) VALUES ({section}, '{SECTION}', 'Cellar');
         INSERT INTO contributor (id, slug, name, kind) VALUES ({contributor}, '{CONTRIBUTOR}', 'Nila Example', 'PERSON');
         INSERT INTO topic (id, slug, name) VALUES ({topic}, '{TOPIC}', 'Undercurrents');
         INSERT INTO magazine_volume (id, series, number, first_cover_date, last_cover_date)
            VALUES ({volume}, '{SERIES}', {VOLUME}, 20700, 20700);
         INSERT INTO magazine_issue (id, volume_id, volume_number, number, cover_date)
            VALUES ({issue}, {volume}, {VOLUME}, {ISSUE}, 20700);
         INSERT INTO article_slug (slug, article_id, known_from)
            SELECT '{FORMER}', id, published_at FROM article WHERE slug = '{NEIGHBOUR}';
         UPDATE magazine_issue SET cover = '{cover}',
            printed_bikram_sambat = '{printed}'
            WHERE id = (SELECT magazine_issue_id FROM article WHERE slug = '{NEIGHBOUR}');
         UPDATE article_body SET blocks = '{blocks}' WHERE article_id = (SELECT id FROM article WHERE slug = '{NEIGHBOUR}')"
    ));
    hidden::withdraw_one(store);
}

/// The identities of something public of each kind, the neighbour's first.
pub(super) fn nodes(store: &Store) -> Vec<String> {
    let [section, contributor, topic, volume, issue] = NUMBERS;
    let nodes = [
        NodeId::Article(masthead_domain::identifier::ArticleId::from_number(
            neighbour(store, "id"),
        )),
        NodeId::Publication,
        NodeId::Section(SectionId::from_number(section)),
        NodeId::Contributor(ContributorId::from_number(contributor)),
        NodeId::Topic(TopicId::from_number(topic)),
        NodeId::MagazineVolume(MagazineVolumeId::from_number(volume)),
        NodeId::MagazineIssue(MagazineIssueId::from_number(issue)),
    ];
    nodes.map(NodeId::encode).to_vec()
}

/// The identities of the neighbour's issue and of the one with hidden articles alone.
pub(super) fn issues(store: &Store) -> Vec<String> {
    [neighbour(store, "magazine_issue_id"), NUMBERS[4]]
        .map(|number| NodeId::MagazineIssue(MagazineIssueId::from_number(number)).encode())
        .to_vec()
}

/// Where the neighbour stands among articles by their last change, and where hidden ones would.
pub(super) fn modified_positions(store: &Store) -> Vec<(i64, i64)> {
    let at = neighbour(store, "modified_at");
    let hidden = hidden::numbers().map(|number| (hidden::modified_at(at, number), number));
    [(at, neighbour(store, "id"))]
        .into_iter()
        .chain(hidden)
        .collect()
}

/// Where issues and volumes stand by cover date.
pub(super) fn cover_positions(store: &Store) -> Vec<(i64, i64)> {
    let issue = neighbour(store, "magazine_issue_id");
    let of = |column: &str| {
        store.number(&format!(
            "SELECT {column} FROM magazine_issue WHERE id = {issue}"
        ))
    };
    vec![
        (of("cover_date"), issue),
        (of("cover_date"), of("volume_id")),
        (20_700, NUMBERS[4]),
        (20_700, NUMBERS[3]),
    ]
}

/// A number of the neighbour's.
pub(super) fn neighbour(store: &Store, column: &str) -> i64 {
    store.number(&format!(
        "SELECT {column} FROM article WHERE slug = '{NEIGHBOUR}'"
    ))
}
