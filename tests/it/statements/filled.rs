//! What is asked: an archive of some thousands of articles, at an instant of its own.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision, Withdrawal},
    body::Body,
    clock::Clock,
    contributor::{Contributor, ContributorKind},
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    language::LanguageTag,
    magazine::{CoverDate, MagazineIssue},
    publication::Publication,
    revision::Author,
    section::Section,
    slug::Slug,
    topic::Topic,
};
use masthead_persistence::Database;

const ARTICLES: usize = 3_000;
const HIDDEN: usize = 800;

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// An archive of some thousands of articles, in which the tables of a magazine have their proportions.
#[expect(clippy::too_many_lines, reason = "a table after the other")]
pub(super) async fn fill(database: &Database, clock: &Clock) {
    database.migrate().await.unwrap();
    let transaction = database.write(clock, Author::Import).await.unwrap();
    transaction
        .save_publication(&Publication::default())
        .await
        .unwrap();
    let (mut sections, mut contributors, mut topics, mut issues) = (vec![], vec![], vec![], vec![]);
    for number in 0..12 {
        let id = SectionId::new(now());
        let parent = sections.first().copied();
        sections.push(id);
        let slug = Slug::from_title(&format!("section {number}"));
        let section = Section {
            id,
            slug,
            name: format!("Section {number}"),
            parent,
        };
        transaction.save_section(&section).await.unwrap();
    }
    for number in 0..300 {
        let id = ContributorId::new(now());
        contributors.push(id);
        let name = format!("Contributor {number}");
        let slug = Slug::from_title(&name);
        let contributor = Contributor {
            id,
            slug,
            name,
            kind: ContributorKind::Agency,
            biography: None,
        };
        transaction.save_contributor(&contributor).await.unwrap();
    }
    for number in 0..100 {
        let id = TopicId::new(now());
        topics.push(id);
        let name = format!("Topic {number}");
        transaction
            .save_topic(&Topic {
                id,
                slug: Slug::from_title(&name),
                name,
            })
            .await
            .unwrap();
    }
    for volume_number in 1..=17 {
        let volume = MagazineVolumeId::new(now());
        for number in 1..=24 {
            let id = MagazineIssueId::new(now());
            issues.push(id);
            let day = NaiveDate::from_ymd_opt(2007, 1, 5).unwrap()
                + Duration::days(365 * i64::from(volume_number) + 14 * i64::from(number));
            let issue = MagazineIssue {
                id,
                volume,
                series: "A Magazine".to_owned(),
                volume_number,
                number,
                last_number: None,
                cover_date: CoverDate::new(day, None).unwrap(),
                publisher: None,
                editor: None,
                registration_number: None,
                cover: None,
            };
            transaction.save_magazine_issue(&issue).await.unwrap();
        }
    }
    let mut made: Vec<ArticleId> = Vec::new();
    // The newest are published; behind them stand drafts and withdrawn articles.
    for number in 0..ARTICLES + HIDDEN {
        let headline = format!("Headline {number}");
        let at = now() - Duration::minutes(i64::try_from(number / 2).unwrap() + 1);
        let article = Article {
            id: ArticleId::new(at),
            slug: Slug::from_title(&headline),
            headline,
            kicker: None,
            standfirst: Some("Standfirst".to_owned()),
            dateline: None,
            section: Some(sections[number % sections.len()]),
            magazine_issue: Some(issues[number % issues.len()]),
            language: LanguageTag::english(),
            lead_image: None,
            published_at: (number < ARTICLES || number % 2 == 0).then_some(at),
            published_at_precision: TimePrecision::Exact,
            published_between: None,
            withdrawal: (number >= ARTICLES && number % 2 == 0).then(|| Withdrawal {
                at,
                reason: "Wrong.".to_owned(),
            }),
            modified_at: at,
            revision: 1,
            word_count: 100,
        };
        let story = Story {
            article,
            body: Body::default(),
            bylines: vec![contributors[number % 37], contributors[100 + number % 41]],
            topics: vec![topics[number % 7], topics[10 + number % 11]],
            related: made.iter().rev().take(number % 3).copied().collect(),
            corrections: vec![Correction {
                at,
                text: "Corrected.".to_owned(),
            }],
        };
        made.push(story.article.id);
        transaction.insert_story(&story).await.unwrap();
    }
    transaction.commit().await.unwrap();
}
