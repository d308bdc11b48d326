//! One thing is made wrong behind the product's back, and exactly that is found.

use std::{
    fs::OpenOptions,
    io::{Seek as _, SeekFrom, Write as _},
};

use super::{check, file_of, magazine, sound};
use crate::harness::{Masthead, Store, on_both_databases};

on_both_databases!(each_flaw_is_found);

/// What is made wrong, where it is found, and what is said of it. `{Headline}` is that article's identity.
const FLAWS: [(&str, &str, &str); 64] = [
    (
        "INSERT INTO webhook (id, url, status, secret, stream, number, began_at, start_again, failures, next_attempt_at, \
         holder, held_until, created_at) VALUES (77, 'https://example.org/', 'GONE', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 1, 0, 0, 0, 0, 0, 0, 0, 0)",
        "webhook 77 (",
        "status of a webhook 'GONE'",
    ),
    (
        "INSERT INTO webhook (id, url, status, secret, stream, number, began_at, start_again, failures, next_attempt_at, \
         holder, held_until, created_at) VALUES (77, 'https://example.org/', 'PARKED', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 1, 0, 0, 0, 0, 0, 0, 0, 0)",
        "webhook 77 (",
        "exactly where status is PARKED",
    ),
    (
        "INSERT INTO webhook (id, url, status, secret, stream, number, began_at, start_again, failures, next_attempt_at, \
         holder, held_until, created_at) VALUES (77, 'https://example.org/', 'ACTIVE', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 1, 999999, 0, 0, 0, 0, 0, 0, 0)",
        "webhook 77 (",
        "number is 999999",
    ),
    (
        "INSERT INTO webhook (id, url, status, secret, stream, number, began_at, start_again, failures, next_attempt_at, \
         holder, held_until, created_at) VALUES (77, 'https://example.org/', 'ACTIVE', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 1, 0, 0, 0, 0, 0, 0, 9999999999999, 0)",
        "webhook 77 (",
        "held_until is",
    ),
    (
        "INSERT INTO webhook (id, url, status, secret, stream, number, began_at, start_again, failures, next_attempt_at, \
         holder, held_until, created_at) VALUES (77, 'https://example.org/', 'ACTIVE', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 1, 0, 0, 0, 0, 0, 0, 0, 0); \
         INSERT INTO webhook_delivery (id, webhook_id, stream, number, message, event, node_kind, node_id, attempts, \
         first_attempt_at, last_attempt_at, repeat) VALUES (78, 77, 1, 1, 'msg_1', 'article.upserted', 90, 1, 1, 0, 0, 0)",
        "webhook_delivery 78 (",
        "kind of node 90",
    ),
    (
        "INSERT INTO partner (id, name, status, scopes, restricted, modified_at) VALUES (77, 'Example', 'GONE', '', 0, 0)",
        "partner 77 (",
        "status of a partner 'GONE'",
    ),
    (
        "INSERT INTO partner (id, name, status, scopes, restricted, modified_at) VALUES (77, 'Example', 'ACTIVE', '', 1, 0)",
        "partner 77 (",
        "restricted has to be 1",
    ),
    (
        "UPDATE article SET visible_from = NULL WHERE id = {Published}",
        "article {Published} (",
        "visible_from is empty",
    ),
    (
        "UPDATE article SET visible_from = 5 WHERE id = {Withdrawn}",
        "article {Withdrawn} (",
        "make it empty",
    ),
    (
        "UPDATE article_byline SET visible_from = 5 WHERE article_id = {Published} AND position = 1",
        "article_byline {Published} position 1",
        "in this copy",
    ),
    (
        "UPDATE article_topic SET visible_from = NULL WHERE article_id = {Published} AND position = 0",
        "article_topic {Published} position 0",
        "in this copy",
    ),
    (
        "UPDATE article SET withdrawal_reason = NULL WHERE id = {Withdrawn}",
        "article {Withdrawn} (",
        "withdrawal_reason",
    ),
    (
        "UPDATE article SET withdrawal_reason = 'Why.' WHERE id = {Published}",
        "article {Published} (",
        "withdrawal_reason",
    ),
    (
        "UPDATE article SET published_at = NULL WHERE id = {Withdrawn}",
        "article {Withdrawn} (",
        "no published_at",
    ),
    (
        "DELETE FROM article_slug WHERE slug = 'a-river'",
        "article {Published} (",
        "'a-river' is not in article_slug",
    ),
    (
        "UPDATE article_slug SET article_id = {Drafted} WHERE slug = 'a-river'",
        "article {Published} (",
        "is article {Drafted}'s",
    ),
    (
        "UPDATE article_slug SET known_from = NULL WHERE slug = 'a-river'",
        "article {Published} (",
        "known_from",
    ),
    (
        "UPDATE article SET slug = 'A River' WHERE id = {Published}",
        "article {Published} (",
        "slug",
    ),
    (
        "UPDATE article_slug SET slug = 'Published' WHERE slug = 'published'",
        "article_slug 'Published'",
        "slug",
    ),
    (
        "UPDATE article SET language = 'no language' WHERE id = {Published}",
        "article {Published} (",
        "no language",
    ),
    (
        "UPDATE article SET lead_image = '{' WHERE id = {Published}",
        "article {Published} (",
        "image",
    ),
    (
        "UPDATE article SET published_at_precision = 'WEEK' WHERE id = {Published}",
        "article {Published} (",
        "precision 'WEEK'",
    ),
    (
        "UPDATE article SET word_count = word_count + 1 WHERE id = {Published}",
        "article {Published} (",
        "word_count is 6, and its body has 5",
    ),
    (
        "UPDATE article_body SET blocks = '[' WHERE article_id = {Published}",
        "article_body {Published} (",
        "body",
    ),
    (
        "DELETE FROM article_body WHERE article_id = {Published}",
        "article {Published} (",
        "article_body",
    ),
    (
        "UPDATE article_byline SET position = 2 WHERE article_id = {Published} AND position = 1",
        "article_byline {Published} (",
        "positions",
    ),
    (
        "DELETE FROM article_topic WHERE article_id = {Published} AND position = 0",
        "article_topic {Published} (",
        "positions",
    ),
    (
        "DELETE FROM article_correction WHERE article_id = {Published} AND position = 0",
        "article_correction {Published} (",
        "positions",
    ),
    (
        "DELETE FROM article_revision WHERE article_id = {Published} AND number = 3",
        "article_revision {Published} (",
        "of its revisions 1 to 6 5 are kept",
    ),
    (
        "DELETE FROM article_revision WHERE article_id = {Published} AND number = 6",
        "article_revision {Published} (",
        "the article is at 6",
    ),
    (
        "UPDATE article_revision SET story = NULL WHERE article_id = {Published} AND number = 2",
        "article_revision {Published} number 2 (",
        "keeps nothing",
    ),
    (
        "UPDATE article_revision SET story = '{}' WHERE article_id = {Published} AND number = 2",
        "article_revision {Published} number 2 (",
        "revision: missing field",
    ),
    (
        "UPDATE article_revision SET author = 'someone' WHERE article_id = {Published} AND number = 2",
        "article_revision {Published} number 2 (",
        "author 'someone'",
    ),
    (
        "UPDATE article_revision SET story = (SELECT story FROM article_revision WHERE article_id = {Published} AND number = 1) WHERE article_id = {Published} AND number = 6",
        "article_revision {Published} number 6 (",
        "present revision",
    ),
    (
        "UPDATE magazine_volume SET last_cover_date = last_cover_date + 1 WHERE number = 90",
        "magazine_volume ",
        "cover dates from day 19881 to 19888",
    ),
    (
        "UPDATE magazine_issue SET volume_number = 91 WHERE volume_number = 90 AND number = 1",
        "magazine_issue ",
        "volume_number is 91, and its volume's is 90",
    ),
    (
        "UPDATE magazine_issue SET printed_bikram_sambat = '{' WHERE volume_number = 90 AND number = 1",
        "magazine_issue ",
        "printed date",
    ),
    (
        "UPDATE section SET parent_id = id WHERE slug = 'shore'",
        "section ",
        "stands under itself",
    ),
    (
        "UPDATE contributor SET kind = 'ROBOT' WHERE slug = 'one'",
        "contributor ",
        "ROBOT",
    ),
    (
        "UPDATE topic SET slug = 'The Rain' WHERE slug = 'rain'",
        "topic ",
        "slug",
    ),
    (
        "UPDATE publication SET time_zone = 'Asia/Nowhere'",
        "publication 1 (UAAAAAAAAAAB)",
        "timezone",
    ),
    (
        "DELETE FROM change WHERE stream = 1 AND number = 3",
        "change stream 1:",
        "the changes 3 to 3 are missing",
    ),
    (
        "DELETE FROM change WHERE stream = 1 AND number = (SELECT last_number FROM change_stream WHERE stream = 1)",
        "change_stream 1:",
        "the log ends at",
    ),
    (
        "UPDATE change_stream SET last_number = last_number - 1 WHERE stream = 2",
        "change_stream 2:",
        "the log ends at",
    ),
    (
        "UPDATE change_stream SET pruned_through = last_number + 1 WHERE stream = 3",
        "change_stream 3:",
        "pruned_through is",
    ),
    (
        "INSERT INTO purging (id, purged_through, holder, held_until) SELECT 1, last_number + 1, 7, 0 FROM change_stream \
         WHERE stream = 1",
        "purging 1:",
        "purged_through is",
    ),
    (
        "INSERT INTO purging (id, purged_through, holder, held_until) VALUES (1, -1, 7, 0)",
        "purging 1:",
        "purged_through is -1",
    ),
    (
        "INSERT INTO purging (id, purged_through, holder, held_until) VALUES (1, 0, 7, 9999999999999)",
        "purging 1:",
        "held_until is 9999999999999",
    ),
    (
        "INSERT INTO purging (id, purged_through, holder, held_until) VALUES (2, NULL, 7, 0)",
        "purging 2:",
        "one row",
    ),
    (
        "DELETE FROM change_stream WHERE stream = 2",
        "change_stream 2:",
        "no row",
    ),
    (
        "UPDATE change SET appeared = 1 WHERE stream = 1 AND number = \
         (SELECT MIN(number) FROM change WHERE stream = 1 AND node_kind = 83)",
        "change stream 1 number ",
        "set appeared to 0",
    ),
    (
        "UPDATE change SET appeared = 1 WHERE stream = 3 AND number = \
         (SELECT MAX(number) FROM change WHERE stream = 3 AND node_id = {Published})",
        "change stream 3 number ",
        "set appeared to 0",
    ),
    (
        "UPDATE change SET kind = 'CHANGED' WHERE stream = 2 AND number = 3",
        "change stream 2 number 3:",
        "kind of change 'CHANGED'",
    ),
    (
        "UPDATE change SET node_kind = 90 WHERE stream = 2 AND number = 3",
        "change stream 2 number 3:",
        "kind of node 90",
    ),
    (
        "UPDATE change SET kind = 'REMOVED', appeared = 0 WHERE stream = 1 AND node_id = {Published}",
        "article {Published} (",
        "the public stream does not say that it is there",
    ),
    (
        "UPDATE change SET kind = 'UPSERTED' WHERE stream = 1 AND node_id = {Withdrawn}",
        "article {Withdrawn} (",
        "the public stream says that it may be seen",
    ),
    (
        "UPDATE change SET kind = 'UPSERTED' WHERE stream = 2 AND node_id = {Withdrawn}",
        "article {Withdrawn} (",
        "the embargo stream says that it may be seen",
    ),
    (
        "UPDATE change SET kind = 'REMOVED', appeared = 0 WHERE stream = 3 AND node_id = {Drafted}",
        "article {Drafted} (",
        "the newsroom stream does not say",
    ),
    (
        "UPDATE change SET kind = 'REMOVED', appeared = 0 WHERE stream = 1 AND node_kind = 84 AND node_id = (SELECT id FROM topic WHERE slug = 'rain')",
        "topic ",
        "the public stream does not say",
    ),
    (
        "UPDATE change SET kind = 'UPSERTED' WHERE stream = 3 AND kind = 'REMOVED'",
        "article ",
        "the newsroom stream says that it is there, and it is not",
    ),
    (
        "DELETE FROM publication_due",
        "article {Scheduled} (",
        "publication_due does not hold it",
    ),
    (
        "UPDATE publication_due SET at = at - 1",
        "publication_due {Scheduled} (",
        "becomes visible at",
    ),
    (
        "INSERT INTO publication_due VALUES ({Drafted}, 5)",
        "publication_due {Drafted} (",
        "becomes visible at empty",
    ),
    (
        "INSERT INTO publication_due SELECT id, visible_from FROM article WHERE id = {Published}",
        "publication_due {Published} (",
        "already",
    ),
];

fn each_flaw_is_found(store: &Store) {
    drop(magazine(store));
    let named = |text: &str| {
        ["Published", "Withdrawn", "Drafted", "Scheduled"]
            .iter()
            .fold(text.to_owned(), |text, headline| {
                let name = format!("{{{headline}}}");
                if !text.contains(&name) {
                    return text;
                }
                let query = format!("SELECT id FROM article WHERE headline = '{headline}'");
                text.replace(&name, &store.number(&query).to_string())
            })
    };
    for (statement, place, said) in FLAWS {
        let copy = store.copy();
        copy.execute(&named(statement));
        assert_one(&copy, &named(place), &named(said), statement);
    }
    sound(store);
}

/// Asserts that a check finds one thing, and answers it.
#[track_caller]
pub(super) fn assert_one(store: &Store, place: &str, said: &str, statement: &str) -> String {
    let output = check(store);
    assert_eq!(output.code, Some(1), "{statement}: {output:#?}");
    let lines: Vec<&str> = output.out.lines().collect();
    assert!(
        lines.len() == 2 && lines[1] == "1 finding.",
        "{statement}: {output:#?}"
    );
    assert!(
        lines[0].starts_with(place) && lines[0].contains(said) && lines[0].contains("; "),
        "{statement}: {output:#?}"
    );
    lines[0].to_owned()
}

#[test]
fn a_row_that_refers_to_nothing_is_found() {
    let store = Store::sqlite();
    drop(magazine(&store));
    for (statement, place, said) in [
        (
            "UPDATE article SET section_id = 5 WHERE headline = 'Drafted'",
            "article rowid ",
            "row of 'section'",
        ),
        (
            "INSERT INTO preview_token VALUES ('digest', 5, 9)",
            "preview_token rowid ",
            "row of 'article'",
        ),
    ] {
        let copy = store.copy();
        copy.execute(&format!("PRAGMA foreign_keys = OFF; {statement}"));
        assert_one(&copy, place, said, statement);
    }
}

#[test]
fn a_damaged_file_is_found() {
    let store = Store::sqlite();
    drop(magazine(&store));
    let copy = Store::sqlite();
    Masthead::new(["backup"])
        .arg(file_of(&copy))
        .on(&store)
        .run()
        .succeeded();
    let page =
        copy.number("SELECT rootpage FROM sqlite_schema WHERE name = 'article_by_headline_key'");
    let size = copy.number("PRAGMA page_size");
    let mut file = OpenOptions::new().write(true).open(file_of(&copy)).unwrap();
    let start = u64::try_from((page - 1) * size).unwrap();
    file.seek(SeekFrom::Start(start)).unwrap();
    file.write_all(&[0; 512]).unwrap();
    let output = check(&copy);
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(
        output.out.starts_with("database: the file is damaged (") && output.out.contains("backup"),
        "{output:#?}"
    );
}
