//! A made-up magazine of any size, the same for the same seed: to measure by, and to try a database's size.
//!
//! It has the proportions of a real one: a few agencies write half of it, sections and topics are used by a law of
//! few and many, issues appear every fortnight over twenty years, half of the times are another article's too, a
//! body has some 400 words. Identities are made from the order of publication, so they are the same as well.

mod words;

use chrono::{DateTime, TimeDelta, Utc};
use masthead_domain::{
    article::{Article, Correction, Story, TimePrecision},
    body::{Block, Body, Inline, Paragraph},
    clock::Clock,
    contributor::{Contributor, ContributorKind},
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    language::LanguageTag,
    magazine::{CoverDate, MagazineIssue},
    revision::Author,
    section::Section,
    slug::Slug,
    topic::Topic,
};
use masthead_persistence::{Database, PersistenceError, Transaction};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use crate::publication::{PublicationChange, save_change};

/// How many articles are saved in one transaction.
const AT_ONCE: u32 = 5_000;
/// The last article's time of publication: 1 November 2026, midnight in UTC.
const LAST: i64 = 1_793_491_200_000;
/// The time between the first article and the last: twenty years.
const SPAN: TimeDelta = TimeDelta::days(7_305);
const AGENCIES: usize = 8;
const PEOPLE: usize = 240;
const TOPICS: usize = 200;
const ISSUES_OF_A_VOLUME: i32 = 24;
const VOLUMES: i32 = 20;

/// What is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many articles.
    pub articles: u32,
    /// The seed: the same one gives the same magazine.
    pub seed: u64,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// There are articles already.
    #[error("the database holds articles already: name another with --database-url")]
    NotEmpty,
    /// The database failed.
    #[error(transparent)]
    Persistence(#[from] PersistenceError),
}

/// Fills a database that holds no article; `progress` is told after every few thousand how many there are.
///
/// # Errors
/// When it holds one, or the database fails: then what was told of is there.
pub async fn generate(
    database: &Database,
    clock: &Clock,
    size: Size,
    mut progress: impl FnMut(u32),
) -> Result<(), GenerateError> {
    let transaction = database.write(clock, Author::Import).await?;
    if transaction.reader().has_articles().await? {
        transaction.roll_back().await?;
        return Err(GenerateError::NotEmpty);
    }
    let mut magazine = Magazine::new(size);
    magazine.save_frame(&transaction).await?;
    transaction.commit().await?;
    let mut made = 0;
    while made < size.articles {
        let next = size.articles.min(made.saturating_add(AT_ONCE));
        let transaction = database.write(clock, Author::Import).await?;
        let stories: Vec<Story> = (made..next).map(|number| magazine.story(number)).collect();
        transaction.insert_stories(&stories).await?;
        transaction.commit().await?;
        made = next;
        progress(made);
    }
    Ok(())
}

/// The magazine in the making.
struct Magazine {
    random: Pcg64,
    size: Size,
    sections: Vec<SectionId>,
    desk: Vec<ContributorId>,
    agencies: Vec<ContributorId>,
    people: Vec<ContributorId>,
    topics: Vec<TopicId>,
    /// With the day that each bears, the earliest first.
    issues: Vec<(DateTime<Utc>, MagazineIssueId)>,
    /// The last few articles, for others to stand beside.
    recent: Vec<ArticleId>,
}

impl Magazine {
    fn new(size: Size) -> Self {
        Self {
            random: Pcg64::seed_from_u64(size.seed),
            size,
            sections: Vec::new(),
            desk: Vec::new(),
            agencies: Vec::new(),
            people: Vec::new(),
            topics: Vec::new(),
            issues: Vec::new(),
            recent: Vec::new(),
        }
    }

    /// Saves all but the articles.
    async fn save_frame(&mut self, transaction: &Transaction) -> Result<(), PersistenceError> {
        let title = "The Generated Review";
        let change = PublicationChange {
            title: Some(title.to_owned()),
            ..PublicationChange::default()
        };
        save_change(transaction, change).await?;
        for (number, name) in (1..).zip(words::SECTIONS) {
            let id = SectionId::from_number(number);
            self.sections.push(id);
            let section = Section {
                id,
                slug: Slug::from_title(name),
                name: (*name).to_owned(),
                parent: None,
            };
            transaction.save_section(&section).await?;
        }
        for number in 0..=AGENCIES + PEOPLE {
            let (name, kind) = match number {
                0 => (format!("{title} Desk"), ContributorKind::Desk),
                1..=AGENCIES => (format!("Agency {number}"), ContributorKind::Agency),
                _ => (self.name(), ContributorKind::Person),
            };
            let id = ContributorId::from_number(i64::try_from(number).unwrap_or_default() + 1);
            match kind {
                ContributorKind::Desk => self.desk.push(id),
                ContributorKind::Agency => self.agencies.push(id),
                ContributorKind::Person => self.people.push(id),
            }
            let slug = Slug::from_title(&name).with_number(u32::try_from(number).unwrap_or(0));
            transaction
                .save_contributor(&Contributor {
                    id,
                    slug,
                    name,
                    kind,
                    biography: None,
                })
                .await?;
        }
        for number in 0..TOPICS {
            let id = TopicId::from_number(i64::try_from(number).unwrap_or_default() + 1);
            self.topics.push(id);
            let name = self.words(2);
            let slug = Slug::from_title(&name).with_number(u32::try_from(number).unwrap_or(0));
            transaction.save_topic(&Topic { id, slug, name }).await?;
        }
        self.save_issues(transaction, title).await
    }

    async fn save_issues(
        &mut self,
        transaction: &Transaction,
        series: &str,
    ) -> Result<(), PersistenceError> {
        let fortnight = SPAN / (VOLUMES * ISSUES_OF_A_VOLUME);
        let mut day = last() - SPAN;
        for volume in 1..=VOLUMES {
            for number in 1..=ISSUES_OF_A_VOLUME {
                day += fortnight;
                // A day of these years stands in the table of the calendar.
                let Ok(cover_date) = CoverDate::new(day.date_naive(), None) else {
                    continue;
                };
                let id = MagazineIssueId::from_number(i64::from(volume * 100 + number));
                self.issues.push((day, id));
                transaction
                    .save_magazine_issue(&MagazineIssue {
                        id,
                        volume: MagazineVolumeId::from_number(i64::from(volume)),
                        series: series.to_owned(),
                        volume_number: volume,
                        number,
                        last_number: None,
                        cover_date,
                        publisher: None,
                        editor: None,
                        registration_number: None,
                        cover: None,
                    })
                    .await?;
            }
        }
        Ok(())
    }

    /// The article with this number, the oldest first.
    fn story(&mut self, number: u32) -> Story {
        let published_at = self.time(number);
        let in_order = i64::from(number) << 22;
        let id = ArticleId::from_number(in_order | i64::from(self.random.random::<u32>() >> 10));
        let length = self.random.random_range(4..=9);
        let headline = sentence(&self.words(length));
        let body = self.body();
        let word_count = body.word_count();
        let section = pick(&mut self.random, &self.sections);
        let bylines = self.bylines();
        let topics = self.topics_of_one();
        let magazine_issue = self.issue(published_at);
        let corrections = if self.random.random_range(0..100) == 0 {
            vec![Correction {
                at: published_at + TimeDelta::hours(3),
                text: sentence(&self.words(12)),
            }]
        } else {
            Vec::new()
        };
        let related = if self.random.random_range(0..20) == 0 {
            self.recent.clone()
        } else {
            Vec::new()
        };
        self.recent.insert(0, id);
        self.recent.truncate(3);
        Story {
            article: Article {
                id,
                slug: Slug::from_title(&headline).with_number(number),
                headline,
                kicker: None,
                standfirst: Some(sentence(&self.words(18))),
                dateline: None,
                section,
                magazine_issue,
                language: LanguageTag::english(),
                lead_image: None,
                published_at: Some(published_at),
                published_at_precision: TimePrecision::Exact,
                published_between: None,
                withdrawal: None,
                modified_at: published_at,
                revision: 1,
                word_count,
            },
            body,
            bylines,
            topics,
            corrections,
            related,
        }
    }

    /// Of four articles in a row the last two share their time.
    fn time(&self, number: u32) -> DateTime<Utc> {
        let place = if number % 4 == 3 { number - 1 } else { number };
        let step = SPAN.num_milliseconds() / i64::from(self.size.articles.max(1));
        last() - SPAN + TimeDelta::milliseconds(step * (i64::from(place) + 1))
    }

    fn bylines(&mut self) -> Vec<ContributorId> {
        let random = &mut self.random;
        match random.random_range(0..20) {
            0..10 => pick(random, &self.agencies).into_iter().collect(),
            10..13 => self.desk.clone(),
            13..18 => pick(random, &self.people).into_iter().collect(),
            _ => {
                let (one, other) = (pick(random, &self.people), pick(random, &self.agencies));
                one.into_iter().chain(other).collect()
            }
        }
    }

    fn topics_of_one(&mut self) -> Vec<TopicId> {
        let mut topics = Vec::new();
        for _ in 0..self.random.random_range(0..=4) {
            topics.extend(
                pick(&mut self.random, &self.topics).filter(|topic| !topics.contains(topic)),
            );
        }
        topics
    }

    /// One in five was printed: in the next issue after it was written.
    fn issue(&mut self, published_at: DateTime<Utc>) -> Option<MagazineIssueId> {
        if self.random.random_range(0..5) > 0 {
            return None;
        }
        let after = self.issues.partition_point(|(day, _)| *day < published_at);
        self.issues.get(after).map(|(_, id)| *id)
    }

    /// Six paragraphs, some 400 words together.
    fn body(&mut self) -> Body {
        let paragraphs = (0..6).map(|_| {
            let sentences: Vec<String> = (0..5)
                .map(|_| {
                    let length = self.random.random_range(9..=18);
                    sentence(&self.words(length)) + "."
                })
                .collect();
            Block::Paragraph(Paragraph {
                content: vec![Inline::Text(sentences.join(" "))],
            })
        });
        Body::new(paragraphs.collect())
    }

    fn words(&mut self, count: usize) -> String {
        let words = (0..count).filter_map(|_| pick(&mut self.random, words::WORDS));
        words.collect::<Vec<_>>().join(" ")
    }

    fn name(&mut self) -> String {
        let words = self.words(2);
        let parts: Vec<String> = words.split(' ').map(sentence).collect();
        parts.join(" ")
    }
}

fn last() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(LAST).unwrap_or_default()
}

/// One of these, the first ones far more often than the last.
fn pick<Item: Copy>(random: &mut Pcg64, items: &[Item]) -> Option<Item> {
    let place = random.random_range(0..items.len().max(1));
    let among = random.random_range(0..=place);
    items.get(among).copied()
}

/// Words with a capital at the start.
fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stories(seed: u64) -> Vec<Story> {
        let mut magazine = Magazine::new(Size {
            articles: 400,
            seed,
        });
        magazine.sections = vec![SectionId::from_number(1)];
        magazine.agencies = vec![ContributorId::from_number(1)];
        (0..400).map(|number| magazine.story(number)).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_magazine() {
        assert_eq!(stories(7), stories(7));
        assert_ne!(stories(7), stories(8));
    }

    #[test]
    fn half_of_the_times_are_tied_and_identities_ascend() {
        let stories = stories(7);
        let time = |story: &Story| story.article.published_at;
        let tied = stories
            .iter()
            .filter(|one| {
                stories
                    .iter()
                    .filter(|other| time(other) == time(one))
                    .count()
                    > 1
            })
            .count();
        assert_eq!(tied, 200);
        assert!(stories.iter().map(|story| story.article.id).is_sorted());
        assert!(stories.iter().map(time).is_sorted());
        assert_eq!(stories.last().and_then(time), Some(last() - SPAN / 400));
    }

    #[test]
    fn bodies_have_some_400_words() {
        let stories = stories(7);
        let words: u32 = stories.iter().map(|story| story.article.word_count).sum();
        assert!((380..430).contains(&(words / 400)), "{}", words / 400);
    }
}
